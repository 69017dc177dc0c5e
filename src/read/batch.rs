//! Rows of a format that is no text: their cells as text, with the line or row that each stands on.

use std::borrow::Cow;

/// Some rows of an input.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// One entry a column; none for one that is not looked at.
    pub columns: Vec<Option<Cells>>,
    /// The line of each row.
    pub lines: Vec<u64>,
    /// The lines of rows that have more cells than columns.
    pub ragged: Vec<u64>,
}

/// The cells of a column.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Cells {
    /// Goes on with the text of the cell that is being written.
    #[inline]
    pub fn write(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Ends the cell.
    #[inline]
    pub fn end(&mut self) {
        self.ends.push(self.text.len());
    }

    /// Begins the last cell again where it ended, to go on with it.
    pub fn reopen(&mut self) {
        self.ends.pop();
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    fn get(&self, row: usize) -> &str {
        let begin = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.text[begin..self.ends[row]]
    }
}

impl Batch {
    /// No rows yet, of so many cells each.
    pub fn new(width: usize) -> Self {
        Self { columns: vec![Some(Cells::default()); width], ..Self::default() }
    }

    /// Adds a row, which stands on this line; cells that it lacks are empty.
    pub fn add_row(&mut self, line: u64, cells: &[String]) {
        if cells.iter().skip(self.columns.len()).any(|cell| !cell.trim().is_empty()) {
            return self.ragged.push(line);
        }
        for (column, cell) in self.columns.iter_mut().enumerate() {
            if let Some(column_cells) = cell {
                column_cells.write(cells.get(column).map_or("", String::as_str));
                column_cells.end();
            }
        }
        self.lines.push(line);
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.ragged.is_empty()
    }

    /// The line of a row, and its cells in a vector that is filled anew.
    #[inline]
    pub fn row<'b>(&'b self, row: usize, cells: &mut Vec<Cow<'b, str>>) -> u64 {
        cells.clear();
        cells.extend(
            self.columns
                .iter()
                .map(|column| Cow::Borrowed(column.as_ref().map_or("", |cells| cells.get(row)))),
        );
        self.lines[row]
    }
}
