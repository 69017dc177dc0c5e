//! The line on which a record starts, counted only where somebody asks.

use std::cell::Cell;

/// The lines of a block.
pub struct Lines<'b> {
    bytes: &'b [u8],
    first: u64,
    /// The last position asked for, and its line.
    known: Cell<(usize, u64)>,
}

/// The line of a record.
#[derive(Clone, Copy)]
pub struct Line<'b> {
    lines: &'b Lines<'b>,
    position: usize,
}

impl<'b> Lines<'b> {
    /// The lines of bytes that begin on this one.
    pub fn new(bytes: &'b [u8], first: u64) -> Self {
        Self { bytes, first, known: Cell::new((0, first)) }
    }

    /// The line of a position.
    pub fn at(&'b self, position: usize) -> Line<'b> {
        Line { lines: self, position }
    }
}

impl Line<'_> {
    /// The line, counted from 1. Asked in the order of the input, all answers together cost one pass.
    pub fn number(&self) -> u64 {
        let (mut from, mut line) = self.lines.known.get();
        if self.position < from {
            (from, line) = (0, self.lines.first);
        }
        let between = &self.lines.bytes[from..self.position];
        line += between.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.lines.known.set((self.position, line));
        line
    }
}
