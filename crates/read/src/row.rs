//! A row before normalization: the text of each of its cells.

use std::borrow::Cow;

use crate::error::{InputError, InputErrorKind};
use crate::header::ColumnHeader;
use crate::layout::{LookupResult, ValueDictionary};
use crate::records::{self, CsvRecord};
use mucalc_core::domain::line_index::LazyLine;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::escape_control;

/// A row with as many fields as the header.
// Passed by value to rarely called functions, so that the usual path need not put it into memory.
#[derive(Clone, Copy)]
pub struct SourceRow<'r> {
    /// Line on which the record starts.
    pub line: LazyLine<'r>,
    pub(super) record: CsvRecord<'r>,
    pub(super) of: &'r RowContext<'r>,
}

/// The common part of neighboring rows.
pub struct RowContext<'r> {
    /// Bytes that contain the records, and some after them.
    pub(super) bytes: &'r [u8],
    pub(super) file: &'r str,
    pub(super) header: &'r ColumnHeader,
    /// Whether all of the bytes are UTF-8, so that cells need no check.
    pub(super) is_utf8: bool,
    /// Whether quotation marks quote.
    pub(super) quotes: bool,
    /// Whether the text was in another encoding, so that U+FFFD represents invalid bytes.
    pub(super) decoded: bool,
    /// Piece of the input that contains the records.
    pub(super) piece: u64,
    /// Position of the row among those made of one record, from 0.
    pub(super) part: u32,
    /// Whether the ids of the records were recorded all at once.
    pub(super) ids_noted: bool,
}

/// Why reading stops. It is boxed because it is rare, and every cell could return it.
pub type BoxedInputError = Box<InputError>;

impl<'r> SourceRow<'r> {
    /// Returns the bytes from one column on, and how many of them reach to the end of another. `None` if they must be checked for UTF-8.
    #[inline(always)]
    pub fn adjacent_text(&self, first: usize, last: usize) -> Option<(&'r [u8], usize)> {
        let RowContext { bytes, is_utf8, .. } = *self.of;
        let (begin, _) = self.record.field(bytes, first);
        let (_, end) = self.record.field(bytes, last);
        is_utf8.then(|| (&bytes[begin..], end - begin))
    }

    /// Returns the text of a column as written. `None` if it is quoted, or not known to be UTF-8.
    #[inline(always)]
    pub fn plain(&self, column: usize) -> Option<&'r [u8]> {
        let raw = self.raw(column);
        (self.of.is_utf8 && (raw.first() != Some(&b'"') || !self.of.quotes)).then_some(raw)
    }

    /// Returns the text of a column, which is UTF-8.
    ///
    /// # Errors
    /// If it is not UTF-8.
    pub fn text(&self, column: usize) -> Result<Cow<'r, [u8]>, BoxedInputError> {
        let raw = self.raw(column);
        let is_text =
            || std::str::from_utf8(raw).is_ok_and(|text| !self.of.decoded || !text.contains('\u{FFFD}'));
        if !self.of.is_utf8 && !is_text() {
            return Err(self.error(column, InputErrorKind::NotUtf8));
        }
        Ok(if self.of.quotes { records::text(raw) } else { Cow::Borrowed(raw) })
    }

    /// Looks up the value in a column.
    ///
    /// # Errors
    /// If the column is not UTF-8.
    #[inline(always)]
    pub fn word(&self, column: usize, dictionary: &ValueDictionary) -> Result<LookupResult, BoxedInputError> {
        let RowContext { bytes, is_utf8, quotes, .. } = *self.of;
        let (begin, end) = self.record.field(bytes, column);
        if is_utf8 && (bytes[begin] != b'"' || !quotes) {
            return Ok(dictionary.look_up(bytes, begin..end));
        }
        self.slow_word(column, dictionary)
    }

    #[cold]
    fn slow_word(
        &self,
        column: usize,
        dictionary: &ValueDictionary,
    ) -> Result<LookupResult, BoxedInputError> {
        let text = self.text(column)?;
        Ok(dictionary.look_up(&text, 0..text.len()))
    }

    /// Returns the number of cells of the row.
    pub fn width(&self) -> usize {
        self.record.width()
    }

    /// Returns the piece of the input that contains the row, and the position of the row among those of its record.
    pub(super) fn origin(&self) -> (u64, u32) {
        (self.of.piece, self.of.part)
    }

    /// Returns whether the id of the record was recorded together with others.
    #[inline(always)]
    pub(super) fn is_id_noted(&self) -> bool {
        self.of.ids_noted
    }

    /// Returns the header of the row.
    pub(super) fn header(&self) -> &'r ColumnHeader {
        self.of.header
    }

    /// Returns the text of a column, which may not be UTF-8.
    pub(super) fn lossy(&self, column: usize) -> Cow<'r, [u8]> {
        let raw = self.raw(column);
        if self.of.quotes { records::text(raw) } else { Cow::Borrowed(raw) }
    }

    /// Returns a column as written, including quotation marks.
    #[inline(always)]
    pub(super) fn raw(&self, column: usize) -> &'r [u8] {
        let (begin, end) = self.record.field(self.of.bytes, column);
        &self.of.bytes[begin..end]
    }

    /// Returns an error about this row as a whole.
    pub fn error_of_line(&self, reason: InputErrorKind) -> BoxedInputError {
        Box::new(InputError { place: SourceLocation::line(self.of.file, self.line.number()), reason })
    }

    /// Returns an error about a column of this row.
    pub fn error(&self, column: usize, reason: InputErrorKind) -> BoxedInputError {
        let column = escape_control(self.of.header.name(column));
        Box::new(InputError { place: SourceLocation::cell(self.of.file, self.line.number(), column), reason })
    }
}
