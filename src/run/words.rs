//! Values of flags and of the configuration: their meaning, and the error for a value that is not valid.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{self, ErrorCode};
use mucalc_core::domain::period::Day;
use mucalc_core::domain::text::did_you_mean;

/// What a word means, or what is said where it is none of those that are known; `what` is for example `a format of sweep`.
///
/// # Errors
/// When it is none of them.
pub fn meaning_of<T>(
    what: &str,
    word: &str,
    known: &[&str],
    parse: impl Fn(&str) -> Option<T>,
) -> anyhow::Result<T> {
    parse(word).ok_or_else(|| unknown_word(what, word, known))
}

/// The day that somebody wrote, for what.
///
/// # Errors
/// When it is none.
pub fn day(cause: ErrorCode, what: &str, text: &str) -> anyhow::Result<Day> {
    Day::parse(text.trim().as_bytes()).ok_or_else(|| {
        let message = format!(
            "{what}: `{text}` is not a day of the calendar; write it as YYYY-MM-DD, such as 2014-08-22"
        );
        error::usage(cause, message)
    })
}

/// Returns the current day, in UTC.
pub fn today() -> Day {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Day::from_epoch((seconds / 86_400) as i32)
}

/// What is said of a word that is none of those that are known.
pub fn unknown_word(what: &str, word: &str, known: &[&str]) -> anyhow::Error {
    let hint = did_you_mean(word, known.iter().copied());
    error::usage(ErrorCode::Choice, format!("`{word}` is not {what}; it has {}{hint}", known.join(", ")))
}
