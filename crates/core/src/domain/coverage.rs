//! Whether the encounter exports cover a candidate reporting period. If part of the visits is missing, a rate does not describe the period.

use chrono::{Datelike, Weekday};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::period::{Day, Period};

/// The days on which the encounter exports have rows.
#[derive(Clone, Debug, Default)]
pub struct RecordedDays {
    /// Sorted, without duplicates.
    days: Vec<Day>,
    /// The days that the exports cover, according to the user; `None` if the user did not specify them.
    exported: Option<Period>,
}

/// How the encounter exports cover a candidate reporting period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coverage {
    /// The first day of the period with encounters; null if no day has any.
    #[schemars(with = "Option<String>")]
    pub first: Option<Day>,
    /// The last day of the period with encounters; null if no day has any.
    #[schemars(with = "Option<String>")]
    pub last: Option<Day>,
    /// Days of the period without encounters, including weekends.
    pub days_without_rows: u64,
    /// Whether the exports cover the period.
    pub covered: bool,
}

impl RecordedDays {
    /// Builds the set from days in ascending order and the days that the exports cover, if the user specified them.
    pub fn new(days: Vec<Day>, exported: Option<Period>) -> Self {
        Self { days, exported }
    }

    /// Returns the first and the last day with rows; `None` if no day has any.
    pub fn span(&self) -> Option<Period> {
        Some(Period { first: *self.days.first()?, last: *self.days.last()? })
    }

    /// Returns how the exports cover a period.
    pub fn coverage(&self, period: Period) -> Coverage {
        let begin = self.days.partition_point(|day| *day < period.first);
        let end = self.days.partition_point(|day| *day <= period.last);
        let within = &self.days[begin..end];
        Coverage {
            first: within.first().copied(),
            last: within.last().copied(),
            days_without_rows: (period.days().max(0) as u64).saturating_sub(within.len() as u64),
            covered: match self.exported {
                Some(exported) => exported.contains(period.first) && exported.contains(period.last),
                None => self.reaches_over(period) && !self.has_hole(period, begin, end),
            },
        }
    }

    /// Returns whether the recorded days reach both ends of the period, except for weekends and holidays.
    fn reaches_over(&self, period: Period) -> bool {
        let Some(Period { first, last }) = self.span() else { return false };
        let before = (0..first.days_since(period.first)).map(|days| period.first.add_days(days));
        let after = (0..period.last.days_since(last)).map(|days| period.last.add_days(-days));
        // Limits the loop: a period far from all rows must not be checked day by day.
        before.chain(after).take(MAX_DAYS_OFF + 1).all(is_day_off)
            && first.days_since(period.first) <= MAX_DAYS_OFF as i32
            && period.last.days_since(last) <= MAX_DAYS_OFF as i32
    }

    /// Returns whether more than a week of the period has no rows, in exports with rows on most days.
    fn has_hole(&self, period: Period, begin: usize, end: usize) -> bool {
        let Some(Period { first, last }) = self.span() else { return false };
        let has_rows_on_most_days = self.days.len() as i64 * 2 > i64::from(last.days_since(first));
        let around = &self.days[begin.saturating_sub(1)..(end + 1).min(self.days.len())];
        let is_hole = |pair: &[Day]| {
            let (from, to) = (pair[0].add_days(1).max(period.first), pair[1].add_days(-1).min(period.last));
            to.days_since(from) >= WEEK
        };
        has_rows_on_most_days && around.windows(2).any(is_hole)
    }
}

/// The longest plausible gap between rows, in days: a practice with rows on most days has some every week.
const WEEK: i32 = 7;

/// The longest regular closure, in days: a weekend with a holiday on either side.
const MAX_DAYS_OFF: usize = 4;

