//! The report model: the results of a run, as every format shows them. Field names are the JSON contract.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::adjudication::AppliedAdjudication;
use crate::domain::attribution_mode::AttributionMode;
use crate::domain::basis::Basis;
use crate::domain::edition_ref::EditionRef;
use crate::domain::finding::Finding;
use crate::domain::head::DocumentHeader;
use crate::domain::input::InputSummary;
use crate::domain::over_time::Trend;
use crate::domain::period::Day;
use crate::domain::provider::{CehrtLocations, ExclusionSummary, ProviderResult};
use crate::domain::score::CountRange;
use crate::domain::source_location::SourceLocation;
use crate::domain::unusable::UnusableRows;
use crate::domain::verdict::Verdict;

/// The schema version of the report.
pub const SCHEMA_VERSION: &str = "1";

/// The report of a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The header.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// SHA-256 of the texts of layouts and of the values that the configuration maps, in hexadecimal.
    pub vocabulary_sha256: String,
    /// Channels that the configuration defines. Of all other channels, only `ehr-portal` is certified.
    pub channels: Vec<ChannelSummary>,
    /// Locations that the configuration defines, and whether certified EHR technology keeps their records.
    pub locations: BTreeMap<String, bool>,
    /// The measure under the rule set that was named first.
    #[serde(flatten)]
    pub measure: MeasureResult,
    /// The inputs that were read.
    pub inputs: Vec<InputSummary>,
    /// Review decisions about what the data leave unresolved, and their outcome under the rule set that was named first.
    pub adjudications: Vec<AppliedAdjudication>,
    /// Data quality findings, by code.
    pub findings: Vec<Finding>,
    /// The measure under the other rule sets that were named.
    pub alongside: Vec<MeasureResult>,
    /// The trend of the measure, for the HTML report.
    #[serde(skip)]
    #[schemars(skip)]
    pub over_time: Option<Trend>,
    /// When and where the report was computed; absent unless requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Provenance>,
    /// The reason that there is no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ReportError>,
    /// What the results depend on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// When and where a report was computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Stamp")]
pub struct Provenance {
    /// The time in UTC, such as `2014-10-01T12:00:00Z`.
    pub at: String,
    /// The name of the computer; null if it has none.
    pub host: Option<String>,
}

impl Report {
    /// Returns the measure under every rule set, in the order in which they were named.
    pub fn measures(&self) -> impl Iterator<Item = &MeasureResult> {
        std::iter::once(&self.measure).chain(&self.alongside)
    }
}

impl MeasureResult {
    /// Returns the provider with this id; `None` if it is not listed.
    pub fn provider(&self, id: &str) -> Option<&ProviderResult> {
        let at = self.providers.binary_search_by(|provider| provider.provider_id.as_str().cmp(id)).ok()?;
        self.providers.get(at)
    }
}

/// The measure under one rule set.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Measure")]
pub struct MeasureResult {
    /// The rule set that was applied.
    pub edition: EditionRef,
    /// How messages are attributed to providers.
    pub credit: AttributionMode,
    /// Every policy of the rule set, with the setting that was applied.
    pub policies: BTreeMap<String, String>,
    /// One entry per provider, sorted by `provider_id`; empty after an error.
    pub providers: Vec<ProviderResult>,
    /// Clinicians whom the roster lists under several ids, with the results of all ids together.
    pub combined: Vec<ClinicianResult>,
    /// Unique patients over all providers; null after an error.
    pub group: Option<GroupResult>,
    /// How many of the patients and providers in messages that may qualify are among those of the encounters; null after an error.
    pub matched: Option<MatchedIds>,
    /// How many rows each rule decided; null after an error.
    pub waterfall: Option<Attrition>,
}

/// How many of the patients and providers in messages that may qualify are among those of the encounters.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MatchedIds {
    /// The ids of patients.
    pub patients: NamedIds,
    /// The ids of providers.
    pub providers: NamedIds,
    /// The values of `[ids] fold` under which all nearly matching ids would match.
    pub fold: Vec<&'static str>,
}

/// Numbers of ids that messages contain.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct NamedIds {
    /// Different ids in messages that may qualify.
    pub named: u64,
    /// Of these, ids of patients who were or may have been seen, or of providers who are listed.
    pub found: u64,
    /// Of the others, ids that equal exactly one of those except for a difference in spelling.
    pub near: u64,
}

