//! A parsed day matches its text, or the calendar library if the text has a time zone. Date formats of layouts read what they write.

#![no_main]

use std::cell::RefCell;

use chrono::DateTime;
use chrono_tz::America::Chicago;
use libfuzzer_sys::fuzz_target;
use mucalc_core::domain::period::Period;
use mucalc_read::date::{DateError, local_day, parse_local_day};
use mucalc_read::layout::datetime_format::{DateTimeFormat, to_iso};
use mucalc_read::month_cache::MonthCache;

thread_local! {
    /// The month cache of all inputs so far, which must not affect any later input.
    static MONTHS: RefCell<MonthCache> = RefCell::default();
}

fuzz_target!(|input: &str| {
    // A date, a line feed, and a date format of a layout.
    let (text, form) = input.split_once('\n').unwrap_or((input, ""));
    let _ = Period::parse(text);
    let (bare, zoned) = (local_day(text.as_bytes(), None), local_day(text.as_bytes(), Some(Chicago)));
    match bare {
        // If the text has no time zone, the day is that of the text, wherever the practice is.
        Ok(day) => {
            assert_eq!(day.to_string(), text[..10]);
            assert_eq!(zoned, bare);
        }
        Err(DateError::Unreadable) => assert_eq!(zoned, bare),
        Err(DateError::ZoneNeeded) => {
            let judged =
                calendar_time(text).map(|moment| moment.with_timezone(&Chicago).date_naive().to_string());
            assert_eq!(zoned.ok().map(|day| day.to_string()), judged);
        }
    }
    for _ in ["now", "and when its month is known"] {
        if let Some(day) = MONTHS.with_borrow_mut(|months| parse_local_day(text.as_bytes(), months)) {
            assert_eq!(bare, Ok(day));
        }
    }
    if let Ok(form) = DateTimeFormat::parse(form)
        && let Some((moment, told)) = form.read(text)
    {
        // The value that a format reads is passed on as text, which must be readable and have the same meaning.
        let handed = to_iso(moment, told);
        if let Ok(day) = local_day(handed.as_bytes(), None) {
            assert_eq!(day.to_string(), handed[..10]);
        }
    }
});

/// Parses a time with a zone by the calendar library, after rewriting it in the one form that the library accepts.
fn calendar_time(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    let text = format!("{}T{}", text.get(..10)?, text.get(11..)?);
    let (clock, zone) = match ["Z", "UTC", "GMT"].into_iter().find_map(|name| text.strip_suffix(name)) {
        Some(clock) => (clock, "+00:00".to_owned()),
        None => {
            let (clock, zone) = text.split_at(10 + text[10..].find(['+', '-'])?);
            let digits = zone[1..].replace(':', "");
            let minutes = digits.get(2..).filter(|minutes| !minutes.is_empty()).unwrap_or("00");
            (clock, format!("{}{}:{minutes}", &zone[..1], digits.get(..2)?))
        }
    };
    let clock = clock.trim_end();
    let seconds = if clock.len() == 16 { ":00" } else { "" };
    // Fractional digits that the library does not accept do not change the day.
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    // The last moment of the day.
    let clock = format!("{clock}{seconds}").replace("T24:00:00", "T23:59:59");
    DateTime::parse_from_str(&format!("{clock}{zone}"), "%Y-%m-%dT%H:%M:%S%:z").ok()
}
