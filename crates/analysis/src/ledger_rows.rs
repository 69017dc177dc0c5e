//! Converts the ledger's rows to records, with references to the export rows that decided them.

use std::borrow::Cow;

use mucalc_core::domain::membership::{Membership, NumeratorStatus};
use mucalc_core::domain::record::{
    ADJUDICATED, CONTRADICTING_VERSIONS, LedgerRow, NEARLY_MATCHES, NO_MESSAGE, UNATTRIBUTED,
};
use mucalc_core::ledger::{self, DecidingRow, Evidence, Ledger, ProviderPatient, Weakening};

/// The names that the ledger's numbers refer to.
pub struct RowLabels {
    /// The ids of the numerator's rules, in order.
    pub rules: Vec<String>,
    /// The names of the encounter files, in order.
    pub encounter_files: Vec<String>,
    /// The names of the message files, followed by those of the access files, in order.
    pub message_files: Vec<String>,
}

/// Iterates over the records of a ledger, sorted by provider and patient; empty if the ledger has no evidence.
///
/// Records are made one at a time, since those of a large ledger would fill the memory.
pub fn ledger_rows<'l>(ledger: &'l Ledger, names: &'l RowLabels) -> impl Iterator<Item = LedgerRow<'l>> {
    let mut rows: Vec<_> = ledger.rows_with_evidence().collect();
    // The ids of patients are far apart in memory, so each is looked up once and not for every comparison.
    rows.sort_by_cached_key(|(pair, ..)| {
        (ledger.pairs.providers.get(pair.provider), ledger.pairs.patient_id(pair.patient))
    });
    rows.into_iter().map(move |(pair, standing, evidence)| record(ledger, names, pair, standing, evidence))
}

/// Iterates over the records with other patient ids, sorted by these, so that the order does not reveal the original ids.
pub fn pseudonymous_rows<'l>(
    ledger: &'l Ledger,
    names: &'l RowLabels,
    alias: &dyn Fn(&str) -> String,
) -> impl Iterator<Item = LedgerRow<'l>> {
    let named = |(pair, standing, evidence): (ProviderPatient, Membership, &'l Evidence)| {
        (
            ledger.pairs.providers.get(pair.provider),
            alias(ledger.pairs.patient_id(pair.patient)),
            pair,
            standing,
            evidence,
        )
    };
    let mut rows: Vec<_> = ledger.rows_with_evidence().map(named).collect();
    rows.sort_unstable_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    rows.into_iter().map(move |(_, alias, pair, standing, evidence)| LedgerRow {
        patient_id: Cow::Owned(alias),
        ..record(ledger, names, pair, standing, evidence)
    })
}

/// Returns the record of one ledger row.
pub(super) fn record<'l>(
    ledger: &'l Ledger,
    names: &'l RowLabels,
    pair: ProviderPatient,
    standing: Membership,
    evidence: &Evidence,
) -> LedgerRow<'l> {
    let counted = evidence.message.filter(|message| !message.perhaps);
    LedgerRow {
        provider_id: ledger.pairs.providers.get(pair.provider),
        patient_id: Cow::Borrowed(ledger.pairs.patient_id(pair.patient)),
        standing,
        encounters: evidence.encounters,
        first_seen: evidence.first_seen,
        last_seen: evidence.last_seen,
        counted_messages: evidence.counted_messages,
        uncertain_messages: evidence.uncertain_messages,
        first_counted: counted.and_then(|message| message.row.day()),
        reason: reason(standing, evidence, &names.rules),
        encounter_ref: reference(evidence.encounter, &names.encounter_files),
        message_ref: reference(evidence.message, &names.message_files),
    }
}

/// Returns the id of the rule that came nearest, or the reason that replaces it.
pub(super) fn reason<'l>(standing: Membership, evidence: &Evidence, rules: &'l [String]) -> &'l str {
    let rule = |rule: u8| match rule {
        ledger::ADJUDICATED => ADJUDICATED,
        rule => rules.get(rule as usize).map_or("", String::as_str),
    };
    match standing.numerator {
        NumeratorStatus::Certain => evidence.counted_by.map_or(ADJUDICATED, rule),
        NumeratorStatus::Possible => match evidence.nearest_uncertain {
            Some((_, Weakening::IdNearlyMatches)) => NEARLY_MATCHES,
            Some((_, Weakening::ContradictingVersions)) => CONTRADICTING_VERSIONS,
            Some((_, Weakening::Unattributed)) => UNATTRIBUTED,
            nearest => nearest.map_or("", |(nearest, _)| rule(nearest)),
        },
        // A review decision removed the possible message.
        NumeratorStatus::None if evidence.nearest_uncertain.is_some() => ADJUDICATED,
        NumeratorStatus::None => evidence.nearest_out.map_or(NO_MESSAGE, rule),
    }
}

fn reference(deciding: Option<DecidingRow>, files: &[String]) -> String {
    let shown = |DecidingRow { row, .. }| Some(format!("{}:{}", files.get(row.file as usize)?, row.line));
    deciding.and_then(shown).unwrap_or_default()
}