/// A channel that the configuration defines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ChannelOf")]
pub struct ChannelSummary {
    /// The value in the export.
    pub name: String,
    /// Whether the channel is the messaging function of certified EHR technology.
    pub certified: bool,
    /// The name of the product.
    pub product: Option<String>,
    /// The number of the product on the Certified Health IT Product List.
    pub chpl_id: Option<String>,
    /// The first certified day; null if the channel was certified from the beginning.
    #[schemars(with = "Option<String>")]
    pub from: Option<Day>,
    /// The last certified day; null if the channel is still certified.
    #[schemars(with = "Option<String>")]
    pub until: Option<Day>,
}

/// A denominator with its numerator.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Bounded")]
pub struct FractionRange {
    /// Patients seen.
    pub denominator: CountRange,
    /// Of these, patients in the numerator.
    pub numerator: CountRange,
}

/// A clinician whom the roster lists under several ids, such as a user of several certified systems. Both totals are allowed: duplicates
/// need not be reconciled (B9a).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Combined")]
pub struct ClinicianResult {
    /// The National Provider Identifier that the ids share.
    pub npi: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// The ids of the clinician.
    pub provider_ids: Vec<String>,
    /// The certified systems of the ids, if the roster names them.
    pub cehrt_ids: Vec<String>,
    /// The sum over the ids: a patient seen under two of them counts twice.
    pub summed: FractionRange,
    /// Whether the measure is met by the sum.
    pub summed_verdict: Verdict,
    /// Each patient counted once.
    pub once: FractionRange,
    /// Whether the measure is met with each patient counted once.
    pub once_verdict: Verdict,
    /// What the encounters under all ids show about each exclusion. It does not affect the result.
    pub exclusions: Vec<ExclusionSummary>,
    /// The share of the encounters under all ids at locations with certified EHR technology; null if the rule set or the configuration does
    /// not mention locations.
    pub cehrt_locations: Option<CehrtLocations>,
}

/// Unique patients over all providers.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub struct GroupResult {
    /// Unique patients seen by any provider.
    pub denominator: CountRange,
    /// Of these, patients with a qualifying message for a provider who saw them.
    pub numerator: CountRange,
    /// Unusable rows that may concern some provider. The ranges allow for them.
    pub unusable: UnusableRows,
    /// The sum over all providers: a patient seen by two of them counts twice.
    pub summed: FractionRange,
    /// Providers whose result is `met`.
    pub providers_met: u64,
    /// Providers listed.
    pub providers: u64,
}

/// The attrition step of rows that a later version of their record replaces. No rule is applied to them. An attrition without such rows
/// omits it.
pub const SUPERSEDED: &str = "superseded";
/// The explanation of [`SUPERSEDED`].
pub const SUPERSEDED_MEANS: &str = "A later version of the record replaces the row.";

/// How many rows each rule decided. The rows add up to the rows read minus the unusable ones. Rows that a later version of their record
/// replaces come first, as `superseded`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Waterfall")]
pub struct Attrition {
    /// Rules of the denominator, in the order of the rule set.
    pub encounters: Vec<AttritionStep>,
    /// Rules of the numerator, in the order of the rule set; empty if the numerator counts portal accesses.
    pub messages: Vec<AttritionStep>,
    /// Rules of the numerator of a rule set that counts portal accesses.
    pub accesses: Vec<AttritionStep>,
    /// The same for each provider that rows name, sorted by id, and last for the rows that name none; absent unless requested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<ProviderAttrition>,
}

/// How many rows that name a provider each rule decided.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "WaterfallOf")]
pub struct ProviderAttrition {
    /// The provider's id; null for rows that name none.
    pub provider_id: Option<String>,
    /// Rules of the denominator.
    pub encounters: Vec<AttritionStep>,
    /// Rules of the numerator; empty if the numerator counts portal accesses.
    pub messages: Vec<AttritionStep>,
    /// Rules of the numerator of a rule set that counts portal accesses.
    pub accesses: Vec<AttritionStep>,
}

/// The rows that one rule decided.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Bucket")]
pub struct AttritionStep {
    /// The rule's id, or `superseded`; `mucalc codes RULE` explains it.
    pub rule: String,
    /// Rows that the rule decided.
    pub rows: u64,
    /// Of these, rows that certainly qualify.
    pub counted: u64,
    /// Of these, unresolved rows.
    pub uncertain: u64,
}

/// The reason that there is no result.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Failure")]
pub struct ReportError {
    /// The identifier for scripts.
    pub code: String,
    /// A sentence for people, with what to do next.
    pub message: String,
    /// The location; null if the error is not about a location in an input.
    pub place: Option<SourceLocation>,
}
