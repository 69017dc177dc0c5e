//! Why a patient is or is not in the numerator: every export row about the patient, and how each rule applies to it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::attribution_mode::AttributionMode;
use crate::domain::basis::Basis;
use crate::domain::edition_ref::EditionRef;
use crate::domain::finding::Finding;
use crate::domain::head::DocumentHeader;
use crate::domain::input::InputSummary;
use crate::domain::period::Day;
use crate::domain::report::ChannelSummary;
use crate::domain::source_location::SourceLocation;

// `R` holds the rows, or produces them on demand.
/// Why some patients, messages, or encounters do or do not qualify.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Explanation")]
pub struct Explanation<R = Vec<ExplainedRow>> {
    /// The header.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// Channels that the configuration defines. Of all other channels, only `ehr-portal` is certified.
    pub channels: Vec<ChannelSummary>,
    /// The rule set that was applied.
    pub edition: EditionRef,
    /// How messages are attributed to providers.
    pub credit: AttributionMode,
    /// Every policy of the rule set, with the setting that was applied.
    pub policies: BTreeMap<String, String>,
    /// The request.
    pub asked: ExplainTarget,
    /// The patients, in the order of the request.
    pub patients: Vec<PatientExplanation<R>>,
    /// The inputs that were read.
    pub inputs: Vec<InputSummary>,
    /// Data quality findings, by code.
    pub findings: Vec<Finding>,
    /// What the results depend on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// The patients, messages, or encounters that the user requested.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Asked")]
pub struct ExplainTarget {
    /// The patients with these ids.
    pub patients: Vec<String>,
    /// The messages or portal accesses with this id.
    pub message: Option<String>,
    /// The encounters with this id.
    pub encounter: Option<String>,
    /// The provider to which the explanation is limited.
    pub provider: Option<String>,
}

/// Why a patient is or is not in the numerator.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Explained")]
pub struct PatientExplanation<R = Vec<ExplainedRow>> {
    /// The patient's id.
    pub patient_id: String,
    /// The patient's membership with each provider that a row names, sorted by id.
    pub standings: Vec<ProviderMembership>,
    /// The encounters, evaluated by the denominator rules, in the order of files and lines.
    pub encounters: R,
    /// The messages, evaluated by the numerator rules.
    pub messages: R,
    /// The portal accesses, evaluated by the numerator rules of a rule set that counts them.
    pub accesses: R,
    /// Review decisions about the patient and about these rows.
    pub decisions: Vec<AdjudicationNote>,
}

/// Rows that are visited one after another and need not all be in memory at once.
pub trait Rows {
    /// Visits each row. If `is_told`, each row includes its cells in the export.
    fn each(&self, is_told: bool, show: &mut dyn FnMut(&ExplainedRow));
}

impl Rows for Vec<ExplainedRow> {
    fn each(&self, _is_told: bool, show: &mut dyn FnMut(&ExplainedRow)) {
        self.iter().for_each(show);
    }
}

/// A patient's membership with a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "StandingOf")]
pub struct ProviderMembership {
    /// The provider's id.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// `certain` or `possible` in the denominator, or `out` if the ledger has no such row.
    pub denominator: &'static str,
    /// `certain` or `possible` in the numerator, or `none`.
    pub numerator: &'static str,
    /// The rule that decided or came nearest to qualifying, as in the ledger; null if the patient is not in the denominator.
    pub reason: Option<String>,
    /// The location of the deciding encounter; null if no encounter decided.
    pub encounter: Option<SourceLocation>,
    /// The location of the deciding message or portal access; null if none decided.
    pub message: Option<SourceLocation>,
}

/// A row of an export, and how the rules apply to it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RowOf")]
pub struct ExplainedRow {
    /// The location of the row.
    pub place: SourceLocation,
    /// The id of the row; null if it has none.
    pub id: Option<String>,
    /// The provider that the row names; null if the row is addressed to the practice.
    pub provider_id: Option<String>,
    /// The local day; null if unknown.
    #[schemars(with = "Option<String>")]
    pub day: Option<Day>,
    /// The canonical values of the row, in the columns that rules can use.
    pub says: Vec<ColumnValue>,
    /// The cells of the row in the export, in the columns that are read; empty if the row cannot be read again.
    pub record: Vec<ColumnValue>,
    /// How each rule applies, in order, up to the rule that decides.
    pub steps: Vec<RuleStep>,
    /// The first rule that can decide the row.
    pub rule: String,
    /// `in` or `counts`, `uncertain`, or `out`: the outcome under the rules, before review decisions.
    pub answer: &'static str,
    /// What keeps the row from qualifying, as the smallest sets of values. Changing every value of any one set would make the row qualify.
    /// Empty if the row certainly qualifies, or if no values would make it qualify.
    pub would_count_if: Vec<Vec<Blocker>>,
    /// The providers that a numerator row reaches: those who saw the patient.
    pub reaches: Vec<AttributedProvider>,
    /// The status of the row among several rows with its id; null if it is the record.
    pub version: Option<VersionStatus>,
}

/// The status of a row among several rows with its id, unless it is simply the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "VersionOf")]
pub enum VersionStatus {
    /// The same as the row that is the record.
    Duplicate,
    /// Replaced by a later version, so no rule is applied.
    Superseded,
    /// Other rows differ, and the data do not show which one is right. Values that only this row has are possible.
    Contradicting,
    /// Other rows of an encounter differ, but each of them puts the patient in the denominator of the provider.
    Agreeing,
}

/// A column with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Said")]
pub struct ColumnValue {
    /// The column.
    pub column: String,
    /// The value.
    pub said: String,
}

/// How a rule applies to a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "StepOf")]
pub struct RuleStep {
    /// The id of the rule.
    pub rule: String,
    /// The condition of the rule.
    pub asks: String,
    /// Whether the rule matches.
    pub fits: RuleMatch,
    /// What the rule decides if it matches.
    pub decides: String,
    /// The reason for the rule.
    pub why: String,
    /// The source of the rule, and how well it is known.
    pub cite: String,
}

/// Whether a rule matches a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Fit")]
pub enum RuleMatch {
    /// The rule is not applied, because the setting of its policy is to count.
    NotAsked,
    /// The rule does not match.
    No,
    /// The rule matches some possible values of the row. The next rule applies to the others.
    Perhaps,
    /// The rule matches.
    Yes,
}

/// A value that keeps a row from qualifying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Obstacle")]
pub struct Blocker {
    /// The identifier for scripts: the column and its value.
    pub code: String,
    /// The column.
    pub column: String,
    /// The value.
    pub said: String,
    /// For a day, how many days it is after the reporting period; negative if it is before the period.
    pub days_off: Option<i64>,
}

/// A provider that a numerator row reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ReachOf")]
pub struct AttributedProvider {
    /// The provider's id.
    pub provider_id: String,
    /// `counts`, `uncertain` or `out`: the outcome for the provider.
    pub answer: &'static str,
    /// What determined the outcome.
    pub because: AttributionBasis,
    /// Whether the row names no provider, so that it may be another provider's.
    pub unattributed: bool,
}

/// What determined an outcome for a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Because")]
pub enum AttributionBasis {
    /// The rules.
    Rules,
    /// The row qualifies under the rules, but names no provider, so that it may be another provider's.
    Unattributed,
    /// The row qualifies under the rules, but the id of its patient or of its provider only nearly matches.
    IdNearlyMatches,
    /// The row qualifies under the rules, but another row with its id differs.
    ContradictingVersions,
    /// A review decision.
    Adjudicated,
}

/// A review decision about a patient or a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "DecisionOf")]
pub struct AdjudicationNote {
    /// The location of the decision in its file.
    pub place: SourceLocation,
    /// The target of the decision: `message`, `access` or `patient`.
    pub about: &'static str,
    /// The id of the row, if the decision is about a row.
    pub id: Option<String>,
    /// The provider that the decision applies to; null if it applies to every provider.
    pub provider_id: Option<String>,
    /// The decision.
    pub decision: &'static str,
    /// The reviewer.
    pub by: Option<String>,
    /// The date of the decision.
    pub on: Option<String>,
    /// The reason for the decision.
    pub reason: Option<String>,
}
