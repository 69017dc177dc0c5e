//! The vector instructions of WebAssembly, in a build that uses them (`-C target-feature=+simd128`).
#![allow(unsafe_code, reason = "vector instructions; see `simd`")]

use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_min, u8x16_splat, v128, v128_load, v128_or};

use crate::separators::Separators;
use crate::separators::search::{Chunk, find as find_chunks};

/// Finds separators 16 bytes at a time.
pub fn find<const QUOTES: bool>(bytes: &[u8], separator: u8, separators: &mut Separators) {
    // SAFETY: the module is compiled only into programs that use the instructions.
    unsafe { find_chunks::<[v128; 4], QUOTES>(bytes, separator, separators) }
}

/// Returns the highest bit of each byte.
#[inline(always)]
fn bits(chunk: [v128; 4]) -> u64 {
    chunk.iter().rev().fold(0, |bits, quarter| bits << 16 | u64::from(u8x16_bitmask(*quarter)))
}

impl Chunk for [v128; 4] {
    #[inline(always)]
    unsafe fn all(byte: u8) -> Self {
        [u8x16_splat(byte); 4]
    }

    #[inline(always)]
    unsafe fn load(bytes: &[u8; 64]) -> Self {
        let (quarters, _) = bytes.as_chunks::<16>();
        // SAFETY: a load reads the 16 bytes of its array, and needs no alignment.
        std::array::from_fn(|at| unsafe { v128_load(quarters[at].as_ptr().cast()) })
    }

    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        bits(self.map(|quarter| u8x16_eq(quarter, u8x16_splat(byte))))
    }

    #[inline(always)]
    unsafe fn high_bits(self) -> u64 {
        bits(self)
    }

    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        std::array::from_fn(|at| v128_or(self[at], other[at]))
    }

    #[inline(always)]
    unsafe fn least(self, other: Self) -> Self {
        std::array::from_fn(|at| u8x16_min(self[at], other[at]))
    }
}
