//! A part of the patients with their pairs, laid out so that a message finds its pairs with few looks at memory.

use crate::domain::membership::DenominatorStatus;
use crate::ledger::id_key::{IdKey, IdRef};
use crate::ledger::pair::ProviderPatient;
use crate::ledger::patient_table::{PairRange, PatientTable};
use crate::ledger::prefetch::prefetch;

/// The pairs of a part of the patients.
pub(super) struct Shard {
    /// The patients, and where their pairs begin in `rows`.
    patients: PatientTable,
    /// The pairs; those of a patient stand together, in the order of the patients' slots.
    pub(super) rows: Vec<ShardPair>,
    /// How many pairs the shards before this one have.
    pub(super) rows_before: usize,
    /// How many slots the shards before this one have.
    pub(super) slots_before: usize,
}

/// A provider who saw, or may have seen, a patient.
#[derive(Clone, Copy)]
pub(super) struct ShardPair {
    pub(super) provider: u32,
    pub(super) seen: DenominatorStatus,
}

impl Shard {
    /// A shard of patients who know where their pairs begin in `rows`; the shards before it have so many of each.
    pub(super) fn new(patients: PatientTable, rows: Vec<ShardPair>, before: Option<&Self>) -> Self {
        let (rows_before, slots_before) = before.map_or((0, 0), |before| {
            (before.rows_before + before.rows.len(), before.slots_before + before.patients.slots())
        });
        Self { patients, rows, rows_before, slots_before }
    }

    /// Asks the machine to bring near what [`Self::find`] will look at.
    #[inline]
    pub(super) fn prefetch(&self, hash: u64) {
        self.patients.prefetch(hash);
    }

    /// The pairs of the patient with this id and hash, as positions in [`Self::rows`], which are asked to be near.
    #[inline(always)]
    pub(super) fn find(&self, id: IdRef<'_>, hash: u64) -> PairRange {
        self.near(self.patients.get(id, hash))
    }

    /// Asks the machine to bring these pairs near, and returns them.
    #[inline(always)]
    pub(super) fn near(&self, pairs: PairRange) -> PairRange {
        if let Some(row) = self.rows.get(pairs.at as usize) {
            prefetch(row);
        }
        pairs
    }

    /// The keys of patients, with where their pairs stand.
    pub(super) fn by_key(&self) -> impl Iterator<Item = (IdKey, PairRange)> + Clone + '_ {
        self.patients.by_key()
    }

    /// Returns the id in a slot, which is UTF-8.
    pub(super) fn id_bytes(&self, slot: usize) -> &[u8] {
        self.patients.id_bytes(slot)
    }

    /// The id in a slot.
    pub(super) fn id(&self, slot: usize) -> &str {
        self.patients.id(slot)
    }

    /// Every pair with its position in the ledger; those of a patient stand together.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, ProviderPatient)> + '_ {
        self.patients().flat_map(|(slot, first, rows)| {
            let patient = (self.slots_before + slot) as u32;
            let pair =
                move |row: &ShardPair| ProviderPatient { patient, provider: row.provider, seen: row.seen };
            (self.rows_before + first..).zip(rows.iter().map(pair))
        })
    }

    /// Every slot that a patient has, with the patient's pairs in the order of [`Self::rows`], and where there the first stands.
    pub(super) fn patients(&self) -> impl Iterator<Item = (usize, usize, &[ShardPair])> + '_ {
        self.patients.all().map(|(slot, PairRange { at, count })| {
            (slot, at as usize, &self.rows[at as usize..(at + count) as usize])
        })
    }
}
