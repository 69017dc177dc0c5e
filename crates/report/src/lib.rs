//! Renders documents to bytes.
#![doc = include_str!("../README.md")]

pub mod beside;
mod csv;
pub mod diff;
pub mod explanation;
mod findings;
mod formats;
pub mod inspection;
pub mod json;
pub mod ledger;
mod md;
pub mod outreach;
pub mod page;
pub mod progress;
pub mod rejects;
pub mod review;
pub mod safe;
mod screen;
pub mod sweep;
mod table;
mod terminal;
pub mod verification;
mod waterfall;
pub mod what_if;
mod words;
pub mod workbook;

pub use findings::{findings_csv, findings_summary};
pub use formats::{FindingsFormat, ReportFormat, SpreadsheetFormat, TextFormat, ViewFormat};
pub use screen::TerminalStyle;

pub use json::{
    schema, schema_of_diff, schema_of_explanation, schema_of_inspection, schema_of_outreach,
    schema_of_progress, schema_of_sweep, schema_of_validation, schema_of_verification, schema_of_what_if,
};

use mucalc_core::domain::report::{MeasureResult, Report};
use mucalc_core::domain::rule_set_text::RuleSetText;

/// Returns what was chosen for a run, one sentence each: the rules with their policies, then everything else.
pub fn chosen(report: &Report) -> Vec<String> {
    let rules = |measure: &MeasureResult| {
        words::rules(&report.head, &measure.edition, measure.credit, &measure.policies)
    };
    let period = format!("period {} to {}", report.head.period.first, report.head.period.last);
    let rules = report.measures().map(rules);
    let certified = words::certified(report).into_iter();
    std::iter::once(period).chain(rules).chain(beside::all_choices(report)).chain(certified).collect()
}

/// A report that cannot be written out, which would be a defect of the program.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// To where it goes.
    #[error("it cannot be written")]
    Io(std::io::Error),
    /// As CSV.
    #[error("the report cannot be written as CSV")]
    Csv(#[from] ::csv::Error),
    /// As a page.
    #[error("the report cannot be written as a page")]
    Page(#[from] askama::Error),
    /// As a workbook.
    #[error("the workbook cannot be written: {0}")]
    Workbook(rust_xlsxwriter::XlsxError),
    /// As a workbook: the file in which its rows lie meanwhile cannot be written, which is no defect.
    #[error("there is no room for the rows of the workbook")]
    NoRoom,
    /// As JUnit.
    #[error("the findings cannot be written as JUnit")]
    Junit(#[from] std::io::Error),
    /// As JSON.
    #[error("the report cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl ReportFormat {
    /// The bytes of a report. A page prints the books of the report's measures, which come in their order.
    ///
    /// # Errors
    /// When it cannot be written out.
    pub fn render(
        self,
        report: &Report,
        screen: TerminalStyle,
        books: &[RuleSetText],
    ) -> Result<Vec<u8>, RenderError> {
        match self {
            ReportFormat::Table => Ok(screen.paragraphs(terminal::render(report, screen)).into_bytes()),
            ReportFormat::Json => Ok(json::render(report)?),
            ReportFormat::Csv => Ok(csv::render(report)?),
            ReportFormat::Md => Ok(md::render(report).into_bytes()),
            ReportFormat::Html => page::render(report, books),
            ReportFormat::Xlsx => workbook::without_patients(report, books),
            ReportFormat::Junit | ReportFormat::Sarif | ReportFormat::Github => {
                self.render_findings(&findings::of_report(report), screen)
            }
        }
    }
}
