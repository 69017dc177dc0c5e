//! A chart of one column per week.

use mucalc_core::domain::calendar::{numeric_text, period_text};
use mucalc_core::domain::period::Period;
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::text::with_commas;

use crate::html::chart::{AxisTick, DayAxis};

/// A column chart, [`WIDTH`] units wide and [`HEIGHT`] high without its texts.
pub struct WeekColumns {
    pub columns: Vec<WeekColumn>,
    /// The count at the top.
    pub top: String,
    pub months: Vec<AxisTick>,
}

/// A column.
pub struct WeekColumn {
    pub x: u64,
    pub y: u64,
    pub width: u64,
    pub height: u64,
    /// The days and the count of the week.
    pub first: String,
    pub days: String,
    pub count: String,
}

const WIDTH: u64 = 640;
const HEIGHT: u64 = 72;

/// Returns the chart of a count per week.
pub fn week_columns(weeks: &[PeriodDates], counts: impl Iterator<Item = u64>, period: Period) -> WeekColumns {
    let counts: Vec<u64> = counts.collect();
    let top = counts.iter().copied().max().unwrap_or_default();
    let axis = DayAxis::new(period, WIDTH);
    let column = |(week, count): (&PeriodDates, &u64)| {
        let (x, end) = (axis.begin(week.first), axis.end(week.last));
        let height =
            if top == 0 { 0 } else { (u128::from(*count) * u128::from(HEIGHT) / u128::from(top)) as u64 };
        WeekColumn {
            x,
            y: HEIGHT - height,
            width: (end - x).saturating_sub(2).max(1),
            height,
            first: numeric_text(week.first),
            days: period_text(Period { first: week.first, last: week.last }),
            count: with_commas(*count),
        }
    };
    WeekColumns {
        columns: weeks.iter().zip(&counts).map(column).collect(),
        top: with_commas(top),
        months: axis.months(12),
    }
}
