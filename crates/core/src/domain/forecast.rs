//! The forecast of the measure at the end of the period, or the reason that there is no forecast.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::period::Day;

/// The minimum history for a forecast, in days. A long period also requires a quarter of its days.
pub const MIN_DAYS: i32 = 28;

/// The forecast of the measure, or the reason that there is no forecast.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Outlook")]
pub enum ForecastOutcome {
    /// A forecast.
    Forecast(Box<Forecast>),
    /// The reason that there is no forecast.
    None(NoForecastReason),
}

/// The reason that there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "NoForecast")]
pub enum NoForecastReason {
    /// The period is over.
    PeriodIsOver,
    /// The history is too short: a forecast requires 28 days, and a quarter of the period.
    TooFewDays,
    /// Too few patients were seen: a forecast requires 20.
    TooFewPatients,
    /// Too few patients of all providers are in the numerator: a forecast requires 5.
    TooFewCounted,
    /// The rule set has no threshold.
    NoThreshold,
    /// The period has no rows.
    NoRows,
}

/// The forecast for the end of the period, with a range.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Forecast {
    /// The estimate if no unresolved record qualifies.
    pub cautious: ForecastEstimate,
    /// The estimate if every unresolved record qualifies; the same if nothing is unresolved, null if too few patients would be left.
    pub hopeful: Option<ForecastEstimate>,
    /// What the same model would have forecast for today some weeks ago, if no unresolved record qualifies; null if the history is too
    /// short.
    pub looking_back: Option<Backtest>,
}

/// The estimate for the end of the period.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Expected")]
pub struct ForecastEstimate {
    /// Unique patients seen, approximately.
    pub denominator: u64,
    /// Of these, patients in the numerator, approximately.
    pub numerator: u64,
    /// The rate in percent, approximately.
    pub rate_percent: String,
    /// The lower end of the 80% range of the rate, in percent.
    pub rate_percent_low: String,
    /// The upper end of the 80% range of the rate, in percent.
    pub rate_percent_high: String,
    /// The probability of meeting the measure, in percent.
    pub chance_percent: u8,
}

/// A comparison of an earlier forecast with the actual rate.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "LookingBack")]
pub struct Backtest {
    /// The day of the earlier forecast.
    #[schemars(with = "String")]
    pub from: Day,
    /// What the model would have forecast for the day of this document.
    pub expected: ForecastEstimate,
    /// The actual rate, in percent.
    pub came_to_percent: String,
    /// Whether the actual rate is in the 80% range.
    pub within: bool,
}
