//! Parses days and times in the formats that a layout declares, and writes them as `YYYY-MM-DDTHH:MM:SS`.

use chrono::{LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// A format of days and times, such as `M/D/YYYY h:mm:ss A`.
///
/// Letters: `YYYY`, `YY`, `MM`, `M`, `MMM` (Jan), `MMMM` (January), `ddd` (Mon), `DD`, `D`, `HH`, `H`, `hh`, `h` (12-hour clock), `mm`, `ss`, `SSS` (a fraction of 1 to 9
/// digits), `A` (AM or PM), `ZZ` (the offset from UTC, such as `-0400`, `-04:00`, or `Z`). Two letters require two digits, and one letter accepts one or two. Any other character is literal.
///
/// `serial` is Excel's number of days. `epoch` is seconds and `epoch-ms` milliseconds since 1970 in UTC. `fileman` is the form in which VA
/// FileMan writes days and times, such as `3140701.0930`. 24:00 is read as the last second of its day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateTimeFormat {
    parts: Vec<FormatPart>,
}

/// An element of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatPart {
    /// A four-digit year.
    Year4,
    /// A two-digit year.
    Year2,
    /// A month number.
    Month(DigitCount),
    /// A three-letter month name.
    MonthName,
    /// A month name in full.
    LongMonthName,
    /// A three-letter name of a day of the week, which is ignored.
    Weekday,
    /// A day of the month.
    Day(DigitCount),
    /// An hour on the 24-hour clock.
    Hour(DigitCount),
    /// An hour on the 12-hour clock.
    HourOf12(DigitCount),
    /// A minute, in two digits.
    Minute,
    /// A second, in two digits.
    Second,
    /// A fraction of a second, which is ignored.
    Fraction,
    /// AM or PM.
    HalfDay,
    /// The offset from UTC.
    Offset,
    /// A literal character.
    Text(char),
    /// Excel's number of days.
    Serial,
    /// Seconds since 1970, in UTC.
    Epoch,
    /// Milliseconds since 1970, in UTC.
    EpochMilliseconds,
    /// A day or time as VA FileMan writes it.
    Fileman,
}

/// The number of digits of a number in a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitCount {
    /// Two digits.
    Two,
    /// One or two digits, as many as the text has.
    OneOrTwo,
}

/// The meanings of letters in a format. Longer groups are tried first.
const LETTERS: [(&str, FormatPart); 19] = [
    ("YYYY", FormatPart::Year4),
    ("YY", FormatPart::Year2),
    ("MMMM", FormatPart::LongMonthName),
    ("MMM", FormatPart::MonthName),
    ("ddd", FormatPart::Weekday),
    ("MM", FormatPart::Month(DigitCount::Two)),
    ("M", FormatPart::Month(DigitCount::OneOrTwo)),
    ("DD", FormatPart::Day(DigitCount::Two)),
    ("D", FormatPart::Day(DigitCount::OneOrTwo)),
    ("HH", FormatPart::Hour(DigitCount::Two)),
    ("H", FormatPart::Hour(DigitCount::OneOrTwo)),
    ("hh", FormatPart::HourOf12(DigitCount::Two)),
    ("h", FormatPart::HourOf12(DigitCount::OneOrTwo)),
    ("mm", FormatPart::Minute),
    ("ss", FormatPart::Second),
    ("SSS", FormatPart::Fraction),
    ("ZZ", FormatPart::Offset),
    ("A", FormatPart::HalfDay),
    ("a", FormatPart::HalfDay),
];

/// Three-letter English month names in lower case.
pub const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// English month names in lower case.
pub const LONG_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Three-letter English names of the days of the week in lower case.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What a parsed text specifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Only a day, which has no time zone.
    Day,
    /// A local time.
    Time,
    /// A time in UTC.
    Utc,
}

