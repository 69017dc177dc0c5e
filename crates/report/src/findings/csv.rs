//! Renders findings as CSV: one line per code, with the first location.

use crate::table::{Column, Table, Value};
use mucalc_core::domain::finding::{Finding, FindingCode};

/// Renders findings as CSV; without counts and line numbers if `has_counts` is false.
///
/// # Errors
/// If the findings cannot be written, which is a bug.
pub fn render(findings: &[Finding], has_counts: bool) -> Result<Vec<u8>, ::csv::Error> {
    let number = |number: Option<u64>| Value::Maybe(number.filter(|_| has_counts));
    let columns = Column::names(["severity", "code", "count", "file", "line", "column", "meaning"]);
    let rows = findings.iter().map(|finding| {
        vec![
            Value::text(finding.severity.word()),
            Value::text(finding.code),
            number(Some(finding.count)),
            Value::text(&finding.first.file),
            number(finding.first.line),
            Value::text(finding.first.column.as_deref().unwrap_or_default()),
            Value::text(FindingCode::parse(finding.code).map_or("", FindingCode::meaning)),
        ]
    });
    Table::new("", columns, rows).csv()
}
