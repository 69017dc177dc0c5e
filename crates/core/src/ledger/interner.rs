//! Numbers ids that are compared often, in the order in which they first occur.

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::ledger::dense_index::DenseIdIndex;
use crate::ledger::id_key::{IdKey, IdRef, hash};

/// A set of ids, each stored once and with a number.
#[derive(Clone, Default)]
pub struct IdInterner {
    /// Each id in 16 bytes, or the position of an id of more than 15 bytes.
    keys: Vec<IdKey>,
    long: Vec<u8>,
    /// The number of each key.
    codes: HashTable<(IdKey, u32)>,
    /// Each id's number plus one, if ids end in numbers; see [`Self::build_index`]. Ids added later are not included.
    by_number: Option<DenseIdIndex<u32>>,
    /// The number of ids when `by_number` was last built.
    ready: usize,
    // Seeded anew in every process, so that no export can be crafted to collide.
    hasher: DefaultHashBuilder,
}

/// The approximate number of ids that are sampled to find the most common shape.
const SAMPLES: usize = 64;

impl IdInterner {
    /// Returns the number of an id, which is UTF-8. A new id gets the next number.
    pub fn code(&mut self, id: &[u8]) -> u32 {
        let id = IdRef::new(id);
        let hash = hash(&self.hasher, id);
        if let Some(code) = self.find_hashed(id, hash) {
            return code;
        }
        let code = u32::try_from(self.keys.len()).expect("fewer than 2^32 different ids");
        let key = id.kept_in(&mut self.long);
        self.keys.push(key);
        let (long, hasher) = (&self.long, &self.hasher);
        let rehash = |(key, _): &(IdKey, u32)| self::hash(hasher, IdRef { key: *key, long });
        self.codes.insert_unique(hash, (key, code), rehash);
        code
    }

    /// Returns the number of an id; `None` if the id is unknown.
    #[inline]
    pub fn find(&self, id: &[u8]) -> Option<u32> {
        self.find_id(IdRef::new(id))
    }

    /// Returns the number of an id; `None` if the id is unknown.
    #[inline(always)]
    pub(super) fn find_id(&self, id: IdRef<'_>) -> Option<u32> {
        let by_number = |by: &DenseIdIndex<u32>| by.get(by.position(id.key)?).checked_sub(1);
        self.by_number.as_ref().and_then(by_number).or_else(|| self.find_by_hash(id))
    }

    #[inline(never)]
    fn find_by_hash(&self, id: IdRef<'_>) -> Option<u32> {
        self.find_hashed(id, hash(&self.hasher, id))
    }

    /// Calls [`Self::build_index`] if the ids have grown by more than an eighth since the last time, which limits the total cost.
    pub(super) fn maintain_index(&mut self) {
        if self.len() > self.ready + self.ready / 8 {
            self.build_index();
        }
    }

    /// Builds the index for many lookups.
    pub(super) fn build_index(&mut self) {
        if self.len() > self.ready {
            let keys = self.keys.iter().copied();
            let some = keys.clone().step_by(self.len().div_ceil(SAMPLES));
            self.by_number = DenseIdIndex::new(some, std::iter::once(keys.zip(1..)), 1);
            self.ready = self.len();
        }
    }

    #[inline]
    fn find_hashed(&self, id: IdRef<'_>, hash: u64) -> Option<u32> {
        self.codes.find(hash, |(key, _)| id.is(*key, &self.long)).map(|(_, code)| *code)
    }

    /// Returns the id with a number.
    pub fn get(&self, code: u32) -> &str {
        std::str::from_utf8(self.keys[code as usize].text(&self.long)).unwrap_or_default()
    }

    /// Returns the number of ids.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns whether there are no ids.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_every_length_keep_their_number_and_their_text() {
        let text = "abcdefghijklmnopqrstuvwxyz0123456789";
        let mut ids = IdInterner::default();
        for length in 0..=text.len() {
            let code = ids.code(&text.as_bytes()[..length]);
            assert_eq!(ids.get(code), &text[..length]);
            assert_eq!((ids.find(&text.as_bytes()[..length]), code), (Some(code), length as u32));
        }
        for length in 0..=text.len() {
            assert_eq!(ids.code(&text.as_bytes()[..length]), length as u32);
        }
        assert_eq!(ids.len(), 37);
        assert_eq!(ids.find(b"nobody"), None);
        // Zeros at the end are part of an id.
        assert_ne!(ids.code(b"x"), ids.code(b"x\0"));
    }

    /// Long ids differ by their texts, at whatever position; short ids differ by their keys; and no long id equals a short one.
    #[test]
    fn an_id_is_its_own_key_and_no_other() {
        let texts = [
            "",
            "a",
            "a\0",
            "abcdefghijklmno",
            "abcdefghijklmnop",
            "abcdefghijklmnoq",
            "bcdefghijklmnop",
            "a much longer one",
        ];
        let mut long = b"something before ".to_vec();
        let keys = texts.map(|text| IdRef::new(text.as_bytes()).kept_in(&mut long));
        for (at, text) in texts.iter().enumerate() {
            for (other, key) in keys.iter().enumerate() {
                assert_eq!(
                    IdRef::new(text.as_bytes()).is(*key, &long),
                    at == other,
                    "{text:?} and {:?}",
                    texts[other]
                );
            }
        }
    }

    /// Each id has its own number, whether or not it ends in digits, and whether it was added before or after the index was built. Other
    /// ids have none.
    #[test]
    fn what_is_found_does_not_hang_on_when_it_was_made_ready() {
        let id = |number: u32| match number.wrapping_mul(0x9E37_79B9) >> 29 {
            0 => format!("somebody {number}"),
            1 => format!("an id that is too long for a key: {number}"),
            _ => format!("D{number:05}"),
        };
        let mut ids = IdInterner::default();
        for number in 0..300 {
            assert_eq!(ids.code(id(number).as_bytes()), number);
            match number {
                40 | 41 | 250 => ids.build_index(),
                _ => ids.maintain_index(),
            }
            if number % 7 == 0 {
                for other in 0..400 {
                    let expected = (other <= number).then_some(other);
                    assert_eq!(ids.find(id(other).as_bytes()), expected, "{other} of {number}");
                }
            }
        }
        assert!(ids.by_number.is_some(), "nothing was found by its number");
    }
}
