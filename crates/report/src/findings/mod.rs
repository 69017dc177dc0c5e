//! Renders findings, with one file per format. They show locations only; cells of inputs appear only masked.

mod csv;
mod github;
mod junit;
mod sarif;
mod text;

pub use csv::render as findings_csv;
pub use github::summary as findings_summary;

use crate::{RenderError, ReportFormat, TerminalStyle, json};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::report::Report;
use mucalc_core::domain::validation::{FindingGroup, ValidationReport};

/// Renders findings.
///
/// # Errors
/// If the findings cannot be rendered.
pub fn render_findings(
    format: ReportFormat,
    validation: &ValidationReport,
    screen: TerminalStyle,
) -> Result<Vec<u8>, RenderError> {
    match format {
        ReportFormat::Json => Ok(json::pretty(validation)?),
        ReportFormat::Junit => Ok(junit::render(validation)?),
        ReportFormat::Sarif => Ok(sarif::render(validation)?),
        ReportFormat::Github => Ok(github::render(validation).into_bytes()),
        _ => Ok(text::render(validation, screen).into_bytes()),
    }
}

/// Returns the findings of a report, each with its first location.
pub fn from_report(report: &Report) -> ValidationReport {
    let fault = |finding: &mucalc_core::domain::finding::Finding| {
        let code = FindingCode::parse(finding.code);
        FindingGroup {
            code: finding.code.to_owned(),
            severity: finding.severity,
            meaning: code.map_or("", FindingCode::meaning).to_owned(),
            remedy: code.map_or("", FindingCode::remedy).to_owned(),
            count: finding.count,
            places: vec![finding.first.clone()],
            detail: None,
            excerpt: None,
        }
    };
    ValidationReport {
        schema_version: report.head.schema_version,
        tool: report.head.tool.clone(),
        layout: report.head.layout.clone(),
        period: Some(report.head.period),
        inputs: report.inputs.clone(),
        findings: report.findings.iter().map(fault).collect(),
        error: report.error.clone(),
    }
}

/// Returns the text of a finding at a location.
fn message(fault: &FindingGroup) -> String {
    let detail = fault.detail.as_ref().map_or(String::new(), |detail| format!(" ({detail})"));
    format!("{}{detail} {}", fault.meaning, fault.remedy)
}
