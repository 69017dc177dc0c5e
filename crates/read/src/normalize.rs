//! Normalizes cells: text becomes an id, a day, or the code of a canonical value. Later stages only compare these.

use std::borrow::Cow;

use crate::ReadContext;
use crate::date::{self, DateError, Moment, moment};
use crate::diagnostics::Diagnostics;
use crate::error::InputErrorKind;
use crate::furniture;
use crate::id::{self, IdRules, IdText};
use crate::key_cells::{KeyCells, is_calendar_day};
use crate::layout::{LookupResult, ValueDictionary};
use crate::month_cache::MonthCache;
use crate::parallel::{BoxedInputError, SourceRow};
use crate::value_cache::RunCache;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::unusable_row::{LostVersion, UnusableRow};
use mucalc_core::domain::versions::RowVersion;

/// A cell read as an id.
pub enum IdCell<'r> {
    /// The cell is empty, or the column is absent.
    Empty,
    /// A text that means "no value".
    Absent,
    /// The remainder of a damaged id.
    Damaged,
    /// An id.
    Id(Cow<'r, [u8]>),
}

impl<'r> IdCell<'r> {
    /// Returns the id. Reports an absence marker or a damaged id, which are not ids.
    pub fn noted(
        self,
        row: &SourceRow<'_>,
        column: Option<usize>,
        notes: &mut Diagnostics,
    ) -> Option<Cow<'r, [u8]>> {
        match self {
            IdCell::Id(id) => Some(id),
            IdCell::Empty => None,
            IdCell::Absent => {
                notes.record(FindingCode::AbsenceMarker, row.line.number(), column);
                None
            }
            IdCell::Damaged => {
                notes.record(FindingCode::DamagedId, row.line.number(), column);
                None
            }
        }
    }
}

/// Reads the id in a column.
///
/// # Errors
/// If the column is not UTF-8.
#[inline(always)]
pub fn id_cell<'r>(
    row: &SourceRow<'r>,
    column: Option<usize>,
    rules: &IdRules,
) -> Result<IdCell<'r>, BoxedInputError> {
    let Some(column) = column else { return Ok(IdCell::Empty) };
    match row.plain(column) {
        Some(text) if rules.is_plain(text) => Ok(IdCell::Id(Cow::Borrowed(text))),
        _ => slow_id(*row, column, rules),
    }
}

/// Reads the id of a record or a location in a column. Reports an absence marker or a damaged id, and returns `None` for these.
///
/// # Errors
/// If the column is not UTF-8.
pub fn record_id<'r>(
    row: &SourceRow<'r>,
    column: Option<usize>,
    rules: &IdRules,
    notes: &mut Diagnostics,
) -> Result<Option<Cow<'r, [u8]>>, BoxedInputError> {
    let Some(at) = column else { return Ok(None) };
    match row.plain(at) {
        Some(text) if rules.is_plain(text) => Ok(Some(Cow::Borrowed(text))),
        _ => Ok(odd_cell(*row, at, |text| rules.read_exactly(text))?.noted(row, column, notes)),
    }
}

/// Records the id of a row's record, unless that was done before. Returns it if ids are wanted.
///
/// # Errors
/// If the column is not UTF-8.
#[inline(always)]
pub fn record<'r>(
    row: &SourceRow<'r>,
    column: Option<usize>,
    reading: &ReadContext<'_>,
    notes: &mut Diagnostics,
) -> Result<Option<Cow<'r, [u8]>>, BoxedInputError> {
    let Some(at) = column.filter(|_| !row.is_id_noted()) else { return Ok(None) };
    odd_record(*row, at, reading, notes)
}

#[inline(never)]
fn odd_record<'r>(
    row: SourceRow<'r>,
    column: usize,
    reading: &ReadContext<'_>,
    notes: &mut Diagnostics,
) -> Result<Option<Cow<'r, [u8]>>, BoxedInputError> {
    if !reading.ids && row.plain(column).is_some_and(|text| notes.record_ids.counts_on(text)) {
        return Ok(None);
    }
    let id = record_id(&row, Some(column), reading.id_rules, notes)?;
    // Of several rows that are made of one record, only the first records the id.
    if let Some(id) = id.as_deref().filter(|_| row.origin().1 == 0) {
        notes.record_ids.note(id);
    }
    Ok(id.filter(|_| reading.ids))
}

