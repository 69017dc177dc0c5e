//! Rows of an input on several threads, in bounded memory, with a result that does not hang on their number.

use std::borrow::Cow;
use std::sync::Mutex;

use memchr::memchr;

use crate::domain::finding::Code;
use crate::domain::lines::{Line, Lines};
use crate::domain::place::Place;
use crate::layout::{Dictionary, Word};
use crate::read::Reading;
use crate::read::csv::{self, Record, Records};
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
    pub line: Line<'r>,
    record: Record<'r>,
    /// The bytes of the block, and some behind them.
    bytes: &'r [u8],
    file: &'r str,
    header: &'r Header,
    /// Whether all of the block is UTF-8, so that its cells need not be looked at again.
    is_utf8: bool,
}

/// Why reading stops: boxed, since it hardly ever happens and every cell could say so.
pub type Stop = Box<InputError>;

/// What is done with the rows of an input, and with what came of them.
pub trait Consumer: Sync {
    /// The columns that the rows are asked for.
    type Columns: Sync;
    /// What comes of a block.
    type Part: Send;
    /// What a thread remembers from row to row.
    type Memory;

    /// Finds the columns.
    fn columns(&self, header: &Header) -> Result<Self::Columns, InputError>;
    /// An empty part.
    fn part(&self) -> Self::Part;
    /// The memory of a thread.
    fn memory(&self) -> Self::Memory;
    /// Takes a row in.
    fn row(
        &self,
        columns: &Self::Columns,
        row: &Row<'_>,
        memory: &mut Self::Memory,
        part: &mut Self::Part,
        notes: &mut Notes,
    ) -> Result<(), Stop>;
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
    collect: impl Fn(C::Part) + Sync,
) -> Result<FileSummary, InputError> {
    let mut blocks = Blocks::new(source.open(reading)?, reading.limits, b',');
    let split_error = |error| split_error(source, reading, error);
    if let Some(reason) = not_text(blocks.begin(b"\xEF\xBB\xBF").map_err(split_error)?) {
        return Err(InputError { place: Place::file(&*source.name), reason });
    }
    let (header, first) = take_header(source, &mut blocks).map_err(split_error)??;
    let columns = consumer.columns(&header)?;

    let worker = Worker { source, header: &header, columns: &columns, consumer };
    let queue = Mutex::new(Queue { blocks, first: Some(first), stopped: false });
    let sink = Mutex::new(Sink::default());
    let work = || {
        let (mut block, mut records, mut memory) = (Block::default(), Records::default(), consumer.memory());
        loop {
            let next = lock(&queue).next(&mut block);
            let from = match next {
                Ok(Some(from)) => from,
                Ok(None) => return,
                Err(error) => return lock(&sink).fail(split_error(error)),
            };
            match worker.block(&block, from, &mut records, &mut memory) {
                Ok((part, notes)) => {
                    collect(part);
                    lock(&sink).notes.merge(notes);
                }
                Err(error) => {
                    lock(&queue).stopped = true;
                    return lock(&sink).fail(*error);
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

/// The header of an input, the block in which it stands, and where it ends there.
fn take_header(
    source: &Source,
    blocks: &mut Blocks<Tap<'_>>,
) -> Result<Result<(Header, Begun), InputError>, SplitError> {
    let (mut block, mut records) = (Block::default(), Records::default());
    while blocks.next_block(&mut block)? {
        let bytes = block.records();
        records.index(&block, 0);
        let Some(record) = records.iter(&block, 0, 1).next() else { continue };
        let line = Lines::new(bytes, block.line).at(record.begin()).number();
        if memchr(0, &bytes[record.begin()..record.end()]).is_some() {
            return Ok(Err(InputError { place: Place::line(&*source.name, line), reason: Reason::NulByte }));
        }
        let header = Header::new(&source.name, line, &record, bytes);
        let end = record.end() + 1;
        return Ok(Ok((header, Begun { block, from: end })));
    }
    Ok(Err(InputError { place: Place::file(&*source.name), reason: Reason::Empty }))
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

/// The block in which the header stands, and where the header ends.
struct Begun {
    block: Block,
    from: usize,
}

/// Blocks are handed out in the order of the input.
struct Queue<'a> {
    blocks: Blocks<Tap<'a>>,
    /// What stands behind the header in its block.
    first: Option<Begun>,
    stopped: bool,
}

impl Queue<'_> {
    /// Puts the next records in a block and tells where they begin; none at the end.
    fn next(&mut self, block: &mut Block) -> Result<Option<usize>, SplitError> {
        if self.stopped {
            return Ok(None);
        }
        if let Some(first) = self.first.take() {
            *block = first.block;
            return Ok(Some(first.from));
        }
        let next = self.blocks.next_block(block);
        self.stopped = !matches!(next, Ok(true));
        Ok(next?.then_some(0))
    }
}

#[derive(Default)]
struct Sink {
    notes: Notes,
    error: Option<InputError>,
}

impl Sink {
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
    /// Judges the records of a block, from a position on.
    fn block(
        &self,
        block: &Block,
        from: usize,
        records: &mut Records,
        memory: &mut C::Memory,
    ) -> Result<(C::Part, Notes), Stop> {
        let (bytes, seen) = (block.records(), block.separators().seen);
        let lines = Lines::new(bytes, block.line);
        let nul = if seen.nul { memchr(0, &bytes[from..]).map(|at| from + at) } else { None };
        let is_utf8 = !seen.beyond_ascii || simdutf8::basic::from_utf8(bytes).is_ok();
        let (mut part, mut notes) = (self.consumer.part(), Notes::default());
        records.index(block, from);
        for record in records.iter(block, from, self.header.width()) {
            let line = lines.at(record.begin());
            if nul.is_some_and(|nul| nul < record.end()) {
                break;
            }
            notes.rows += 1;
            if record.width() != self.header.width() {
                notes.reject(Code::RaggedRow, line.number(), None);
                continue;
            }
            let file = &self.source.name;
            let row = Row { line, record, bytes: block.padded(), file, header: self.header, is_utf8 };
            self.consumer.row(self.columns, &row, memory, &mut part, &mut notes)?;
            if seen.stray_quote {
                for column in (0..record.width()).filter(|column| csv::has_stray_quote(row.raw(*column))) {
                    notes.notice(Code::StrayQuote, line.number(), Some(column));
                }
            }
        }
        match nul {
            Some(nul) => Err(Box::new(self.error(lines.at(nul).number(), Reason::NulByte))),
            None => Ok((part, notes)),
        }
    }

    fn error(&self, line: u64, reason: Reason) -> InputError {
        InputError { place: Place::line(&*self.source.name, line), reason }
    }
}

impl<'r> Row<'r> {
    /// The cells from one column to another, as they stand; none where they must be looked at for UTF-8.
    #[inline(always)]
    pub fn run(&self, first: usize, last: usize) -> Option<(&'r [u8], usize)> {
        let (begin, _) = self.record.field(self.bytes, first);
        let (_, end) = self.record.field(self.bytes, last);
        self.is_utf8.then(|| (&self.bytes[begin..], end - begin))
    }

    /// The text of a column, if it is there as it is: not quoted, and known to be UTF-8.
    #[inline]
    pub fn plain(&self, column: usize) -> Option<&'r [u8]> {
        let raw = self.raw(column);
        (self.is_utf8 && raw.first() != Some(&b'"')).then_some(raw)
    }

    /// The text of a column, which is UTF-8.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self, column: usize) -> Result<Cow<'r, [u8]>, Stop> {
        let raw = self.raw(column);
        if !self.is_utf8 && std::str::from_utf8(raw).is_err() {
            return Err(self.error(column, Reason::NotUtf8));
        }
        Ok(csv::text(raw))
    }

    /// What the word in a column says.
    ///
    /// # Errors
    /// When the column is not UTF-8.
    #[inline(always)]
    pub fn word(&self, column: usize, dictionary: &Dictionary) -> Result<Word, Stop> {
        let (begin, end) = self.record.field(self.bytes, column);
        if self.is_utf8 && self.bytes[begin] != b'"' {
            return Ok(dictionary.look_up(self.bytes, begin..end));
        }
        self.odd_word(column, dictionary)
    }

    #[cold]
    fn odd_word(&self, column: usize, dictionary: &Dictionary) -> Result<Word, Stop> {
        let text = self.text(column)?;
        Ok(dictionary.look_up(&text, 0..text.len()))
    }

    /// A column as it stands, quotation marks included.
    #[inline]
    fn raw(&self, column: usize) -> &'r [u8] {
        let (begin, end) = self.record.field(self.bytes, column);
        &self.bytes[begin..end]
    }

    /// An error in a column of this row.
    pub fn error(&self, column: usize, reason: Reason) -> Stop {
        let column = crate::domain::text::printable(self.header.name(column));
        Box::new(InputError { place: Place::cell(self.file, self.line.number(), column), reason })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
