//! Writes the locations of unusable rows as CSV, each with a code, and without any contents of the rows.

use std::io;

use crate::safe;
use mucalc_core::domain::source_location::SourceLocation;

/// Writes one line per location.
///
/// # Errors
/// If a line cannot be written.
pub fn write(
    rejected: impl Iterator<Item = (SourceLocation, &'static str)>,
    output: &mut dyn io::Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(["file", "line", "column", "code"])?;
    for (place, code) in rejected {
        let line = place.line.map_or(String::new(), |line| line.to_string());
        let column = place.column.unwrap_or_default();
        writer.write_record([&*safe::cell(&place.file), &line, &*safe::cell(&column), code])?;
    }
    writer.flush()
}
