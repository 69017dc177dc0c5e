//! Maps the values of an export to codes, ignoring case and surrounding blanks.

use std::collections::BTreeMap;
use std::ops::Range;

use mucalc_core::domain::word_masks;
use mucalc_core::domain::words::fold;

/// The known values of one column, with their codes.
#[derive(Clone, Debug)]
pub struct ValueDictionary {
    codes: BTreeMap<String, u16>,
    /// Hash table of the short values, which most values are. A slot has at most one value.
    short: Box<[(PackedText, u16)]>,
    seed: u64,
}

/// A text of at most 24 bytes, padded with zeros, and its length in bytes.
type PackedText = ([u64; 3], usize);

/// Maximum number of seeds tried when looking for one that gives every value its own slot.
const TRIES: u64 = 500;

/// The result of looking up a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupResult {
    /// The cell is blank.
    Empty,
    /// A known value, by its code.
    Known(u16),
    /// Any other value.
    Unlisted,
}

impl ValueDictionary {
    /// Builds a dictionary in which the code of each value is its position.
    pub fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let codes = words.into_iter().enumerate().map(|(code, word)| (fold(word), code as u16));
        let mut dictionary = Self { codes: codes.collect(), short: Box::default(), seed: 0 };
        dictionary.place();
        dictionary
    }

    /// Adds values, and replaces the codes of values that are already known.
    pub fn extend<'w>(&mut self, words: impl IntoIterator<Item = (&'w str, u16)>) {
        self.codes.extend(words.into_iter().map(|(word, code)| (fold(word), code)));
        self.place();
    }

    /// Returns the values, folded, with their codes, in the order of the values.
    pub fn words(&self) -> impl Iterator<Item = (&str, u16)> {
        self.codes.iter().map(|(word, code)| (word.as_str(), *code))
    }

    /// Looks up a cell: the text in a range of a UTF-8 buffer.
    #[inline(always)]
    pub fn look_up(&self, bytes: &[u8], cell: Range<usize>) -> LookupResult {
        if cell.is_empty() {
            return LookupResult::Empty;
        }
        // Most cells are spelled exactly as in the list.
        if let Some(packed) = pack(bytes, &cell) {
            let (word, code) = self.short[slot(packed, self.seed, self.short.len())];
            if word == packed {
                return LookupResult::Known(code);
            }
        }
        self.look_up_folded(&bytes[cell])
    }

    #[cold]
    fn look_up_folded(&self, cell: &[u8]) -> LookupResult {
        let folded = fold(&String::from_utf8_lossy(cell));
        if folded.is_empty() {
            return LookupResult::Empty;
        }
        self.codes.get(&folded).map_or(LookupResult::Unlisted, |code| LookupResult::Known(*code))
    }

    /// Gives each short value its own slot in the hash table. A few tries are normally enough, because the table is large.
    fn place(&mut self) {
        let short: Vec<_> = self
            .codes
            .iter()
            .filter_map(|(word, code)| Some((pack(word.as_bytes(), &(0..word.len()))?, *code)))
            .collect();
        let size = (short.len() * short.len()).next_power_of_two().clamp(64, 1 << 16);
        // An empty cell never gets here, so an empty slot never matches.
        for round in 1..=TRIES {
            let seed = round.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            let mut places = vec![(PackedText::default(), 0); size].into_boxed_slice();
            let lonely = short.iter().filter(|(packed, code)| {
                let place = &mut places[slot(*packed, seed, size)];
                let free = place.0 == PackedText::default();
                if free {
                    *place = (*packed, *code);
                }
                free
            });
            let placed = lonely.count();
            // A value without a slot is still found, by the slower lookup.
            if placed == short.len() || size == 1 << 16 || round == TRIES {
                (self.short, self.seed) = (places, seed);
                return;
            }
        }
    }
}

/// Returns the slot of a packed text. `places` is the number of slots, a power of two.
#[inline(always)]
fn slot(([first, second, third], _): PackedText, seed: u64, places: usize) -> usize {
    let mixed = (first ^ second.rotate_left(23) ^ third.rotate_left(41)).wrapping_mul(seed);
    (mixed >> (64 - places.trailing_zeros())) as usize
}

/// Returns the text in a range of a buffer, or `None` if it has more than 24 bytes.
#[inline(always)]
fn pack(bytes: &[u8], text: &Range<usize>) -> Option<PackedText> {
    let mask = MASKS.get(text.len())?;
    // If the buffer is long enough, load 24 bytes at once and mask off those after the text.
    let words = match bytes[text.start..].first_chunk::<24>() {
        Some(loaded) => *loaded,
        None => {
            let mut loaded = [0; 24];
            loaded[..text.len()].copy_from_slice(&bytes[text.clone()]);
            loaded
        }
    };
    let (words, _) = words.as_chunks::<8>();
    Some((std::array::from_fn(|word| u64::from_le_bytes(words[word]) & mask[word]), text.len()))
}

/// For each length in bytes, the mask of the bits that are part of a packed text.
const MASKS: [[u64; 3]; 25] = word_masks::byte_masks();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_do_not_matter_and_nothing_else_is_forgiven() {
        let mut dictionary = ValueDictionary::new(["sent", "draft"]);
        dictionary.extend([("Gesendet ", 0), ("a status that is longer than twenty-four bytes", 1)]);
        for (cell, word) in [
            ("sent", LookupResult::Known(0)),
            (" DRAFT\t", LookupResult::Known(1)),
            ("gesendet", LookupResult::Known(0)),
            ("", LookupResult::Empty),
            ("  ", LookupResult::Empty),
            ("sent.", LookupResult::Unlisted),
            ("sen", LookupResult::Unlisted),
            ("\0\0\0\0", LookupResult::Unlisted),
            ("A status that is LONGER than twenty-four bytes", LookupResult::Known(1)),
        ] {
            assert_eq!(dictionary.look_up(cell.as_bytes(), 0..cell.len()), word, "{cell:?}");
        }
    }

    #[test]
    fn packing_keeps_every_byte_of_every_length() {
        let text: Vec<u8> = (1..=25).collect();
        for length in 0..=24 {
            let mut expected = text[..length].to_vec();
            expected.resize(24, 0);
            // At the end of the buffer, and followed by other bytes.
            for bytes in [&text[..length], &text] {
                let packed = pack(bytes, &(0..length)).map(|(words, _)| words.map(u64::to_le_bytes).concat());
                assert_eq!(packed.as_ref(), Some(&expected));
            }
        }
        assert_eq!(pack(&text, &(0..25)), None);
    }

    #[test]
    fn words_that_no_place_tells_apart_are_found_all_the_same() {
        let words = ["a", "a\0", "ab", "ab\0\0"];
        let dictionary = ValueDictionary::new(words);
        for (code, word) in words.iter().enumerate() {
            assert_eq!(dictionary.look_up(word.as_bytes(), 0..word.len()), LookupResult::Known(code as u16));
        }
    }

    #[test]
    fn every_word_of_a_large_dictionary_is_found() {
        let words: Vec<String> = (0..5000).map(|n| format!("topic number {n}")).collect();
        let dictionary = ValueDictionary::new(words.iter().map(String::as_str));
        for (code, word) in words.iter().enumerate() {
            assert_eq!(dictionary.look_up(word.as_bytes(), 0..word.len()), LookupResult::Known(code as u16));
        }
    }
}
