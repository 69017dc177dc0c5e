//! Clinicians with several provider ids: counts each patient once over all ids of a clinician.

use std::collections::HashMap;

use mucalc_core::domain::membership::Membership;
use mucalc_core::domain::score::MembershipCounts;
use mucalc_core::ledger::Ledger;

/// A clinician with several provider ids.
#[derive(Clone, Debug)]
pub struct Clinician {
    /// The National Provider Identifier that the ids share.
    pub npi: String,
    /// The provider ids.
    pub ids: Vec<String>,
    /// The ledger numbers of the ids, without ids that are not in the ledger.
    pub codes: Vec<u32>,
}

/// Returns the score of each clinician over unique patients. A patient seen under several ids counts once, and is in the numerator if a
/// message qualifies under any of them.
pub fn clinician_counts(ledger: &Ledger, persons: &[Clinician]) -> Vec<MembershipCounts> {
    let mut scores = vec![MembershipCounts::default(); persons.len()];
    let person_of: HashMap<u32, usize> = persons
        .iter()
        .enumerate()
        .flat_map(|(person, of)| of.codes.iter().map(move |code| (*code, person)))
        .collect();
    if person_of.is_empty() {
        return scores;
    }
    // The rows of a patient are adjacent.
    let mut current: Option<u32> = None;
    let mut standings: Vec<(usize, Membership)> = Vec::new();
    for (pair, standing) in ledger.rows_of_persons() {
        if current != Some(pair.patient) {
            standings.drain(..).for_each(|(person, standing)| scores[person].add(standing, 1));
            current = Some(pair.patient);
        }
        let Some(person) = person_of.get(&pair.provider) else { continue };
        match standings.iter_mut().find(|(known, _)| known == person) {
            Some((_, known)) => *known = known.union(standing),
            None => standings.push((*person, standing)),
        }
    }
    standings.into_iter().for_each(|(person, standing)| scores[person].add(standing, 1));
    scores
}
