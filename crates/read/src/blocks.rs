//! Cutting an input into blocks that end exactly where a record ends, whatever the quoting.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter};

use crate::separators::scalar::open_quote;
use crate::separators::{CsvDialect, Separators};

/// How large blocks and records may be.
#[derive(Clone, Copy, Debug)]
pub struct BlockLimits {
    /// How many bytes a block has, unless a single record is larger.
    pub block_bytes: usize,
    /// How many bytes a record may have.
    pub record_bytes: usize,
}

/// The blocks of an input.
pub struct BlockReader<R> {
    input: R,
    limits: BlockLimits,
    dialect: CsvDialect,
    /// What was read behind the last block: the beginning of a record.
    rest: Vec<u8>,
    /// The line on which it starts.
    line: u64,
    at_end: bool,
}

/// Whole records, and what separates them.
#[derive(Default)]
pub struct Block {
    /// The line on which the first record starts, counted from 1.
    pub line: u64,
    /// The records, each with its line feed, and before and behind them whatever there is.
    buffer: Vec<u8>,
    /// Where the records begin.
    begin: usize,
    /// How many bytes are records.
    length: usize,
    separators: Separators,
}

/// Why an input cannot be cut.
#[derive(Debug)]
pub enum BlockError {
    /// It cannot be read.
    Io(io::Error),
    /// A quoted field that opens on this line is never closed.
    Unclosed {
        /// The line.
        line: u64,
    },
    /// The record that starts on this line is longer than the limit.
    TooLong {
        /// The line.
        line: u64,
        /// The line of the quoted field that is open there.
        quote_line: Option<u64>,
        /// Whether there are carriage returns and no line feed in it.
        carriage_returns: bool,
    },
}

impl Default for BlockLimits {
    fn default() -> Self {
        Self { block_bytes: 256 << 10, record_bytes: 16 << 20 }
    }
}

/// So many bytes behind the records can be read as well, whatever they are.
const PADDING: usize = 64;

/// The system puts what it reads behind such a border of the memory. Where it begins a few bytes behind the border of a page,
/// some processors copy four times slower.
const BORDER: usize = 64;

impl Block {
    /// The records, each with its line feed.
    pub fn records(&self) -> &[u8] {
        &self.buffer[self.begin..self.begin + self.length]
    }

    /// The records and the bytes behind them, at least 64, which mean nothing.
    pub fn padded(&self) -> &[u8] {
        &self.buffer[self.begin..]
    }

    /// What separates the records and their fields; bits behind the records mean nothing.
    pub fn separators(&self) -> &Separators {
        &self.separators
    }

    /// Starts with the beginning of a record, so that there is room for so many bytes behind it, and these begin at a border.
    fn start(&mut self, beginning: &[u8], room: usize) {
        self.begin = 0;
        self.make_room(BORDER + beginning.len() + room);
        let place = self.buffer.as_ptr().addr() + beginning.len();
        self.begin = place.next_multiple_of(BORDER) - place;
        self.buffer[self.begin..][..beginning.len()].copy_from_slice(beginning);
    }

    /// Makes room for so many bytes behind the beginning. The buffer never gets smaller, since to fill it up again would cost as
    /// much as reading.
    fn make_room(&mut self, bytes: usize) {
        let length = self.begin + bytes + PADDING;
        self.buffer.resize(self.buffer.len().max(length), 0);
    }

    /// The bytes behind the beginning.
    fn bytes(&mut self) -> &mut [u8] {
        &mut self.buffer[self.begin..]
    }

    /// Looks for what separates so many bytes, and tells whether a whole record is among them.
    fn find(&mut self, filled: usize, dialect: CsvDialect) -> bool {
        self.separators.find(&self.buffer[self.begin..][..filled], dialect);
        self.length = self.separators.last_record_end();
        self.length > 0
    }
}

impl<R: Read> BlockReader<R> {
    /// Starts at the first byte of an input.
    pub fn new(input: R, limits: BlockLimits, dialect: CsvDialect) -> Self {
        Self { input, limits, dialect, rest: Vec::new(), line: 1, at_end: false }
    }

    /// Puts the next whole records in a block; false at the end.
    ///
    /// # Errors
    /// When the input cannot be read, ends inside a quoted field, or has a record beyond the limit.
    pub fn next_block(&mut self, block: &mut Block) -> Result<bool, BlockError> {
        let mut filled = self.rest.len();
        block.start(&self.rest, self.limits.block_bytes);
        loop {
            if !self.at_end {
                filled = self.fill(block, filled).map_err(BlockError::Io)?;
            }
            if self.at_end {
                if filled == 0 {
                    return Ok(false);
                }
                // What is whole comes first, since an error in it comes before one behind it.
                if block.find(filled, self.dialect) {
                    break;
                }
                let bytes = &mut block.bytes()[..=filled];
                if let Some(quote) = open_quote(&bytes[..filled], self.dialect) {
                    return Err(BlockError::Unclosed { line: self.line_of(&bytes[..quote]) });
                }
                // The last record may lack its line feed.
                bytes[filled] = b'\n';
                filled += 1;
            }
            if block.find(filled, self.dialect) {
                break;
            }
            if filled > self.limits.record_bytes {
                return Err(self.too_long(&block.bytes()[..filled]));
            }
        }
        self.rest.clear();
        self.rest.extend_from_slice(&block.padded()[block.length..filled]);
        block.line = self.line;
        let behind = memchr_iter(b'\n', &self.rest).count() as u64;
        self.line += block.separators.seen.line_feeds - behind;
        Ok(true)
    }

    /// Reads one block more behind what is filled, and tells how much is filled then.
    fn fill(&mut self, block: &mut Block, filled: usize) -> io::Result<usize> {
        // A record that is larger than a block is looked at from its beginning each time, so it grows by doubling.
        let wanted = filled + self.limits.block_bytes.max(1).max(filled);
        block.make_room(wanted);
        let mut end = filled;
        while end < wanted {
            match self.input.read(&mut block.bytes()[end..wanted]) {
                Ok(0) => {
                    self.at_end = true;
                    break;
                }
                Ok(read) => end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(end)
    }

    fn too_long(&self, record: &[u8]) -> BlockError {
        BlockError::TooLong {
            line: self.line,
            quote_line: open_quote(record, self.dialect).map(|quote| self.line_of(&record[..quote])),
            carriage_returns: memchr(b'\r', record).is_some() && memchr(b'\n', record).is_none(),
        }
    }

    /// The line behind bytes that start on the current one.
    fn line_of(&self, bytes: &[u8]) -> u64 {
        self.line + memchr_iter(b'\n', bytes).count() as u64
    }
}
