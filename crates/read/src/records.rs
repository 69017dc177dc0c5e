//! Finds the records of a block, and the text of their fields.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use crate::blocks::Block;
use crate::separators::Separators;
use crate::separators::positions::NOWHERE;
use crate::separators::simd::SimdLevel;

/// An index of the records of a block: where each of their fields ends.
#[derive(Default)]
pub struct RecordIndex {
    /// Positions of the separators. The first entry is the place before the first byte, so that every field begins after an entry.
    positions: Vec<u32>,
    /// Entries of the wanted records, and the entry before them.
    range: Range<usize>,
}

/// A record: where each of its fields ends, and where the record before it ends.
#[derive(Clone, Copy)]
pub struct CsvRecord<'r> {
    bounds: &'r [u32],
}

impl RecordIndex {
    /// Indexes another block, from a position at which a record begins. Omits everything that ends after `to`.
    pub fn index(&mut self, block: &Block, from: usize, to: usize) {
        let words = &block.separators().fields[..to.div_ceil(64)];
        let count = SimdLevel::best().positions(words, &mut self.positions);
        let found = &self.positions[1..=count];
        let before = |limit: usize| found.partition_point(|position| (*position as usize) < limit);
        self.range = before(from)..before(to) + 1;
    }

    /// Returns the number of fields of the first record.
    pub fn first_width(&self, block: &Block) -> usize {
        let ends = self.positions[self.range.clone()].iter().skip(1);
        1 + ends.take_while(|end| !block.separators().ends_record(**end)).count()
    }

    /// Returns the records in order, without blank lines. `block` is the one that was indexed, and `width` is the usual number of fields.
    pub fn iter<'r>(&'r self, block: &'r Block, width: usize) -> Iter<'r> {
        let (separators, bytes) = (block.separators(), block.records());
        let bounds = &self.positions[self.range.clone()];
        let regular = is_regular(bounds, separators, width).then_some(width);
        Iter { bounds, regular, last_width: width, separators, bytes }
    }
}

/// A column of records that all have the same number of fields.
pub struct Column<'r> {
    text: &'r [u8],
    /// Ends of the fields from the field of the first record on. The fields of the column end at every `width`-th entry.
    ends: &'r [u32],
    width: usize,
    /// Where the field of the first record begins.
    begin: usize,
}

impl<'r> Iter<'r> {
    /// Returns a column of the records. `None` if they do not all have the same number of fields. Also `None` for the last column, which
    /// may end with a carriage return.
    pub fn column(&self, column: usize) -> Option<Column<'r>> {
        let width = self.regular.filter(|width| column + 1 < *width)?;
        let (begin, ends) = (behind(self.bounds.get(column)?), self.bounds.get(column + 1..)?);
        Some(Column { text: self.bytes, ends, width, begin })
    }
}

impl<'r> Column<'r> {
    /// Returns the field of the first record, and the byte before the field of the second one.
    pub fn first(&self) -> Option<(&'r [u8], Option<u8>)> {
        let (end, next) = (*self.ends.first()? as usize, self.ends.get(self.width - 1));
        let before = next.and_then(|end| self.text.get(*end as usize)).copied();
        Some((self.text.get(self.begin..end)?, before))
    }

    /// Returns the number of records.
    pub fn records(&self) -> usize {
        self.ends.len().div_ceil(self.width)
    }

    /// Returns the field of each record.
    pub fn fields(&self) -> impl Iterator<Item = &'r [u8]> {
        let begins = self.ends.iter().skip(self.width - 1).step_by(self.width).map(behind);
        let ends = self.ends.iter().step_by(self.width).map(|end| *end as usize);
        std::iter::once(self.begin).chain(begins).zip(ends).map(|(begin, end)| &self.text[begin..end])
    }

    /// Folds the last 16 bytes of the text up to the end of each field of some records. `None` if there are fewer records or bytes.
    #[inline(always)]
    pub fn fold_last_bytes<T>(
        &self,
        records: Range<usize>,
        start: T,
        mut fold: impl FnMut(T, &[u8; 16]) -> T,
    ) -> Option<T> {
        let (mut folded, mut place) = (start, records.start * self.width);
        for _ in records {
            let end = *self.ends.get(place)? as usize;
            folded = fold(folded, self.text.get(end.wrapping_sub(16)..end)?.first_chunk()?);
            place += self.width;
        }
        Some(folded)
    }
}

impl RecordIndex {
    /// Returns the column that contains a position, and where its record begins.
    pub fn column_of(&self, block: &Block, position: u32) -> Option<(usize, usize)> {
        let bounds = &self.positions[self.range.clone()];
        let at = bounds.get(1..)?.partition_point(|end| *end < position) + 1;
        let ends_record = |bound: &&u32| **bound != NOWHERE && block.separators().ends_record(**bound);
        let first = (1..at).rev().find(|before| ends_record(&&bounds[*before]));
        let first = first.unwrap_or_default();
        Some((at - 1 - first, behind(&bounds[first])))
    }
}

/// The records of a block, in order.
pub struct Iter<'r> {
    /// Ends of the remaining fields, and the end before them.
    bounds: &'r [u32],
    /// Number of fields of every record, if it is the same.
    regular: Option<usize>,
    /// Number of fields of the record before.
    last_width: usize,
    separators: &'r Separators,
    bytes: &'r [u8],
}

