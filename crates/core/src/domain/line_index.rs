//! The line on which a record starts, counted only when it is needed.

use std::cell::Cell;

/// The lines of a block of input.
pub struct LineIndex<'b> {
    bytes: &'b [u8],
    first: u64,
    /// The last position that was looked up, and its line.
    known: Cell<(usize, u64)>,
}

/// The line of a record.
#[derive(Clone, Copy)]
pub enum LazyLine<'b> {
    /// The line of a position in a block.
    At(&'b LineIndex<'b>, usize),
    /// A known line.
    Known(u64),
}

impl<'b> LineIndex<'b> {
    /// Builds the index of bytes whose first line is `first`.
    pub fn new(bytes: &'b [u8], first: u64) -> Self {
        Self { bytes, first, known: Cell::new((0, first)) }
    }

    /// Returns the line of a position, without counting it yet.
    pub fn line(&'b self, position: usize) -> LazyLine<'b> {
        LazyLine::At(self, position)
    }
}

impl LazyLine<'_> {
    /// Returns the line, counted from 1.
    ///
    /// If lines are looked up in input order, all lookups together cost one pass.
    pub fn number(&self) -> u64 {
        let (lines, position) = match *self {
            LazyLine::Known(line) => return line,
            LazyLine::At(lines, position) => (lines, position),
        };
        let (mut from, mut line) = lines.known.get();
        if position < from {
            (from, line) = (0, lines.first);
        }
        line += line_feeds(&lines.bytes[from..position]);
        lines.known.set((position, line));
        line
    }
}

/// Counts line feeds, in sums of a byte, so that many bytes are compared at once.
fn line_feeds(bytes: &[u8]) -> u64 {
    bytes
        .chunks(128)
        .map(|bytes| u64::from(bytes.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>()))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each position has its line in any order of lookups.
    #[test]
    fn the_order_of_questions_changes_no_answer() {
        let bytes = b"a\nbc\n\n\"d\ne\"\nf";
        for first in 0..bytes.len() {
            for second in 0..bytes.len() {
                let lines = LineIndex::new(bytes, 7);
                let by_hand =
                    |at: usize| 7 + bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64;
                let told = [first, second, first].map(|at| lines.line(at).number());
                assert_eq!(told, [first, second, first].map(by_hand));
            }
        }
    }
}
