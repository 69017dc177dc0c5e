//! Finds the providers that unusable rows may affect, under one rule set and its policy settings.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::domain::event::{Encounter, Message, NumeratorEvent, PortalAccess};
use crate::domain::exclusion::ExclusionCounts;
use crate::domain::inclusion::Inclusion;
use crate::domain::line_index::LazyLine;
use crate::domain::period::Day;
use crate::domain::unusable::UnusableRows;
use crate::domain::unusable_row::{Unusable, UnusableRow};
use crate::ledger::attribution::{Addressee, Attribution, Reach};
use crate::ledger::evaluator::CompiledMeasure;
use crate::ledger::id_key::IdRef;
use crate::ledger::pair_index::PairIndex;

/// Unusable rows, by the providers that they may affect.
#[derive(Clone, Debug, Default)]
pub struct UnusableByProvider {
    /// Rows that may affect every provider.
    every: UnusableRows,
    /// Encounters that may affect one provider, by number.
    encounters: HashMap<u32, u64>,
    /// Encounters that the location requirement counts (B41): those of no known provider, and those of each provider, by number.
    gate: (ExclusionCounts, HashMap<u32, ExclusionCounts>),
    /// Messages that may affect providers with shared attribution, by their common number.
    messages: HashMap<u32, u64>,
    /// For each provider, the common number of the providers with shared attribution.
    together: Vec<u32>,
    /// All rows that may affect some provider, each counted once.
    pub all: UnusableRows,
    /// Whether there are unusable encounters that the result leaves out, as the user chose.
    pub leaves_out_encounters: bool,
    /// The number of patients not seen by a provider whose message would qualify if they were, by the number of the provider.
    writers: HashMap<u32, u64>,
    /// The patients with such a message, with the common numbers of the providers that it would reach; `None` for every provider.
    all_writers: BTreeMap<Box<[u8]>, Vec<Option<u32>>>,
    /// Whether a message that names no provider certainly qualifies only as long as all providers who saw the patient are of one group.
    asks_groups: bool,
}

impl UnusableByProvider {
    /// Adds encounters that may qualify. The ledger has every provider that they name.
    pub fn add_encounters(
        &mut self,
        rows: &Unusable,
        pairs: &PairIndex,
        is_possible: impl Fn(&UnusableRow) -> bool,
    ) {
        for (row, count) in rows.rows().filter(|(row, _)| is_possible(row)) {
            self.all.encounters += count;
            match row.provider().and_then(|provider| pairs.providers.find(provider)) {
                Some(provider) => *self.encounters.entry(provider).or_default() += count,
                None => self.every.encounters += count,
            }
        }
    }

    /// Adds encounters that the location requirement counts. It counts encounters, not patients, so an encounter without a patient counts
    /// for its provider.
    pub fn add_to_gate(&mut self, rows: &Unusable, pairs: &PairIndex, law: &CompiledMeasure) {
        let Some(Some(gate)) = law.questions.last() else { return };
        for (row, count) in rows.rows() {
            let asked = with_encounter(row, |encounter| {
                (law.encounter_cell(&gate.table, encounter).answer, gate.mark.value(encounter))
            });
            let (answer, mark) = asked.unwrap_or((Inclusion::Uncertain, None));
            if !answer.is_possible() {
                continue;
            }
            match row.provider().and_then(|provider| pairs.providers.find(provider)) {
                Some(provider) => {
                    self.gate.1.entry(provider).or_default().add_many(answer.is_certain(), mark, count);
                }
                None => self.gate.0.add_many(false, mark, count),
            }
        }
    }

    /// Returns the encounters that the location requirement counts and that may be those of a clinician with these provider ids.
    pub fn gate_of(&self, ids: &[u32]) -> ExclusionCounts {
        let mut held = self.gate.0;
        ids.iter().filter_map(|id| self.gate.1.get(id)).for_each(|of| held.merge(of));
        held
    }

    /// Adds messages or portal accesses that may qualify, for the providers that they may reach.
    pub fn add_messages(
        &mut self,
        rows: &Unusable,
        pairs: &PairIndex,
        crediting: &Attribution,
        is_possible: impl Fn(&UnusableRow) -> bool,
    ) {
        self.set_attribution(pairs, crediting);
        for (row, count) in rows.rows().filter(|(row, _)| is_possible(row)) {
            let addressee = Addressee::find(row.provider(), pairs);
            match crediting.attribute(addressee) {
                Reach::Every => self.every.messages += count,
                Reach::With(provider) => {
                    *self.messages.entry(crediting.attribution_group(provider)).or_default() += count;
                }
                // `all` has the row even so: an unusable encounter may be with the provider that the message names.
                Reach::Nobody => {}
            }
            self.all.messages += count;
        }
    }

