//! Whether the program of an edition allows the reporting period of a run.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::participant::Participant;
use crate::domain::period_days::PeriodDates;

/// Whether a program allows a reporting period (B45).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Allowance {
    /// No participant may use it.
    NotAllowed,
    /// It is longer than the period that the regulation names, and the regulation says nothing of longer ones.
    Longer,
    /// Some participant may use it.
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

/// What an edition says of the reporting period of a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PeriodAllowance {
    /// Whether the period is allowed.
    pub allowance: Allowance,
    /// The participants whose periods were compared: that of `--participant`, or all of the edition in that year.
    pub participants: Vec<Participant>,
    /// If it is not allowed, the nearest periods that are, the nearest first.
    pub nearest: Vec<PeriodDates>,
}
