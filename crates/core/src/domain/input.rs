//! The inputs that were read, and their roles.

use crate::domain::source_location::with_sheet;
use schemars::JsonSchema;
use serde::Serialize;

/// An input that was read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Input")]
pub struct InputSummary {
    /// The role that it was read as.
    pub role: InputRole,
    /// The path as given; `-` is standard input.
    pub path: String,
    /// The sheet that was read; null if the input is not a workbook.
    pub sheet: Option<String>,
    /// Bytes read.
    pub bytes: u64,
    /// SHA-256 of those bytes in hexadecimal; null unless requested.
    pub sha256: Option<String>,
    /// Rows read, without the header, including unusable ones.
    pub rows: u64,
    /// Unusable rows: those that could not be attributed, or could not be split into columns.
    pub rejected: u64,
    /// Further rows of the role that the response of an interface reports but the inputs lack, such as those of a next page. They are
    /// counted with the last input of the role.
    pub missing: u64,
    /// Further rows that the layout skips, because they are not meant for the measure.
    pub aside: u64,
    /// Further rows that are not records: blank rows, repeated headers, rules of dashes, totals, and footers.
    pub furniture: u64,
    /// The types of FHIR resources among the skipped rows, as far as they are known.
    pub aside_types: Vec<&'static str>,
    /// Columns that rules use and the input does not have. Their values are unknown for every row.
    pub absent: Vec<String>,
}

impl InputSummary {
    /// Returns the name of the input in locations: its path and, for a workbook, the sheet.
    pub fn label(&self) -> String {
        with_sheet(&self.path, self.sheet.as_deref())
    }
}

impl InputSummary {
    /// Returns the number of unusable rows; 0 for inputs that results are not counted from.
    pub fn unusable(&self) -> u64 {
        match self.role {
            InputRole::Encounters | InputRole::Messages | InputRole::Accesses => self.rejected,
            InputRole::Roster
            | InputRole::Counties
            | InputRole::Adjudications
            | InputRole::Enrollment
            | InputRole::Joined => 0,
        }
    }
}

/// The role of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Role")]
pub enum InputRole {
    /// Encounters, the source of the denominator.
    Encounters,
    /// Messages, the source of the numerator.
    Messages,
    /// Portal accesses, the source of the numerator in some rule sets.
    Accesses,
    /// The providers of the practice.
    Roster,
    /// Counties and their broadband.
    Counties,
    /// Review decisions about what the data leave unresolved.
    Adjudications,
    /// Patients with a portal account.
    Enrollment,
    /// A further table of an export, whose columns are joined to its rows.
    Joined,
}

impl InputRole {
    /// The roles of the exports that results are counted from.
    pub const EXPORTS: [InputRole; 3] = [InputRole::Encounters, InputRole::Messages, InputRole::Accesses];

    /// Every role with canonical columns.
    pub const ALL: [InputRole; 7] = [
        InputRole::Encounters,
        InputRole::Messages,
        InputRole::Accesses,
        InputRole::Roster,
        InputRole::Counties,
        InputRole::Adjudications,
        InputRole::Enrollment,
    ];

    /// Returns the identifier that users see.
    pub fn word(self) -> &'static str {
        match self {
            InputRole::Encounters => "encounters",
            InputRole::Messages => "messages",
            InputRole::Accesses => "accesses",
            InputRole::Roster => "roster",
            InputRole::Counties => "counties",
            InputRole::Adjudications => "adjudications",
            InputRole::Enrollment => "enrollment",
            InputRole::Joined => "joined",
        }
    }
}