/// Returns what distinguishes a row from others with the same record id. `updated` is the column with the time of the last change.
///
/// # Errors
/// If the column is not UTF-8.
pub fn version(row: &SourceRow<'_>, updated: Option<usize>) -> Result<RowVersion, BoxedInputError> {
    let (piece, part) = row.origin();
    let updated = updated.map(|column| row.text(column)).transpose()?;
    let updated = updated.and_then(|text| date::updated_at(trimmed(&text)));
    Ok(RowVersion { updated, piece, part })
}

/// Keeps what can still be read of an unusable row: by itself, or as one of several versions of its record. `id` is the column of the
/// record id, and `updated` the one with the time of the last change.
///
/// # Errors
/// If a column is not UTF-8.
pub fn lose(
    row: &SourceRow<'_>,
    id: Option<usize>,
    updated: Option<usize>,
    lost: UnusableRow,
    reading: &ReadContext<'_>,
    notes: &mut Diagnostics,
) -> Result<(), BoxedInputError> {
    // The row is unusable, so further problems are not reported.
    let id = record_id(row, id, reading.id_rules, &mut Diagnostics::default())?;
    id.iter().filter(|_| !row.is_id_noted()).for_each(|id| notes.record_ids.note(id));
    if let Some(id) = id.filter(|id| reading.may_repeat(Some(id))) {
        let (id, version, line) = (Box::from(&*id), version(row, updated)?, row.line.number());
        notes.lost_versions.push(LostVersion { id, version, line, row: lost });
    } else {
        notes.unusable.add(lost, 1);
    }
    Ok(())
}

/// Counts further rows that an unusable row contains if its id cells have several lines, as cells with lists have.
#[cold]
pub fn lose_lines(row: &SourceRow<'_>, ids: [Option<usize>; 2], notes: &mut Diagnostics) {
    let lines = |column: usize| {
        let text = String::from_utf8_lossy(&row.lossy(column)).into_owned();
        text.split(id::is_line_break).filter(|line| !id::trimmed(line).is_empty()).count() as u64
    };
    let most = ids.into_iter().flatten().map(lines).max().unwrap_or_default();
    notes.lose_more(most.saturating_sub(1));
}

/// Reads the id of a patient or a provider in a column. Reports an absence marker or a damaged id, and returns `None` for these.
///
/// # Errors
/// If the column is not UTF-8.
#[inline(always)]
pub fn id<'r>(
    row: &SourceRow<'r>,
    column: Option<usize>,
    rules: &IdRules,
    notes: &mut Diagnostics,
) -> Result<Option<Cow<'r, [u8]>>, BoxedInputError> {
    match id_cell(row, column, rules)? {
        IdCell::Id(id) => Ok(Some(id)),
        other => Ok(other.noted(row, column, notes)),
    }
}

/// The cells of most rows: not quoted, without surrounding blanks, known to be UTF-8, and with cached values.
pub struct FastRow<'r, 'm, W> {
    /// Id of the patient.
    pub patient: &'r [u8],
    /// Id of the provider, if present.
    pub provider: Option<&'r [u8]>,
    /// Meaning of the values.
    pub words: &'m W,
}

/// Returns these cells of a row, or `None` if one of them needs a closer look.
#[inline(always)]
pub fn fast_row<'r, 'm, W: Copy>(
    row: &SourceRow<'r>,
    patient: Option<usize>,
    provider: Option<usize>,
    words: Option<(usize, usize)>,
    memory: &'m RunCache<W>,
    rules: &IdRules,
) -> Option<FastRow<'r, 'm, W>> {
    let patient = plain_id(row, patient, rules)??;
    let provider = plain_id(row, provider, rules)?;
    let (first, last) = words?;
    let (bytes, length) = row.adjacent_text(first, last)?;
    Some(FastRow { patient, provider, words: memory.known(bytes, length)? })
}

/// Returns the id in a column: `Some(None)` if it is empty, `None` if the cell needs a closer look.
#[inline(always)]
fn plain_id<'r>(row: &SourceRow<'r>, column: Option<usize>, rules: &IdRules) -> Option<Option<&'r [u8]>> {
    let Some(column) = column else { return Some(None) };
    match row.plain(column)? {
        [] => Some(None),
        text => rules.is_plain(text).then_some(Some(text)),
    }
}

#[cold]
fn slow_id<'r>(row: SourceRow<'r>, column: usize, rules: &IdRules) -> Result<IdCell<'r>, BoxedInputError> {
    odd_cell(row, column, |text| rules.read(text))
}

