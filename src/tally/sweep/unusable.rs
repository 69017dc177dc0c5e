//! Unusable rows over many windows: how many may concern each provider in each, and who wrote there without being seen.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::domain::answer::Answer;
use crate::domain::event::{Access, Act, Message};
use crate::domain::lines::Line;
use crate::domain::score::Score;
use crate::domain::unusable::UnusableRows;
use crate::read::unusable::{Unusable, UnusableRow};
use crate::tally::credit::{Addressee, Reach};
use crate::tally::law::Law;
use crate::tally::ledger::Pairs;
use crate::tally::sweep::Frames;
use crate::tally::sweep::notes::{Course, Sweeping};
use crate::tally::unusable::{encounter_may_be_in, seers};

/// The unusable rows of a sweep, and what has to be known of patients to allow for them.
pub struct UnusableInWindows {
    windows: usize,
    /// Rows that may concern every provider, by window.
    every: Vec<UnusableRows>,
    /// Encounters that may concern one provider, by number and window.
    encounters: HashMap<u32, Vec<u64>>,
    /// Messages that may concern providers who are credited together, by their number and window.
    messages: HashMap<u32, Vec<u64>>,
}

impl UnusableInWindows {
    /// Counts the encounters. A provider whom one names is in the ledger.
    pub fn new(rows: &Unusable, law: &Law, pairs: &Pairs, frames: &Frames) -> Self {
        let windows = frames.windows.len();
        let mut counted = Self {
            windows,
            every: vec![UnusableRows::default(); windows],
            encounters: HashMap::new(),
            messages: HashMap::new(),
        };
        for (row, count) in rows.rows().filter(|(row, _)| encounter_may_be_in(law, row)) {
            let provider = row.provider().and_then(|provider| pairs.providers.find(provider));
            for window in windows_of(frames, row) {
                match provider {
                    Some(provider) => {
                        counted.encounters.entry(provider).or_insert_with(|| vec![0; windows])[window] +=
                            count;
                    }
                    None => counted.every[window].encounters += count,
                }
            }
        }
        counted
    }

    /// Adds the messages, or accesses.
    pub fn add_messages(&mut self, rows: &Unusable, sweeping: &Sweeping<'_>) {
        for (row, count) in rows.rows() {
            let reach = sweeping.crediting.reach(Addressee::find(row.provider(), sweeping.pairs));
            for window in sweeping.windows_of_unusable(row) {
                match reach {
                    Reach::Every => self.every[window].messages += count,
                    Reach::With(provider) => {
                        let number = sweeping.crediting.together(provider);
                        let of = self.messages.entry(number).or_insert_with(|| vec![0; self.windows]);
                        of[window] += count;
                    }
                    Reach::Nobody => {}
                }
            }
        }
    }

    /// Returns whether some encounter is among them.
    pub fn has_encounters(&self) -> bool {
        !self.encounters.is_empty() || self.every.iter().any(|rows| rows.encounters > 0)
    }

    /// Returns the providers whom encounters without a patient name.
    pub fn seers(&self) -> impl Iterator<Item = u32> + '_ {
        self.encounters.keys().copied()
    }

    /// Lets the rows widen the scores of every provider in every window.
    pub fn widen(
        &self,
        scores: &mut HashMap<u32, Vec<Score>>,
        sweeping: &Sweeping<'_>,
        writers: &WritersInWindows,
    ) {
        let nothing = self.encounters.is_empty()
            && self.messages.is_empty()
            && self.every.iter().all(|rows| rows.is_empty());
        if nothing {
            return;
        }
        for provider in 0..sweeping.pairs.providers.len() as u32 {
            let scores = scores.entry(provider).or_insert_with(|| vec![Score::default(); self.windows]);
            let messages = self.messages.get(&sweeping.crediting.together(provider));
            let encounters = self.encounters.get(&provider);
            let own = |of: Option<&Vec<u64>>, window: usize| of.map_or(0, |of| of[window]);
            for (window, score) in scores.iter_mut().enumerate() {
                let named =
                    UnusableRows { encounters: own(encounters, window), messages: own(messages, window) };
                score.unusable = self.every[window] + named;
                if score.unusable.encounters > 0 {
                    score.unseen_writers = writers.of(provider, sweeping, window);
                }
            }
        }
    }
}

/// The windows in which a row lies: all of them if its day is not known.
fn windows_of(frames: &Frames, row: &UnusableRow) -> Vec<usize> {
    match row.day() {
        None => (0..frames.windows.len()).collect(),
        Some(day) => frames.around(day).flat_map(|[_, inside, _]| inside).collect(),
    }
}

