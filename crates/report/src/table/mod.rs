//! The model of a table: typed columns and values, which are rendered for a terminal, Markdown, CSV, and workbooks.

mod csv;
mod markdown;
mod terminal;

pub use terminal::ascii_blocks;

use std::borrow::Cow;

use mucalc_core::domain::period::Day;
use mucalc_core::domain::text::with_commas;
use mucalc_core::domain::verdict::Verdict;

/// A table of a document.
pub struct Table<'t> {
    /// The title, which is the name of the sheet in a workbook.
    pub title: Cow<'t, str>,
    /// The columns.
    pub columns: Vec<Column<'t>>,
    /// The number of columns that remain visible in a workbook when a user scrolls to the right.
    pub fixed: u16,
    /// The rows, made one at a time, since those of a large ledger would fill the memory.
    pub rows: Box<dyn Iterator<Item = Vec<Value>> + 't>,
}

/// A column of a table.
#[derive(Clone, Debug, Default)]
pub struct Column<'t> {
    /// The heading; a name for programs in CSV.
    pub heading: Cow<'t, str>,
    /// Whether the values are numbers, which are aligned to the right.
    pub is_number: bool,
    /// Whether a terminal that is too narrow may leave the column out.
    pub is_spare: bool,
    /// The width in a workbook, in characters.
    pub width: u16,
}

/// A value in a table.
#[derive(Clone, Debug)]
pub enum Value {
    /// A text, which remains a text even if it looks like a number or a formula; `\n` separates lines.
    Text(String),
    /// A formatted number, such as `3–5` or `-2`.
    Number(String),
    /// A count.
    Count(u64),
    /// A count that may be missing.
    Maybe(Option<u64>),
    /// A formatted percentage without the percent sign; `None` if it cannot be calculated.
    Percent(Option<String>),
    /// A day; `None` if it is unknown.
    Day(Option<Day>),
    /// A chart made of characters.
    Picture(String),
    /// A result, which a terminal shows in color.
    Result(Verdict, String),
}

impl<'t> Table<'t> {
    /// Creates a table.
    pub fn new(
        title: impl Into<Cow<'t, str>>,
        columns: Vec<Column<'t>>,
        rows: impl Iterator<Item = Vec<Value>> + 't,
    ) -> Self {
        Self { title: title.into(), columns, fixed: 0, rows: Box::new(rows) }
    }

    /// Keeps the first columns visible in a workbook.
    pub fn fixed(self, columns: u16) -> Self {
        Self { fixed: columns, ..self }
    }
}

impl<'t> Column<'t> {
    /// Creates a column of texts.
    pub fn text(heading: impl Into<Cow<'t, str>>) -> Self {
        Self { heading: heading.into(), ..Self::default() }
    }

    /// Creates a column of numbers.
    pub fn number(heading: impl Into<Cow<'t, str>>) -> Self {
        Self { is_number: true, ..Self::text(heading) }
    }

    /// Creates the columns of a CSV file from their names.
    pub fn names(names: impl IntoIterator<Item = &'t str>) -> Vec<Self> {
        names.into_iter().map(Self::text).collect()
    }

    /// Creates the columns of a sheet from their headings and widths.
    pub fn sheet(columns: &[(&'t str, u16)]) -> Vec<Self> {
        columns.iter().map(|(heading, width)| Self { width: *width, ..Self::text(*heading) }).collect()
    }

    /// Marks the column as one that a narrow terminal may omit.
    pub fn spare(self) -> Self {
        Self { is_spare: true, ..self }
    }
}

impl Value {
    /// Creates a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Returns the value as people read it; days are `YYYY-MM-DD`.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Picture(text) => text.into(),
            Self::Result(_, text) | Self::Percent(Some(text)) => text.into(),
            Self::Count(count) | Self::Maybe(Some(count)) => with_commas(*count).into(),
            Self::Day(Some(day)) => day.to_string().into(),
            Self::Maybe(None) | Self::Percent(None) | Self::Day(None) => "".into(),
        }
    }
}
