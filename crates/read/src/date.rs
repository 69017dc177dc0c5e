//! Converts the text of a date or time to the local calendar day.
//!
//! Accepted: `YYYY-MM-DD`, and `YYYY-MM-DD[T ]HH:MM[:SS[.fff...]]` with an optional zone, with or without blanks before it: `Z`, `UTC`,
//! `GMT`, `-04:00`, `-0400`, or `-04`, as databases write it. `24:00` is the last moment of its day, not the first of the next one. ISO
//! 8601 and VA FileMan define it that way, and the source system files the row under that day. Placeholders for an unknown day, such as
//! 1900-01-01, are rejected.

use chrono::{NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::month_cache::MonthCache;
use mucalc_core::domain::period::{Day, all_digits, number};
use mucalc_core::domain::versions::UpdatedAt;

/// Why a text has no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// The text has no accepted form, or the day or time does not exist.
    Unreadable,
    /// The time has a zone, and the practice time zone is unknown.
    ZoneNeeded,
}

/// The parsed text of a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Local day.
    pub day: Day,
    /// Whether a time with a zone is midnight in UTC and another day in the practice time zone; `None` if it has no zone.
    pub zoned: Option<bool>,
}

/// Returns the local day of a trimmed text. A time without a zone is local time of the practice.
///
/// # Errors
/// If the text cannot be read, or has a zone and `zone` is `None`.
pub fn local_day(text: &[u8], zone: Option<Tz>) -> Result<Day, DateError> {
    moment(text, zone).map(|moment| moment.day)
}

/// Parses a trimmed text. A time without a zone is local time of the practice.
///
/// # Errors
/// If the text cannot be read, or has a zone and `zone` is `None`.
pub fn moment(text: &[u8], zone: Option<Tz>) -> Result<Moment, DateError> {
    let (date, time) = text.split_at_checked(10).ok_or(DateError::Unreadable)?;
    let day = Day::parse(date).filter(|day| !day.is_placeholder()).ok_or(DateError::Unreadable)?;
    let local = Moment { day, zoned: None };
    match time {
        [] => Ok(local),
        [b'T' | b' ', time @ ..] => {
            let (time, offset) = clock(time).ok_or(DateError::Unreadable)?;
            match (offset, zone) {
                (None, _) => Ok(local),
                (Some(_), None) => Err(DateError::ZoneNeeded),
                (Some(offset), Some(zone)) => in_zone(day, time, offset, zone).ok_or(DateError::Unreadable),
            }
        }
        _ => Err(DateError::Unreadable),
    }
}

/// Parses a trimmed text as the moment at which a row was last changed. `None` if it cannot be read.
pub fn updated_at(text: &[u8]) -> Option<UpdatedAt> {
    let (date, time) = text.split_at_checked(10)?;
    let date = Day::parse(date)?.to_naive_date();
    match time {
        [] => Some(UpdatedAt::Day(date)),
        [b'T' | b' ', time @ ..] => match clock(time)? {
            (time, None) => Some(UpdatedAt::Local(date.and_time(time))),
            (time, Some(ahead)) => date.and_time(time).checked_sub_signed(ahead).map(UpdatedAt::Utc),
        },
        _ => None,
    }
}

/// Returns the day of a local time to the second, `YYYY-MM-DDTHH:MM:SS`, the form that most exports have. `None` if the text has another
/// form, or the time does not exist.
#[inline(always)]
pub fn parse_local_day(text: &[u8], months: &mut MonthCache) -> Option<Day> {
    let text: &[u8; 19] = text.try_into().ok()?;
    let (date, separator) = (text.first_chunk()?, text[10]);
    let time = u64::from_le_bytes(*text.last_chunk()?);
    if !matches!(separator, b'T' | b' ') || !all_digits(time, TIME) {
        return None;
    }
    let [h1, h2, _, m1, _, _, s1, _] = (time ^ TIME).to_le_bytes();
    // The tens digit of minutes and seconds is below 6.
    if (h1 * 10 + h2 <= 23) & (m1 <= 5) & (s1 <= 5) { months.day(date) } else { None }
}

/// The form of a time. XOR with it leaves the value of each digit.
const TIME: u64 = u64::from_le_bytes(*b"00:00:00");

