//! Formats days and periods as American readers write them in a sentence.

use chrono::Datelike;

use crate::domain::period::{Day, Period};

/// Returns a day as `July 1, 2014`.
pub fn day_text(day: Day) -> String {
    day.to_naive_date().format("%B %-d, %Y").to_string()
}

/// Returns a day of any year as `July 1`.
pub fn day_of_year_text((month, day): (u32, u32)) -> String {
    let day = Day::from_ymd(2000, month, day).unwrap_or(Day::from_epoch(0));
    day.to_naive_date().format("%B %-d").to_string()
}

/// Returns a day as `07/01/2014`, for tables.
pub fn numeric_text(day: Day) -> String {
    day.to_naive_date().format("%m/%d/%Y").to_string()
}

/// Returns the month of a day as `Jul`, for axes.
pub fn month_text(day: Day) -> String {
    day.to_naive_date().format("%b").to_string()
}

/// Returns a period as `July 1–September 30, 2014`, with both years if the period crosses a calendar year.
pub fn period_text(period: Period) -> String {
    let (first, last) = (period.first.to_naive_date(), period.last.to_naive_date());
    match (first.year() == last.year(), first == last) {
        (_, true) => day_text(period.last),
        (true, _) if first.month() == last.month() => {
            format!("{}–{}", first.format("%B %-d"), last.format("%-d, %Y"))
        }
        (true, _) => format!("{}–{}", first.format("%B %-d"), day_text(period.last)),
        (false, _) => format!("{}–{}", day_text(period.first), day_text(period.last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_names_its_year_once_unless_it_crosses_it() {
        for (period, text) in [
            ("2014Q3", "July 1–September 30, 2014"),
            ("2017-12-01..2018-02-28", "December 1, 2017–February 28, 2018"),
            ("2014-07-04..2014-07-04", "July 4, 2014"),
            ("2014-07", "July 1–31, 2014"),
        ] {
            let period = Period::parse(period).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(period_text(period), text);
        }
    }
}
