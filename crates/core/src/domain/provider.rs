//! A provider's result and what it rests on.

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
    /// Of these, patients with a message that counts.
    pub numerator: CountRange,
    /// Rows that could not be used and may concern the provider; the bounds allow for them.
    pub unusable: UnusableRows,
    /// The least numerator over the greatest denominator, in percent; null where nobody was seen.
    pub rate_percent: Option<String>,
    /// The rate if everything uncertain turns out in favour, in percent.
    pub rate_percent_most: Option<String>,
    /// Whether the measure is met.
    pub verdict: Verdict,
    /// Further patients who must come to count even if nothing uncertain turns out well.
    pub needed: u64,
    /// The fewest uncertain patients whose favourable resolution gives `met`; null where none does.
    pub adjudicate: Option<u64>,
    /// The score beside the verdict; null where the edition has none.
    pub points: Option<PointsSummary>,
    /// What the encounters say about each exclusion that the professional may attest, under all of the professional's ids; apart from the
    /// verdict.
    pub exclusions: Vec<ExclusionSummary>,
    /// The share of encounters at locations with certified EHR technology, which the program demands apart from the measure, under all
    /// of the professional's ids; null where the edition or the configuration does not speak of locations.
    pub cehrt_locations: Option<CehrtLocations>,
    /// Where the measure is attested with yes or no: the first and last messages of the period, as evidence; null elsewhere.
    pub activity: Option<Activity>,
    /// Patients whose membership in denominator or numerator is unresolved.
    pub unresolved: u64,
    /// Who resolved what by review decisions; empty if none did.
    pub reviews: Vec<ReviewShare>,
}

/// How many outpatient encounters of the period were at locations with certified EHR technology (B41).
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct CehrtLocations {
    /// Outpatient encounters, held and in the period.
    pub encounters: CountRange,
    /// Of these, encounters at locations with certified EHR technology. A location that `[locations]` does not list is taken as one.
    pub at_cehrt: CountRange,
    /// Whether they are half or more of them, which a meaningful EHR user needs.
    pub at_least_half: ExclusionStatus,
}

/// A score beside the verdict. Where two readings of the rule differ, the bounds hold both.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PointsOf")]
pub struct PointsSummary {
    /// The most that can be had.
    pub of: u32,
    /// Nothing uncertain turns out in favour.
    pub least: u64,
    /// Everything uncertain does.
    pub most: u64,
}

/// What the encounters say about an exclusion.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExclusionOf")]
pub struct ExclusionSummary {
    /// The exclusion's id; `mucalc editions show EDITION` has its text.
    pub id: String,
    /// Whether it applies, as far as encounters tell.
    pub applies: ExclusionStatus,
}
