//! Reads which patients have a portal account, as the EHR lists them.

use std::collections::HashMap;

use crate::error::InputError;
use crate::layout::Layout;
use crate::parallel::ReadSummary;
use crate::source::InputSource;
use crate::{ReadContext, small_table};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;

/// Reads whether each patient, by id, has a portal account. Omits patients for whom the file does not show it.
///
/// # Errors
/// If the input cannot be used. The error is the first one in the order of the input.
pub fn read(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
) -> Result<(HashMap<String, bool>, ReadSummary), InputError> {
    let columns = ["patient_id", "portal_enrolled"];
    let (lines, mut summary) = small_table::read(source, reading, layout, InputRole::Enrollment, columns)?;
    let [at_patient, at_enrolled] = columns.map(|name| summary.header.position(name));
    let mut enrolled = HashMap::new();
    for (line, [patient, said]) in lines {
        let Some(patient) = patient else {
            summary.notes.reject(FindingCode::MissingPatientId, line, at_patient);
            continue;
        };
        match said.as_deref().map(is_enrolled) {
            Some(Some(is_enrolled)) => {
                enrolled.insert(patient, is_enrolled);
            }
            Some(None) => summary.notes.record(FindingCode::UnknownWord, line, at_enrolled),
            None => {}
        }
    }
    summary.notes.sort_places();
    Ok((enrolled, summary))
}

/// Returns the meaning of a value of `portal_enrolled`, or `None` if the value is unknown.
fn is_enrolled(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "enrolled" | "active" => Some(true),
        "no" | "n" | "false" | "0" | "not enrolled" | "inactive" => Some(false),
        _ => None,
    }
}
