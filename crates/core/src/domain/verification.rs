//! The result of verifying an evidence pack.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::diff::Diff;
use crate::domain::tool::ToolVersion;

/// The result of verifying an evidence pack.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Verification")]
pub struct VerificationReport {
    /// The schema version of this document.
    pub schema_version: &'static str,
    /// The program that verified the pack.
    pub tool: ToolVersion,
    /// The pack, as the user named it.
    pub pack: String,
    /// The version of the program that made the pack.
    pub made_by: String,
    /// Whether the pack is redacted.
    pub redacted: bool,
    /// The settings that the makers of the pack chose, from its configuration; empty if the pack is incomplete or damaged.
    pub choices: Vec<String>,
    /// The checks, in order.
    pub checks: Vec<VerificationCheck>,
    /// The differences between the pack (a) and the recomputed run (b); null if nothing was recomputed, or nothing differs.
    pub difference: Option<Diff>,
}

/// A check of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Check")]
pub struct VerificationCheck {
    /// What was checked.
    pub what: String,
    /// The outcome of the check.
    pub outcome: CheckOutcome,
    /// The details, in a sentence.
    pub detail: String,
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Outcome")]
pub enum CheckOutcome {
    /// Verified.
    Right,
    /// Failed.
    Wrong,
    /// Not checked, because what the check needs was not named.
    NotChecked,
    /// This version of the program cannot check it.
    CannotTell,
}

impl CheckOutcome {
    /// Returns the display text.
    pub fn phrase(self) -> &'static str {
        match self {
            CheckOutcome::Right => "verified",
            CheckOutcome::Wrong => "FAILED",
            CheckOutcome::NotChecked => "not checked",
            CheckOutcome::CannotTell => "cannot check",
        }
    }
}

impl VerificationReport {
    /// Returns whether this version cannot check something.
    pub fn leaves_open(&self) -> bool {
        self.checks.iter().any(|check| check.outcome == CheckOutcome::CannotTell)
    }

    /// Returns whether any check failed.
    pub fn has_failures(&self) -> bool {
        self.checks.iter().any(|check| check.outcome == CheckOutcome::Wrong)
    }
}
