//! Which ledger rows a message reaches (B24).

use std::collections::BTreeMap;

use crate::domain::credit::Credit;
use crate::read::Roster;
use crate::tally::ledger::Pairs;

/// How messages reach the rows of a ledger.
pub struct Crediting {
    credit: Credit,
    /// The group of each provider of the ledger, by number; providers of one group share a number.
    groups: Vec<u32>,
    /// Whether a provider that the ledger does not know is in the same group as all others.
    one_group: bool,
}

impl Crediting {
    /// Credit over the providers of a ledger.
    ///
    /// Without a roster all providers are one group. With one, a provider off the roster or without a group is a
    /// group alone.
    pub fn new(credit: Credit, pairs: &Pairs, roster: Option<&Roster>) -> Self {
        let providers = pairs.providers.len() as u32;
        let Some(roster) = roster else {
            return Self { credit, groups: vec![0; providers as usize], one_group: true };
        };
        let mut named: BTreeMap<&str, u32> = BTreeMap::new();
        let groups = (0..providers).map(|provider| {
            let line = roster.get(pairs.providers.get(provider));
            match line.and_then(|line| line.group.as_deref()) {
                // A group has the number of its first provider, so it is nobody else's.
                Some(group) => *named.entry(group).or_insert(provider),
                None => provider,
            }
        });
        Self { credit, groups: groups.collect(), one_group: false }
    }

    /// Calls `reach` with the position of every row that a message about a patient reaches, and whether it is
    /// uncertain that it does.
    pub fn rows(
        &self,
        pairs: &Pairs,
        patient: u32,
        provider: Option<&str>,
        mut reach: impl FnMut(usize, bool),
    ) {
        let rows = pairs.of_patient(patient);
        let provider_of = |row: usize| pairs.provider_of(row);
        let group_of = |row: usize| self.groups[provider_of(row) as usize];
        match (self.credit, provider) {
            (Credit::Strict, Some(provider)) => {
                if let Some(provider) = pairs.providers.find(provider) {
                    rows.filter(|row| provider_of(*row) == provider).for_each(|row| reach(row, false));
                }
            }
            (Credit::Strict, None) => rows.for_each(|row| reach(row, true)),
            (Credit::Group, Some(provider)) => {
                let group = pairs.providers.find(provider).map(|provider| self.groups[provider as usize]);
                if let Some(group) = group.or(self.one_group.then_some(0)) {
                    rows.filter(|row| group_of(*row) == group).for_each(|row| reach(row, false));
                }
            }
            (Credit::Group, None) => {
                let several = rows.clone().any(|row| group_of(row) != group_of(rows.start));
                rows.for_each(|row| reach(row, several));
            }
        }
    }
}
