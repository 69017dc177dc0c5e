//! Rows of formats that are not text: their cells as text, and the line or row number of each.

use std::borrow::Cow;
use std::sync::Arc;

use crate::format::time_column::TimeColumn;
use crate::layout::separators::{BETWEEN, guarded};
use mucalc_core::domain::finding::FindingCode;

/// A batch of rows of an input.
#[derive(Clone, Debug, Default)]
pub struct RowBatch {
    /// One entry per column, or `None` for a column that is not read.
    pub columns: Vec<Option<ColumnCells>>,
    /// Line of each row.
    pub lines: Vec<u64>,
    /// Lines of rows with more cells than columns.
    pub ragged: Vec<u64>,
    /// Lines of rows with only formulas without a stored value.
    pub valueless: Vec<u64>,
    /// Lines of totals, which may be named in a column that is not read.
    pub totals: Vec<u64>,
    /// Findings of the format's reader, each with its line and, if it has one, its column.
    pub noticed: Vec<(FindingCode, u64, Option<usize>)>,
}

/// The cells of a column.
#[derive(Clone, Debug)]
pub enum ColumnCells {
    /// Each cell has a text of its own.
    Own(StringColumn),
    /// Each cell has a text of a dictionary, by its index.
    Listed(Arc<StringColumn>, Vec<u32>),
    /// Each cell is a day or a local time.
    Times(TimeColumn),
}

/// Texts, stored one after another.
#[derive(Clone, Debug, Default)]
pub struct StringColumn {
    text: String,
    /// End of each text, in bytes.
    ends: Vec<usize>,
}

impl StringColumn {
    /// Builds texts from bytes in which each ends at one of the `ends`. Returns `None` if one is not UTF-8.
    pub fn new(bytes: Vec<u8>, ends: Vec<usize>) -> Option<Self> {
        let text = String::from_utf8(bytes).ok()?;
        // A character split between adjacent texts would be valid only in the whole.
        let is_whole = ends.iter().all(|end| text.is_char_boundary(*end));
        is_whole.then(|| Self { text, ends }.guarded())
    }

    /// Returns the texts with separators replaced, so that none is taken for one between values.
    fn guarded(self) -> Self {
        if matches!(guarded(&self.text), Cow::Borrowed(_)) {
            return self;
        }
        let mut texts = Self::default();
        for at in 0..self.len() {
            texts.write(self.get(at));
            texts.end();
        }
        texts
    }

    /// Appends to the text being written.
    #[inline]
    pub fn write(&mut self, text: &str) {
        self.text.push_str(&guarded(text));
    }

    /// Starts another value of the same cell.
    pub fn separate(&mut self) {
        self.text.push(BETWEEN);
    }

    /// Ends the text.
    #[inline]
    pub fn end(&mut self) {
        self.ends.push(self.text.len());
    }

    /// Continues the last text after its end.
    pub fn resume_last(&mut self) {
        self.ends.pop();
    }

    /// Appends texts.
    pub fn append(&mut self, more: Self) {
        if self.ends.is_empty() {
            *self = more;
            return;
        }
        let before = self.text.len();
        self.text.push_str(&more.text);
        self.ends.extend(more.ends.iter().map(|end| before + end));
    }

    /// Returns all texts, one after another.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns a text.
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        let begin = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[begin..self.ends[at]]
    }
}

impl ColumnCells {
    /// Returns whether a cell may have several values.
    fn may_be_several(&self) -> bool {
        match self {
            ColumnCells::Own(texts) => texts.text.contains(BETWEEN),
            ColumnCells::Listed(list, _) => list.text.contains(BETWEEN),
            ColumnCells::Times(_) => false,
        }
    }

    /// Returns the text of a cell.
    #[inline]
    pub fn get(&self, row: usize) -> &str {
        match self {
            ColumnCells::Own(texts) => texts.get(row),
            ColumnCells::Listed(list, places) => list.get(places[row] as usize),
            ColumnCells::Times(times) => times.get(row),
        }
    }
}

impl RowBatch {
    /// Creates a batch without rows, for `width` cells per row.
    pub fn new(width: usize) -> Self {
        Self { columns: vec![Some(ColumnCells::Own(StringColumn::default())); width], ..Self::default() }
    }

    /// Adds a row on a line. Missing cells are empty. A row with too many cells is only recorded as ragged.
    pub fn add_row(&mut self, line: u64, cells: &[String]) {
        if cells.iter().skip(self.columns.len()).any(|cell| !cell.trim().is_empty()) {
            return self.ragged.push(line);
        }
        for (column, cell) in self.columns.iter_mut().enumerate() {
            if let Some(ColumnCells::Own(texts)) = cell {
                texts.write(cells.get(column).map_or("", String::as_str));
                texts.end();
            }
        }
        self.lines.push(line);
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Returns whether the batch has no rows. Ragged rows, rows with only formulas, and totals count as rows here.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.ragged.is_empty() && self.valueless.is_empty() && self.totals.is_empty()
    }

    /// Returns whether a cell of these columns may have several values.
    pub fn may_be_multivalued(&self, columns: &[usize]) -> bool {
        columns.iter().any(|column| self.columns[*column].as_ref().is_some_and(ColumnCells::may_be_several))
    }

    /// Returns a cell, which is empty if the column is not read.
    #[inline]
    pub fn cell(&self, column: usize, row: usize) -> &str {
        self.columns[column].as_ref().map_or("", |cells| cells.get(row))
    }

    /// Puts the cells of a row in a vector, and replaces its contents.
    #[inline]
    pub fn row<'b>(&'b self, row: usize, cells: &mut Vec<Cow<'b, str>>) {
        cells.clear();
        cells.extend((0..self.columns.len()).map(|column| Cow::Borrowed(self.cell(column, row))));
    }
}
