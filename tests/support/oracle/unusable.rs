//! What the rows that cannot be used may do to the figures.

use std::collections::BTreeSet;

use super::editions::is_for_anybody;
use super::ids::meant;
use super::pairs::{Pair, credit, group, listed, pairs, sent};
use super::world::World;

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
pub fn concerned(world: &World, pairs: &[Pair], provider: &str) -> Concerned {
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
        // Where the id only nearly matches, it may also be that of a patient of whom no other row is left.
        writers.extend([sent.patient, sent.own].into_iter().filter(|patient| reached && !has_row(patient)));
    }
    let others = world.lost_encounters.iter();
    let others =
        others.filter(|of| of.as_deref().is_none_or(|of| group(world, of) != group(world, provider))).count();
    let own = |pair: &&Pair| pair.provider == provider;
    let regrouped = regrouped(world, pairs, others as u64, &|pairs, patient| {
        let pair = pairs.iter().filter(own).find(|pair| pair.patient == patient);
        pair.filter(|pair| pair.certainly_wrote()).map(Pair::certainly_seen)
    });
    Concerned { encounters, messages, writers: writers.len() as u64, regrouped }
}

/// What may concern all providers together.
pub fn concerned_of_group(world: &World, pairs: &[Pair]) -> Concerned {
    let mut providers = listed(world);
    providers.extend(pairs.iter().map(|pair| pair.provider.clone()));
    let counts = |patient: &str| pairs.iter().any(|pair| pair.patient == patient && pair.perhaps_wrote());
    let has_row = |patient: &str, provider: &str| {
        pairs.iter().any(|pair| pair.provider == provider && pair.patient == patient)
    };
    let mut writers = BTreeSet::new();
    for sent in sent(world) {
        for patient in [sent.patient, sent.own] {
            let reached = providers.iter().any(|provider| {
                let of = sent.addressee.as_deref();
                !has_row(&patient, provider)
                    && credit(world, of, provider, std::slice::from_ref(provider), sent.answer).is_some()
            });
            if sent.answer.yes && reached && !counts(&patient) {
                writers.insert(patient);
            }
        }
    }
    let encounters = world.lost_encounters.len() as u64;
    let regrouped = regrouped(world, pairs, encounters, &|pairs, patient| {
        let of_patient = pairs.iter().filter(|pair| pair.patient == patient && pair.certainly_wrote());
        of_patient.map(Pair::certainly_seen).max()
    });
    Concerned {
        encounters,
        messages: world.lost_messages.len() as u64,
        writers: writers.len() as u64,
        regrouped,
    }
}

/// Whether a message without a patient that names this provider may concern a provider.
fn reaches(world: &World, named: &str, provider: &str) -> bool {
    if is_for_anybody(world.edition()) {
        return true;
    }
    let known: BTreeSet<String> =
        listed(world).into_iter().chain(world.encounters.iter().map(|row| row.provider.clone())).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let (named, _) = meant(named, &known);
    if world.group_credit { group(world, named) == group(world, provider) } else { named == provider }
}

/// With credit by group, a message that names nobody counts for certain only where all who saw the patient are of one group. So many
/// unusable encounters may be of another one. `standing` says of a patient who counts for certain whether he was certainly seen.
fn regrouped(
    world: &World,
    pairs: &[Pair],
    others: u64,
    standing: &dyn Fn(&[Pair], &str) -> Option<bool>,
) -> (u64, u64) {
    if !world.group_credit || world.roster.is_none() || is_for_anybody(world.edition()) || others == 0 {
        return (0, 0);
    }
    let mut without = world.clone();
    without.messages.retain(|message| message.provider.is_some());
    without.accesses.retain(|access| access.provider.is_some());
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
