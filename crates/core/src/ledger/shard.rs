//! A shard of the patients with their pairs, laid out so that a message finds its pairs with few memory accesses.

use crate::domain::membership::DenominatorStatus;
use crate::ledger::id_key::{IdKey, IdRef};
use crate::ledger::pair::ProviderPatient;
use crate::ledger::patient_table::{PairRange, PatientTable};
use crate::ledger::prefetch::prefetch;

/// The pairs of some of the patients.
pub(super) struct Shard {
    /// The patients, with the positions of their pairs in `rows`.
    patients: PatientTable,
    /// The pairs. Those of a patient are adjacent, in the order of the patients' slots.
    pub(super) rows: Vec<ShardPair>,
    /// The number of pairs in the shards before this one.
    pub(super) rows_before: usize,
    /// The number of slots in the shards before this one.
    pub(super) slots_before: usize,
}

/// A provider who saw, or may have seen, a patient.
#[derive(Clone, Copy)]
pub(super) struct ShardPair {
    pub(super) provider: u32,
    pub(super) seen: DenominatorStatus,
}

impl Shard {
    /// Returns the shard that follows `before`. `patients` has the position of each patient's pairs in `rows`.
    pub(super) fn new(patients: PatientTable, rows: Vec<ShardPair>, before: Option<&Self>) -> Self {
        let (rows_before, slots_before) = before.map_or((0, 0), |before| {
            (before.rows_before + before.rows.len(), before.slots_before + before.patients.slots())
        });
        Self { patients, rows, rows_before, slots_before }
    }

    /// Prefetches what [`Self::find`] reads.
    #[inline]
    pub(super) fn prefetch(&self, hash: u64) {
        self.patients.prefetch(hash);
    }

    /// Returns the positions in [`Self::rows`] of the pairs of the patient with this id and hash, and prefetches the first pair.
    #[inline(always)]
    pub(super) fn find(&self, id: IdRef<'_>, hash: u64) -> PairRange {
        self.near(self.patients.get(id, hash))
    }

    /// Prefetches the first of these pairs, and returns them.
    #[inline(always)]
    pub(super) fn near(&self, pairs: PairRange) -> PairRange {
        if let Some(row) = self.rows.get(pairs.at as usize) {
            prefetch(row);
        }
        pairs
    }

    /// Returns the keys of patients, with the locations of their pairs.
    pub(super) fn by_key(&self) -> impl Iterator<Item = (IdKey, PairRange)> + Clone + '_ {
        self.patients.by_key()
    }

    /// Returns the id of the patient in a slot, which is UTF-8.
    pub(super) fn id_bytes(&self, slot: usize) -> &[u8] {
        self.patients.id_bytes(slot)
    }

    /// Returns the id of the patient in a slot.
    pub(super) fn id(&self, slot: usize) -> &str {
        self.patients.id(slot)
    }

    /// Returns every pair with its position in the ledger. The pairs of a patient are adjacent.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, ProviderPatient)> + '_ {
        self.patients().flat_map(|(slot, first, rows)| {
            let patient = (self.slots_before + slot) as u32;
            let pair =
                move |row: &ShardPair| ProviderPatient { patient, provider: row.provider, seen: row.seen };
            (self.rows_before + first..).zip(rows.iter().map(pair))
        })
    }

    /// Returns the slot of every patient, the position of its first pair in [`Self::rows`], and its pairs.
    pub(super) fn patients(&self) -> impl Iterator<Item = (usize, usize, &[ShardPair])> + '_ {
        self.patients.all().map(|(slot, PairRange { at, count })| {
            (slot, at as usize, &self.rows[at as usize..(at + count) as usize])
        })
    }
}
