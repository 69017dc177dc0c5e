//! Cuts an input into blocks that end exactly where a record ends, whatever the quoting.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter};

use crate::separators::scalar::open_quote;
use crate::separators::{CsvDialect, Separators};

/// Size limits of blocks and records.
#[derive(Clone, Copy, Debug)]
pub struct BlockLimits {
    /// Bytes of a block, unless a single record is larger.
    pub block_bytes: usize,
    /// Maximum bytes of a record.
    pub record_bytes: usize,
}

/// A reader that cuts an input into blocks.
pub struct BlockReader<R> {
    input: R,
    limits: BlockLimits,
    dialect: CsvDialect,
    /// Bytes read after the last block: the beginning of a record.
    rest: Vec<u8>,
    /// Line on which that record starts, from 1.
    line: u64,
    at_end: bool,
}

/// Complete records and their separators.
#[derive(Default)]
pub struct Block {
    /// Line on which the first record starts, from 1.
    pub line: u64,
    /// The records, each with its line feed, and unspecified bytes before and after them.
    buffer: Vec<u8>,
    /// Offset of the first record.
    begin: usize,
    /// Length of the records in bytes.
    length: usize,
    separators: Separators,
}

/// Why an input cannot be cut into blocks.
#[derive(Debug)]
pub enum BlockError {
    /// Reading failed.
    Io(io::Error),
    /// A quoted field is never closed.
    Unclosed {
        /// Line on which the field opens.
        line: u64,
    },
    /// A record is longer than the limit.
    TooLong {
        /// Line on which the record starts.
        line: u64,
        /// Line of the quoted field that is open at the limit; `None` if no field is open.
        quote_line: Option<u64>,
        /// Whether the record contains carriage returns and no line feed.
        carriage_returns: bool,
    },
}

impl Default for BlockLimits {
    fn default() -> Self {
        Self { block_bytes: 256 << 10, record_bytes: 16 << 20 }
    }
}

/// Number of readable bytes after the records; their contents are unspecified.
const PADDING: usize = 64;

/// Alignment of the memory that the system reads into. Some processors copy four times slower if it begins a few bytes after a page
/// boundary.
const BORDER: usize = 64;

impl Block {
    /// Returns the records, each with its line feed.
    pub fn records(&self) -> &[u8] {
        &self.buffer[self.begin..self.begin + self.length]
    }

    /// Returns the records and at least 64 bytes after them, whose contents are unspecified.
    pub fn padded(&self) -> &[u8] {
        &self.buffer[self.begin..]
    }

    /// Returns the separators of the records and their fields. Bits after the records are unspecified.
    pub fn separators(&self) -> &Separators {
        &self.separators
    }

    /// Starts with the beginning of a record. Leaves room for `room` bytes after it, which begin at a multiple of `BORDER`.
    fn start(&mut self, beginning: &[u8], room: usize) {
        self.begin = 0;
        self.make_room(BORDER + beginning.len() + room);
        let place = self.buffer.as_ptr().addr() + beginning.len();
        self.begin = place.next_multiple_of(BORDER) - place;
        self.buffer[self.begin..][..beginning.len()].copy_from_slice(beginning);
    }

    /// Makes room for `bytes` bytes from the first record on. The buffer never shrinks, because filling it again would cost as much as
    /// reading.
    fn make_room(&mut self, bytes: usize) {
        let length = self.begin + bytes + PADDING;
        self.buffer.resize(self.buffer.len().max(length), 0);
    }

    /// Returns the bytes from the first record on.
    fn bytes(&mut self) -> &mut [u8] {
        &mut self.buffer[self.begin..]
    }

    /// Finds the separators in the first `filled` bytes, and returns whether these contain a complete record.
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

    /// Puts the next complete records in a block. Returns false at the end.
    ///
    /// # Errors
    /// If the input cannot be read, ends inside a quoted field, or has a record longer than the limit.
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
                // Complete records come first, because an error in them precedes an error after them.
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

    /// Reads up to a block of bytes after the first `filled` ones, and returns how many bytes are filled then.
    fn fill(&mut self, block: &mut Block, filled: usize) -> io::Result<usize> {
        // A record that is larger than a block is scanned from its beginning each time, so the buffer doubles.
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

    /// Returns the line at the end of `bytes`, which start on the current line.
    fn line_of(&self, bytes: &[u8]) -> u64 {
        self.line + memchr_iter(b'\n', bytes).count() as u64
    }
}
