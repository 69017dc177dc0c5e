//! Errors of inputs that cannot be used at all. Each has a location and advice, and never the value of a cell.

use std::fmt;
use std::io;

use crate::blocks::BlockLimits;
use crate::layout::matching::MatchScore;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{pluralize, with_commas};

/// An error of an input that cannot be used.
#[derive(Clone, Debug)]
pub struct InputError {
    /// Location in the input.
    pub place: SourceLocation,
    /// Reason.
    pub reason: InputErrorKind,
}

/// Why an input cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputErrorKind {
    /// The file does not exist.
    NotFound,
    /// No file matches the pattern.
    NoMatch,
    /// The path is a directory.
    Directory,
    /// The system cannot read the file, with its message.
    Unreadable(String),
    /// The file changed while it was read.
    Changed,
    /// The input must be read a second time, which is not possible.
    OnlyOnce,
    /// A file of another kind: its name, and what to do.
    Foreign(&'static str, &'static str),
    /// The input does not even have a header.
    Empty,
    /// The lines end with a carriage return only.
    CarriageReturns,
    /// An archive cannot be used, for this reason.
    Archive(&'static str),
    /// A file of this format is damaged.
    Damaged(&'static str),
    /// The input has more bytes than are kept in memory, or a compressed file expands to more than that.
    TooLarge {
        /// Limit in bytes.
        bytes: u64,
    },
    /// A compressed input expands to many times its size.
    Bomb,
    /// The JSON has no list of rows.
    JsonDocument,
    /// Several keys of the JSON have lists of rows.
    SeveralLists {
        /// The keys.
        keys: Vec<String>,
    },
    /// A row is the header of other rows, with the columns in another order.
    OtherHeader,
    /// A field of NDJSON is missing from the first lines, although its absence has a meaning.
    LateColumn,
    /// Several sheets of a workbook qualify.
    SeveralSheets {
        /// Their names.
        sheets: Vec<String>,
    },
    /// Only hidden sheets have the columns.
    HiddenSheet {
        /// Their names.
        sheets: Vec<String>,
    },
    /// The workbook does not have the sheet that the layout names.
    NoSuchSheet {
        /// Names of the sheets that it has.
        there: Vec<String>,
    },
    /// Required columns are missing.
    MissingColumns {
        /// The columns, each with the name in the header that looks like it.
        columns: Vec<(String, Option<String>)>,
        /// The layout that the header matches, and whether it is for the same kind of input.
        fit: Option<Box<(bool, MatchScore)>>,
        /// The columns of a table that the layout joins to the export, which would supply one of the columns.
        join: Option<String>,
    },
    /// The file does not have the columns of any table that the layout joins.
    NoJoin {
        /// For each of these tables, the names of its columns.
        wanted: Vec<String>,
    },
    /// The header names a column twice.
    DoubledColumn,
    /// The text contains a NUL byte.
    NulByte,
    /// A column that is read has bytes that are not UTF-8.
    NotUtf8,
    /// A quoted field is never closed; the location is the line on which it opens.
    UnclosedQuote,
    /// A record is longer than the limit; the location is the line on which it starts.
    RecordTooLong {
        /// Limit in bytes.
        bytes: usize,
        /// Line of the quoted field that is open at the limit; `None` if no field is open.
        quote_line: Option<u64>,
    },
    /// The input has records, but none of them can be used.
    NothingUsable {
        /// Number of records.
        rows: u64,
        /// Findings that explain it, most frequent first, each with its number of occurrences.
        causes: Vec<(&'static str, u64)>,
    },
    /// A review decision does not state who decided, on which day, or why.
    IncompleteDecision,
    /// A time has a zone, and the practice time zone is unknown.
    ZoneNeeded,
    /// The run was interrupted.
    Interrupted,
}

impl InputErrorKind {
    /// Returns an error of each kind, for the documentation.
    pub fn all() -> Vec<InputErrorKind> {
        vec![
            InputErrorKind::NotFound,
            InputErrorKind::NoMatch,
            InputErrorKind::Directory,
            InputErrorKind::Unreadable("permission denied".to_owned()),
            InputErrorKind::Changed,
            InputErrorKind::OnlyOnce,
            InputErrorKind::Foreign("a PDF", "export the rows as CSV"),
            InputErrorKind::Empty,
            InputErrorKind::CarriageReturns,
            InputErrorKind::Archive(
                "the archive does not hold exactly one file; unpack it and name the files",
            ),
            InputErrorKind::Damaged("Parquet file"),
            InputErrorKind::TooLarge { bytes: 1 << 30 },
            InputErrorKind::Bomb,
            InputErrorKind::JsonDocument,
            InputErrorKind::SeveralLists { keys: vec!["encounters".to_owned(), "messages".to_owned()] },
            InputErrorKind::OtherHeader,
            InputErrorKind::LateColumn,
            InputErrorKind::SeveralSheets { sheets: vec!["Visits".to_owned(), "Visits 2".to_owned()] },
            InputErrorKind::HiddenSheet { sheets: vec!["Visits".to_owned()] },
            InputErrorKind::NoSuchSheet { there: vec!["Visits".to_owned()] },
            InputErrorKind::MissingColumns {
                columns: vec![("patient_id".to_owned(), None)],
                fit: None,
                join: None,
            },
            InputErrorKind::NoJoin { wanted: vec!["MessageGuid, RecipientProviderGuid".to_owned()] },
            InputErrorKind::DoubledColumn,
            InputErrorKind::NulByte,
            InputErrorKind::NotUtf8,
            InputErrorKind::UnclosedQuote,
            InputErrorKind::RecordTooLong { bytes: BlockLimits::default().record_bytes, quote_line: None },
            InputErrorKind::NothingUsable { rows: 20, causes: vec![("ragged-row", 20)] },
            InputErrorKind::IncompleteDecision,
            InputErrorKind::ZoneNeeded,
            InputErrorKind::Interrupted,
        ]
    }
}

impl InputError {
    /// Converts an error of opening or reading a file.
    pub fn io(file: &str, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => InputErrorKind::NotFound,
            io::ErrorKind::IsADirectory => InputErrorKind::Directory,
            _ => InputErrorKind::Unreadable(error.to_string()),
        };
        Self { place: SourceLocation::file(file), reason }
    }

    /// Returns the error of a run that was interrupted while it read this file.
    pub fn interrupted(file: &str) -> Self {
        Self { place: SourceLocation::file(file), reason: InputErrorKind::Interrupted }
    }

    /// Returns the error code for scripts.
    pub fn code(&self) -> &'static str {
        match self.reason {
            InputErrorKind::NotFound => "not-found",
            InputErrorKind::NoMatch => "no-match",
            InputErrorKind::Directory => "is-a-directory",
            InputErrorKind::Unreadable(_) => "unreadable",
            InputErrorKind::Changed => "changed",
            InputErrorKind::OnlyOnce => "only-once",
            InputErrorKind::Foreign(..) => "not-an-export",
            InputErrorKind::Empty => "empty-input",
            InputErrorKind::CarriageReturns => "carriage-returns",
            InputErrorKind::Archive(_) => "archive",
            InputErrorKind::Damaged(_) => "damaged",
            InputErrorKind::TooLarge { .. } => "too-large",
            InputErrorKind::Bomb => "bomb",
            InputErrorKind::JsonDocument => "json-document",
            InputErrorKind::SeveralLists { .. } => "several-lists",
            InputErrorKind::OtherHeader => "other-header",
            InputErrorKind::LateColumn => "late-column",
            InputErrorKind::SeveralSheets { .. } => "several-sheets",
            InputErrorKind::HiddenSheet { .. } => "hidden-sheet",
            InputErrorKind::NoSuchSheet { .. } => "no-such-sheet",
            InputErrorKind::MissingColumns { .. } => "missing-column",
            InputErrorKind::NoJoin { .. } => "no-join",
            InputErrorKind::DoubledColumn => "doubled-column",
            InputErrorKind::NulByte => "nul-byte",
            InputErrorKind::NotUtf8 => "not-utf-8",
            InputErrorKind::UnclosedQuote => "unclosed-quote",
            InputErrorKind::RecordTooLong { .. } => "record-too-long",
            InputErrorKind::NothingUsable { .. } => "nothing-usable",
            InputErrorKind::IncompleteDecision => "incomplete-decision",
            InputErrorKind::ZoneNeeded => "timezone-needed",
            InputErrorKind::Interrupted => "interrupted",
        }
    }

    /// Returns what is wrong and what to do, without the location.
    pub fn help(&self) -> String {
        match &self.reason {
            InputErrorKind::NotFound => "file not found; check the path, which is relative to the working directory".into(),
            InputErrorKind::NoMatch => {
                "no file matches this pattern; check it, and that it is taken from the working directory".into()
            }
            InputErrorKind::Foreign(what, remedy) => format!("this is {what}, not a table of rows; {remedy}"),
            InputErrorKind::Directory => "this is a directory; name the files in it, or a pattern such as `exports/*.csv`".into(),
            InputErrorKind::Unreadable(why) => format!("cannot be read: {why}"),
            InputErrorKind::Changed => {
                "the file was changed while it was read, as when an export is still being written; wait until it is complete, and run again".into()
            }
            InputErrorKind::OnlyOnce => {
                "several rows have the same record id, so the input has to be read again, and no copy of it could be kept; save it to a file, and name that file".into()
            }
            InputErrorKind::Empty => "the input is empty; it needs at least a header line with column names".into(),
            InputErrorKind::CarriageReturns => {
                "the lines end with carriage returns only; save the file with LF or CRLF line ends".into()
            }
            InputErrorKind::Archive(why) => (*why).into(),
            InputErrorKind::Damaged(format) => format!("this {format} is damaged or incomplete; export it again"),
            InputErrorKind::TooLarge { bytes } => {
                format!("the input is larger than {} MiB, the limit for this format; export it as CSV", bytes >> 20)
            }
            InputErrorKind::Bomb => "this compressed file expands to hundreds of times its size, which is unusual for an export; decompress it yourself if you trust it".into(),
            InputErrorKind::JsonDocument => "this JSON has no list of objects. The list can be the whole document or the value of one of its keys. Convert it to NDJSON, one object per line, for example with jq -c '.KEY[]' FILE".into(),
            InputErrorKind::SeveralLists { keys } => several_lists(keys),
            InputErrorKind::OtherHeader => "this row repeats the header with the columns in another order, so the rows after it would be misread; split the file here and name both parts".into(),
            InputErrorKind::LateColumn => "none of the first lines has this field, but later lines do; write it in every line, with null if the value is unknown".into(),
            InputErrorKind::SeveralSheets { sheets } => several_sheets(sheets),
            InputErrorKind::HiddenSheet { sheets } => {
                let first = sheets.first().map_or("", String::as_str);
                format!(
                    "no sheet that is shown has the columns, but the hidden {} has; unhide it, or say `sheet = \"{first}\"` in a layout",
                    listed("sheet", sheets)
                )
            }
            InputErrorKind::NoSuchSheet { there } => {
                format!("there is no sheet with the name that `sheet` has in the layout; there is the {}", listed("sheet", there))
            }
            InputErrorKind::MissingColumns { columns, join: Some(join), .. } => {
                let names: Vec<_> = columns.iter().map(|(name, _)| format!("`{name}`")).collect();
                format!(
                    "the header has no column {}, which the layout takes from a further table with the columns {join}: add --join with its file",
                    names.join(", ")
                )
            }
            InputErrorKind::MissingColumns { columns, fit, .. } => missing_columns(columns, fit.as_deref()),
            InputErrorKind::NoJoin { wanted } if wanted.is_empty() => {
                "the layout joins no table to exports; name a layout that does, or add [[messages.join]] to yours".into()
            }
            InputErrorKind::NoJoin { wanted } => format!(
                "the file does not have the columns of a table that the layout joins: {}; name another file or layout",
                wanted.join("; or ")
            ),
            InputErrorKind::DoubledColumn => "the header names this column twice; rename or remove one of them".into(),
            InputErrorKind::NulByte => "NUL byte; export the file again as UTF-8 text".into(),
            InputErrorKind::NotUtf8 => "not valid UTF-8; save the file as UTF-8, or add --encoding, for example --encoding windows-1252".into(),
            InputErrorKind::UnclosedQuote => {
                "this quotation mark is not closed before the end of the input; close or double it".into()
            }
            InputErrorKind::RecordTooLong { bytes, quote_line } => {
                let size = bytes.div_ceil(1 << 20);
                let quote = quote_line.map_or(String::new(), |line| {
                    format!("; a quotation mark that opens on line {line} may never be closed")
                });
                format!("the row that starts here is longer than {size} MiB{quote}")
            }
            InputErrorKind::NothingUsable { rows, causes } if causes.is_empty() => format!(
                "the layout skips all of {}, which are of another kind; check which files are encounters and which are messages",
                pluralize(*rows, "row", "rows")
            ),
            InputErrorKind::NothingUsable { rows, causes } => {
                let causes: Vec<String> =
                    causes.iter().map(|(code, count)| format!("{code}: {}", with_commas(*count))).collect();
                let rows = pluralize(*rows, "row", "rows");
                format!(
                    "not one of {rows} can be used ({}); the first is here. `mucalc codes CODE` explains each cause; correct the export \
                     and run again",
                    causes.join(", ")
                )
            }
            InputErrorKind::IncompleteDecision => {
                "a review decision must state who decided (`by`), the day (`on`, as 2014-10-02), and the reason (`reason`); fill in this cell".into()
            }
            InputErrorKind::ZoneNeeded => {
                "this time has a zone, so the practice's own zone is needed to know its day; add --timezone, for example --timezone America/New_York".into()
            }
            InputErrorKind::Interrupted => "interrupted; nothing was written".into(),
        }
    }
}

