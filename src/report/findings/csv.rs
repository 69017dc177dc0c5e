//! Findings as CSV: one line a code, with the first place.

use crate::domain::finding::{Code, Finding};
use crate::report::safe;

/// Findings as CSV.
///
/// # Errors
/// When they cannot be written out, which would be a defect of the program.
pub fn render(findings: &[Finding]) -> Result<Vec<u8>, ::csv::Error> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(["severity", "code", "count", "file", "line", "column", "meaning"])?;
    for finding in findings {
        let line = finding.first.line.map_or(String::new(), |line| line.to_string());
        writer.write_record([
            finding.severity.word(),
            finding.code,
            &finding.count.to_string(),
            &*safe::cell(&finding.first.file),
            &line,
            &*safe::cell(finding.first.column.as_deref().unwrap_or_default()),
            Code::parse(finding.code).map_or("", Code::meaning),
        ])?;
    }
    writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))
}
