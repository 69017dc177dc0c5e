//! The door: what a cell says, in our words. After it nothing is null.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::domain::finding::Code;
use crate::domain::period::Day;
use crate::layout::{Dictionary, Word};
use crate::read::date::{self, DateError, Moment, moment};
use crate::read::error::Reason;
use crate::read::memo::Memo;
use crate::read::months::Months;
use crate::read::notes::Notes;
use crate::read::stream::{Row, Stop};

/// The id in a column, trimmed; none where the cell is empty or the column absent.
#[inline(always)]
pub fn id<'r>(row: &Row<'r>, column: Option<usize>) -> Result<Option<Cow<'r, [u8]>>, Stop> {
    let Some(column) = column else { return Ok(None) };
    match row.plain(column) {
        Some(text) if is_trimmed(text) => Ok(Some(Cow::Borrowed(text))),
        _ => odd_id(*row, column),
    }
}

/// What most rows are: cells to be taken as they stand, not quoted, not to be trimmed, known to be UTF-8, and words met before.
pub struct Usual<'r, W> {
    /// The id of the patient.
    pub patient: &'r [u8],
    /// The id of the provider, if there is one.
    pub provider: Option<&'r [u8]>,
    /// What the words say.
    pub words: W,
}

/// These cells of a row; none where one has to be looked at more closely.
#[inline(always)]
pub fn usual<'r, W: Copy>(
    row: &Row<'r>,
    patient: Option<usize>,
    provider: Option<usize>,
    words: Option<(usize, usize)>,
    memory: &Memo<W>,
) -> Option<Usual<'r, W>> {
    let patient = plain_id(row, patient)??;
    let provider = plain_id(row, provider)?;
    let (first, last) = words?;
    let (bytes, length) = row.run(first, last)?;
    Some(Usual { patient, provider, words: memory.known(bytes, length)? })
}

/// The id in a column, if there is one; nothing is told of one that has to be looked at more closely.
#[inline(always)]
fn plain_id<'r>(row: &Row<'r>, column: Option<usize>) -> Option<Option<&'r [u8]>> {
    let Some(column) = column else { return Some(None) };
    match row.plain(column)? {
        [] => Some(None),
        text => is_trimmed(text).then_some(Some(text)),
    }
}

#[cold]
fn odd_id<'r>(row: Row<'r>, column: usize) -> Result<Option<Cow<'r, [u8]>>, Stop> {
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
#[inline(always)]
pub fn day(
    row: &Row<'_>,
    column: usize,
    zone: Option<Tz>,
    months: &mut Months,
    notes: &mut Notes,
) -> Result<Option<Day>, Stop> {
    match row.plain(column).and_then(|text| date::local_second(text, months)) {
        Some(day) => Ok(Some(day)),
        None => odd_day(*row, column, zone, notes),
    }
}

#[inline(never)]
fn odd_day(row: Row<'_>, column: usize, zone: Option<Tz>, notes: &mut Notes) -> Result<Option<Day>, Stop> {
    let text = row.text(column)?;
    let text = trimmed(&text);
    if text.is_empty() {
        return Ok(None);
    }
    match moment(text, zone) {
        Ok(Moment { day, zoned: None }) => Ok(Some(day)),
        Ok(Moment { day, zoned: Some(at_midnight) }) => {
            notes.see_zoned(at_midnight, || row.line.number(), column);
            Ok(Some(day))
        }
        Err(DateError::Unreadable) => {
            notes.notice(Code::UnreadableDate, row.line.number(), Some(column));
            Ok(None)
        }
        Err(DateError::ZoneNeeded) => Err(row.error(column, Reason::ZoneNeeded)),
    }
}

/// UTF-8 without the white space around it.
fn trimmed(text: &[u8]) -> &[u8] {
    if is_trimmed(text) {
        text
    } else {
        std::str::from_utf8(text).map_or(text, |text| text.trim().as_bytes())
    }
}

/// Whether a text begins and ends with a visible ASCII character, as almost every cell does.
#[inline(always)]
fn is_trimmed(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_graphic) && text.last().is_some_and(u8::is_ascii_graphic)
}

#[cold]
fn unlisted(row: &Row<'_>, column: usize, notes: &mut Notes) {
    notes.notice(Code::UnknownWord, row.line.number(), Some(column));
}
