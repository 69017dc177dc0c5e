//! What `mucalc inspect` shows about an export.

use schemars::JsonSchema;
use serde::Serialize;

/// The format and the content of an export.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Inspection {
    /// The path as given.
    pub path: String,
    /// The format, as text.
    pub format: String,
    /// The compression: `none`, `gzip`, `Zstandard` or `zip`.
    pub packing: String,
    /// The encoding of the text; `windows-1252`, which is a guess, if the text is not UTF-8 and no other encoding was declared.
    pub encoding: String,
    /// The sheets of a workbook, in order; empty if the export is not a workbook.
    pub sheets: Vec<SheetListed>,
    /// The line of the header, or its row in a sheet, counted from 1; in JSON, the line of the first object.
    pub header: u64,
    /// What separates the columns of text; null in other formats.
    pub separator: Option<String>,
    /// Bytes read.
    pub bytes: u64,
    /// Rows, without the header.
    pub rows: u64,
    /// Rows with more or fewer fields than the header, and lines that are not JSON objects.
    pub rejected: u64,
    /// The best matching layout; null if no layout matches.
    pub layout: Option<LayoutMatch>,
    /// Other layouts that match the export.
    pub others: Vec<LayoutMatch>,
    /// The columns of the export that are read.
    pub columns: Vec<ColumnSummary>,
    /// The columns of the export that are not read.
    pub unread: Vec<String>,
    /// The contents of the columns that are not read.
    pub profiles: Vec<ColumnContent>,
    /// Columns whose ids are also in another of the inspected exports.
    pub overlaps: Vec<IdOverlap>,
    /// Canonical columns that the export does not provide.
    pub absent: Vec<String>,
    /// What the export does not show, and what else to know: one sentence each.
    pub notes: Vec<String>,
}

/// A sheet of a workbook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SheetListed {
    /// The name of the sheet.
    pub name: String,
    /// Rows that are not blank, without the header.
    pub rows: u64,
    /// Whether the sheet is hidden. A hidden sheet is read only if a layout names it.
    pub hidden: bool,
    /// Whether the sheet has cells. A chart has none.
    pub cells: bool,
    /// Whether this document shows the sheet.
    pub read: bool,
}

/// How well an export matches a layout.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FitOf")]
pub struct LayoutMatch {
    /// The layout.
    pub name: String,
    /// The role: `encounters`, `messages`, `accesses`, `roster`, `counties` or `adjudications`.
    pub kind: String,
    /// Columns of the layout that the export has.
    pub found: usize,
    /// Columns that the layout looks for.
    pub wanted: usize,
    /// Required canonical columns that the export does not provide.
    pub missing: Vec<String>,
}

/// The content of a column of the export.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Seen")]
pub struct ColumnSummary {
    /// The column of the export.
    pub column: String,
    /// The canonical columns that are read from it.
    pub ours: Vec<String>,
    /// Rows in which the column is not empty.
    pub filled: u64,
    /// For a column with a closed list, the values and what they mean.
    pub words: Vec<ValueCount>,
    /// Whether the column should have values of a closed list, but has too many different texts to be such a column.
    pub is_free: bool,
    /// For days and times, the shapes of the texts: digits as 9, letters as A.
    pub shapes: Vec<DateShapeCount>,
    /// For days and times, how many can be read.
    pub readable: Option<u64>,
    /// Of these, how many have a time zone.
    pub zoned: Option<u64>,
    /// The first day; for times with a zone, the day in UTC.
    pub first: Option<String>,
    /// The last day; for times with a zone, the day in UTC.
    pub last: Option<String>,
}

/// The contents of a column that is not read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ColumnContent {
    /// The column of the export.
    pub column: String,
    /// Rows in which the column is not empty.
    pub filled: u64,
    /// Different texts; an estimate, to a few percent, if there are more than a few thousand.
    pub distinct: u64,
    /// What the texts are.
    pub kind: ContentKind,
    /// For the values of a short list, the most frequent ones; only common terms of health records, which say nothing about a patient.
    pub words: Vec<WordCount>,
    /// For other texts, the most frequent shapes: digits as 9, letters as A.
    pub shapes: Vec<DateShapeCount>,
    /// For days and times, how they are written.
    pub dates: Option<DatesFound>,
}

/// What the texts of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContentKind {
    /// The column is empty.
    Empty,
    /// Days or times.
    Days,
    /// Values of a short list.
    Words,
    /// Numbers, also of patients.
    Numbers,
    /// Other texts.
    Texts,
}

/// A value of a short list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WordCount {
    /// The value, as in the export.
    pub word: String,
    /// Rows with the value.
    pub rows: u64,
}

/// How the days and times of a column are written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DatesFound {
    /// The forms to declare in a layout, as `dates`; empty if no other forms than those that are always read occur.
    pub forms: Vec<String>,
    /// Rows that can be read, if these forms are declared.
    pub rows: u64,
    /// The first day.
    pub first: String,
    /// The last day.
    pub last: String,
    /// Whether the data settle the order of day and month. False if every date would also exist with the two exchanged, or if some dates
    /// exist only in the other order.
    pub settled: bool,
}

/// A column whose ids are also in another export.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct IdOverlap {
    /// The column of this export.
    pub column: String,
    /// The other export.
    pub other: String,
    /// The column of the other export.
    pub other_column: String,
    /// The share of the different ids of this column that are in the other one, in percent.
    pub percent: f64,
    /// The same, if leading zeros, letter case, a trailing `.0`, and a prefix such as `Patient/` make no difference.
    pub percent_folded: f64,
}

/// A value of the export.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WordSeen")]
pub struct ValueCount {
    /// The value, as in the export.
    pub word: String,
    /// Rows with the value.
    pub rows: u64,
    /// The canonical value; null if the value is not mapped, so that it is read as `unknown`.
    pub means: Option<String>,
    /// A similar canonical value, if the value is not mapped; null if no canonical value is similar. The value is not read as this one.
    pub like: Option<String>,
}

/// A shape of days or times.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ShapeSeen")]
pub struct DateShapeCount {
    /// The shape.
    pub shape: String,
    /// Rows with the shape.
    pub rows: u64,
}
