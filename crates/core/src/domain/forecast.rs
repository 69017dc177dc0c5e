//! How the measure may end, as a forecast tells it, or why none can be made.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::period::Day;

/// The days of history that a forecast needs; of a long period, also a quarter of its days.
pub const LEAST_DAYS: i32 = 28;

/// How the measure may end.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Outlook")]
pub enum ForecastOutcome {
    /// A forecast.
    Forecast(Box<Forecast>),
    /// Why there is none.
    None(NoForecastReason),
}

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "NoForecast")]
pub enum NoForecastReason {
    /// The period is over.
    PeriodIsOver,
    /// There are fewer days of history than are needed: 28, and a quarter of the period.
    TooFewDays,
    /// Fewer patients were seen than are needed: 20.
    TooFewPatients,
    /// Fewer patients of all providers came to count than are needed: 5.
    TooFewCounted,
    /// The edition has no threshold to reach.
    NoThreshold,
    /// No row lies in the period.
    NoRows,
}

/// What is expected at the end of the period, with an interval.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Forecast {
    /// If nothing that is unclear now counts.
    pub cautious: ForecastEstimate,
    /// If everything that is unclear now counts; the same where nothing is unclear, null where too few patients would be left.
    pub hopeful: Option<ForecastEstimate>,
    /// What the same model would have expected for today some weeks ago, cautiously; null where there is too little history
    /// for that.
    pub looking_back: Option<Backtest>,
}

/// What is expected at the end of the period.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Expected")]
pub struct ForecastEstimate {
    /// Unique patients seen, about.
    pub denominator: u64,
    /// Of these, patients who count, about.
    pub numerator: u64,
    /// The rate in percent, about.
    pub rate_percent: String,
    /// Four times out of five the rate ends between this one and the next.
    pub rate_percent_low: String,
    /// The upper end.
    pub rate_percent_high: String,
    /// In how many of a hundred cases the measure is met.
    pub chance_percent: u8,
}

/// How the model would have done.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "LookingBack")]
pub struct Backtest {
    /// The day from which is looked.
    #[schemars(with = "String")]
    pub from: Day,
    /// What it would have expected for the day of this document.
    pub expected: ForecastEstimate,
    /// The rate that it came to, in percent.
    pub came_to_percent: String,
    /// Whether that lies in the interval.
    pub within: bool,
}
