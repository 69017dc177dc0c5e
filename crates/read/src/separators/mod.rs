//! Finds where the fields and records of delimited text end, as bit masks with one bit per byte.

#[cfg(target_arch = "aarch64")]
mod neon;
pub mod positions;
pub mod scalar;
mod search;
pub mod simd;
#[cfg(target_feature = "simd128")]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::ops::Range;

#[cfg(not(target_arch = "x86_64"))]
pub use scalar::first_of;
#[cfg(target_arch = "x86_64")]
pub use x86::first_of;

/// How delimited text separates and quotes its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvDialect {
    /// The byte between two fields of a record.
    pub separator: u8,
    /// Whether quotation marks quote. If not, they are text, and a field cannot contain the separator.
    pub quotes: bool,
}

impl Default for CsvDialect {
    fn default() -> Self {
        Self { separator: b',', quotes: true }
    }
}

/// The separators of a buffer that starts at a record boundary, as bit masks with one bit per byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Separators {
    /// Field separators and line feeds, without those inside quotes.
    pub fields: Vec<u64>,
    /// The line feeds among `fields`, each of which ends a record.
    pub records: Vec<u64>,
    /// Line feeds inside quotes, which separate nothing.
    pub quoted: QuotedFeeds,
    /// Properties of the bytes, collected during the search.
    pub seen: BlockFlags,
}

/// Line feeds inside quotes: the index and the bits of each 64-bit word that has any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuotedFeeds(Vec<(u32, u64)>);

impl QuotedFeeds {
    /// Returns whether no line feed is inside quotes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all entries.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Records the quoted line feeds of a word. Few words have any, so this stays out of line and does not slow down the search loop.
    #[cold]
    #[inline(never)]
    pub(super) fn note(&mut self, word: usize, bits: u64) {
        self.0.push((word as u32, bits));
    }
}

/// Properties of the bytes in a buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockFlags {
    /// Whether any byte is not ASCII.
    pub beyond_ascii: bool,
    /// Whether any byte is NUL.
    pub nul: bool,
    /// Whether a quotation mark is where the CSV standard allows none.
    pub stray_quote: bool,
    /// Number of line feeds, including those inside quotes.
    pub line_feeds: u64,
}

impl Separators {
    /// Returns whether a record ends at a position.
    #[inline(always)]
    pub fn ends_record(&self, position: u32) -> bool {
        self.records[position as usize / 64] >> (position % 64) & 1 == 1
    }

    /// Returns where the record ends that contains a position.
    #[inline]
    pub fn record_end(&self, position: usize) -> Option<usize> {
        let (word, bit) = (position / 64, position % 64);
        let first = self.records.get(word)? & (u64::MAX << bit);
        let rest = self.records.iter().enumerate().skip(word + 1).map(|(word, bits)| (word, *bits));
        let (word, bits) = std::iter::once((word, first)).chain(rest).find(|(_, bits)| *bits != 0)?;
        Some(word * 64 + bits.trailing_zeros() as usize)
    }

    /// Returns the position after the last complete record, or 0 if there is none.
    pub fn last_record_end(&self) -> usize {
        let last = self.records.iter().rposition(|word| *word != 0);
        last.map_or(0, |word| word * 64 + 64 - self.records[word].leading_zeros() as usize)
    }

    /// Returns the positions of line feeds inside quotes.
    pub fn quoted_line_feeds(&self) -> impl Iterator<Item = usize> + '_ {
        let without_lowest = |bits: &u64| Some(bits & bits.wrapping_sub(1));
        let ones = move |bits: u64| {
            let rests = std::iter::successors(Some(bits), without_lowest).take_while(|rest| *rest != 0);
            rests.map(|rest| rest.trailing_zeros() as usize)
        };
        self.quoted
            .0
            .iter()
            .flat_map(move |(word, bits)| ones(*bits).map(move |bit| *word as usize * 64 + bit))
    }

    /// Returns the field around a position that is not a separator. If no separator follows, the field ends at the end of the buffer,
    /// rounded up to a multiple of 64 bytes.
    pub fn field_around(&self, position: usize) -> Range<usize> {
        let (word, bit) = (position / 64, position % 64);
        let before =
            |word: usize, bits: u64| (bits != 0).then(|| word * 64 + 64 - bits.leading_zeros() as usize);
        let behind = |word: usize, bits: u64| (bits != 0).then(|| word * 64 + bits.trailing_zeros() as usize);
        let words = || self.fields.iter().copied().enumerate();
        let begin = before(word, self.fields[word] & ((1 << bit) - 1))
            .or_else(|| words().take(word).rev().find_map(|(word, bits)| before(word, bits)));
        let end = behind(word, self.fields[word] & (u64::MAX << bit))
            .or_else(|| words().skip(word + 1).find_map(|(word, bits)| behind(word, bits)));
        begin.unwrap_or_default()..end.unwrap_or(self.fields.len() * 64)
    }

    pub(super) fn clear(&mut self) {
        self.fields.clear();
        self.records.clear();
        self.quoted.clear();
        self.seen = BlockFlags::default();
    }
}

#[cfg(test)]
mod tests {
    use super::scalar::scalar;
    use super::simd::SimdLevel;
    use super::{CsvDialect, Separators};

    /// Every level of vector instructions that this machine has finds what the safe code finds, and lists and counts the same positions.
    /// Inputs are of every length around a chunk, of bytes that matter to quoting, and always the same.
    #[test]
    fn vector_instructions_find_what_the_safe_code_finds() {
        let mut state = 0x2014_0701_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let bytes = b"\"\"\",,,\n\n\r\0ab c5;\xc3\xa9";
        for _ in 0..20_000 {
            // Half of the inputs have few marks, so that their quoting is regular.
            let from = if random(2) == 0 { 0 } else { 3 };
            let length = random(200);
            let input: Vec<u8> = (0..length).map(|_| bytes[from + random(bytes.len() - from)]).collect();
            let dialect = CsvDialect { separator: [b',', b';'][random(2)], quotes: random(4) > 0 };
            let mut plain = Separators::default();
            scalar(&input, dialect, &mut plain);
            for level in SimdLevel::all() {
                let (mut found, mut positions, mut expected) =
                    (Separators::default(), Vec::new(), Vec::new());
                found.find_with(level, &input, dialect);
                assert_eq!(found, plain, "{level:?}: {input:?} {dialect:?}");
                let count = level.positions(&found.fields, &mut positions);
                let of_plain = SimdLevel::Plain.positions(&plain.fields, &mut expected);
                assert_eq!(positions[1..=count], expected[1..=of_plain], "{level:?}: {input:?}");
                assert_eq!(level.count_ones(&found.fields), count, "{level:?}: {input:?}");
            }
        }
    }

    /// The first of two bytes is found wherever it is, and no byte is taken for another.
    #[test]
    fn the_first_of_two_bytes_is_found() {
        for (other, filling) in
            (0..=u8::MAX).flat_map(|byte| [0, b'"' - 1, 0x7F, 0xFF].map(|filling| (byte, filling)))
        {
            for at in 0..16 {
                let mut bytes = [filling; 16];
                bytes[at] = other;
                bytes[15] = if at % 2 == 0 { b'\\' } else { bytes[15] };
                let by_hand = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
                for first_of in [super::first_of, super::scalar::first_of] {
                    assert_eq!(first_of(&bytes, b'"', b'\\'), by_hand, "{bytes:?}");
                }
            }
        }
    }
}
