//! Why an input cannot be used at all: with its place and what to do next, and never with a cell's value.

use std::fmt;
use std::io;

use crate::domain::place::Place;
use crate::read::split::Limits;

/// An input that cannot be used.
#[derive(Clone, Debug)]
pub struct InputError {
    /// Where.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}

/// Why an input cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is there.
    NotFound,
    /// A pattern that no file matches.
    NoMatch,
    /// A directory is there.
    Directory,
    /// The system refuses to read it, in its own words.
    Unreadable(String),
    /// There is not even a header.
    Empty,
    /// It begins with the byte order mark of UTF-16.
    Utf16,
    /// Its lines end with a carriage return alone.
    CarriageReturns,
    /// The header is one column with this other separator in it.
    Separator(char),
    /// It begins like a file of this compressed format.
    Compressed(&'static str),
    /// Columns that must be there are not; with names in the header that look like them.
    MissingColumns(Vec<(String, Option<String>)>),
    /// A column stands twice in the header.
    DoubledColumn,
    /// A NUL byte.
    NulByte,
    /// Bytes that are not UTF-8 in a column that is used.
    NotUtf8,
    /// A quoted field that is never closed; the place is the line on which it opens.
    UnclosedQuote,
    /// A record longer than this many bytes; the place is the line on which it starts.
    RecordTooLong {
        /// The cap.
        bytes: usize,
        /// The line of a quoted field that is still open there.
        quote_line: Option<u64>,
    },
    /// A time with a zone, and no zone for the practice.
    ZoneNeeded,
    /// The run was ended from outside.
    Interrupted,
}

impl Reason {
    /// One of each, for the documentation.
    pub fn all() -> Vec<Reason> {
        vec![
            Reason::NotFound,
            Reason::NoMatch,
            Reason::Directory,
            Reason::Unreadable("permission denied".to_owned()),
            Reason::Empty,
            Reason::Utf16,
            Reason::CarriageReturns,
            Reason::Separator(';'),
            Reason::Compressed("gzip"),
            Reason::MissingColumns(vec![("patient_id".to_owned(), None)]),
            Reason::DoubledColumn,
            Reason::NulByte,
            Reason::NotUtf8,
            Reason::UnclosedQuote,
            Reason::RecordTooLong { bytes: Limits::default().record_bytes, quote_line: None },
            Reason::ZoneNeeded,
            Reason::Interrupted,
        ]
    }
}

impl InputError {
    /// The error of opening or reading a file.
    pub fn io(file: &str, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => Reason::NotFound,
            io::ErrorKind::IsADirectory => Reason::Directory,
            _ => Reason::Unreadable(error.to_string()),
        };
        Self { place: Place::file(file), reason }
    }

    /// The word for scripts.
    pub fn code(&self) -> &'static str {
        match self.reason {
            Reason::NotFound => "not-found",
            Reason::NoMatch => "no-match",
            Reason::Directory => "is-a-directory",
            Reason::Unreadable(_) => "unreadable",
            Reason::Empty => "empty-input",
            Reason::Utf16 => "utf-16",
            Reason::CarriageReturns => "carriage-returns",
            Reason::Separator(_) => "separator",
            Reason::Compressed(_) => "compressed",
            Reason::MissingColumns(_) => "missing-column",
            Reason::DoubledColumn => "doubled-column",
            Reason::NulByte => "nul-byte",
            Reason::NotUtf8 => "not-utf-8",
            Reason::UnclosedQuote => "unclosed-quote",
            Reason::RecordTooLong { .. } => "record-too-long",
            Reason::ZoneNeeded => "timezone-needed",
            Reason::Interrupted => "interrupted",
        }
    }

    /// What is wrong and what to do next, without the place.
    pub fn advice(&self) -> String {
        match &self.reason {
            Reason::NotFound => "there is no such file; check the path, which is taken from the working directory".into(),
            Reason::NoMatch => {
                "no file matches this pattern; check it, and that it is taken from the working directory".into()
            }
            Reason::Directory => "this is a directory; name the files in it, or a pattern such as `exports/*.csv`".into(),
            Reason::Unreadable(why) => format!("cannot be read: {why}"),
            Reason::Empty => "the input is empty; a header line with column names is needed at least".into(),
            Reason::Utf16 => "this is UTF-16 text; save it as UTF-8 (in Excel: `CSV UTF-8`)".into(),
            Reason::CarriageReturns => {
                "the lines end with carriage returns alone; save the file with LF or CRLF line ends".into()
            }
            Reason::Separator(separator) => {
                let name = match separator {
                    '\t' => "tabs",
                    ';' => "semicolons",
                    _ => "vertical bars",
                };
                format!("the columns are separated by {name}; export the file with commas")
            }
            Reason::Compressed(format) => format!("this is a {format} file; decompress it first"),
            Reason::MissingColumns(columns) => missing_columns(columns),
            Reason::DoubledColumn => "the header names this column twice; rename or remove one of them".into(),
            Reason::NulByte => "there is a NUL byte here, so this is not a text file; export it again as CSV in UTF-8".into(),
            Reason::NotUtf8 => "the text here is not UTF-8; save the file as UTF-8".into(),
            Reason::UnclosedQuote => {
                "a quotation mark opens a field here and none closes it before the input ends; close or double it".into()
            }
            Reason::RecordTooLong { bytes, quote_line } => {
                let size = bytes.div_ceil(1 << 20);
                let quote = quote_line.map_or(String::new(), |line| {
                    format!("; a quotation mark that opens on line {line} may never be closed")
                });
                format!("the row that starts here is longer than {size} MiB{quote}")
            }
            Reason::ZoneNeeded => {
                "this time has a zone, so the practice's own zone is needed to know its day; add --timezone, for example --timezone America/New_York".into()
            }
            Reason::Interrupted => "interrupted; nothing was written".into(),
        }
    }
}

fn missing_columns(columns: &[(String, Option<String>)]) -> String {
    let names: Vec<_> = columns.iter().map(|(name, _)| format!("`{name}`")).collect();
    let hints: Vec<_> =
        columns.iter().filter_map(|(_, like)| like.as_ref().map(|like| format!("`{like}`"))).collect();
    let noun = if names.len() == 1 { "column" } else { "columns" };
    let hint = if hints.is_empty() {
        "; rename the columns of the export to ours".to_owned()
    } else {
        format!("; it has {}, but names must be exact", hints.join(", "))
    };
    format!("the header has no {noun} {}{hint}", names.join(", "))
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.advice())
    }
}

impl std::error::Error for InputError {}
