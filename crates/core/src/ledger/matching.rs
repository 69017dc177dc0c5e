//! Counts how many of the patients and providers that messages name are among those of the encounters.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use hashbrown::HashSet;

use crate::domain::folding::Fold;
use crate::ledger::id_key::{IdKey, IdRef};
use crate::ledger::near::folds_between;
use crate::ledger::pair_index::{NumeratorState, PairIndex, PatientHint};
use crate::ledger::prefetch::prefetch;

/// Counts of the patients and providers that messages name, among messages that may qualify. Several threads fill it.
pub struct Matching {
    /// One bit for each position at which the pairs of a patient begin.
    patients: Bits,
    /// One bit for each provider, by number.
    providers: Bits,
    /// One bit for each number in patients' ids, by position, whether or not the encounters have the id; see [`PairIndex::numbers`].
    numbers: Bits,
    others: Mutex<Others>,
}

/// The names that the encounters do not have.
#[derive(Default)]
struct Others {
    patients: IdSet,
    providers: IdSet,
    /// The ids in `patients` and `providers` that nearly match another, with the folds that make them equal.
    near_patients: IdSet,
    near_providers: IdSet,
    folds: Vec<Fold>,
    /// The position of the first file with a message that nearly matches.
    first_file: Option<u32>,
}

/// The result of matching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// Patients named by messages that may qualify, and how many of them the encounters have.
    pub patients: Named,
    /// Providers, likewise.
    pub providers: Named,
    /// The folds with which all ids that nearly match would match.
    pub folds: Vec<Fold>,
    /// The position of the first file with a message that nearly matches.
    pub first_file: Option<u32>,
}

/// Counts of the ids that messages name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Distinct ids.
    pub named: u64,
    /// Ids among these that the encounters have.
    pub found: u64,
    /// Other ids that nearly match exactly one of the encounters'.
    pub near: u64,
}

/// A name in a message that the encounters do not have.
pub(super) enum Missing<'a> {
    Patient(IdRef<'a>),
    Provider(IdRef<'a>),
    /// A patient whose id nearly matches the second id.
    NearPatient(IdRef<'a>, &'a str),
    NearProvider(IdRef<'a>, &'a str),
}

impl Matching {
    /// Returns empty counts for the pairs of a ledger.
    pub fn new(pairs: &PairIndex, written: &NumeratorState) -> Self {
        Self {
            patients: Bits::new(written.len()),
            providers: Bits::new(pairs.providers.len()),
            numbers: Bits::new(pairs.numbers()),
            others: Mutex::default(),
        }
    }

    /// Prefetches the bit of a patient.
    #[inline(always)]
    pub(super) fn prefetch(&self, hint: PatientHint) {
        if let PatientHint::Number(at) = hint {
            self.numbers.prefetch(at);
        }
    }

    /// Records a patient by the number in the id, or else by the position of the first pair. Returns false if the encounters do not have
    /// the patient and the id has no position.
    #[inline(always)]
    pub(super) fn note_patient(&self, hint: PatientHint, first_pair: impl FnOnce() -> Option<usize>) -> bool {
        match hint {
            PatientHint::Number(at) if self.numbers.set_if_there(at) => true,
            _ => first_pair().inspect(|first_pair| self.patients.set(*first_pair)).is_some(),
        }
    }

    /// Records a provider, given by number.
    #[inline(always)]
    pub(super) fn found_provider(&self, provider: u32) {
        self.providers.set(provider as usize);
    }

    /// Calls `note` with a function that records a name that the encounters do not have. `file` is the position of the messages' file.
    pub(super) fn note_missing(&self, file: u32, note: impl FnOnce(&mut dyn FnMut(Missing<'_>))) {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        note(&mut |missing| others.add(file, &missing));
    }

    /// Returns the counts after all messages.
    pub fn finish(&self, pairs: &PairIndex) -> Matched {
        let others = std::mem::take(&mut *self.others.lock().unwrap_or_else(PoisonError::into_inner));
        let numbers_found = self.numbers.places().filter(|at| pairs.has_number(*at)).count() as u64;
        let found = self.patients.count() + numbers_found;
        let absent = self.numbers.count() - numbers_found + others.patients.len();
        let named =
            |found: u64, absent: u64, near: &IdSet| Named { named: found + absent, found, near: near.len() };
        Matched {
            patients: named(found, absent, &others.near_patients),
            providers: named(self.providers.count(), others.providers.len(), &others.near_providers),
            folds: others.folds,
            first_file: others.first_file,
        }
    }
}

impl Others {
    fn add(&mut self, file: u32, missing: &Missing<'_>) {
        match missing {
            Missing::Patient(id) => self.patients.add(id),
            Missing::Provider(id) => self.providers.add(id),
            Missing::NearPatient(id, near) => {
                self.note_near(file, id.text(), near);
                self.patients.add(id);
                self.near_patients.add(id);
            }
            Missing::NearProvider(id, near) => {
                self.note_near(file, id.text(), near);
                self.providers.add(id);
                self.near_providers.add(id);
            }
        }
    }

    fn note_near(&mut self, file: u32, id: &[u8], near: &str) {
        self.first_file = Some(self.first_file.map_or(file, |first| first.min(file)));
        for fold in std::str::from_utf8(id).map(|id| folds_between(id, near)).unwrap_or_default() {
            if let Err(at) = self.folds.binary_search(&fold) {
                self.folds.insert(at, fold);
            }
        }
    }
}

/// A set of ids. Short ones are stored as keys, which can be compared without another memory access.
#[derive(Default)]
struct IdSet {
    short: HashSet<IdKey>,
    long: HashSet<Box<[u8]>>,
}

impl IdSet {
    fn add(&mut self, id: &IdRef<'_>) {
        if id.key.length().is_some() {
            self.short.insert(id.key);
        } else if !self.long.contains(id.text()) {
            self.long.insert(id.text().into());
        }
    }

    fn len(&self) -> u64 {
        (self.short.len() + self.long.len()) as u64
    }
}

/// Bits that several threads set.
struct Bits(Vec<AtomicU64>);

impl Bits {
    fn new(count: usize) -> Self {
        Self((0..count.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    #[inline(always)]
    fn set(&self, at: usize) {
        let (word, bit) = (&self.0[at / 64], 1 << (at % 64));
        // Most bits are already set, and a load costs less than a write.
        if word.load(Ordering::Relaxed) & bit == 0 {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    #[inline(always)]
    fn set_if_there(&self, at: usize) -> bool {
        let is_there = at / 64 < self.0.len();
        if is_there {
            self.set(at);
        }
        is_there
    }

    #[inline(always)]
    fn prefetch(&self, at: usize) {
        if let Some(word) = self.0.get(at / 64) {
            prefetch(word);
        }
    }

    /// Returns the positions of the bits that are set.
    fn places(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = word.load(Ordering::Relaxed);
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.load(Ordering::Relaxed).count_ones())).sum()
    }
}
