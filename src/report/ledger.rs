//! The ledger as CSV: one line a (provider, patient), with the rows of the exports that decided it.

use std::io;

use crate::domain::period::Day;
use crate::domain::record::Record;
use crate::report::safe;

const COLUMNS: [&str; 13] = [
    "provider_id",
    "patient_id",
    "denominator",
    "numerator",
    "encounters",
    "first_seen",
    "last_seen",
    "counted_messages",
    "uncertain_messages",
    "first_counted_at",
    "reason",
    "encounter_ref",
    "message_ref",
];

/// Writes the records as CSV.
///
/// # Errors
/// When they cannot be written.
pub fn write<'r>(records: impl Iterator<Item = Record<'r>>, output: &mut dyn io::Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(COLUMNS)?;
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    for record in records {
        writer.write_record([
            &*safe::cell(record.provider_id),
            &*safe::cell(record.patient_id),
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
        ])?;
    }
    writer.flush()
}
