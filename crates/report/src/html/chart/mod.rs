//! Charts as positions and texts; `templates/charts.html` draws them as SVG.

pub mod calendar;
pub mod columns;
pub mod dumbbell;
pub mod figure;
pub mod slope;
pub mod timeline;
pub mod trajectory;

use mucalc_core::domain::calendar::month_text;
use mucalc_core::domain::period::{Day, Period};

/// A mark with a text on an axis.
pub struct AxisTick {
    pub x: u64,
    pub text: String,
    /// Whether the mark is the threshold.
    pub strong: bool,
}

/// An axis of days, in units of the chart.
#[derive(Clone, Copy)]
pub struct DayAxis {
    period: Period,
    width: u64,
}

impl DayAxis {
    /// Returns an axis on which the days of a period are `width` units wide.
    pub fn new(period: Period, width: u64) -> Self {
        Self { period, width }
    }

    /// Returns the position at which a day begins; days outside the period are at its ends.
    pub fn begin(self, day: Day) -> u64 {
        let days = day.days_since(self.period.first).clamp(0, self.period.days());
        days.unsigned_abs() as u64 * self.width / self.period.days().max(1) as u64
    }

    /// Returns the position at which a day ends.
    pub fn end(self, day: Day) -> u64 {
        self.begin(day.add_days(1))
    }

    /// Returns the first days of the months, at most `most` of them, with the names of the months.
    pub fn months(self, most: usize) -> Vec<AxisTick> {
        let days = (0..self.period.days()).map(|day| self.period.first.add_days(day));
        let firsts: Vec<Day> = days.filter(|day| day.month_and_day().1 == 1).collect();
        let step = firsts.len().div_ceil(most).max(1);
        let is_kept = |day: &&Day| (day.month_and_day().0 as usize - 1).is_multiple_of(step);
        let tick = |day: &Day| AxisTick { x: self.begin(*day), text: month_text(*day), strong: false };
        firsts.iter().filter(is_kept).map(tick).collect()
    }
}

/// An axis of rates, from 0 to a round number of percent, in units of the chart.
#[derive(Clone, Copy)]
pub struct RateScale {
    /// The percentage at the end.
    pub end: u64,
    length: u64,
}

impl RateScale {
    /// Returns an axis, `length` units long, whose end is a round number at or above a rate in percent.
    pub fn new(rate: f64, length: u64) -> Self {
        const ENDS: [u64; 11] = [1, 2, 5, 10, 15, 20, 30, 40, 50, 60, 80];
        Self { end: ENDS.into_iter().find(|end| rate <= *end as f64).unwrap_or(100), length }
    }

    /// Returns the distance of a rate from 0; rates beyond the end are at the end.
    pub fn place(self, rate: f64) -> u64 {
        let length = self.length as f64;
        (rate / self.end as f64 * length).round().clamp(0.0, length) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Every day has the same width, the last one ends at the end, and days outside are at the ends.
    #[test]
    fn days_fill_the_axis() {
        let quarter = period("2014Q3");
        let axis = DayAxis::new(quarter, 920);
        assert_eq!((axis.begin(quarter.first), axis.end(quarter.last)), (0, 920));
        assert_eq!(axis.begin(quarter.first.add_days(46)), 460);
        assert_eq!((axis.begin(quarter.first.add_days(-9)), axis.end(quarter.last.add_days(9))), (0, 920));
    }

    #[test]
    fn months_are_named_at_their_first_day() {
        let names = |text: &str, most: usize| -> Vec<(u64, String)> {
            let ticks = DayAxis::new(period(text), 365).months(most);
            ticks.into_iter().map(|tick| (tick.x, tick.text)).collect()
        };
        let named = |list: &[(u64, &str)]| -> Vec<(u64, String)> {
            list.iter().map(|(x, text)| (*x, (*text).to_owned())).collect()
        };
        assert_eq!(names("2015", 4), named(&[(0, "Jan"), (90, "Apr"), (181, "Jul"), (273, "Oct")]));
        assert_eq!(names("2014-07-15..2014-07-30", 4), []);
    }

    #[test]
    fn an_axis_ends_at_a_round_number() {
        assert_eq!(
            [0.0, 5.0, 5.01, 33.0, 99.0].map(|rate| RateScale::new(rate, 96).end),
            [1, 5, 10, 40, 100]
        );
        assert_eq!([0.0, 10.0, 20.0, 33.3].map(|rate| RateScale::new(20.0, 96).place(rate)), [0, 48, 96, 96]);
    }
}
