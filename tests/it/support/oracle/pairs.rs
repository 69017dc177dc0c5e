//! The data about each pair of provider and patient.

use std::collections::{BTreeMap, BTreeSet};

use super::chains::{Answers, IN};
use super::editions::{choices, counts_accesses, is_for_anybody};
use super::ids::{folded, meant};
use super::rows::{evaluate_access, evaluate_encounter, evaluate_message};
use super::versions::worth;
use super::world::{Open, Policies, World};

/// What the data allow for a patient with a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPatient {
    pub provider: String,
    pub patient: String,
    /// The answers of the encounters between the two.
    pub encounters: Vec<Answers>,
    /// The positions of these encounters among all encounters.
    pub encounter_rows: Vec<usize>,
    /// The answers of the messages or portal accesses that are attributed to the provider.
    pub messages: Vec<Answers>,
    /// The positions of these rows among all messages or portal accesses.
    pub message_rows: Vec<usize>,
}

/// Returns every pair of a provider and a patient whom the provider may have seen, with the answers of the rows that affect it.
pub fn pairs(world: &World) -> Vec<ProviderPatient> {
    let policies = choices(world.edition(), world.year(), &world.policies);
    // By patient, then provider.
    let mut pairs: BTreeMap<&str, BTreeMap<&str, ProviderPatient>> = BTreeMap::new();
    for open in records(world.encounters.len(), &world.open_encounters) {
        for (_, row) in &open.rows {
            let encounter = &world.encounters[*row];
            let worth = worth(&open, &|row| {
                let other = &world.encounters[row];
                let is_same = other.patient == encounter.patient && other.provider == encounter.provider;
                is_same.then(|| evaluate_encounter(world, &policies, other))
            });
            if worth.yes && evaluate_encounter(world, &policies, encounter).yes {
                let of_patient = pairs.entry(&encounter.patient).or_default();
                let pair = of_patient.entry(&encounter.provider).or_insert_with(|| ProviderPatient {
                    provider: encounter.provider.clone(),
                    patient: encounter.patient.clone(),
                    encounters: Vec::new(),
                    encounter_rows: Vec::new(),
                    messages: Vec::new(),
                    message_rows: Vec::new(),
                });
                pair.encounters.push(worth);
                pair.encounter_rows.push(*row);
            }
        }
    }
    let rows = if counts_accesses(world.edition()) { world.accesses.len() } else { world.messages.len() };
    let mut sent_in: Vec<Option<Sent>> = vec![None; rows];
    for sent in sent(world) {
        let row = sent.row;
        sent_in[row] = Some(sent);
    }
    for open in records(rows, &world.open_messages) {
        let of_record = || open.rows.iter().filter_map(|(_, row)| sent_in[*row].as_ref());
        let patients: BTreeSet<&str> = of_record().map(|sent| &*sent.patient).collect();
        for patient in patients {
            let Some(of_patient) = pairs.get_mut(patient) else {
                continue;
            };
            let seen: Vec<String> = of_patient.keys().map(|provider| (*provider).to_owned()).collect();
            for pair in of_patient.values_mut() {
                let of_row = |row: usize| {
                    let sent = sent_in[row].as_ref().filter(|sent| sent.patient == patient)?;
                    credit(world, sent.addressee.as_deref(), &pair.provider, &seen, sent.answer)
                };
                let reaching: Vec<usize> =
                    open.rows.iter().map(|(_, row)| *row).filter(|row| of_row(*row).is_some()).collect();
                if let Some(first) = reaching.first() {
                    pair.messages.push(worth(&open, &of_row));
                    pair.message_rows.push(*first);
                }
            }
        }
    }
    let mut pairs: Vec<ProviderPatient> = pairs.into_values().flat_map(BTreeMap::into_values).collect();
    pairs.sort_by(|one, other| (&one.provider, &one.patient).cmp(&(&other.provider, &other.patient)));
    pairs
}

/// Returns all records of this many rows: each row is a record, except the versions of records in `open`.
fn records(rows: usize, open: &[Open]) -> Vec<Open> {
    let alone = |row: usize| Open { versions: 1, rows: vec![(0, row)] };
    let of_open: BTreeSet<usize> = open.iter().flat_map(|open| &open.rows).map(|(_, row)| *row).collect();
    (0..rows).filter(|row| !of_open.contains(row)).map(alone).chain(open.iter().cloned()).collect()
}

/// A message or portal access, with the matched patient and provider.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The position among all messages or portal accesses.
    pub row: usize,
    /// The matched patient, and the id in the row.
    pub patient: String,
    pub own: String,
    pub addressee: Option<String>,
    pub answer: Answers,
}

/// Returns all messages or portal accesses. A near match of an id makes the row unresolved.
pub fn sent(world: &World) -> Vec<Sent> {
    let policies = choices(world.edition(), world.year(), &world.policies);
    let patients: BTreeSet<&str> = world.encounters.iter().map(|encounter| &*encounter.patient).collect();
    let patients: Vec<&str> = patients.into_iter().collect();
    let providers: BTreeSet<String> =
        listed(world).into_iter().chain(world.encounters.iter().map(|row| row.provider.clone())).collect();
    let providers: Vec<&str> = providers.iter().map(String::as_str).collect();
    let rows = numerator_rows(world, &policies).into_iter().enumerate();
    let rows = rows.filter(|(_, (_, addressee, _))| addressee.is_some() || !world.without_unaddressed);
    rows.map(|(row, (own, addressee, answer))| {
        let (patient, is_near) = meant(own, &patients, &world.fold);
        let addressee = addressee.map(|addressee| meant(addressee, &providers, &world.fold));
        // The addressee does not matter in some rule sets, or if all providers are in one group.
        let is_for_all = is_for_anybody(world.edition()) || (world.group_credit && world.roster.is_none());
        let is_near = is_near || (addressee.is_some_and(|of| of.1) && !is_for_all);
        let answer = if is_near { Answers { out: true, yes: answer.yes } } else { answer };
        Sent {
            row,
            patient: patient.to_owned(),
            own: own.to_owned(),
            addressee: addressee.map(|of| of.0.to_owned()),
            answer,
        }
    })
    .collect()
}

