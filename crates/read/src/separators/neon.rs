//! The vector instructions of 64-bit ARM, which every such processor has.
#![allow(unsafe_code, reason = "vector instructions; see `simd`")]

use std::arch::aarch64::{
    uint8x16_t, vandq_u8, vceqq_u8, vcltzq_s8, vdupq_n_u8, vgetq_lane_u64, vld1q_u8, vminq_u8, vorrq_u8,
    vpaddq_u8, vreinterpretq_s8_u8, vreinterpretq_u64_u8,
};

use crate::separators::Separators;
use crate::separators::search::{Chunk, find as find_chunks};

/// Finds separators 16 bytes at a time.
pub fn find<const QUOTES: bool>(bytes: &[u8], separator: u8, separators: &mut Separators) {
    // SAFETY: every processor that this module is compiled for has the instructions.
    unsafe { find_chunks::<[uint8x16_t; 4], QUOTES>(bytes, separator, separators) }
}

/// Returns one bit per byte of a mask whose bytes are all ones or all zeros.
#[inline(always)]
fn bits(mask: [uint8x16_t; 4]) -> u64 {
    const PLACES: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
    // SAFETY: the load reads the 16 bytes of its array; the instructions are there, as above.
    unsafe {
        let places = vld1q_u8(PLACES.as_ptr());
        let [one, two, three, four] = mask.map(|mask| vandq_u8(mask, places));
        // Three sums of neighbors turn eight bytes into one, each byte into one bit of it.
        let sum = vpaddq_u8(vpaddq_u8(one, two), vpaddq_u8(three, four));
        vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)))
    }
}

// SAFETY, for all functions below: as above.
impl Chunk for [uint8x16_t; 4] {
    #[inline(always)]
    unsafe fn all(byte: u8) -> Self {
        unsafe { [vdupq_n_u8(byte); 4] }
    }

    #[inline(always)]
    unsafe fn load(bytes: &[u8; 64]) -> Self {
        let (quarters, _) = bytes.as_chunks::<16>();
        std::array::from_fn(|at| unsafe { vld1q_u8(quarters[at].as_ptr()) })
    }

    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        bits(self.map(|quarter| unsafe { vceqq_u8(quarter, vdupq_n_u8(byte)) }))
    }

    #[inline(always)]
    unsafe fn high_bits(self) -> u64 {
        bits(self.map(|quarter| unsafe { vcltzq_s8(vreinterpretq_s8_u8(quarter)) }))
    }

    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        std::array::from_fn(|at| unsafe { vorrq_u8(self[at], other[at]) })
    }

    #[inline(always)]
    unsafe fn least(self, other: Self) -> Self {
        std::array::from_fn(|at| unsafe { vminq_u8(self[at], other[at]) })
    }
}