/// Parses a time of day, and how far its zone is ahead of UTC if it has one.
fn clock(text: &[u8]) -> Option<(NaiveTime, Option<TimeDelta>)> {
    let (hour, minute, rest) = match text {
        [h1, h2, b':', m1, m2, rest @ ..] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?, rest),
        _ => return None,
    };
    let (second, nanosecond, rest) = match rest {
        [b':', s1, s2, rest @ ..] => {
            let (nanosecond, rest) = fraction(rest)?;
            (number(&[*s1, *s2])?, nanosecond, rest)
        }
        _ => (0, 0, rest),
    };
    let time = match (hour, minute, second, nanosecond) {
        (24, 0, 0, 0) => NaiveTime::from_hms_opt(23, 59, 59)?,
        _ => NaiveTime::from_hms_nano_opt(hour, minute, second, nanosecond)?,
    };
    Some((time, offset(rest)?))
}

/// Parses how far the zone after a time is ahead of UTC; `Some(None)` if the text is empty.
fn offset(text: &[u8]) -> Option<Option<TimeDelta>> {
    let (sign, hours, minutes) = match text.trim_ascii_start() {
        // A trimmed text does not end with a blank, so blanks without a zone cannot be read.
        [] if text.is_empty() => return Some(None),
        b"Z" | b"UTC" | b"GMT" => return Some(Some(TimeDelta::zero())),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] | [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            (*sign, number(&[*h1, *h2])?, number(&[*m1, *m2])?)
        }
        [sign @ (b'+' | b'-'), h1, h2] => (*sign, number(&[*h1, *h2])?, 0),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let ahead = TimeDelta::minutes(i64::from(hours * 60 + minutes));
    Some(Some(if sign == b'-' { -ahead } else { ahead }))
}

/// Parses the decimal fraction of a second, if present, as nanoseconds, and returns the rest of the text. Rounds a fraction below a
/// nanosecond up to one.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let Some((b'.', rest)) = text.split_first() else {
        return Some((0, text));
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, rest) = rest.split_at(digits);
    let digit = |at: usize| u32::from(fraction.get(at).map_or(0, |digit| digit - b'0'));
    let nanoseconds = (0..9).fold(0, |sum, at| sum * 10 + digit(at));
    let is_less = nanoseconds == 0 && fraction.iter().any(|digit| *digit != b'0');
    (digits > 0).then_some((nanoseconds + u32::from(is_less), rest))
}

