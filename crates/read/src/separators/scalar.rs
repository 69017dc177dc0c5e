//! Which separators and line feeds of a buffer separate fields and records, and which are text inside quotes.
//!
//! A quotation mark opens a quoted field only where a field begins; inside one, two marks are a mark and a single mark
//! closes it; anywhere else a mark is text. Only what is outside quotes separates.

use crate::separators::simd::SimdLevel;
use crate::separators::{BlockFlags, CsvDialect, Separators};

impl Separators {
    /// Looks at a buffer that starts with a record.
    pub fn find(&mut self, bytes: &[u8], dialect: CsvDialect) {
        self.find_by(SimdLevel::best(), bytes, dialect);
    }

    /// The same in a way that the machine has; all ways find the same.
    pub fn find_by(&mut self, way: SimdLevel, bytes: &[u8], dialect: CsvDialect) {
        self.seen = BlockFlags::default();
        // Counting marks finds what separates only where every mark is where the standard has it.
        if !way.find(bytes, dialect, self) || self.seen.stray_quote {
            scalar(bytes, dialect, self);
        }
    }
}

/// Where the quoted field opens in which a buffer ends that starts with a record; none where it ends in none.
pub fn open_quote(bytes: &[u8], dialect: CsvDialect) -> Option<usize> {
    let mut state = QuoteState::FieldStart;
    let mut opened = 0;
    for (position, byte) in bytes.iter().enumerate() {
        let next = state.after(*byte, dialect);
        if state == QuoteState::FieldStart && next == QuoteState::Quoted {
            opened = position;
        }
        state = next;
    }
    (state == QuoteState::Quoted).then_some(opened)
}

/// One byte after the other: exact whatever the marks are, and the judge of the quick way.
pub fn scalar(bytes: &[u8], dialect: CsvDialect, separators: &mut Separators) {
    separators.clear();
    let mut state = QuoteState::FieldStart;
    for (word, chunk) in bytes.chunks(64).enumerate() {
        let (mut fields, mut records, mut quoted) = (0u64, 0u64, 0u64);
        for (bit, byte) in chunk.iter().enumerate() {
            // A carriage return may stand between a closing mark and the line feed.
            let ends_line =
                *byte == b'\r' && bytes.get(word * 64 + bit + 1).is_none_or(|next| *next == b'\n');
            let next = state.after(*byte, dialect);
            if next == QuoteState::FieldStart {
                fields |= 1 << bit;
                records |= u64::from(*byte == b'\n') << bit;
            }
            separators.seen.stray_quote |= dialect.quotes && state == QuoteState::Unquoted && *byte == b'"'
                || state == QuoteState::QuoteInQuoted && next == QuoteState::Unquoted && !ends_line;
            separators.seen.line_feeds += u64::from(*byte == b'\n');
            quoted |= u64::from(*byte == b'\n' && next != QuoteState::FieldStart) << bit;
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
enum QuoteState {
    FieldStart,
    Unquoted,
    Quoted,
    /// Behind a mark inside quotes: it closes the field, unless another one follows.
    QuoteInQuoted,
}

impl QuoteState {
    fn after(self, byte: u8, dialect: CsvDialect) -> Self {
        match (self, byte) {
            (QuoteState::FieldStart | QuoteState::QuoteInQuoted, b'"') if dialect.quotes => {
                QuoteState::Quoted
            }
            (QuoteState::Quoted, b'"') => QuoteState::QuoteInQuoted,
            (QuoteState::Quoted, _) => QuoteState::Quoted,
            (_, b'\n') => QuoteState::FieldStart,
            (_, byte) if byte == dialect.separator => QuoteState::FieldStart,
            _ => QuoteState::Unquoted,
        }
    }
}
