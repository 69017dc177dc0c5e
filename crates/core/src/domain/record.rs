//! A ledger row for display: ids, days, the deciding rows, and the nearest rule.

use std::borrow::Cow;

use crate::domain::membership::Membership;
use crate::domain::period::Day;

/// The reason of a ledger row that no message reaches.
pub const NO_MESSAGE: &str = "no-message";
/// The reason of a ledger row that a qualifying message reaches, if the message is addressed to no provider.
pub const UNATTRIBUTED: &str = "unattributed";
/// The reason if the row is unresolved only because the patient or provider id of the message nearly matches one of the encounters.
pub const NEARLY_MATCHES: &str = "id-nearly-matches";
/// The reason if several versions of a message differ, and it is unknown which one is the record.
pub const CONTRADICTING_VERSIONS: &str = "contradicting-versions";
/// The reason of a ledger row whose membership a review decision determined.
pub const ADJUDICATED: &str = "adjudicated";

/// The reasons that are not rules, with their explanations.
pub const REASONS: [(&str, &str); 5] = [
    (NO_MESSAGE, "No message of the patient is attributed to the provider."),
    (
        UNATTRIBUTED,
        "A message qualifies but is addressed to the practice, not to a provider, so it may or may not be attributed to this one.",
    ),
    (
        NEARLY_MATCHES,
        "A message qualifies, but its patient id or provider id equals one of the encounters only without leading zeros, letter \
         case, a trailing `.0`, or a prefix, so it may or may not be the same.",
    ),
    (
        CONTRADICTING_VERSIONS,
        "Rows with the same record id have different contents, and the export does not show which one is current. The message qualifies by \
         some of them.",
    ),
    (ADJUDICATED, "A review decision resolved the record. The report lists the decision."),
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

/// A ledger row with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow<'l> {
    /// The provider's id.
    pub provider_id: &'l str,
    /// The patient's id.
    pub patient_id: Cow<'l, str>,
    /// The membership that the data allow.
    pub standing: Membership,
    /// Encounters that qualify or may qualify.
    pub encounters: u32,
    /// The first known day of these encounters.
    pub first_seen: Option<Day>,
    /// The last known day of these encounters.
    pub last_seen: Option<Day>,
    /// Qualifying messages.
    pub counted_messages: u32,
    /// Unresolved messages.
    pub uncertain_messages: u32,
    /// The day of the first qualifying message.
    pub first_counted: Option<Day>,
    /// The rule that decided or came nearest to qualifying, or another ledger reason.
    pub reason: &'l str,
    /// `file:line` of the deciding encounter.
    pub encounter_ref: String,
    /// `file:line` of the deciding message; empty if no message decided.
    pub message_ref: String,
}
