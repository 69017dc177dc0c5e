//! Reads the roster: the providers of the practice, by id.

use std::collections::btree_map::Entry;

use crate::error::InputError;
use crate::layout::Layout;
use crate::parallel::ReadSummary;
use crate::source::InputSource;
use crate::{ReadContext, small_table};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::npi;
use mucalc_core::domain::roster::{Roster, RosterEntry};

/// Reads a roster. If a provider has several rows, the first one is used.
///
/// # Errors
/// If the input cannot be used. The error is the first one in the order of the input.
pub fn read(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
) -> Result<(Roster, ReadSummary), InputError> {
    let columns = ["provider_id", "name", "npi", "group_id", "cehrt_id", "supervisor_id"];
    let (lines, mut summary) = small_table::read(source, reading, layout, InputRole::Roster, columns)?;
    let [column, at_npi] = ["provider_id", "npi"].map(|name| summary.header.position(name));
    let mut roster = Roster::new();
    for (line, [provider, name, npi, group, cehrt, supervisor]) in lines {
        let Some(provider) = provider else {
            summary.notes.reject(FindingCode::MissingProviderId, line, column);
            continue;
        };
        if npi.as_deref().is_some_and(|number| !npi::is_valid(number)) {
            summary.notes.record(FindingCode::NpiCheckDigit, line, at_npi);
        }
        match roster.entry(provider) {
            Entry::Vacant(entry) => {
                entry.insert(RosterEntry { line, name, npi, group, cehrt, supervisor });
            }
            Entry::Occupied(_) => summary.notes.record(FindingCode::DuplicateRosterLine, line, column),
        }
    }
    summary.notes.sort_places();
    Ok((roster, summary))
}
