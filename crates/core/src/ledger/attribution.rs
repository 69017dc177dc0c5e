//! Attributes messages to providers, and so to rows of the ledger (B24).

use std::collections::BTreeMap;

use crate::domain::attribution_mode::AttributionMode;
use crate::domain::npi;
use crate::domain::roster::{Roster, RosterEntry};
use crate::edition::model::AttributionScope;
use crate::ledger::id_key::IdRef;
use crate::ledger::pair_index::{PairIndex, PatientRows};

/// The provider that a message names.
#[derive(Clone, Copy)]
pub enum Addressee {
    /// The message names no provider.
    Nobody,
    /// The ledger does not know the provider.
    Stranger,
    /// A provider of the ledger, by number.
    Provider(u32),
    /// The ledger does not know the id, but it nearly matches that of one of its providers, given by number.
    Near(u32),
}

impl Addressee {
    /// Returns the addressee with this id; [`Self::Nobody`] for no id.
    #[inline]
    pub fn find(id: Option<&[u8]>, pairs: &PairIndex) -> Self {
        Self::from_id(id.map(IdRef::new), pairs)
    }

    /// Returns the addressee with this id; [`Self::Nobody`] for no id.
    #[inline(always)]
    pub(super) fn from_id(id: Option<IdRef<'_>>, pairs: &PairIndex) -> Self {
        match id {
            None => Self::Nobody,
            Some(id) => match pairs.providers.find_id(id) {
                Some(provider) if pairs.is_met(provider) => Self::Provider(provider),
                // A provider that only the roster lists may be one of the encounters with another spelling.
                Some(provider) => pairs.near_provider(id).map_or(Self::Provider(provider), Self::Near),
                None => {
                    let near = pairs.near_provider(id).or_else(|| pairs.near_listed(id));
                    near.map_or(Self::Stranger, Self::Near)
                }
            },
        }
    }
}

/// The providers that a message may reach, regardless of who saw the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Every,
    /// This provider, and all with shared attribution.
    With(u32),
    Nobody,
}

/// How messages reach the rows of a ledger.
pub struct Attribution {
    credit: AttributionMode,
    /// Whether a message is attributed to every provider who saw the patient, whatever it names.
    anybody: bool,
    /// Whether a message that names no provider is attributed to all who saw the patient (B49).
    unnamed_for_all: bool,
    /// Whether strict attribution is by clinician: to all ids of the clinician that the message names (B47). `groups` then has clinicians.
    by_person: bool,
    /// The group of each provider of the ledger, by number. Providers of one group share a number.
    groups: Vec<u32>,
    /// The clinician of each provider, likewise; `None` if every clinician has one provider id, or if attribution is by clinician anyway.
    persons: Option<Vec<u32>>,
    /// Whether a provider that the ledger does not know is in the same group as all others.
    one_group: bool,
}

