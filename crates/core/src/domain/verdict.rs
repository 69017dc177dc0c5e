//! The four things that can be said about a provider and the measure.

use schemars::JsonSchema;
use serde::Serialize;

/// Whether the measure is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Met, whatever the unknowns are.
    Met,
    /// Not met, whatever the unknowns are.
    NotMet,
    /// The unknowns decide.
    Indeterminate,
    /// Nobody was seen: there is no percentage (B30).
    NotCalculable,
}

impl Verdict {
    /// The word that users and scripts see.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::NotMet => "not-met",
            Verdict::Indeterminate => "indeterminate",
            Verdict::NotCalculable => "not-calculable",
        }
    }
}
