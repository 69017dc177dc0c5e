//! The columns that an input has or may have.

/// The columns of one kind of input. Their order in the file is free, and further columns are allowed.
#[derive(Clone, Copy, Debug)]
pub struct EntityColumns {
    /// Those that must be there.
    pub required: &'static [&'static str],
    /// Those that may be absent.
    pub optional: &'static [&'static str],
    /// Of the optional ones, those whose absence leaves every row in doubt.
    pub telling: &'static [&'static str],
}

/// Canonical encounters.
pub const ENCOUNTERS: EntityColumns = EntityColumns {
    required: &["patient_id", "provider_id", "started_at"],
    optional: &["encounter_id", "kind", "status", "seen_by", "location_id", "county_fips", "updated_at"],
    telling: &["kind"],
};

/// Canonical messages.
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

/// Canonical accesses to a portal.
pub const ACCESSES: EntityColumns = EntityColumns {
    required: &["accessed_at", "patient_id"],
    optional: &["access_id", "provider_id", "action", "actor", "updated_at"],
    telling: &["provider_id", "action", "actor"],
};

/// Counties, with the share of their housing units that have broadband.
pub const COUNTIES: EntityColumns =
    EntityColumns { required: &["county_fips", "percent"], optional: &["county", "as_of"], telling: &[] };

/// Decisions of people over what the data leave open.
pub const ADJUDICATIONS: EntityColumns = EntityColumns {
    required: &["decision"],
    optional: &["message_id", "patient_id", "provider_id", "by", "on", "reason"],
    telling: &[],
};

/// Patients with an account of the portal.
pub const ENROLLMENT: EntityColumns =
    EntityColumns { required: &["patient_id", "portal_enrolled"], optional: &[], telling: &[] };

/// The canonical roster.
pub const ROSTER: EntityColumns = EntityColumns {
    required: &["provider_id"],
    optional: &["npi", "name", "group_id", "cehrt_id", "supervisor_id", "role"],
    telling: &[],
};

impl EntityColumns {
    /// All of them, required ones first.
    pub fn all(&self) -> impl Iterator<Item = &'static str> {
        self.required.iter().chain(self.optional).copied()
    }
}
