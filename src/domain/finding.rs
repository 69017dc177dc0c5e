//! What is wrong with the data, as codes with places; one list from which the documentation is made.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::place::Place;

macro_rules! codes {
    ($($variant:ident = $slug:literal, $severity:ident, $meaning:literal, $remedy:literal;)+) => {
        /// The kinds of findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$variant),+];

            /// The name that users and scripts see; never changed once released.
            pub fn slug(self) -> &'static str {
                match self { $(Code::$variant => $slug,)+ }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)+ }
            }

            /// What was seen and what the tool made of it.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning,)+ }
            }

            /// What the user can do.
            pub fn remedy(self) -> &'static str {
                match self { $(Code::$variant => $remedy,)+ }
            }
        }
    };
}

codes! {
    RaggedRow = "ragged-row", Error,
        "A row has more or fewer fields than the header. The row is rejected: it is counted as read and as rejected, and judges nobody.",
        "Look for an unquoted comma or line break in a text column, or export the file again with all text quoted.";
    MissingPatientId = "missing-patient-id", Error,
        "A row has no patient id, so it can be attributed to nobody. The row is rejected.",
        "Export the patient id for every row, or remove rows that are about no patient.";
    MissingProviderId = "missing-provider-id", Error,
        "An encounter or a roster line has no provider id, so nobody can be credited with it. The row is rejected.",
        "Export the rendering provider of every encounter; give every line of the roster its provider id.";
    UnreadableDate = "unreadable-date", Warning,
        "A date or time cannot be read in the formats of the layout, or the calendar or the clock does not have it. The day is taken as unknown, so the row is uncertain.",
        "Write days as YYYY-MM-DD and times as YYYY-MM-DDTHH:MM:SS, with Z or an offset where the time has a zone.";
    UnknownWord = "unknown-word", Warning,
        "A cell holds a word that is not in the list of its column. It is read as `unknown`: any word of the list.",
        "Translate the word in mucalc.toml, in the table of its list ([topics], [kinds], [senders], ...) or, for a channel, in [channels].";
    StrayQuote = "stray-quote", Warning,
        "A quotation mark stands inside an unquoted field, or text follows a closing quotation mark. It is read as it stands; the row is kept.",
        "Export the file with text quoted and quotation marks doubled, and check that the row was split where you expect.";
    DuplicateRosterLine = "duplicate-roster-line", Warning,
        "The roster names a provider a second time. The first line is used.",
        "Keep one line for each provider id.";
    NotJson = "not-json", Error,
        "A line of an NDJSON file is not one JSON object. The row is rejected.",
        "Look at the line: it may be cut off, or the object may be spread over several lines.";
    TooManyValues = "too-many-values", Error,
        "A row names so many patients and providers that it would make more than a thousand rows. The row is rejected.",
        "Look at the row: a message to very many patients is a mailing, and is no message of this measure.";
    LateColumn = "late-column", Warning,
        "A field of an NDJSON file is met that none of the first lines has. It is not read, as if the column were absent.",
        "Put a line that has all fields first, or name the layout of the export.";
    NearMissColumn = "near-miss-column", Warning,
        "A column has nearly, but not exactly, the name of one of ours. It is not read, as if it were absent.",
        "Rename the column if it is meant to be ours.";
    NoRows = "no-rows", Warning,
        "An input has a header and no rows.",
        "Check that the export was complete and covers the period.";
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The row is used, with care.
    Warning,
    /// The row is lost to the measure.
    Error,
}

impl Severity {
    /// The word that users see.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// All findings of one code: how many, and where the first of them is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The code; `mucalc codes CODE` explains it.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How often it was met.
    pub count: u64,
    /// The first place, in the order of the inputs.
    pub first: Place,
}
