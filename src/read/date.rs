//! From the text of a date or time to the local calendar day.
//!
//! Accepted: `YYYY-MM-DD`, and `YYYY-MM-DD[T ]HH:MM[:SS[.fff...]]` with an optional `Z`, `-04:00` or `-0400`.

use chrono::{NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::domain::period::{Day, are_digits, number};
use crate::read::months::Months;

/// Why no day can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// The text is in no accepted form, or no such day or time exists.
    Unreadable,
    /// The time has a zone, and the practice's zone is not known.
    ZoneNeeded,
}

/// The local day of a trimmed text. A time without a zone is local time of the practice.
///
/// # Errors
/// When the text cannot be read, or has a zone while none is given for the practice.
pub fn local_day(text: &[u8], zone: Option<Tz>) -> Result<Day, DateError> {
    let (date, time) = text.split_at_checked(10).ok_or(DateError::Unreadable)?;
    let day = Day::parse(date).ok_or(DateError::Unreadable)?;
    match time {
        [] => Ok(day),
        [b'T' | b' ', time @ ..] => {
            let (time, offset) = clock(time).ok_or(DateError::Unreadable)?;
            match (offset, zone) {
                (None, _) => Ok(day),
                (Some(_), None) => Err(DateError::ZoneNeeded),
                (Some(offset), Some(zone)) => in_zone(day, time, offset, zone).ok_or(DateError::Unreadable),
            }
        }
        _ => Err(DateError::Unreadable),
    }
}

/// The day of a local time to the second, `YYYY-MM-DDTHH:MM:SS`, which is how most exports write it; none where the text
/// is not of that form, or there is no such time.
#[inline(always)]
pub fn local_second(text: &[u8], months: &mut Months) -> Option<Day> {
    let text: &[u8; 19] = text.try_into().ok()?;
    let (date, separator) = (text.first_chunk()?, text[10]);
    let time = u64::from_le_bytes(*text.last_chunk()?);
    if !matches!(separator, b'T' | b' ') || !are_digits(time, TIME) {
        return None;
    }
    let [h1, h2, _, m1, _, _, s1, _] = (time ^ TIME).to_le_bytes();
    // The tens of a minute and a second are below 6.
    if (h1 * 10 + h2 <= 23) & (m1 <= 5) & (s1 <= 5) { months.day(date) } else { None }
}

/// Of what form a time is.
const TIME: u64 = u64::from_le_bytes(*b"00:00:00");

/// The time of day, and how far its zone is ahead of UTC if it has one.
fn clock(text: &[u8]) -> Option<(NaiveTime, Option<TimeDelta>)> {
    let (hour, minute, rest) = match text {
        [h1, h2, b':', m1, m2, rest @ ..] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?, rest),
        _ => return None,
    };
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (number(&[*s1, *s2])?, fraction(rest)?),
        _ => (0, rest),
    };
    let time = NaiveTime::from_hms_opt(hour, minute, second)?;
    let offset = match rest {
        [] => None,
        [b'Z'] => Some(TimeDelta::zero()),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] | [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let ahead = TimeDelta::minutes(i64::from(hours * 60 + minutes));
            Some(if *sign == b'-' { -ahead } else { ahead })
        }
        _ => return None,
    };
    Some((time, offset))
}

/// What follows the decimal fraction of a second, if there is one.
fn fraction(text: &[u8]) -> Option<&[u8]> {
    let Some((b'.', rest)) = text.split_first() else {
        return Some(text);
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then_some(&rest[digits..])
}

fn in_zone(day: Day, time: NaiveTime, ahead: TimeDelta, zone: Tz) -> Option<Day> {
    let utc = NaiveDateTime::new(day.date(), time).checked_sub_signed(ahead)?;
    Some(Day::from(zone.from_utc_datetime(&utc).date_naive()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, zone: Option<&str>) -> String {
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
            // 03:30 UTC is 23:30 of the day before in New York, in summer and in winter (B14).
            ("2014-10-01T03:30:00Z", new_york, "2014-09-30"),
            ("2014-12-01T04:30:00Z", new_york, "2014-11-30"),
            ("2014-10-01T03:59:59.9999999+00:00", new_york, "2014-09-30"),
            ("2014-10-01T04:00:00Z", new_york, "2014-10-01"),
            ("2014-09-30T23:30-0400", new_york, "2014-09-30"),
            ("2014-09-30T23:30-04:00", Some("UTC"), "2014-10-01"),
            // The hour that the clock shows twice, and the one that it leaves out.
            ("2014-11-02T05:30:00Z", new_york, "2014-11-02"),
            ("2014-03-09 02:30:00", new_york, "2014-03-09"),
            ("2016-02-29", None, "2016-02-29"),
        ] {
            assert_eq!(told(text, zone), day, "{text}");
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
            "2014-07-01T24:00",
            "2014-07-01T10:60",
            "2014-07-01T10:00:60",
            "2014-07-01T10",
            "2014-07-01T10:00:00.",
            "2014-07-01t10:00",
            "2014-07-01T10:00z",
            "2014-07-01T10:00+4",
            "2014-07-01T10:00+24:00",
            "2014-07-01 10:00 -0400",
            "20140701",
            "2014-07-01x",
            "２０１４-07-01",
            "2014-07-01T10:00:00,5",
            "+014-07-01",
        ] {
            assert_eq!(told(text, None), "Unreadable", "{text}");
        }
    }

    #[test]
    fn a_zone_asks_for_the_zone_of_the_practice() {
        assert_eq!(told("2014-07-01T10:00Z", None), "ZoneNeeded");
        assert_eq!(told("2014-07-01T25:00Z", None), "Unreadable");
    }
}
