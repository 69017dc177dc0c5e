//! A hash table of patients by id, with the location of each patient's pairs. A lookup needs few memory accesses.

use std::ops::Range;

use crate::ledger::id_key::{IdKey, IdRef};
use crate::ledger::prefetch::prefetch;

/// The patients of one shard.
#[derive(Default)]
pub(super) struct PatientTable {
    /// One slot per patient, at the position of its hash or the next free one after it.
    slots: Vec<Slot>,
    taken: usize,
    /// The texts of long ids, of which a key has only the position.
    long: Vec<u8>,
}

/// A patient: the id, and the location of the pairs. The key of a free slot is empty.
// Aligned so that no slot spans two cache lines, each of which would have to be waited for.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Slot {
    key: IdKey,
    pairs: PairRange,
}

/// The location of a patient's pairs.
#[derive(Clone, Copy, Default)]
pub(super) struct PairRange {
    /// The position of the last pair while encounters are read; the position of the first pair afterward.
    pub(super) at: u32,
    /// The number of pairs.
    pub(super) count: u32,
}

impl PairRange {
    /// Returns the positions of the pairs in the shard, once all encounters are read.
    #[inline(always)]
    pub(super) fn range(self) -> Range<usize> {
        self.at as usize..(self.at + self.count) as usize
    }
}

impl PatientTable {
    /// Makes room for `more` more patients; `hash` computes the hash of an id. Invalidates slots that were returned before.
    pub(super) fn reserve(&mut self, more: usize, hash: impl Fn(IdRef<'_>) -> u64) {
        // Keep a fifth of the slots free, so that searches are short.
        let needed = (self.taken + more) * 5 / 4 + 1;
        if needed <= self.slots.len() {
            return;
        }
        let size = needed.max(self.slots.len() * 2);
        let before = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        for slot in before.iter().filter(|slot| slot.is_taken()) {
            let free =
                self.search(hash(IdRef { key: slot.key, long: &self.long }), |known| !known.is_taken());
            self.slots[free] = *slot;
        }
    }

    /// Prefetches the first slot for a patient with this hash.
    #[inline]
    pub(super) fn prefetch(&self, hash: u64) {
        if let Some(slot) = self.slots.get(self.first(hash)) {
            prefetch(slot);
        }
    }

    /// Returns the slot of the patient with this id and hash, and adds a new patient. Requires room for it, see [`Self::reserve`].
    pub(super) fn slot_of(&mut self, id: IdRef<'_>, hash: u64) -> usize {
        let at = self.find(id, hash);
        if !self.slots[at].is_taken() {
            self.slots[at].key = id.kept_in(&mut self.long);
            self.taken += 1;
        }
        at
    }

    /// Returns the pairs of the patient with this id and hash; empty for an unknown patient.
    #[inline(always)]
    pub(super) fn get(&self, id: IdRef<'_>, hash: u64) -> PairRange {
        if self.slots.is_empty() { PairRange::default() } else { self.slots[self.find(id, hash)].pairs }
    }

    /// Returns the location of the pairs of the patient in a slot.
    pub(super) fn pairs(&mut self, slot: usize) -> &mut PairRange {
        &mut self.slots[slot].pairs
    }

    /// Returns the key of the patient in a slot, which is unique in this table.
    pub(super) fn key(&self, slot: usize) -> IdKey {
        self.slots[slot].key
    }

    /// Returns the id of the patient in a slot, which is UTF-8.
    pub(super) fn id_bytes(&self, slot: usize) -> &[u8] {
        self.slots[slot].key.text(&self.long)
    }

    /// Returns the id of the patient in a slot.
    pub(super) fn id(&self, slot: usize) -> &str {
        std::str::from_utf8(self.id_bytes(slot)).unwrap_or_default()
    }

    /// Returns the number of slots.
    pub(super) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Returns the keys of patients, with the locations of their pairs.
    pub(super) fn by_key(&self) -> impl Iterator<Item = (IdKey, PairRange)> + Clone + '_ {
        self.slots.iter().filter(|slot| slot.is_taken()).map(|slot| (slot.key, slot.pairs))
    }

    /// Returns the slots of patients, with the locations of their pairs.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, PairRange)> + '_ {
        let taken = self.slots.iter().enumerate().filter(|(_, slot)| slot.is_taken());
        taken.map(|(at, slot)| (at, slot.pairs))
    }

    /// Returns the locations of all patients' pairs, mutably.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut PairRange> + '_ {
        self.slots.iter_mut().filter(|slot| slot.is_taken()).map(|slot| &mut slot.pairs)
    }

    /// Returns the slot of a patient, or the free slot for a new one.
    #[inline(always)]
    fn find(&self, id: IdRef<'_>, hash: u64) -> usize {
        self.search(hash, |slot| id.is(slot.key, &self.long) || !slot.is_taken())
    }

    /// Returns the first slot from that of a hash on for which `fits` is true.
    #[inline(always)]
    fn search(&self, hash: u64, fits: impl Fn(&Slot) -> bool) -> usize {
        let mut at = self.first(hash);
        while !fits(&self.slots[at]) {
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
        at
    }

    #[inline(always)]
    fn first(&self, hash: u64) -> usize {
        // The high bits of the product spread evenly over any number of slots.
        ((u64::from(hash as u32) * self.slots.len() as u64) >> 32) as usize
    }
}

impl Slot {
    #[inline(always)]
    fn is_taken(&self) -> bool {
        // No id is empty.
        self.key != IdKey::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_keep_what_is_said_of_them_as_their_number_grows() {
        // Few distinct hashes, so that many ids collide.
        let last = |id: &[u8]| u64::from(id[id.len() - 1]) << 25;
        let text = |patient: u32| format!("{}{patient}", &"a long beginning "[..patient as usize % 18 % 17]);
        let mut patients = PatientTable::default();
        for patient in 0..1000 {
            let text = text(patient);
            patients.reserve(1, |id| last(id.text()));
            let slot = patients.slot_of(IdRef::new(text.as_bytes()), last(text.as_bytes()));
            *patients.pairs(slot) = PairRange { at: patient, count: 1 };
            assert_eq!(patients.id(slot), text);
        }
        let get = |text: &str| patients.get(IdRef::new(text.as_bytes()), last(text.as_bytes()));
        for patient in 0..1000 {
            assert_eq!(get(&text(patient)).at, patient, "{}", text(patient));
        }
        assert_eq!(patients.all().count(), 1000);
        assert_eq!(get("nobody").count, 0);
        assert_eq!(PatientTable::default().get(IdRef::new(b"nobody"), 7).count, 0);
    }
}
