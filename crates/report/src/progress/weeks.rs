//! Weeks as tables with bars, and as a row of signs.

use std::fmt::Write;

use comfy_table::{Cell, CellAlignment};

use crate::TerminalStyle;
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::progress::{ProgressReport, WeekSummary, WeeklySeries};
use mucalc_core::domain::text::{counted, thousands};

/// So many signs the picture of a provider's weeks has at the most.
const WIDEST: usize = 53;

/// The rates at the ends of the weeks, as a row of bars. Half of the height is the threshold, where it is a percentage.
pub fn picture(course: &WeeklySeries, more_than_percent: Option<u32>) -> String {
    let rates: Vec<f64> = rates(course);
    let greatest = rates.iter().copied().fold(0.0, f64::max);
    let top = more_than_percent.map_or(greatest, |percent| f64::from(percent) * 2.0).max(0.01);
    let bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bar = |rate: &f64| bars[((rate / top * 8.0).ceil() as usize).clamp(1, 8) - 1];
    // Of a long period some weeks share a sign, which is that of their last.
    rates.chunks(rates.len().div_ceil(WIDEST).max(1)).filter_map(<[f64]>::last).map(bar).collect()
}

fn rates(course: &WeeklySeries) -> Vec<f64> {
    let rate =
        |week: &WeekSummary| week.rate_percent.as_deref().and_then(|rate| rate.parse().ok()).unwrap_or(0.0);
    course.weeks.iter().map(rate).collect()
}

/// The heads of a table of weeks.
pub const WEEK_HEADER: [&str; 5] =
    ["Week from", "Patients seen", "For the first time", "Began to count", "Rate at its end"];

/// So many characters the widest bar has, and the columns before it.
const BAR: u16 = 30;
const BEFORE_BAR: u16 = 70;
const LEAST_BAR: u16 = 10;

/// A table of weeks with bars; the threshold is marked where it is a percentage.
pub fn weeks(
    text: &mut String,
    title: &str,
    of: &ProgressReport,
    course: &WeeklySeries,
    screen: TerminalStyle,
) {
    let mut table = screen.table();
    let limit = of.edition.more_than_percent.map(f64::from);
    let mut header: Vec<String> = WEEK_HEADER.iter().map(|head| (*head).to_owned()).collect();
    header.push(limit.map_or("Rate".to_owned(), |limit| format!("Rate; │ is {limit} %")));
    table.set_header(header);
    let rates = rates(course);
    let top = rates.iter().copied().chain(limit.map(|limit| limit * 1.25)).fold(0.01, f64::max);
    for (cells, rate) in week_lines(of, course).into_iter().zip(&rates) {
        let [week, seen, new, came, percent] = cells;
        let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let room = screen.width.map_or(BAR, |width| width.saturating_sub(BEFORE_BAR).clamp(LEAST_BAR, BAR));
        let bar = bar(*rate / top, limit.map(|limit| limit / top), room);
        table.add_row([
            Cell::new(week),
            number(seen),
            number(new),
            number(came),
            number(percent),
            Cell::new(bar),
        ]);
    }
    // Writing to a string does not fail.
    let _ = writeln!(text, "Week by week: {title}\n{}", screen.fitted(table, None));
    let unknown = [
        (course.new_on_unknown_day, "patient was seen", "patients were seen"),
        (course.came_on_unknown_day, "patient came to count", "patients came to count"),
    ];
    for (count, one, many) in unknown.into_iter().filter(|(count, ..)| *count > 0) {
        let _ = writeln!(
            text,
            "{} on a day that is not known, and in the rates from the beginning.",
            counted(count, one, many)
        );
    }
    text.push('\n');
}

/// A bar, with a line where the threshold is; a rate that is over the line is drawn over it.
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

/// The lines of a table of weeks.
pub fn week_lines(of: &ProgressReport, course: &WeeklySeries) -> Vec<[String; 5]> {
    let line = |(span, week): (&PeriodDates, &WeekSummary)| {
        let rate = week.rate_percent.as_ref().map_or("–".to_owned(), |rate| format!("{rate} %"));
        [span.first.to_string(), thousands(week.seen), thousands(week.new), thousands(week.came), rate]
    };
    of.weeks.iter().zip(&course.weeks).map(line).collect()
}