/// Reads a cell that needs a closer look.
fn odd_cell<'r>(
    row: SourceRow<'r>,
    column: usize,
    read: impl for<'t> Fn(&'t str) -> IdText<'t>,
) -> Result<IdCell<'r>, BoxedInputError> {
    let text = row.text(column)?;
    Ok(match read(&String::from_utf8_lossy(&text)) {
        IdText::Empty => IdCell::Empty,
        IdText::Absent => IdCell::Absent,
        IdText::Damaged => IdCell::Damaged,
        IdText::Id(id) => IdCell::Id(Cow::Owned(id.into_owned().into_bytes())),
    })
}

/// Returns whether a cell begins like a day that is written with numbers. A total has none, so that it is found.
pub fn begins_like_day(row: &SourceRow<'_>, column: usize) -> bool {
    let text = row.raw(column);
    text.len() > 5 && text[usize::from(text[0] == b'"')].is_ascii_digit()
}

/// Returns whether a row is blank, a repeated header, a rule of dashes, or a total. `id` is the cell of an id in `column`: the other cells
/// are checked only if it is empty, may be a column name, or begins like a rule, or if the cell in the column `day` is no usual day.
///
/// # Errors
/// If the row is the header of other rows ([`InputErrorKind::OtherHeader`]).
pub fn is_furniture(
    row: &SourceRow<'_>,
    id: &IdCell<'_>,
    column: Option<usize>,
    day: Option<usize>,
) -> Result<bool, BoxedInputError> {
    let names = row.header().names();
    let has_no_day = || day.is_some_and(|column| !begins_like_day(row, column));
    let may_be = match id {
        IdCell::Empty | IdCell::Absent => true,
        IdCell::Damaged => has_no_day(),
        IdCell::Id(id) => {
            // Only column names matter here, few of which have a digit.
            !id.iter().any(u8::is_ascii_digit) && column.is_some()
                || id.first().is_some_and(|byte| b"-=_+|".contains(byte))
                || has_no_day()
        }
    };
    if !may_be {
        return Ok(false);
    }
    let cells: Vec<Cow<'_, [u8]>> = (0..row.width()).map(|column| row.lossy(column)).collect();
    let texts: Vec<Cow<'_, str>> = cells.iter().map(|cell| String::from_utf8_lossy(cell)).collect();
    let texts = || texts.iter().map(|text| &**text);
    if KeyCells::find(row.header(), None).is_other_header(texts(), names) {
        return Err(row.error_of_line(InputErrorKind::OtherHeader));
    }
    Ok(furniture::is_furniture(texts(), names))
}

/// Reads the text in a column, without surrounding blanks. `None` if it is empty, the column is absent, or it means "no value", which is
/// reported.
///
/// # Errors
/// If the column is not UTF-8.
pub fn text(
    row: &SourceRow<'_>,
    column: Option<usize>,
    rules: &IdRules,
    notes: &mut Diagnostics,
) -> Result<Option<String>, BoxedInputError> {
    let Some(column) = column else { return Ok(None) };
    let text = row.text(column)?;
    let text = trimmed(&text);
    if is_marker(text, rules) {
        notes.record(FindingCode::AbsenceMarker, row.line.number(), Some(column));
        return Ok(None);
    }
    Ok((!text.is_empty()).then(|| String::from_utf8_lossy(text).into_owned()))
}

/// Returns whether a column has only blanks or an absence marker, or does not exist.
///
/// # Errors
/// If the column is not UTF-8.
pub fn is_absent(
    row: &SourceRow<'_>,
    column: Option<usize>,
    rules: &IdRules,
) -> Result<bool, BoxedInputError> {
    Ok(matches!(id_cell(row, column, rules)?, IdCell::Empty | IdCell::Absent))
}

/// Returns the code of the value in a column. `None` if it is empty, the column is absent, or the value is not mapped, which is reported.
#[inline(always)]
pub fn word(
    row: &SourceRow<'_>,
    column: Option<usize>,
    dictionary: &ValueDictionary,
    rules: &IdRules,
    notes: &mut Diagnostics,
) -> Result<Option<u16>, BoxedInputError> {
    let Some(column) = column else { return Ok(None) };
    match row.word(column, dictionary)? {
        LookupResult::Known(code) => Ok(Some(code)),
        LookupResult::Empty => Ok(None),
        LookupResult::Unlisted => {
            unlisted(row, column, rules, notes);
            Ok(None)
        }
    }
}

/// Reads the columns with canonical values. Uses the cache of a thread if the columns are neighbors and the values were read before.
pub fn words<W: Copy>(
    row: &SourceRow<'_>,
    columns: Option<(usize, usize)>,
    memory: &mut RunCache<W>,
    notes: &mut Diagnostics,
    read: impl Fn(&mut Diagnostics) -> Result<W, BoxedInputError>,
) -> Result<W, BoxedInputError> {
    match columns.and_then(|(first, last)| row.adjacent_text(first, last)) {
        Some((bytes, length)) => memory.get(bytes, length, || {
            let before = reported_words(notes);
            let words = read(notes)?;
            // A row with a value that is not mapped is not cached, so that it is reported each time.
            Ok((words, reported_words(notes) == before))
        }),
        None => read(notes),
    }
}

