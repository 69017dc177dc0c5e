//! Rows of a format that is no text: their cells as text, with the line or row that each stands on.

use std::borrow::Cow;

/// Some rows of an input.
#[derive(Clone, Debug)]
pub struct Batch {
    width: usize,
    text: String,
    /// Where each cell ends, row by row.
    ends: Vec<usize>,
    lines: Vec<u64>,
}

impl Batch {
    /// No rows yet, of so many cells each.
    pub fn new(width: usize) -> Self {
        Self { width, text: String::new(), ends: Vec::new(), lines: Vec::new() }
    }

    /// Adds the next cell of a row.
    pub fn cell(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// Ends a row, which stands on this line; cells that were not added are empty.
    pub fn end_row(&mut self, line: u64) {
        self.lines.push(line);
        self.ends.resize(self.lines.len() * self.width, self.text.len());
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The line of a row, and its cells.
    pub fn row(&self, row: usize) -> (u64, Vec<Cow<'_, str>>) {
        let first = row * self.width;
        let begin = |cell: usize| if cell == 0 { 0 } else { self.ends[cell - 1] };
        let cell = |cell: usize| Cow::Borrowed(&self.text[begin(cell)..self.ends[cell]]);
        (self.lines[row], (first..first + self.width).map(cell).collect())
    }
}
