//! The effect that unusable rows can have on the counts.

use std::collections::BTreeSet;

use super::editions::{counts_accesses, is_for_anybody};
use super::ids::meant;
use super::pairs::{ProviderPatient, Sent, credit, group, listed, pairs, person, sent};
use super::world::World;

/// Trying every completion shows that the contract's formulas are narrower than what the rows allow. These three constants widen them.
/// With attribution to the group, an unusable encounter may be with a provider of another group.
const MAY_BE_OF_ANOTHER_GROUP: bool = true;
/// A patient of one provider may also have been seen by another, to whom the message was addressed.
const MAY_BE_SEEN_BY_ANOTHER: bool = true;
/// An id that nearly matches a known one may be that of the patient in an unusable encounter.
const MAY_BE_NOBODY_KNOWN: bool = true;

/// The effect that unusable rows can have on a provider, or on the practice total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concerned {
    /// Unusable encounters: each may add a patient to the denominator.
    pub encounters: u64,
    /// Unusable messages: each may add a patient to the numerator.
    pub messages: u64,
    /// Patients who wrote and were not seen. An unusable encounter may be theirs.
    pub writers: u64,
    /// Patients who are certainly in the numerator only if no provider of another group saw them too: those certainly in the denominator,
    /// and those possibly in it.
    pub regrouped: (u64, u64),
}

/// Returns the unusable rows that may affect a provider.
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

/// Returns the unusable rows that may affect the practice total.
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

/// Returns the providers who are listed or named in encounters, also in unusable ones.
fn known(world: &World) -> BTreeSet<String> {
    let mut known = listed(world);
    known.extend(world.encounters.iter().map(|row| row.provider.clone()));
    known.extend(world.named.iter().cloned());
    known
}

/// Returns the writer if the patient is not one of those with known encounters: the patient with exactly this id.
fn writer(sent: &Sent) -> &str {
    if MAY_BE_NOBODY_KNOWN { &sent.own } else { &sent.patient }
}

/// Returns whether a message without a patient that names the provider `named` may affect `provider`.
fn reaches(world: &World, named: &str, provider: &str) -> bool {
    if is_for_anybody(world.edition()) {
        return true;
    }
    let known = known(world);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let (named, _) = meant(named, &known, &world.fold);
    if world.group_credit {
        group(world, named) == group(world, provider)
    } else {
        person(world, named) == person(world, provider)
    }
}

/// With attribution to the group, a message that names no provider certainly qualifies only if all providers who saw the patient are in one
/// group. Each of `others` unusable encounters may be with a provider of another group.
///
/// `standing` returns, for a patient who certainly has a qualifying message, whether the patient is certainly in the denominator.
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
        // An access that names no provider is attributed to all of them in any case.
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
