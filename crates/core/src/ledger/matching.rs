//! How many of the patients and providers that messages name are among those of the encounters.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use hashbrown::HashSet;

use crate::domain::folding::Fold;
use crate::ledger::id_key::{IdKey, IdRef};
use crate::ledger::near::folds_between;
use crate::ledger::pair_index::{NumeratorState, PairIndex, PatientHint};
use crate::ledger::prefetch::prefetch;

/// How far the messages that may qualify name patients and providers of the encounters; filled from several threads.
pub struct Matching {
    /// One bit for each place where a patient's pairs begin.
    patients: Bits,
    /// One bit for each provider, by number.
    providers: Bits,
    /// One bit for each id that is a number, by its place, whether or not it is among the encounters; see [`PairIndex::numbers`].
    numbers: Bits,
    others: Mutex<Others>,
}

/// What is named and is not among the encounters.
#[derive(Default)]
struct Others {
    patients: IdSet,
    providers: IdSet,
    /// Of both, those that nearly match one, with the folds that make them equal.
    near_patients: IdSet,
    near_providers: IdSet,
    folds: Vec<Fold>,
    /// The first file with a message that nearly matches, by position.
    first_file: Option<u32>,
}

/// What came of matching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// Patients named by messages that may qualify, and how many of these the encounters have.
    pub patients: Named,
    /// Providers likewise.
    pub providers: Named,
    /// The folds under which all ids that nearly match would match.
    pub folds: Vec<Fold>,
    /// The first file with a message that nearly matches, by position.
    pub first_file: Option<u32>,
}

/// Ids that messages name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Different ids.
    pub named: u64,
    /// Of these, ids that the encounters have.
    pub found: u64,
    /// Of the others, ids that nearly match exactly one of the encounters'.
    pub near: u64,
}

/// What a message names that is not among the encounters.
pub(super) enum Missing<'a> {
    Patient(IdRef<'a>),
    Provider(IdRef<'a>),
    /// A patient who nearly matches the one with the second id.
    NearPatient(IdRef<'a>, &'a str),
    NearProvider(IdRef<'a>, &'a str),
}

impl Matching {
    /// Builds an empty account over the pairs of a ledger.
    pub fn new(pairs: &PairIndex, written: &NumeratorState) -> Self {
        Self {
            patients: Bits::new(written.len()),
            providers: Bits::new(pairs.providers.len()),
            numbers: Bits::new(pairs.numbers()),
            others: Mutex::default(),
        }
    }

    /// Asks the machine to bring near where a patient is to be noted.
    #[inline(always)]
    pub(super) fn prefetch(&self, hint: PatientHint) {
        if let PatientHint::Number(at) = hint {
            self.numbers.prefetch(at);
        }
    }

    /// Notes a patient by the place of the id, or by the position of the first pair if there is one; returns false for a patient who is not
    /// among the encounters and whose id has no place.
    #[inline(always)]
    pub(super) fn note_patient(&self, hint: PatientHint, first_pair: impl FnOnce() -> Option<usize>) -> bool {
        match hint {
            PatientHint::Number(at) if self.numbers.set_if_there(at) => true,
            _ => first_pair().inspect(|first_pair| self.patients.set(*first_pair)).is_some(),
        }
    }

    /// Notes a provider by number.
    #[inline(always)]
    pub(super) fn found_provider(&self, provider: u32) {
        self.providers.set(provider as usize);
    }

    /// Calls `note` with what notes an id that messages name and the encounters do not have; the file is that of the messages.
    pub(super) fn note_missing(&self, file: u32, note: impl FnOnce(&mut dyn FnMut(Missing<'_>))) {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        note(&mut |missing| others.add(file, &missing));
    }

    /// Returns what came of all messages that were put to the pairs.
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

/// Different ids. Short ones are kept as keys, which can be compared without another look into memory.
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
        // Mostly it is set, and to look costs less than to set it again.
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

    /// The places of the bits that are set.
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
