//! Computes the candidate periods from the events, patient by patient.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::domain::inclusion::Inclusion;
use crate::domain::score::MembershipCounts;
use crate::ledger::grouped::GroupedRows;
use crate::ledger::pair_index::Ledger;
use crate::ledger::sweep::DenominatorEvent;
use crate::ledger::sweep::accumulate::{STANDINGS, WindowSums, add, scores_of};
use crate::ledger::sweep::events::{AttributionCertainty, EventLog, EventSeries, PairEvent, SweepContext};
use crate::ledger::sweep::unusable::PairCounts;

/// Returns the scores of every provider, by number, in every candidate period; and the counts of pairs that unusable rows need.
pub fn scores(
    sweeping: &SweepContext<'_>,
    ledger: &Ledger,
    seen: &[DenominatorEvent],
    notebook: EventLog,
    threads: usize,
) -> (HashMap<u32, Vec<MembershipCounts>>, PairCounts) {
    let notes = notebook.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    let profiles = sweeping.profiles.lock().unwrap_or_else(PoisonError::into_inner);
    let seen = GroupedRows::new(seen.iter().copied(), ledger.len(), |seen| seen.row);
    let wrote = GroupedRows::new(notes.iter().flatten().copied(), ledger.len(), |note| note.row);
    drop(notes);
    let making = WindowBuilder { sweeping, profiles: &profiles.all, seen, wrote };
    let (next, sums, asked) =
        (AtomicUsize::new(0), Mutex::new(WindowSums::new()), Mutex::new(PairCounts::default()));
    let work = || {
        let mut own = WindowSums::new();
        let mut scratch = Scratch::new(sweeping.frames.windows.len());
        while let Some(patients) = ledger.pairs.patients_of_shard(next.fetch_add(1, Ordering::Relaxed)) {
            patients.for_each(|(first, providers)| making.patient(first, &providers, &mut scratch, &mut own));
        }
        asked.lock().unwrap_or_else(PoisonError::into_inner).merge(scratch.asked);
        let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
        for (provider, more) in own {
            match sums.entry(provider) {
                Entry::Vacant(entry) => drop(entry.insert(more)),
                Entry::Occupied(mut entry) => {
                    entry.get_mut().iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                }
            }
        }
    };
    if threads <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    let sums = sums.into_inner().unwrap_or_else(PoisonError::into_inner);
    let scores = sums.into_iter().map(|(provider, sums)| (provider, scores_of(&sums))).collect();
    (scores, asked.into_inner().unwrap_or_else(PoisonError::into_inner))
}

struct WindowBuilder<'a> {
    sweeping: &'a SweepContext<'a>,
    profiles: &'a [Vec<Inclusion>],
    seen: GroupedRows<DenominatorEvent>,
    wrote: GroupedRows<PairEvent>,
}

/// Buffers of a thread that are filled anew for each patient.
struct Scratch {
    /// For each pair and candidate period: 0 if the patient was not seen, 1 if possibly, 2 if certainly.
    seen: Vec<u8>,
    /// For each candidate period, the level of messages that reach all pairs of the patient.
    shared: Vec<u8>,
    /// For each candidate period, the level of messages for one pair.
    wrote: Vec<u8>,
    /// For each candidate period, whether providers of several groups saw the patient.
    several: Vec<bool>,
    /// The same as `shared` and `wrote`, but as if providers of several groups saw the patient in every period. Filled only if this
    /// matters.
    shared_by_several: Vec<u8>,
    wrote_by_several: Vec<u8>,
    always: Vec<bool>,
    /// The counts of pairs that unusable rows need.
    asked: PairCounts,
    windows: usize,
}

impl Scratch {
    fn new(windows: usize) -> Self {
        Self {
            seen: Vec::new(),
            shared: vec![0; windows],
            wrote: vec![0; windows],
            several: vec![false; windows],
            shared_by_several: vec![0; windows],
            wrote_by_several: vec![0; windows],
            always: vec![true; windows],
            asked: PairCounts::default(),
            windows,
        }
    }
}

