//! Counts the patients of each provider, and of the practice, by how far their records came toward the numerator.

use std::collections::HashMap;

use mucalc_core::domain::funnel::PatientFunnel;
use mucalc_core::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use mucalc_core::ledger::{Evidence, Ledger};

/// Returns the funnel of each provider by number, and that of the practice, in which a patient of several providers is in the group that
/// came furthest. `channel_rule` is the position of the numerator's rule about certified channels.
pub fn funnels(ledger: &Ledger, channel_rule: Option<u8>) -> (HashMap<u32, PatientFunnel>, PatientFunnel) {
    let mut providers: HashMap<u32, PatientFunnel> = HashMap::new();
    let mut practice = PatientFunnel::default();
    // The rows of a patient are adjacent.
    let mut patient: Option<(u32, Stage)> = None;
    for (pair, membership, evidence) in ledger.rows_with_evidence() {
        let stage = Stage::new(membership, evidence, channel_rule);
        stage.add_to(providers.entry(pair.provider).or_default());
        match &mut patient {
            Some((same, furthest)) if *same == pair.patient => *furthest = stage.max(*furthest),
            _ => {
                let before = patient.replace((pair.patient, stage));
                before.into_iter().for_each(|(_, stage)| stage.add_to(&mut practice));
            }
        }
    }
    patient.into_iter().for_each(|(_, stage)| stage.add_to(&mut practice));
    (providers, practice)
}

/// How far a patient's records came, in the order of the funnel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Silent,
    OtherChannel,
    NotQualifying,
    Unresolved,
    Numerator,
}

impl Stage {
    fn new(membership: Membership, evidence: &Evidence, channel_rule: Option<u8>) -> Self {
        let is_certain = membership.denominator == DenominatorStatus::Certain;
        match (membership.numerator, evidence.nearest_out, channel_rule) {
            (NumeratorStatus::Certain, ..) if is_certain => Stage::Numerator,
            (NumeratorStatus::Certain | NumeratorStatus::Possible, ..) => Stage::Unresolved,
            _ if !is_certain => Stage::Unresolved,
            (_, Some(rule), Some(channel)) if rule > channel => Stage::NotQualifying,
            (_, Some(rule), Some(channel)) if rule == channel => Stage::OtherChannel,
            _ => Stage::Silent,
        }
    }

    fn add_to(self, funnel: &mut PatientFunnel) {
        let group = match self {
            Stage::Silent => &mut funnel.silent,
            Stage::OtherChannel => &mut funnel.other_channel,
            Stage::NotQualifying => &mut funnel.not_qualifying,
            Stage::Unresolved => &mut funnel.unresolved,
            Stage::Numerator => &mut funnel.numerator,
        };
        *group += 1;
    }
}
