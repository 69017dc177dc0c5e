//! A row on its way to the door: the text of each of its cells.

use std::borrow::Cow;

use crate::error::{InputError, InputErrorKind};
use crate::header::ColumnHeader;
use crate::layout::{LookupResult, ValueDictionary};
use crate::records::{self, CsvRecord};
use mucalc_core::domain::lines::LazyLine;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::printable;

/// A row with as many fields as the header.
// Handed as a copy to whatever is seldom called, so that the usual way need not put it into memory.
#[derive(Clone, Copy)]
pub struct SourceRow<'r> {
    /// The line on which the record starts.
    pub line: LazyLine<'r>,
    pub(super) record: CsvRecord<'r>,
    pub(super) of: &'r RowContext<'r>,
}

/// What rows have in common that stand together.
pub struct RowContext<'r> {
    /// The bytes in which the records stand, and some behind them.
    pub(super) bytes: &'r [u8],
    pub(super) file: &'r str,
    pub(super) header: &'r ColumnHeader,
    /// Whether all of the bytes are UTF-8, so that cells need not be looked at again.
    pub(super) is_utf8: bool,
    /// Whether quotation marks quote.
    pub(super) quotes: bool,
    /// Whether the text was in another encoding, so that U+FFFD stands for bytes that mean nothing in it.
    pub(super) decoded: bool,
    /// The piece of the input in which the records stand.
    pub(super) piece: u64,
    /// Of several rows that are made of one record, which one; counts from 0.
    pub(super) part: u32,
    /// Whether the ids of the records were noted, all at once.
    pub(super) ids_noted: bool,
}

/// Why reading stops: boxed, since it hardly ever happens and every cell could say so.
pub type BoxedInputError = Box<InputError>;

impl<'r> SourceRow<'r> {
    /// The cells from one column to another, as they stand; none where they must be looked at for UTF-8.
    #[inline(always)]
    pub fn run(&self, first: usize, last: usize) -> Option<(&'r [u8], usize)> {
        let RowContext { bytes, is_utf8, .. } = *self.of;
        let (begin, _) = self.record.field(bytes, first);
        let (_, end) = self.record.field(bytes, last);
        is_utf8.then(|| (&bytes[begin..], end - begin))
    }

    /// The text of a column, if it is there as it is: not quoted, and known to be UTF-8.
    #[inline(always)]
    pub fn plain(&self, column: usize) -> Option<&'r [u8]> {
        let raw = self.raw(column);
        (self.of.is_utf8 && (raw.first() != Some(&b'"') || !self.of.quotes)).then_some(raw)
    }

    /// The text of a column, which is UTF-8.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self, column: usize) -> Result<Cow<'r, [u8]>, BoxedInputError> {
        let raw = self.raw(column);
        let is_text =
            || std::str::from_utf8(raw).is_ok_and(|text| !self.of.decoded || !text.contains('\u{FFFD}'));
        if !self.of.is_utf8 && !is_text() {
            return Err(self.error(column, InputErrorKind::NotUtf8));
        }
        Ok(if self.of.quotes { records::text(raw) } else { Cow::Borrowed(raw) })
    }

    /// What the word in a column says.
    ///
    /// # Errors
    /// When the column is not UTF-8.
    #[inline(always)]
    pub fn word(&self, column: usize, dictionary: &ValueDictionary) -> Result<LookupResult, BoxedInputError> {
        let RowContext { bytes, is_utf8, quotes, .. } = *self.of;
        let (begin, end) = self.record.field(bytes, column);
        if is_utf8 && (bytes[begin] != b'"' || !quotes) {
            return Ok(dictionary.look_up(bytes, begin..end));
        }
        self.odd_word(column, dictionary)
    }

    #[cold]
    fn odd_word(&self, column: usize, dictionary: &ValueDictionary) -> Result<LookupResult, BoxedInputError> {
        let text = self.text(column)?;
        Ok(dictionary.look_up(&text, 0..text.len()))
    }

    /// Returns how many cells the row has.
    pub fn width(&self) -> usize {
        self.record.width()
    }

    /// Returns the piece of the input in which the row stands, and which of the rows of its record it is.
    pub(super) fn origin(&self) -> (u64, u32) {
        (self.of.piece, self.of.part)
    }

    /// Whether the id of the record was noted with those of others.
    #[inline(always)]
    pub(super) fn is_id_noted(&self) -> bool {
        self.of.ids_noted
    }

    /// Returns the header of the row.
    pub(super) fn header(&self) -> &'r ColumnHeader {
        self.of.header
    }

    /// Returns the text of a column that need not be UTF-8.
    pub(super) fn lossy(&self, column: usize) -> Cow<'r, [u8]> {
        let raw = self.raw(column);
        if self.of.quotes { records::text(raw) } else { Cow::Borrowed(raw) }
    }

    /// A column as it stands, quotation marks included.
    #[inline(always)]
    pub(super) fn raw(&self, column: usize) -> &'r [u8] {
        let (begin, end) = self.record.field(self.of.bytes, column);
        &self.of.bytes[begin..end]
    }

    /// Returns an error of this row as a whole.
    pub fn error_of_line(&self, reason: InputErrorKind) -> BoxedInputError {
        Box::new(InputError { place: SourceLocation::line(self.of.file, self.line.number()), reason })
    }

    /// An error in a column of this row.
    pub fn error(&self, column: usize, reason: InputErrorKind) -> BoxedInputError {
        let column = printable(self.of.header.name(column));
        Box::new(InputError { place: SourceLocation::cell(self.of.file, self.line.number(), column), reason })
    }
}
