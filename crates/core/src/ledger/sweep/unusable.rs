//! Counts unusable rows in many candidate periods, and the patients who wrote but were not seen, by provider.

use std::collections::{BTreeSet, HashMap};
use std::sync::PoisonError;

use crate::domain::event::{Message, NumeratorEvent, PortalAccess};
use crate::domain::inclusion::Inclusion;
use crate::domain::line_index::LazyLine;
use crate::domain::score::{MembershipCounts, Regrouped};
use crate::domain::unusable::UnusableRows;
use crate::domain::unusable_row::{Unusable, UnusableRow};
use crate::ledger::attribution::{Addressee, Reach};
use crate::ledger::evaluator::CompiledMeasure;
use crate::ledger::pair_index::PairIndex;
use crate::ledger::sweep::WindowSet;
use crate::ledger::sweep::events::{EventSeries, SweepContext};
use crate::ledger::sweep::unseen::UnseenNotes;
use crate::ledger::unusable::{encounter_may_be_in, providers_who_saw};

/// The unusable rows of a sweep, by candidate period and by the providers that they may affect.
pub struct UnusableInWindows {
    windows: usize,
    /// Rows that may affect every provider, by candidate period.
    every: Vec<UnusableRows>,
    /// Encounters that may affect one provider, by the provider's number and by candidate period.
    encounters: HashMap<u32, Vec<u64>>,
    /// Messages that may affect providers with shared attribution, by their common number and by candidate period.
    messages: HashMap<u32, Vec<u64>>,
}

impl UnusableInWindows {
    /// Counts the unusable encounters. The ledger has every provider that they name.
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

    /// Adds the unusable messages or portal accesses.
    pub fn add_messages(&mut self, rows: &Unusable, sweeping: &SweepContext<'_>) {
        for (row, count) in rows.rows() {
            let reach = sweeping.crediting.attribute(Addressee::find(row.provider(), sweeping.pairs));
            for window in sweeping.windows_of_unusable(row) {
                match reach {
                    Reach::Every => self.every[window].messages += count,
                    Reach::With(provider) => {
                        let number = sweeping.crediting.attribution_group(provider);
                        let of = self.messages.entry(number).or_insert_with(|| vec![0; self.windows]);
                        of[window] += count;
                    }
                    Reach::Nobody => {}
                }
            }
        }
    }

    /// Returns whether there are any unusable encounters.
    pub fn has_encounters(&self) -> bool {
        !self.encounters.is_empty() || self.every.iter().any(|rows| rows.encounters > 0)
    }

    /// Returns the providers that encounters without a patient name.
    pub fn providers_who_saw(&self) -> impl Iterator<Item = u32> + '_ {
        self.encounters.keys().copied()
    }

    /// Widens the scores of every provider in every candidate period by the unusable rows.
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
        // The encounters that name a provider: of all providers, and of each set of providers with shared attribution.
        let (mut all, mut of_group) = (vec![0; self.windows], HashMap::<u32, Vec<u64>>::new());
        for (provider, counts) in &self.encounters {
            let group = of_group.entry(sweeping.crediting.attribution_group(*provider));
            let group = group.or_insert_with(|| vec![0; self.windows]);
            for (window, count) in counts.iter().enumerate() {
                all[window] += count;
                group[window] += count;
            }
        }
        for provider in 0..sweeping.pairs.providers.len() as u32 {
            let scores =
                scores.entry(provider).or_insert_with(|| vec![MembershipCounts::default(); self.windows]);
            let messages = self.messages.get(&sweeping.crediting.attribution_group(provider));
            let encounters = self.encounters.get(&provider);
            let own = |of: Option<&Vec<u64>>, window: usize| of.map_or(0, |of| of[window]);
            for (window, score) in scores.iter_mut().enumerate() {
                let named =
                    UnusableRows { encounters: own(encounters, window), messages: own(messages, window) };
                score.unusable = self.every[window] + named;
                if score.unusable.encounters > 0 {
                    score.unseen_writers = writers.count(provider, sweeping, window);
                }
                if sweeping.crediting.asks_groups() {
                    let own = of_group.get(&sweeping.crediting.attribution_group(provider));
                    score.elsewhere =
                        self.every[window].encounters + all[window] - own.map_or(0, |own| own[window]);
                    let regrouped = writers.pairs.regrouped.get(&provider);
                    score.regrouped = regrouped.map_or_else(Regrouped::default, |of| of[window]);
                }
            }
        }
    }
}

