//! The formats of every document but the report.

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetFormat {
    /// For a terminal.
    Table,
    /// The whole model.
    Json,
    /// Lines for a spreadsheet.
    Csv,
    /// Markdown.
    Md,
}

/// A format of what can be a workbook too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookFormat {
    /// One of those above.
    Sheet(SheetFormat),
    /// An Excel workbook.
    Xlsx,
}

impl BookFormat {
    /// The words of `--format`.
    pub const WORDS: [&'static str; 5] = ["table", "json", "csv", "md", "xlsx"];

    /// The format that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        if word == "xlsx" { Some(Self::Xlsx) } else { SheetFormat::parse(word).map(Self::Sheet) }
    }
}

impl SheetFormat {
    /// The words of `--format`.
    pub const WORDS: [&'static str; 4] = ["table", "json", "csv", "md"];

    /// The format that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        let formats = [SheetFormat::Table, SheetFormat::Json, SheetFormat::Csv, SheetFormat::Md];
        Self::WORDS.iter().position(|known| *known == word).map(|position| formats[position])
    }
}
