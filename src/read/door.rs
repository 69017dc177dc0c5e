//! The door: what a cell says, in our words. After it nothing is null.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::domain::finding::Code;
use crate::domain::period::Day;
use crate::layout::{Dictionary, Word};
use crate::read::date::{DateError, local_day};
use crate::read::error::{InputError, Reason};
use crate::read::notes::Notes;
use crate::read::stream::Row;

/// The id in a column, trimmed; none where the cell is empty or the column absent.
pub fn id<'r>(row: &Row<'r>, column: Option<usize>) -> Result<Option<Cow<'r, str>>, InputError> {
    let Some(column) = column else { return Ok(None) };
    let id = match row.text(column)? {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    Ok(Some(id).filter(|id| !id.is_empty()))
}

/// The code of the word in a column; none where it is empty, absent, or no word of the list (then noted).
pub fn word(
    row: &Row<'_>,
    column: Option<usize>,
    dictionary: &Dictionary,
    notes: &mut Notes,
) -> Result<Option<u16>, InputError> {
    let Some(column) = column else { return Ok(None) };
    match dictionary.look_up(&row.text(column)?) {
        Word::Known(code) => Ok(Some(code)),
        Word::Empty => Ok(None),
        Word::Unlisted => {
            notes.notice(Code::UnknownWord, row.line, Some(column));
            Ok(None)
        }
    }
}

/// The local day in a column; none where it is empty, or cannot be read (noted).
pub fn day(
    row: &Row<'_>,
    column: usize,
    zone: Option<Tz>,
    notes: &mut Notes,
) -> Result<Option<Day>, InputError> {
    let text = row.text(column)?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match local_day(text.as_bytes(), zone) {
        Ok(day) => Ok(Some(day)),
        Err(DateError::Unreadable) => {
            notes.notice(Code::UnreadableDate, row.line, Some(column));
            Ok(None)
        }
        Err(DateError::ZoneNeeded) => Err(row.error(column, Reason::ZoneNeeded)),
    }
}
