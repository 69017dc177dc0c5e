//! Where the fields and records of a buffer end: one bit a byte.

pub mod scalar;
pub mod simd;

use std::ops::Range;

/// How the fields of a text are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvDialect {
    /// The byte between two fields of a record.
    pub separator: u8,
    /// Whether quotation marks quote; else they are text, and no separator can be part of a field.
    pub quotes: bool,
}

impl Default for CsvDialect {
    fn default() -> Self {
        Self { separator: b',', quotes: true }
    }
}

/// What separates the fields and records of a buffer that starts with a record: one bit a byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Separators {
    /// Separators and line feeds that separate.
    pub fields: Vec<u64>,
    /// Of these, the line feeds.
    pub records: Vec<u64>,
    /// Line feeds inside quotes, which separate nothing.
    pub quoted: QuotedFeeds,
    /// What was seen on the way.
    pub seen: BlockFlags,
}

/// Line feeds inside quotes: of the words that have any, the position and the bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuotedFeeds(Vec<(u32, u64)>);

impl QuotedFeeds {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Notes those of a word. Few words have any, so that the loop which finds them is not to be burdened with it.
    #[cold]
    #[inline(never)]
    pub(super) fn note(&mut self, word: usize, bits: u64) {
        self.0.push((word as u32, bits));
    }
}

/// What was seen in a buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockFlags {
    /// Bytes beyond ASCII.
    pub beyond_ascii: bool,
    /// NUL bytes.
    pub nul: bool,
    /// Quotation marks where the standard has none.
    pub stray_quote: bool,
    /// How many line feeds there are, also inside quotes.
    pub line_feeds: u64,
}

impl Separators {
    /// Whether a record ends at a position.
    #[inline(always)]
    pub fn ends_record(&self, position: u32) -> bool {
        self.records[position as usize / 64] >> (position % 64) & 1 == 1
    }

    /// Where the last whole record ends; 0 where there is none.
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

    /// Returns the field around a position that separates nothing; it ends at the end of the buffer if no separator follows.
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
