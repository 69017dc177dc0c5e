//! Weeks as tables with bars, and as a row of block characters.

use std::fmt::Write;

use crate::TerminalStyle;
use crate::table::{Column, Table, Value};
use mucalc_core::domain::calendar::numeric_text;
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::progress::{ProgressReport, WeekSummary, WeeklySeries};
use mucalc_core::domain::text::pluralize;

/// The maximum number of characters in the chart of a provider's weeks.
const WIDEST: usize = 53;

/// Returns the rates at the ends of the weeks as a row of bars. If the threshold is a percentage, it is at half of the height.
pub fn sparkline(course: &WeeklySeries, more_than_percent: Option<u32>) -> String {
    let rates: Vec<f64> = rates(course);
    let greatest = rates.iter().copied().fold(0.0, f64::max);
    let top = more_than_percent.map_or(greatest, |percent| f64::from(percent) * 2.0).max(0.01);
    let bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bar = |rate: &f64| bars[((rate / top * 8.0).ceil() as usize).clamp(1, 8) - 1];
    // In a long period several weeks share a character, which shows the last of them.
    rates.chunks(rates.len().div_ceil(WIDEST).max(1)).filter_map(<[f64]>::last).map(bar).collect()
}

fn rates(course: &WeeklySeries) -> Vec<f64> {
    let rate =
        |week: &WeekSummary| week.rate_percent.as_deref().and_then(|rate| rate.parse().ok()).unwrap_or(0.0);
    course.weeks.iter().map(rate).collect()
}

/// The headers of a table of weeks.
pub const WEEK_HEADER: [&str; 5] =
    ["Week from", "Patients seen", "New patients", "Added to numerator", "Rate at end"];

/// The maximum width of a bar, the width of the columns before it, and the minimum width of a bar, in characters.
const BAR: u16 = 30;
const BEFORE_BAR: u16 = 70;
const MIN_BAR: u16 = 10;

/// Writes a table of weeks with bars. If the threshold is a percentage, the bars mark it.
pub fn weeks(
    text: &mut String,
    title: &str,
    of: &ProgressReport,
    course: &WeeklySeries,
    screen: TerminalStyle,
) {
    let room = screen.width.map_or(BAR, |width| width.saturating_sub(BEFORE_BAR).clamp(MIN_BAR, BAR));
    let table = week_table(of, course, Some(room)).terminal(screen);
    // Writing to a string does not fail.
    let _ = writeln!(text, "Weekly trend: {title}\n{table}");
    let unknown = [
        (course.new_on_unknown_day, "patient was seen", "patients were seen"),
        (
            course.came_on_unknown_day,
            "patient was added to the numerator",
            "patients were added to the numerator",
        ),
    ];
    for (count, one, many) in unknown.into_iter().filter(|(count, ..)| *count > 0) {
        let _ = writeln!(
            text,
            "{} on an unknown day, and included in the rates from the first week.",
            pluralize(count, one, many)
        );
    }
    text.push('\n');
}

/// Returns a bar with a line at the threshold. The line stays visible in a longer bar.
fn bar(share: f64, limit: Option<f64>, room: u16) -> String {
    let width = |share: f64| (share * f64::from(room)).round() as usize;
    let (filled, line) = (width(share), limit.map(width));
    let sign = |at: usize| match line {
        Some(line) if at == line => '│',
        _ if at < filled => '█',
        _ => ' ',
    };
    let bar: String = (0..=usize::from(room)).map(sign).collect();
    bar.trim_end().to_owned()
}

/// Returns one row per week, with a column of bars if `bars` gives their width. If the threshold is a percentage, the bars mark it.
pub fn week_table<'p>(of: &'p ProgressReport, course: &'p WeeklySeries, bars: Option<u16>) -> Table<'p> {
    let [week, numbers @ ..] = WEEK_HEADER;
    let limit = of.edition.more_than_percent.map(f64::from);
    let bar_heading = limit.map_or("Rate".to_owned(), |limit| format!("Rate (│ = {limit}%)"));
    let columns = [Column::text(week)].into_iter().chain(numbers.map(Column::number));
    let columns = columns.chain(bars.map(|_| Column::text(bar_heading))).collect();
    let rates = rates(course);
    let top = rates.iter().copied().chain(limit.map(|limit| limit * 1.25)).fold(0.01, f64::max);
    let row = move |((span, week), rate): ((&PeriodDates, &WeekSummary), f64)| {
        let percent = week.rate_percent.as_ref().map_or("–".to_owned(), |rate| format!("{rate}%"));
        let bar = bars.map(|room| Value::Picture(bar(rate / top, limit.map(|limit| limit / top), room)));
        let counts = [week.seen, week.new, week.came].map(Value::Count);
        let first = [Value::Text(numeric_text(span.first))].into_iter();
        first.chain(counts).chain([Value::Number(percent)]).chain(bar).collect()
    };
    Table::new("", columns, of.weeks.iter().zip(&course.weeks).zip(rates).map(row))
}