/// Returns the providers who are listed because the roster or an encounter names them. An unusable encounter is enough.
pub fn listed(world: &World) -> BTreeSet<String> {
    let mut ids: BTreeSet<String> = match &world.roster {
        Some(roster) => roster.iter().map(|(id, _)| fold(world, id)).collect(),
        None => {
            let used = world.encounters.iter().map(|encounter| &encounter.provider);
            used.chain(&world.named).cloned().collect()
        }
    };
    ids.extend(world.lost_encounters.iter().flatten().cloned());
    ids
}

/// Returns the rows that the rule set's numerator counts: patient, named provider, and answers.
fn numerator_rows<'w>(world: &'w World, policies: &Policies) -> Vec<(&'w str, Option<&'w str>, Answers)> {
    if counts_accesses(world.edition()) {
        let rows = world.accesses.iter();
        rows.map(|access| {
            (&*access.patient, access.provider.as_deref(), evaluate_access(world, policies, access))
        })
        .collect()
    } else {
        let rows = world.messages.iter();
        rows.map(|message| {
            (&*message.patient, message.provider.as_deref(), evaluate_message(world, policies, message))
        })
        .collect()
    }
}

/// Returns what a message or portal access means for a provider who saw the patient. `seen` has all providers who did.
pub fn credit(
    world: &World,
    addressee: Option<&str>,
    provider: &str,
    seen: &[String],
    answer: Answers,
) -> Option<Answers> {
    if is_for_anybody(world.edition()) {
        return Some(answer);
    }
    // An access that names no provider is attributed to every provider who saw the patient.
    if addressee.is_none() && counts_accesses(world.edition()) {
        return Some(answer);
    }
    let perhaps = Answers { out: true, yes: answer.yes };
    match (addressee, world.group_credit) {
        (Some(addressee), false) => (person(world, addressee) == person(world, provider)).then_some(answer),
        (None, false) => Some(perhaps),
        (Some(addressee), true) => (group(world, addressee) == group(world, provider)).then_some(answer),
        (None, true) => {
            let groups: BTreeSet<String> = seen.iter().map(|provider| group(world, provider)).collect();
            Some(if groups.len() == 1 { answer } else { perhaps })
        }
    }
}

/// Applies the configured foldings to an id.
pub fn fold(world: &World, id: &str) -> String {
    let foldings: Vec<&str> = world.fold.iter().map(String::as_str).collect();
    folded(id, &foldings)
}

/// Returns the identity of a provider: in MIPS, provider ids with the same NPI are one clinician, if the NPI's check digit is correct.
pub fn person(world: &World, provider: &str) -> String {
    let line = world.npis.iter().find(|(id, _)| fold(world, id) == provider);
    match line.filter(|_| world.edition().starts_with("mips-")) {
        Some((_, npi)) if checks(npi) => format!("person {npi}"),
        _ => format!("id {provider}"),
    }
}

/// Checks the NPI's digits, after the prefix 80840, with the Luhn formula from the left.
fn checks(npi: &str) -> bool {
    let digits: Option<Vec<u32>> = npi.chars().map(|digit| digit.to_digit(10)).collect();
    let doubled = |digit: u32| if digit < 5 { 2 * digit } else { 2 * digit - 9 };
    digits.filter(|digits| digits.len() == 10).is_some_and(|digits| {
        let sum: u32 = digits.chunks(2).map(|pair| doubled(pair[0]) + pair[1]).sum();
        (sum + 24).is_multiple_of(10)
    })
}

pub fn group(world: &World, provider: &str) -> String {
    let Some(roster) = &world.roster else {
        return "everybody".to_owned();
    };
    let line = roster.iter().find(|(id, _)| fold(world, id) == provider);
    match line.and_then(|(_, group)| group.clone()) {
        Some(group) => format!("group {group}"),
        None => format!("alone {provider}"),
    }
}

impl ProviderPatient {
    pub fn certainly_seen(&self) -> bool {
        self.encounters.contains(&IN)
    }

    pub fn certainly_wrote(&self) -> bool {
        self.messages.contains(&IN)
    }

    pub fn perhaps_wrote(&self) -> bool {
        self.messages.iter().any(|answer| answer.yes)
    }

    /// Returns the patient's possible memberships as (in the denominator, in the numerator), by trying every possible answer of the rows.
    pub fn memberships(&self) -> BTreeSet<(bool, bool)> {
        let ways = |answers: &[Answers]| -> BTreeSet<bool> {
            let mut any = BTreeSet::from([false]);
            for answer in answers {
                let mut next = BTreeSet::new();
                for so_far in any {
                    if answer.out {
                        next.insert(so_far);
                    }
                    if answer.yes {
                        next.insert(true);
                    }
                }
                any = next;
            }
            any
        };
        let (seen, wrote) = (ways(&self.encounters), ways(&self.messages));
        seen.iter().flat_map(|seen| wrote.iter().map(move |wrote| (*seen, *seen && *wrote))).collect()
    }
}
