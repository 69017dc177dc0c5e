//! The edition that a document was made by.

use crate::domain::allowance::PeriodAllowance;
use crate::domain::subject::NumeratorSubject;
use schemars::JsonSchema;
use serde::Serialize;

/// The rules that were applied.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EditionRef {
    /// The edition's id.
    pub id: String,
    /// SHA-256 of the edition file, followed by the digest of the edition that it extends, if it does; in hexadecimal.
    pub sha256: String,
    /// The edition's name in words.
    pub title: String,
    /// The numerator must be more than this percentage of the denominator; null where the threshold is another one.
    pub more_than_percent: Option<u32>,
    /// The numerator must have at least so many patients; null where the threshold is another one.
    pub at_least: Option<u64>,
    /// What the numerator is about.
    pub numerator_of: NumeratorSubject,
    /// Whether it is how another program counts, and not the regulation.
    pub peer: bool,
    /// What a reader must know of the edition in this run.
    pub notes: Vec<String>,
    /// Whether the program allows the reporting period; null where the edition does not say, or no period is reported.
    pub reporting_period: Option<PeriodAllowance>,
}
