//! The course of a provider's rate: a line of the lowest rate, a band up to the highest, the threshold, and the forecast.

use std::fmt::Write;

use crate::html::chart::{AxisTick, DayAxis, RateScale};
use crate::words;
use mucalc_core::domain::calendar::{day_text, numeric_text};
use mucalc_core::domain::forecast::{ForecastEstimate, ForecastOutcome};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::progress::{ProviderProgress, WeekSummary};
use mucalc_core::domain::text::with_commas;

/// A chart, [`WIDTH`] units wide and [`HEIGHT`] high without its texts.
pub struct Trajectory {
    /// The chart in words.
    pub desc: String,
    /// The points of the lowest rate, and of the area between the lowest and the highest.
    pub line: String,
    pub band: String,
    pub has_line: bool,
    /// The last point of the lowest rate.
    pub end_x: u64,
    pub end_y: u64,
    /// The points of the forecast's area, and its estimate.
    pub fan: String,
    pub has_fan: bool,
    pub fan_y: u64,
    pub has_threshold: bool,
    pub threshold_y: u64,
    pub threshold: String,
    /// The rate at the top.
    pub top: String,
    /// Whether the period continues after the data, and where the data end.
    pub has_rest: bool,
    pub months: Vec<AxisTick>,
    pub weeks: Vec<WeekRow>,
}

/// A week of the table below the chart.
pub struct WeekRow {
    pub until: String,
    pub seen: String,
    pub added: String,
    pub rate: String,
}

/// The size of the chart, in its units.
pub const WIDTH: u64 = 300;
pub const HEIGHT: u64 = 96;

/// Returns the chart of a provider; `None` if no rate is known in any week.
pub fn trajectory(
    of: &ProviderProgress,
    weeks: &[PeriodDates],
    period: Period,
    more_than_percent: Option<u32>,
) -> Option<Trajectory> {
    let axis = DayAxis::new(period, WIDTH);
    let points: Vec<Point> = weeks.iter().zip(&of.course.weeks).filter_map(Point::new).collect();
    let last = points.last()?;
    let forecast = forecast(of);
    let limit = more_than_percent.map(f64::from);
    // The first weeks, with few patients, often have rates far above all others. They are cut off.
    let highest =
        [Some(last.most), forecast.map(|of| number(&of.rate_percent_high)), limit.map(|limit| 2.0 * limit)];
    let scale = RateScale::new(highest.into_iter().flatten().fold(0.0, f64::max), HEIGHT);
    let y = |rate: f64| HEIGHT - scale.place(rate);
    let at = |rate: fn(&Point) -> f64| points.iter().map(move |point| (axis.end(point.day), y(rate(point))));
    let lowest = at(|point| point.least);
    let back: Vec<(u64, u64)> = at(|point| point.most).collect();
    let is_range = points.iter().any(|point| point.most > point.least);
    let (end_x, end_y) = (axis.end(last.day), y(last.least));
    let fan = forecast.map_or(String::new(), |of| {
        let ends = [&of.rate_percent_low, &of.rate_percent_high].map(|rate| (WIDTH, y(number(rate))));
        points_text([(end_x, end_y)].into_iter().chain(ends))
    });
    Some(Trajectory {
        desc: description(&points, forecast, period, more_than_percent),
        line: points_text(lowest.clone()),
        band: if is_range { points_text(lowest.chain(back.into_iter().rev())) } else { String::new() },
        has_line: points.len() > 1,
        end_x,
        end_y,
        has_fan: !fan.is_empty(),
        fan,
        fan_y: forecast.map_or(0, |of| y(number(&of.rate_percent))),
        has_threshold: limit.is_some(),
        threshold_y: limit.map_or(0, y),
        threshold: more_than_percent.map_or(String::new(), |limit| format!("{limit}%")),
        top: format!("{}%", scale.end),
        has_rest: last.day < period.last,
        months: axis.months(6),
        weeks: weeks.iter().zip(&of.course.weeks).map(week_row).collect(),
    })
}

/// The rates at the end of a week.
struct Point {
    day: Day,
    least: f64,
    most: f64,
}

impl Point {
    fn new((week, of): (&PeriodDates, &WeekSummary)) -> Option<Self> {
        let least = number(of.rate_percent.as_ref()?);
        let most = of.rate_percent_most.as_ref().map_or(least, |most| number(most).max(least));
        Some(Self { day: week.last, least, most })
    }
}

/// Returns the estimate for the end of the period if no unresolved record qualifies; `None` if there is no forecast.
fn forecast(of: &ProviderProgress) -> Option<&ForecastEstimate> {
    match &of.outlook {
        ForecastOutcome::Forecast(forecast) => Some(&forecast.cautious),
        ForecastOutcome::None(_) => None,
    }
}

fn description(
    points: &[Point],
    forecast: Option<&ForecastEstimate>,
    period: Period,
    more_than_percent: Option<u32>,
) -> String {
    let Some(last) = points.last() else { return String::new() };
    let rate = words::rate_of(Some(&format!("{:.2}", last.least)), Some(&format!("{:.2}", last.most)));
    let mut text = format!("Rate on {}: {rate}.", day_text(last.day));
    if let Some(limit) = more_than_percent {
        let _ = write!(text, " Threshold: more than {limit}%.");
    }
    if let Some(of) = forecast {
        let _ = write!(
            text,
            " Projected rate on {}: about {}%, 80% range {}–{}%.",
            day_text(period.last),
            of.rate_percent,
            of.rate_percent_low,
            of.rate_percent_high
        );
    }
    text
}

fn week_row((week, of): (&PeriodDates, &WeekSummary)) -> WeekRow {
    WeekRow {
        until: numeric_text(week.last),
        seen: with_commas(of.seen),
        added: with_commas(of.came),
        rate: words::rate_of(of.rate_percent.as_deref(), of.rate_percent_most.as_deref()),
    }
}

fn number(rate: &str) -> f64 {
    rate.parse().unwrap_or_default()
}

fn points_text(points: impl Iterator<Item = (u64, u64)>) -> String {
    points.map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
}
