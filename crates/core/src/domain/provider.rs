//! A provider's result and what it depends on.

use crate::domain::activity::Activity;
use crate::domain::adjudication::ReviewShare;
use crate::domain::exclusion::ExclusionStatus;
use crate::domain::score::CountRange;
use crate::domain::unusable::UnusableRows;
use crate::domain::verdict::Verdict;
use schemars::JsonSchema;
use serde::Serialize;

/// The measure for one provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Provider")]
pub struct ProviderResult {
    /// The id in the exports.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// The National Provider Identifier on the roster.
    pub npi: Option<String>,
    /// Unique patients seen.
    pub denominator: CountRange,
    /// Of these, patients with a qualifying message.
    pub numerator: CountRange,
    /// Unusable rows that may concern the provider. The ranges allow for them.
    pub unusable: UnusableRows,
    /// The lowest numerator over the highest denominator, in percent; null if no patient was seen.
    pub rate_percent: Option<String>,
    /// The rate if every unresolved record qualifies, in percent.
    pub rate_percent_most: Option<String>,
    /// Whether the measure is met.
    pub verdict: Verdict,
    /// Patients still needed if no unresolved record qualifies.
    pub needed: u64,
    /// The fewest unresolved patients that review decisions must confirm to give `met`; null if no decisions would.
    pub adjudicate: Option<u64>,
    /// The score in addition to the result; null if the rule set has none.
    pub points: Option<PointsSummary>,
    /// What the encounters show about each exclusion that the EP may attest, under all of the EP's ids. It does not affect the result.
    pub exclusions: Vec<ExclusionSummary>,
    /// The share of encounters at locations with certified EHR technology, under all of the EP's ids. The program requires it apart from
    /// the measure. Null if the rule set or the configuration does not mention locations.
    pub cehrt_locations: Option<CehrtLocations>,
    /// For a measure that is attested with yes or no, the first and last messages of the period, as evidence; null otherwise.
    pub activity: Option<Activity>,
    /// Patients whose membership in denominator or numerator is unresolved.
    pub unresolved: u64,
    /// What each reviewer resolved by review decisions; empty if they resolved nothing.
    pub reviews: Vec<ReviewShare>,
}

/// How many outpatient encounters of the period were at locations with certified EHR technology (B41).
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct CehrtLocations {
    /// Outpatient encounters that took place in the period.
    pub encounters: CountRange,
    /// Of these, encounters at locations with certified EHR technology. A location that `[locations]` does not list is assumed to have it.
    pub at_cehrt: CountRange,
    /// Whether these are half of the encounters or more, which a meaningful EHR user needs.
    pub at_least_half: ExclusionStatus,
}

/// A score in addition to the result. If two readings of the rule differ, the range includes both.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PointsOf")]
pub struct PointsSummary {
    /// The maximum score.
    pub of: u32,
    /// The score if no unresolved record qualifies.
    pub least: u64,
    /// The score if every unresolved record qualifies.
    pub most: u64,
}

/// What the encounters show about an exclusion.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExclusionOf")]
pub struct ExclusionSummary {
    /// The exclusion's id; `mucalc editions show EDITION` has its text.
    pub id: String,
    /// Whether the exclusion applies, as far as the encounters show.
    pub applies: ExclusionStatus,
}
