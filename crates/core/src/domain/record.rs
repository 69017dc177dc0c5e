//! A ledger row as people read it: ids, days, the deciding rows and the nearest rule.

use std::borrow::Cow;

use crate::domain::membership::Membership;
use crate::domain::period::Day;

/// The reason of a row that no message reaches.
pub const NO_MESSAGE: &str = "no-message";
/// The reason of a row that is reached by a message which counts, but is addressed to no provider.
pub const UNATTRIBUTED: &str = "unattributed";
/// The reason where only the id of the patient or of the provider, which nearly matches one of the encounters, leaves it open.
pub const NEARLY_MATCHES: &str = "id-nearly-matches";
/// The reason where several versions of a message say different things, and it is not known which one is the record.
pub const CONTRADICTING_VERSIONS: &str = "contradicting-versions";
/// The reason of a row whose standing somebody decided.
pub const ADJUDICATED: &str = "adjudicated";

/// The reasons that are no rules, in words.
pub const REASONS: [(&str, &str); 5] = [
    (NO_MESSAGE, "No message about the patient reaches the provider."),
    (
        UNATTRIBUTED,
        "A message counts by its rules but is addressed to the practice, not to a provider, so it may or may not count for \
         this one.",
    ),
    (
        NEARLY_MATCHES,
        "A message qualifies, but its patient id or provider id equals one of the encounters only without leading zeros, letter \
         case, a trailing `.0`, or a prefix, so it may or may not be the same.",
    ),
    (
        CONTRADICTING_VERSIONS,
        "Rows with the same record id say different things about the message, and nothing in the export says which one is right; by some \
         of them it qualifies.",
    ),
    (ADJUDICATED, "Somebody decided what the data leave open; the report lists the decision."),
];

/// The columns of a ledger.
pub const COLUMNS: [&str; 13] = [
    "provider_id",
    "patient_id",
    "denominator",
    "numerator",
    "encounters",
    "first_seen",
    "last_seen",
    "counted_messages",
    "uncertain_messages",
    "first_counted_at",
    "reason",
    "encounter_ref",
    "message_ref",
];

/// A ledger row with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow<'l> {
    /// The provider's id.
    pub provider_id: &'l str,
    /// The patient's id.
    pub patient_id: Cow<'l, str>,
    /// What the data allow.
    pub standing: Membership,
    /// Encounters that are, or may be, in.
    pub encounters: u32,
    /// The first known day of these.
    pub first_seen: Option<Day>,
    /// The last known day of these.
    pub last_seen: Option<Day>,
    /// Messages that count.
    pub counted_messages: u32,
    /// Messages that may count.
    pub uncertain_messages: u32,
    /// The day of the first message that counts.
    pub first_counted: Option<Day>,
    /// The rule that came nearest.
    pub reason: &'l str,
    /// `file:line` of the encounter that decided.
    pub encounter_ref: String,
    /// `file:line` of the message that decided; empty where none did.
    pub message_ref: String,
}
