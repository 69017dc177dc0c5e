//! What an export is found to be: what `mucalc inspect` shows.

use schemars::JsonSchema;
use serde::Serialize;

/// What an export is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Inspection {
    /// The path as given.
    pub path: String,
    /// The format, in words.
    pub format: String,
    /// What it is packed in: `none`, `gzip`, `Zstandard` or `zip`.
    pub packing: String,
    /// How its text is encoded; `windows-1252` where it is no UTF-8 and nothing else was declared, which is a guess.
    pub encoding: String,
    /// The sheets of a workbook, in their order; empty where it is none.
    pub sheets: Vec<SheetListed>,
    /// Bytes read.
    pub bytes: u64,
    /// Rows, without the header.
    pub rows: u64,
    /// Rows with more or fewer fields than the header, and lines that are no objects.
    pub rejected: u64,
    /// The layout that fits best; null where none has anything for it.
    pub layout: Option<LayoutMatch>,
    /// Other layouts that it fits.
    pub others: Vec<LayoutMatch>,
    /// The columns of the export that are read.
    pub columns: Vec<ColumnSummary>,
    /// Its other columns.
    pub unread: Vec<String>,
    /// Columns of ours for which it has nothing.
    pub absent: Vec<String>,
    /// What cannot be told from it, and what else to know: one sentence each.
    pub notes: Vec<String>,
}

/// A sheet of a workbook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SheetListed {
    /// Its name.
    pub name: String,
    /// Rows that are not blank, without the header.
    pub rows: u64,
    /// Whether it is hidden; such a sheet is read only if a layout names it.
    pub hidden: bool,
    /// Whether it has cells; a chart has none.
    pub cells: bool,
    /// Whether it is the one that is shown here.
    pub read: bool,
}

/// How well an export fits a layout.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FitOf")]
pub struct LayoutMatch {
    /// The layout.
    pub name: String,
    /// As what: `encounters`, `messages`, `accesses`, `roster`, `counties` or `adjudications`.
    pub kind: String,
    /// How many of the columns that the layout looks at are there.
    pub found: usize,
    /// How many it looks at.
    pub wanted: usize,
    /// Required columns of ours that nothing is there for.
    pub missing: Vec<String>,
}

/// What stands in a column of the export.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Seen")]
pub struct ColumnSummary {
    /// The column of the export.
    pub column: String,
    /// The columns of ours that are read from it.
    pub ours: Vec<String>,
    /// Rows in which it is not empty.
    pub filled: u64,
    /// For a column with a list of words, the words and what they mean.
    pub words: Vec<ValueCount>,
    /// Whether it should have words and has so many different texts that they are none.
    pub is_free: bool,
    /// For days and times, the shapes that they are written in: digits as 9, letters as A.
    pub shapes: Vec<DateShapeCount>,
    /// For days and times, how many can be read.
    pub readable: Option<u64>,
    /// Of these, how many name a zone.
    pub zoned: Option<u64>,
    /// The first day; of times with a zone the day in UTC.
    pub first: Option<String>,
    /// The last day.
    pub last: Option<String>,
}

/// A word of the export.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WordSeen")]
pub struct ValueCount {
    /// The word as it stands.
    pub word: String,
    /// In how many rows.
    pub rows: u64,
    /// What it means in ours; null where nothing says so, so that it is read as `unknown`.
    pub means: Option<String>,
    /// A word of ours that it is like, where it means nothing; null where there is none. It is not read so.
    pub like: Option<String>,
}

/// A shape of days or times.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ShapeSeen")]
pub struct DateShapeCount {
    /// The shape.
    pub shape: String,
    /// In how many rows.
    pub rows: u64,
}
