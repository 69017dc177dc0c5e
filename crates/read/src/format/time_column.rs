//! A column of days or local times that are stored as numbers. Their texts are written only when something reads them.

use std::cell::OnceCell;

use chrono::DateTime;

use mucalc_core::domain::period::Day;

/// A column of days or local times. A missing cell has no number.
#[derive(Clone, Debug)]
pub struct TimeColumn {
    numbers: Vec<Option<i64>>,
    unit: TimeUnit,
    texts: OnceCell<Vec<String>>,
}

/// What the numbers of a column count, from the beginning of 1970.
#[derive(Clone, Copy, Debug)]
pub enum TimeUnit {
    /// Days.
    Days,
    /// Parts of a second of local time: so many make a second.
    Local(i64),
}

/// The days whose number can be used as it is: from 1971 to 2037. Programs write no day within these years for an unknown date.
const USUAL: std::ops::RangeInclusive<i64> = 365..=24_836;

/// Seconds of a day.
const DAY: i64 = 86_400;

impl TimeColumn {
    /// Creates a column.
    pub fn new(numbers: Vec<Option<i64>>, unit: TimeUnit) -> Self {
        Self { numbers, unit, texts: OnceCell::new() }
    }

    /// Returns the number of cells.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Returns the text of a cell, which is empty if it is missing.
    pub fn get(&self, row: usize) -> &str {
        let text = |number: &Option<i64>| number.map(|number| self.unit.text(number)).unwrap_or_default();
        &self.texts.get_or_init(|| self.numbers.iter().map(text).collect())[row]
    }

    /// Returns the day of each cell; `None` if it is missing or an unusual one.
    pub fn days(&self) -> impl Iterator<Item = Option<Day>> {
        let of_day = match self.unit {
            TimeUnit::Days => 1,
            TimeUnit::Local(per_second) => per_second * DAY,
        };
        self.numbers.iter().map(move |number| {
            let day = number.as_ref()?.div_euclid(of_day);
            USUAL.contains(&day).then(|| Day::from_epoch(day as i32))
        })
    }
}

impl TimeUnit {
    /// Writes the day or time that a number stands for; the number itself if the calendar has no such day.
    pub fn text(self, number: i64) -> String {
        match self {
            TimeUnit::Days => DateTime::from_timestamp(number.saturating_mul(DAY), 0)
                .map_or_else(|| number.to_string(), |day| day.format("%Y-%m-%d").to_string()),
            TimeUnit::Local(per_second) => moment_text(number, per_second, "%Y-%m-%dT%H:%M:%S"),
        }
    }
}

/// Writes the time that a number of parts of a second stands for; the number itself if the calendar has no such time.
pub fn moment_text(number: i64, per_second: i64, form: &str) -> String {
    DateTime::from_timestamp(number.div_euclid(per_second), 0)
        .map_or_else(|| number.to_string(), |moment| moment.format(form).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::local_day;

    /// The day of a number is the day in its text, if that can be read.
    #[test]
    fn a_day_is_the_day_of_the_text() {
        let days =
            [-719_163, -25_567, -1, 0, 1, 364, 365, 366, 11_016, 16_252, 24_836, 24_837, 47_540, 2_932_896];
        for (unit, of_day) in [
            (TimeUnit::Days, 1),
            (TimeUnit::Local(1000), 86_400_000),
            (TimeUnit::Local(1_000_000), 86_400_000_000),
        ] {
            let numbers = days.iter().flat_map(|day| [day * of_day, (day + 1) * of_day - 1]);
            let column = TimeColumn::new(numbers.map(Some).chain([None, Some(i64::MAX)]).collect(), unit);
            for (row, day) in column.days().enumerate() {
                let read = local_day(column.get(row).as_bytes(), None).ok();
                assert!(day.is_none() || day == read, "{unit:?} {}", column.get(row));
                let usual = read.is_some_and(|day| (1971..=2037).contains(&day.year()));
                assert_eq!(day.is_some(), usual, "{unit:?} {}", column.get(row));
            }
            assert_eq!((column.len(), column.get(2 * days.len())), (2 * days.len() + 2, ""));
        }
    }
}
