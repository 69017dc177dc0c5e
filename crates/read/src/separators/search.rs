//! Finds separators 64 bytes at a time, whatever the instructions of the machine: the part that all of them share.
#![allow(unsafe_code, reason = "vector instructions; see `simd`")]

use crate::separators::{BlockFlags, Separators};

/// Finds separators chunk by chunk. Inlined, so that it is compiled for the instructions of its caller, which must include those of the
/// chunk.
#[inline(always)]
pub(super) unsafe fn find<C: Chunk, const QUOTES: bool>(
    bytes: &[u8],
    separator: u8,
    separators: &mut Separators,
) {
    let words = bytes.len().div_ceil(64);
    separators.fields.resize(words, 0);
    separators.records.resize(words, 0);
    separators.quoted.clear();
    let (chunks, rest) = bytes.as_chunks::<64>();
    let (fields, last_fields) = separators.fields.split_at_mut(chunks.len());
    let (records, last_records) = separators.records.split_at_mut(chunks.len());
    let quoted = &mut separators.quoted;
    // SAFETY: the caller has the instructions of the chunk.
    unsafe {
        let mut search = Search::<C, QUOTES>::new(separator);
        let found = fields.iter_mut().zip(records);
        for (at, (chunk, (fields, records))) in chunks.iter().zip(found).enumerate() {
            let feeds;
            (*fields, *records, feeds) = search.step(chunk, || &bytes[at * 64..]);
            if feeds != 0 {
                quoted.note(at, feeds);
            }
        }
        if let ([fields], [records]) = (last_fields, last_records) {
            // The padding after the last byte must neither make a mark before it stray nor count as a separator.
            let (mut last, within) = ([b'\n'; 64], (1 << rest.len()) - 1);
            last[..rest.len()].copy_from_slice(rest);
            let (all_fields, all_records, all_quoted) = search.step(&last, || rest);
            (*fields, *records) = (all_fields & within, all_records & within);
            if all_quoted & within != 0 {
                quoted.note(chunks.len(), all_quoted & within);
            }
            search.feeds -= 64 - rest.len() as u64;
        }
        separators.seen = search.seen();
    }
}

/// The state of the search over the chunks so far.
struct Search<C, const QUOTES: bool> {
    separator: u8,
    quotes: Quotes,
    /// The bitwise OR of all chunks so far, and in `least` their bytewise minimum: they show bytes that are not ASCII, and NUL bytes.
    any: C,
    least: C,
    feeds: u64,
}

impl<C: Chunk, const QUOTES: bool> Search<C, QUOTES> {
    /// Returns the state before the first chunk.
    #[inline(always)]
    unsafe fn new(separator: u8) -> Self {
        // SAFETY: the caller has the instructions of the chunk. The same applies below.
        let (any, least) = unsafe { (C::all(0), C::all(u8::MAX)) };
        Self { separator, quotes: Quotes::NONE, any, least, feeds: 0 }
    }

    /// Returns for the next chunk the field separators, those among them that end a record, and the line feeds inside quotes. `bytes`
    /// returns the input from this chunk to the end.
    #[inline(always)]
    unsafe fn step<'b>(&mut self, chunk: &[u8; 64], bytes: impl Fn() -> &'b [u8]) -> (u64, u64, u64) {
        unsafe {
            let chunk = C::load(chunk);
            let feed = chunk.equal(b'\n');
            let both = chunk.equal(self.separator) | feed;
            let outside =
                if QUOTES { !self.quotes.inside::<C>(chunk.equal(b'"'), both, bytes) } else { u64::MAX };
            (self.any, self.least) = (self.any.or(chunk), self.least.least(chunk));
            self.feeds += u64::from(feed.count_ones());
            (both & outside, feed & outside, feed & !outside)
        }
    }

    /// Returns the properties of all chunks so far.
    #[inline(always)]
    unsafe fn seen(&self) -> BlockFlags {
        let (beyond_ascii, nul) = unsafe { (self.any.high_bits() != 0, self.least.equal(0) != 0) };
        BlockFlags { beyond_ascii, nul, stray_quote: self.quotes.stray, line_feeds: self.feeds }
    }
}

/// The quoting state, carried from one chunk to the next.
struct Quotes {
    /// All ones inside quotes, otherwise 0.
    inside: u64,
    /// 1 if a mark may open a field here: the previous byte is a separator or a closing mark.
    before: u64,
    /// 1 if the previous byte is a closing mark.
    closed: u64,
    /// Whether a mark is where the CSV standard allows none.
    stray: bool,
}

impl Quotes {
    /// The state before the first byte.
    const NONE: Self = Self { inside: 0, before: 1, closed: 0, stray: false };

    /// Returns which bytes of a chunk are inside quotes, including the opening marks.
    #[inline(always)]
    unsafe fn inside<'b, C: Chunk>(
        &mut self,
        quote: u64,
        separator: u64,
        bytes: impl Fn() -> &'b [u8],
    ) -> u64 {
        // SAFETY: the callers have the instructions of the chunk.
        let inside = unsafe { C::prefix_xor(quote) } ^ self.inside;
        let (opening, closing) = (quote & inside, quote & !inside);
        // Two marks inside quotes look like one that closes the field and one that opens it again.
        let may_open = (separator | closing) << 1 | self.before;
        // No mark is a separator, so the sum equals the bitwise OR. If the compiler knew that, it would compare all bytes once more.
        let after_close = (closing << 1 | self.closed) & !separator.wrapping_add(quote);
        self.before = (separator | closing) >> 63;
        self.closed = closing >> 63;
        self.inside = ((inside as i64) >> 63) as u64;
        // Few bytes get here, so the check for line ends of two bytes (CR LF) is rare.
        if opening & !may_open | after_close != 0 {
            self.stray |= opening & !may_open != 0 || !are_line_ends(after_close, bytes());
        }
        inside
    }
}

/// Returns whether each of these positions has a carriage return followed by a line feed. The end of the bytes counts as either.
#[inline(never)]
fn are_line_ends(mut places: u64, bytes: &[u8]) -> bool {
    let mut all = true;
    while places != 0 {
        let at = places.trailing_zeros() as usize;
        let is_feed = |at: usize| bytes.get(at).is_none_or(|byte| *byte == b'\n');
        all &= bytes.get(at).is_none_or(|byte| *byte == b'\r') && is_feed(at + 1);
        places &= places - 1;
    }
    all
}

/// A chunk of 64 bytes. The caller must have the instructions.
pub(super) trait Chunk: Copy {
    /// Returns a chunk that repeats a byte 64 times.
    unsafe fn all(byte: u8) -> Self;
    unsafe fn load(bytes: &[u8; 64]) -> Self;
    /// Returns one bit per byte, set if the byte equals `byte`.
    unsafe fn equal(self, byte: u8) -> u64;
    /// Returns the highest bit of each byte.
    unsafe fn high_bits(self) -> u64;
    /// Returns the bitwise OR of two chunks.
    unsafe fn or(self, other: Self) -> Self;
    /// Returns the smaller byte of two chunks at each position.
    unsafe fn least(self, other: Self) -> Self;

    /// Returns for each bit the parity of the bits up to and including it.
    #[inline(always)]
    unsafe fn prefix_xor(bits: u64) -> u64 {
        let mut parity = bits;
        for shift in [1, 2, 4, 8, 16, 32] {
            parity ^= parity << shift;
        }
        parity
    }
}
