//! The records of a block, and the text of their fields.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use crate::read::simd;
use crate::read::split::Block;

/// The records of a block: where each of their fields ends.
#[derive(Default)]
pub struct Records {
    /// Where each field ends, of all records.
    field_ends: Positions,
    /// Where each record ends.
    record_ends: Positions,
}

/// A record: where it begins, and where each of its fields ends.
#[derive(Clone, Copy)]
pub struct Record<'r> {
    begin: u32,
    ends: &'r [u32],
}

impl Records {
    /// Takes in another block, given from a position on that begins a record.
    pub fn index(&mut self, block: &Block, from: usize) {
        let (separators, to) = (block.separators(), block.records().len());
        self.field_ends.find(&separators.fields, from, to);
        self.record_ends.find(&separators.records, from, to);
    }

    /// The records, in order; blank lines are none. `from` is the position from which the block was indexed.
    pub fn iter<'r>(
        &'r self,
        bytes: &'r [u8],
        from: usize,
        width: usize,
    ) -> impl Iterator<Item = Record<'r>> {
        let (field_ends, record_ends) = (self.field_ends.found(), self.record_ends.found());
        let mut begin = from as u32;
        let mut field = 0;
        record_ends.iter().filter_map(move |end| {
            // Most records have as many fields as the header, so their last field's end is known.
            let mut last = field + width - 1;
            if field_ends.get(last) != Some(end) {
                last = field;
                while field_ends[last] != *end {
                    last += 1;
                }
            }
            let record = Record { begin, ends: &field_ends[field..=last] };
            field = last + 1;
            begin = end + 1;
            (!record.is_blank(bytes)).then_some(record)
        })
    }
}

impl<'r> Record<'r> {
    /// Where the record begins.
    pub fn begin(&self) -> usize {
        self.begin as usize
    }

    /// Where the record ends: at its line feed.
    pub fn end(&self) -> usize {
        self.ends.last().map_or(self.begin, |end| *end) as usize
    }

    /// How many fields the record has.
    pub fn width(&self) -> usize {
        self.ends.len()
    }

    /// Where a field begins and ends, quotation marks included.
    #[inline(always)]
    pub fn field(&self, bytes: &[u8], column: usize) -> (usize, usize) {
        let begin = if column == 0 { self.begin as usize } else { self.ends[column - 1] as usize + 1 };
        let mut end = self.ends[column] as usize;
        if column + 1 == self.ends.len() && end > begin && bytes[end - 1] == b'\r' {
            end -= 1;
        }
        (begin, end)
    }

    fn is_blank(&self, bytes: &[u8]) -> bool {
        let end = self.end();
        end - self.begin() <= 1 && (end == self.begin() || bytes[self.begin()] == b'\r')
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

/// Positions of bits, in a vector that is kept from block to block.
#[derive(Default)]
struct Positions {
    all: Vec<u32>,
    /// Where those that count begin and end in `all`.
    range: Range<usize>,
}

impl Positions {
    fn found(&self) -> &[u32] {
        &self.all[self.range.clone()]
    }

    /// Finds the bits from one position to another.
    fn find(&mut self, words: &[u64], from: usize, to: usize) {
        let words = &words[..to.div_ceil(64)];
        let bits = simd::positions(words, &mut self.all);
        let found = &self.all[..bits];
        let before = |limit: usize| found.partition_point(|position| (*position as usize) < limit);
        self.range = before(from)..before(to);
    }
}
