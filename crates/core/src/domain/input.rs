//! What was read, and as what.

use crate::domain::source_location::with_sheet;
use schemars::JsonSchema;
use serde::Serialize;

/// One input.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Input")]
pub struct InputSummary {
    /// What it was read as.
    pub role: InputRole,
    /// The path as given; `-` is standard input.
    pub path: String,
    /// The sheet that was read; null where the input is no workbook.
    pub sheet: Option<String>,
    /// How many bytes were read.
    pub bytes: u64,
    /// SHA-256 of those bytes in hexadecimal; null unless asked for.
    pub sha256: Option<String>,
    /// Rows read, without the header, rejected ones included.
    pub rows: u64,
    /// Rows that could be attributed to nobody or not be split into columns.
    pub rejected: u64,
    /// Further rows of all inputs of the role that an answer of an interface says exist and the inputs lack, such as those of a next page;
    /// counted with the last input of the role.
    pub missing: u64,
    /// Further rows that the layout leaves aside, since they are not meant for the measure.
    pub aside: u64,
    /// Further rows that are no records: blank rows, repeated headers, rules of dashes, totals and footers.
    pub furniture: u64,
    /// The types of FHIR resources among these, as far as they are known.
    pub aside_types: Vec<&'static str>,
    /// Columns that rules ask for and the input has not; what they would say is unknown for every row.
    pub absent: Vec<String>,
}

impl InputSummary {
    /// Returns the name that places in it have: its path and, of a workbook, the sheet.
    pub fn label(&self) -> String {
        with_sheet(&self.path, self.sheet.as_deref())
    }
}

impl InputSummary {
    /// Returns how many of the rows that figures come from could not be used.
    pub fn unusable(&self) -> u64 {
        match self.role {
            InputRole::Encounters | InputRole::Messages | InputRole::Accesses => self.rejected,
            InputRole::Roster | InputRole::Counties | InputRole::Adjudications | InputRole::Enrollment => 0,
        }
    }
}

/// What an input is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Role")]
pub enum InputRole {
    /// Encounters, from which the denominator comes.
    Encounters,
    /// Messages, from which the numerator comes.
    Messages,
    /// Accesses to the portal, from which the numerator comes in some editions.
    Accesses,
    /// The providers of the practice.
    Roster,
    /// Counties and their broadband.
    Counties,
    /// Decisions of people over what the data leave open.
    Adjudications,
    /// Patients with an account of the portal.
    Enrollment,
}

impl InputRole {
    /// All of them.
    pub const ALL: [InputRole; 7] = [
        InputRole::Encounters,
        InputRole::Messages,
        InputRole::Accesses,
        InputRole::Roster,
        InputRole::Counties,
        InputRole::Adjudications,
        InputRole::Enrollment,
    ];

    /// The word that users see.
    pub fn word(self) -> &'static str {
        match self {
            InputRole::Encounters => "encounters",
            InputRole::Messages => "messages",
            InputRole::Accesses => "accesses",
            InputRole::Roster => "roster",
            InputRole::Counties => "counties",
            InputRole::Adjudications => "adjudications",
            InputRole::Enrollment => "enrollment",
        }
    }
}