impl DateTimeFormat {
    /// Parses a format.
    ///
    /// # Errors
    /// If it does not contain exactly one year, one month, and one day.
    pub fn parse(text: &str) -> Result<Self, String> {
        let alone = match text {
            "serial" => Some(FormatPart::Serial),
            "epoch" => Some(FormatPart::Epoch),
            "epoch-ms" => Some(FormatPart::EpochMilliseconds),
            "fileman" => Some(FormatPart::Fileman),
            _ => None,
        };
        if let Some(part) = alone {
            return Ok(Self { parts: vec![part] });
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (letters, part) = LETTERS
                .into_iter()
                .find(|(letters, _)| rest.starts_with(letters))
                .map_or((first.len_utf8(), FormatPart::Text(first)), |(letters, part)| (letters.len(), part));
            parts.push(part);
            rest = &rest[letters..];
        }
        let has = |wanted: fn(&FormatPart) -> bool| parts.iter().filter(|part| wanted(part)).count() == 1;
        let whole = has(|part| matches!(part, FormatPart::Year4 | FormatPart::Year2))
            && has(|part| {
                matches!(part, FormatPart::Month(_) | FormatPart::MonthName | FormatPart::LongMonthName)
            })
            && has(|part| matches!(part, FormatPart::Day(_)));
        if whole {
            Ok(Self { parts })
        } else {
            Err(format!(
                "`{text}` is no form of a date: it needs a year, a month and a day, such as `M/D/YYYY`"
            ))
        }
    }

    /// Returns the elements of the format.
    pub fn parts(&self) -> &[FormatPart] {
        &self.parts
    }

    /// Parses a text in this format. Returns the moment and its precision, or `None` if the text does not match.
    pub fn read(&self, text: &str) -> Option<(NaiveDateTime, Precision)> {
        match self.parts.as_slice() {
            [FormatPart::Serial] => serial(text)
                .map(|moment| (moment, if text.contains('.') { Precision::Time } else { Precision::Day })),
            [FormatPart::Epoch] => Utc
                .timestamp_opt(text.parse().ok()?, 0)
                .single()
                .map(|time| (time.naive_utc(), Precision::Utc)),
            [FormatPart::EpochMilliseconds] => Utc
                .timestamp_millis_opt(text.parse().ok()?)
                .single()
                .map(|time| (time.naive_utc(), Precision::Utc)),
            [FormatPart::Fileman] => {
                let text = &*in_digits(text);
                fileman(text)
                    .map(|moment| (moment, if text.contains('.') { Precision::Time } else { Precision::Day }))
            }
            parts => {
                let has_hour =
                    parts.iter().any(|part| matches!(part, FormatPart::Hour(_) | FormatPart::HourOf12(_)));
                let has_offset = parts.contains(&FormatPart::Offset);
                let told = match (has_hour, has_offset) {
                    (true, true) => Precision::Utc,
                    (true, false) => Precision::Time,
                    (false, _) => Precision::Day,
                };
                read(parts, text).map(|moment| (moment, told))
            }
        }
    }
}

fn read(parts: &[FormatPart], text: &str) -> Option<NaiveDateTime> {
    let mut rest = text;
    let (mut year, mut month, mut day) = (0, 0, 0);
    let (mut hour, mut minute, mut second, mut afternoon) = (0, 0, 0, None);
    let mut offset = 0;
    for part in parts {
        match part {
            FormatPart::Year4 => year = digits(&mut rest, 4, 4)?,
            // As in spreadsheets: 69 is 1969, and 68 is 2068.
            FormatPart::Year2 => {
                let short = digits(&mut rest, 2, 2)?;
                year = if short < 69 { 2000 + short } else { 1900 + short };
            }
            FormatPart::Month(how) => month = numbers(&mut rest, *how)?,
            FormatPart::MonthName => {
                let name = rest.get(..3)?.to_ascii_lowercase();
                month = MONTHS.iter().position(|known| *known == name)? as u32 + 1;
                rest = &rest[3..];
            }
            FormatPart::LongMonthName => {
                let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
                let name = rest[..letters].to_ascii_lowercase();
                month = LONG_MONTHS.iter().position(|known| *known == name)? as u32 + 1;
                rest = &rest[letters..];
            }
            FormatPart::Weekday => {
                let name = rest.get(..3)?.to_ascii_lowercase();
                WEEKDAYS.contains(&name.as_str()).then_some(())?;
                rest = &rest[3..];
            }
            FormatPart::Day(how) => day = numbers(&mut rest, *how)?,
            FormatPart::Hour(how) => hour = numbers(&mut rest, *how)?,
            FormatPart::HourOf12(how) => {
                hour = numbers(&mut rest, *how).filter(|hour| (1..=12).contains(hour))? % 12;
                afternoon = afternoon.or(Some(false));
            }
            FormatPart::Minute => minute = digits(&mut rest, 2, 2)?,
            FormatPart::Second => second = digits(&mut rest, 2, 2)?,
            FormatPart::Fraction => {
                digits(&mut rest, 1, 9)?;
            }
            FormatPart::HalfDay => {
                afternoon = Some(match rest.get(..2)?.to_ascii_lowercase().as_str() {
                    "am" => false,
                    "pm" => true,
                    _ => return None,
                });
                rest = &rest[2..];
            }
            FormatPart::Offset => offset = minutes_of_offset(&mut rest)?,
            FormatPart::Text(wanted) => rest = rest.strip_prefix(*wanted)?,
            FormatPart::Serial | FormatPart::Epoch | FormatPart::EpochMilliseconds | FormatPart::Fileman => {
                return None;
            }
        }
    }
    // 24:00 exists only on clocks without AM and PM.
    let hour = match afternoon {
        Some(true) => Some(hour + 12).filter(|hour| *hour < 24)?,
        Some(false) | None => hour,
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok().filter(|year| *year > 0)?, month, day)?;
    let local = time_of_day(date, hour, minute, second).filter(|_| rest.is_empty())?;
    local.checked_sub_signed(chrono::TimeDelta::minutes(offset))
}

