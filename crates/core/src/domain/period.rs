//! Local calendar days and the reporting period.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate};
use serde::{Serialize, Serializer};

/// A span of local calendar days, both ends included (B14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Day,
    /// The last day. The period ends at the end of this day.
    pub last: Day,
}

/// A local calendar day, counted in days from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// Why a text is not a reporting period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The text has none of the accepted forms. The message suggests what the text may mean.
    #[error(
        "not a reporting period; write 2014-07-01..2014-09-30 (both days included), 2014Q3, 2014-07 or 2014{hint}",
        hint = meant(.0)
    )]
    Form(String),
    /// The calendar does not have a day of the period.
    #[error("`{day}` is not a day of the calendar; write days as YYYY-MM-DD{hint}", hint = meant(.period))]
    Day {
        /// The day.
        day: String,
        /// The whole text.
        period: String,
    },
    /// The last day is before the first.
    #[error("the period ends before it begins: {last} is before {first}; write the earlier day first")]
    Reversed {
        /// The day given first.
        first: Day,
        /// The day given last.
        last: Day,
    },
}

/// Why a text is not a day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a day of the calendar; write it as YYYY-MM-DD, such as 2014-08-22")]
pub struct DayError;

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        Self::parse(text.trim().as_bytes()).ok_or(DayError)
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        Self::parse(text)
    }
}

impl Period {
    /// Every day from 0001-01-01 to 9999-12-31.
    pub const EVERY_DAY: Self = Self { first: Day(-719_162), last: Day(2_932_896) };

    /// Parses `2014-07-01..2014-09-30`, `2014Q3`, `2014-07` or `2014`.
    ///
    /// # Errors
    /// If the text has none of these forms, contains a day that the calendar does not have, or is reversed.
    pub fn parse(text: &str) -> Result<Self, PeriodError> {
        let text = text.trim();
        let whole = text;
        let form = || PeriodError::Form(text.to_owned());
        if let Some((first, last)) = text.split_once("..") {
            let day = |text: &str| {
                let day = text.trim();
                Day::parse(day.as_bytes())
                    .ok_or_else(|| PeriodError::Day { day: day.to_owned(), period: whole.to_owned() })
            };
            let (first, last) = (day(first)?, day(last)?);
            return if last < first {
                Err(PeriodError::Reversed { first, last })
            } else {
                Ok(Self { first, last })
            };
        }
        let (year, rest) = text.as_bytes().split_at_checked(4).ok_or_else(form)?;
        let year = number(year).ok_or_else(form)? as i32;
        let (month, months) = match rest {
            [] => (1, 12),
            [b'Q' | b'q', quarter @ b'1'..=b'4'] => (u32::from(quarter - b'1') * 3 + 1, 3),
            [b'-', _, _] => (number(&rest[1..]).ok_or_else(form)?, 1),
            _ => return Err(form()),
        };
        let first = NaiveDate::from_ymd_opt(year, month, 1).filter(|_| year > 0).ok_or_else(form)?;
        let next = first.checked_add_months(Months::new(months)).ok_or_else(form)?;
        Ok(Self { first: Day::from(first), last: Day(Day::from(next).0 - 1) })
    }

    /// Returns the period that a text in another form may mean, in the accepted form: a quarter, a month, or two days.
    ///
    /// Assumes the American order if the year does not come first. The guess is only suggested, never used.
    fn guess(text: &str) -> Option<String> {
        let groups: Vec<&str> =
            text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
        let is_year = |part: &&str| part.len() == 4;
        let day = |parts: &[&str]| {
            let [year, month, day] = match parts {
                [year, month, day] if is_year(year) => [year, month, day],
                [month, day, year] if is_year(year) => [year, month, day],
                _ => return None,
            };
            Some(format!("{year}-{month:0>2}-{day:0>2}"))
        };
        let guess = match groups.as_slice() {
            [one, other] if text.to_uppercase().contains('Q') => {
                let (year, quarter) = if is_year(one) { (one, other) } else { (other, one) };
                format!("{year}Q{quarter}")
            }
            [year, month] if is_year(year) => format!("{year}-{month:0>2}"),
            [month, year] if is_year(year) => format!("{year}-{month:0>2}"),
            [first @ .., _, _, _] if first.len() == 3 => format!("{}..{}", day(first)?, day(&groups[3..])?),
            _ => return None,
        };
        Self::parse(&guess).is_ok().then_some(guess)
    }

