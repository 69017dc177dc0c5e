//! Caches recent `YYYY-MM-` prefixes so that most dates need one lookup instead of a parse.

use chrono::Datelike;

use mucalc_core::domain::period::Day;

/// A cache of months by their prefix. Each entry has the complete prefix, so months are never confused.
pub struct MonthCache([Month; PLACES]);

/// A month of the calendar.
#[derive(Clone, Copy)]
struct Month {
    /// The eight bytes before the day: `2014-07-`.
    name: u64,
    /// The day before its first day.
    eve: Day,
    /// Number of days; 0 if the entry is unused.
    days: u8,
}

/// Number of entries, a power of two. A month has exactly one place among them.
const PLACES: usize = 64;

impl Default for MonthCache {
    fn default() -> Self {
        Self([Month { name: 0, eve: Day::FIRST, days: 0 }; PLACES])
    }
}

impl MonthCache {
    /// Returns the day of a date `YYYY-MM-DD`. `None` if the text has another form, the day does not exist, or it is a placeholder.
    #[inline(always)]
    pub fn day(&mut self, date: &[u8; 10]) -> Option<Day> {
        let [.., tens, ones] = *date;
        let (name, tens, ones) =
            (u64::from_le_bytes(*date.first_chunk()?), tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        let month = &self.0[place(name)];
        let day = tens.wrapping_mul(10).wrapping_add(ones);
        if (month.name == name) & (tens <= 3) & (ones <= 9) & (day >= 1) & (day <= month.days) {
            return Some(month.eve.add_days(i32::from(day)));
        }
        self.read(name, day, date)
    }

    /// Parses the date, and keeps its month.
    #[cold]
    fn read(&mut self, name: u64, day: u8, date: &[u8; 10]) -> Option<Day> {
        let read = Day::parse(date)?;
        if read.is_placeholder() {
            return None;
        }
        // A month with a placeholder is not kept, so that each of its days is checked.
        if Day::PLACEHOLDERS.iter().any(|day| day.as_bytes()[..8] == date[..8]) {
            return Some(read);
        }
        let eve = read.add_days(-i32::from(day));
        self.0[place(name)] = Month { name, eve, days: read.to_naive_date().num_days_in_month() };
        Some(read)
    }
}

/// Returns the place of a month. Neighboring months and years have different places.
#[inline(always)]
fn place(name: u64) -> usize {
    (name.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - PLACES.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads dates like a parse does: every date with digits in their places, and some others. Each is read before its month is cached,
    /// when it
    /// is, and after other months have replaced it.
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
