//! The door: what a cell says, in our words. After it nothing is null.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::domain::finding::Code;
use crate::domain::period::Day;
use crate::layout::{Dictionary, Word};
use crate::read::date::{DateError, local_day};
use crate::read::error::Reason;
use crate::read::memo::Memo;
use crate::read::notes::Notes;
use crate::read::stream::{Row, Stop};

/// The id in a column, trimmed; none where the cell is empty or the column absent.
#[inline]
pub fn id<'r>(row: &Row<'r>, column: Option<usize>) -> Result<Option<Cow<'r, [u8]>>, Stop> {
    let Some(column) = column else { return Ok(None) };
    let id = match row.plain(column) {
        Some(text) => Cow::Borrowed(trimmed(text)),
        None => Cow::Owned(trimmed(&row.text(column)?).to_vec()),
    };
    Ok(Some(id).filter(|id| !id.is_empty()))
}

/// The code of the word in a column; none where it is empty, absent, or no word of the list (then noted).
#[inline(always)]
pub fn word(
    row: &Row<'_>,
    column: Option<usize>,
    dictionary: &Dictionary,
    notes: &mut Notes,
) -> Result<Option<u16>, Stop> {
    let Some(column) = column else { return Ok(None) };
    match row.word(column, dictionary)? {
        Word::Known(code) => Ok(Some(code)),
        Word::Empty => Ok(None),
        Word::Unlisted => {
            unlisted(row, column, notes);
            Ok(None)
        }
    }
}

/// What the columns with words say, from the memory of a thread if they are neighbours and have been met before.
#[inline(always)]
pub fn words<W: Copy>(
    row: &Row<'_>,
    columns: Option<(usize, usize)>,
    memory: &mut Memo<W>,
    notes: &mut Notes,
    read: impl Fn(&mut Notes) -> Result<W, Stop>,
) -> Result<W, Stop> {
    match columns.and_then(|(first, last)| row.run(first, last)) {
        Some((bytes, length)) => memory.get(bytes, length, || {
            let before = notes.count(Code::UnknownWord);
            let words = read(notes)?;
            // A row with a word that nobody knows is noted each time.
            Ok((words, notes.count(Code::UnknownWord) == before))
        }),
        None => read(notes),
    }
}

/// The local day in a column; none where it is empty, or cannot be read (noted).
pub fn day(row: &Row<'_>, column: usize, zone: Option<Tz>, notes: &mut Notes) -> Result<Option<Day>, Stop> {
    let quoted;
    let text = match row.plain(column) {
        Some(text) => trimmed(text),
        None => {
            quoted = row.text(column)?;
            trimmed(&quoted)
        }
    };
    if text.is_empty() {
        return Ok(None);
    }
    match local_day(text, zone) {
        Ok(day) => Ok(Some(day)),
        Err(DateError::Unreadable) => {
            notes.notice(Code::UnreadableDate, row.line.number(), Some(column));
            Ok(None)
        }
        Err(DateError::ZoneNeeded) => Err(row.error(column, Reason::ZoneNeeded)),
    }
}

/// UTF-8 without the white space around it.
#[inline]
fn trimmed(text: &[u8]) -> &[u8] {
    // Almost every cell begins and ends with a visible ASCII character.
    match text {
        [] => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => std::str::from_utf8(text).map_or(text, |text| text.trim().as_bytes()),
    }
}

#[cold]
fn unlisted(row: &Row<'_>, column: usize, notes: &mut Notes) {
    notes.notice(Code::UnknownWord, row.line.number(), Some(column));
}
