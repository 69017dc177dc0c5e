//! Ranks the patients whom the practice should contact: those seen who are not certain to be in the numerator, by outreach reason.

use std::collections::HashMap;

use crate::ledger_rows::{RowLabels, record};
use mucalc_core::domain::membership::NumeratorStatus;
use mucalc_core::domain::outreach::{NextStep, OutreachCandidate, OutreachReason};
use mucalc_core::domain::period::Day;
use mucalc_core::domain::record::{ADJUDICATED, LedgerRow};
use mucalc_core::ledger::{Evidence, Ledger};

/// What the outreach list needs in addition to the ledger.
pub struct OutreachContext<'a> {
    /// The names of the ledger's rules and files.
    pub names: &'a RowLabels,
    /// The position of the numerator's rule about certified channels; `None` if there is no such rule.
    pub channel_rule: Option<u8>,
    /// The next planned visit, by provider and patient.
    pub next_visits: &'a HashMap<(String, String), Day>,
    /// Returns the text of a ledger reason; the flag is whether the reason leaves the patient unresolved.
    pub why: &'a dyn Fn(&str, bool) -> String,
    /// The last day of the period. A visit after it is too late.
    pub period_last: Day,
    /// The last unanswered message of each patient, by patient id: its day and its row. Empty if answers do not qualify.
    pub unanswered: &'a HashMap<String, (Day, String)>,
    /// Whether patients have a portal account, by patient id, as far as it is known.
    pub enrolled: &'a HashMap<String, bool>,
    /// Whether the practice must write, instead of the patient.
    pub practice_writes: bool,
}

/// The reason why candidates cannot be ranked, which is a bug.
#[cfg(not(target_family = "wasm"))]
pub type RankError = polars::prelude::PolarsError;
/// Candidates can always be ranked without a data frame.
#[cfg(target_family = "wasm")]
pub type RankError = std::convert::Infallible;

/// Returns the candidates of each provider, by provider number, in outreach order.
///
/// The order is by outreach reason, then the soonest planned visit within the period, most visits, latest visit, and patient id.
///
/// # Errors
/// If a data frame cannot be built, which is a bug.
pub fn candidates(
    ledger: &Ledger,
    known: &OutreachContext<'_>,
) -> Result<HashMap<u32, Vec<OutreachCandidate>>, RankError> {
    let mut all: Vec<(u32, Option<OutreachCandidate>)> = Vec::new();
    for (pair, standing, evidence) in ledger.rows_with_evidence() {
        if standing.numerator == NumeratorStatus::Certain {
            continue;
        }
        let record = record(ledger, known.names, pair, standing, evidence);
        let criterion = match record.reason {
            ADJUDICATED => OutreachReason::Decided,
            _ if standing.numerator == NumeratorStatus::None
                && known.unanswered.contains_key(&*record.patient_id) =>
            {
                OutreachReason::Unanswered
            }
            _ => criterion(standing.numerator, evidence, known.channel_rule),
        };
        all.push((pair.provider, Some(candidate(record, criterion, known))));
    }
    let mut ranked: HashMap<u32, Vec<OutreachCandidate>> = HashMap::new();
    for at in order(&all, known.period_last)? {
        let (provider, candidate) = &mut all[at as usize];
        let candidates = ranked.entry(*provider).or_default();
        let rank = candidates.len() as u64 + 1;
        candidates.extend(candidate.take().map(|candidate| OutreachCandidate { rank, ..candidate }));
    }
    Ok(ranked)
}

/// Returns the positions of candidates in outreach order.
#[cfg(not(target_family = "wasm"))]
fn order(all: &[(u32, Option<OutreachCandidate>)], period_last: Day) -> Result<Vec<u32>, RankError> {
    use polars::prelude::{SortMultipleOptions, df};
    let candidates = || all.iter().filter_map(|(_, candidate)| candidate.as_ref());
    let number = |day: Day| day.days_since(Day::from_epoch(0));
    let next_visit = |of: &OutreachCandidate| of.next_visit.filter(|day| *day <= period_last).map(number);
    let frame = df!(
        "criterion" => candidates().map(|of| of.criterion as u32).collect::<Vec<_>>(),
        "next_visit" => candidates().map(next_visit).collect::<Vec<_>>(),
        "visits" => candidates().map(|of| of.visits).collect::<Vec<_>>(),
        "last_visit" => candidates().map(|of| of.last_visit.map(number)).collect::<Vec<_>>(),
        "patient_id" => candidates().map(|of| of.patient_id.as_str()).collect::<Vec<_>>(),
        "at" => (0..all.len() as u32).collect::<Vec<_>>(),
    )?;
    let keys = ["criterion", "next_visit", "visits", "last_visit", "patient_id"];
    let most_first = SortMultipleOptions::default()
        .with_order_descending_multi([false, false, true, true, false])
        .with_nulls_last(true);
    let sorted = frame.sort(keys, most_first)?;
    Ok(sorted.column("at")?.u32()?.iter().flatten().collect())
}

