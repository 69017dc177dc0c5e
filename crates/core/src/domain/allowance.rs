//! Whether the program of a rule set allows the reporting period of a run.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::participant::Participant;
use crate::domain::period_days::PeriodDates;

/// Whether a program allows a reporting period (B45).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Allowance {
    /// No participant may use the period.
    NotAllowed,
    /// The period is longer than the one that the regulation names, and the regulation does not mention longer ones.
    Longer,
    /// At least one participant may use the period.
    Allowed,
}

impl Allowance {
    /// Returns the identifier that users and scripts see.
    pub fn word(self) -> &'static str {
        match self {
            Allowance::NotAllowed => "not-allowed",
            Allowance::Longer => "longer",
            Allowance::Allowed => "allowed",
        }
    }
}

/// Whether a rule set allows the reporting period of a run, and the nearest periods that it allows.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PeriodAllowance {
    /// Whether the period is allowed.
    pub allowance: Allowance,
    /// The participants whose allowed periods were compared: that of `--participant`, or all of the rule set in that year.
    pub participants: Vec<Participant>,
    /// If the period is not allowed, the nearest allowed periods, nearest first.
    pub nearest: Vec<PeriodDates>,
}
