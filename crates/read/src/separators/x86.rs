//! The vector instructions of x86-64: AVX-512 and AVX2.
#![allow(unsafe_code, reason = "vector instructions; see `simd`")]

use std::arch::x86_64::{
    __m256i, __m512i, _mm_clmulepi64_si128, _mm_cmpeq_epi8, _mm_cvtsi64_si128, _mm_cvtsi128_si64,
    _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8, _mm256_cmpeq_epi8, _mm256_loadu_si256,
    _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm512_add_epi32,
    _mm512_cmpeq_epi8_mask, _mm512_cvtepu8_epi32, _mm512_extracti32x4_epi32, _mm512_loadu_si512,
    _mm512_maskz_compress_epi8, _mm512_min_epu8, _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8,
    _mm512_set1_epi32, _mm512_storeu_si512,
};

use crate::separators::Separators;
use crate::separators::positions::{GROUP, count_ones, plain_positions, room};
use crate::separators::search::{Chunk, find};

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

/// Returns the position of the first of two bytes among 16, by instructions that every x86-64 processor has.
#[inline(always)]
pub fn first_of(bytes: &[u8; 16], one: u8, other: u8) -> Option<usize> {
    // SAFETY: the load reads the 16 bytes of its array.
    let found = unsafe {
        let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
        let equal = |byte: u8| _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte as i8));
        _mm_movemask_epi8(_mm_or_si128(equal(one), equal(other)))
    };
    (found != 0).then_some(found.trailing_zeros() as usize)
}

#[target_feature(enable = "popcnt")]
pub fn ones(words: &[u64]) -> usize {
    count_ones(words)
}

#[target_feature(enable = "bmi1,bmi2,popcnt")]
pub fn positions_vector(words: &[u64], positions: &mut Vec<u32>) -> usize {
    plain_positions(words, positions)
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

    #[inline(always)]
    unsafe fn prefix_xor(bits: u64) -> u64 {
        unsafe { prefix_xor(bits) }
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
            u64::from(_mm256_movemask_epi8(low) as u32) | u64::from(_mm256_movemask_epi8(high) as u32) << 32
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

    #[inline(always)]
    unsafe fn prefix_xor(bits: u64) -> u64 {
        unsafe { prefix_xor(bits) }
    }
}

/// Returns for each bit the parity of the bits up to and including it.
#[target_feature(enable = "pclmulqdq")]
fn prefix_xor(bits: u64) -> u64 {
    let product = _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(bits as i64), _mm_set1_epi8(-1));
    _mm_cvtsi128_si64(product) as u64
}
