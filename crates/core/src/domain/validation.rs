//! What `mucalc validate` finds: every finding with its places.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::finding::Severity;
use crate::domain::input::InputSummary;
use crate::domain::period_days::PeriodDates;
use crate::domain::report::ReportError;
use crate::domain::source_location::SourceLocation;
use crate::domain::tool::ToolVersion;

/// What was found in some inputs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Validation")]
pub struct ValidationReport {
    /// The version of this document's shape.
    pub schema_version: &'static str,
    /// What made the document.
    pub tool: ToolVersion,
    /// The layout by which the inputs were read.
    pub layout: String,
    /// The reporting period, if one was given.
    pub period: Option<PeriodDates>,
    /// What was read.
    pub inputs: Vec<InputSummary>,
    /// What was found, the worst first, then in the order of the codes.
    pub findings: Vec<FindingGroup>,
    /// Why the validation could not be finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ReportError>,
}

/// All findings of one code.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Fault")]
pub struct FindingGroup {
    /// The code; `mucalc codes CODE` explains it.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What was seen, and what the tool makes of it.
    pub meaning: String,
    /// What can be done.
    pub remedy: String,
    /// How often it was met.
    pub count: u64,
    /// The places in the order of the inputs, as many as are told.
    pub places: Vec<SourceLocation>,
    /// What more there is to say of the first place: days, or how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The first place in the text, with every letter and digit masked.
    #[serde(skip)]
    pub excerpt: Option<MaskedLine>,
}

/// A line of an input without what it says.
#[derive(Clone, Debug)]
pub struct MaskedLine {
    /// Digits are 9, letters are a or A.
    pub text: String,
    /// The bytes of the text that are meant.
    pub span: std::ops::Range<usize>,
}

impl ValidationReport {
    /// How many findings there are of a severity.
    pub fn count(&self, severity: Severity) -> u64 {
        self.findings.iter().filter(|fault| fault.severity == severity).map(|fault| fault.count).sum()
    }
}
