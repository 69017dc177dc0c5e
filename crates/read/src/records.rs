//! The records of a block, and the text of their fields.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use crate::blocks::Block;
use crate::separators::Separators;
use crate::separators::simd::{NOWHERE, SimdLevel};

/// The records of a block: where each of their fields ends.
#[derive(Default)]
pub struct RecordIndex {
    /// In the first place is that before the first byte, so that each has one before it, behind which its field begins.
    positions: Vec<u32>,
    /// Which of the positions are those of the records wanted, with the one before them.
    range: Range<usize>,
}

/// A record: where each of its fields ends, and the record before it.
#[derive(Clone, Copy)]
pub struct CsvRecord<'r> {
    bounds: &'r [u32],
}

impl RecordIndex {
    /// Takes in another block, given from a position on that begins a record. What ends behind `to` is left out.
    pub fn index(&mut self, block: &Block, from: usize, to: usize) {
        let words = &block.separators().fields[..to.div_ceil(64)];
        let count = SimdLevel::best().positions(words, &mut self.positions);
        let found = &self.positions[1..=count];
        let before = |limit: usize| found.partition_point(|position| (*position as usize) < limit);
        self.range = before(from)..before(to) + 1;
    }

    /// The records, in order; blank lines are none. `block` is the one that was indexed, and `width` is how many fields most
    /// records have.
    pub fn iter<'r>(&'r self, block: &'r Block, width: usize) -> Iter<'r> {
        let (separators, bytes) = (block.separators(), block.records());
        let bounds = &self.positions[self.range.clone()];
        let regular = is_regular(bounds, separators, width).then_some(width);
        Iter { bounds, regular, separators, bytes }
    }
}

/// A column of records that all have equally many fields.
pub struct Column<'r> {
    text: &'r [u8],
    /// Where the field of the first record ends, and those of all records at every `width`-th place from there.
    ends: &'r [u32],
    width: usize,
    /// Where the field of the first record begins.
    begin: usize,
}

impl<'r> Iter<'r> {
    /// Returns a column of the records, if all of them have equally many fields and it is not the last one, which may end with a carriage
    /// return.
    pub fn column(&self, column: usize) -> Option<Column<'r>> {
        let width = self.regular.filter(|width| column + 1 < *width)?;
        let (begin, ends) = (behind(self.bounds.get(column)?), self.bounds.get(column + 1..)?);
        Some(Column { text: self.bytes, ends, width, begin })
    }
}

impl<'r> Column<'r> {
    /// Returns the field of the first record, with the byte before that of the second one.
    pub fn first(&self) -> Option<(&'r [u8], Option<u8>)> {
        let (end, next) = (*self.ends.first()? as usize, self.ends.get(self.width - 1));
        let before = next.and_then(|end| self.text.get(*end as usize)).copied();
        Some((self.text.get(self.begin..end)?, before))
    }

    /// Returns how many records there are.
    pub fn records(&self) -> usize {
        self.ends.len().div_ceil(self.width)
    }

    /// Folds the last 16 bytes of the text up to the end of each field of some records; `None` if there are fewer of either.
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
    /// Returns the column in which a position is, and where its record begins.
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
    /// Where the fields end that are still to come, and the one before them.
    bounds: &'r [u32],
    /// How many fields every record has, if that is so.
    regular: Option<usize>,
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
    /// How many fields the next record has.
    #[cold]
    fn next_width(&self) -> Option<usize> {
        Some(self.bounds.iter().skip(1).position(|end| self.separators.ends_record(*end))? + 1)
    }
}

/// Whether all records have so many fields: then every so manieth of the ends is that of a record, and no other is.
fn is_regular(bounds: &[u32], separators: &Separators, width: usize) -> bool {
    let Some((_, ends @ [first, .., last])) = bounds.split_first() else { return false };
    let words = &separators.records[*first as usize / 64..=*last as usize / 64];
    // Records that end before the first position or behind the last would be counted too, and make it irregular.
    width > 0
        && SimdLevel::best().ones(words) * width == ends.len()
        && ends.chunks_exact(width).all(|record| separators.ends_record(record[width - 1]))
}

impl<'r> CsvRecord<'r> {
    /// A record whose fields end at these bounds but the first, behind which it begins. There is a field at least.
    pub fn new(bounds: &'r [u32]) -> Self {
        Self { bounds }
    }

    /// Where the record begins.
    #[inline(always)]
    pub fn begin(&self) -> usize {
        self.bounds.first().map_or(0, behind)
    }

    /// Where the record ends: at its line feed.
    pub fn end(&self) -> usize {
        self.bounds.last().map_or(0, |end| *end as usize)
    }

    /// How many fields the record has.
    #[inline(always)]
    pub fn width(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Where a field begins and ends, quotation marks included.
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

/// The position behind a bound.
#[inline(always)]
fn behind(bound: &u32) -> usize {
    // The first byte is behind `NOWHERE`.
    bound.wrapping_add(1) as usize
}

/// The text of a field, without the quotation marks that quote it.
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

/// Whether a quotation mark stands in a field where the standard has none.
pub fn has_stray_quote(raw: &[u8]) -> bool {
    match raw.split_first() {
        Some((b'"', _)) => closing_quote(raw) + 1 < raw.len(),
        _ => memchr(b'"', raw).is_some(),
    }
}

/// Where the mark stands that closes the quoted field with which the bytes begin; their length if none does.
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

/// A quoted field with doubled marks halved; behind the closing mark everything stands for itself.
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
