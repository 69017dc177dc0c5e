//! The quick ways to find separators, 64 bytes at a time. `unsafe`, with a plain twin in `scalar` that
//! a test compares each way with.
#![allow(unsafe_code, reason = "vector instructions; see the module's first line")]

use crate::separators::{BlockFlags, CsvDialect, Separators};

/// How separators can be found and their positions listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimdLevel {
    /// By instructions over 64 bytes (AVX-512).
    Wide,
    /// By instructions over 32 bytes (AVX2).
    Vector,
    /// By no such instructions.
    Plain,
}

impl SimdLevel {
    /// The ways that this machine has, the quickest first.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Wide, Self::Vector, Self::Plain].into_iter().filter(|way| way.is_here())
    }

    /// The quickest way that this machine has.
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

    /// Finds separators by counting quotation marks. False where that cannot be done in this way.
    ///
    /// The result holds only if it has seen no stray mark: a mark that opens a field must follow a separator, and one
    /// that closes it must precede one.
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

    /// Writes the positions of the bits of some words to a vector, behind its first place, and tells how many there are. The vector
    /// is empty or one that this was called with before, and grows if need be; in the first place it gets [`NOWHERE`].
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

    /// How many bits there are in some words.
    pub fn ones(self, words: &[u64]) -> usize {
        #[cfg(target_arch = "x86_64")]
        if self != Self::Plain && self.is_here() {
            // SAFETY: as above.
            return unsafe { x86::ones(words) };
        }
        ones(words)
    }
}

/// The position before the first one: the next one is 0.
pub const NOWHERE: u32 = u32::MAX;

/// So many bits there are in some words.
#[inline(always)]
fn ones(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

/// So many positions may be written beyond those that there are, whatever they are.
const BEYOND: usize = 64;

/// For so many words room is made at a time.
const GROUP: usize = 64;

/// The same for any machine; where it is compiled for more instructions, it uses them.
#[inline(always)]
fn plain_positions(words: &[u64], positions: &mut Vec<u32>) -> usize {
    let mut count = 0;
    for (group, words) in words.chunks(GROUP).enumerate() {
        let (room, mut at, mut base) = (room(positions, count, words.len()), 0, (group * GROUP * 64) as u32);
        for word in words {
            let (mut word, next) = (*word, at + word.count_ones() as usize);
            // Eight are written at a time, whether or not there are as many: hardly ever there are more, so nothing is guessed wrong.
            while at < next {
                // SAFETY: all bits of the group, and some more, have room.
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

/// Room for the positions of the bits of so many words, and some more, behind those that there are.
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

    /// Inlined, so that it is compiled for the instructions of its caller, which are to be those of the chunk.
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
        // SAFETY: the caller has the chunk's instructions.
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
                // What lies behind the last byte must not make a mark before it stray, nor separate.
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

    /// What is known of the chunks before.
    struct Search<C, const QUOTES: bool> {
        separator: u8,
        quotes: Quotes,
        /// What all bytes have in common, place by place: all bits that any has, and the least.
        any: C,
        least: C,
        feeds: u64,
    }

    impl<C: Chunk, const QUOTES: bool> Search<C, QUOTES> {
        /// Before the first chunk.
        #[inline(always)]
        unsafe fn new(separator: u8) -> Self {
            // SAFETY: whoever calls has the chunk's instructions; so below.
            let (any, least) = unsafe { (C::all(0), C::all(u8::MAX)) };
            Self { separator, quotes: Quotes::NONE, any, least, feeds: 0 }
        }

        /// What separates the fields of the next chunk, what of it the records, and the line feeds inside quotes; `bytes` tells those from the
        /// chunk on to the end.
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

        /// What was seen in all chunks.
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
        // SAFETY: an array of the 64 bytes that are read.
        let places = unsafe { _mm512_loadu_si512(PLACES.as_ptr().cast()) };
        let mut count = 0;
        for (group, words) in words.chunks(GROUP).enumerate() {
            let (room, mut at) = (room(positions, count, words.len()), 0);
            let mut base = _mm512_set1_epi32((group * GROUP * 64) as i32);
            for word in words {
                // The places of the bits that are set, side by side; sixteen of them are written at a time.
                let set = _mm512_maskz_compress_epi8(*word, places);
                let mut write = |sixteen, behind: usize| {
                    let sixteen = _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), base);
                    // SAFETY: there is room for the 64 bits of this word and of each before it.
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

    /// What is carried from one chunk to the next.
    struct Quotes {
        /// All ones inside quotes, else 0.
        inside: u64,
        /// 1 where a mark may open a field: behind a separator or a closing mark.
        before: u64,
        /// 1 behind a closing mark.
        closed: u64,
        /// Whether a mark is where the standard has none.
        stray: bool,
    }

    impl Quotes {
        /// Before the first byte.
        const NONE: Self = Self { inside: 0, before: 1, closed: 0, stray: false };

        /// Which bytes of a chunk are inside quotes, opening marks included.
        #[inline(always)]
        unsafe fn inside<'b>(&mut self, quote: u64, separator: u64, bytes: impl Fn() -> &'b [u8]) -> u64 {
            // SAFETY: the callers have the instruction.
            let inside = unsafe { prefix_xor(quote) } ^ self.inside;
            let (opening, closing) = (quote & inside, quote & !inside);
            // Two marks inside quotes are one that closes and one that opens again.
            let may_open = (separator | closing) << 1 | self.before;
            // No mark is a separator, so the sum has the bits of both; a compiler that knew would look at all bytes once more.
            let after_close = (closing << 1 | self.closed) & !separator.wrapping_add(quote);
            self.before = (separator | closing) >> 63;
            self.closed = closing >> 63;
            self.inside = ((inside as i64) >> 63) as u64;
            // Few bytes are odd, so it is seldom asked whether they are line ends of two bytes.
            if opening & !may_open | after_close != 0 {
                self.stray |= opening & !may_open != 0 || !are_line_ends(after_close, bytes());
            }
            inside
        }
    }

    /// Whether there is a carriage return and then a line feed, or the end, at each of these places of some bytes.
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

    /// Each bit the parity of the bits up to it.
    #[target_feature(enable = "pclmulqdq")]
    fn prefix_xor(bits: u64) -> u64 {
        let product = _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(bits as i64), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product) as u64
    }

    /// 64 bytes. Whoever calls must have the instructions.
    trait Chunk: Copy {
        /// 64 times the same byte.
        unsafe fn all(byte: u8) -> Self;
        unsafe fn load(bytes: &[u8; 64]) -> Self;
        /// One bit a byte that is this one.
        unsafe fn equal(self, byte: u8) -> u64;
        /// The highest bit of each byte.
        unsafe fn high_bits(self) -> u64;
        /// The bits of both.
        unsafe fn or(self, other: Self) -> Self;
        /// The lesser bytes of both.
        unsafe fn least(self, other: Self) -> Self;
    }

    // SAFETY, of all below: the trait hands the duty to the caller; a load reads the 64 bytes of its array, and asks
    // for no alignment.
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
