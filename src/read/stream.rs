//! Rows of an input on several threads, in bounded memory, with a result that does not hang on their number.

use std::borrow::Cow;
use std::sync::Mutex;

use memchr::{memchr, memchr_iter};

use crate::domain::finding::Code;
use crate::domain::place::Place;
use crate::read::Reading;
use crate::read::csv::{Field, Records};
use crate::read::error::{InputError, Reason};
use crate::read::header::Header;
use crate::read::notes::Notes;
use crate::read::source::{Source, Tap};
use crate::read::split::{Block, Blocks, SplitError};

/// What was read of an input.
#[derive(Clone, Debug)]
pub struct FileSummary {
    /// Bytes read.
    pub bytes: u64,
    /// SHA-256 of the bytes, if asked for.
    pub sha256: Option<String>,
    /// Rows and findings.
    pub notes: Notes,
    /// The names of the columns.
    pub header: Header,
}

/// A row with as many fields as the header.
pub struct Row<'r> {
    /// The line on which the record starts.
    pub line: u64,
    fields: &'r [Field],
    bytes: &'r [u8],
    file: &'r str,
    header: &'r Header,
    /// The block as text, if all of it is UTF-8, so that its cells need not be looked at again.
    text: Option<&'r str>,
}

/// What is done with the rows of an input, and with what came of them.
pub trait Consumer: Sync {
    /// The columns that the rows are asked for.
    type Columns: Sync;
    /// What comes of a block.
    type Part: Send;

    /// Finds the columns.
    fn columns(&self, header: &Header) -> Result<Self::Columns, InputError>;
    /// An empty part.
    fn part(&self) -> Self::Part;
    /// Takes a row in.
    fn row(
        &self,
        columns: &Self::Columns,
        row: &Row<'_>,
        part: &mut Self::Part,
        notes: &mut Notes,
    ) -> Result<(), InputError>;
}

/// Reads an input. Blocks are judged on several threads and collected in any order, so what `collect` does with
/// them must not hang on their order.
///
/// # Errors
/// The first error in the order of the input, whatever the number of threads.
pub fn read<C: Consumer>(
    source: &Source,
    reading: &Reading<'_>,
    consumer: &C,
    collect: impl FnMut(C::Part) + Send,
) -> Result<FileSummary, InputError> {
    let mut blocks = Blocks::new(source.open(reading)?, reading.limits);
    let split_error = |error| split_error(source, reading, error);
    if let Some(reason) = not_text(blocks.begin(b"\xEF\xBB\xBF").map_err(split_error)?) {
        return Err(InputError { place: Place::file(&*source.name), reason });
    }
    let (header, first) = take_header(source, &mut blocks).map_err(split_error)??;
    let columns = consumer.columns(&header)?;

    let worker = Worker { source, header: &header, columns: &columns, consumer };
    let queue = Mutex::new(Queue { blocks, first: Some(first), stopped: false });
    let sink = Mutex::new(Sink { collect, notes: Notes::default(), error: None });
    let work = || {
        loop {
            let block = match lock(&queue).next() {
                Ok(Some(block)) => block,
                Ok(None) => return,
                Err(error) => return lock(&sink).fail(split_error(error)),
            };
            match worker.block(&block) {
                Ok((part, notes)) => lock(&sink).add(part, notes),
                Err(error) => {
                    lock(&queue).stopped = true;
                    return lock(&sink).fail(error);
                }
            }
        }
    };
    if reading.threads <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..reading.threads {
                scope.spawn(work);
            }
        });
    }

    let Sink { notes, error, .. } = sink.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(error) = error {
        return Err(error);
    }
    let queue = queue.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut tap = queue.blocks.into_input();
    Ok(FileSummary { bytes: tap.count(), sha256: tap.digest(), notes, header })
}

/// Why an input that begins like this is no text that can be read.
fn not_text(begin: &[u8]) -> Option<Reason> {
    match begin {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some(Reason::Utf16),
        [0x1F, 0x8B, ..] => Some(Reason::Compressed("gzip")),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Reason::Compressed("Zstandard")),
        [b'P', b'K', 3, 4, ..] => Some(Reason::Compressed("zip (or Excel)")),
        _ => None,
    }
}

/// The header of an input, and what follows it in its block.
fn take_header(
    source: &Source,
    blocks: &mut Blocks<Tap<'_>>,
) -> Result<Result<(Header, Block), InputError>, SplitError> {
    let fail = |reason| Err(InputError { place: Place::file(&*source.name), reason });
    while let Some(block) = blocks.next_block()? {
        let mut records = Records::new(&block.bytes, block.line);
        if let Some(header) = Header::take(&source.name, &mut records, &block.bytes) {
            if let Some(at) = memchr(0, &block.bytes[..block.bytes.len() - records.rest().0.len()]) {
                let line = block.line + memchr_iter(b'\n', &block.bytes[..at]).count() as u64;
                return Ok(Err(InputError {
                    place: Place::line(&*source.name, line),
                    reason: Reason::NulByte,
                }));
            }
            let (rest, line) = records.rest();
            return Ok(Ok((header, Block { line, bytes: rest.to_vec() })));
        }
    }
    Ok(fail(Reason::Empty))
}

