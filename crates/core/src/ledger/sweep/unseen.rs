//! Records messages of patients who have no pair with a provider that the message would reach.

use crate::ledger::attribution::Reach;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// The candidate periods in which a patient's message may qualify, by patient and by the providers that it would reach.
#[derive(Default)]
pub struct UnseenNotes(pub(super) Mutex<HashMap<Box<[u8]>, OfPatient>>);

#[derive(Default)]
pub struct OfPatient {
    pub(super) every: BTreeSet<usize>,
    pub(super) with: HashMap<u32, BTreeSet<usize>>,
}

impl UnseenNotes {
    /// Removes all records.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Records a message of a patient that may qualify in some candidate periods.
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
