//! Where the measure stands on a day within the reporting period: week by week, what is undecided, and how it may end.

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

/// Where the measure stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Progress")]
pub struct ProgressReport {
    /// How it begins.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// The day up to which is looked, its end; null where no row lies in the period.
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Day>,
    /// Whether that day was given; else it is the last day of a visit that may count, or of any message or access on a day that the edition looks at.
    pub as_of_given: bool,
    /// The last day on which anything is recorded up to then; null where nothing is.
    #[schemars(with = "Option<String>")]
    pub recorded_until: Option<Day>,
    /// Days of the period that are still to come.
    pub days_left: u32,
    /// The last day on which a message or access may count; null where the day of attestation decides and is not known.
    #[schemars(with = "Option<String>")]
    pub counts_until: Option<Day>,
    /// Rows of later days, which were left out.
    pub later_rows: u64,
    /// The rules that were applied.
    pub edition: EditionRef,
    /// How messages are credited to providers.
    pub credit: AttributionMode,
    /// Every policy of the edition with the choice that was applied.
    pub policies: BTreeMap<String, String>,
    /// Spans of seven days from the first day of the period on, up to the day that is looked at; the last may be shorter.
    pub weeks: Vec<PeriodDates>,
    /// One entry a provider, sorted by `provider_id`.
    pub providers: Vec<ProviderProgress>,
    /// Unique patients over all providers.
    pub group: GroupProgress,
    /// What was read.
    pub inputs: Vec<InputSummary>,
    /// What is wrong with the data, by code.
    pub findings: Vec<Finding>,
    /// What the figures rest on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// Where a provider stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProviderProgress {
    /// The figures to date, as a report has them.
    #[serde(flatten)]
    pub to_date: ProviderResult,
    /// What happened week by week.
    pub course: WeeklySeries,
    /// How it may end.
    pub outlook: ForecastOutcome,
    /// What is undecided and could decide the verdict, by kind, most patients first; empty where nothing could.
    pub undecided: Vec<UnresolvedGroup>,
}

/// Where all providers stand together. The measure is met or not met by each provider, not by all together.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GroupProgress {
    /// Unique patients seen by any provider.
    pub denominator: CountRange,
    /// Of these, patients with a message that counts for a provider who saw them.
    pub numerator: CountRange,
    /// The least numerator over the greatest denominator, in percent; null where nobody was seen.
    pub rate_percent: Option<String>,
    /// The rate if everything uncertain turns out in favour, in percent.
    pub rate_percent_most: Option<String>,
    /// Further patients who would have to come to count if the threshold were one for all together.
    pub needed: u64,
    /// Providers whose verdict is `met`.
    pub providers_met: u64,
    /// Providers listed.
    pub providers: u64,
    /// What happened week by week.
    pub course: WeeklySeries,
    /// How it may end.
    pub outlook: ForecastOutcome,
}

/// What happened week by week. The numbers of new patients, with those whose day is not known, add up to the greatest
/// denominator; those of patients who came to count to the least numerator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Course")]
pub struct WeeklySeries {
    /// The weeks.
    pub weeks: Vec<WeekSummary>,
    /// Patients of whom it is not known on which day they were seen.
    pub new_on_unknown_day: u64,
    /// Patients who count, but of whom it is not known since which day.
    pub came_on_unknown_day: u64,
}

/// What happened in a week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Week")]
pub struct WeekSummary {
    /// Unique patients seen, uncertain ones included.
    pub seen: u64,
    /// Of these, patients seen for the first time in the period.
    pub new: u64,
    /// Patients who came to count: seen, and with a first message that counts. In an edition that counts messages after the
    /// period, those stand in its last week.
    pub came: u64,
    /// The rate at the end of the week, in percent: what would have been reported then, cautiously; null where nobody had
    /// been seen. Figures of unknown days are in it from the beginning.
    pub rate_percent: Option<String>,
}

/// Patients of whom one kind of row leaves open whether they count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Undecided")]
pub struct UnresolvedGroup {
    /// The rule that leaves it open, `unattributed` where only the addressee does, or `visit` where it is open whether the
    /// patient was seen; `mucalc codes RULE` explains it.
    pub rule: String,
    /// Why it is open, in words.
    pub why: String,
    /// How many patients there are; each is listed under one kind, the one that came nearest to counting.
    pub patients: u64,
    /// The fewest of these whose favourable decision gives `met` by themselves; null where all of them do not.
    pub enough: Option<u64>,
}

/// The kind of a patient of whom only the visit is open.
pub const VISIT: &str = "visit";

/// What that means.
pub const VISIT_IS_OPEN: &str = "It is not certain that the patient was seen.";

/// The most days that a period may have to be told in weeks.
pub const MOST_DAYS: i32 = 3 * 366;

/// The weeks of a period, up to the one that contains a day.
pub fn weeks(period: Period, until: Day) -> Vec<Period> {
    let until = until.min(period.last);
    let begins = (0..).map(|week| period.first.plus(7 * week)).take_while(|first| *first <= until);
    begins.map(|first| Period { first, last: first.plus(6).min(until) }).collect()
}
