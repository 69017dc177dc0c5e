//! Turns rows of a table into review decisions, which settle what the data leave unresolved.

use crate::error::{InputError, InputErrorKind};
use crate::layout::Layout;
use crate::parallel::ReadSummary;
use crate::source::InputSource;
use crate::{ReadContext, small_table};
use mucalc_core::domain::adjudication::{Adjudication, AdjudicationDecision, AdjudicationTarget};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::source_location::SourceLocation;

/// Reads review decisions, in the order of the file.
///
/// Unless `may_be_anonymous`, each decision must state who decided, when, and why.
///
/// # Errors
/// If the input cannot be used, or a decision lacks one of these statements.
pub fn read(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    may_be_anonymous: bool,
) -> Result<(Vec<Adjudication>, ReadSummary), InputError> {
    let columns = ["message_id", "patient_id", "provider_id", "decision", "by", "on", "reason"];
    let (lines, mut summary) = small_table::read(source, reading, layout, InputRole::Adjudications, columns)?;
    let [.., at_decision, _, at_on, _] = columns.map(|name| summary.header.position(name));
    let notes = &mut summary.notes;
    let mut all = Vec::new();
    for (line, [message, patient, provider, decision, by, on, reason]) in lines {
        if !may_be_anonymous {
            let day = on.as_deref().and_then(|day| Day::parse(day.as_bytes()));
            let stated = [("by", by.is_some()), ("on", day.is_some()), ("reason", reason.is_some())];
            if let Some((column, _)) = stated.iter().find(|(_, is_stated)| !is_stated) {
                let place = SourceLocation::cell(&*source.name, line, *column);
                return Err(InputError { place, reason: InputErrorKind::IncompleteDecision });
            }
        }
        let Some(decision) = decision.as_deref().and_then(|word| word.parse::<AdjudicationDecision>().ok())
        else {
            notes.reject(FindingCode::UnknownDecision, line, at_decision);
            continue;
        };
        let (about, patient) = match (message, patient) {
            // Whether the patient was seen is decided for a patient, not for a message.
            (Some(message), patient) if decision.affects_numerator() => {
                (AdjudicationTarget::Message(message), patient)
            }
            (_, Some(patient)) => (AdjudicationTarget::Patient(patient), None),
            _ => {
                notes.reject(FindingCode::MissingTarget, line, None);
                continue;
            }
        };
        let on = on.filter(|day| {
            let is_day = Day::parse(day.as_bytes()).is_some();
            if !is_day {
                notes.record(FindingCode::UnreadableDate, line, at_on);
            }
            is_day
        });
        all.push(Adjudication { line, about, patient, provider, decision, by, on, reason });
    }
    summary.notes.sort_places();
    Ok((all, summary))
}
