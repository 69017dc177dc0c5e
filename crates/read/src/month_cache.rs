//! The months that were met last, so that the day of a local time, as most exports write it, is found by one look and not by its digits.

use chrono::Datelike;

use mucalc_core::domain::period::Day;

/// Months by the bytes of their name. A month is known by all of them, so none is taken for another.
pub struct MonthCache([Month; PLACES]);

/// A month of the calendar.
#[derive(Clone, Copy)]
struct Month {
    /// The eight bytes before the day: `2014-07-`.
    name: u64,
    /// The day before the first.
    eve: Day,
    /// How many days it has; none in a place that no month has.
    days: u8,
}

/// How many months are kept, each at a place of its own; a power of two.
const PLACES: usize = 64;

impl Default for MonthCache {
    fn default() -> Self {
        Self([Month { name: 0, eve: Day::FIRST, days: 0 }; PLACES])
    }
}

impl MonthCache {
    /// The day of a date, `YYYY-MM-DD`; none where the text is not of that form, or there is no such day.
    #[inline(always)]
    pub fn day(&mut self, date: &[u8; 10]) -> Option<Day> {
        let [.., tens, ones] = *date;
        let (name, tens, ones) =
            (u64::from_le_bytes(*date.first_chunk()?), tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        let month = &self.0[place(name)];
        let day = tens.wrapping_mul(10).wrapping_add(ones);
        if (month.name == name) & (tens <= 3) & (ones <= 9) & (day >= 1) & (day <= month.days) {
            return Some(month.eve.plus(i32::from(day)));
        }
        self.read(name, day, date)
    }

    /// Reads the digits, and keeps the month.
    #[cold]
    fn read(&mut self, name: u64, day: u8, date: &[u8; 10]) -> Option<Day> {
        let read = Day::parse(date)?;
        if read.is_placeholder() {
            return None;
        }
        // The other days of such a month are looked at one by one.
        if Day::PLACEHOLDERS.iter().any(|day| day.as_bytes()[..8] == date[..8]) {
            return Some(read);
        }
        let eve = read.plus(-i32::from(day));
        self.0[place(name)] = Month { name, eve, days: read.date().num_days_in_month() };
        Some(read)
    }
}

/// The place of a month: neighbouring months and years have different ones.
#[inline(always)]
fn place(name: u64) -> usize {
    (name.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - PLACES.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every date that can be written with digits in their places, and some others, is read as by its digits: the first time, when
    /// its month is known, and when other months have taken its place.
    #[test]
    fn a_date_is_read_as_by_its_digits() {
        let mut months = MonthCache::default();
        for round in 0..2 {
            for year in [0, 1, 1899, 1900, 2000, 2013, 2014, 2015, 2016, 2100, 9999] {
                for month in 0..=13 {
                    for day in 0..=99 {
                        let date = format!("{year:04}-{month:02}-{day:02}");
                        let bytes = date.as_bytes().first_chunk().expect("ten bytes");
                        let read = Day::parse(bytes).filter(|day| !day.is_placeholder());
                        assert_eq!(months.day(bytes), read, "{date} in round {round}");
                    }
                }
            }
        }
        assert!(months.day(b"2014-07-01").is_some());
        for (at, sign) in (0..10).flat_map(|at| (0..=u8::MAX).map(move |sign| (at, sign))) {
            let mut date = *b"2014-07-01";
            date[at] = sign;
            assert_eq!(months.day(&date), Day::parse(&date), "{date:?}");
        }
    }
}