/// Takes an offset from UTC: `Z`, or a sign, two digits of hours, and two of minutes, with or without a colon. Returns it in minutes.
fn minutes_of_offset(rest: &mut &str) -> Option<i64> {
    if let Some(behind) = rest.strip_prefix(['Z', 'z']) {
        *rest = behind;
        return Some(0);
    }
    let sign = if rest.starts_with('-') { -1 } else { 1 };
    *rest = rest.strip_prefix(['+', '-'])?;
    let hours = digits(rest, 2, 2).filter(|hours| *hours < 24)?;
    *rest = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = digits(rest, 2, 2).filter(|minutes| *minutes < 60)?;
    Some(sign * i64::from(hours * 60 + minutes))
}

/// Returns a time of a day. 24:00 is the last second of that day, because the source files it under that day and not under the next.
fn time_of_day(day: NaiveDate, hour: u32, minute: u32, second: u32) -> Option<NaiveDateTime> {
    match (hour, minute, second) {
        (24, 0, 0) => day.and_hms_opt(23, 59, 59),
        _ => day.and_hms_opt(hour, minute, second),
    }
}

fn numbers(rest: &mut &str, how: DigitCount) -> Option<u32> {
    match how {
        DigitCount::Two => digits(rest, 2, 2),
        DigitCount::OneOrTwo => digits(rest, 1, 2),
    }
}

/// Takes as many decimal digits as the text has, at least `least` and at most `most`.
fn digits(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, behind) = rest.split_at(count);
    *rest = behind;
    if count < least { None } else { number.parse().ok() }
}

/// Parses Excel's number of days since 1899-12-30, with the time of day as the fraction.
fn serial(text: &str) -> Option<NaiveDateTime> {
    let days: f64 = text.parse().ok()?;
    // Excel counts February 29, 1900, which did not exist, so numbers below 61 differ. No export is that old.
    if !(61.0..2_958_466.0).contains(&days) {
        return None;
    }
    let seconds = (days * 86_400.0).round() as i64;
    NaiveDate::from_ymd_opt(1899, 12, 30)?
        .and_hms_opt(0, 0, 0)?
        .checked_add_signed(chrono::TimeDelta::seconds(seconds))
}

/// Returns a number in plain digits. Workbooks supply a number with a fraction in scientific notation.
fn in_digits(text: &str) -> std::borrow::Cow<'_, str> {
    match text.parse::<f64>() {
        Ok(value) if text.contains("e+") => value.to_string().into(),
        _ => text.into(),
    }
}

