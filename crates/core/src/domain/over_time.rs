//! The trend of a measure in the HTML report: its weeks, and the other periods that the year would allow.

use crate::domain::funnel::PatientFunnel;
use crate::domain::period::Day;
use crate::domain::period_days::PeriodDates;
use crate::domain::progress::{ProviderProgress, WeeklySeries};
use crate::domain::sweep::{PeriodFamily, WindowVerdict};

/// A measure over time.
#[derive(Clone, Debug)]
pub struct Trend {
    /// The last day of the period with a visit or message in the exports; the last day of the period if no day has any.
    pub until: Day,
    /// Days of the period after that day.
    pub days_left: u32,
    /// The weeks of the reporting period, through that day.
    pub weeks: Vec<PeriodDates>,
    /// What happened in the weeks, over all providers.
    pub course: WeeklySeries,
    /// The progress of each provider, in the order of the report.
    pub providers: Vec<ProviderProgress>,
    /// The patients of the practice, by how far their records came.
    pub funnel: PatientFunnel,
    /// The same for each provider, in the order of the report.
    pub funnels: Vec<PatientFunnel>,
    /// The other periods that the program allows in the calendar year; `None` if they were not evaluated.
    pub windows: Option<RollingPeriods>,
}

/// The candidate reporting periods of a calendar year.
#[derive(Clone, Debug)]
pub struct RollingPeriods {
    /// Whether they are calendar quarters or consecutive days.
    pub family: PeriodFamily,
    /// The length of a period of consecutive days, in days.
    pub days: i32,
    /// Which periods the program allows; `None` if the rule set does not specify it.
    pub allowed: Option<String>,
    /// The periods, by their first day.
    pub windows: Vec<PeriodDates>,
    /// The first and the last day with encounters in the exports; `None` if no day has any.
    pub recorded: Option<PeriodDates>,
    /// The result of each provider in each period.
    pub providers: Vec<ProviderStrip>,
}

/// The results of a provider in every period.
#[derive(Clone, Debug)]
pub struct ProviderStrip {
    /// The id in the exports.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// The results, in the order of the periods.
    pub verdicts: Vec<WindowVerdict>,
}
