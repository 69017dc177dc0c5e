//! The report model: what a run found, as every format shows it. Field names are the JSON contract.

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

/// The version of this document's shape.
pub const SCHEMA_VERSION: &str = "1";

/// Everything that a run found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// How it begins.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// SHA-256 of the layouts' texts and of the words that the configuration translates, in hexadecimal.
    pub vocabulary_sha256: String,
    /// What the configuration says of channels; of all others `ehr-portal` alone is certified.
    pub channels: Vec<ChannelSummary>,
    /// What the configuration says of locations: whether certified EHR technology keeps their records.
    pub locations: BTreeMap<String, bool>,
    /// The measure under the edition that was named first.
    #[serde(flatten)]
    pub measure: MeasureResult,
    /// What was read.
    pub inputs: Vec<InputSummary>,
    /// Decisions of people over what the data leave open, and what became of them under the edition named first.
    pub adjudications: Vec<AppliedAdjudication>,
    /// What is wrong with the data, by code.
    pub findings: Vec<Finding>,
    /// The measure under the other editions that were named.
    pub alongside: Vec<MeasureResult>,
    /// The measure over time, for a page that shows it.
    #[serde(skip)]
    #[schemars(skip)]
    pub over_time: Option<Trend>,
    /// When and where it was computed; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Provenance>,
    /// Why there is no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ReportError>,
    /// What the figures rest on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// When and where a report was computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Stamp")]
pub struct Provenance {
    /// The time in UTC, as in `2014-10-01T12:00:00Z`.
    pub at: String,
    /// The name of the machine; null where it has none.
    pub host: Option<String>,
}

impl Report {
    /// The measure under every edition, in the order in which they were named.
    pub fn measures(&self) -> impl Iterator<Item = &MeasureResult> {
        std::iter::once(&self.measure).chain(&self.alongside)
    }
}

impl MeasureResult {
    /// Returns the provider with an id.
    pub fn provider(&self, id: &str) -> Option<&ProviderResult> {
        let at = self.providers.binary_search_by(|provider| provider.provider_id.as_str().cmp(id)).ok()?;
        self.providers.get(at)
    }
}

/// The measure under one edition.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Measure")]
pub struct MeasureResult {
    /// The rules that were applied.
    pub edition: EditionRef,
    /// How messages are credited to providers.
    pub credit: AttributionMode,
    /// Every policy of the edition with the choice that was applied.
    pub policies: BTreeMap<String, String>,
    /// One entry a provider, sorted by `provider_id`; empty after an error.
    pub providers: Vec<ProviderResult>,
    /// Persons whom the roster names under several ids: the figures of all ids together.
    pub combined: Vec<ClinicianResult>,
    /// Unique patients over all providers; null after an error.
    pub group: Option<GroupResult>,
    /// How many of the patients and providers named by messages that may qualify are among those of the encounters; null after an
    /// error.
    pub matched: Option<MatchedIds>,
    /// Which rule judged how many rows; null after an error.
    pub waterfall: Option<Attrition>,
}

/// How many of the patients and providers named by messages that may qualify are among those of the encounters.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MatchedIds {
    /// Patients.
    pub patients: NamedIds,
    /// Providers.
    pub providers: NamedIds,
    /// The words of `[ids] fold` under which all ids that nearly match would match.
    pub fold: Vec<&'static str>,
}

/// Ids that messages name.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct NamedIds {
    /// Different ids in messages that may qualify.
    pub named: u64,
    /// Of these, ids of patients who were, or may have been, seen, or of providers who are listed.
    pub found: u64,
    /// Of the others, ids that equal exactly one of those but for a difference of spelling.
    pub near: u64,
}

/// What the configuration says of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ChannelOf")]
pub struct ChannelSummary {
    /// The word in the export.
    pub name: String,
    /// Whether it is the messaging function of certified EHR technology.
    pub certified: bool,
    /// The product's name.
    pub product: Option<String>,
    /// Its number on the Certified Health IT Product List.
    pub chpl_id: Option<String>,
    /// The first certified day; null where it was so from the beginning.
    #[schemars(with = "Option<String>")]
    pub from: Option<Day>,
    /// The last certified day; null where it still is.
    #[schemars(with = "Option<String>")]
    pub until: Option<Day>,
}