/// Describes several lists of rows. Names a key only if it is a common name of such lists: other keys may be ids or names of patients.
fn several_lists(keys: &[String]) -> String {
    const LISTS: [&str; 14] = [
        "access",
        "appointment",
        "communication",
        "data",
        "encounter",
        "entries",
        "items",
        "message",
        "records",
        "resources",
        "results",
        "rows",
        "value",
        "visit",
    ];
    let is_word =
        |key: &&String| key.len() <= 40 && key.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let is_list = |key: &&String| LISTS.iter().any(|list| key.to_lowercase().contains(list));
    let known: Vec<&str> = keys.iter().filter(is_word).filter(is_list).map(String::as_str).take(4).collect();
    let (named, key) = match known[..] {
        [] => ("several keys".to_owned(), "KEY"),
        [first, ..] if known.len() == keys.len() => (format!("the keys `{}`", known.join("`, `")), first),
        [first, ..] => (format!("`{}` and other keys", known.join("`, `")), first),
    };
    format!(
        "{named} of this JSON hold lists of objects, and each could be the rows; write the one that is meant to a file of its own, for example with jq -c '.{key}[]' FILE"
    )
}

fn several_sheets(sheets: &[String]) -> String {
    let first = sheets.first().map_or("", String::as_str);
    format!(
        "the {} have the columns, so either could be meant; say `sheet = \"{first}\"` in a layout, or save each as a file of its own and name them all",
        listed("sheet", sheets)
    )
}

