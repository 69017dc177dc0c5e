//! The records of a block, and the text of their fields.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use crate::read::scan::Separators;
use crate::read::simd::Way;
use crate::read::split::Block;

/// The records of a block: where each of their fields ends.
#[derive(Default)]
pub struct Records {
    positions: Vec<u32>,
    /// Which of the positions are those of the records wanted.
    range: Range<usize>,
}

/// A record: where it begins, and where each of its fields ends.
#[derive(Clone, Copy)]
pub struct Record<'r> {
    // As wide as a machine word: half a word would be written and then read as part of a whole one, which is slow.
    begin: usize,
    ends: &'r [u32],
}

impl Records {
    /// Takes in another block, given from a position on that begins a record. What ends behind `to` is left out.
    pub fn index(&mut self, block: &Block, from: usize, to: usize) {
        let words = &block.separators().fields[..to.div_ceil(64)];
        let count = Way::best().positions(words, &mut self.positions);
        let found = &self.positions[..count];
        let before = |limit: usize| found.partition_point(|position| (*position as usize) < limit);
        self.range = before(from)..before(to);
    }

    /// The records, in order; blank lines are none. `block` and `from` are those that were indexed, and `width` is how
    /// many fields most records have.
    pub fn iter<'r>(&'r self, block: &'r Block, from: usize, width: usize) -> Iter<'r> {
        let (separators, bytes) = (block.separators(), block.records());
        let ends = &self.positions[self.range.clone()];
        let regular = is_regular(ends, separators, width).then_some(width);
        Iter { ends, begin: from, regular, separators, bytes }
    }
}

/// The records of a block, in order.
pub struct Iter<'r> {
    /// Where the fields end that are still to come.
    ends: &'r [u32],
    /// Where the next record begins.
    begin: usize,
    /// How many fields every record has, if that is so.
    regular: Option<usize>,
    separators: &'r Separators,
    bytes: &'r [u8],
}

impl<'r> Iterator for Iter<'r> {
    type Item = Record<'r>;

    #[inline(always)]
    fn next(&mut self) -> Option<Record<'r>> {
        loop {
            let width = match self.regular {
                Some(width) => width,
                None => self.next_width()?,
            };
            let (ends, rest) = self.ends.split_at_checked(width)?;
            let record = Record { begin: self.begin, ends };
            self.begin = *ends.last()? as usize + 1;
            self.ends = rest;
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
        Some(self.ends.iter().position(|end| self.separators.ends_record(*end))? + 1)
    }
}

/// Whether all records have so many fields: then every so manieth of the ends is that of a record, and no other is.
fn is_regular(ends: &[u32], separators: &Separators, width: usize) -> bool {
    let (Some(first), Some(last)) = (ends.first(), ends.last()) else { return false };
    let words = &separators.records[*first as usize / 64..=*last as usize / 64];
    // Records that end before the first position or behind the last would be counted too, and make it irregular.
    let records: usize = words.iter().map(|word| word.count_ones() as usize).sum();
    width > 0
        && records * width == ends.len()
        && ends.iter().skip(width - 1).step_by(width).all(|end| separators.ends_record(*end))
}

impl<'r> Record<'r> {
    /// A record that begins here and whose fields end there.
    pub fn new(begin: usize, ends: &'r [u32]) -> Self {
        Self { begin, ends }
    }

    /// Where the record begins.
    pub fn begin(&self) -> usize {
        self.begin
    }

    /// Where the record ends: at its line feed.
    pub fn end(&self) -> usize {
        self.ends.last().map_or(self.begin, |end| *end as usize)
    }

    /// How many fields the record has.
    pub fn width(&self) -> usize {
        self.ends.len()
    }

    /// Where a field begins and ends, quotation marks included.
    #[inline(always)]
    pub fn field(&self, bytes: &[u8], column: usize) -> (usize, usize) {
        let begin = if column == 0 { self.begin } else { self.ends[column - 1] as usize + 1 };
        let mut end = self.ends[column] as usize;
        if column + 1 == self.ends.len() && end > begin && bytes[end - 1] == b'\r' {
            end -= 1;
        }
        (begin, end)
    }

    fn is_blank(&self, bytes: &[u8]) -> bool {
        let end = self.end();
        self.width() == 1 && end - self.begin() <= 1 && (end == self.begin() || bytes[self.begin()] == b'\r')
    }
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
