//! The current day, and the error for an unknown value.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{self, ErrorCode};
use mucalc_core::domain::period::Day;
use mucalc_core::domain::text::did_you_mean;

/// Returns the current day, in UTC.
pub fn today() -> Day {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Day::from_epoch((seconds / 86_400) as i32)
}

/// Returns the error for an unknown value, with the valid values and the closest match.
pub fn unknown_word(what: &str, word: &str, known: &[&str]) -> anyhow::Error {
    let hint = did_you_mean(word, known.iter().copied());
    error::usage(ErrorCode::Choice, format!("`{word}` is not {what}; it has {}{hint}", known.join(", ")))
}
