//! What the rows that cannot be used may do to the figures.

use std::collections::BTreeSet;

use super::editions::{counts_accesses, is_for_anybody};
use super::ids::meant;
use super::pairs::{ProviderPatient, Sent, credit, group, listed, pairs, person, sent};
use super::world::World;

/// Where the formulas of the contract are narrower than what the rows allow, as the trial of every completion shows, these are wider.
/// With credit by group, an unusable encounter may be one with a provider of another group.
const MAY_BE_OF_ANOTHER_GROUP: bool = true;
/// Somebody who is a patient of one provider may have been seen by another one, whom the message went to.
const MAY_BE_SEEN_BY_ANOTHER: bool = true;
/// An id that nearly matches may be that of the patient of an unusable encounter.
const MAY_BE_NOBODY_KNOWN: bool = true;

/// What the unusable rows may do to a provider, or to all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concerned {
    /// Unusable encounters: each may be a further patient.
    pub encounters: u64,
    /// Unusable messages: each may make a patient count.
    pub messages: u64,
    /// Patients who wrote and were not seen: an unusable encounter may be theirs.
    pub writers: u64,
    /// Patients, certain and possible in the denominator, who count for certain only as long as nobody of another group saw them too.
    pub regrouped: (u64, u64),
}

/// What may concern a provider.
pub fn concerned(world: &World, pairs: &[ProviderPatient], provider: &str) -> Concerned {
    let encounters = world.lost_encounters.iter();
    let encounters = encounters.filter(|of| of.as_deref().is_none_or(|of| of == provider)).count() as u64;
    let messages = world.lost_messages.iter();
    let messages =
        messages.filter(|of| of.as_deref().is_none_or(|of| reaches(world, of, provider))).count() as u64;
    let has_row =
        |patient: &str| pairs.iter().any(|pair| pair.provider == provider && pair.patient == patient);
    let mut writers = BTreeSet::new();
    for sent in sent(world) {
        let reached = sent.answer.yes
            && credit(world, sent.addressee.as_deref(), provider, &[provider.to_owned()], sent.answer)
                .is_some();
        let writer = writer(&sent);
        if reached && !has_row(writer) {
            writers.insert(writer.to_owned());
        }
    }
    let others = world.lost_encounters.iter();
    let others =
        others.filter(|of| of.as_deref().is_none_or(|of| group(world, of) != group(world, provider))).count();
    let own = |pair: &&ProviderPatient| pair.provider == provider;
    let regrouped = regrouped(world, pairs, others as u64, &|pairs, patient| {
        let pair = pairs.iter().filter(own).find(|pair| pair.patient == patient);
        pair.filter(|pair| pair.certainly_wrote()).map(ProviderPatient::certainly_seen)
    });
    Concerned { encounters, messages, writers: writers.len() as u64, regrouped }
}

/// What may concern all providers together.
pub fn concerned_of_group(world: &World, pairs: &[ProviderPatient]) -> Concerned {
    let providers = known(world);
    let counts = |patient: &str| pairs.iter().any(|pair| pair.patient == patient && pair.perhaps_wrote());
    let has_row = |patient: &str, provider: &str| {
        pairs.iter().any(|pair| pair.provider == provider && pair.patient == patient)
    };
    let mut writers = BTreeSet::new();
    for sent in sent(world) {
        let (patient, addressee) = (writer(&sent), sent.addressee.as_deref());
        let is_seen = pairs.iter().any(|pair| pair.patient == patient);
        let reached = providers.iter().any(|provider| {
            let alone = std::slice::from_ref(provider);
            !has_row(patient, provider) && credit(world, addressee, provider, alone, sent.answer).is_some()
        });
        if sent.answer.yes && reached && !counts(patient) && (MAY_BE_SEEN_BY_ANOTHER || !is_seen) {
            writers.insert(patient.to_owned());
        }
    }
    let encounters = world.lost_encounters.len() as u64;
    let regrouped = regrouped(world, pairs, encounters, &|pairs, patient| {
        let of_patient = pairs.iter().filter(|pair| pair.patient == patient && pair.certainly_wrote());
        of_patient.map(ProviderPatient::certainly_seen).max()
    });
    Concerned {
        encounters,
        messages: world.lost_messages.len() as u64,
        writers: writers.len() as u64,
        regrouped,
    }
}

/// Providers who are listed or named in encounters.
fn known(world: &World) -> BTreeSet<String> {
    let mut known = listed(world);
    known.extend(world.encounters.iter().map(|row| row.provider.clone()));
    known
}

/// Who wrote, if it was nobody whose encounter is known: whoever has the id as it stands.
fn writer(sent: &Sent) -> &str {
    if MAY_BE_NOBODY_KNOWN { &sent.own } else { &sent.patient }
}

/// Whether a message without a patient that names this provider may concern a provider.
fn reaches(world: &World, named: &str, provider: &str) -> bool {
    if is_for_anybody(world.edition()) {
        return true;
    }
    let known = known(world);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let (named, _) = meant(named, &known);
    if world.group_credit {
        group(world, named) == group(world, provider)
    } else {
        person(world, named) == person(world, provider)
    }
}

/// With credit by group, a message that names nobody counts for certain only where all who saw the patient are of one group. So many
/// unusable encounters may be of another one. `standing` says of a patient who counts for certain whether he was certainly seen.
fn regrouped(
    world: &World,
    pairs: &[ProviderPatient],
    others: u64,
    standing: &dyn Fn(&[ProviderPatient], &str) -> Option<bool>,
) -> (u64, u64) {
    if !MAY_BE_OF_ANOTHER_GROUP
        || !world.group_credit
        || world.roster.is_none()
        || is_for_anybody(world.edition())
        // An access that names nobody counts for all in any case.
        || counts_accesses(world.edition())
        || others == 0
    {
        return (0, 0);
    }
    let without = World { without_unaddressed: true, ..world.clone() };
    let without = self::pairs(&without);
    let patients: BTreeSet<&str> = pairs.iter().map(|pair| &*pair.patient).collect();
    let (mut certain, mut possible) = (0, 0);
    for patient in patients {
        match (standing(pairs, patient), standing(&without, patient)) {
            (Some(true), Some(false) | None) => certain += 1,
            (Some(false), None) => possible += 1,
            _ => {}
        }
    }
    let certain = others.min(certain);
    (certain, (others - certain).min(possible))
}