/// Reads the columns with canonical values, if none of their values must be reported each time.
pub fn fast_words<W>(read: impl Fn(&mut Diagnostics) -> Result<W, BoxedInputError>) -> Option<W> {
    let mut notes = Diagnostics::default();
    let words = read(&mut notes).ok()?;
    (reported_words(&notes) == 0).then_some(words)
}

/// Returns how many values were reported because they are not mapped.
fn reported_words(notes: &Diagnostics) -> u64 {
    notes.count(FindingCode::UnknownWord) + notes.count(FindingCode::AbsenceMarker)
}

/// Returns the local day in a column. `None` if it is empty or cannot be read, which is reported.
#[inline(always)]
pub fn day(
    row: &SourceRow<'_>,
    column: usize,
    reading: &ReadContext<'_>,
    months: &mut MonthCache,
    notes: &mut Diagnostics,
) -> Result<Option<Day>, BoxedInputError> {
    match fast_day(row, column, months) {
        Some(day) => Ok(Some(day)),
        None => slow_day(*row, column, reading, notes),
    }
}

/// Reads a day that is written as most are. `None` if the cell needs a closer look.
#[inline(always)]
pub fn fast_day(row: &SourceRow<'_>, column: usize, months: &mut MonthCache) -> Option<Day> {
    row.plain(column).and_then(|text| date::parse_local_day(text, months))
}

/// Returns whether a row without a readable day has one in the column of an id or a value: its cells moved, as those after an unquoted
/// comma do. `others` are those columns.
#[cold]
#[inline(never)]
pub fn is_moved(row: &SourceRow<'_>, day: usize, others: &[Option<usize>], rules: &IdRules) -> bool {
    let text = |column: usize| String::from_utf8_lossy(&row.lossy(column)).into_owned();
    let own = text(day);
    let own = id::trimmed(&own);
    let says_nothing = own.is_empty() || rules.markers.contains(own) || furniture::is_like_date(own);
    !says_nothing && others.iter().flatten().any(|column| is_calendar_day(id::trimmed(&text(*column))))
}

#[inline(never)]
fn slow_day(
    row: SourceRow<'_>,
    column: usize,
    reading: &ReadContext<'_>,
    notes: &mut Diagnostics,
) -> Result<Option<Day>, BoxedInputError> {
    let text = row.text(column)?;
    let text = trimmed(&text);
    if text.is_empty() {
        return Ok(None);
    }
    match moment(text, reading.zone) {
        Ok(Moment { day, zoned: None }) => Ok(Some(day)),
        Ok(Moment { day, zoned: Some(at_midnight) }) => {
            notes.see_zoned(at_midnight, || row.line.number(), column);
            Ok(Some(day))
        }
        Err(_) if is_marker(text, reading.id_rules) => {
            notes.record(FindingCode::AbsenceMarker, row.line.number(), Some(column));
            Ok(None)
        }
        Err(DateError::Unreadable) => {
            notes.record(FindingCode::UnreadableDate, row.line.number(), Some(column));
            Ok(None)
        }
        Err(DateError::ZoneNeeded) => Err(row.error(column, InputErrorKind::ZoneNeeded)),
    }
}

/// Returns UTF-8 text without surrounding white space.
fn trimmed(text: &[u8]) -> &[u8] {
    if is_trimmed(text) {
        text
    } else {
        std::str::from_utf8(text).map_or(text, |text| text.trim().as_bytes())
    }
}

/// Returns whether a text begins and ends with a visible ASCII character, as almost every cell does.
#[inline(always)]
fn is_trimmed(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_graphic) && text.last().is_some_and(u8::is_ascii_graphic)
}

#[cold]
fn unlisted(row: &SourceRow<'_>, column: usize, rules: &IdRules, notes: &mut Diagnostics) {
    // The text was read before, so this does not fail.
    let text = row.text(column).unwrap_or_default();
    let code =
        if is_marker(trimmed(&text), rules) { FindingCode::AbsenceMarker } else { FindingCode::UnknownWord };
    notes.record(code, row.line.number(), Some(column));
}

/// Returns whether a text means "no value".
fn is_marker(text: &[u8], rules: &IdRules) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| rules.markers.contains(text))
}
