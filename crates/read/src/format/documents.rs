//! Reads JSON that is not NDJSON: arrays of objects, arrays under a key, FHIR Bundles, and objects over several lines. Buffers no more than
//! one object at a time.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr_iter;

use crate::blocks::{BlockError, BlockLimits};
use crate::chunk_error::ChunkError;
use crate::error::{InputError, InputErrorKind};
use crate::format::answer::{Answers, Page};
use crate::format::bundle;
use crate::format::deleted::Deleted;
use crate::format::shape::{Shape, Walk, key};
use mucalc_core::domain::source_location::SourceLocation;

/// Objects of a document, each with the line on which it starts.
#[derive(Default)]
pub struct Objects {
    bytes: Vec<u8>,
    spans: Vec<(Range<usize>, u64)>,
    /// Number of objects of the document before these.
    pub before: u64,
}

impl Objects {
    /// Returns each object with its line.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.spans.iter().map(|(span, line)| (&self.bytes[span.clone()], *line))
    }

    fn push(&mut self, object: &[u8], line: u64) {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(object);
        self.spans.push((begin..self.bytes.len(), line));
    }
}

/// A reader of the objects of a JSON document.
pub struct Documents<R> {
    input: R,
    file: String,
    limits: BlockLimits,
    /// The keys that a row may have.
    wanted: Vec<String>,
    /// The bytes that were read. Those from `at` on are not used yet.
    buffer: Vec<u8>,
    at: usize,
    /// Line of the position.
    line: u64,
    /// Number of objects returned so far.
    handed_out: u64,
    at_end: bool,
    /// Containers around the position, the innermost last.
    inside: Vec<Inside>,
    /// An error that follows objects which must be returned first.
    error: Option<ChunkError>,
    answers: Answers,
    /// The page being read, and the line on which it begins.
    page: (Page, u64),
    deleted: Deleted,
}

/// A value that contains objects.
enum Inside {
    /// An array of rows.
    Rows {
        /// Whether each element is an entry of a Bundle.
        entries: bool,
        /// Whether an element was read.
        begun: bool,
    },
    /// An object with the rows under one key.
    Fields {
        key: String,
        /// Whether the object is a Bundle.
        bundle: bool,
        /// Whether every key was known when this one was chosen.
        is_settled: bool,
        /// Whether the key was reached.
        met: bool,
    },
}

type ReadProgress<T> = Result<T, ChunkError>;

impl<R: Read> Documents<R> {
    /// Creates a reader at the first byte of a document. `file` is its name, and `paths` are the paths that rows may have.
    pub fn new(input: R, file: &str, limits: BlockLimits, paths: &[&str]) -> Self {
        let first = |path: &&str| path.split('.').next().unwrap_or_default().to_owned();
        Self {
            input,
            file: file.to_owned(),
            limits,
            wanted: paths.iter().map(first).collect(),
            buffer: Vec::new(),
            at: 0,
            line: 1,
            handed_out: 0,
            at_end: false,
            inside: Vec::new(),
            error: None,
            answers: Answers::default(),
            page: (Page::default(), 1),
            deleted: Deleted::default(),
        }
    }