impl<'r> Iterator for Iter<'r> {
    type Item = CsvRecord<'r>;

    #[inline(always)]
    fn next(&mut self) -> Option<CsvRecord<'r>> {
        loop {
            let width = match self.regular {
                Some(width) => width,
                None => self.next_width()?,
            };
            let record = CsvRecord { bounds: self.bounds.get(..=width)? };
            self.bounds = &self.bounds[width..];
            if width > 1 || !record.is_blank(self.bytes) {
                return Some(record);
            }
        }
    }
}

impl Iter<'_> {
    /// Returns the number of fields of the next record.
    fn next_width(&mut self) -> Option<usize> {
        let (before, ends) = self.bounds.split_first()?;
        let record_end = self.separators.record_end(behind(before))? as u32;
        // Neighboring records have similar widths.
        let mut inner = self.last_width.min(ends.len()).saturating_sub(1);
        while ends.get(inner).is_some_and(|end| *end < record_end) {
            inner += 1;
        }
        while inner > 0 && ends[inner - 1] >= record_end {
            inner -= 1;
        }
        self.last_width = inner + 1;
        (ends.get(inner) == Some(&record_end)).then_some(inner + 1)
    }
}

/// Returns whether all records have `width` fields: exactly every `width`-th end is that of a record.
fn is_regular(bounds: &[u32], separators: &Separators, width: usize) -> bool {
    let Some((_, ends @ [first, .., last])) = bounds.split_first() else { return false };
    let words = &separators.records[*first as usize / 64..=*last as usize / 64];
    // Records that end before the first position or after the last are counted too, and make the result false.
    width > 0
        && SimdLevel::best().count_ones(words) * width == ends.len()
        && ends.chunks_exact(width).all(|record| separators.ends_record(record[width - 1]))
}

impl<'r> CsvRecord<'r> {
    /// Creates a record that begins after the first bound, and has a field up to each further bound. At least one field is required.
    pub fn new(bounds: &'r [u32]) -> Self {
        Self { bounds }
    }

    /// Returns where the record begins.
    #[inline(always)]
    pub fn begin(&self) -> usize {
        self.bounds.first().map_or(0, behind)
    }

    /// Returns where the record ends: at its line feed.
    pub fn end(&self) -> usize {
        self.bounds.last().map_or(0, |end| *end as usize)
    }

    /// Returns the positions of the separators within the record, without its line feed.
    #[inline(always)]
    pub fn separators(&self) -> &'r [u32] {
        &self.bounds[1..self.width()]
    }

    /// Returns the number of fields.
    #[inline(always)]
    pub fn width(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Returns where a field begins and ends, including quotation marks.
    #[inline(always)]
    pub fn field(&self, bytes: &[u8], column: usize) -> (usize, usize) {
        let begin = behind(&self.bounds[column]);
        let mut end = self.bounds[column + 1] as usize;
        if column + 1 == self.width() && end > begin && bytes[end - 1] == b'\r' {
            end -= 1;
        }
        (begin, end)
    }

    fn is_blank(&self, bytes: &[u8]) -> bool {
        let end = self.end();
        self.width() == 1 && end - self.begin() <= 1 && (end == self.begin() || bytes[self.begin()] == b'\r')
    }
}

/// Returns the position after a bound.
#[inline(always)]
fn behind(bound: &u32) -> usize {
    // After `NOWHERE` is the first byte.
    bound.wrapping_add(1) as usize
}

/// Returns the text of a field, without the quotation marks around it.
#[inline]
pub fn text(raw: &[u8]) -> Cow<'_, [u8]> {
    match raw.split_first() {
        Some((b'"', quoted)) => match memchr(b'"', quoted) {
            Some(close) if close + 1 == quoted.len() => Cow::Borrowed(&quoted[..close]),
            _ => Cow::Owned(unquoted(raw)),
        },
        _ => Cow::Borrowed(raw),
    }
}

/// Returns whether a field has a quotation mark where the standard does not allow one.
pub fn has_stray_quote(raw: &[u8]) -> bool {
    match raw.split_first() {
        Some((b'"', _)) => closing_quote(raw) + 1 < raw.len(),
        _ => memchr(b'"', raw).is_some(),
    }
}

/// Returns the position of the mark that closes the quoted field at the beginning of the bytes, or their length if none does.
fn closing_quote(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = memchr(b'"', &bytes[at.min(bytes.len())..]) {
        at += found;
        if bytes.get(at + 1) != Some(&b'"') {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

/// Returns the text of a quoted field, with doubled marks halved. Text after the closing mark is unchanged.
fn unquoted(raw: &[u8]) -> Vec<u8> {
    let close = closing_quote(raw);
    let mut text = Vec::with_capacity(raw.len());
    let mut doubled = false;
    for byte in &raw[1..close.min(raw.len())] {
        doubled = *byte == b'"' && !doubled;
        if !doubled {
            text.push(*byte);
        }
    }
    text.extend_from_slice(raw.get(close + 1..).unwrap_or_default());
    text
}