fn in_zone(day: Day, time: NaiveTime, ahead: TimeDelta, zone: Tz) -> Option<Moment> {
    let utc = NaiveDateTime::new(day.to_naive_date(), time).checked_sub_signed(ahead)?;
    let local = zone.from_utc_datetime(&utc).date_naive();
    let at_midnight = utc.time() == NaiveTime::MIN && utc.date() != local;
    Some(Moment { day: Day::from(local), zoned: Some(at_midnight) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local_day_text(text: &str, zone: Option<&str>) -> String {
        let zone = zone.map(|zone| zone.parse().expect("a zone"));
        local_day(text.as_bytes(), zone).map_or_else(|error| format!("{error:?}"), |day| day.to_string())
    }

    #[test]
    fn accepted_forms_give_the_local_day() {
        let new_york = Some("America/New_York");
        for (text, zone, day) in [
            ("2014-07-01", None, "2014-07-01"),
            ("2014-07-01T23:59:59", None, "2014-07-01"),
            ("2014-07-01 00:00", None, "2014-07-01"),
            ("2014-07-01T10:11:12.3151696", None, "2014-07-01"),
            // 03:30 UTC in summer and 04:30 UTC in winter are 23:30 of the previous day in New York (B14).
            ("2014-10-01T03:30:00Z", new_york, "2014-09-30"),
            ("2014-12-01T04:30:00Z", new_york, "2014-11-30"),
            ("2014-10-01T03:59:59.9999999+00:00", new_york, "2014-09-30"),
            ("2014-10-01T04:00:00Z", new_york, "2014-10-01"),
            ("2014-09-30T23:30-0400", new_york, "2014-09-30"),
            ("2014-09-30T23:30-04:00", Some("UTC"), "2014-10-01"),
            // Zones as databases write them: PostgreSQL and DuckDB, SQL Server, Oracle, Python.
            ("2014-10-01 03:30:00+00", new_york, "2014-09-30"),
            ("2014-10-01 03:30:00.5+00", new_york, "2014-09-30"),
            ("2014-10-01 03:30:00 UTC", new_york, "2014-09-30"),
            ("2014-10-01 03:30 GMT", new_york, "2014-09-30"),
            ("2014-10-01 03:30:00 Z", new_york, "2014-09-30"),
            ("2014-10-01 03:30:00 +0000", new_york, "2014-09-30"),
            ("2014-09-30 23:30:00.0000000 -04:00", new_york, "2014-09-30"),
            ("2014-10-01 00:30:00 -0400", Some("America/Chicago"), "2014-09-30"),
            ("2014-10-01 00:30:00-04", Some("America/Chicago"), "2014-09-30"),
            // The largest difference that is one, in both directions.
            ("2014-10-01 12:00:00+23:59", Some("UTC"), "2014-09-30"),
            ("2014-10-01 12:00:00-23:59", Some("UTC"), "2014-10-02"),
            // The last moment of the day.
            ("2014-09-30T24:00", None, "2014-09-30"),
            ("2014-09-30 24:00:00.000", None, "2014-09-30"),
            ("2014-09-30T24:00-04:00", new_york, "2014-09-30"),
            ("2014-09-30T24:00Z", new_york, "2014-09-30"),
            // The hour that clocks show twice, and the hour that they skip.
            ("2014-11-02T05:30:00Z", new_york, "2014-11-02"),
            ("2014-03-09 02:30:00", new_york, "2014-03-09"),
            ("2016-02-29", None, "2016-02-29"),
        ] {
            assert_eq!(local_day_text(text, zone), day, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed() {
        for text in [
            "2014-7-1",
            "07/01/2014",
            "2014-02-29",
            "2014-13-01",
            "0000-00-00",
            "0000-01-01",
            "2014-07-01T",
            "2014-07-01T24:01",
            "2014-07-01T24:00:01",
            "2014-07-01T24:00:00.5",
            "2014-07-01T25:00",
            "2014-07-01T10:60",
            "2014-07-01T10:00:60",
            "2014-07-01T10",
            "2014-07-01T10:00:00.",
            "2014-07-01t10:00",
            "2014-07-01T10:00z",
            "2014-07-01T10:00+4",
            "2014-07-01T10:00+24:00",
            "2014-07-01 10:00 utc",
            "2014-07-01 10:00 EDT",
            "2014-07-01 10:00 UTC+1",
            "2014-07-01 10:00 - 0400",
            "2014-07-01 10:00 +",
            "2014-07-01 UTC",
            "2014-07-01 +00",
            "20140701",
            "2014-07-01x",
            "２０１４-07-01",
            "2014-07-01T10:00:00,5",
            "+014-07-01",
        ] {
            assert_eq!(local_day_text(text, None), "Unreadable", "{text}");
        }
    }

    #[test]
    fn midnight_in_utc_is_told_where_it_is_another_day_here() {
        for (text, zone, at_midnight) in [
            ("2014-07-01T00:00:00Z", "America/Chicago", Some(true)),
            ("2014-07-01 00:00:00.000+00", "America/Chicago", Some(true)),
            ("2014-06-30T19:00-05:00", "America/Chicago", Some(true)),
            ("2014-07-01T00:00:00-05:00", "America/Chicago", Some(false)),
            ("2014-07-01T00:00:00.001Z", "America/Chicago", Some(false)),
            // The day is the same in UTC and locally.
            ("2014-07-01T00:00:00Z", "UTC", Some(false)),
            ("2014-07-01T00:00:00Z", "Europe/Berlin", Some(false)),
            ("2014-07-01T00:00:00", "America/Chicago", None),
            ("2014-07-01", "America/Chicago", None),
        ] {
            let read = moment(text.as_bytes(), zone.parse().ok());
            assert_eq!(read.map(|moment| moment.zoned), Ok(at_midnight), "{text} in {zone}");
        }
    }

    #[test]
    fn a_zone_asks_for_the_zone_of_the_practice() {
        for text in
            ["2014-07-01T10:00Z", "2014-07-01 10:00+00", "2014-07-01 10:00 UTC", "2014-07-01 24:00 -0400"]
        {
            assert_eq!(local_day_text(text, None), "ZoneNeeded", "{text}");
        }
        assert_eq!(local_day_text("2014-07-01T25:00Z", None), "Unreadable");
    }
}