    /// Returns what the documents read so far show about further pages.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Returns the next objects, or `None` at the end.
    ///
    /// # Errors
    /// If the document cannot be read, is cut off, or has no rows.
    pub fn next(&mut self) -> ReadProgress<Option<Objects>> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let mut objects = Objects { before: self.handed_out, ..Objects::default() };
        while objects.bytes.len() < self.limits.block_bytes {
            match self.step(&mut objects) {
                Ok(true) => {}
                Ok(false) => break,
                // Complete objects are returned before the error.
                Err(error) if !objects.spans.is_empty() => {
                    self.error = Some(error);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        self.handed_out += objects.spans.len() as u64;
        Ok(Some(objects).filter(|objects| !objects.spans.is_empty()))
    }

    /// Advances by one object, or one step on the way to it. Returns `false` at the end.
    fn step(&mut self, objects: &mut Objects) -> ReadProgress<bool> {
        let Some(byte) = self.peek()? else {
            return if self.inside.is_empty() { Ok(false) } else { Err(self.fail(DAMAGED)) };
        };
        match self.inside.pop() {
            None => self.document(byte, objects)?,
            Some(Inside::Rows { entries, begun }) => self.row(byte, entries, begun, objects)?,
            Some(Inside::Fields { key, bundle, is_settled, met }) => {
                self.field(byte, key, (bundle, is_settled, met))?;
            }
        }
        Ok(true)
    }

    /// Reads the outermost value.
    fn document(&mut self, byte: u8, objects: &mut Objects) -> ReadProgress<()> {
        match byte {
            b'[' => {
                self.skip(1);
                self.inside.push(Inside::Rows { entries: false, begun: false });
                return Ok(());
            }
            b'{' => {}
            // The separator that begins each text in a sequence of JSON texts.
            0x1E => {
                self.skip(1);
                return Ok(());
            }
            _ => return Err(self.fail(DAMAGED)),
        }
        let length = self.value()?;
        let known = length.unwrap_or(self.buffer.len() - self.at);
        let object = &self.buffer[self.at..self.at + known];
        let (key, bundle) = match (Shape::from_object(object, &self.wanted), length) {
            (Shape::Record, Some(length)) => {
                objects.push(object, self.line);
                self.skip(length);
                return Ok(());
            }
            (Shape::Record, None) => return Err(self.too_long()),
            // A complete Bundle is opened at once, so that its references can be resolved.
            (Shape::Bundle, Some(length)) => {
                if serde_json::from_slice::<serde::de::IgnoredAny>(object).is_err() {
                    return Err(self.fail(DAMAGED));
                }
                let (mut line, mut from) = (self.line, 0);
                for resource in bundle::resources(object, self.line, &mut self.answers) {
                    line += memchr_iter(b'\n', &object[from..resource.begin]).count() as u64;
                    from = resource.begin;
                    objects.push(&resource.json, line);
                }
                self.skip(length);
                return Ok(());
            }
            (Shape::Bundle, None) => ("entry".to_owned(), true),
            (Shape::Wrapper(key), _) => (key, false),
            (Shape::Several(keys), _) => return Err(self.fail(InputErrorKind::SeveralLists { keys })),
            (Shape::Nothing, _) => return Err(self.fail(InputErrorKind::JsonDocument)),
        };
        self.page = (Page::default(), self.line);
        self.skip(1);
        self.inside.push(Inside::Fields { key, bundle, is_settled: length.is_some(), met: false });
        Ok(())
    }

    /// Reads what follows in an array of rows.
    fn row(&mut self, byte: u8, entries: bool, begun: bool, objects: &mut Objects) -> ReadProgress<()> {
        let begun = match byte {
            b']' => {
                self.skip(1);
                return Ok(());
            }
            b',' => {
                self.skip(1);
                begun
            }
            // The first element shows what the array contains. Later elements that are not objects are unreadable rows.
            _ if byte != b'{' && !begun => return Err(self.fail(InputErrorKind::JsonDocument)),
            b'}' | b':' => return Err(self.fail(DAMAGED)),
            _ => {
                let Some(length) = self.value()? else { return Err(self.too_long()) };
                let value = &self.buffer[self.at..self.at + length];
                match entries {
                    false => {
                        self.page.0.row();
                        objects.push(value, self.line);
                    }
                    true => {
                        let at = self.deleted.next();
                        self.page.0.entry(value);
                        match bundle::resource_of(value) {
                            Some(resource) => {
                                let before = memchr_iter(b'\n', &value[..resource.start]).count() as u64;
                                let json = Cow::Borrowed(&value[resource]);
                                let marked = self.deleted.marked(&json, at);
                                objects.push(&marked.unwrap_or(json), self.line + before);
                            }
                            None => self.deleted.note(value, at),
                        }
                    }
                }
                self.skip(length);
                true
            }
        };
        self.inside.push(Inside::Rows { entries, begun });
        Ok(())
    }

    /// Reads what follows in an object with the rows under one key.
    fn field(
        &mut self,
        byte: u8,
        wanted: String,
        (bundle, is_settled, met): (bool, bool, bool),
    ) -> ReadProgress<()> {
        match byte {
            b'}' => {
                self.skip(1);
                let (page, line) = std::mem::take(&mut self.page);
                self.answers.add(page, line);
                return Ok(());
            }
            b',' => {
                self.skip(1);
                self.inside.push(Inside::Fields { key: wanted, bundle, is_settled, met });
                return Ok(());
            }
            b'"' => {}
            _ => return Err(self.fail(DAMAGED)),
        }
        let Some(length) = self.value()? else { return Err(self.too_long()) };
        let name = key(&self.buffer[self.at..self.at + length]).into_owned();
        self.skip(length);
        if self.peek()? != Some(b':') {
            return Err(self.fail(DAMAGED));
        }
        self.skip(1);
        let is_rows = name == wanted;
        let is_list = self.peek()? == Some(b'[');
        if is_list && (is_rows || !is_settled && !bundle) {
            self.skip(1);
            let other = !is_rows && self.peek()? == Some(b'{');
            if other || is_rows && met {
                return Err(self.fail(InputErrorKind::SeveralLists { keys: vec![wanted, name] }));
            }
            self.inside.push(Inside::Fields { key: wanted, bundle, is_settled, met: met || is_rows });
            match is_rows {
                true => self.inside.push(Inside::Rows { entries: bundle, begun: false }),
                false => self.pass(1)?,
            }
            return Ok(());
        }
        if Page::asks(&name) {
            // A field about pages is short. A longer one is about something else.
            if let Some(length) = self.value()? {
                self.page.0.field(&name, &self.buffer[self.at..self.at + length]);
            }
        }
        self.pass(0)?;
        self.inside.push(Inside::Fields { key: wanted, bundle, is_settled, met });
        Ok(())
    }

    /// Returns the next byte that is not white space, or `None` at the end.
    fn peek(&mut self) -> ReadProgress<Option<u8>> {
        loop {
            let rest = &self.buffer[self.at..];
            if let Some(blanks) = rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
                self.skip(blanks);
                return Ok(Some(self.buffer[self.at]));
            }
            self.skip(self.buffer.len() - self.at);
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Returns the length of the value at this position, and fills the buffer up to its end. Returns `None` if the value is longer than an
    /// object may be.
    fn value(&mut self) -> ReadProgress<Option<usize>> {
        let (mut walk, mut seen) = (Walk::default(), 0);
        loop {
            let rest = &self.buffer[self.at..];
            let length = rest.len();
            if let Some(end) = walk.scan(&rest[seen..]) {
                return Ok(Some(seen + end));
            }
            seen = length;
            if seen > self.limits.record_bytes {
                return Ok(None);
            }
            if !self.fill()? {
                return Err(self.fail(DAMAGED));
            }
        }
    }

    /// Skips a value in which `open` arrays are already open.
    fn pass(&mut self, open: u64) -> ReadProgress<()> {
        let mut walk = Walk::at_depth(open);
        self.peek()?;
        loop {
            if let Some(end) = walk.scan(&self.buffer[self.at..]) {
                self.skip(end);
                return Ok(());
            }
            self.skip(self.buffer.len() - self.at);
            if !self.fill()? {
                return Err(self.fail(DAMAGED));
            }
        }
    }

    /// Advances by a number of bytes, and counts their lines.
    fn skip(&mut self, bytes: usize) {
        self.line += memchr_iter(b'\n', &self.buffer[self.at..self.at + bytes]).count() as u64;
        self.at += bytes;
    }

    /// Reads more bytes. Returns `false` at the end.
    fn fill(&mut self) -> ReadProgress<bool> {
        if self.at_end {
            return Ok(false);
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + self.limits.block_bytes.max(1), 0);
        let read = loop {
            match self.input.read(&mut self.buffer[filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(filled + read.as_ref().map_or(0, |read| *read));
        self.at_end = read.map_err(|error| ChunkError::Split(BlockError::Io(error)))? == 0;
        Ok(!self.at_end)
    }

    fn too_long(&self) -> ChunkError {
        self.fail(InputErrorKind::RecordTooLong { bytes: self.limits.record_bytes, quote_line: None })
    }

    fn fail(&self, reason: InputErrorKind) -> ChunkError {
        ChunkError::Input(Box::new(InputError {
            place: SourceLocation::line(&*self.file, self.line),
            reason,
        }))
    }
}

const DAMAGED: InputErrorKind = InputErrorKind::Damaged("JSON document");

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the objects of a document with their lines, and how the reading ended. Reads in pieces of `block_bytes` bytes.
    fn read(json: &str, block_bytes: usize, record_bytes: usize) -> (Vec<(String, u64)>, &'static str) {
        let limits = BlockLimits { block_bytes, record_bytes };
        let mut documents = Documents::new(json.as_bytes(), "x.json", limits, &["id", "day.start"]);
        let mut all = Vec::new();
        loop {
            match documents.next() {
                Ok(Some(objects)) => all.extend(
                    objects.iter().map(|(object, line)| (String::from_utf8_lossy(object).into_owned(), line)),
                ),
                Ok(None) => return (all, "whole"),
                Err(ChunkError::Input(error)) => return (all, error.code()),
                Err(_) => return (all, "other"),
            }
        }
    }

    #[test]
    fn rows_are_found_wherever_a_document_has_them_with_the_line_on_which_each_starts() {
        for (json, rows, end) in [
            ("[{\"id\":1},{\"id\":2}]", &[("{\"id\":1}", 1), ("{\"id\":2}", 1)][..], "whole"),
            ("[\n {\"id\":\n1}\n,\n{\"id\":2}\n]\n", &[("{\"id\":\n1}", 2), ("{\"id\":2}", 5)], "whole"),
            ("[]", &[], "whole"),
            // Objects over several lines, one after another.
            ("{\n\"id\":1\n}\n{\n\"id\":2\n}", &[("{\n\"id\":1\n}", 1), ("{\n\"id\":2\n}", 4)], "whole"),
            (
                "{\"total\":[1,[2]],\n\"data\":[{\"id\":1}],\"next\":{\"a\":[{}]}}\n{\"data\":[{\"id\":2}]}",
                &[("{\"id\":1}", 2), ("{\"id\":2}", 3)],
                "whole",
            ),
            (
                "{\"resourceType\":\"Bundle\",\n\"entry\":[\n{\"fullUrl\":\"x\",\n\"resource\":{\"id\":1}},{\"response\":{}},{\"resource\":{\"id\":2}}]}",
                &[("{\"id\":1}", 4), ("{\"id\":2}", 4)],
                "whole",
            ),
            ("{\"a\":[{\"id\":1}],\"b\":[{\"id\":2}]}", &[], "several-lists"),
            ("[[1,2],[3,4]]", &[], "json-document"),
            ("{\"1\":{\"id\":1},\"2\":{\"id\":2}}", &[], "json-document"),
            // Complete objects are returned before what is cut off or not JSON.
            ("[{\"id\":1},{\"id\":2", &[("{\"id\":1}", 1)], "damaged"),
            ("[{\"id\":1}", &[("{\"id\":1}", 1)], "damaged"),
            ("[{\"id\":1}] x", &[("{\"id\":1}", 1)], "damaged"),
            ("[{\"id\":1}, 7]", &[("{\"id\":1}", 1), ("7", 1)], "whole"),
        ] {
            for block in [1, 2, 7, 1 << 16] {
                let (found, how) = read(json, block, 1 << 16);
                let rows: Vec<_> = rows.iter().map(|(row, line)| ((*row).to_owned(), *line)).collect();
                assert_eq!((found, how), (rows, end), "{json} in pieces of {block}");
            }
        }
    }

    #[test]
    fn a_document_larger_than_an_object_may_be_is_read_all_the_same() {
        let rows = |first: u64, last: u64| {
            (first..=last).map(|id| format!("{{\"id\":{id}}}")).collect::<Vec<_>>().join(",\n")
        };
        let entries = rows(1, 40).replace("{\"id", "{\"resource\":{\"id").replace('}', "}}");
        for (json, count, end) in [
            (format!("{{\"meta\":{{\"a\":1}},\"data\":[{}]}}", rows(1, 40)), 40, "whole"),
            (format!("{{\"resourceType\":\"Bundle\",\"entry\":[{entries}]}}"), 40, "whole"),
            (format!("{{\"entry\":[{entries}],\"resourceType\":\"Bundle\"}}"), 40, "whole"),
            // A second list appears after the first.
            (format!("{{\"data\":[{}],\"more\":[{}]}}", rows(1, 40), rows(41, 42)), 40, "several-lists"),
            (format!("[{}]", rows(1, 40)), 40, "whole"),
            (format!("[{{\"id\":1}},{{\"id\":\"{}\"}}]", "x".repeat(200)), 1, "record-too-long"),
            (format!("{{\"id\":\"{}\"}}", "x".repeat(200)), 0, "record-too-long"),
        ] {
            let (found, how) = read(&json, 16, 100);
            assert_eq!((found.len(), how), (count, end), "{}", &json[..40]);
        }
    }
}