impl Attribution {
    /// Returns the attribution for the providers of a ledger.
    ///
    /// Without a roster, all providers are one group. With a roster, a provider that is not on it or has no group is a group of its own.
    pub fn new<'r>(
        credit: AttributionMode,
        counts_for: AttributionScope,
        pairs: &PairIndex,
        roster: Option<&'r Roster>,
    ) -> Self {
        let providers = pairs.providers.len() as u32;
        let anybody = counts_for == AttributionScope::Anybody;
        let unnamed_for_all = counts_for == AttributionScope::NamedOrAll;
        let Some(roster) = roster else {
            let groups = vec![0; providers as usize];
            return Self {
                credit,
                anybody,
                unnamed_for_all,
                by_person: false,
                groups,
                persons: None,
                one_group: true,
            };
        };
        let lines = (0..providers).map(|provider| roster.get(pairs.providers.get(provider)));
        // A National Provider Identifier with a wrong check digit identifies no clinician, so it links no ids.
        let npi = |line: Option<&'r RosterEntry>| line?.npi.as_deref().filter(|npi| npi::is_valid(npi));
        let persons = numbered(lines.clone().map(npi));
        let by_person = counts_for == AttributionScope::NamedOrSameNpi && credit == AttributionMode::Strict;
        let groups = match by_person {
            true => persons.clone(),
            false => numbered(lines.map(|line| line?.group.as_deref())),
        };
        let has_several_ids = (0..).zip(&persons).any(|(provider, person)| provider != *person);
        let persons = (has_several_ids && !by_person).then_some(persons);
        Self { credit, anybody, unnamed_for_all, by_person, groups, persons, one_group: false }
    }

    /// Calls `reach` with the row and the provider of each pair of the named clinician under another id, if the message does not reach that
    /// pair. Reports can thus count the clinician's patients once over all ids (B9a).
    pub(super) fn rows_of_person(
        &self,
        pairs: &PairIndex,
        rows: &PatientRows,
        addressee: Addressee,
        mut reach: impl FnMut(usize, u32),
    ) {
        let (Some(persons), Addressee::Provider(named) | Addressee::Near(named)) = (&self.persons, addressee)
        else {
            return;
        };
        let person = persons[named as usize];
        let mut reached: Vec<u32> = Vec::new();
        self.rows(pairs, rows, addressee, |_, seer, _| reached.push(seer));
        let is_other = |seer: u32| persons[seer as usize] == person && !reached.contains(&seer);
        pairs
            .providers_who_saw(rows)
            .filter(|(_, seer)| is_other(*seer))
            .for_each(|(row, seer)| reach(row, seer));
    }

    /// Returns whether a clinician has several provider ids that messages do not all reach.
    pub(super) fn has_persons(&self) -> bool {
        self.persons.is_some()
    }

    /// Returns the only provider to whom a message can be attributed; `None` if it can also be attributed to others.
    #[inline(always)]
    pub(super) fn only_for(&self, addressee: Addressee) -> Option<u32> {
        let is_shared = self.anybody || self.by_person || self.persons.is_some();
        match (self.credit, addressee) {
            (AttributionMode::Strict, Addressee::Provider(provider)) if !is_shared => Some(provider),
            _ => None,
        }
    }

    /// Returns whether it depends on who saw the patient how certainly a message reaches the pairs.
    pub fn depends_on_who_saw(&self, addressee: Addressee) -> bool {
        self.asks_seers() && self.credit == AttributionMode::Group && matches!(addressee, Addressee::Nobody)
    }

    /// Returns whether a message reaches every provider who saw the patient: `Some(true)` if uncertainly, `Some(false)` if certainly, and
    /// `None` if it may not reach all of them alike.
    pub fn reaches_all(&self, addressee: Addressee) -> Option<bool> {
        match (self.credit, addressee) {
            _ if self.anybody => Some(false),
            (_, Addressee::Nobody) if self.unnamed_for_all => Some(false),
            (AttributionMode::Strict, Addressee::Nobody) => Some(true),
            (AttributionMode::Group, _) if self.one_group => Some(false),
            (AttributionMode::Group, Addressee::Nobody) => Some(false),
            _ => None,
        }
    }

    /// Returns the providers that a message with this addressee may reach, regardless of who saw the patient.
    pub(super) fn attribute(&self, addressee: Addressee) -> Reach {
        match (self.credit, addressee) {
            _ if self.anybody => Reach::Every,
            (_, Addressee::Nobody) => Reach::Every,
            (AttributionMode::Group, _) if self.one_group => Reach::Every,
            (_, Addressee::Provider(provider) | Addressee::Near(provider)) => Reach::With(provider),
            (_, Addressee::Stranger) => Reach::Nobody,
        }
    }

    /// Returns whether a message that names no provider certainly qualifies only as long as all providers who saw the patient are of one
    /// group.
    pub(super) fn asks_groups(&self) -> bool {
        self.credit == AttributionMode::Group && self.asks_seers() && !self.one_group
    }

    /// Returns whether a message that names no provider depends on which providers saw the patient.
    fn asks_seers(&self) -> bool {
        !self.anybody && !self.unnamed_for_all
    }

    /// Returns whether two messages about a patient reach the same providers, given the providers that they name.
    pub(super) fn reach_alike(&self, one: Option<&[u8]>, other: Option<&[u8]>, pairs: &PairIndex) -> bool {
        let group = |provider: Option<&[u8]>| match Addressee::find(provider, pairs) {
            Addressee::Provider(provider) | Addressee::Near(provider) => Some(self.group(provider)),
            Addressee::Nobody | Addressee::Stranger => None,
        };
        match self.credit {
            _ if self.anybody => true,
            AttributionMode::Group if self.one_group => true,
            AttributionMode::Group if group(one).is_some() => group(one) == group(other),
            AttributionMode::Strict if self.by_person && group(one).is_some() => group(one) == group(other),
            AttributionMode::Strict | AttributionMode::Group => one == other,
        }
    }

    /// Returns a number that is common to all providers to whom the same messages are attributed.
    pub(super) fn attribution_group(&self, provider: u32) -> u32 {
        match self.credit {
            AttributionMode::Strict if !self.by_person => provider,
            AttributionMode::Strict | AttributionMode::Group => self.group(provider),
        }
    }

    /// Returns the group of a provider, given by number.
    pub fn group(&self, provider: u32) -> u32 {
        self.groups[provider as usize]
    }

    /// Calls `reach` for each pair that a message reaches: with the row, the number of the provider, and whether it is uncertain that the
    /// message reaches it. `rows` are the pairs of its patient, and must not be empty.
    pub fn rows(
        &self,
        pairs: &PairIndex,
        rows: &PatientRows,
        addressee: Addressee,
        mut reach: impl FnMut(usize, u32, bool),
    ) {
        let mut seers = pairs.providers_who_saw(rows);
        let group_of = |provider: u32| self.groups[provider as usize];
        if self.anybody {
            return seers.for_each(|(row, seer)| reach(row, seer, false));
        }
        if self.unnamed_for_all && matches!(addressee, Addressee::Nobody) {
            return seers.for_each(|(row, seer)| reach(row, seer, false));
        }
        match (self.credit, addressee) {
            (AttributionMode::Strict, Addressee::Provider(provider)) if !self.by_person => {
                // There is at most one pair.
                if let Some((row, seer)) = seers.find(|(_, seer)| *seer == provider) {
                    reach(row, seer, false);
                }
            }
            (AttributionMode::Strict, Addressee::Near(provider)) if !self.by_person => {
                if let Some((row, seer)) = seers.find(|(_, seer)| *seer == provider) {
                    reach(row, seer, true);
                }
            }
            (AttributionMode::Strict, Addressee::Stranger) => {}
            (AttributionMode::Strict, Addressee::Nobody) => {
                seers.for_each(|(row, seer)| reach(row, seer, true))
            }
            (AttributionMode::Strict | AttributionMode::Group, Addressee::Provider(provider)) => {
                let group = group_of(provider);
                seers
                    .filter(|(_, seer)| group_of(*seer) == group)
                    .for_each(|(row, seer)| reach(row, seer, false));
            }
            (AttributionMode::Group, Addressee::Near(_) | Addressee::Stranger) if self.one_group => {
                seers.for_each(|(row, seer)| reach(row, seer, false));
            }
            (AttributionMode::Strict | AttributionMode::Group, Addressee::Near(provider)) => {
                let group = group_of(provider);
                seers
                    .filter(|(_, seer)| group_of(*seer) == group)
                    .for_each(|(row, seer)| reach(row, seer, true));
            }
            (AttributionMode::Group, Addressee::Stranger) => {}
            (AttributionMode::Group, Addressee::Nobody) => {
                let first = seers.clone().next().map(|(_, seer)| group_of(seer));
                let several = seers.clone().any(|(_, seer)| Some(group_of(seer)) != first);
                seers.for_each(|(row, seer)| reach(row, seer, several));
            }
        }
    }
}

/// Returns the group of each provider, given by name: the number of its first provider, which no other group can have.
fn numbered<'r>(names: impl Iterator<Item = Option<&'r str>>) -> Vec<u32> {
    let mut named: BTreeMap<&str, u32> = BTreeMap::new();
    let number = |(provider, name): (u32, Option<&'r str>)| match name {
        Some(name) => *named.entry(name).or_insert(provider),
        None => provider,
    };
    (0..).zip(names).map(number).collect()
}
