//! Reports review decisions and what they resolved.

use crate::input_log::InputLog;
use crate::measure_config::MeasureConfig;
use mucalc_core::domain::adjudication::{Adjudication, AdjudicationTarget, AppliedAdjudication};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::ledger::{AdjudicationStats, Adjudications};
use mucalc_read::InputSource;

/// Returns the review decisions as the report lists them, and adds the findings about them.
///
/// With several rule sets, a decision is listed with the first one in which it applies to a record. A decision about a message applies to
/// no record if the numerator counts portal accesses.
pub fn adjudicated(
    source: &InputSource,
    rulings: &[MeasureConfig],
    decided: &[Adjudications<'_>],
    account: &mut InputLog,
) -> Vec<AppliedAdjudication> {
    let fates: Vec<Vec<(&Adjudication, AdjudicationStats)>> =
        decided.iter().map(|decided| decided.outcomes().collect()).collect();
    let mut listed = Vec::new();
    for at in 0..fates.first().map_or(0, Vec::len) {
        let ruling = fates.iter().position(|fates| fates[at].1.was_used()).unwrap_or_default();
        let (decision, fate) = fates[ruling][at];
        let place = SourceLocation::line(&*source.name, decision.line);
        let mut find = |code, count: u64| {
            if count > 0 {
                account.find(code, 1, place.clone());
            }
        };
        find(FindingCode::AdjudicationContradicts, fate.contradicted);
        if fate.settled == 0 && fate.contradicted == 0 {
            find(FindingCode::AdjudicationNeedless, fate.needless);
            find(FindingCode::AdjudicationUnmet, u64::from(fate.needless == 0));
        }
        listed.push(AppliedAdjudication {
            about: match decision.about {
                AdjudicationTarget::Message(_) if !rulings[ruling].counts_messages() => "access",
                AdjudicationTarget::Message(_) => "message",
                AdjudicationTarget::Patient(_) => "patient",
            },
            decision: decision.decision,
            by: decision.by.clone(),
            on: decision.on.clone(),
            reason: decision.reason.clone(),
            settled: fate.settled,
            place,
        });
    }
    listed
}