fn split_error(source: &Source, reading: &Reading<'_>, error: SplitError) -> InputError {
    let at = |line, reason| InputError { place: Place::line(&*source.name, line), reason };
    match error {
        SplitError::Io(error) => source.read_error(&error, reading),
        SplitError::Unclosed { line } => at(line, Reason::UnclosedQuote),
        SplitError::TooLong { carriage_returns: true, .. } => {
            InputError { place: Place::file(&*source.name), reason: Reason::CarriageReturns }
        }
        SplitError::TooLong { line, quote_line, .. } => {
            at(line, Reason::RecordTooLong { bytes: reading.limits.record_bytes, quote_line })
        }
    }
}

/// Blocks are handed out in the order of the input.
struct Queue<'a> {
    blocks: Blocks<Tap<'a>>,
    first: Option<Block>,
    stopped: bool,
}

impl Queue<'_> {
    fn next(&mut self) -> Result<Option<Block>, SplitError> {
        if self.stopped {
            return Ok(None);
        }
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let next = self.blocks.next_block();
        self.stopped = !matches!(next, Ok(Some(_)));
        next
    }
}

struct Sink<F> {
    collect: F,
    notes: Notes,
    error: Option<InputError>,
}

impl<F> Sink<F> {
    fn add<P>(&mut self, part: P, notes: Notes)
    where
        F: FnMut(P),
    {
        (self.collect)(part);
        self.notes.merge(notes);
    }

    /// Keeps the error that comes first in the input: all blocks before it were handed out, and are finished.
    fn fail(&mut self, error: InputError) {
        let line = |error: &InputError| error.place.line.unwrap_or(u64::MAX);
        if self.error.as_ref().is_none_or(|known| line(&error) < line(known)) {
            self.error = Some(error);
        }
    }
}

struct Worker<'a, C: Consumer> {
    source: &'a Source,
    header: &'a Header,
    columns: &'a C::Columns,
    consumer: &'a C,
}

impl<C: Consumer> Worker<'_, C> {
    fn block(&self, block: &Block) -> Result<(C::Part, Notes), InputError> {
        let bytes = block.bytes.as_slice();
        let nul_line =
            memchr(0, bytes).map(|at| block.line + memchr_iter(b'\n', &bytes[..at]).count() as u64);
        let text = simdutf8::basic::from_utf8(bytes).ok();
        let (mut part, mut notes) = (self.consumer.part(), Notes::default());
        let mut records = Records::new(bytes, block.line);
        let mut fields = Vec::with_capacity(self.header.width());
        while let Some(line) = records.next_record(&mut fields) {
            // A NUL byte stands in this record if the next one starts behind it.
            if let Some(nul_line) = nul_line
                && records.rest().1 > nul_line
            {
                return Err(self.error(nul_line, Reason::NulByte));
            }
            notes.rows += 1;
            if fields.len() != self.header.width() {
                notes.reject(Code::RaggedRow, line, None);
                continue;
            }
            let row =
                Row { line, fields: &fields, bytes, file: &self.source.name, header: self.header, text };
            self.consumer.row(self.columns, &row, &mut part, &mut notes)?;
            for column in
                fields.iter().enumerate().filter(|(_, field)| field.stray_quote).map(|(column, _)| column)
            {
                notes.notice(Code::StrayQuote, line, Some(column));
            }
        }
        match nul_line {
            Some(line) => Err(self.error(line, Reason::NulByte)),
            None => Ok((part, notes)),
        }
    }

    fn error(&self, line: u64, reason: Reason) -> InputError {
        InputError { place: Place::line(&*self.source.name, line), reason }
    }
}

impl<'r> Row<'r> {
    /// The text of a column.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self, column: usize) -> Result<Cow<'r, str>, InputError> {
        let field = &self.fields[column];
        if let (Some(text), Some(range)) = (self.text, field.plain(self.bytes)) {
            return Ok(Cow::Borrowed(&text[range]));
        }
        let not_utf8 = || self.error(column, Reason::NotUtf8);
        match field.text(self.bytes) {
            Cow::Borrowed(text) => std::str::from_utf8(text).map(Cow::Borrowed).map_err(|_| not_utf8()),
            Cow::Owned(text) => String::from_utf8(text).map(Cow::Owned).map_err(|_| not_utf8()),
        }
    }

    /// An error in a column of this row.
    pub fn error(&self, column: usize, reason: Reason) -> InputError {
        let column = crate::domain::text::printable(self.header.name(column));
        InputError { place: Place::cell(self.file, self.line, column), reason }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
