//! The four possible results of a provider.

use schemars::JsonSchema;
use serde::Serialize;

/// Whether the measure is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Met, for every possible value of unknown data.
    Met,
    /// Not met, for every possible value of unknown data.
    NotMet,
    /// The result depends on unknown data.
    Indeterminate,
    /// No patient was seen, so there is no percentage (B30), or the measure is attested with yes or no.
    NotCalculable,
}

impl Verdict {
    /// Returns the identifier that users and scripts see.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::NotMet => "not-met",
            Verdict::Indeterminate => "indeterminate",
            Verdict::NotCalculable => "not-calculable",
        }
    }
}
