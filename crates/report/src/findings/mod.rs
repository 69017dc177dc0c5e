//! What was found, one file a format. Places only: no cell of an input is shown but masked.

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

impl ReportFormat {
    /// Whether findings alone can be told in it.
    pub fn is_for_findings(self) -> bool {
        matches!(
            self,
            ReportFormat::Table
                | ReportFormat::Json
                | ReportFormat::Junit
                | ReportFormat::Sarif
                | ReportFormat::Github
        )
    }

    /// The bytes of what was found.
    ///
    /// # Errors
    /// When it cannot be written out, or the format is not for findings.
    pub fn render_findings(
        self,
        validation: &ValidationReport,
        screen: TerminalStyle,
    ) -> Result<Vec<u8>, RenderError> {
        match self {
            ReportFormat::Json => Ok(json::pretty(validation)?),
            ReportFormat::Junit => Ok(junit::render(validation)?),
            ReportFormat::Sarif => Ok(sarif::render(validation)?),
            ReportFormat::Github => Ok(github::render(validation).into_bytes()),
            _ => Ok(text::render(validation, screen).into_bytes()),
        }
    }
}

/// The findings of a report, each with its first place.
pub fn of_report(report: &Report) -> ValidationReport {
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

/// What is said of a place.
fn message(fault: &FindingGroup) -> String {
    let detail = fault.detail.as_ref().map_or(String::new(), |detail| format!(" ({detail})"));
    format!("{}{detail} {}", fault.meaning, fault.remedy)
}
