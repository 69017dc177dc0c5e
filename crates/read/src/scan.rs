//! Which separators and line feeds of a buffer separate fields and records, and which are text inside quotes.
//!
//! A quotation mark opens a quoted field only where a field begins; inside one, two marks are a mark and a single mark
//! closes it; anywhere else a mark is text. Only what is outside quotes separates.

use crate::separators::{Dialect, Seen, Separators};
use crate::simd::Way;

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
