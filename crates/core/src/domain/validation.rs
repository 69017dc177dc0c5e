//! The result of `mucalc validate`: every finding with its locations.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::finding::Severity;
use crate::domain::input::InputSummary;
use crate::domain::period_days::PeriodDates;
use crate::domain::report::ReportError;
use crate::domain::source_location::SourceLocation;
use crate::domain::tool::ToolVersion;

/// The findings in some inputs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Validation")]
pub struct ValidationReport {
    /// The schema version of this document.
    pub schema_version: &'static str,
    /// The program that made the document.
    pub tool: ToolVersion,
    /// The layout that the inputs were read with.
    pub layout: String,
    /// The reporting period, if one was given.
    pub period: Option<PeriodDates>,
    /// The inputs that were read.
    pub inputs: Vec<InputSummary>,
    /// The findings, worst severity first, then in the order of the codes.
    pub findings: Vec<FindingGroup>,
    /// The reason that the validation could not be finished; absent if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ReportError>,
}

/// All findings of one code.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Fault")]
pub struct FindingGroup {
    /// The code; `mucalc codes CODE` explains it.
    pub code: String,
    /// The severity.
    pub severity: Severity,
    /// What the tool found, and how it handles it.
    pub meaning: String,
    /// What the user can do.
    pub remedy: String,
    /// The number of occurrences.
    pub count: u64,
    /// The locations in the order of the inputs, up to a maximum number.
    pub places: Vec<SourceLocation>,
    /// More about the first location: days, or how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The line of the first location, with every letter and digit masked.
    #[serde(skip)]
    pub excerpt: Option<MaskedLine>,
}

/// A line of an input without its content.
#[derive(Clone, Debug)]
pub struct MaskedLine {
    /// The text: digits are 9, letters are a or A.
    pub text: String,
    /// The bytes of the text that the finding is about.
    pub span: std::ops::Range<usize>,
}

impl ValidationReport {
    /// Returns the number of occurrences with a severity.
    pub fn count(&self, severity: Severity) -> u64 {
        self.findings.iter().filter(|fault| fault.severity == severity).map(|fault| fault.count).sum()
    }
}
