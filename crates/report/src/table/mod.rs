//! The one model of a table: typed columns and values that a terminal, Markdown, CSV, and a workbook each show in their way.

mod csv;
mod markdown;
mod terminal;

use std::borrow::Cow;

use mucalc_core::domain::period::Day;
use mucalc_core::domain::text::thousands;
use mucalc_core::domain::verdict::Verdict;

/// A table of a document.
pub struct Table<'t> {
    /// The title, which is the name of the sheet in a workbook.
    pub title: Cow<'t, str>,
    /// The columns.
    pub columns: Vec<Column<'t>>,
    /// The rows, made one by one: those of a large ledger would fill the memory.
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
    /// A text, which stays one even if it looks like a number or a formula; a line break separates lines.
    Text(String),
    /// A number as it is written, such as `3–5` or `-2`.
    Number(String),
    /// A count.
    Count(u64),
    /// A count that may be missing.
    Maybe(Option<u64>),
    /// A percentage as it is written, without a sign; `None` if it cannot be calculated.
    Percent(Option<String>),
    /// A day; `None` if it is unknown.
    Day(Option<Day>),
    /// A row of signs that is no text.
    Picture(String),
    /// A result, in its color.
    Result(Verdict, String),
}

impl<'t> Table<'t> {
    /// Makes a table.
    pub fn new(
        title: impl Into<Cow<'t, str>>,
        columns: Vec<Column<'t>>,
        rows: impl Iterator<Item = Vec<Value>> + 't,
    ) -> Self {
        Self { title: title.into(), columns, rows: Box::new(rows) }
    }
}

impl<'t> Column<'t> {
    /// Makes a column of texts.
    pub fn text(heading: impl Into<Cow<'t, str>>) -> Self {
        Self { heading: heading.into(), ..Self::default() }
    }

    /// Makes a column of numbers.
    pub fn number(heading: impl Into<Cow<'t, str>>) -> Self {
        Self { is_number: true, ..Self::text(heading) }
    }

    /// Makes the columns of a CSV file from their names.
    pub fn names(names: impl IntoIterator<Item = &'t str>) -> Vec<Self> {
        names.into_iter().map(Self::text).collect()
    }

    /// Makes the columns of a sheet from their headings and widths.
    pub fn sheet(columns: &[(&'t str, u16)]) -> Vec<Self> {
        columns.iter().map(|(heading, width)| Self { width: *width, ..Self::text(*heading) }).collect()
    }

    /// Lets a narrow terminal leave the column out.
    pub fn spare(self) -> Self {
        Self { is_spare: true, ..self }
    }
}

impl Value {
    /// Makes a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Returns the value as a person reads it; a day is `YYYY-MM-DD`.
    fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Picture(text) => text.into(),
            Self::Result(_, text) | Self::Percent(Some(text)) => text.into(),
            Self::Count(count) | Self::Maybe(Some(count)) => thousands(*count).into(),
            Self::Day(Some(day)) => day.to_string().into(),
            Self::Maybe(None) | Self::Percent(None) | Self::Day(None) => "".into(),
        }
    }
}
