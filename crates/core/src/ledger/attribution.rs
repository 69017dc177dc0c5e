//! Which ledger rows a message reaches (B24).

use std::collections::BTreeMap;

use crate::domain::attribution_mode::AttributionMode;
use crate::domain::npi;
use crate::domain::roster::{Roster, RosterEntry};
use crate::edition::model::AttributionScope;
use crate::ledger::id_key::IdRef;
use crate::ledger::pair_index::{PairIndex, PatientRows};

/// The clinician whom a message names.
#[derive(Clone, Copy)]
pub enum Addressee {
    /// It names none.
    Nobody,
    /// It names one whom the ledger does not know.
    Stranger,
    /// It names one of the ledger's providers, by number.
    Provider(u32),
    /// It names one whom the ledger does not know, but whose id nearly matches that of one of its providers, by number.
    Near(u32),
}

impl Addressee {
    /// The clinician with this id, if one is named.
    #[inline]
    pub fn find(id: Option<&[u8]>, pairs: &PairIndex) -> Self {
        Self::of(id.map(IdRef::new), pairs)
    }

    /// The same.
    #[inline(always)]
    pub(super) fn of(id: Option<IdRef<'_>>, pairs: &PairIndex) -> Self {
        match id {
            None => Self::Nobody,
            Some(id) => match pairs.providers.find_id(id) {
                Some(provider) if pairs.is_met(provider) => Self::Provider(provider),
                // One that is on the roster alone may be one of the encounters in another spelling.
                Some(provider) => pairs.near_provider(id).map_or(Self::Provider(provider), Self::Near),
                None => {
                    let near = pairs.near_provider(id).or_else(|| pairs.near_listed(id));
                    near.map_or(Self::Stranger, Self::Near)
                }
            },
        }
    }
}

/// The providers whom a message may reach, whoever saw the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Every,
    /// This one, and all who are credited together with it.
    With(u32),
    Nobody,
}

/// How messages reach the rows of a ledger.
pub struct Attribution {
    credit: AttributionMode,
    /// Whether a message counts for everybody who saw the patient, whatever it names.
    anybody: bool,
    /// Whether one that names nobody does (B49).
    unnamed_for_all: bool,
    /// Whether strict credit is by person: a message counts under all ids of the person it names (B47). Groups are persons then.
    by_person: bool,
    /// The group of each provider of the ledger, by number; providers of one group share a number.
    groups: Vec<u32>,
    /// The person of each provider, alike; `None` if every provider is a person, or credit is by person anyway.
    persons: Option<Vec<u32>>,
    /// Whether a provider that the ledger does not know is in the same group as all others.
    one_group: bool,
}

impl Attribution {
    /// Credit over the providers of a ledger.
    ///
    /// Without a roster all providers are one group. With one, a provider off the roster or without a group is a
    /// group alone.
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
        // A number that fails its check digit is nobody's, so it joins nobody.
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

    /// Calls `reach` with the row and the number of every provider who saw the patient, is the person whom a message names under another id,
    /// and is not reached by the message: so the person's patients can be counted once over all ids (B9a).
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
        pairs.seers(rows).filter(|(_, seer)| is_other(*seer)).for_each(|(row, seer)| reach(row, seer));
    }

    /// Returns whether some provider is a person with several ids whom messages do not reach under all of them.
    pub(super) fn has_persons(&self) -> bool {
        self.persons.is_some()
    }

    /// Returns the provider for whom alone a message counts if it counts for anybody; `None` if others may share in it.
    #[inline(always)]
    pub(super) fn only_for(&self, addressee: Addressee) -> Option<u32> {
        let is_shared = self.anybody || self.by_person || self.persons.is_some();
        match (self.credit, addressee) {
            (AttributionMode::Strict, Addressee::Provider(provider)) if !is_shared => Some(provider),
            _ => None,
        }
    }

    /// Whether it hangs on who saw the patient how certain it is that a message reaches them.
    pub fn hangs_on_seers(&self, addressee: Addressee) -> bool {
        self.asks_seers() && self.credit == AttributionMode::Group && matches!(addressee, Addressee::Nobody)
    }

    /// Whether a message reaches everybody who saw the patient, and whether that is uncertain alike for all.
    pub fn reaches_everybody(&self, addressee: Addressee) -> Option<bool> {
        match (self.credit, addressee) {
            _ if self.anybody => Some(false),
            (_, Addressee::Nobody) if self.unnamed_for_all => Some(false),
            (AttributionMode::Strict, Addressee::Nobody) => Some(true),
            (AttributionMode::Group, _) if self.one_group => Some(false),
            (AttributionMode::Group, Addressee::Nobody) => Some(false),
            _ => None,
        }
    }

    /// Returns the providers whom a message with this addressee may reach, whoever saw the patient.
    pub(super) fn reach(&self, addressee: Addressee) -> Reach {
        match (self.credit, addressee) {
            _ if self.anybody => Reach::Every,
            (_, Addressee::Nobody) => Reach::Every,
            (AttributionMode::Group, _) if self.one_group => Reach::Every,
            (_, Addressee::Provider(provider) | Addressee::Near(provider)) => Reach::With(provider),
            (_, Addressee::Stranger) => Reach::Nobody,
        }
    }

    /// Returns whether a message that names no provider counts for certain only while all who saw the patient are of one group.
    pub(super) fn asks_groups(&self) -> bool {
        self.credit == AttributionMode::Group && self.asks_seers() && !self.one_group
    }

    /// Returns whether it matters who saw the patient for a message that names nobody.
    fn asks_seers(&self) -> bool {
        !self.anybody && !self.unnamed_for_all
    }

    /// Whether two messages about a patient reach the same providers for what they name, or do not name.
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

    /// Returns a number that providers share who are credited with the same messages.
    pub(super) fn together(&self, provider: u32) -> u32 {
        match self.credit {
            AttributionMode::Strict if !self.by_person => provider,
            AttributionMode::Strict | AttributionMode::Group => self.group(provider),
        }
    }

    /// The group of a provider, given by number.
    pub fn group(&self, provider: u32) -> u32 {
        self.groups[provider as usize]
    }

    /// Calls `reach` with every row that a message reaches, of the rows of its patient, the number of its provider, and
    /// whether it is uncertain that it does. A patient has a row at least.
    pub fn rows(
        &self,
        pairs: &PairIndex,
        rows: &PatientRows,
        addressee: Addressee,
        mut reach: impl FnMut(usize, u32, bool),
    ) {
        let mut seers = pairs.seers(rows);
        let group_of = |provider: u32| self.groups[provider as usize];
        if self.anybody {
            return seers.for_each(|(row, seer)| reach(row, seer, false));
        }
        if self.unnamed_for_all && matches!(addressee, Addressee::Nobody) {
            return seers.for_each(|(row, seer)| reach(row, seer, false));
        }
        match (self.credit, addressee) {
            (AttributionMode::Strict, Addressee::Provider(provider)) if !self.by_person => {
                // There is one pair at the most.
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

/// Returns the group of each provider, given by name: the number of its first provider, so that it is nobody else's.
fn numbered<'r>(names: impl Iterator<Item = Option<&'r str>>) -> Vec<u32> {
    let mut named: BTreeMap<&str, u32> = BTreeMap::new();
    let number = |(provider, name): (u32, Option<&'r str>)| match name {
        Some(name) => *named.entry(name).or_insert(provider),
        None => provider,
    };
    (0..).zip(names).map(number).collect()
}
