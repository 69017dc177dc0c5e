//! Ids as keys of 16 bytes, which are compared as two words.

use hashbrown::DefaultHashBuilder;
use std::hash::{BuildHasher, Hash, Hasher};

/// An id of at most 15 bytes, padded with zeros, with its length in the last byte; or the position and the length of a longer id, some bits
/// of its text, and `LONG`.
#[derive(Clone, Copy, Default)]
// Read as two whole words: the compiler would assemble 16 bytes one by one.
pub struct IdKey([[u8; 8]; 2]);

/// Marks a long id, in place of the length.
pub const LONG: u64 = 0xFF;

/// Returns the hash of an id.
#[inline]
pub fn hash(hasher: &DefaultHashBuilder, id: IdRef<'_>) -> u64 {
    if id.key.is_long() { hasher.hash_one(id.text()) } else { hasher.hash_one(id.key) }
}

/// An id: its key, and the text that contains it if it is long.
#[derive(Clone, Copy)]
pub struct IdRef<'a> {
    pub(super) key: IdKey,
    pub(super) long: &'a [u8],
}

impl<'a> IdRef<'a> {
    /// Returns the id with this text.
    #[inline(always)]
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { key: IdKey::short(text).unwrap_or_else(|| IdKey::long(text)), long: text }
    }

    /// Returns the text of the id.
    pub(super) fn text(&self) -> &[u8] {
        self.key.text(self.long)
    }

    /// Returns the key of the id. Copies a long id to `text`.
    #[inline(always)]
    pub(super) fn kept_in(&self, text: &mut Vec<u8>) -> IdKey {
        if !self.key.is_long() {
            return self.key;
        }
        let begin = text.len();
        text.extend_from_slice(self.text());
        self.key.at(begin)
    }

    /// Returns whether a key is that of this id. `long` is the text that contains the long ids of such keys.
    #[inline(always)]
    pub(super) fn is(&self, key: IdKey, long: &[u8]) -> bool {
        // The text of another long id, which is elsewhere in memory, is hardly ever looked at.
        key == self.key && !key.is_long()
            || self.key.is_long() && key.is_alike(self.key) && key.text(long) == self.text()
    }
}

impl IdKey {
    /// Returns the key of a short id; `None` for a long one. Loads whole words, since copying a few bytes costs more.
    #[inline]
    fn short(id: &[u8]) -> Option<Self> {
        let length = id.len();
        let (low, high) = match length {
            8..16 => {
                let (first, last) = (id.first_chunk::<8>()?, id.last_chunk::<8>()?);
                // The two words overlap; keep only the bytes of the second that follow the first.
                (u64::from_le_bytes(*first), above(u64::from_le_bytes(*last), length - 8))
            }
            4..8 => {
                let (first, last) = (id.first_chunk::<4>()?, id.last_chunk::<4>()?);
                let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
                (u64::from(first) | u64::from(last) << (8 * (length - 4)), 0)
            }
            0..4 => (id.iter().rev().fold(0, |packed, byte| packed << 8 | u64::from(*byte)), 0),
            _ => return None,
        };
        Some(Self::from_words(low, high | (length as u64) << 56))
    }

    #[inline(always)]
    fn from_words(low: u64, high: u64) -> Self {
        Self([low.to_le_bytes(), high.to_le_bytes()])
    }

    #[inline(always)]
    fn words(&self) -> [u64; 2] {
        self.0.map(u64::from_le_bytes)
    }

    /// Returns whether the id is long.
    #[inline(always)]
    fn is_long(&self) -> bool {
        self.words()[1] >> 56 == LONG
    }

    /// Returns the key as one number. The first byte of a short id is the lowest byte.
    #[inline(always)]
    pub(super) fn bits(&self) -> u128 {
        let [low, high] = self.words();
        u128::from(low) | u128::from(high) << 64
    }

    /// Returns the length of a short id in bytes; `None` for a long one.
    #[inline(always)]
    pub(super) fn length(&self) -> Option<u32> {
        (!self.is_long()).then_some((self.words()[1] >> 56) as u32)
    }

    /// Returns the key of a long id at the beginning of its text.
    fn long(id: &[u8]) -> Self {
        let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let mixed = word(id.first_chunk()).rotate_left(29) ^ word(id.last_chunk());
        let bits = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        Self::from_words(0, LONG << 56 | bits << 32 | id.len() as u64 & u64::from(u32::MAX))
    }

    /// Returns the key of a long id at a position.
    fn at(self, begin: usize) -> Self {
        Self::from_words(begin as u64, self.words()[1])
    }

    /// Returns whether two long ids have the same length and the same bits. Different ids hardly ever do.
    #[inline(always)]
    fn is_alike(&self, other: Self) -> bool {
        self.words()[1] == other.words()[1]
    }

    /// Returns the text of the id. `long` contains the long ids.
    pub(super) fn text<'k>(&'k self, long: &'k [u8]) -> &'k [u8] {
        let [low, high] = self.words();
        match high >> 56 {
            LONG => &long[low as usize..low as usize + high as u32 as usize],
            length => &self.0.as_flattened()[..length as usize],
        }
    }
}

impl PartialEq for IdKey {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.words() == other.words()
    }
}

impl Eq for IdKey {}

impl Hash for IdKey {
    #[inline(always)]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u128(self.bits());
    }
}

/// Returns the highest bytes of a word; `bytes` is less than 8.
#[inline(always)]
pub fn above(word: u64, bytes: usize) -> u64 {
    // In two steps, since a word cannot be shifted by all of its bits.
    word >> 8 >> (56 - 8 * bytes)
}
