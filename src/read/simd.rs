//! The quick way to find separators: 64 bytes at a time. The only `unsafe` code of the program, with a plain twin in
//! `scan` that a test compares it with.
#![allow(unsafe_code, reason = "vector instructions; see the module's first line")]

use crate::read::scan::Separators;

/// Finds separators by counting quotation marks, where the machine can. False where it cannot.
///
/// The result holds only if it has seen no stray mark: a mark that opens a field must follow a separator, and one that
/// closes it must precede one.
pub fn find(bytes: &[u8], separators: &mut Separators) -> bool {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("pclmulqdq")
        && is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the machine has the instructions that the function is compiled for.
        unsafe { x86::find(bytes, separators) };
        return true;
    }
    let _ = (bytes, separators);
    false
}

/// Writes the positions of the bits of some words to the beginning of a vector, which grows if need be, and tells how
/// many there are.
pub fn positions(words: &[u64], positions: &mut Vec<u32>) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt") {
        // SAFETY: the machine has the instructions that the function is compiled for.
        return unsafe { x86::positions(words, positions) };
    }
    plain_positions(words, positions)
}

/// The same for any machine; where it is compiled for more instructions, it uses them.
#[inline(always)]
fn plain_positions(words: &[u64], positions: &mut Vec<u32>) -> usize {
    let mut count = 0;
    for (index, word) in words.iter().enumerate() {
        let (mut word, base) = (*word, (index * 64) as u32);
        // Four are written at a time, whether or not there are as many.
        if positions.len() < count + 68 {
            positions.resize((count + 68) * 2, 0);
        }
        let next = count + word.count_ones() as usize;
        while count < next {
            for position in &mut positions[count..count + 4] {
                *position = base + word.trailing_zeros();
                word &= word.wrapping_sub(1);
            }
            count += 4;
        }
        count = next;
    }
    count
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
        _mm256_setzero_si256,
    };

    use super::Separators;

    #[target_feature(enable = "avx2,pclmulqdq,popcnt")]
    pub fn find(bytes: &[u8], separators: &mut Separators) {
        let words = bytes.len().div_ceil(64);
        separators.fields.resize(words, 0);
        separators.records.resize(words, 0);
        let mut quotes = Quotes { inside: 0, before: 1, closed: 0, closed_cr: 0, stray: 0 };
        let (mut seen, mut feeds) = (Bytes::none(), 0);
        let (chunks, rest) = bytes.as_chunks::<64>();
        // What lies behind the last byte must not make a mark before it stray, nor separate.
        let mut last = [b'\n'; 64];
        last[..rest.len()].copy_from_slice(rest);
        let found = separators.fields.iter_mut().zip(&mut separators.records);
        for (chunk, (fields, records)) in chunks.iter().chain((!rest.is_empty()).then_some(&last)).zip(found)
        {
            let block = Chunk::load(chunk);
            let (comma, feed) = (block.equal(b','), block.equal(b'\n'));
            let outside = !quotes.inside(block.equal(b'"'), block.equal(b'\r'), comma | feed, feed);
            *fields = (comma | feed) & outside;
            *records = feed & outside;
            seen.add(&block);
            feeds += u64::from(feed.count_ones());
        }
        if !rest.is_empty() {
            feeds -= 64 - rest.len() as u64;
            let within = (1 << rest.len()) - 1;
            separators.fields.last_mut().into_iter().for_each(|word| *word &= within);
            separators.records.last_mut().into_iter().for_each(|word| *word &= within);
        }
        separators.seen.beyond_ascii = seen.beyond_ascii();
        separators.seen.nul = seen.nul();
        separators.seen.line_feeds = feeds;
        separators.seen.stray_quote = quotes.stray != 0;
    }

    #[target_feature(enable = "bmi1,popcnt")]
    pub fn positions(words: &[u64], positions: &mut Vec<u32>) -> usize {
        super::plain_positions(words, positions)
    }

    /// What is carried from one chunk to the next.
    struct Quotes {
        /// All ones inside quotes, else 0.
        inside: u64,
        /// 1 where a mark may open a field: behind a separator or a closing mark.
        before: u64,
        /// 1 behind a closing mark.
        closed: u64,
        /// 1 behind a closing mark and a carriage return.
        closed_cr: u64,
        /// Marks that are where the standard has none.
        stray: u64,
    }

    impl Quotes {
        /// Which bytes of a chunk are inside quotes, opening marks included.
        #[target_feature(enable = "avx2,pclmulqdq")]
        fn inside(&mut self, quote: u64, cr: u64, separator: u64, feed: u64) -> u64 {
            let inside = prefix_xor(quote) ^ self.inside;
            let (opening, closing) = (quote & inside, quote & !inside);
            // Two marks inside quotes are one that closes and one that opens again.
            let may_open = (separator | closing) << 1 | self.before;
            let after_close = closing << 1 | self.closed;
            let after_close_cr = (after_close & cr) << 1 | self.closed_cr;
            self.stray |=
                opening & !may_open | after_close & !(separator | quote | cr) | after_close_cr & !feed;
            self.before = (separator | closing) >> 63;
            self.closed = closing >> 63;
            self.closed_cr = (after_close & cr) >> 63;
            self.inside = ((inside as i64) >> 63) as u64;
            inside
        }
    }

    /// Each bit the parity of the bits up to it.
    #[target_feature(enable = "avx2,pclmulqdq")]
    fn prefix_xor(bits: u64) -> u64 {
        let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product) as u64
    }

    /// 64 bytes.
    struct Chunk(__m256i, __m256i);

    impl Chunk {
        #[target_feature(enable = "avx2")]
        fn load(bytes: &[u8; 64]) -> Self {
            let (low, high) = bytes.split_at(32);
            // SAFETY: each half has the 32 bytes that are read, and the instruction asks for no alignment.
            unsafe { Self(_mm256_loadu_si256(low.as_ptr().cast()), _mm256_loadu_si256(high.as_ptr().cast())) }
        }

        /// One bit a byte that is this one.
        #[target_feature(enable = "avx2")]
        fn equal(&self, byte: u8) -> u64 {
            let byte = _mm256_set1_epi8(byte as i8);
            bits(_mm256_cmpeq_epi8(self.0, byte), _mm256_cmpeq_epi8(self.1, byte))
        }
    }

    /// What all bytes of some chunks have in common, place by place.
    struct Bytes {
        /// All bits that any has.
        any: __m256i,
        /// The least.
        least: __m256i,
    }

    impl Bytes {
        #[target_feature(enable = "avx2")]
        fn none() -> Self {
            Self { any: _mm256_setzero_si256(), least: _mm256_set1_epi8(-1) }
        }

        #[target_feature(enable = "avx2")]
        fn add(&mut self, chunk: &Chunk) {
            self.any = _mm256_or_si256(self.any, _mm256_or_si256(chunk.0, chunk.1));
            self.least = _mm256_min_epu8(self.least, _mm256_min_epu8(chunk.0, chunk.1));
        }

        #[target_feature(enable = "avx2")]
        fn beyond_ascii(&self) -> bool {
            _mm256_movemask_epi8(self.any) != 0
        }

        #[target_feature(enable = "avx2")]
        fn nul(&self) -> bool {
            _mm256_movemask_epi8(_mm256_cmpeq_epi8(self.least, _mm256_setzero_si256())) != 0
        }
    }

    #[target_feature(enable = "avx2")]
    fn bits(low: __m256i, high: __m256i) -> u64 {
        u64::from(_mm256_movemask_epi8(low) as u32) | u64::from(_mm256_movemask_epi8(high) as u32) << 32
    }
}
