//! Records and fields of a block, by the quoting rules of `split`.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memchr3};

/// The records of a block, one after the other. Blank lines are no records.
pub struct Records<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u64,
}

/// A field of a record: where it stands in the block.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    start: usize,
    end: usize,
    /// Whether a quotation mark stands where the standard has none; the field is then read as it stands.
    pub stray_quote: bool,
}

impl<'b> Records<'b> {
    /// The records of a block whose first record starts on this line.
    pub fn new(bytes: &'b [u8], line: u64) -> Self {
        Self { bytes, at: 0, line }
    }

    /// Puts the fields of the next record in `fields` and tells the line on which it starts; none at the end.
    pub fn next_record(&mut self, fields: &mut Vec<Field>) -> Option<u64> {
        fields.clear();
        self.skip_blank_lines();
        if self.at >= self.bytes.len() {
            return None;
        }
        let line = self.line;
        loop {
            let (mut field, ends_record) = self.field();
            if ends_record && field.end > field.start && self.bytes[field.end - 1] == b'\r' {
                field.end -= 1;
            }
            if self.bytes.get(field.start) == Some(&b'"') {
                field.stray_quote |=
                    closing_quote(&self.bytes[field.start..field.end]) + 1 < field.end - field.start;
            }
            fields.push(field);
            if ends_record {
                return Some(line);
            }
        }
    }

    /// The bytes behind the records taken so far, and the line on which they start.
    pub fn rest(&self) -> (&'b [u8], u64) {
        (&self.bytes[self.at.min(self.bytes.len())..], self.line)
    }

    fn skip_blank_lines(&mut self) {
        loop {
            match &self.bytes[self.at.min(self.bytes.len())..] {
                [b'\n', ..] => self.at += 1,
                [b'\r', b'\n', ..] => self.at += 2,
                [b'\r'] => {
                    self.at += 1;
                    return;
                }
                _ => return,
            }
            self.line += 1;
        }
    }

    /// The next field, and whether the record ends behind it.
    fn field(&mut self) -> (Field, bool) {
        let (bytes, start) = (self.bytes, self.at);
        let mut stray_quote = false;
        let mut end = start;
        if bytes.get(start) == Some(&b'"') {
            end = start + 1 + closing_quote(&bytes[start..]).min(bytes.len() - start - 1);
            self.line += memchr_iter(b'\n', &bytes[start..end]).count() as u64;
            // Text behind the closing mark belongs to the field, marks included.
            end += memchr2(b',', b'\n', &bytes[end..]).unwrap_or(bytes.len() - end);
        } else {
            loop {
                match memchr3(b',', b'\n', b'"', &bytes[end..]) {
                    None => end = bytes.len(),
                    Some(at) if bytes[end + at] == b'"' => {
                        stray_quote = true;
                        end += at + 1;
                        continue;
                    }
                    Some(at) => end += at,
                }
                break;
            }
        }
        self.at = end + 1;
        let ends_record = bytes.get(end) != Some(&b',');
        if bytes.get(end) == Some(&b'\n') {
            self.line += 1;
        }
        (Field { start, end, stray_quote }, ends_record)
    }
}

impl Field {
    /// The text of the field, without the quotation marks that quote it.
    pub fn text<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        match self.plain(bytes) {
            Some(range) => Cow::Borrowed(&bytes[range]),
            None => Cow::Owned(unquoted(&bytes[self.start..self.end])),
        }
    }

    /// Where the text of the field stands as it is; none if quotation marks must be taken out of its middle.
    pub fn plain(&self, bytes: &[u8]) -> Option<Range<usize>> {
        match bytes[self.start..self.end].split_first() {
            Some((b'"', quoted)) => {
                let close = memchr(b'"', quoted)?;
                (close + 1 == quoted.len()).then_some(self.start + 1..self.end - 1)
            }
            _ => Some(self.start..self.end),
        }
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
