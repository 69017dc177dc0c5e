//! A whole case, as the tests state it.

use std::collections::BTreeMap;

use super::editions::EDITIONS;

/// A whole case, as the tests state it.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Empty where the case names none.
    pub edition: String,
    pub first: String,
    pub last: String,
    /// The day of attestation, if it is known.
    pub attested: Option<String>,
    pub group_credit: bool,
    /// The choices that the configuration makes; what it does not name has its default.
    pub policies: Policies,
    /// Channels the configuration speaks of: name, certified or not, first and last certified day.
    pub channels: Vec<(String, bool, Option<String>, Option<String>)>,
    /// Locations the configuration speaks of: name, certified or not.
    pub locations: Vec<(String, bool)>,
    pub encounters: Vec<Encounter>,
    /// Asked by the editions that count messages.
    pub messages: Vec<Message>,
    /// Asked by the editions that count accesses.
    pub accesses: Vec<PortalAccess>,
    /// Providers with their groups; none where there is no roster.
    pub roster: Option<Vec<(String, Option<String>)>>,
    /// The National Provider Identifiers of providers on the roster.
    pub npis: BTreeMap<String, String>,
    /// Encounters that cannot be used and may have made somebody seen: the provider, or none where it may be any.
    pub lost_encounters: Vec<Option<String>>,
    /// Providers whom encounters name that cannot be used and have made nobody seen.
    pub named: Vec<String>,
    /// Messages, or accesses, that cannot be used and may count: the provider, or none where it may be any.
    pub lost_messages: Vec<Option<String>>,
    /// Foldings under which ids are equal.
    pub fold: Vec<String>,
    /// Whether the last of several versions of a record is the record, where nothing else says which one is.
    pub last_version: bool,
    /// Encounters, and messages or accesses, of which it is not known which version is the record.
    pub open_encounters: Vec<Open>,
    pub open_messages: Vec<Open>,
    /// Whether messages that name no provider are left out.
    pub without_unaddressed: bool,
}

/// A record of which it is not known which version is the record: how many versions there are, and the rows that each has, by their
/// positions among all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    pub versions: usize,
    pub rows: Vec<(usize, usize)>,
}

impl World {
    /// The edition that is asked; the first one where none is named.
    pub fn edition(&self) -> &str {
        if self.edition.is_empty() { EDITIONS[0] } else { &self.edition }
    }

    /// The program year: the year of the period's first day.
    pub fn year(&self) -> i32 {
        self.first[..4].parse().unwrap()
    }
}

/// An encounter in our words; a day that is not known is none.
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

/// A message in our words; a provider that is not known is none.
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

/// A row of a portal's access log in our words; a provider that is not known is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalAccess {
    pub patient: String,
    pub provider: Option<String>,
    pub day: Option<String>,
    pub action: String,
    pub actor: String,
}

/// The choice for each policy, by its name.
pub type Policies = BTreeMap<String, String>;
