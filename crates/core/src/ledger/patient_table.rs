//! Patients found by id with few looks at memory, each with something said about the place of the patient's pairs.

use std::ops::Range;

use crate::ledger::id_key::{IdKey, IdRef};
use crate::ledger::prefetch::prefetch;

/// Patients of one part of all.
#[derive(Default)]
pub(super) struct PatientTable {
    /// One place a patient, found by hash; the places that follow one another are tried in turn.
    slots: Vec<Slot>,
    taken: usize,
    /// The ids of which a key tells only the place.
    long: Vec<u8>,
}

/// A patient: the id, and what is kept of the pairs. The key is empty in a slot that nobody has.
// Never in two lines of the memory, each of which would have to be waited for.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Slot {
    key: IdKey,
    pairs: PairRange,
}

/// Where a patient's pairs stand.
#[derive(Clone, Copy, Default)]
pub(super) struct PairRange {
    /// While pairs are gathered, where the last of them stands; afterwards, where the first does.
    pub(super) at: u32,
    /// How many there are.
    pub(super) count: u32,
}

impl PairRange {
    /// Returns their positions in the shard, once all pairs are there.
    #[inline(always)]
    pub(super) fn range(self) -> Range<usize> {
        self.at as usize..(self.at + self.count) as usize
    }
}

impl PatientTable {
    /// Makes room for so many patients more; `hash` is the hash of an id. Slots that were told before hold no longer.
    pub(super) fn reserve(&mut self, more: usize, hash: impl Fn(IdRef<'_>) -> u64) {
        // A fifth of the places stays free, so that few have to be tried.
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

    /// Asks the machine to bring the place near where a patient with this hash would be.
    #[inline]
    pub(super) fn prefetch(&self, hash: u64) {
        if let Some(slot) = self.slots.get(self.first(hash)) {
            prefetch(slot);
        }
    }

    /// The slot of the patient with this id and hash, who is put there if new; there must be room.
    pub(super) fn slot_of(&mut self, id: IdRef<'_>, hash: u64) -> usize {
        let at = self.find(id, hash);
        if !self.slots[at].is_taken() {
            self.slots[at].key = id.kept_in(&mut self.long);
            self.taken += 1;
        }
        at
    }

    /// The pairs of the patient with this id and hash; none are told of one who is not there.
    #[inline(always)]
    pub(super) fn get(&self, id: IdRef<'_>, hash: u64) -> PairRange {
        if self.slots.is_empty() { PairRange::default() } else { self.slots[self.find(id, hash)].pairs }
    }

    /// What is kept in a slot.
    pub(super) fn pairs(&mut self, slot: usize) -> &mut PairRange {
        &mut self.slots[slot].pairs
    }

    /// The key of the patient in a slot, which is nobody else's here.
    pub(super) fn key(&self, slot: usize) -> IdKey {
        self.slots[slot].key
    }

    /// Returns the id in a slot, which is UTF-8.
    pub(super) fn id_bytes(&self, slot: usize) -> &[u8] {
        self.slots[slot].key.text(&self.long)
    }

    /// The id in a slot.
    pub(super) fn id(&self, slot: usize) -> &str {
        std::str::from_utf8(self.id_bytes(slot)).unwrap_or_default()
    }

    /// How many slots there are.
    pub(super) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// The keys of patients, with what is kept of them.
    pub(super) fn by_key(&self) -> impl Iterator<Item = (IdKey, PairRange)> + Clone + '_ {
        self.slots.iter().filter(|slot| slot.is_taken()).map(|slot| (slot.key, slot.pairs))
    }

    /// The slots of patients, with what is kept there.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, PairRange)> + '_ {
        let taken = self.slots.iter().enumerate().filter(|(_, slot)| slot.is_taken());
        taken.map(|(at, slot)| (at, slot.pairs))
    }

    /// The same, to be changed.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut PairRange> + '_ {
        self.slots.iter_mut().filter(|slot| slot.is_taken()).map(|slot| &mut slot.pairs)
    }

    /// Where a patient is, or would be.
    #[inline(always)]
    fn find(&self, id: IdRef<'_>, hash: u64) -> usize {
        self.search(hash, |slot| id.is(slot.key, &self.long) || !slot.is_taken())
    }

    /// The first slot that fits, from that of a hash on.
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
        // Few different hashes, so that many ids meet in the same places.
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