impl WindowBuilder<'_> {
    /// Computes the candidate periods of a patient's pairs. `first` is the position of the first pair.
    fn patient(&self, first: usize, providers: &[u32], scratch: &mut Scratch, sums: &mut WindowSums) {
        let windows = scratch.windows;
        scratch.seen.clear();
        scratch.seen.resize(providers.len() * windows, 0);
        for at in 0..providers.len() {
            self.fill_seen(first + at, &mut scratch.seen[at * windows..(at + 1) * windows]);
        }
        let notes = |at: usize| self.wrote.entries(first + at);
        if (0..providers.len())
            .any(|at| notes(at).iter().any(|note| note.weakened == AttributionCertainty::WhereSeveralGroups))
        {
            self.fill_several(providers, scratch);
        }
        let asks_unseen = self.sweeping.unseen.is_some();
        let asks_groups = asks_unseen && self.sweeping.crediting.asks_groups();
        scratch.shared.fill(0);
        scratch.shared_by_several.fill(0);
        for note in notes(0).iter().filter(|note| note.for_all) {
            self.fill_wrote(note, &mut scratch.shared, &scratch.several);
            if asks_groups {
                self.fill_wrote(note, &mut scratch.shared_by_several, &scratch.always);
            }
        }
        for (at, provider) in providers.iter().enumerate() {
            let seen = &mut scratch.seen[at * windows..(at + 1) * windows];
            if !asks_unseen && seen.iter().all(|seen| *seen == 0) {
                continue;
            }
            scratch.wrote.copy_from_slice(&scratch.shared);
            for note in notes(at).iter().filter(|note| !note.for_all) {
                self.fill_wrote(note, &mut scratch.wrote, &scratch.several);
            }
            if let Some(answer) = self.sweeping.pairs.resolved_numerator(first + at) {
                settle(&mut scratch.wrote, answer);
            }
            if asks_groups {
                scratch.wrote_by_several.copy_from_slice(&scratch.shared_by_several);
                for note in notes(at).iter().filter(|note| !note.for_all) {
                    self.fill_wrote(note, &mut scratch.wrote_by_several, &scratch.always);
                }
                if let Some(answer) = self.sweeping.pairs.resolved_numerator(first + at) {
                    settle(&mut scratch.wrote_by_several, answer);
                }
                scratch.asked.add_regrouped(*provider, seen, &scratch.wrote, &scratch.wrote_by_several);
            }
            if asks_unseen {
                scratch.asked.add_unseen(*provider, seen, &scratch.wrote);
                if seen.iter().all(|seen| *seen == 0) {
                    continue;
                }
            }
            let sums = sums.entry(*provider).or_insert_with(|| vec![0; STANDINGS * (windows + 1)]);
            add(seen, &scratch.wrote, sums);
        }
    }

    fn fill_seen(&self, row: usize, levels: &mut [u8]) {
        for DenominatorEvent { first, day, answer, .. } in self.seen.entries(row) {
            let level = level(*answer);
            match first.zip(*day) {
                None => raise(levels, level),
                Some((first, last)) => {
                    let (with_first, with_last) =
                        (self.sweeping.frames.around(first), self.sweeping.frames.around(last));
                    for ([_, first, _], [_, last, _]) in with_first.zip(with_last) {
                        let inside = first.start.max(last.start)..first.end.min(last.end);
                        raise(&mut levels[inside.start.min(inside.end)..inside.end], level);
                    }
                }
            }
        }
        if let Some(answer) = self.sweeping.pairs.resolved_denominator(row) {
            settle(levels, answer);
        }
    }

    fn fill_wrote(&self, note: &PairEvent, levels: &mut [u8], several: &[bool]) {
        let reached = |answer: Inclusion, weakened: bool| {
            let answer = if weakened { answer.downgrade() } else { answer };
            level(note.settled.filter(|_| answer == Inclusion::Uncertain).unwrap_or(answer))
        };
        let mut put = |at: Range<usize>, answer: Inclusion| match note.weakened {
            AttributionCertainty::No => raise(&mut levels[at], reached(answer, false)),
            AttributionCertainty::Yes => raise(&mut levels[at], reached(answer, true)),
            AttributionCertainty::WhereSeveralGroups => {
                for at in at {
                    levels[at] = levels[at].max(reached(answer, several[at]));
                }
            }
        };
        match note.course {
            EventSeries::Dated(day, [before, inside, after]) => {
                for [over, during, begun] in self.sweeping.frames.around(day) {
                    put(during, inside);
                    if before.is_possible() || after.is_possible() {
                        put(begun, before);
                        put(over, after);
                    }
                }
            }
            EventSeries::Undated(profile) => {
                for (at, answer) in self.profiles[profile as usize].iter().enumerate() {
                    put(at..at + 1, *answer);
                }
            }
        }
    }

    fn fill_several(&self, providers: &[u32], scratch: &mut Scratch) {
        let group = |provider: u32| self.sweeping.crediting.group(provider);
        for window in 0..scratch.windows {
            let seers = providers.iter().enumerate();
            let mut groups = seers
                .filter(|(at, _)| scratch.seen[at * scratch.windows + window] > 0)
                .map(|(_, provider)| group(*provider));
            let first = groups.next();
            scratch.several[window] = groups.any(|group| Some(group) != first);
        }
    }
}

/// Returns 0 if the outcome is out, 1 if it is uncertain, and 2 if it is in.
fn level(answer: Inclusion) -> u8 {
    u8::from(answer.is_possible()) + u8::from(answer.is_certain())
}

fn raise(levels: &mut [u8], level: u8) {
    levels.iter_mut().for_each(|known| *known = (*known).max(level));
}

/// Replaces the uncertain levels by a review decision.
fn settle(levels: &mut [u8], answer: Inclusion) {
    levels.iter_mut().filter(|level| **level == 1).for_each(|known| *known = level(answer));
}
