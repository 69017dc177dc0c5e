//! A part of the patients with their pairs, laid out so that a message finds its pairs with few looks at memory.

use crate::domain::standing::Seen;
use crate::tally::ids::{Ids, Key};

/// The pairs of a part of the patients.
pub(super) struct Shard {
    /// One place a patient, found by hash; the places that follow one another are tried in turn.
    slots: Vec<Slot>,
    /// The ids of which a key tells only the place.
    long: Vec<u8>,
    /// The pairs; those of a patient stand together.
    pub(super) rows: Vec<Seer>,
    /// How many pairs the shards before this one have.
    pub(super) rows_before: usize,
    /// How many slots the shards before this one have.
    pub(super) slots_before: u32,
}

/// A provider who saw, or may have seen, a patient.
#[derive(Clone, Copy)]
pub(super) struct Seer {
    pub(super) provider: u32,
    pub(super) seen: Seen,
}

/// A patient: the id, and where the pairs begin and how many there are; none in a slot that nobody has.
#[derive(Clone, Copy, Default)]
struct Slot {
    key: Key,
    begin: u32,
    pairs: u32,
}

impl Shard {
    /// Lays out patients whose pairs stand in `rows` in the patients' order; `pairs` tells how many each has, and
    /// `hash` the hash of an id.
    pub(super) fn new(patients: Ids, pairs: &[u32], rows: Vec<Seer>, hash: impl Fn(&[u8]) -> u64) -> Self {
        // A third of the places stays free, so that few have to be tried.
        let mut slots = vec![Slot::default(); patients.len() + patients.len() / 2 + 1];
        let mut begin = 0;
        for (patient, pairs) in pairs.iter().enumerate() {
            let id = patients.get(patient as u32);
            let mut at = first_slot(hash(id.as_bytes()), slots.len());
            while slots[at].pairs > 0 {
                at = next_slot(at, slots.len());
            }
            slots[at] = Slot { key: patients.key(patient as u32), begin, pairs: *pairs };
            begin += pairs;
        }
        Self { slots, long: patients.into_long(), rows, rows_before: 0, slots_before: 0 }
    }

    /// How many slots there are.
    pub(super) fn slots(&self) -> u32 {
        self.slots.len() as u32
    }

    /// The pairs of the patient with this id and hash, as positions in [`Self::rows`].
    #[inline]
    pub(super) fn find(&self, id: &[u8], hash: u64) -> std::ops::Range<usize> {
        let key = Key::short(id);
        let mut at = first_slot(hash, self.slots.len());
        loop {
            let slot = &self.slots[at];
            let same = match key {
                Some(key) => slot.key == key,
                None => slot.pairs > 0 && slot.key.text(&self.long) == id,
            };
            if same || slot.pairs == 0 {
                return slot.begin as usize..(slot.begin + slot.pairs) as usize;
            }
            at = next_slot(at, self.slots.len());
        }
    }

    /// The id in a slot.
    pub(super) fn id(&self, slot: u32) -> &str {
        std::str::from_utf8(self.slots[slot as usize].key.text(&self.long)).unwrap_or_default()
    }

    /// Every slot that a patient has, with the positions of the patient's pairs.
    pub(super) fn patients(&self) -> impl Iterator<Item = (u32, std::ops::Range<usize>)> + '_ {
        let taken = self.slots.iter().enumerate().filter(|(_, slot)| slot.pairs > 0);
        taken.map(|(at, slot)| (at as u32, slot.begin as usize..(slot.begin + slot.pairs) as usize))
    }
}

fn first_slot(hash: u64, slots: usize) -> usize {
    // The high bits of the product spread evenly over any number of slots.
    ((u64::from(hash as u32) * slots as u64) >> 32) as usize
}

fn next_slot(at: usize, slots: usize) -> usize {
    if at + 1 == slots { 0 } else { at + 1 }
}