/// Returns the positions of candidates in outreach order where there are no data frames. A test compares it with the other.
#[cfg(target_family = "wasm")]
fn order(all: &[(u32, Option<OutreachCandidate>)], period_last: Day) -> Result<Vec<u32>, RankError> {
    Ok(order_without_frames(all, period_last))
}

#[cfg(any(test, target_family = "wasm"))]
fn order_without_frames(all: &[(u32, Option<OutreachCandidate>)], period_last: Day) -> Vec<u32> {
    use std::cmp::Reverse;
    let mut order: Vec<u32> = (0..all.len() as u32).collect();
    order.sort_by_key(|at| {
        let of = all[*at as usize].1.as_ref()?;
        let next_visit = of.next_visit.filter(|day| *day <= period_last);
        let last_visit = (of.last_visit.is_none(), Reverse(of.last_visit));
        let next_visit = (next_visit.is_none(), next_visit);
        Some((of.criterion as u32, next_visit, Reverse(of.visits), last_visit, of.patient_id.as_str()))
    });
    order
}

fn criterion(numerator: NumeratorStatus, evidence: &Evidence, channel_rule: Option<u8>) -> OutreachReason {
    if numerator == NumeratorStatus::Possible {
        return OutreachReason::Unclear;
    }
    match (evidence.nearest_out, channel_rule) {
        (Some(rule), Some(channel)) if rule > channel => OutreachReason::UsesPortal,
        (Some(rule), Some(channel)) if rule == channel => OutreachReason::OtherWay,
        _ => OutreachReason::Silent,
    }
}

fn candidate(
    record: LedgerRow<'_>,
    criterion: OutreachReason,
    known: &OutreachContext<'_>,
) -> OutreachCandidate {
    let key = (record.provider_id.to_owned(), record.patient_id.clone().into_owned());
    let enrolled = known.enrolled.get(&key.1).copied();
    let next_step = match (criterion, enrolled) {
        (OutreachReason::Unclear, _) => NextStep::Review,
        (OutreachReason::Unanswered, _) => NextStep::Answer,
        // Without an account, the practice cannot write to the patient either.
        (_, Some(false)) => NextStep::Invite,
        _ if known.practice_writes => NextStep::Write,
        (_, Some(true)) | (OutreachReason::UsesPortal, None) => NextStep::Remind,
        (_, None) => NextStep::Ask,
    };
    let unanswered = known.unanswered.get(&key.1);
    OutreachCandidate {
        rank: 0,
        unanswered_since: unanswered.map(|(day, _)| *day),
        unanswered_ref: unanswered.map_or_else(String::new, |(_, row)| row.clone()),
        portal_enrolled: enrolled,
        next_step,
        next_visit: known.next_visits.get(&key).copied(),
        patient_id: key.1,
        criterion,
        reason: record.reason.to_owned(),
        why: (known.why)(record.reason, criterion == OutreachReason::Unclear),
        visits: record.encounters,
        last_visit: record.last_seen,
        unclear: record.uncertain_messages,
        unclear_ref: record.message_ref,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ranks by every key, with ties and missing days, are the same with and without a data frame.
    #[test]
    fn both_ways_to_rank_give_the_same_order() {
        let day = |number: u32| (!number.is_multiple_of(4)).then(|| Day::from_epoch(number as i32));
        let criteria = [OutreachReason::Unclear, OutreachReason::Silent, OutreachReason::UsesPortal];
        let candidate = |at: u32| OutreachCandidate {
            rank: 0,
            unanswered_since: None,
            unanswered_ref: String::new(),
            portal_enrolled: None,
            next_step: NextStep::Ask,
            next_visit: day(at / 3 % 7),
            patient_id: format!("P{}", at * 7919 % 1000),
            criterion: criteria[at as usize % 3],
            reason: String::new(),
            why: String::new(),
            visits: at / 2 % 3,
            last_visit: day(at / 5 % 9),
            unclear: 0,
            unclear_ref: String::new(),
        };
        let all: Vec<_> = (0..600).map(|at| (at % 2, Some(candidate(at)))).collect();
        for last in [0, 3, 5, 100] {
            let last = Day::from_epoch(last);
            assert_eq!(order(&all, last).expect("a frame"), order_without_frames(&all, last));
        }
    }
}
