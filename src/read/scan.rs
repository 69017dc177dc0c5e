//! Which separators and line feeds of a buffer separate fields and records, and which are text inside quotes.
//!
//! A quotation mark opens a quoted field only where a field begins; inside one, two marks are a mark and a single mark
//! closes it; anywhere else a mark is text. Only what is outside quotes separates.

use std::ops::Range;

use crate::read::simd::Way;

/// How the fields of a text are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The byte between two fields of a record.
    pub separator: u8,
    /// Whether quotation marks quote; else they are text, and no separator can be part of a field.
    pub quotes: bool,
}

impl Default for Dialect {
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
    pub seen: Seen,
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
pub struct Seen {
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
    /// Looks at a buffer that starts with a record.
    pub fn find(&mut self, bytes: &[u8], dialect: Dialect) {
        self.find_by(Way::best(), bytes, dialect);
    }

    /// The same in a way that the machine has; all ways find the same.
    pub fn find_by(&mut self, way: Way, bytes: &[u8], dialect: Dialect) {
        self.seen = Seen::default();
        // Counting marks finds what separates only where every mark is where the standard has it.
        if !way.find(bytes, dialect, self) || self.seen.stray_quote {
            scalar(bytes, dialect, self);
        }
    }

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

    fn clear(&mut self) {
        self.fields.clear();
        self.records.clear();
        self.quoted.clear();
        self.seen = Seen::default();
    }
}

/// Where the quoted field opens in which a buffer ends that starts with a record; none where it ends in none.
pub fn open_quote(bytes: &[u8], dialect: Dialect) -> Option<usize> {
    let mut state = State::FieldStart;
    let mut opened = 0;
    for (position, byte) in bytes.iter().enumerate() {
        let next = state.after(*byte, dialect);
        if state == State::FieldStart && next == State::Quoted {
            opened = position;
        }
        state = next;
    }
    (state == State::Quoted).then_some(opened)
}

/// One byte after the other: exact whatever the marks are, and the judge of the quick way.
pub fn scalar(bytes: &[u8], dialect: Dialect, separators: &mut Separators) {
    separators.clear();
    let mut state = State::FieldStart;
    for (word, chunk) in bytes.chunks(64).enumerate() {
        let (mut fields, mut records, mut quoted) = (0u64, 0u64, 0u64);
        for (bit, byte) in chunk.iter().enumerate() {
            // A carriage return may stand between a closing mark and the line feed.
            let ends_line =
                *byte == b'\r' && bytes.get(word * 64 + bit + 1).is_none_or(|next| *next == b'\n');
            let next = state.after(*byte, dialect);
            if next == State::FieldStart {
                fields |= 1 << bit;
                records |= u64::from(*byte == b'\n') << bit;
            }
            separators.seen.stray_quote |= dialect.quotes && state == State::Unquoted && *byte == b'"'
                || state == State::QuoteInQuoted && next == State::Unquoted && !ends_line;
            separators.seen.line_feeds += u64::from(*byte == b'\n');
            quoted |= u64::from(*byte == b'\n' && next != State::FieldStart) << bit;
            separators.seen.nul |= *byte == 0;
            separators.seen.beyond_ascii |= !byte.is_ascii();
            state = next;
        }
        separators.fields.push(fields);
        separators.records.push(records);
        if quoted != 0 {
            separators.quoted.note(word, quoted);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Unquoted,
    Quoted,
    /// Behind a mark inside quotes: it closes the field, unless another one follows.
    QuoteInQuoted,
}

impl State {
    fn after(self, byte: u8, dialect: Dialect) -> Self {
        match (self, byte) {
            (State::FieldStart | State::QuoteInQuoted, b'"') if dialect.quotes => State::Quoted,
            (State::Quoted, b'"') => State::QuoteInQuoted,
            (State::Quoted, _) => State::Quoted,
            (_, b'\n') => State::FieldStart,
            (_, byte) if byte == dialect.separator => State::FieldStart,
            _ => State::Unquoted,
        }
    }
}
