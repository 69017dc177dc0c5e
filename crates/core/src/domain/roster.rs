//! The roster: the providers of the practice, by id.

use std::collections::BTreeMap;

/// The providers of the practice, by id.
pub type Roster = BTreeMap<String, RosterEntry>;

/// A provider's entry on the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterEntry {
    /// The line of the file.
    pub line: u64,
    /// The provider's name.
    pub name: Option<String>,
    /// The National Provider Identifier, as written.
    pub npi: Option<String>,
    /// The group of providers who share the certified EHR.
    pub group: Option<String>,
    /// The certified EHR in which the provider has this id.
    pub cehrt: Option<String>,
    /// The provider under whose supervision this one sees patients.
    pub supervisor: Option<String>,
}
