//! Findings as CSV: one line a code, with the first place.

use crate::safe;
use mucalc_core::domain::finding::{Finding, FindingCode};

/// Findings as CSV; without numbers of rows and their places if `has_counts` is false.
///
/// # Errors
/// When they cannot be written out, which would be a defect of the program.
pub fn render(findings: &[Finding], has_counts: bool) -> Result<Vec<u8>, ::csv::Error> {
    let number = |number: Option<u64>| number.filter(|_| has_counts).map(|number| number.to_string());
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(["severity", "code", "count", "file", "line", "column", "meaning"])?;
    for finding in findings {
        writer.write_record([
            finding.severity.word(),
            finding.code,
            &number(Some(finding.count)).unwrap_or_default(),
            &*safe::cell(&finding.first.file),
            &number(finding.first.line).unwrap_or_default(),
            &*safe::cell(finding.first.column.as_deref().unwrap_or_default()),
            FindingCode::parse(finding.code).map_or("", FindingCode::meaning),
        ])?;
    }
    writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))
}
