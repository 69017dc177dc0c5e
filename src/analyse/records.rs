//! The ledger's rows as records, with the rows of the exports that decided them.

use crate::domain::record::{NO_MESSAGE, Record, UNATTRIBUTED};
use crate::domain::standing::{Standing, Wrote};
use crate::tally::{Evidence, Ledger, RowKey};

/// The records of a ledger that keeps evidence, sorted by provider and patient; empty where it keeps none.
///
/// `rules` are the ids of the numerator's rules, `encounter_files` and `message_files` the names of the files, each by
/// position.
pub fn records<'l>(
    ledger: &'l Ledger,
    rules: &'l [String],
    encounter_files: &[String],
    message_files: &[String],
) -> Vec<Record<'l>> {
    let evidence = ledger.evidence().unwrap_or_default();
    let mut records: Vec<_> = ledger
        .rows()
        .zip(evidence)
        .map(|((pair, standing), evidence)| Record {
            provider_id: ledger.pairs.providers.get(pair.provider),
            patient_id: ledger.pairs.patient_id(pair.patient),
            standing,
            encounters: evidence.encounters,
            first_seen: evidence.first_seen,
            last_seen: evidence.last_seen,
            counted_messages: evidence.counted_messages,
            uncertain_messages: evidence.uncertain_messages,
            first_counted: evidence.certain_message.and_then(|key| key.day()),
            reason: reason(standing, evidence, rules),
            encounter_ref: reference(
                evidence.certain_encounter.or(evidence.possible_encounter),
                encounter_files,
            ),
            message_ref: reference(evidence.certain_message.or(evidence.possible_message), message_files),
        })
        .collect();
    records.sort_unstable_by_key(|record| (record.provider_id, record.patient_id));
    records
}

fn reason<'l>(standing: Standing, evidence: &Evidence, rules: &'l [String]) -> &'l str {
    let rule = |rule: u8| rules.get(rule as usize).map_or("", String::as_str);
    match standing.numerator {
        Wrote::Certain => evidence.counted_by.map_or("", rule),
        Wrote::Possible => match evidence.nearest_uncertain {
            Some((_, true)) => UNATTRIBUTED,
            nearest => nearest.map_or("", |(nearest, _)| rule(nearest)),
        },
        Wrote::None => evidence.nearest_out.map_or(NO_MESSAGE, rule),
    }
}

fn reference(key: Option<RowKey>, files: &[String]) -> String {
    key.and_then(|key| Some(format!("{}:{}", files.get(key.file as usize)?, key.line))).unwrap_or_default()
}
