//! What `init` recognized in the exports, and what only the practice can say: for a program or a page that asks.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::input::InputRole;

/// What was drafted, and what is still missing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DraftSummary {
    /// The version of this schema.
    pub schema_version: &'static str,
    /// The configuration that was written.
    pub configuration: String,
    /// The layout that was written; null if built-in layouts read the exports.
    pub layout: Option<String>,
    /// The exports that the configuration names.
    pub exports: Vec<DraftedExport>,
    /// The exports that it does not name, each with the reason.
    pub unread: Vec<UnreadExport>,
    /// What a report cannot do without.
    pub needs: Vec<DraftNeed>,
    /// The required columns that no export has under a known name.
    pub columns: Vec<MissingColumn>,
    /// The rule sets among which the practice has to choose, if `needs` has `edition`.
    pub editions: Vec<EditionChoice>,
    /// The channels of which only the practice knows whether they are the messaging function of the certified EHR, most frequent first.
    pub channels: Vec<OpenChannel>,
    /// What else is open, most consequential first: one sentence each.
    pub open: Vec<String>,
}

/// An export that the configuration names.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DraftedExport {
    /// The path as given.
    pub path: String,
    /// What its rows are.
    pub role: InputRole,
    /// Rows, without the header.
    pub rows: u64,
    /// The first day of its rows; null if none can be read. For times with a zone, the day in UTC.
    pub first: Option<String>,
    /// The last day.
    pub last: Option<String>,
}

/// An export that the configuration does not name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UnreadExport {
    /// The path as given.
    pub path: String,
    /// Why it is not read, and what to do.
    pub why: String,
}

/// A required column that an export does not have under a known name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MissingColumn {
    /// The role of the export.
    pub role: InputRole,
    /// The canonical column.
    pub column: &'static str,
}

/// Something that a report cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DraftNeed {
    /// The export of encounters.
    Encounters,
    /// The export of messages, or of accesses.
    Messages,
    /// One roster, of several.
    Roster,
    /// The columns that the layout marks NEEDED.
    Columns,
    /// The reporting period.
    Period,
    /// The rule set: several are for the year of the period, or none is.
    Edition,
    /// The time zone of the practice, since times in the exports name one.
    Timezone,
}

/// A rule set of the period's year.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EditionChoice {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
}

/// A channel that no list says anything about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OpenChannel {
    /// The value in the export.
    pub value: String,
    /// The messages with it.
    pub messages: u64,
}
