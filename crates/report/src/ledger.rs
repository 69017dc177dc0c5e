//! Writes the ledger as CSV: one line per provider and patient, with references to the export rows that decided it.

use std::io;

use crate::safe;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::record::{COLUMNS, LedgerRow};

/// Writes records whose cells are already texts.
///
/// # Errors
/// If a record is an error, or cannot be written.
pub fn write_texts(
    records: impl Iterator<Item = io::Result<Vec<String>>>,
    output: &mut dyn io::Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(COLUMNS)?;
    for record in records {
        writer.write_record(record?.iter().map(|cell| safe::cell(cell).into_owned()))?;
    }
    writer.flush()
}

/// Writes the records of each rule set as CSV, with the id of the rule set first if there are several.
///
/// # Errors
/// If a record cannot be written.
pub fn write<'r, R: Iterator<Item = LedgerRow<'r>>>(
    editions: impl ExactSizeIterator<Item = (&'r str, R)>,
    output: &mut dyn io::Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    let several = editions.len() > 1;
    writer.write_record(several.then_some("edition").into_iter().chain(COLUMNS))?;
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    for (edition, records) in editions {
        for record in records {
            let cells = [
                &*safe::cell(record.provider_id),
                &*safe::cell(&record.patient_id),
                record.standing.denominator.word(),
                record.standing.numerator.word(),
                &record.encounters.to_string(),
                &day(record.first_seen),
                &day(record.last_seen),
                &record.counted_messages.to_string(),
                &record.uncertain_messages.to_string(),
                &day(record.first_counted),
                record.reason,
                &*safe::cell(&record.encounter_ref),
                &*safe::cell(&record.message_ref),
            ];
            writer.write_record(several.then_some(edition).into_iter().chain(cells))?;
        }
    }
    writer.flush()
}
