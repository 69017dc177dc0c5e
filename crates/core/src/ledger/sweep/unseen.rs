//! Messages of patients who have no pair with whom they would reach.

use crate::ledger::attribution::Reach;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// In which windows patients have a message that may count and would reach providers who have no pair with them.
#[derive(Default)]
pub struct UnseenNotes(pub(super) Mutex<HashMap<Box<[u8]>, OfPatient>>);

#[derive(Default)]
pub struct OfPatient {
    pub(super) every: BTreeSet<usize>,
    pub(super) with: HashMap<u32, BTreeSet<usize>>,
}

impl UnseenNotes {
    /// Forgets everything.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

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
