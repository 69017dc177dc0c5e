//! Rows of a format that is no text: their cells as text, with the line or row that each stands on.

use std::borrow::Cow;
use std::sync::Arc;

use crate::layout::separators::{BETWEEN, guarded};
use mucalc_core::domain::finding::FindingCode;

/// Some rows of an input.
#[derive(Clone, Debug, Default)]
pub struct RowBatch {
    /// One entry a column; none for one that is not looked at.
    pub columns: Vec<Option<ColumnCells>>,
    /// The line of each row.
    pub lines: Vec<u64>,
    /// The lines of rows that have more cells than columns.
    pub ragged: Vec<u64>,
    /// The lines of rows that have nothing but formulas without a stored value.
    pub valueless: Vec<u64>,
    /// What the reader of the format noticed, each with its line and, where one is meant, its column.
    pub noticed: Vec<(FindingCode, u64, Option<usize>)>,
}

/// The cells of a column.
#[derive(Clone, Debug)]
pub enum ColumnCells {
    /// Each has a text of its own.
    Own(StringColumn),
    /// Each has a text of a list, given by its place there.
    Listed(Arc<StringColumn>, Vec<u32>),
}

/// Texts, one behind the other.
#[derive(Clone, Debug, Default)]
pub struct StringColumn {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl StringColumn {
    /// Texts that stand one behind the other in bytes, each up to one of the `ends`; none where one is not UTF-8.
    pub fn new(bytes: Vec<u8>, ends: Vec<usize>) -> Option<Self> {
        let text = String::from_utf8(bytes).ok()?;
        // Two halves of a letter in neighbours would be no fault in the whole.
        let is_whole = ends.iter().all(|end| text.is_char_boundary(*end));
        is_whole.then(|| Self { text, ends }.guarded())
    }

    /// The same texts, in which no sign can be taken for one that stands between values.
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

    /// Goes on with the text that is being written.
    #[inline]
    pub fn write(&mut self, text: &str) {
        self.text.push_str(&guarded(text));
    }

    /// Begins another value of the same cell.
    pub fn separate(&mut self) {
        self.text.push(BETWEEN);
    }

    /// Ends the text.
    #[inline]
    pub fn end(&mut self) {
        self.ends.push(self.text.len());
    }

    /// Begins the last text again where it ended, to go on with it.
    pub fn reopen(&mut self) {
        self.ends.pop();
    }

    /// Adds texts behind these.
    pub fn append(&mut self, more: &Self) {
        let before = self.text.len();
        self.text.push_str(&more.text);
        self.ends.extend(more.ends.iter().map(|end| before + end));
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// One of the texts.
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        let begin = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[begin..self.ends[at]]
    }
}

impl ColumnCells {
    /// Whether a cell may have several values.
    fn may_be_several(&self) -> bool {
        let texts = match self {
            ColumnCells::Own(texts) => texts,
            ColumnCells::Listed(list, _) => list,
        };
        texts.text.contains(BETWEEN)
    }

    #[inline]
    fn get(&self, row: usize) -> &str {
        match self {
            ColumnCells::Own(texts) => texts.get(row),
            ColumnCells::Listed(list, places) => list.get(places[row] as usize),
        }
    }
}

impl RowBatch {
    /// No rows yet, of so many cells each.
    pub fn new(width: usize) -> Self {
        Self { columns: vec![Some(ColumnCells::Own(StringColumn::default())); width], ..Self::default() }
    }

    /// Adds a row, which stands on this line; cells that it lacks are empty.
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

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.ragged.is_empty() && self.valueless.is_empty()
    }

    /// Whether a cell of these columns may have several values.
    pub fn may_have_several(&self, columns: &[usize]) -> bool {
        columns.iter().any(|column| self.columns[*column].as_ref().is_some_and(ColumnCells::may_be_several))
    }

    /// A cell; empty in a column that is not looked at.
    #[inline]
    pub fn cell(&self, column: usize, row: usize) -> &str {
        self.columns[column].as_ref().map_or("", |cells| cells.get(row))
    }

    /// The cells of a row, in a vector that is filled anew.
    #[inline]
    pub fn row<'b>(&'b self, row: usize, cells: &mut Vec<Cow<'b, str>>) {
        cells.clear();
        cells.extend((0..self.columns.len()).map(|column| Cow::Borrowed(self.cell(column, row))));
    }
}
