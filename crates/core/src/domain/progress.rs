//! The progress of the measure on a day within the reporting period: week by week, with unresolved records and a forecast.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::attribution_mode::AttributionMode;
use crate::domain::basis::Basis;
use crate::domain::edition_ref::EditionRef;
use crate::domain::finding::Finding;
use crate::domain::forecast::ForecastOutcome;
use crate::domain::head::DocumentHeader;
use crate::domain::input::InputSummary;
use crate::domain::period::{Day, Period};
use crate::domain::period_days::PeriodDates;
use crate::domain::provider::ProviderResult;
use crate::domain::score::CountRange;

/// The progress of the measure.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Progress")]
pub struct ProgressReport {
    /// The header.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// The day through which rows are used; null if the period has no rows.
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Day>,
    /// Whether that day was given. Otherwise it is the last day with a possibly qualifying visit, or with a message or access on a day that
    /// the rule set considers.
    pub as_of_given: bool,
    /// The last day on which anything is recorded, through that day; null if nothing is recorded.
    #[schemars(with = "Option<String>")]
    pub recorded_until: Option<Day>,
    /// Days of the period that are still to come.
    pub days_left: u32,
    /// The last day on which a message or access may qualify; null if it depends on an unknown attestation date.
    #[schemars(with = "Option<String>")]
    pub counts_until: Option<Day>,
    /// Rows of later days, which are not used.
    pub later_rows: u64,
    /// The rule set that was applied.
    pub edition: EditionRef,
    /// How messages are attributed to providers.
    pub credit: AttributionMode,
    /// Every policy of the rule set, with the setting that was applied.
    pub policies: BTreeMap<String, String>,
    /// Spans of seven days from the first day of the period, through `as_of`. The last one may be shorter.
    pub weeks: Vec<PeriodDates>,
    /// One entry per provider, sorted by `provider_id`.
    pub providers: Vec<ProviderProgress>,
    /// Unique patients over all providers.
    pub group: GroupProgress,
    /// The inputs that were read.
    pub inputs: Vec<InputSummary>,
    /// Data quality findings, by code.
    pub findings: Vec<Finding>,
    /// What the results depend on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// The progress of a provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProviderProgress {
    /// The result so far, as in a report.
    #[serde(flatten)]
    pub to_date: ProviderResult,
    /// What happened week by week.
    pub course: WeeklySeries,
    /// The forecast.
    pub outlook: ForecastOutcome,
    /// Unresolved records that could decide the result, by kind, most patients first; empty if none could.
    pub undecided: Vec<UnresolvedGroup>,
}

/// The progress of all providers together. The measure is met or not met by each provider, not by all providers together.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GroupProgress {
    /// Unique patients seen by any provider.
    pub denominator: CountRange,
    /// Of these, patients with a qualifying message for a provider who saw them.
    pub numerator: CountRange,
    /// The lowest numerator over the highest denominator, in percent; null if no patient was seen.
    pub rate_percent: Option<String>,
    /// The rate if every unresolved record qualifies, in percent.
    pub rate_percent_most: Option<String>,
    /// Patients still needed if the threshold applied to all providers together.
    pub needed: u64,
    /// Providers whose result is `met`.
    pub providers_met: u64,
    /// Providers listed.
    pub providers: u64,
    /// What happened week by week.
    pub course: WeeklySeries,
    /// The forecast.
    pub outlook: ForecastOutcome,
}

/// What happened week by week. New patients, including those of unknown days, add up to the highest denominator. Patients added to the
/// numerator, including those of unknown days, add up to the lowest numerator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Course")]
pub struct WeeklySeries {
    /// The weeks.
    pub weeks: Vec<WeekSummary>,
    /// Patients who were seen on an unknown day.
    pub new_on_unknown_day: u64,
    /// Patients who are in the numerator since an unknown day.
    pub came_on_unknown_day: u64,
}

/// What happened in a week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Week")]
pub struct WeekSummary {
    /// Unique patients seen, including unresolved ones.
    pub seen: u64,
    /// Of these, patients seen for the first time in the period.
    pub new: u64,
    /// Patients added to the numerator: seen, and with a first qualifying message. If the rule set counts messages after the period, its
    /// last week includes them.
    pub came: u64,
    /// The rate at the end of the week, in percent, as it would have been reported then if no unresolved record qualifies; null if no
    /// patient had been seen. It includes patients of unknown days from the beginning.
    pub rate_percent: Option<String>,
    /// The rate at the end of the week, in percent, if every unresolved record qualifies; null if no patient had been seen.
    pub rate_percent_most: Option<String>,
}

/// Patients whose membership one kind of row leaves unresolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Undecided")]
pub struct UnresolvedGroup {
    /// The rule that leaves it unresolved, `unattributed` if only the addressee does, or `visit` if it is unresolved whether the patient
    /// was seen; `mucalc codes RULE` explains it.
    pub rule: String,
    /// Why it is unresolved, in words.
    pub why: String,
    /// Patients of this kind. Each patient is listed under one kind, the one that came nearest to qualifying.
    pub patients: u64,
    /// The fewest of these patients that review decisions must confirm to give `met` by themselves; null if all of them are not enough.
    pub enough: Option<u64>,
}

/// The kind of patients for whom only the visit is unresolved.
pub const VISIT: &str = "visit";

/// The explanation of [`VISIT`].
pub const VISIT_IS_OPEN: &str = "It is not certain that the patient was seen.";

/// The maximum length of a period that is shown in weeks, in days: three years.
pub const MAX_DAYS: i32 = 3 * 366;

/// Returns the weeks of a period, up to the one that contains a day.
pub fn weeks(period: Period, until: Day) -> Vec<Period> {
    let until = until.min(period.last);
    let begins = (0..).map(|week| period.first.add_days(7 * week)).take_while(|first| *first <= until);
    begins.map(|first| Period { first, last: first.add_days(6).min(until) }).collect()
}
