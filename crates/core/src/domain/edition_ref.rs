//! The rule set that a document was made with.

use crate::domain::allowance::PeriodAllowance;
use crate::domain::subject::NumeratorSubject;
use schemars::JsonSchema;
use serde::Serialize;

/// The rule set that was applied.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EditionRef {
    /// The id of the rule set.
    pub id: String,
    /// SHA-256 of the rule set file, followed by that of the rule set that it extends, if any; in hexadecimal.
    pub sha256: String,
    /// The title of the rule set.
    pub title: String,
    /// The percentage of the denominator that the numerator must exceed; null if the threshold is of another kind.
    pub more_than_percent: Option<u32>,
    /// The number of patients that the numerator must reach; null if the threshold is of another kind.
    pub at_least: Option<u64>,
    /// What the numerator counts.
    pub numerator_of: NumeratorSubject,
    /// Whether the rule set follows how another software product counts, and not the regulation.
    pub peer: bool,
    /// What readers must know about the rule set in this run.
    pub notes: Vec<String>,
    /// Whether the rule set is of MIPS, whose terms differ from those of the EHR Incentive Programs.
    #[serde(skip)]
    #[schemars(skip)]
    pub is_mips: bool,
    /// Whether the program allows the reporting period; null if the rule set does not specify it, or no period is reported.
    pub reporting_period: Option<PeriodAllowance>,
}
