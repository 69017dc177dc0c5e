//! Why a patient counts or not: every row of the exports that is about them, and what each rule said of it.

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

// `R` holds the rows, or makes them when they are asked for.
/// Why some patients, messages or encounters count or not.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Explanation")]
pub struct Explanation<R = Vec<ExplainedRow>> {
    /// How it begins.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// What the configuration says of channels; of all others `ehr-portal` alone is certified.
    pub channels: Vec<ChannelSummary>,
    /// The rules that were applied.
    pub edition: EditionRef,
    /// How messages are credited to providers.
    pub credit: AttributionMode,
    /// Every policy of the edition with the choice that was applied.
    pub policies: BTreeMap<String, String>,
    /// What was asked for.
    pub asked: ExplainTarget,
    /// The patients, in the order in which they were asked for.
    pub patients: Vec<PatientExplanation<R>>,
    /// What was read.
    pub inputs: Vec<InputSummary>,
    /// What is wrong with the data, by code.
    pub findings: Vec<Finding>,
    /// What the answers rest on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Asked")]
pub struct ExplainTarget {
    /// The patients with these ids.
    pub patients: Vec<String>,
    /// The messages, or accesses, with this id.
    pub message: Option<String>,
    /// The encounters with this id.
    pub encounter: Option<String>,
    /// What concerns this provider alone.
    pub provider: Option<String>,
}

/// Why a patient counts or not.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Explained")]
pub struct PatientExplanation<R = Vec<ExplainedRow>> {
    /// The patient's id.
    pub patient_id: String,
    /// Where the patient stands towards each provider whom a row names, sorted by id.
    pub standings: Vec<ProviderMembership>,
    /// The encounters, as the denominator's rules judge them, in the order of files and lines.
    pub encounters: R,
    /// The messages, as the numerator's rules judge them.
    pub messages: R,
    /// The accesses to the portal, as the rules of an edition that counts them judge them.
    pub accesses: R,
    /// What people decided about the patient, and about these rows.
    pub decisions: Vec<AdjudicationNote>,
}

/// Rows that are shown one after the other, and need not all be there at once.
pub trait Rows {
    /// Shows each row, with what stands in the export if `is_told` asks for that.
    fn each(&self, is_told: bool, show: &mut dyn FnMut(&ExplainedRow));
}

impl Rows for Vec<ExplainedRow> {
    fn each(&self, _is_told: bool, show: &mut dyn FnMut(&ExplainedRow)) {
        self.iter().for_each(show);
    }
}

/// Where a patient stands towards a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "StandingOf")]
pub struct ProviderMembership {
    /// The provider's id.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// `certain` or `possible` in the denominator, or `out`: then the ledger has no such row.
    pub denominator: &'static str,
    /// `certain` or `possible` in the numerator, or `none`.
    pub numerator: &'static str,
    /// The rule that came nearest, as in the ledger; null where the patient is not in the denominator.
    pub reason: Option<String>,
    /// Where the encounter stands that decided; null where none did.
    pub encounter: Option<SourceLocation>,
    /// Where the message, or access, stands that decided; null where none did.
    pub message: Option<SourceLocation>,
}

/// A row of an export, and what the rules say of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RowOf")]
pub struct ExplainedRow {
    /// Where it stands.
    pub place: SourceLocation,
    /// Its id; null where it has none.
    pub id: Option<String>,
    /// The provider whom it names; null where it is to the practice.
    pub provider_id: Option<String>,
    /// The local day; null where it is not known.
    #[schemars(with = "Option<String>")]
    pub day: Option<Day>,
    /// What the row says in our words, in the columns that rules can ask.
    pub says: Vec<ColumnValue>,
    /// What stands in the export, in the columns that are read; empty where it cannot be read again.
    pub record: Vec<ColumnValue>,
    /// What each rule said, in order, up to the one that decided.
    pub steps: Vec<RuleStep>,
    /// The first rule that can decide such a row.
    pub rule: String,
    /// `in` or `counts`, `uncertain`, or `out`: what the rules say, before anybody's decisions.
    pub answer: &'static str,
    /// What stands in the way of counting: any one of these sets would have to say something else. Empty where nothing does.
    pub would_count_if: Vec<Vec<Blocker>>,
    /// Whom a row of the numerator reaches: providers who saw the patient.
    pub reaches: Vec<AttributedProvider>,
    /// What the row is among several rows with its id; null where it is the record.
    pub version: Option<VersionStatus>,
}

/// What a row is among several rows with its id, if it is not simply the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "VersionOf")]
pub enum VersionStatus {
    /// It says the same as the row that is the record.
    Duplicate,
    /// A later version replaces it, so it is not judged.
    Superseded,
    /// Other rows say something else, and it is not known which one is right, so what only this one says is possible.
    Contradicting,
    /// Other rows of an encounter say something else, but each of them puts the patient into the denominator of the provider.
    Agreeing,
}

/// A column with what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Said")]
pub struct ColumnValue {
    /// The column.
    pub column: String,
    /// What it says.
    pub said: String,
}

/// What a rule said of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "StepOf")]
pub struct RuleStep {
    /// The rule.
    pub rule: String,
    /// What it asks.
    pub asks: String,
    /// Whether it fits.
    pub fits: RuleMatch,
    /// What it decides where it fits.
    pub decides: String,
    /// Why.
    pub why: String,
    /// According to whom, and how well that is known.
    pub cite: String,
}

/// Whether a rule fits a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Fit")]
pub enum RuleMatch {
    /// It is not asked: the choice for its policy is to count.
    NotAsked,
    /// It does not.
    No,
    /// It fits for some of what the row may be; for the rest the next rule is asked.
    Perhaps,
    /// It does.
    Yes,
}

/// Something that stands in the way of counting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Obstacle")]
pub struct Blocker {
    /// A word for scripts: the column and what it says.
    pub code: String,
    /// The column.
    pub column: String,
    /// What it says.
    pub said: String,
    /// For a day: how many days it lies after the reporting period, or before it (then negative).
    pub days_off: Option<i64>,
}

/// A provider whom a row of the numerator reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ReachOf")]
pub struct AttributedProvider {
    /// The provider's id.
    pub provider_id: String,
    /// `counts`, `uncertain` or `out`: what holds for the provider.
    pub answer: &'static str,
    /// What made it so.
    pub because: AttributionBasis,
    /// Whether the row names nobody, so that it may be another's.
    pub unattributed: bool,
}

/// What made an answer hold for a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Because")]
pub enum AttributionBasis {
    /// The rules.
    Rules,
    /// The rules would count it, but it names nobody, so that it may be another's.
    Unattributed,
    /// The rules would count it, but the id of its patient or of its provider only nearly matches.
    IdNearlyMatches,
    /// The rules would count it, but another row with its id says something else.
    ContradictingVersions,
    /// Somebody decided.
    Adjudicated,
}

/// A decision of a person about a patient or a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "DecisionOf")]
pub struct AdjudicationNote {
    /// Where it stands.
    pub place: SourceLocation,
    /// `message`, `access` or `patient`.
    pub about: &'static str,
    /// The id of the row, where it is about one.
    pub id: Option<String>,
    /// The provider for whom it is decided; null for all.
    pub provider_id: Option<String>,
    /// What was decided.
    pub decision: &'static str,
    /// Who decided.
    pub by: Option<String>,
    /// When.
    pub on: Option<String>,
    /// Why.
    pub reason: Option<String>,
}
