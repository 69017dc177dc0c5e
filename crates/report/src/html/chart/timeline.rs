//! The rows about a patient along the calendar, one lane for each kind of export.

use crate::html::chart::{AxisTick, DayAxis};
use mucalc_core::domain::calendar::{day_text, period_text};
use mucalc_core::domain::explanation::ExplainedRow;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::text::escape_control;

/// A timeline.
pub struct Timeline {
    pub title: String,
    /// The chart in words.
    pub desc: String,
    pub period_x: u64,
    pub period_width: u64,
    pub lanes: Vec<Lane>,
    pub months: Vec<AxisTick>,
    /// The position of the axis, the end of its ticks, and the height of the chart.
    pub foot: u64,
    pub tick: u64,
    pub height: u64,
}

/// The rows of one kind of export.
pub struct Lane {
    pub y: u64,
    pub label: String,
    pub dots: Vec<Dot>,
}

/// A row.
pub struct Dot {
    pub x: u64,
    /// The class in the style sheet: `in`, `uncertain` or `out`.
    pub kind: &'static str,
    pub text: String,
}

const WIDTH: u64 = 640;
const LANE: u64 = 38;

/// The maximum number of days around the period. Rows far from it would leave no room for the others.
const AROUND: i32 = 366;

/// Returns the timeline of a patient; lanes without a dated row are left out. `None` if no row has a day near the period.
pub fn timeline(patient: &str, kinds: &[(&str, &[&ExplainedRow])], period: Period) -> Option<Timeline> {
    let near = |day: Day| day.days_since(period.last) <= AROUND && period.first.days_since(day) <= AROUND;
    let days =
        || kinds.iter().flat_map(|(_, rows)| rows.iter()).filter_map(|row| row.day).filter(|day| near(*day));
    let (first, last) = (days().min()?.min(period.first), days().max()?.max(period.last));
    // Dots at the ends need room.
    let axis = DayAxis::new(Period { first: first.add_days(-7), last: last.add_days(7) }, WIDTH);
    let dot = |row: &&ExplainedRow| {
        let day = row.day.filter(|day| near(*day))?;
        let kind = match row.answer {
            "in" | "counts" => "in",
            "out" => "out",
            _ => "uncertain",
        };
        let text = format!("{}, {}: {}", day_text(day), escape_control(&row.place.to_string()), row.rule);
        Some(Dot { x: axis.begin(day), kind, text })
    };
    let lanes = kinds.iter().filter_map(|(label, rows)| {
        let dots: Vec<Dot> = rows.iter().filter_map(dot).collect();
        (!dots.is_empty()).then(|| ((*label).to_owned(), dots))
    });
    let lanes: Vec<Lane> =
        lanes.enumerate().map(|(at, (label, dots))| Lane { y: at as u64 * LANE, label, dots }).collect();
    let foot = lanes.len() as u64 * LANE + 6;
    let told: Vec<String> = lanes.iter().map(|lane| format!("{}: {}", lane.label, lane.dots.len())).collect();
    let (x, end) = (axis.begin(period.first), axis.end(period.last));
    Some(Timeline {
        title: format!("Rows about patient {}", escape_control(patient)),
        desc: format!("Rows with a day: {}. Shaded: {}.", told.join(", "), period_text(period)),
        period_x: x,
        period_width: end - x,
        lanes,
        months: axis.months(12),
        foot,
        tick: foot + 5,
        height: foot + 26,
    })
}