    /// Returns the program year: the year in which the period begins.
    pub fn program_year(&self) -> i32 {
        self.first.to_naive_date().year()
    }

    /// Returns the number of days in the period, both ends included.
    pub fn days(&self) -> i32 {
        self.last.days_since(self.first).saturating_add(1)
    }

    /// Returns whether the period contains the day.
    pub fn contains(&self, day: Day) -> bool {
        // Compares without a branch, because its outcome for the rows of an export is unpredictable.
        (self.first <= day) & (day <= self.last)
    }
}

/// Returns `; did you mean ...?`, or an empty text without a guess.
fn meant(text: &str) -> String {
    Period::guess(text).map(|guess| format!("; did you mean {guess}?")).unwrap_or_default()
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.first, self.last)
    }
}

impl Day {
    /// A day before every day that an export can contain.
    pub const FIRST: Day = Day(i32::MIN);

    /// A day after every day that an export can contain.
    pub const NEVER: Day = Day(i32::MAX);

    /// Returns the day with this year, month, and day of the month; `None` if the calendar has no such day.
    ///
    /// Rejects the year 0 and negative years, which exports use for "no date", and years after 9999.
    #[inline]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + u32::from(is_leap),
            // Long and short months alternate, but July and August are both long.
            _ => 30 + ((month + (month >> 3)) & 1),
        };
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=days).contains(&day) {
            return None;
        }
        // Years that begin in March end with their leap day, which makes the number of days before a month regular.
        let from_march = (month + 9) % 12;
        let years = year - i32::from(month <= 2);
        let leap_days = years / 4 - years / 100 + years / 400;
        let in_year = (153 * from_march + 2) / 5 + day - 1;
        Some(Self(years * 365 + leap_days + in_year as i32 - EPOCH_FROM_MARCH))
    }

    /// Returns the calendar year.
    pub fn year(self) -> i32 {
        self.to_naive_date().year()
    }

    /// Returns the month and the day of the month.
    pub fn month_and_day(self) -> (u32, u32) {
        (self.to_naive_date().month(), self.to_naive_date().day())
    }

    /// Returns the first day of its year.
    pub fn first_of_year(self) -> Self {
        Self::from_ymd(self.to_naive_date().year(), 1, 1).unwrap_or(self)
    }

    /// Returns the last day of its year.
    pub fn last_of_year(self) -> Self {
        Self::from_ymd(self.to_naive_date().year(), 12, 31).unwrap_or(self)
    }

    /// Parses `YYYY-MM-DD`; returns `None` for any other text.
    #[inline]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text: &[u8; 10] = text.try_into().ok()?;
        let [.., d1, d2] = *text;
        let month = u64::from_le_bytes(*text.first_chunk()?);
        let (d1, d2) = (d1.wrapping_sub(b'0'), d2.wrapping_sub(b'0'));
        // Checked together without branches, because the checks hardly ever fail.
        if !all_digits(month, MONTH) | (d1 > 9) | (d2 > 9) {
            return None;
        }
        let [y1, y2, y3, y4, _, m1, m2, _] = (month ^ MONTH).to_le_bytes().map(u32::from);
        let year = (y1 * 10 + y2) * 100 + y3 * 10 + y4;
        Self::from_ymd(year as i32, m1 * 10 + m2, u32::from(d1 * 10 + d2))
    }

    /// Days that programs write for an unknown date: for example the first or last day of their range, or the day from which they count.
    pub const PLACEHOLDERS: [&str; 20] = [
        "0001-01-01",
        "1601-01-01",
        "1753-01-01",
        "1800-01-01",
        "1840-12-31",
        "1858-11-17",
        "1899-12-30",
        "1899-12-31",
        "1900-01-01",
        "1901-01-01",
        "1904-01-01",
        "1960-01-01",
        "1969-12-31",
        "1970-01-01",
        "2038-01-19",
        "2079-06-06",
        "2099-12-31",
        "2262-04-11",
        "2999-12-31",
        "9999-12-31",
    ];

    /// Returns whether programs write the day for an unknown date.
    pub fn is_placeholder(self) -> bool {
        !(NaiveDate::from_ymd_opt(1971, 1, 1)..=NaiveDate::from_ymd_opt(2037, 12, 31))
            .contains(&Some(self.to_naive_date()))
            && Self::PLACEHOLDERS.contains(&&*self.to_string())
    }

    /// Returns the day that is `days` days after 1970-01-01.
    pub const fn from_epoch(days: i32) -> Self {
        Self(days)
    }

    /// Returns the day that is `days` days later; earlier if the number is negative.
    pub fn add_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Returns the number of days from another day to this day; negative if this day is earlier.
    pub fn days_since(self, other: Self) -> i32 {
        self.0.saturating_sub(other.0)
    }

    /// Returns the day as a `chrono` date.
    pub fn to_naive_date(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0 + EPOCH_FROM_CE).unwrap_or(NaiveDate::MAX)
    }
}