/// Returns names for a sentence, at most five.
fn listed(noun: &str, names: &[String]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MOST { format!(" and {} more", names.len() - MOST) } else { String::new() };
    let plural = if names.len() == 1 { "" } else { "s" };
    match &shown[..] {
        [before @ .., last] if more.is_empty() && !before.is_empty() => {
            format!("{noun}{plural} {} and {last}", before.join(", "))
        }
        shown => format!("{noun}{plural} {}{more}", shown.join(", ")),
    }
}

fn missing_columns(columns: &[(String, Option<String>)], fit: Option<&(bool, MatchScore)>) -> String {
    let names: Vec<_> = columns.iter().map(|(name, _)| format!("`{name}`")).collect();
    let hints: Vec<_> =
        columns.iter().filter_map(|(_, like)| like.as_ref().map(|like| format!("`{like}`"))).collect();
    let noun = if names.len() == 1 { "column" } else { "columns" };
    let hint = match fit {
        Some((true, MatchScore { layout, .. })) => {
            format!("; it fits the layout {layout}: add --layout {layout}")
        }
        Some((false, MatchScore { layout, role, .. })) if hints.is_empty() => {
            format!("; it looks like {} of the layout {layout}: were the inputs mixed up?", role.word())
        }
        _ if hints.is_empty() => {
            "; name the layout of the export with --layout, or see what `mucalc inspect` says of it"
                .to_owned()
        }
        _ => format!("; it has {}, but names must be exact", hints.join(", ")),
    };
    format!("the header has no {noun} {}{hint}", names.join(", "))
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.help())
    }
}

impl std::error::Error for InputError {}