/// A denominator with its numerator.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Bounded")]
pub struct FractionRange {
    /// Patients seen.
    pub denominator: CountRange,
    /// Of these, patients who count.
    pub numerator: CountRange,
}

/// A person whom the roster names under several ids, as one who works with several certified systems. Both totals are
/// allowed: duplicates need not be reconciled (B9a).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Combined")]
pub struct ClinicianResult {
    /// The National Provider Identifier that the ids share.
    pub npi: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// The ids.
    pub provider_ids: Vec<String>,
    /// The certified systems of the ids, where the roster names them.
    pub cehrt_ids: Vec<String>,
    /// The figures of the ids simply added: a patient seen under two of them counts twice.
    pub summed: FractionRange,
    /// Whether the measure is met by these.
    pub summed_verdict: Verdict,
    /// Each patient counted once.
    pub once: FractionRange,
    /// Whether the measure is met by these.
    pub once_verdict: Verdict,
    /// What the encounters under all ids say about each exclusion; apart from the verdict.
    pub exclusions: Vec<ExclusionSummary>,
    /// The share of the encounters under all ids at locations with certified EHR technology; null where the edition or the configuration
    /// does not speak of locations.
    pub cehrt_locations: Option<CehrtLocations>,
}

/// Unique patients over all providers.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub struct GroupResult {
    /// Unique patients seen by any provider.
    pub denominator: CountRange,
    /// Of these, patients with a message that counts for a provider who saw them.
    pub numerator: CountRange,
    /// Rows that could not be used and may concern some provider; the bounds allow for them.
    pub unusable: UnusableRows,
    /// The figures of all providers simply added: a patient seen by two of them counts twice.
    pub summed: FractionRange,
    /// Providers whose verdict is `met`.
    pub providers_met: u64,
    /// Providers listed.
    pub providers: u64,
}

/// The bucket of rows that a later version of their record replaces. No rule is applied to them. A waterfall without such rows omits it.
pub const SUPERSEDED: &str = "superseded";
/// What that means, in words.
pub const SUPERSEDED_MEANS: &str = "A later version of the record replaces the row.";

/// Which rule judged how many rows; the rows add up to those read less those rejected. Rows that a later version of their record
/// replaces come first, as `superseded`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Waterfall")]
pub struct Attrition {
    /// Rules of the denominator, in the edition's order.
    pub encounters: Vec<AttritionStep>,
    /// Rules of the numerator, in the edition's order; empty where it counts accesses.
    pub messages: Vec<AttritionStep>,
    /// Rules of the numerator of an edition that counts accesses to the portal.
    pub accesses: Vec<AttritionStep>,
    /// The same for each provider whom rows name, sorted by id, and last for the rows that name none; absent unless asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<ProviderAttrition>,
}

/// Which rule judged how many rows that name a provider.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "WaterfallOf")]
pub struct ProviderAttrition {
    /// The provider; null for rows that name none.
    pub provider_id: Option<String>,
    /// Rules of the denominator.
    pub encounters: Vec<AttritionStep>,
    /// Rules of the numerator; empty where it counts accesses.
    pub messages: Vec<AttritionStep>,
    /// Rules of the numerator of an edition that counts accesses to the portal.
    pub accesses: Vec<AttritionStep>,
}

/// The rows that one rule judged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Bucket")]
pub struct AttritionStep {
    /// The rule's id, or `superseded`; `mucalc codes RULE` explains it.
    pub rule: String,
    /// Rows that the rule judged.
    pub rows: u64,
    /// Of these, rows that are in, or count, for certain.
    pub counted: u64,
    /// Of these, rows whose answer the data leave open.
    pub uncertain: u64,
}

/// Why there is no result.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Failure")]
pub struct ReportError {
    /// A word for scripts.
    pub code: String,
    /// A sentence for people, with what to do next.
    pub message: String,
    /// Where; null where it is about no place in an input.
    pub place: Option<SourceLocation>,
}
