//! Unusable rows over many windows: how many may concern each provider in each, and who wrote there without being seen.

use std::collections::{BTreeSet, HashMap};
use std::sync::PoisonError;

use crate::domain::event::{Message, NumeratorEvent, PortalAccess};
use crate::domain::inclusion::Inclusion;
use crate::domain::lines::LazyLine;
use crate::domain::score::{MembershipCounts, Regrouped};
use crate::domain::unusable::UnusableRows;
use crate::domain::unusable_row::{Unusable, UnusableRow};
use crate::ledger::attribution::{Addressee, Reach};
use crate::ledger::evaluator::CompiledMeasure;
use crate::ledger::pair_index::PairIndex;
use crate::ledger::sweep::WindowSet;
use crate::ledger::sweep::events::{EventSeries, SweepContext};
use crate::ledger::sweep::unseen::UnseenNotes;
use crate::ledger::unusable::{encounter_may_be_in, seers};

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
    pub fn new(rows: &Unusable, law: &CompiledMeasure, pairs: &PairIndex, frames: &WindowSet) -> Self {
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
    pub fn add_messages(&mut self, rows: &Unusable, sweeping: &SweepContext<'_>) {
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
        scores: &mut HashMap<u32, Vec<MembershipCounts>>,
        sweeping: &SweepContext<'_>,
        writers: &WritersInWindows,
    ) {
        let nothing = self.encounters.is_empty()
            && self.messages.is_empty()
            && self.every.iter().all(|rows| rows.is_empty());
        if nothing {
            return;
        }
        // The encounters that name a provider, of all and of those who are credited together.
        let (mut all, mut of_group) = (vec![0; self.windows], HashMap::<u32, Vec<u64>>::new());
        for (provider, counts) in &self.encounters {
            let group = of_group.entry(sweeping.crediting.together(*provider));
            let group = group.or_insert_with(|| vec![0; self.windows]);
            for (window, count) in counts.iter().enumerate() {
                all[window] += count;
                group[window] += count;
            }
        }
        for provider in 0..sweeping.pairs.providers.len() as u32 {
            let scores =
                scores.entry(provider).or_insert_with(|| vec![MembershipCounts::default(); self.windows]);
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
                if sweeping.crediting.asks_groups() {
                    let own = of_group.get(&sweeping.crediting.together(provider));
                    score.elsewhere =
                        self.every[window].encounters + all[window] - own.map_or(0, |own| own[window]);
                    let regrouped = writers.pairs.regrouped.get(&provider);
                    score.regrouped = regrouped.map_or_else(Regrouped::default, |of| of[window]);
                }
            }
        }
    }
}

/// The windows in which a row lies: all of them if its day is not known.
fn windows_of(frames: &WindowSet, row: &UnusableRow) -> Vec<usize> {
    match row.day() {
        None => (0..frames.windows.len()).collect(),
        Some(day) => frames.around(day).flat_map(|[_, inside, _]| inside).collect(),
    }
}

impl SweepContext<'_> {
    /// Returns the windows in which an unusable message, or access, may count.
    fn windows_of_unusable(&self, row: &UnusableRow) -> Vec<usize> {
        let act = NumeratorEvent {
            line: LazyLine::Known(0),
            id: None,
            version: None,
            patient: b"",
            provider: None,
            day: row.day(),
        };
        let course = match row {
            UnusableRow::Message { words, .. } => self.message_course(&Message { act, words: *words }),
            UnusableRow::Access { action, actor, .. } => {
                self.access_course(&PortalAccess { act, action: *action, actor: *actor })
            }
            _ => return (0..self.frames.windows.len()).collect(),
        };
        course.map_or_else(Vec::new, |course| self.windows_in(course, None))
    }

    /// Returns the windows in which a course may count, if what is uncertain is settled so.
    pub(super) fn windows_in(&self, course: EventSeries, settled: Option<Inclusion>) -> Vec<usize> {
        let may_count = |answer: Inclusion| {
            settled.filter(|_| answer == Inclusion::Uncertain).unwrap_or(answer).may_be_in()
        };
        match course {
            EventSeries::Dated(day, [before, inside, after]) => self
                .frames
                .around(day)
                .flat_map(|[over, during, begun]| {
                    let all = [(over, after), (during, inside), (begun, before)];
                    all.into_iter().filter(|(_, answer)| may_count(*answer)).flat_map(|(windows, _)| windows)
                })
                .collect(),
            EventSeries::Undated(profile) => {
                let profiles = self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
                let answers = &profiles.all[profile as usize];
                (0..answers.len()).filter(|window| may_count(answers[*window])).collect()
            }
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
    /// What is known from the pairs.
    pairs: PairCounts,
}

/// Counts of patients who have a pair with a provider, by the provider's number and window.
#[derive(Default)]
pub struct PairCounts {
    /// Those not seen in the window who wrote.
    unseen: HashMap<u32, Vec<u64>>,
    /// Those who count for certain only while no provider of another group saw them.
    regrouped: HashMap<u32, Vec<Regrouped>>,
}

impl PairCounts {
    /// Counts a pair in the windows in which the patient was not seen and wrote. Levels are 0 for no, 1 for possibly, 2 for certainly.
    pub(super) fn add_unseen(&mut self, provider: u32, seen: &[u8], wrote: &[u8]) {
        for (window, _) in
            seen.iter().zip(wrote).enumerate().filter(|(_, (seen, wrote))| **seen == 0 && **wrote > 0)
        {
            self.unseen.entry(provider).or_insert_with(|| vec![0; wrote.len()])[window] += 1;
        }
    }

    /// Counts a pair in the windows in which the patient counts for certain, and would not if providers of several groups had seen the
    /// patient.
    pub(super) fn add_regrouped(&mut self, provider: u32, seen: &[u8], wrote: &[u8], by_several: &[u8]) {
        for window in (0..seen.len()).filter(|at| seen[*at] > 0 && wrote[*at] == 2 && by_several[*at] < 2) {
            let counts =
                self.regrouped.entry(provider).or_insert_with(|| vec![Regrouped::default(); seen.len()]);
            let Regrouped { certain, possible } = &mut counts[window];
            *(if seen[window] == 2 { certain } else { possible }) += 1;
        }
    }

    /// Adds those of other patients.
    pub(super) fn merge(&mut self, other: Self) {
        for (provider, counts) in other.unseen {
            let sums = self.unseen.entry(provider).or_insert_with(|| vec![0; counts.len()]);
            sums.iter_mut().zip(counts).for_each(|(sum, more)| *sum += more);
        }
        for (provider, counts) in other.regrouped {
            let sums =
                self.regrouped.entry(provider).or_insert_with(|| vec![Regrouped::default(); counts.len()]);
            for (sum, more) in sums.iter_mut().zip(counts) {
                sum.certain += more.certain;
                sum.possible += more.possible;
            }
        }
    }
}

impl WritersInWindows {
    /// Counts them, given what is known from the pairs.
    pub fn new(notes: &UnseenNotes, pairs: PairCounts, sweeping: &SweepContext<'_>) -> Self {
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
        Self { every, with, paired, pairs }
    }

    fn of(&self, provider: u32, sweeping: &SweepContext<'_>, window: usize) -> u64 {
        let own = |of: Option<&Vec<u64>>| of.map_or(0, |of| of[window]);
        let with = own(self.with.get(&sweeping.crediting.together(provider)));
        self.every[window] + with + own(self.pairs.unseen.get(&provider)) - own(self.paired.get(&provider))
    }
}
