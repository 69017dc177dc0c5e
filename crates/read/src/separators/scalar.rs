//! Finds separators byte by byte where quoting is irregular, and defines what the vector code in `simd` must find.
//!
//! A quotation mark opens a quoted field only at the start of a field. Inside a quoted field, two marks stand for one mark, and a single
//! mark closes the field. Anywhere else a mark is text. Only separators and line feeds outside quotes separate.

use crate::separators::simd::SimdLevel;
use crate::separators::{BlockFlags, CsvDialect, Separators};

impl Separators {
    /// Finds the separators of a buffer that starts at a record boundary.
    pub fn find(&mut self, bytes: &[u8], dialect: CsvDialect) {
        self.find_with(SimdLevel::best(), bytes, dialect);
    }

    /// Finds the separators at a given level. All levels find the same ones; if the machine lacks the level, [`scalar`] finds them.
    pub fn find_with(&mut self, way: SimdLevel, bytes: &[u8], dialect: CsvDialect) {
        self.seen = BlockFlags::default();
        // The vector code counts quotation marks, which is exact only if every mark is where the CSV standard allows it.
        if !way.find(bytes, dialect, self) || self.seen.stray_quote {
            scalar(bytes, dialect, self);
        }
    }
}

/// Returns the position of the quotation mark that opens the last field of a buffer, or `None` if the buffer does not end inside quotes.
/// The buffer starts at a record boundary.
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

/// Finds separators byte by byte. This is exact wherever quotation marks are, so a test compares the vector code with it.
pub fn scalar(bytes: &[u8], dialect: CsvDialect, separators: &mut Separators) {
    separators.clear();
    let mut state = QuoteState::FieldStart;
    for (word, chunk) in bytes.chunks(64).enumerate() {
        let (mut fields, mut records, mut quoted) = (0u64, 0u64, 0u64);
        for (bit, byte) in chunk.iter().enumerate() {
            // A carriage return is allowed between a closing mark and the line feed.
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
    /// After a mark inside quotes, which closes the field unless another mark follows.
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

/// Returns the position of the first of two bytes among 16. Compares eight bytes at a time.
#[cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "the twin of `x86::first_of`"))]
#[inline(always)]
pub fn first_of(bytes: &[u8; 16], one: u8, other: u8) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // The lowest bit that is set belongs to the first byte that is zero.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    bytes.as_chunks::<8>().0.iter().enumerate().find_map(|(at, word)| {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ (ONES * u64::from(one))) | zeros(word ^ (ONES * u64::from(other)));
        (found != 0).then(|| 8 * at + found.trailing_zeros() as usize / 8)
    })
}
