//! Cutting an input into blocks that end exactly where a record ends, whatever the quoting.
//!
//! A quotation mark opens a quoted field only where a field begins; inside one, two marks are a mark and a single
//! mark closes it; anywhere else a mark is text. Only a line feed outside quotes ends a record. Every mark is looked
//! at in order, from the start of the input, so nothing is guessed.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};

/// How large blocks and records may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many bytes a block has, unless a single record is larger.
    pub block_bytes: usize,
    /// How many bytes a record may have.
    pub record_bytes: usize,
}

/// The blocks of an input.
pub struct Blocks<R> {
    input: R,
    limits: Limits,
    /// Bytes read and not handed out; they start with a record.
    buffer: Vec<u8>,
    /// The line on which the buffer starts.
    line: u64,
    /// How far the buffer was looked at.
    scanned: usize,
    /// Where the quoted field opened in which `scanned` lies.
    open: Option<usize>,
    /// Where the last whole record of the buffer ends.
    whole: usize,
    at_end: bool,
}

/// Whole records.
pub struct Block {
    /// The line on which the first record starts, counted from 1.
    pub line: u64,
    /// The records with their line ends; the last record of an input may have none.
    pub bytes: Vec<u8>,
}

/// Why an input cannot be cut.
#[derive(Debug)]
pub enum SplitError {
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

impl Default for Limits {
    fn default() -> Self {
        Self { block_bytes: 1 << 20, record_bytes: 16 << 20 }
    }
}

impl<R: Read> Blocks<R> {
    /// Starts at the first byte of an input.
    pub fn new(input: R, limits: Limits) -> Self {
        Self { input, limits, buffer: Vec::new(), line: 1, scanned: 0, open: None, whole: 0, at_end: false }
    }

    /// The next block; none at the end.
    ///
    /// # Errors
    /// When the input cannot be read, ends inside a quoted field, or has a record beyond the limit.
    pub fn next_block(&mut self) -> Result<Option<Block>, SplitError> {
        loop {
            self.scan();
            if self.whole > 0 && (self.at_end || self.buffer.len() >= self.limits.block_bytes) {
                return Ok(Some(self.take(self.whole)));
            }
            if self.at_end {
                return match (self.open, self.buffer.len()) {
                    (Some(quote), _) => Err(SplitError::Unclosed { line: self.line_at(quote) }),
                    (None, 0) => Ok(None),
                    (None, rest) => Ok(Some(self.take(rest))),
                };
            }
            if self.whole == 0 && self.buffer.len() > self.limits.record_bytes {
                return Err(SplitError::TooLong {
                    line: self.line,
                    quote_line: self.open.map(|quote| self.line_at(quote)),
                    carriage_returns: memchr(b'\r', &self.buffer).is_some()
                        && memchr(b'\n', &self.buffer).is_none(),
                });
            }
            self.fill().map_err(SplitError::Io)?;
        }
    }

    /// The bytes with which the input begins, without the mark if they start with it.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub fn begin(&mut self, mark: &[u8]) -> Result<&[u8], SplitError> {
        self.fill().map_err(SplitError::Io)?;
        if self.buffer.starts_with(mark) {
            self.buffer.drain(..mark.len());
        }
        Ok(&self.buffer)
    }

    /// The input, to ask what was read of it.
    pub fn into_input(self) -> R {
        self.input
    }

    fn fill(&mut self) -> io::Result<()> {
        let before = self.buffer.len();
        let wanted = self.limits.block_bytes.max(1);
        self.buffer.reserve(wanted);
        (&mut self.input).take(wanted as u64).read_to_end(&mut self.buffer)?;
        self.at_end = self.buffer.len() - before < wanted;
        Ok(())
    }

    /// Looks at every quotation mark that was not looked at, and finds the last record end outside quotes.
    fn scan(&mut self) {
        let bytes = self.buffer.as_slice();
        while self.scanned < bytes.len() {
            let quote = memchr(b'"', &bytes[self.scanned..]).map(|at| self.scanned + at);
            if self.open.is_none() {
                let unquoted = &bytes[self.scanned..quote.unwrap_or(bytes.len())];
                if let Some(newline) = memrchr(b'\n', unquoted) {
                    self.whole = self.scanned + newline + 1;
                }
            }
            let Some(quote) = quote else {
                self.scanned = bytes.len();
                return;
            };
            match self.open {
                None => {
                    if quote == 0 || matches!(bytes[quote - 1], b',' | b'\n') {
                        self.open = Some(quote);
                    }
                    self.scanned = quote + 1;
                }
                Some(_) => match bytes.get(quote + 1) {
                    // Whether this mark closes the field hangs on a byte that is not here yet.
                    None if !self.at_end => {
                        self.scanned = quote;
                        return;
                    }
                    Some(b'"') => self.scanned = quote + 2,
                    _ => {
                        self.open = None;
                        self.scanned = quote + 1;
                    }
                },
            }
        }
    }

    fn take(&mut self, length: usize) -> Block {
        let rest = self.buffer[length..].to_vec();
        let mut bytes = std::mem::replace(&mut self.buffer, rest);
        bytes.truncate(length);
        let block = Block { line: self.line, bytes };
        self.line += memchr_iter(b'\n', &block.bytes).count() as u64;
        self.scanned -= length;
        self.open = self.open.map(|quote| quote - length);
        self.whole = 0;
        block
    }

    fn line_at(&self, position: usize) -> u64 {
        self.line + memchr_iter(b'\n', &self.buffer[..position]).count() as u64
    }
}