/// Parses a FileMan time such as `3140701.0930`: the year minus 1700, the month, the day, and the time without trailing zeros.
fn fileman(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once('.').unwrap_or((text, ""));
    if date.len() != 7
        || time.len() > 6
        || !date.bytes().chain(time.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let time = format!("{time:0<6}");
    let number = |text: &str| text.parse::<u32>().ok();
    let day = NaiveDate::from_ymd_opt(
        number(&date[..3])? as i32 + 1700,
        number(&date[3..5])?,
        number(&date[5..])?,
    )?;
    time_of_day(day, number(&time[..2])?, number(&time[2..4])?, number(&time[4..])?)
}

/// Writes a day or time in the form that `normalize` parses.
pub fn to_iso(moment: NaiveDateTime, told: Precision) -> String {
    let form = match told {
        Precision::Day => "%Y-%m-%d",
        Precision::Time => "%Y-%m-%dT%H:%M:%S",
        Precision::Utc => "%Y-%m-%dT%H:%M:%SZ",
    };
    moment.format(form).to_string()
}

/// Converts a local time to UTC. If the time occurs twice, uses the first. Returns `None` if the clocks skip it.
pub fn to_utc(moment: NaiveDateTime, zone: Tz) -> Option<NaiveDateTime> {
    match zone.from_local_datetime(&moment) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.naive_utc()),
        LocalResult::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed_text(form: &str, text: &str) -> String {
        let form = DateTimeFormat::parse(form).expect("a form");
        form.read(text).map_or_else(|| "-".to_owned(), |(moment, told)| to_iso(moment, told))
    }

    #[test]
    fn a_text_is_read_in_the_form_that_is_declared_and_in_no_other() {
        for (form, text, expected) in [
            ("M/D/YYYY h:mm:ss A", "7/1/2014 12:05:09 AM", "2014-07-01T00:05:09"),
            ("M/D/YYYY h:mm:ss A", "12/31/2014 12:00:00 PM", "2014-12-31T12:00:00"),
            ("M/D/YYYY h:mm:ss A", "7/1/2014 13:00:00 PM", "-"),
            ("M/D/YYYY h:mm:ss A", "7/1/2014", "-"),
            // The layout decides the order of day and month, even if only the other order is a valid date.
            ("M/D/YYYY", "13/1/2014", "-"),
            ("D/M/YYYY", "13/1/2014", "2014-01-13"),
            ("DD.MM.YYYY HH:mm", "01.07.2014 23:59", "2014-07-01T23:59:00"),
            ("DD.MM.YYYY", "1.7.2014", "-"),
            ("DD-MMM-YY", "01-JUL-14", "2014-07-01"),
            ("M/D/YYYY", "2/29/2014", "-"),
            ("YYYYMMDD", "20140701", "2014-07-01"),
            ("serial", "41821.5", "2014-07-01T12:00:00"),
            ("serial", "4.18215e+04", "2014-07-01T12:00:00"),
            ("serial", "12", "-"),
            ("epoch", "1404172800", "2014-07-01T00:00:00Z"),
            ("epoch-ms", "1404172800123", "2014-07-01T00:00:00Z"),
            ("fileman", "3140701", "2014-07-01"),
            ("fileman", "3140701.093", "2014-07-01T09:30:00"),
            ("fileman", "3.140701093e+06", "2014-07-01T09:30:00"),
            ("fileman", "3140732", "-"),
            // FileMan has no 00:00: midnight is the end of the day.
            ("fileman", "3140701.24", "2014-07-01T23:59:59"),
            ("fileman", "3140701.2400", "2014-07-01T23:59:59"),
            ("fileman", "3140701.2401", "-"),
            ("M/D/YYYY HH:mm", "7/1/2014 24:00", "2014-07-01T23:59:59"),
            ("M/D/YYYY HH:mm", "7/1/2014 24:01", "-"),
            ("M/D/YYYY h:mm A", "7/1/2014 12:00 AM", "2014-07-01T00:00:00"),
            ("MMMM D, YYYY", "July 5, 2014", "2014-07-05"),
            ("MMMM D, YYYY", "Jul 5, 2014", "-"),
            ("ddd M/D/YYYY", "Sat 7/5/2014", "2014-07-05"),
            ("ddd M/D/YYYY", "xyz 7/5/2014", "-"),
            // With an offset, the moment is in UTC.
            ("YYYYMMDDHHmmssZZ", "20140930230000-0400", "2014-10-01T03:00:00Z"),
            ("M/D/YYYY H:mm ZZ", "7/1/2014 1:00 +05:30", "2014-06-30T19:30:00Z"),
            ("YYYYMMDDHHmmZZ", "201407011200Z", "2014-07-01T12:00:00Z"),
            ("YYYYMMDDHHmmZZ", "201407011200", "-"),
            ("YYYYMMDDHHmmZZ", "201407011200-2500", "-"),
        ] {
            assert_eq!(parsed_text(form, text), expected, "{text} as {form}");
        }
    }

    #[test]
    fn a_form_has_year_month_and_day_once_each() {
        for form in ["YYYY", "HH:mm", "M/D", "YYYY-MM-MM", ""] {
            assert!(DateTimeFormat::parse(form).is_err(), "{form}");
        }
    }
}
