//! The canonical columns of each kind of input.

/// The canonical columns of one kind of input. A file may have them in any order, and may have further columns.
#[derive(Clone, Copy, Debug)]
pub struct EntityColumns {
    /// Columns that every file must have.
    pub required: &'static [&'static str],
    /// Columns that may be absent.
    pub optional: &'static [&'static str],
    /// Optional columns without which every row is unresolved.
    pub telling: &'static [&'static str],
}

/// Canonical columns of encounters.
pub const ENCOUNTERS: EntityColumns = EntityColumns {
    required: &["patient_id", "provider_id", "started_at"],
    optional: &["encounter_id", "kind", "status", "seen_by", "location_id", "county_fips", "updated_at"],
    telling: &["kind"],
};

/// Canonical columns of messages.
pub const MESSAGES: EntityColumns = EntityColumns {
    required: &["sent_at", "patient_id"],
    optional: &[
        "message_id",
        "thread_id",
        "provider_id",
        "sender",
        "recipient",
        "channel",
        "topic",
        "status",
        "patient_included",
        "subject",
        "updated_at",
    ],
    telling: &["provider_id", "sender", "recipient", "channel", "topic"],
};

/// Canonical columns of portal accesses.
pub const ACCESSES: EntityColumns = EntityColumns {
    required: &["accessed_at", "patient_id"],
    optional: &["access_id", "provider_id", "action", "actor", "updated_at"],
    telling: &["provider_id", "action", "actor"],
};

/// Columns of the county table: the share of housing units that have broadband.
pub const COUNTIES: EntityColumns =
    EntityColumns { required: &["county_fips", "percent"], optional: &["county", "as_of"], telling: &[] };

/// Columns of review decisions, which settle what the data leave unresolved.
pub const ADJUDICATIONS: EntityColumns = EntityColumns {
    required: &["decision"],
    optional: &["message_id", "patient_id", "provider_id", "by", "on", "reason"],
    telling: &[],
};

/// The columns of a table that is joined to an export are those that the layout of the export names.
pub const JOINED: EntityColumns = EntityColumns { required: &[], optional: &[], telling: &[] };

/// Columns of the list of patients with a portal account.
pub const ENROLLMENT: EntityColumns =
    EntityColumns { required: &["patient_id", "portal_enrolled"], optional: &[], telling: &[] };

/// Canonical columns of the roster.
pub const ROSTER: EntityColumns = EntityColumns {
    required: &["provider_id"],
    optional: &["npi", "name", "group_id", "cehrt_id", "supervisor_id", "role"],
    telling: &[],
};

impl EntityColumns {
    /// Returns all columns, required ones first.
    pub fn all(&self) -> impl Iterator<Item = &'static str> {
        self.required.iter().chain(self.optional).copied()
    }
}