    /// Adds the patients who wrote but were not seen.
    pub fn add_writers(&mut self, writers: &UnseenWriters, pairs: &PairIndex, crediting: &Attribution) {
        self.set_attribution(pairs, crediting);
        let every = writers.every.lock().unwrap_or_else(PoisonError::into_inner);
        let some = writers.some.lock().unwrap_or_else(PoisonError::into_inner);
        let mut together: HashMap<u32, HashSet<&[u8]>> = HashMap::new();
        for (provider, patients) in &*some {
            let others = patients.iter().filter(|patient| !every.contains(*patient));
            together
                .entry(crediting.attribution_group(*provider))
                .or_default()
                .extend(others.map(|patient| &**patient));
        }
        // All patients who wrote, minus those whom the provider has seen.
        let mut seen: HashMap<u32, u64> = HashMap::new();
        for patient in &*every {
            providers_who_saw(pairs, patient).for_each(|provider| *seen.entry(provider).or_default() += 1);
        }
        for (number, patients) in &together {
            for patient in patients {
                let of_these = providers_who_saw(pairs, patient)
                    .filter(|seer| crediting.attribution_group(*seer) == *number);
                of_these.for_each(|provider| *seen.entry(provider).or_default() += 1);
            }
        }
        for provider in 0..pairs.providers.len() as u32 {
            if self.for_provider(provider).encounters > 0 {
                let own = together.get(&crediting.attribution_group(provider)).map_or(0, HashSet::len);
                let seen = seen.get(&provider).copied().unwrap_or_default();
                self.writers.insert(provider, (every.len() + own) as u64 - seen);
            }
        }
        let mut members: HashMap<u32, usize> = HashMap::new();
        self.together.iter().for_each(|number| *members.entry(*number).or_default() += 1);
        let is_unseen_by_some = |patient: &[u8], number: Option<u32>| {
            let of_these =
                |seer: &u32| number.is_none_or(|number| crediting.attribution_group(*seer) == number);
            let providers = number
                .map_or(pairs.providers.len(), |number| members.get(&number).copied().unwrap_or_default());
            providers_who_saw(pairs, patient).filter(of_these).count() < providers
        };
        let of_every = every.iter().map(|patient| (&**patient, None));
        let of_some =
            together.iter().flat_map(|(number, patients)| patients.iter().map(|id| (*id, Some(*number))));
        let all = of_every.chain(of_some).filter(|(patient, number)| is_unseen_by_some(patient, *number));
        for (patient, number) in all {
            self.all_writers.entry(Box::from(patient)).or_default().push(number);
        }
    }

    /// Returns the rows that may affect a provider.
    pub fn for_provider(&self, provider: u32) -> UnusableRows {
        self.every + self.named(provider)
    }

    /// Returns the number of patients not seen by a provider whose message would qualify if they were.
    pub fn writers_of(&self, provider: u32) -> u64 {
        self.writers.get(&provider).copied().unwrap_or_default()
    }

    /// Returns the patients whose message would qualify for a provider who has not seen them.
    pub fn all_writers(&self) -> impl Iterator<Item = &[u8]> {
        self.all_writers.keys().map(|patient| &**patient)
    }

    /// Returns the number of patients not seen by a clinician with these provider ids whose message would qualify if they were.
    pub fn writers_of_person(&self, ids: &[u32], pairs: &PairIndex) -> u64 {
        let together: Vec<u32> =
            ids.iter().filter_map(|id| self.together.get(*id as usize)).copied().collect();
        let reaches = |number: &Option<u32>| number.is_none_or(|number| together.contains(&number));
        let is_unseen = |patient: &[u8]| !providers_who_saw(pairs, patient).any(|seer| ids.contains(&seer));
        let of_person = self
            .all_writers
            .iter()
            .filter(|(patient, numbers)| numbers.iter().any(reaches) && is_unseen(patient));
        of_person.count() as u64
    }

    /// Returns the number of encounters that may be those of a provider of another group; 0 if groups do not matter.
    pub fn elsewhere(&self, provider: u32) -> u64 {
        if !self.asks_groups {
            return 0;
        }
        let number = self.together.get(provider as usize);
        let is_of_another = |other: &u32| self.together.get(*other as usize) != number;
        let others = self.encounters.iter().filter(|(other, _)| is_of_another(other));
        self.every.encounters + others.map(|(_, count)| count).sum::<u64>()
    }

    /// Returns whether an encounter may be one of a provider of another group than the providers who saw a patient.
    pub fn may_regroup(&self) -> bool {
        self.asks_groups && self.all.encounters > 0
    }