impl Sweeping<'_> {
    /// Returns the windows in which an unusable message, or access, may count.
    fn windows_of_unusable(&self, row: &UnusableRow) -> Vec<usize> {
        let act = Act { line: Line::Known(0), id: None, patient: b"", provider: None, day: row.day() };
        let course = match row {
            UnusableRow::Message { words, .. } => self.message_course(&Message { act, words: *words }),
            UnusableRow::Access { action, actor, .. } => {
                self.access_course(&Access { act, action: *action, actor: *actor })
            }
            _ => return (0..self.frames.windows.len()).collect(),
        };
        course.map_or_else(Vec::new, |course| self.windows_in(course, None))
    }

    /// Returns the windows in which a course may count, if what is uncertain is settled so.
    pub(super) fn windows_in(&self, course: Course, settled: Option<Answer>) -> Vec<usize> {
        let may_count =
            |answer: Answer| settled.filter(|_| answer == Answer::Uncertain).unwrap_or(answer).may_be_in();
        match course {
            Course::Dated(day, [before, inside, after]) => self
                .frames
                .around(day)
                .flat_map(|[over, during, begun]| {
                    let all = [(over, after), (during, inside), (begun, before)];
                    all.into_iter().filter(|(_, answer)| may_count(*answer)).flat_map(|(windows, _)| windows)
                })
                .collect(),
            Course::Undated(profile) => {
                let profiles = self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
                let answers = &profiles.all[profile as usize];
                (0..answers.len()).filter(|window| may_count(answers[*window])).collect()
            }
        }
    }
}

/// In which windows patients have a message that may count and would reach providers who have no pair with them.
#[derive(Default)]
pub struct UnseenNotes(Mutex<HashMap<Box<[u8]>, OfPatient>>);

#[derive(Default)]
struct OfPatient {
    every: BTreeSet<usize>,
    with: HashMap<u32, BTreeSet<usize>>,
}

impl UnseenNotes {
    /// Notes a message of a patient that may count in some windows.
    pub(super) fn add(&self, patient: &[u8], reach: Reach, windows: Vec<usize>) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = notes.entry(patient.into()).or_default();
        match reach {
            Reach::Every => of.every.extend(windows),
            Reach::With(provider) => of.with.entry(provider).or_default().extend(windows),
            Reach::Nobody => {}
        }
    }
}

/// How many patients wrote to a provider without being seen, by window.
pub struct WritersInWindows {
    every: Vec<u64>,
    /// By the number of those who are credited together.
    with: HashMap<u32, Vec<u64>>,
    /// Of both, those whom a provider has a pair with: what these are in each window is known from the pair.
    paired: HashMap<u32, Vec<u64>>,
    /// Of the patients with a pair, those not seen in the window who wrote.
    unseen: HashMap<u32, Vec<u64>>,
}

impl WritersInWindows {
    /// Counts them; `unseen` are patients who have a pair with a provider, by the provider's number and window.
    pub fn new(notes: &UnseenNotes, unseen: HashMap<u32, Vec<u64>>, sweeping: &Sweeping<'_>) -> Self {
        let windows = sweeping.frames.windows.len();
        let (mut every, mut with, mut paired) = (vec![0; windows], HashMap::new(), HashMap::new());
        let empty = || vec![0u64; windows];
        for (patient, of) in &*notes.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let seers: Vec<u32> = seers(sweeping.pairs, patient).collect();
            for window in &of.every {
                every[*window] += 1;
                for seer in &seers {
                    paired.entry(*seer).or_insert_with(empty)[*window] += 1;
                }
            }
            let mut together: HashMap<u32, BTreeSet<usize>> = HashMap::new();
            for (provider, windows) in &of.with {
                together.entry(sweeping.crediting.together(*provider)).or_default().extend(windows);
            }
            for (number, windows) in together {
                for window in windows.difference(&of.every) {
                    with.entry(number).or_insert_with(empty)[*window] += 1;
                    for seer in seers.iter().filter(|seer| sweeping.crediting.together(**seer) == number) {
                        paired.entry(*seer).or_insert_with(empty)[*window] += 1;
                    }
                }
            }
        }
        Self { every, with, paired, unseen }
    }

    fn of(&self, provider: u32, sweeping: &Sweeping<'_>, window: usize) -> u64 {
        let own = |of: Option<&Vec<u64>>| of.map_or(0, |of| of[window]);
        let with = own(self.with.get(&sweeping.crediting.together(provider)));
        self.every[window] + with + own(self.unseen.get(&provider)) - own(self.paired.get(&provider))
    }
}
