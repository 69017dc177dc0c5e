//! Whom to ask first: the patients seen who do not count for certain, ranked by stated criteria.

use std::collections::HashMap;

use crate::records::{RowLabels, record};
use mucalc_core::domain::membership::NumeratorStatus;
use mucalc_core::domain::outreach::{NextStep, OutreachCandidate, OutreachReason};
use mucalc_core::domain::period::Day;
use mucalc_core::domain::record::{ADJUDICATED, LedgerRow};
use mucalc_core::ledger::{Evidence, Ledger};

/// What is known beside the ledger.
pub struct OutreachContext<'a> {
    /// The words that the ledger's numbers stand for.
    pub names: &'a RowLabels,
    /// The position of the numerator's rule that asks whether the channel is certified, if it has one.
    pub channel_rule: Option<u8>,
    /// The next planned visit, by provider and patient.
    pub next_visits: &'a HashMap<(String, String), Day>,
    /// What a reason says in words; and whether it is open if it holds.
    pub why: &'a dyn Fn(&str, bool) -> String,
    /// The last day of the period: a visit after it comes too late.
    pub period_last: Day,
    /// The last message of each patient that nobody has answered, by patient, if an answer counts: its day, and its row.
    pub unanswered: &'a HashMap<String, (Day, String)>,
    /// Whether patients have an account of the portal, as far as it is known.
    pub enrolled: &'a HashMap<String, bool>,
    /// Whether the practice has to write, and not the patient.
    pub practice_writes: bool,
}

/// The candidates of each provider, by number, in the order in which they are to be asked: by criterion; then those with
/// the soonest planned visit; those with most visits; those seen last; by id.
pub fn candidates(ledger: &Ledger, known: &OutreachContext<'_>) -> HashMap<u32, Vec<OutreachCandidate>> {
    let mut all: HashMap<u32, Vec<OutreachCandidate>> = HashMap::new();
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
        all.entry(pair.provider).or_default().push(candidate(record, criterion, known));
    }
    for candidates in all.values_mut() {
        candidates.sort_by(|one, other| {
            let soonest = |of: &OutreachCandidate| {
                let in_time = of.next_visit.filter(|day| *day <= known.period_last);
                (in_time.is_none(), in_time)
            };
            let (one_first, other_first) = ((one.criterion, soonest(one)), (other.criterion, soonest(other)));
            one_first
                .cmp(&other_first)
                .then_with(|| (other.visits, other.last_visit).cmp(&(one.visits, one.last_visit)))
                .then_with(|| one.patient_id.cmp(&other.patient_id))
        });
        candidates.iter_mut().zip(1..).for_each(|(candidate, rank)| candidate.rank = rank);
    }
    all
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
        // Without an account nobody can be written to, either.
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
