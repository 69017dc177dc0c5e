//! Lists the quotation marks that begin or end a text of a JSON object, from the positions of all marks of a block.

use memchr::memchr_iter;

use crate::blocks::Block;
use crate::records::CsvRecord;

/// An object on one line, which is UTF-8 and has no control character, and its quotation marks.
pub struct MarkedObject<'b> {
    /// The object, and at least 32 bytes after it.
    pub padded: &'b [u8],
    /// Length of the object.
    pub length: usize,
    /// Positions in the block of the quotation marks that begin or end a text.
    pub marks: &'b [u32],
    /// Position of the object in the block.
    pub begin: u32,
    /// Whether it is ASCII.
    pub is_ascii: bool,
    /// Whether a text has an escape.
    pub has_escapes: bool,
}

/// Marks the objects of a block, in order.
pub struct Marker<'b> {
    block: &'b Block,
    /// Whether the block is UTF-8 and has no control character, which JSON does not allow in a text.
    is_usual: bool,
    /// Positions of the first backslash that was not passed, and of the others.
    backslash: Option<usize>,
    backslashes: memchr::Memchr<'b>,
    /// The marks of the current object, if some of its quotation marks are not among them.
    marks: Vec<u32>,
}

impl<'b> Marker<'b> {
    /// Begins with the first object of a block.
    pub fn new(block: &'b Block, is_utf8: bool) -> Self {
        let mut backslashes = memchr_iter(b'\\', block.records());
        let is_usual = is_utf8 && !has_control(block.records());
        Self { block, is_usual, backslash: backslashes.next(), backslashes, marks: Vec::new() }
    }

    /// Marks the object of a record. `None` if a parser must read it.
    #[inline(always)]
    pub fn marked<'m>(&'m mut self, record: &CsvRecord<'m>, object: &[u8]) -> Option<MarkedObject<'m>> {
        if !self.is_usual {
            return None;
        }
        let (records, end) = (self.block.records(), record.end());
        // Only spaces are between the beginning of the line and the object.
        let begin = record.begin()
            + (records[record.begin()..end].len() - records[record.begin()..end].trim_ascii_start().len());
        let has_escapes = self.has_backslash(record);
        let mut marks = record.separators();
        if has_escapes {
            list_marks(object, begin as u32, marks, &mut self.marks)?;
            marks = &self.marks;
        }
        let (padded, is_ascii) = (&self.block.padded()[begin..], !self.block.separators().seen.beyond_ascii);
        Some(MarkedObject { padded, length: object.len(), marks, begin: begin as u32, is_ascii, has_escapes })
    }

    /// Returns whether a record has a backslash. Records must be passed in order.
    #[inline(always)]
    fn has_backslash(&mut self, record: &CsvRecord<'_>) -> bool {
        while self.backslash.is_some_and(|at| at < record.begin()) {
            self.backslash = self.backslashes.next();
        }
        self.backslash.is_some_and(|at| at < record.end())
    }
}

/// Lists the quotation marks of an object that are not part of an escape. `None` if an escape is other than one character.
fn list_marks(object: &[u8], begin: u32, all: &[u32], marks: &mut Vec<u32>) -> Option<()> {
    let mut all = all.iter().copied().peekable();
    let mut after = 0;
    marks.clear();
    for at in memchr_iter(b'\\', object) {
        // The second of two backslashes is the character that the first one escapes.
        if at < after {
            continue;
        }
        let escaped = object.get(at + 1)?;
        if !matches!(escaped, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') {
            return None;
        }
        after = at + 2;
        marks.extend(std::iter::from_fn(|| all.next_if(|mark| *mark < begin + at as u32)));
        all.next_if_eq(&(begin + at as u32 + 1));
    }
    marks.extend(all);
    Some(())
}

/// Returns whether some lines contain a control character other than a line feed.
fn has_control(lines: &[u8]) -> bool {
    // Makes the line feed the greatest byte and the other control characters the least ones. Without an early exit, so that many bytes are
    // compared at once.
    let ordered = |byte: &u8| (byte ^ b'\n').wrapping_sub(1);
    let is_control = |part: &[u8]| part.iter().map(ordered).fold(u8::MAX, u8::min) < b' ' - 1;
    lines.chunks(1024).any(is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_character_is_found_and_a_line_feed_is_none() {
        for byte in 0..=u8::MAX {
            let line = [b"{\"a\":\"".as_slice(), &[byte], b"\"}\n"].concat();
            assert_eq!(has_control(&line), byte < b' ' && byte != b'\n', "{byte}");
        }
    }

    #[test]
    fn a_mark_that_is_escaped_neither_begins_nor_ends_a_text() {
        for (object, expected) in [
            (r#"{"a":"b"}"#, Some("{_a_:_b_}")),
            (r#"{"a":"\"b\""}"#, Some(r#"{_a_:_\"b\"_}"#)),
            (r#"{"a":"b\\"}"#, Some(r"{_a_:_b\\_}")),
            (r#"{"a":"\\\"\n"}"#, Some(r#"{_a_:_\\\"\n_}"#)),
            (r#"{"a":"\u0022"}"#, None),
            (r#"{"a":"\x"}"#, None),
            (r#"{"a":"\"#, None),
        ] {
            let all: Vec<u32> = memchr_iter(b'"', object.as_bytes()).map(|at| 7 + at as u32).collect();
            let mut marks = Vec::new();
            let found = list_marks(object.as_bytes(), 7, &all, &mut marks);
            let mut shown = object.as_bytes().to_vec();
            marks.iter().for_each(|mark| shown[*mark as usize - 7] = b'_');
            let shown = found.map(|()| String::from_utf8(shown).expect("a text"));
            assert_eq!(shown.as_deref(), expected, "{object}");
        }
    }
}
