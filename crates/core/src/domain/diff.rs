//! Two runs held against each other: what was chosen otherwise, which verdicts changed, who came and went, and why.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::source_location::SourceLocation;
use crate::domain::tool::ToolVersion;

/// Two runs held against each other.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Diff {
    /// The version of this document's shape.
    pub schema_version: &'static str,
    /// What made the document.
    pub tool: ToolVersion,
    /// The first run, as the user named it.
    pub a: String,
    /// The second run.
    pub b: String,
    /// What the runs were told otherwise: period, edition, policies and the like.
    pub settings: Vec<SettingChange>,
    /// The inputs, with what is known of their being the same.
    pub inputs: Vec<InputChange>,
    /// Providers whose figures or verdict are other ones, sorted by id.
    pub providers: Vec<ProviderChange>,
    /// Whether patients could be compared: both ledgers are there.
    pub patients_compared: bool,
    /// Whether causes were tried out on the exports of both runs; else they are what reports and ledgers can tell.
    pub tried: bool,
    /// Pairs of provider and patient that stand otherwise, sorted by both ids.
    pub patients: Vec<PatientChange>,
}

/// Something that the runs were told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingChange {
    /// What: `period`, `edition`, `policy:pool`, `choice:versions` and the like.
    pub what: String,
    /// In the first run; null where it says nothing of it.
    pub a: Option<String>,
    /// In the second run.
    pub b: Option<String>,
}

/// The inputs of one kind in both runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InputChange {
    /// What they were read as.
    pub role: String,
    /// Rows read in the first run; null where the number is withheld.
    pub rows_a: Option<u64>,
    /// Rows read in the second run.
    pub rows_b: Option<u64>,
    /// Whether they are the same bytes.
    pub same: MatchStatus,
}

/// Whether two things are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Same")]
pub enum MatchStatus {
    /// They are.
    Same,
    /// They are not.
    Changed,
    /// The reports have no digests of them; `--digest` adds these.
    NotKnown,
}

/// A provider whose figures or verdict are other ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProviderChange {
    /// The provider's id.
    pub provider_id: String,
    /// The figures of the first run; null where the provider is not in it.
    pub a: Option<ProviderCounts>,
    /// The figures of the second run.
    pub b: Option<ProviderCounts>,
    /// Whether the verdict is another one.
    pub verdict_changed: bool,
}

/// The figures of a provider in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "FiguresOf")]
pub struct ProviderCounts {
    /// Patients who count, as a number or `least-most`.
    pub numerator: String,
    /// Patients seen.
    pub denominator: String,
    /// The verdict.
    pub verdict: String,
}

/// A pair of provider and patient that stands otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PatientChange {
    /// The provider's id.
    pub provider_id: String,
    /// The patient's id.
    pub patient_id: String,
    /// What happened.
    pub change: MembershipChange,
    /// Where the pair stood in the first run; null where its ledger has no such row.
    pub a: Option<MembershipSnapshot>,
    /// Where it stands in the second run.
    pub b: Option<MembershipSnapshot>,
    /// What made it so. Where there are several and they were not tried out, the runs do not tell which of them did.
    pub causes: Vec<String>,
    /// The rows that made it so; empty where they were not looked at, or did not.
    pub rows: Vec<RowChange>,
}

/// A row of one run that is not in the other, or says something else there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RowChange {
    /// `new-row`, `removed-row` or `changed-word`.
    pub what: &'static str,
    /// Where it stands in the first run.
    pub a: Option<SourceLocation>,
    /// Where it stands in the second run.
    pub b: Option<SourceLocation>,
}

/// Where a pair stood in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "StoodOf")]
pub struct MembershipSnapshot {
    /// `certain` or `possible` in the denominator.
    pub denominator: String,
    /// `certain` or `possible` in the numerator, or `none`.
    pub numerator: String,
    /// The rule that came nearest.
    pub reason: String,
    /// The encounter that decided.
    pub encounter: String,
    /// The message that decided; empty where none did.
    pub message: String,
}

/// What happened to a pair of provider and patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Change")]
pub enum MembershipChange {
    /// Not in the denominator before.
    EnteredDenominator,
    /// No longer in the denominator.
    LeftDenominator,
    /// In the denominator in both; counts for certain now, and did not.
    EnteredNumerator,
    /// In the denominator in both; no longer counts for certain.
    LeftNumerator,
    /// Otherwise certain than before.
    OtherwiseCertain,
}

impl MembershipChange {
    /// All of them, in the order in which they are told.
    pub const ALL: [MembershipChange; 5] = [
        MembershipChange::EnteredDenominator,
        MembershipChange::LeftDenominator,
        MembershipChange::EnteredNumerator,
        MembershipChange::LeftNumerator,
        MembershipChange::OtherwiseCertain,
    ];

    /// The word for scripts.
    pub fn word(self) -> &'static str {
        match self {
            MembershipChange::EnteredDenominator => "entered-denominator",
            MembershipChange::LeftDenominator => "left-denominator",
            MembershipChange::EnteredNumerator => "entered-numerator",
            MembershipChange::LeftNumerator => "left-numerator",
            MembershipChange::OtherwiseCertain => "otherwise-certain",
        }
    }

    /// The words for people.
    pub fn phrase(self) -> &'static str {
        match self {
            MembershipChange::EnteredDenominator => "entered the denominator",
            MembershipChange::LeftDenominator => "left the denominator",
            MembershipChange::EnteredNumerator => "entered the numerator",
            MembershipChange::LeftNumerator => "left the numerator",
            MembershipChange::OtherwiseCertain => "changed in how certain it is",
        }
    }
}
