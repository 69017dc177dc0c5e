//! The formats of every document but the report.

/// A format of what is no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewFormat {
    /// For a terminal.
    Table,
    /// The whole model.
    Json,
}

/// A format of a list that is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// For a terminal.
    Table,
    /// The whole model.
    Json,
    /// Lines for a spreadsheet.
    Csv,
    /// Markdown.
    Md,
}

/// A format of a list that can be a workbook too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpreadsheetFormat {
    /// One of those above.
    Text(TextFormat),
    /// An Excel workbook.
    Xlsx,
}

impl ViewFormat {
    /// The words of `--format`.
    pub const WORDS: [&'static str; 2] = ["table", "json"];

    /// The format that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        let position = Self::WORDS.iter().position(|known| *known == word)?;
        Some([ViewFormat::Table, ViewFormat::Json][position])
    }
}

impl TextFormat {
    /// The words of `--format`.
    pub const WORDS: [&'static str; 4] = ["table", "json", "csv", "md"];

    /// The format that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        let formats = [TextFormat::Table, TextFormat::Json, TextFormat::Csv, TextFormat::Md];
        Self::WORDS.iter().position(|known| *known == word).map(|position| formats[position])
    }
}

impl SpreadsheetFormat {
    /// The words of `--format`.
    pub const WORDS: [&'static str; 5] = ["table", "json", "csv", "md", "xlsx"];

    /// The format that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        if word == "xlsx" { Some(Self::Xlsx) } else { TextFormat::parse(word).map(Self::Text) }
    }
}
