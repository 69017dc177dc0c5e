//! The candidate reporting periods of a calendar year as strips along the calendar, with the exports' days and the reporting period.

use crate::html::chart::{AxisTick, DayAxis};
use crate::words;
use mucalc_core::domain::calendar::{day_text, period_text};
use mucalc_core::domain::over_time::{ProviderStrip, RollingPeriods};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::sweep::{PeriodFamily, WindowVerdict};
use mucalc_core::domain::text::{escape_control, pluralize, with_commas};

/// The strips of all providers, on one axis of the days of the year.
pub struct Calendar {
    /// What the strips show.
    pub sentence: String,
    pub months: Vec<AxisTick>,
    /// The days with data, and the reporting period.
    pub recorded: CalendarSpan,
    pub chosen: CalendarSpan,
    /// The heading of the periods that the strips name.
    pub nearest_heading: &'static str,
    /// One strip for each provider; empty if the exports cover no period.
    pub strips: Vec<Strip>,
    pub has_strips: bool,
}

/// Days of the year; empty if the width is 0.
pub struct CalendarSpan {
    pub x: u64,
    pub width: u64,
    pub text: String,
}

/// A provider's periods.
pub struct Strip {
    /// The provider id.
    pub id: String,
    pub name: String,
    pub ids: String,
    pub segments: Vec<StripSegment>,
    /// The number of periods in which the measure is met.
    pub met: String,
    /// The period in which the measure is met that is closest to the reporting period; empty if the measure is met in no other period.
    pub nearest: String,
    /// The strip in words.
    pub text: String,
}

/// Adjacent periods with the same result.
pub struct StripSegment {
    pub x: u64,
    pub width: u64,
    /// The class in the style sheet: `in`, `uncertain`, `out`, `track` or `gap`.
    pub kind: &'static str,
    pub text: String,
}

/// The width of the strips, in units of the chart.
const WIDTH: u64 = 640;

/// The maximum number of strips. A longer page would be too long to read.
const STRIPS: usize = 200;

/// Returns the calendar of the candidate reporting periods of the year of a day, with `chosen` as the reporting period if there is one.
pub fn calendar(of: &RollingPeriods, day: Day, chosen: Option<Period>) -> Calendar {
    let year = Period { first: day.first_of_year(), last: day.last_of_year() };
    let axis = DayAxis::new(year, WIDTH);
    let span = |days: Option<Period>| {
        let days = days.filter(|days| days.last >= year.first && days.first <= year.last);
        let (x, end) = days.map_or((0, 0), |days| (axis.begin(days.first), axis.end(days.last)));
        CalendarSpan { x, width: end - x, text: days.map_or("none".to_owned(), period_text) }
    };
    let recorded = of.recorded.map(Period::from);
    // Strips without any covered period would show nothing.
    let is_covered = |of: &ProviderStrip| of.verdicts.iter().any(|of| *of != WindowVerdict::NotCovered);
    let has_strips = of.providers.iter().any(is_covered);
    let providers = of.providers.iter().filter(|_| has_strips).take(STRIPS);
    Calendar {
        sentence: sentence(of, has_strips),
        months: axis.months(12),
        recorded: span(recorded),
        chosen: span(chosen),
        nearest_heading: if chosen.is_some() { "Closest other period met" } else { "First period met" },
        has_strips,
        strips: providers.map(|provider| strip(provider, of, axis, chosen)).collect(),
    }
}

fn sentence(of: &RollingPeriods, has_strips: bool) -> String {
    let which = match of.family {
        PeriodFamily::Quarters => "The result in each calendar quarter.".to_owned(),
        PeriodFamily::Days | PeriodFamily::Whole => format!(
            "The result in every period of {} days in a row. The color on a day is the result of the period that begins on that day.",
            of.days
        ),
    };
    let allowed = of.allowed.as_ref().map_or(String::new(), |allowed| format!(" Allowed: {allowed}."));
    let left_out = match of.providers.len().saturating_sub(STRIPS) {
        0 => String::new(),
        more => format!(
            " {} not shown; `mucalc sweep` lists all.",
            pluralize(more as u64, "provider is", "providers are")
        ),
    };
    match has_strips {
        true => format!("{which}{allowed}{left_out}"),
        false => format!(
            "The exports do not cover any whole reporting period, so no other period has a result.{allowed}"
        ),
    }
}

fn strip(of: &ProviderStrip, periods: &RollingPeriods, axis: DayAxis, chosen: Option<Period>) -> Strip {
    let windows = &periods.windows;
    let mut segments = Vec::new();
    let mut begin = 0;
    for part in of.verdicts.chunk_by(|one, other| one == other) {
        let end = begin + part.len();
        segments.push(segment(part[0], &windows[begin..end], periods.family, axis));
        begin = end;
    }
    let is_met = |verdict: &WindowVerdict| *verdict == WindowVerdict::Met;
    let met = of.verdicts.iter().filter(|verdict| is_met(verdict)).count() as u64;
    let others = windows.iter().zip(&of.verdicts).filter(|(window, verdict)| {
        is_met(verdict)
            && chosen.is_none_or(|chosen| (window.first, window.last) != (chosen.first, chosen.last))
    });
    let begin = chosen.map(|chosen| chosen.first).or(windows.first().map(|window| window.first));
    let nearest = others
        .map(|(window, _)| window)
        .min_by_key(|window| begin.map(|begin| distance(window.first, begin)));
    let name = of.name.as_deref().unwrap_or(&of.provider_id);
    Strip {
        id: of.provider_id.clone(),
        name: escape_control(name),
        ids: of.name.as_ref().map_or(String::new(), |_| escape_control(&of.provider_id)),
        met: format!("{} of {}", with_commas(met), with_commas(windows.len() as u64)),
        nearest: nearest.map_or(String::new(), |window| period_text((*window).into())),
        text: segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>().join("; "),
        segments,
    }
}

/// Returns adjacent periods with the same result. A quarter covers its days; a period of some days covers its first day, because it
/// overlaps the next one.
fn segment(
    verdict: WindowVerdict,
    windows: &[PeriodDates],
    family: PeriodFamily,
    axis: DayAxis,
) -> StripSegment {
    let (Some(first), Some(last)) = (windows.first(), windows.last()) else {
        return StripSegment { x: 0, width: 0, kind: kind(verdict), text: String::new() };
    };
    let end = if family == PeriodFamily::Quarters { last.last } else { last.first };
    let x = axis.begin(first.first);
    let days = match (first.first == last.first, family) {
        (_, PeriodFamily::Quarters) => period_text(Period { first: first.first, last: last.last }),
        (true, _) => format!("beginning {}", day_text(first.first)),
        (false, _) => format!("beginning {}", period_text(Period { first: first.first, last: last.first })),
    };
    StripSegment {
        x,
        width: axis.end(end).saturating_sub(x).max(1),
        kind: kind(verdict),
        text: format!("{}: {days}", words::window_verdict_text(verdict)),
    }
}

fn distance(one: Day, other: Day) -> u32 {
    one.days_since(other).unsigned_abs()
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
