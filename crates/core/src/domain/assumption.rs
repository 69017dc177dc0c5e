//! Facts that the tool assumes because a column is absent. They make results exact, so documents show them next to the results.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::input::InputRole;

/// A column whose absence makes the tool assume a fact about every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumed {
    /// Without a `status` column, encounters are assumed to be completed.
    EncounterStatus,
    /// Without a `seen_by` column, patients are assumed to have been seen by eligible professionals.
    SeenBy,
    /// Without a `status` column, messages are assumed to have been sent.
    MessageStatus,
}

impl Assumed {
    /// Every assumption.
    pub const ALL: [Assumed; 3] = [Assumed::EncounterStatus, Assumed::SeenBy, Assumed::MessageStatus];

    /// Returns the kind of export that lacks the column.
    pub fn role(self) -> InputRole {
        match self {
            Assumed::EncounterStatus | Assumed::SeenBy => InputRole::Encounters,
            Assumed::MessageStatus => InputRole::Messages,
        }
    }

    /// Returns the canonical name of the column.
    pub fn column(self) -> &'static str {
        match self {
            Assumed::EncounterStatus | Assumed::MessageStatus => "status",
            Assumed::SeenBy => "seen_by",
        }
    }

    /// Returns the value that every row is assumed to have.
    pub fn reading(self) -> &'static str {
        match self {
            Assumed::EncounterStatus => "completed",
            Assumed::SeenBy => "eligible-professional",
            Assumed::MessageStatus => "sent",
        }
    }

    /// Returns the key of `[assume]` that acknowledges the assumption.
    pub fn key(self) -> &'static str {
        match self {
            Assumed::EncounterStatus => "encounter-status",
            Assumed::SeenBy => "seen-by",
            Assumed::MessageStatus => "message-status",
        }
    }
}

/// The assumptions that the user has acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acknowledged {
    /// Whether the user acknowledged that encounters are completed.
    pub encounter_status: bool,
    /// Whether the user acknowledged that patients were seen by eligible professionals.
    pub seen_by: bool,
    /// Whether the user acknowledged that messages were sent.
    pub message_status: bool,
}

impl Acknowledged {
    /// Returns whether the user has acknowledged an assumption.
    pub fn has(self, assumed: Assumed) -> bool {
        match assumed {
            Assumed::EncounterStatus => self.encounter_status,
            Assumed::SeenBy => self.seen_by,
            Assumed::MessageStatus => self.message_status,
        }
    }
}

/// A fact assumed about every row of an export, because the export has no column for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Assumption {
    /// The kind of export.
    pub role: InputRole,
    /// The canonical name of the absent column.
    pub column: &'static str,
    /// The value that every row is assumed to have in that column.
    pub reading: &'static str,
    /// Rows that are used under the assumption.
    pub rows: u64,
    /// Whether `[assume]` in mucalc.toml acknowledges it.
    pub acknowledged: bool,
}

/// A setting of a run that its results may depend on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChoiceMade {
    /// The key or table of the configuration: `topics`, `days`, `assume`, `ids.fold`, `nulls`, `unusable`.
    pub key: &'static str,
    /// The entry of the table, such as a value of the export; null if the key is not a table.
    pub of: Option<String>,
    /// The value of the setting.
    pub value: String,
}

/// A layout file that the user supplied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LayoutFileRef {
    /// The path as given.
    pub path: String,
    /// SHA-256 of the file's text, in hexadecimal.
    pub sha256: String,
}
