//! What is taken for a fact because a column is absent: it makes figures exact, so it stands beside them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::input::InputRole;

/// A column whose absence is taken for a fact about every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumed {
    /// Without a `status`, encounters are taken as completed.
    EncounterStatus,
    /// Without a `seen_by`, patients are taken as seen by eligible professionals.
    SeenBy,
    /// Without a `status`, messages are taken as sent.
    MessageStatus,
}

impl Assumed {
    /// All of them.
    pub const ALL: [Assumed; 3] = [Assumed::EncounterStatus, Assumed::SeenBy, Assumed::MessageStatus];

    /// Returns the kind of export.
    pub fn role(self) -> InputRole {
        match self {
            Assumed::EncounterStatus | Assumed::SeenBy => InputRole::Encounters,
            Assumed::MessageStatus => InputRole::Messages,
        }
    }

    /// Returns our name of the column.
    pub fn column(self) -> &'static str {
        match self {
            Assumed::EncounterStatus | Assumed::MessageStatus => "status",
            Assumed::SeenBy => "seen_by",
        }
    }

    /// Returns the word that every row is taken to have.
    pub fn reading(self) -> &'static str {
        match self {
            Assumed::EncounterStatus => "completed",
            Assumed::SeenBy => "eligible-professional",
            Assumed::MessageStatus => "sent",
        }
    }

    /// Returns the key of `[assume]` that acknowledges it.
    pub fn key(self) -> &'static str {
        match self {
            Assumed::EncounterStatus => "encounter-status",
            Assumed::SeenBy => "seen-by",
            Assumed::MessageStatus => "message-status",
        }
    }
}

/// What somebody has acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acknowledged {
    /// That encounters are completed.
    pub encounter_status: bool,
    /// That patients were seen by eligible professionals.
    pub seen_by: bool,
    /// That messages were sent.
    pub message_status: bool,
}

impl Acknowledged {
    /// Whether something is acknowledged.
    pub fn has(self, assumed: Assumed) -> bool {
        match assumed {
            Assumed::EncounterStatus => self.encounter_status,
            Assumed::SeenBy => self.seen_by,
            Assumed::MessageStatus => self.message_status,
        }
    }
}

/// What is taken for a fact about the rows of an export, since it has no column that says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Assumption {
    /// The kind of export.
    pub role: InputRole,
    /// Our name of the column that it does not have.
    pub column: &'static str,
    /// The word that each of its rows is taken to have there.
    pub reading: &'static str,
    /// How many rows are used so.
    pub rows: u64,
    /// Whether `[assume]` in mucalc.toml acknowledges it.
    pub acknowledged: bool,
}

/// Something that was chosen for a run, and that its figures may hang on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChoiceMade {
    /// The key or table of the configuration: `topics`, `days`, `assume`, `ids.fold`, `nulls`, `unusable`.
    pub key: &'static str,
    /// The entry of the table, such as a word of the export; null where the key is no table.
    pub of: Option<String>,
    /// What it was set to.
    pub value: String,
}

/// A layout file of the user's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LayoutFileRef {
    /// The path as given.
    pub path: String,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}
