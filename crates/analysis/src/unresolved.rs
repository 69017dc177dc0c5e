//! Groups a provider's unresolved patients by the rule that leaves them unresolved, and finds how many review decisions are enough.

use std::collections::{BTreeMap, HashMap};

use crate::ledger_rows::{RowLabels, reason};
use mucalc_core::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use mucalc_core::domain::progress::{UnresolvedGroup, VISIT, VISIT_IS_OPEN};
use mucalc_core::domain::score::{MembershipCounts, Threshold};
use mucalc_core::domain::verdict::Verdict;
use mucalc_core::ledger::Ledger;

/// Returns the unresolved groups of each provider by number, largest group first; empty if the result is not indeterminate.
///
/// `why` returns why a rule leaves a record unresolved, in words.
pub fn unresolved_groups(
    ledger: &Ledger,
    names: &RowLabels,
    threshold: Threshold,
    why: impl Fn(&str) -> String,
) -> HashMap<u32, Vec<UnresolvedGroup>> {
    let mut kinds: HashMap<u32, BTreeMap<&str, MembershipCounts>> = HashMap::new();
    for (pair, standing, evidence) in ledger.rows_with_evidence() {
        let kind = match (standing.denominator, standing.numerator) {
            (_, NumeratorStatus::Possible) => reason(standing, evidence, &names.rules),
            (DenominatorStatus::Possible, _) => VISIT,
            (DenominatorStatus::Certain, _) => "",
        };
        kinds.entry(pair.provider).or_default().entry(kind).or_default().add(standing, 1);
    }
    let of_provider = |(provider, kinds): (u32, BTreeMap<&str, MembershipCounts>)| {
        let mut all = MembershipCounts::default();
        kinds.values().for_each(|score| all.merge(score));
        if all.verdict(threshold) != Verdict::Indeterminate {
            return (provider, Vec::new());
        }
        let open = kinds.iter().filter(|(kind, _)| !kind.is_empty());
        let mut listed: Vec<UnresolvedGroup> = open
            .map(|(kind, of)| UnresolvedGroup {
                rule: (*kind).to_owned(),
                why: if *kind == VISIT { VISIT_IS_OPEN.to_owned() } else { why(kind) },
                patients: of.denominator().most,
                enough: alone(&kinds, kind).decisions_needed(threshold),
            })
            .collect();
        listed
            .sort_by(|one, other| other.patients.cmp(&one.patients).then_with(|| one.rule.cmp(&other.rule)));
        (provider, listed)
    };
    kinds.into_iter().map(of_provider).collect()
}

/// Returns the score if only one group is unresolved and every other unresolved record does not qualify.
fn alone(kinds: &BTreeMap<&str, MembershipCounts>, open: &str) -> MembershipCounts {
    let mut score = MembershipCounts::default();
    for (kind, of) in kinds {
        for standing in Membership::ALL {
            let standing_if_bad = if *kind == open { Some(standing) } else { badly(standing) };
            if let Some(bad) = standing_if_bad {
                score.add(bad, of.patients(standing));
            }
        }
    }
    score
}

/// Returns a membership if no unresolved record qualifies; `None` if the patient was then not seen.
fn badly(standing: Membership) -> Option<Membership> {
    let seen = |numerator| Some(Membership { denominator: DenominatorStatus::Certain, numerator });
    match (standing.denominator, standing.numerator) {
        (DenominatorStatus::Certain, NumeratorStatus::Certain) => seen(NumeratorStatus::Certain),
        (DenominatorStatus::Possible, NumeratorStatus::Certain) => None,
        (_, NumeratorStatus::Possible | NumeratorStatus::None) => seen(NumeratorStatus::None),
    }
}