/// 1970-01-01 in days from 0000-03-01.
const EPOCH_FROM_MARCH: i32 = 719_468;

/// 1970-01-01 in days of the common era.
const EPOCH_FROM_CE: i32 = 719_163;

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce() - EPOCH_FROM_CE)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_naive_date().fmt(f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The form of a year and month in a date, including the separator before the day.
const MONTH: u64 = u64::from_le_bytes(*b"0000-00-");

/// Returns whether eight bytes have a form: a decimal digit where the form has a zero, and the same byte everywhere else.
#[inline(always)]
pub fn all_digits(text: u64, form: u64) -> bool {
    let (each, high) = (u64::from_le_bytes([1; 8]), u64::from_le_bytes([0x80; 8]));
    // The difference may be at most 9 for a digit and 0 for any other byte. Adding 0x7F minus that limit sets the high bit of each byte
    // whose difference is larger. A byte that carries into the next has its high bit set anyway.
    let difference = text ^ form;
    let is_zero = !((form ^ u64::from_le_bytes(*b"00000000")) + each * 0x7F) & high;
    let missing = each * 0x7F - (is_zero >> 7) * 9;
    (difference.wrapping_add(missing) | difference) & high == 0
}

/// Parses a number that consists only of decimal digits: no sign, no space.
///
/// Callers make sure that the number fits in 32 bits.
#[inline]
pub fn number(digits: &[u8]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> String {
        Period::parse(text).map_or_else(|error| error.to_string(), |period| period.to_string())
    }

    /// Replaces each byte by every other byte: a day is read only if the text has the form.
    #[test]
    fn one_wrong_byte_is_no_day() {
        for text in ["2014-07-01", "2016-02-29", "2014-12-31"] {
            for place in 0..10 {
                for byte in 0..=u8::MAX {
                    let mut bytes = text.as_bytes().to_vec();
                    bytes[place] = byte;
                    let plain = bytes.iter().enumerate().all(|(at, byte)| match at {
                        4 | 7 => *byte == b'-',
                        _ => byte.is_ascii_digit(),
                    });
                    let read = std::str::from_utf8(&bytes).ok().filter(|_| plain);
                    let read = read.and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
                    let read = read.filter(|day| day.year() > 0);
                    assert_eq!(Day::parse(&bytes).map(Day::to_naive_date), read, "{bytes:?}");
                }
            }
        }
    }

    #[test]
    fn other_forms_are_known_and_not_taken() {
        for (text, meant) in [
            ("2014-Q3", "2014Q3"),
            ("Q3 2014", "2014Q3"),
            ("3q/2014", "2014Q3"),
            ("2014-7", "2014-07"),
            ("07/2014", "2014-07"),
            ("2014-07-01/2014-09-30", "2014-07-01..2014-09-30"),
            ("2014-07-01...2014-09-30", "2014-07-01..2014-09-30"),
            ("7/1/2014 to 9/30/2014", "2014-07-01..2014-09-30"),
            ("07/01/2014..09/30/2014", "2014-07-01..2014-09-30"),
        ] {
            assert!(span(text).ends_with(&format!("; did you mean {meant}?")), "{text}: {}", span(text));
        }
        for text in ["2014-07-01..", "2014Q7", "13/2014", "30/09/2014..31/10/2014", "july", "1 2 3 4"] {
            assert!(!span(text).contains("did you mean"), "{text}: {}", span(text));
        }
    }

    #[test]
    fn every_form_names_whole_days() {
        assert_eq!(span("2014-07-01..2014-09-30"), "2014-07-01 to 2014-09-30");
        assert_eq!(span("2014Q3"), "2014-07-01 to 2014-09-30");
        assert_eq!(span("2014Q4"), "2014-10-01 to 2014-12-31");
        assert_eq!(span("2016-02"), "2016-02-01 to 2016-02-29");
        assert_eq!(span("2014"), "2014-01-01 to 2014-12-31");
        assert_eq!(span("2014-07-01..2014-07-01"), "2014-07-01 to 2014-07-01");
    }

    #[test]
    fn what_is_no_period_is_refused_with_the_remedy() {
        for text in [
            "",
            "14",
            "2014Q5",
            "2014-13",
            "2014-7",
            "2014-07-01",
            "20x4",
            "+201",
            "0000",
            "july",
            "２０１４",
        ] {
            assert!(span(text).contains("write 2014-07-01..2014-09-30"), "{text}: {}", span(text));
        }
        assert!(span("2014-02-29..2014-03-01").contains("`2014-02-29` is not a day"));
        assert!(span("2014-09-30..2014-07-01").contains("write the earlier day first"));
    }

    #[test]
    fn every_day_of_the_calendar_has_the_number_that_chrono_gives_it() {
        for year in 1..=9999 {
            for month in 0..=13 {
                for day in 0..=32 {
                    let judge = NaiveDate::from_ymd_opt(year, month, day).map(Day::from);
                    assert_eq!(Day::from_ymd(year, month, day), judge, "{year}-{month}-{day}");
                }
            }
        }
    }

    /// Tries any two bytes in place of the day, also with a wrong digit in the month before them.
    #[test]
    fn two_wrong_signs_make_no_day() {
        for (tens, ones) in (0..=u8::MAX).flat_map(|tens| (0..=u8::MAX).map(move |ones| (tens, ones))) {
            let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
            let day = u32::from(tens.wrapping_sub(b'0')) * 10 + u32::from(ones.wrapping_sub(b'0'));
            let expected = if digits { Day::from_ymd(2014, 7, day) } else { None };
            let text = |month: &[u8]| [month, &[tens, ones]].concat();
            assert_eq!(Day::parse(&text(b"2014-07-")), expected, "{tens} {ones}");
            assert_eq!(Day::parse(&text(b"2014-0x-")), None, "{tens} {ones}");
        }
    }

    #[test]
    fn a_day_keeps_its_number() {
        assert_eq!(Day::parse(b"1970-01-01"), Some(Day(0)));
        assert_eq!(Day::parse(b"2014-07-01").map(|day| day.to_string()).as_deref(), Some("2014-07-01"));
        assert_eq!(Day::parse(b"0000-01-01"), None);
    }
}
