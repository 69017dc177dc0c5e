//! Renders documents to bytes.
#![doc = include_str!("../README.md")]

pub mod beside;
mod csv;
pub mod diff;
pub mod explanation;
mod findings;
pub mod html;
pub mod inspection;
pub mod json;
pub mod ledger;
mod md;
mod next_action;
pub mod outreach;
pub mod progress;
pub mod rejects;
pub mod review;
pub mod roll_up;
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

pub use findings::{findings_csv, findings_summary, render_findings};
pub use mucalc_core::domain::formats::{
    FindingsFormat, PageFormat, ReportFormat, SpreadsheetFormat, TextFormat, ViewFormat,
};
pub use roll_up::RollUpFormat;
pub use screen::TerminalStyle;

pub use json::{
    diff_schema, draft_schema, explanation_schema, inspection_schema, outreach_schema, progress_schema,
    roll_up_schema, schema, sweep_schema, validation_schema, verification_schema, what_if_schema,
};

use mucalc_core::domain::report::{MeasureResult, Report};
use mucalc_core::domain::rule_set_text::RuleSetText;

/// Returns the settings of a run, one sentence each: the period, the rules with their policy settings, and all other choices.
pub fn chosen(report: &Report) -> Vec<String> {
    let rules = |measure: &MeasureResult| {
        words::rules_text(&report.head, &measure.edition, measure.credit, &measure.policies)
    };
    let period = format!("period {} to {}", report.head.period.first, report.head.period.last);
    let rules = report.measures().map(rules);
    let certified = words::certified_lines(report).into_iter();
    std::iter::once(period).chain(rules).chain(beside::all_choices(report)).chain(certified).collect()
}

/// An error while rendering a document. It is a bug, except for `Io`, `NoRoom`, and `Clock`.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The output cannot be written.
    #[error("it cannot be written")]
    Io(std::io::Error),
    /// The document cannot be rendered as CSV.
    #[error("the report cannot be written as CSV")]
    Csv(#[from] ::csv::Error),
    /// The document cannot be rendered as HTML.
    #[error("the report cannot be written as a page")]
    Page(#[from] askama::Error),
    /// The document cannot be rendered as a workbook.
    #[error("the workbook cannot be written: {0}")]
    Workbook(rust_xlsxwriter::XlsxError),
    /// The scratch file for the rows of a workbook cannot be written.
    #[error("there is no room for the rows of the workbook")]
    NoRoom,
    /// The clock of the computer is before 1970, which the library for workbooks does not allow.
    #[error(
        "the clock of this computer is before 1970, and a workbook cannot be written then; set the clock, or choose another format"
    )]
    Clock,
    /// The findings cannot be rendered as JUnit XML.
    #[error("the findings cannot be written as JUnit")]
    Junit(#[from] std::io::Error),
    /// The document cannot be serialized as JSON.
    #[error("the report cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Renders a report. `rule_set_texts` are the rule set texts of the report's measures, in the same order; only the HTML pages use them.
///
/// # Errors
/// If the report cannot be rendered.
pub fn render(
    format: ReportFormat,
    report: &Report,
    screen: TerminalStyle,
    books: &[RuleSetText],
) -> Result<Vec<u8>, RenderError> {
    match format {
        ReportFormat::Table => Ok(screen.paragraphs(terminal::render(report, screen)).into_bytes()),
        ReportFormat::Json => Ok(json::render(report)?),
        ReportFormat::Csv => Ok(csv::render(report)?),
        ReportFormat::Md => Ok(md::render(report).into_bytes()),
        ReportFormat::Html => html::report::render(report, books),
        ReportFormat::Handouts => {
            html::report::handouts(report, books.first().unwrap_or(&RuleSetText::default()))
        }
        ReportFormat::Xlsx => workbook::render_without_patients(report, books),
        ReportFormat::Junit | ReportFormat::Sarif | ReportFormat::Github => {
            render_findings(format, &findings::from_report(report), screen)
        }
    }
}