/// Returns the candidate periods that contain the day of a row; all of them if the day is unknown.
fn windows_of(frames: &WindowSet, row: &UnusableRow) -> Vec<usize> {
    match row.day() {
        None => (0..frames.windows.len()).collect(),
        Some(day) => frames.around(day).flat_map(|[_, inside, _]| inside).collect(),
    }
}

impl SweepContext<'_> {
    /// Returns the candidate periods in which an unusable message or portal access may qualify.
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

    /// Returns the candidate periods in which a row may qualify. `settled` is the review decision, which replaces uncertain outcomes.
    pub(super) fn windows_in(&self, course: EventSeries, settled: Option<Inclusion>) -> Vec<usize> {
        let may_count = |answer: Inclusion| {
            settled.filter(|_| answer == Inclusion::Uncertain).unwrap_or(answer).is_possible()
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

/// The number of patients who wrote to a provider but were not seen, by candidate period.
pub struct WritersInWindows {
    every: Vec<u64>,
    /// By the common number of providers with shared attribution.
    with: HashMap<u32, Vec<u64>>,
    /// The patients in `every` and `with` who have a pair with the provider; `pairs` counts these more exactly.
    paired: HashMap<u32, Vec<u64>>,
    /// Counts from the pairs.
    pairs: PairCounts,
}

/// Counts of patients who have a pair with a provider, by the provider's number and by candidate period.
#[derive(Default)]
pub struct PairCounts {
    /// Patients who wrote but were not seen in the candidate period.
    unseen: HashMap<u32, Vec<u64>>,
    /// Patients who are certainly in the numerator only as long as no provider of another group saw them.
    regrouped: HashMap<u32, Vec<Regrouped>>,
}

impl PairCounts {
    /// Counts a pair in the candidate periods in which the patient wrote but was not seen. Levels are 0 for no, 1 for possible, and 2 for
    /// certain.
    pub(super) fn add_unseen(&mut self, provider: u32, seen: &[u8], wrote: &[u8]) {
        for (window, _) in
            seen.iter().zip(wrote).enumerate().filter(|(_, (seen, wrote))| **seen == 0 && **wrote > 0)
        {
            self.unseen.entry(provider).or_insert_with(|| vec![0; wrote.len()])[window] += 1;
        }
    }

    /// Counts a pair in the candidate periods in which the patient is certainly in the numerator, but would not be if several groups had
    /// seen the patient.
    pub(super) fn add_regrouped(&mut self, provider: u32, seen: &[u8], wrote: &[u8], by_several: &[u8]) {
        for window in (0..seen.len()).filter(|at| seen[*at] > 0 && wrote[*at] == 2 && by_several[*at] < 2) {
            let counts =
                self.regrouped.entry(provider).or_insert_with(|| vec![Regrouped::default(); seen.len()]);
            let Regrouped { certain, possible } = &mut counts[window];
            *(if seen[window] == 2 { certain } else { possible }) += 1;
        }
    }

    /// Adds the counts of other patients.
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
    /// Counts the patients, given the counts from the pairs.
    pub fn new(notes: &UnseenNotes, pairs: PairCounts, sweeping: &SweepContext<'_>) -> Self {
        let windows = sweeping.frames.windows.len();
        let (mut every, mut with, mut paired) = (vec![0; windows], HashMap::new(), HashMap::new());
        let empty = || vec![0u64; windows];
        for (patient, of) in &*notes.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let seers: Vec<u32> = providers_who_saw(sweeping.pairs, patient).collect();
            for window in &of.every {
                every[*window] += 1;
                for seer in &seers {
                    paired.entry(*seer).or_insert_with(empty)[*window] += 1;
                }
            }
            let mut together: HashMap<u32, BTreeSet<usize>> = HashMap::new();
            for (provider, windows) in &of.with {
                together.entry(sweeping.crediting.attribution_group(*provider)).or_default().extend(windows);
            }
            for (number, windows) in together {
                for window in windows.difference(&of.every) {
                    with.entry(number).or_insert_with(empty)[*window] += 1;
                    for seer in
                        seers.iter().filter(|seer| sweeping.crediting.attribution_group(**seer) == number)
                    {
                        paired.entry(*seer).or_insert_with(empty)[*window] += 1;
                    }
                }
            }
        }
        Self { every, with, paired, pairs }
    }

    fn count(&self, provider: u32, sweeping: &SweepContext<'_>, window: usize) -> u64 {
        let own = |of: Option<&Vec<u64>>| of.map_or(0, |of| of[window]);
        let with = own(self.with.get(&sweeping.crediting.attribution_group(provider)));
        self.every[window] + with + own(self.pairs.unseen.get(&provider)) - own(self.paired.get(&provider))
    }
}
