//! What came of checking an evidence pack.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::diff::Diff;
use crate::domain::tool::ToolVersion;

/// What came of checking an evidence pack.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Verification")]
pub struct VerificationReport {
    /// The version of this document's shape.
    pub schema_version: &'static str,
    /// What checked it.
    pub tool: ToolVersion,
    /// The pack, as the user named it.
    pub pack: String,
    /// The version that made it.
    pub made_by: String,
    /// Whether it is redacted.
    pub redacted: bool,
    /// What its makers chose, by its configuration; empty if the pack is not whole.
    pub choices: Vec<String>,
    /// What was checked, in order.
    pub checks: Vec<VerificationCheck>,
    /// What differs between the pack (a) and what was computed again (b); null where nothing was, or nothing does.
    pub difference: Option<Diff>,
}

/// Something that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Check")]
pub struct VerificationCheck {
    /// What.
    pub what: String,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// In a sentence.
    pub detail: String,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Outcome")]
pub enum CheckOutcome {
    /// It is right.
    Right,
    /// It is not.
    Wrong,
    /// It was not checked: what is needed was not named.
    NotChecked,
    /// It cannot be checked by this version of the program.
    CannotTell,
}

impl CheckOutcome {
    /// The words for people.
    pub fn phrase(self) -> &'static str {
        match self {
            CheckOutcome::Right => "right",
            CheckOutcome::Wrong => "WRONG",
            CheckOutcome::NotChecked => "not checked",
            CheckOutcome::CannotTell => "cannot tell",
        }
    }
}

impl VerificationReport {
    /// Returns whether something cannot be checked by this version.
    pub fn leaves_open(&self) -> bool {
        self.checks.iter().any(|check| check.outcome == CheckOutcome::CannotTell)
    }

    /// Whether anything is wrong.
    pub fn is_wrong(&self) -> bool {
        self.checks.iter().any(|check| check.outcome == CheckOutcome::Wrong)
    }
}
