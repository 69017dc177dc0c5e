//! Finds separators 64 bytes at a time with vector instructions, in `unsafe` code. A test compares each level with the safe code in
//! `scalar`.
#![allow(unsafe_code, reason = "vector instructions; see the module's first line")]

use crate::separators::{BlockFlags, CsvDialect, Separators};

/// The instructions used to find separators and to list their positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimdLevel {
    /// Instructions over 64 bytes (AVX-512).
    Wide,
    /// Instructions over 32 bytes (AVX2).
    Vector,
    /// No vector instructions.
    Plain,
}

impl SimdLevel {
    /// Returns the levels that this machine supports, fastest first.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Wide, Self::Vector, Self::Plain].into_iter().filter(|way| way.is_here())
    }

    /// Returns the fastest level that this machine supports.
    pub fn best() -> Self {
        Self::all().next().unwrap_or(Self::Plain)
    }

    #[cfg(target_arch = "x86_64")]
    fn is_here(self) -> bool {
        let vector = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("pclmulqdq")
            && is_x86_feature_detected!("popcnt");
        match self {
            Self::Wide => {
                vector
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vbmi2")
            }
            Self::Vector => vector,
            Self::Plain => true,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_here(self) -> bool {
        self == Self::Plain
    }

    /// Finds separators by counting quotation marks. Returns `false` if this level has no vector code on this machine.
    ///
    /// The result is valid only if [`BlockFlags::stray_quote`] is not set. A mark is stray unless it opens a field after a separator or
    /// closes one before a separator.
    pub fn find(self, bytes: &[u8], dialect: CsvDialect, separators: &mut Separators) -> bool {
        #[cfg(target_arch = "x86_64")]
        if self.is_here() {
            // SAFETY: the machine has the instructions that the functions are compiled for.
            let separator = dialect.separator;
            match (self, dialect.quotes) {
                (Self::Wide, true) => unsafe { x86::find_wide::<true>(bytes, separator, separators) },
                (Self::Wide, false) => unsafe { x86::find_wide::<false>(bytes, separator, separators) },
                (Self::Vector, true) => unsafe { x86::find_vector::<true>(bytes, separator, separators) },
                (Self::Vector, false) => unsafe { x86::find_vector::<false>(bytes, separator, separators) },
                (Self::Plain, _) => return false,
            }
            return true;
        }
        let _ = (bytes, dialect, separators);
        false
    }

    /// Writes the positions of the set bits of some words to a vector, after its first element, and returns their number.
    ///
    /// The vector is empty or was passed to this function before. It grows if necessary, and its first element is [`NOWHERE`].
    pub fn positions(self, words: &[u64], positions: &mut Vec<u32>) -> usize {
        if positions.is_empty() {
            positions.push(NOWHERE);
        }
        #[cfg(target_arch = "x86_64")]
        if self.is_here() {
            // SAFETY: as above.
            match self {
                Self::Wide => return unsafe { x86::positions_wide(words, positions) },
                Self::Vector => return unsafe { x86::positions_vector(words, positions) },
                Self::Plain => {}
            }
        }
        plain_positions(words, positions)
    }

    /// Returns the number of set bits in some words.
    pub fn ones(self, words: &[u64]) -> usize {
        #[cfg(target_arch = "x86_64")]
        if self != Self::Plain && self.is_here() {
            // SAFETY: as above.
            return unsafe { x86::ones(words) };
        }
        ones(words)
    }
}

/// The position before the first one: adding 1 wraps around to 0.
pub const NOWHERE: u32 = u32::MAX;

/// Returns the number of set bits in some words. Inlined, so that it is compiled for the instructions of its caller.
#[inline(always)]
fn ones(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

/// Number of positions that may be written after the last valid one. Their values are meaningless.
const BEYOND: usize = 64;

/// Number of words for which space is reserved at a time.
const GROUP: usize = 64;

/// Writes the positions on any machine. Inlined, so that it is compiled for the instructions of its caller.
#[inline(always)]
fn plain_positions(words: &[u64], positions: &mut Vec<u32>) -> usize {
    let mut count = 0;
    for (group, words) in words.chunks(GROUP).enumerate() {
        let (room, mut at, mut base) = (room(positions, count, words.len()), 0, (group * GROUP * 64) as u32);
        for word in words {
            let (mut word, next) = (*word, at + word.count_ones() as usize);
            // Always writes eight, even if fewer are left. A word hardly ever has more than eight, so the branch is predicted correctly.
            while at < next {
                // SAFETY: there is room for all bits of the group and some more.
                for position in unsafe { room.get_unchecked_mut(at..at + 8) } {
                    *position = base + word.trailing_zeros();
                    word &= word.wrapping_sub(1);
                }
                at += 8;
            }
            (at, base) = (next, base + 64);
        }
        count += at;
    }
    count
}

/// Returns space after the first `count` positions, for the bits of `words` words and `BEYOND` more.
#[inline(always)]
fn room(positions: &mut Vec<u32>, count: usize, words: usize) -> &mut [u32] {
    let (begin, length) = (1 + count, words * 64 + BEYOND);
    if positions.len() < begin + length {
        positions.resize((begin + length) * 2, NOWHERE);
    }
    &mut positions[begin..begin + length]
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, __m512i, _mm_clmulepi64_si128, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_set1_epi8,
        _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm512_add_epi32, _mm512_cmpeq_epi8_mask, _mm512_cvtepu8_epi32,
        _mm512_extracti32x4_epi32, _mm512_loadu_si512, _mm512_maskz_compress_epi8, _mm512_min_epu8,
        _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_storeu_si512,
    };

    use super::{BlockFlags, GROUP, Separators, room};

    #[target_feature(enable = "avx2,avx512f,avx512bw,bmi1,bmi2,pclmulqdq,popcnt")]
    pub fn find_wide<const QUOTES: bool>(bytes: &[u8], separator: u8, separators: &mut Separators) {
        // SAFETY: this function is compiled for the instructions of the chunk.
        unsafe { find::<__m512i, QUOTES>(bytes, separator, separators) }
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,pclmulqdq,popcnt")]
    pub fn find_vector<const QUOTES: bool>(bytes: &[u8], separator: u8, separators: &mut Separators) {
        // SAFETY: as above.
        unsafe { find::<[__m256i; 2], QUOTES>(bytes, separator, separators) }
    }

    /// Finds separators chunk by chunk. Inlined, so that it is compiled for the instructions of its caller, which must include those of the
    /// chunk.
    #[inline(always)]
    unsafe fn find<C: Chunk, const QUOTES: bool>(bytes: &[u8], separator: u8, separators: &mut Separators) {
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
                    if QUOTES { !self.quotes.inside(chunk.equal(b'"'), both, bytes) } else { u64::MAX };
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

    #[target_feature(enable = "popcnt")]
    pub fn ones(words: &[u64]) -> usize {
        super::ones(words)
    }

    #[target_feature(enable = "bmi1,bmi2,popcnt")]
    pub fn positions_vector(words: &[u64], positions: &mut Vec<u32>) -> usize {
        super::plain_positions(words, positions)
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    pub fn positions_wide(words: &[u64], positions: &mut Vec<u32>) -> usize {
        const PLACES: [u8; 64] = {
            let mut places = [0; 64];
            let mut place = 0;
            while place < 64 {
                places[place] = place as u8;
                place += 1;
            }
            places
        };
        // SAFETY: the array has the 64 bytes that are read.
        let places = unsafe { _mm512_loadu_si512(PLACES.as_ptr().cast()) };
        let mut count = 0;
        for (group, words) in words.chunks(GROUP).enumerate() {
            let (room, mut at) = (room(positions, count, words.len()), 0);
            let mut base = _mm512_set1_epi32((group * GROUP * 64) as i32);
            for word in words {
                // The positions of the set bits, side by side, of which sixteen are written at a time.
                let set = _mm512_maskz_compress_epi8(*word, places);
                let mut write = |sixteen, behind: usize| {
                    let sixteen = _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), base);
                    // SAFETY: there is room for the 64 bits of this word and of each word before it.
                    unsafe { _mm512_storeu_si512(room.as_mut_ptr().add(at + behind).cast(), sixteen) };
                };
                write(_mm512_extracti32x4_epi32::<0>(set), 0);
                let bits = word.count_ones() as usize;
                if bits > 16 {
                    write(_mm512_extracti32x4_epi32::<1>(set), 16);
                    write(_mm512_extracti32x4_epi32::<2>(set), 32);
                    write(_mm512_extracti32x4_epi32::<3>(set), 48);
                }
                at += bits;
                base = _mm512_add_epi32(base, _mm512_set1_epi32(64));
            }
            count += at;
        }
        count
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
        unsafe fn inside<'b>(&mut self, quote: u64, separator: u64, bytes: impl Fn() -> &'b [u8]) -> u64 {
            // SAFETY: the callers have the instruction.
            let inside = unsafe { prefix_xor(quote) } ^ self.inside;
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

    /// Returns for each bit the parity of the bits up to and including it.
    #[target_feature(enable = "pclmulqdq")]
    fn prefix_xor(bits: u64) -> u64 {
        let product = _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(bits as i64), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product) as u64
    }

    /// A chunk of 64 bytes. The caller must have the instructions.
    trait Chunk: Copy {
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
    }

    // SAFETY, for all implementations below: the trait requires that the caller has the instructions. A load reads the 64 bytes of its
    // array and needs no alignment.
    impl Chunk for __m512i {
        #[inline(always)]
        unsafe fn all(byte: u8) -> Self {
            unsafe { _mm512_set1_epi8(byte as i8) }
        }

        #[inline(always)]
        unsafe fn load(bytes: &[u8; 64]) -> Self {
            unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
        }

        #[inline(always)]
        unsafe fn equal(self, byte: u8) -> u64 {
            unsafe { _mm512_cmpeq_epi8_mask(self, Self::all(byte)) }
        }

        #[inline(always)]
        unsafe fn high_bits(self) -> u64 {
            unsafe { _mm512_movepi8_mask(self) }
        }

        #[inline(always)]
        unsafe fn or(self, other: Self) -> Self {
            unsafe { _mm512_or_si512(self, other) }
        }

        #[inline(always)]
        unsafe fn least(self, other: Self) -> Self {
            unsafe { _mm512_min_epu8(self, other) }
        }
    }

    impl Chunk for [__m256i; 2] {
        #[inline(always)]
        unsafe fn all(byte: u8) -> Self {
            unsafe { [_mm256_set1_epi8(byte as i8); 2] }
        }

        #[inline(always)]
        unsafe fn load(bytes: &[u8; 64]) -> Self {
            let (low, high) = bytes.split_at(32);
            unsafe { [_mm256_loadu_si256(low.as_ptr().cast()), _mm256_loadu_si256(high.as_ptr().cast())] }
        }

        #[inline(always)]
        unsafe fn equal(self, byte: u8) -> u64 {
            unsafe {
                let byte = _mm256_set1_epi8(byte as i8);
                [_mm256_cmpeq_epi8(self[0], byte), _mm256_cmpeq_epi8(self[1], byte)].high_bits()
            }
        }

        #[inline(always)]
        unsafe fn high_bits(self) -> u64 {
            let [low, high] = self;
            unsafe {
                u64::from(_mm256_movemask_epi8(low) as u32)
                    | u64::from(_mm256_movemask_epi8(high) as u32) << 32
            }
        }

        #[inline(always)]
        unsafe fn or(self, other: Self) -> Self {
            unsafe { [_mm256_or_si256(self[0], other[0]), _mm256_or_si256(self[1], other[1])] }
        }

        #[inline(always)]
        unsafe fn least(self, other: Self) -> Self {
            unsafe { [_mm256_min_epu8(self[0], other[0]), _mm256_min_epu8(self[1], other[1])] }
        }
    }
}
