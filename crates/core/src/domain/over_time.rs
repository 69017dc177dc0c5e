//! What a page shows of a measure over time: its weeks, and the other periods that the year would allow.

use crate::domain::period_days::PeriodDates;
use crate::domain::progress::WeeklySeries;
use crate::domain::sweep::{PeriodFamily, WindowVerdict};

/// A measure over time.
#[derive(Clone, Debug)]
pub struct Trend {
    /// The weeks of the reporting period.
    pub weeks: Vec<PeriodDates>,
    /// What happened in them, over all providers.
    pub course: WeeklySeries,
    /// The other periods that the program allows in the calendar year; `None` where they were not looked at.
    pub windows: Option<RollingPeriods>,
}

/// The candidate reporting periods of a calendar year.
#[derive(Clone, Debug)]
pub struct RollingPeriods {
    /// Whether they are calendar quarters or continuous days.
    pub family: PeriodFamily,
    /// How many days a period of continuous days has.
    pub days: i32,
    /// Which periods the program allows; `None` if the edition does not say.
    pub allowed: Option<String>,
    /// The periods, by their first day.
    pub windows: Vec<PeriodDates>,
    /// The first and the last day with encounters in the exports; `None` if no day has any.
    pub recorded: Option<PeriodDates>,
    /// The verdict of each provider in each of them.
    pub providers: Vec<ProviderStrip>,
}

/// A provider in every window.
#[derive(Clone, Debug)]
pub struct ProviderStrip {
    /// The id in the exports.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// The verdicts, in the order of the windows.
    pub verdicts: Vec<WindowVerdict>,
}