    /// Returns the rows that may affect any of the provider ids of one clinician, each counted once.
    pub fn rows_for_person(&self, providers: &[u32]) -> UnusableRows {
        let encounters = providers.iter().filter_map(|provider| self.encounters.get(provider)).sum();
        let numbers: BTreeSet<u32> =
            providers.iter().filter_map(|provider| self.together.get(*provider as usize)).copied().collect();
        let messages = numbers.iter().filter_map(|number| self.messages.get(number)).sum();
        self.every + UnusableRows { encounters, messages }
    }

    /// Returns whether encounters without a patient name a provider.
    pub fn is_seen_by(&self, provider: u32) -> bool {
        self.encounters.contains_key(&provider)
    }

    /// Sets whether groups matter, and which providers have shared attribution.
    pub fn set_attribution(&mut self, pairs: &PairIndex, crediting: &Attribution) {
        self.asks_groups = crediting.asks_groups();
        if self.together.is_empty() {
            self.together = (0..pairs.providers.len() as u32)
                .map(|provider| crediting.attribution_group(provider))
                .collect();
        }
    }

    fn named(&self, provider: u32) -> UnusableRows {
        let together = self.together.get(provider as usize);
        UnusableRows {
            encounters: self.encounters.get(&provider).copied().unwrap_or_default(),
            messages: together.and_then(|number| self.messages.get(number)).copied().unwrap_or_default(),
        }
    }
}

/// Returns the providers who saw, or may have seen, a patient.
pub(super) fn providers_who_saw<'p>(pairs: &'p PairIndex, patient: &[u8]) -> impl Iterator<Item = u32> + 'p {
    let id = IdRef::new(patient);
    let rows = pairs.rows_for_patient(id, pairs.hash(id));
    let providers: Vec<u32> = pairs.providers_who_saw(&rows).map(|(_, provider)| provider).collect();
    providers.into_iter()
}

/// Patients with a message that may qualify and would reach a provider who has not seen them. Several threads fill it.
#[derive(Default)]
pub struct UnseenWriters {
    /// Patients whose message would reach every provider.
    every: Mutex<HashSet<Box<[u8]>>>,
    /// Patients whose message would reach one provider, and those with shared attribution, by the number of the provider.
    some: Mutex<HashMap<u32, HashSet<Box<[u8]>>>>,
}

impl UnseenWriters {
    /// Adds a patient whose message would reach every provider.
    pub(super) fn add_to_every(&self, patient: &[u8]) {
        let mut every = self.every.lock().unwrap_or_else(PoisonError::into_inner);
        if !every.contains(patient) {
            every.insert(patient.into());
        }
    }

    /// Adds a patient whose message would reach a provider, and those with shared attribution.
    pub(super) fn add_to(&self, provider: u32, patient: &[u8]) {
        let mut some = self.some.lock().unwrap_or_else(PoisonError::into_inner);
        let patients = some.entry(provider).or_default();
        if !patients.contains(patient) {
            patients.insert(patient.into());
        }
    }
}

/// Returns whether an unusable encounter may qualify under the rules, for any value of its missing cells.
pub fn encounter_may_be_in(law: &CompiledMeasure, row: &UnusableRow) -> bool {
    with_encounter(row, |encounter| law.encounter(encounter).answer.is_possible()).unwrap_or(true)
}

/// Calls a function with the readable part of an unusable encounter; `None` if nothing is readable.
fn with_encounter<R>(row: &UnusableRow, ask: impl FnOnce(&Encounter<'_>) -> R) -> Option<R> {
    let UnusableRow::Encounter { day, words, cehrt, short_county, .. } = row else { return None };
    Some(ask(&Encounter {
        line: LazyLine::Known(0),
        id: None,
        version: None,
        patient: b"",
        provider: b"",
        day: *day,
        words: *words,
        cehrt: *cehrt,
        short_county: *short_county,
    }))
}

/// Returns whether an unusable message or portal access may qualify under the rules, for any value of its missing cells.
pub fn message_may_count(law: &CompiledMeasure, row: &UnusableRow) -> bool {
    let act = |day: Option<Day>| NumeratorEvent {
        line: LazyLine::Known(0),
        id: None,
        version: None,
        patient: b"",
        provider: None,
        day,
    };
    match row {
        UnusableRow::Message { day, words, .. } => {
            law.message(&Message { act: act(*day), words: *words }).answer.is_possible()
        }
        UnusableRow::Access { day, action, actor, .. } => {
            law.access(&PortalAccess { act: act(*day), action: *action, actor: *actor }).answer.is_possible()
        }
        _ => true,
    }
}
