//! Charts of the measure over time, each with its table: by week, and over the other periods of the year.

use crate::page::{DASH, LabeledValue};
use crate::words;
use mucalc_core::domain::calendar::{day_text, period_text};
use mucalc_core::domain::over_time::{ProviderStrip, RollingPeriods, Trend};
use mucalc_core::domain::period::Period;
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::report::MeasureResult;
use mucalc_core::domain::sweep::{PeriodFamily, WindowVerdict};
use mucalc_core::domain::text::{counted, printable, thousands};

/// A column chart, 640 units wide and 100 high.
pub struct TrendChart {
    pub id: &'static str,
    pub title: String,
    pub sentence: String,
    /// The value at the top of the chart.
    pub top: String,
    pub column_width: u64,
    pub columns: Vec<TrendBar>,
    pub ticks: Vec<AxisTick>,
    /// Whether the chart has a threshold line, and its position.
    pub has_line: bool,
    pub line_y: u64,
    pub line: String,
    /// The headers of the table.
    pub heads: [&'static str; 2],
    pub rows: Vec<LabeledValue>,
}

/// A column of the chart.
pub struct TrendBar {
    pub x: u64,
    pub y: u64,
    pub height: u64,
    pub said: String,
}

/// A mark below the chart.
pub struct AxisTick {
    pub x: u64,
    pub text: String,
}

/// A provider's candidate reporting periods as a strip, 640 units wide.
pub struct StripRow {
    pub name: String,
    pub ids: String,
    pub runs: Vec<StripSegment>,
    /// The number of periods in which the measure is met.
    pub met: String,
    /// The strip in words.
    pub words: String,
}

/// Adjacent periods with the same result.
pub struct StripSegment {
    pub x: u64,
    pub width: u64,
    /// The class in the style sheet: `in`, `uncertain`, `out`, `track` or `gap`.
    pub kind: &'static str,
    pub said: String,
}

const WIDTH: u64 = 640;
const HEIGHT: u64 = 100;

/// The maximum number of strips. A longer page would be too long to read.
const STRIPS: usize = 200;

/// Returns the charts of the weeks; empty if there is nothing to show.
pub fn charts(over_time: &Trend, measure: &MeasureResult) -> Vec<TrendChart> {
    let Trend { weeks, course, .. } = over_time;
    if weeks.is_empty() || measure.group.is_none_or(|group| group.denominator.most == 0) {
        return Vec::new();
    }
    let days = |week: &PeriodDates| format!("{} to {}", week.first, week.last);
    let count = |of: fn(&mucalc_core::domain::progress::WeekSummary) -> u64| -> Vec<u64> {
        course.weeks.iter().map(of).collect()
    };
    let counts = |id, title: &str, head, numbers: Vec<u64>, unknown: u64| {
        let top = numbers.iter().copied().max().unwrap_or_default();
        let most = weeks.iter().zip(&numbers).find(|(_, number)| **number == top);
        let most = most.filter(|_| top > 0).map_or("None.".to_owned(), |(week, _)| {
            format!("Most in the week of {}: {}.", week.first, thousands(top))
        });
        let unknown = match unknown {
            0 => String::new(),
            unknown => format!(
                " {} on a day that is not known and not in the picture.",
                counted(unknown, "patient", "patients")
            ),
        };
        let heights = numbers.iter().map(|number| share(*number as f64, top as f64)).collect();
        let said: Vec<(String, String)> =
            weeks.iter().zip(&numbers).map(|(week, number)| (days(week), thousands(*number))).collect();
        chart(id, title, format!("{most}{unknown}"), thousands(top), heights, said, weeks, ["Week", head])
    };
    let rates: Vec<Option<f64>> = course
        .weeks
        .iter()
        .map(|week| week.rate_percent.as_deref().and_then(|rate| rate.parse().ok()))
        .collect();
    let limit = measure.edition.more_than_percent;
    let highest = rates.iter().flatten().copied().chain(limit.map(f64::from)).fold(0.0, f64::max).max(0.01);
    // A round number at the top is easier to read.
    let top = (highest * 1.2).ceil();
    let heights = rates.iter().map(|rate| share(rate.unwrap_or(0.0), top)).collect();
    let said = weeks.iter().zip(&course.weeks).map(|(week, of)| {
        (week.last.to_string(), of.rate_percent.as_ref().map_or(DASH.to_owned(), |rate| format!("{rate}%")))
    });
    let sentence = "The lowest possible rate at the end of each week, for the practice total.".to_owned();
    let mut rate = chart(
        "weeks-rate",
        "Rate at the end of each week",
        sentence,
        format!("{top}%"),
        heights,
        said.collect(),
        weeks,
        ["Until", "Rate"],
    );
    if let Some(limit) = limit {
        rate.has_line = true;
        rate.line_y = HEIGHT - share(f64::from(limit), top);
        rate.line = format!("{limit}%");
    }
    vec![
        counts(
            "weeks-seen",
            "Patients seen by week",
            "Patients seen",
            count(|week| week.seen),
            course.new_on_unknown_day,
        ),
        counts(
            "weeks-came",
            "Patients added to the numerator by week",
            "Patients",
            count(|week| week.came),
            course.came_on_unknown_day,
        ),
        rate,
    ]
}

/// Returns the height of a value, in units of the chart.
fn share(of: f64, top: f64) -> u64 {
    if top <= 0.0 { 0 } else { (of / top * HEIGHT as f64).round() as u64 }
}

#[allow(
    clippy::too_many_arguments,
    reason = "a picture has as many parts, and there are two callers beside each other"
)]
fn chart(
    id: &'static str,
    title: &str,
    sentence: String,
    top: String,
    heights: Vec<u64>,
    said: Vec<(String, String)>,
    weeks: &[PeriodDates],
    heads: [&'static str; 2],
) -> TrendChart {
    let all = weeks.len() as u64;
    let gap = if all > 100 { 0 } else { 2 };
    let column = |(at, (height, (label, value))): (usize, (&u64, &(String, String)))| TrendBar {
        x: at as u64 * WIDTH / all,
        y: HEIGHT - height,
        height: *height,
        said: format!("{label}: {value}"),
    };
    TrendChart {
        id,
        title: title.to_owned(),
        sentence,
        top,
        column_width: (WIDTH / all).saturating_sub(gap).max(1),
        columns: heights.iter().zip(&said).enumerate().map(column).collect(),
        ticks: ticks(weeks),
        has_line: false,
        line_y: 0,
        line: String::new(),
        heads,
        rows: said.into_iter().map(|(label, value)| LabeledValue::new(&label, value)).collect(),
    }
}

/// Returns about five marks with the first days of the spans.
fn ticks(spans: &[PeriodDates]) -> Vec<AxisTick> {
    let (all, step) = (spans.len() as u64, spans.len().div_ceil(5).max(1));
    let tick = |(at, span): (usize, &PeriodDates)| AxisTick {
        x: at as u64 * WIDTH / all,
        text: span.first.to_string(),
    };
    // The last mark must not extend beyond the chart.
    spans.iter().enumerate().step_by(step).map(tick).filter(|tick| tick.x <= WIDTH - 80).collect()
}

/// Returns a sentence on what the strips show.
pub fn strips_sentence(of: &RollingPeriods) -> String {
    let which = match of.family {
        PeriodFamily::Quarters => "calendar quarter".to_owned(),
        PeriodFamily::Days | PeriodFamily::Whole => format!("period of {} continuous days", of.days),
    };
    let recorded = of.recorded.map_or("The exports have no encounters.".to_owned(), |PeriodDates { first, last }| {
        format!(
            "The exports have encounters from {}. Periods outside these days are not covered and have no result.",
            period_text(Period { first, last })
        )
    });
    let allowed = of.allowed.as_ref().map_or(String::new(), |allowed| format!(" Allowed: {allowed}."));
    let left_out = match of.providers.len().saturating_sub(STRIPS) {
        0 => String::new(),
        more => format!(
            " {} not shown; `mucalc sweep` lists all.",
            counted(more as u64, "provider is", "providers are")
        ),
    };
    format!("Every allowed {which} of the calendar year, by its first day.{allowed} {recorded}{left_out}")
}

/// Returns one strip per provider, for the first `STRIPS` providers.
pub fn strips(of: &RollingPeriods) -> Vec<StripRow> {
    of.providers.iter().take(STRIPS).map(|provider| strip(provider, &of.windows)).collect()
}

/// Returns how to read the strips.
pub fn strips_caption(of: &RollingPeriods) -> String {
    let (Some(first), Some(last)) = (of.windows.first(), of.windows.last()) else { return String::new() };
    let scale = match of.family {
        PeriodFamily::Quarters => String::new(),
        PeriodFamily::Days | PeriodFamily::Whole => {
            format!("; a quarter of the width is {}", counted(of.windows.len() as u64 / 4, "day", "days"))
        }
    };
    format!(
        "Left: the period that begins on {}. Right: the one that begins on {}{scale}",
        day_text(first.first),
        day_text(last.first)
    )
}

fn strip(of: &ProviderStrip, windows: &[PeriodDates]) -> StripRow {
    let all = windows.len() as u64;
    let mut runs = Vec::new();
    let mut begin = 0;
    for part in of.verdicts.chunk_by(|one, other| one == other) {
        let end = begin + part.len();
        let x = begin as u64 * WIDTH / all;
        let (first, last) = (windows[begin].first, windows[end - 1].first);
        let days = if first == last {
            format!("beginning {}", day_text(first))
        } else {
            format!("beginning {}", period_text(Period { first, last }))
        };
        runs.push(StripSegment {
            x,
            width: (end as u64 * WIDTH / all).saturating_sub(x).max(1),
            kind: kind(part[0]),
            said: format!("{}: {days}", words::window_verdict_text(part[0])),
        });
        begin = end;
    }
    let met = of.verdicts.iter().filter(|verdict| **verdict == WindowVerdict::Met).count() as u64;
    let name = of.name.as_deref().unwrap_or(&of.provider_id);
    StripRow {
        name: printable(name),
        ids: of.name.as_ref().map_or(String::new(), |_| printable(&of.provider_id)),
        met: format!("{} of {}", thousands(met), thousands(all)),
        words: runs.iter().map(|run| run.said.as_str()).collect::<Vec<_>>().join("; "),
        runs,
    }
}

fn kind(verdict: WindowVerdict) -> &'static str {
    match verdict {
        WindowVerdict::Met => "in",
        WindowVerdict::Indeterminate => "uncertain",
        WindowVerdict::NotMet => "out",
        WindowVerdict::NotCalculable => "track",
        WindowVerdict::NotCovered => "gap",
    }
}
