//! A comparison of two runs: settings, results, and patients that differ, and why.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::source_location::SourceLocation;
use crate::domain::tool::ToolVersion;

/// A comparison of two runs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Diff {
    /// The schema version of this document.
    pub schema_version: &'static str,
    /// The program that made the document.
    pub tool: ToolVersion,
    /// The first run, as the user named it.
    pub a: String,
    /// The second run, as the user named it.
    pub b: String,
    /// Settings that differ between the runs: period, rule set, policy settings, and so on.
    pub settings: Vec<SettingChange>,
    /// The inputs of both runs, and whether they are known to be the same.
    pub inputs: Vec<InputChange>,
    /// Providers whose counts or result differ, sorted by id.
    pub providers: Vec<ProviderChange>,
    /// Whether patients could be compared, which requires the ledgers of both runs.
    pub patients_compared: bool,
    /// Whether causes were tested on the exports of both runs. Otherwise they are inferred from the reports and ledgers.
    pub tried: bool,
    /// Pairs of provider and patient whose membership differs, sorted by both ids.
    pub patients: Vec<PatientChange>,
}

/// A setting that differs between the runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingChange {
    /// The setting: `period`, `edition`, `policy:pool`, `choice:versions`, and so on.
    pub what: String,
    /// The value in the first run; null if the run does not record it.
    pub a: Option<String>,
    /// The value in the second run; null if the run does not record it.
    pub b: Option<String>,
}

/// The inputs of one kind in both runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InputChange {
    /// The role that the inputs were read as.
    pub role: String,
    /// Rows read in the first run; null if the number is withheld.
    pub rows_a: Option<u64>,
    /// Rows read in the second run; null if the number is withheld.
    pub rows_b: Option<u64>,
    /// Whether the inputs have the same bytes.
    pub same: MatchStatus,
}

/// Whether inputs of two runs are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Same")]
pub enum MatchStatus {
    /// The inputs are the same.
    Same,
    /// The inputs differ.
    Changed,
    /// Unknown, because the reports have no checksums of the inputs; `--digest` adds them.
    NotKnown,
}

/// A provider whose counts or result differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProviderChange {
    /// The provider's id.
    pub provider_id: String,
    /// The counts in the first run; null if the provider is not in it.
    pub a: Option<ProviderCounts>,
    /// The counts in the second run; null if the provider is not in it.
    pub b: Option<ProviderCounts>,
    /// Whether the result differs.
    pub verdict_changed: bool,
}

/// The counts and the result of a provider in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "FiguresOf")]
pub struct ProviderCounts {
    /// Patients in the numerator, as a number or `least-most`.
    pub numerator: String,
    /// Unique patients seen, as a number or `least-most`.
    pub denominator: String,
    /// The result.
    pub verdict: String,
}

/// A pair of provider and patient whose membership differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PatientChange {
    /// The provider's id.
    pub provider_id: String,
    /// The patient's id.
    pub patient_id: String,
    /// How the membership changed.
    pub change: MembershipChange,
    /// The membership in the first run; null if its ledger has no such row.
    pub a: Option<MembershipSnapshot>,
    /// The membership in the second run; null if its ledger has no such row.
    pub b: Option<MembershipSnapshot>,
    /// The causes of the change. If several are listed and were not tested, the runs do not show which of them apply.
    pub causes: Vec<String>,
    /// The rows that caused the change; empty if rows were not examined or did not cause it.
    pub rows: Vec<RowChange>,
}

/// A row of one run that is missing or different in the other run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RowChange {
    /// `new-row`, `removed-row` or `changed-word`.
    pub what: &'static str,
    /// The location of the row in the first run; null if the run does not have it.
    pub a: Option<SourceLocation>,
    /// The location of the row in the second run; null if the run does not have it.
    pub b: Option<SourceLocation>,
}

/// The membership of a pair in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "StoodOf")]
pub struct MembershipSnapshot {
    /// `certain` or `possible` in the denominator.
    pub denominator: String,
    /// `certain` or `possible` in the numerator, or `none`.
    pub numerator: String,
    /// The rule that decided or came nearest to qualifying, or another ledger reason.
    pub reason: String,
    /// The deciding encounter.
    pub encounter: String,
    /// The deciding message; empty if no message decided.
    pub message: String,
}

/// How the membership of a pair of provider and patient changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Change")]
pub enum MembershipChange {
    /// In the denominator of the second run, but not of the first.
    EnteredDenominator,
    /// In the denominator of the first run, but not of the second.
    LeftDenominator,
    /// In the denominator of both runs, and certain in the numerator of the second run only.
    EnteredNumerator,
    /// In the denominator of both runs, and certain in the numerator of the first run only.
    LeftNumerator,
    /// In the denominator of both runs, with another certainty.
    OtherwiseCertain,
}

impl MembershipChange {
    /// Every change, in the order of the report.
    pub const ALL: [MembershipChange; 5] = [
        MembershipChange::EnteredDenominator,
        MembershipChange::LeftDenominator,
        MembershipChange::EnteredNumerator,
        MembershipChange::LeftNumerator,
        MembershipChange::OtherwiseCertain,
    ];

    /// Returns the identifier for scripts.
    pub fn word(self) -> &'static str {
        match self {
            MembershipChange::EnteredDenominator => "entered-denominator",
            MembershipChange::LeftDenominator => "left-denominator",
            MembershipChange::EnteredNumerator => "entered-numerator",
            MembershipChange::LeftNumerator => "left-numerator",
            MembershipChange::OtherwiseCertain => "otherwise-certain",
        }
    }

    /// Returns the display text.
    pub fn phrase(self) -> &'static str {
        match self {
            MembershipChange::EnteredDenominator => "entered the denominator",
            MembershipChange::LeftDenominator => "left the denominator",
            MembershipChange::EnteredNumerator => "entered the numerator",
            MembershipChange::LeftNumerator => "left the numerator",
            MembershipChange::OtherwiseCertain => "changed in certainty",
        }
    }
}
