//! The results of several practices, as a table with one row for each.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::report::Report;
use crate::domain::score::CountRange;
use crate::domain::tool::ToolVersion;
use crate::domain::verdict::Verdict;

/// The results of several practices.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RollUp {
    /// The schema version of this document.
    pub schema_version: &'static str,
    /// The program that made the document.
    pub tool: ToolVersion,
    /// The command that ran for each practice.
    pub command: &'static str,
    /// One entry per practice, in the order of the configuration.
    pub practices: Vec<PracticeRun>,
    /// The highest exit code of the practices, which is that of the run.
    pub exit_code: u8,
}

/// The run of a practice.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PracticeRun {
    /// The name of the practice.
    pub name: String,
    /// The path of its configuration.
    pub config: String,
    /// The path of its document; null if the document went to standard output, or if none was written.
    pub document: Option<String>,
    /// The exit code.
    pub exit_code: u8,
    /// Why there is no result; null if there is one.
    pub error: Option<String>,
    /// The counts of `mucalc report`; null for other commands, and after an error.
    pub result: Option<PracticeCounts>,
}

/// The counts of a practice, under the rule set that was named first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PracticeCounts {
    /// Unique patients seen by any provider.
    pub denominator: CountRange,
    /// Of these, patients with a qualifying message for a provider who saw them.
    pub numerator: CountRange,
    /// Providers listed.
    pub providers: u64,
    /// Providers whose result is `met`.
    pub met: u64,
    /// Providers whose result is `not-met`.
    pub not_met: u64,
    /// Providers whose result is `indeterminate`.
    pub indeterminate: u64,
    /// Providers whose result is `not-calculable`: they saw no patient.
    pub not_calculable: u64,
}

impl PracticeCounts {
    /// Returns the counts of a report. `None` after an error.
    pub fn from_report(report: &Report) -> Option<Self> {
        let group = report.measure.group.as_ref()?;
        let with = |verdict| {
            report.measure.providers.iter().filter(|provider| provider.verdict == verdict).count() as u64
        };
        Some(Self {
            denominator: group.denominator,
            numerator: group.numerator,
            providers: group.providers,
            met: with(Verdict::Met),
            not_met: with(Verdict::NotMet),
            indeterminate: with(Verdict::Indeterminate),
            not_calculable: with(Verdict::NotCalculable),
        })
    }
}