/// Returns whether a practice that is open on weekdays is closed on a day: a weekend, New Year's Day, or Christmas Day.
fn is_day_off(day: Day) -> bool {
    let date = day.to_naive_date();
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
        || matches!((date.month(), date.day()), (1, 1) | (12, 25))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Returns rows on every weekday of a period, except the days of another one.
    fn weekdays(of: &str, without: Option<&str>, exported: Option<&str>) -> RecordedDays {
        let (of, without) = (period(of), without.map(period));
        let days = (0..of.days()).map(|at| of.first.add_days(at));
        let has_rows =
            |day: &Day| !is_day_off(*day) && !without.is_some_and(|without| without.contains(*day));
        RecordedDays::new(days.filter(has_rows).collect(), exported.map(period))
    }

    #[test]
    fn a_period_is_covered_where_the_exports_reach_over_it() {
        let all = weekdays("2014-06-20..2014-10-10", None, None);
        for (of, covered, why) in [
            ("2014-06-20..2014-09-17", true, "the first day that is there"),
            ("2014-06-19..2014-09-16", false, "a Thursday without rows before it"),
            ("2014-07-13..2014-10-10", true, "the last day"),
            ("2014-07-15..2014-10-12", true, "a weekend more"),
            ("2014-07-16..2014-10-13", false, "a Monday without rows"),
            ("2014-11-01..2014-12-31", false, "no day of it"),
            ("2014-01-01..2014-12-31", false, "the whole year"),
        ] {
            assert_eq!(all.coverage(period(of)).covered, covered, "{of}: {why}");
        }
        let coverage = all.coverage(period("2014-06-16..2014-06-24"));
        assert_eq!(coverage.first, Some(period("2014-06-20..2014-06-20").first));
        assert_eq!(coverage.last, Some(period("2014-06-24..2014-06-24").first));
        assert_eq!(coverage.days_without_rows, 6, "Monday to Thursday, and a weekend");
    }

    /// Rows on half of the days are not rows on most days: such an export can lack a week and be complete.
    #[test]
    fn a_hole_is_one_only_among_rows_on_most_days() {
        let first = period("2014-07-01..2014-07-01").first;
        // One day in two, and nine days without rows: 18 of 42 days, and some more.
        let days = |more: &[i32]| {
            let every_other = (0..=12).step_by(2).chain((22..=42).step_by(2));
            let mut days: Vec<i32> = every_other.chain(more.iter().copied()).collect();
            days.sort_unstable();
            RecordedDays::new(days.into_iter().map(|day| first.add_days(day)).collect(), None)
        };
        let month = Period { first: first.add_days(4), last: first.add_days(36) };
        for (more, covered) in [(&[][..], true), (&[1, 3, 5], true), (&[1, 3, 5, 7], false)] {
            assert_eq!(days(more).coverage(month).covered, covered, "{more:?}");
        }
    }

    #[test]
    fn a_year_that_begins_with_a_holiday_is_covered() {
        let all = weekdays("2014-01-02..2014-12-31", None, None);
        assert!(all.coverage(period("2014")).covered);
        assert!(weekdays("2016-01-04..2016-12-30", None, None).coverage(period("2016")).covered);
    }

    #[test]
    fn a_lost_month_covers_nothing_that_reaches_into_it() {
        let all = weekdays("2014-01-02..2014-12-31", Some("2014-03"), None);
        for (of, covered) in [
            ("2014Q1", false),
            ("2014-04-01..2014-06-29", true),
            ("2014-03-25..2014-06-22", true),
            ("2014-03-24..2014-06-21", false),
            ("2014", false),
        ] {
            assert_eq!(all.coverage(period(of)).covered, covered, "{of}");
        }
    }

    #[test]
    fn what_the_user_says_of_the_exports_holds() {
        let all = weekdays("2014-01-02..2014-12-31", Some("2014-03"), Some("2014-02-01..2014-12-31"));
        assert!(all.coverage(period("2014-02-01..2014-05-01")).covered);
        assert!(!all.coverage(period("2014-01-31..2014-04-30")).covered);
        let few = RecordedDays::new(vec![period("2014-07-09..2014-07-09").first], Some(period("2014Q3")));
        assert!(few.coverage(period("2014Q3")).covered);
        assert!(!RecordedDays::default().coverage(period("2014Q3")).covered);
    }
}
