//! The input of the oracle.

use std::collections::BTreeMap;

use super::editions::EDITIONS;

/// A complete case, as the tests define it.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The rule set's id; empty if the case names none.
    pub edition: String,
    pub first: String,
    pub last: String,
    /// The attestation date, if it is known.
    pub attested: Option<String>,
    pub group_credit: bool,
    /// The configured policy settings; other policies have their defaults.
    pub policies: Policies,
    /// The configured channels: name, certified or not, first and last certified day.
    pub channels: Vec<(String, bool, Option<String>, Option<String>)>,
    /// The configured locations: name, certified or not.
    pub locations: Vec<(String, bool)>,
    pub encounters: Vec<Encounter>,
    /// Used by the rule sets that count messages.
    pub messages: Vec<Message>,
    /// Used by the rule sets that count portal accesses.
    pub accesses: Vec<PortalAccess>,
    /// Providers with their groups; `None` without a roster.
    pub roster: Option<Vec<(String, Option<String>)>>,
    /// The NPIs of the providers on the roster.
    pub npis: BTreeMap<String, String>,
    /// Unusable encounters that may qualify: the provider, or `None` if it may be any.
    pub lost_encounters: Vec<Option<String>>,
    /// Providers named in unusable encounters that do not qualify.
    pub named: Vec<String>,
    /// Unusable messages or portal accesses that may qualify: the provider, or `None` if it may be any.
    pub lost_messages: Vec<Option<String>>,
    /// The foldings under which ids are equal.
    pub fold: Vec<String>,
    /// Whether the last version of a record is the record unless the data show another.
    pub last_version: bool,
    /// Encounters, and messages or portal accesses, whose current version is unknown.
    pub open_encounters: Vec<Open>,
    pub open_messages: Vec<Open>,
    /// Whether to ignore messages that name no provider.
    pub without_unaddressed: bool,
}

/// A record whose current version is unknown: the number of versions, and pairs of a version and the position of one of its rows among all
/// rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    pub versions: usize,
    pub rows: Vec<(usize, usize)>,
}

impl World {
    /// Returns the rule set's id, by default the first one.
    pub fn edition(&self) -> &str {
        if self.edition.is_empty() { EDITIONS[0] } else { &self.edition }
    }

    /// Returns the program year: the year of the period's first day.
    pub fn year(&self) -> i32 {
        self.first[..4].parse().unwrap()
    }
}

/// An encounter with canonical values; `day` is `None` if unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encounter {
    pub patient: String,
    pub provider: String,
    pub day: Option<String>,
    pub status: String,
    pub kind: String,
    pub seen_by: String,
    pub location: Option<String>,
}

/// A message with canonical values; `provider` is `None` if unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub patient: String,
    pub provider: Option<String>,
    pub day: Option<String>,
    pub status: String,
    pub sender: String,
    pub recipient: String,
    pub channel: String,
    pub topic: String,
    pub patient_included: String,
}

/// A row of a portal access log with canonical values; `provider` is `None` if unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalAccess {
    pub patient: String,
    pub provider: Option<String>,
    pub day: Option<String>,
    pub action: String,
    pub actor: String,
}

/// The setting of each policy, by name.
pub type Policies = BTreeMap<String, String>;
