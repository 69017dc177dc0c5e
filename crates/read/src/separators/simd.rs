//! Finds separators 64 bytes at a time with vector instructions, in `unsafe` code. A test compares each level with the safe code in
//! `scalar`.
#![allow(unsafe_code, reason = "vector instructions; see the module's first line")]

#[cfg(target_arch = "aarch64")]
use crate::separators::neon;
use crate::separators::positions::{NOWHERE, count_ones, plain_positions};
#[cfg(target_feature = "simd128")]
use crate::separators::wasm;
#[cfg(target_arch = "x86_64")]
use crate::separators::x86;
use crate::separators::{CsvDialect, Separators};

/// The instructions used to find separators and to list their positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimdLevel {
    /// Instructions over 64 bytes (AVX-512).
    Wide,
    /// Instructions over 32 bytes (AVX2).
    Vector,
    /// Instructions over 16 bytes (NEON, or those of WebAssembly).
    Narrow,
    /// No vector instructions.
    Plain,
}

impl SimdLevel {
    /// Returns the levels that this machine supports, fastest first.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Wide, Self::Vector, Self::Narrow, Self::Plain].into_iter().filter(|way| way.is_available())
    }

    /// Returns the fastest level that this machine supports.
    pub fn best() -> Self {
        Self::all().next().unwrap_or(Self::Plain)
    }

    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
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
            Self::Narrow => false,
            Self::Plain => true,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available(self) -> bool {
        match self {
            Self::Wide | Self::Vector => false,
            Self::Narrow => cfg!(any(target_arch = "aarch64", target_feature = "simd128")),
            Self::Plain => true,
        }
    }

    /// Finds separators by counting quotation marks. Returns `false` if this level has no vector code on this machine.
    ///
    /// The result is valid only if `BlockFlags::stray_quote` is not set. A mark is stray unless it opens a field after a separator or
    /// closes one before a separator.
    pub fn find(self, bytes: &[u8], dialect: CsvDialect, separators: &mut Separators) -> bool {
        if !self.is_available() {
            return false;
        }
        let CsvDialect { separator, quotes } = dialect;
        match (self, quotes) {
            // SAFETY: the machine has the instructions that the functions are compiled for.
            #[cfg(target_arch = "x86_64")]
            (Self::Wide, true) => unsafe { x86::find_wide::<true>(bytes, separator, separators) },
            #[cfg(target_arch = "x86_64")]
            (Self::Wide, false) => unsafe { x86::find_wide::<false>(bytes, separator, separators) },
            #[cfg(target_arch = "x86_64")]
            (Self::Vector, true) => unsafe { x86::find_vector::<true>(bytes, separator, separators) },
            #[cfg(target_arch = "x86_64")]
            (Self::Vector, false) => unsafe { x86::find_vector::<false>(bytes, separator, separators) },
            #[cfg(target_arch = "aarch64")]
            (Self::Narrow, true) => neon::find::<true>(bytes, separator, separators),
            #[cfg(target_arch = "aarch64")]
            (Self::Narrow, false) => neon::find::<false>(bytes, separator, separators),
            #[cfg(target_feature = "simd128")]
            (Self::Narrow, true) => wasm::find::<true>(bytes, separator, separators),
            #[cfg(target_feature = "simd128")]
            (Self::Narrow, false) => wasm::find::<false>(bytes, separator, separators),
            _ => return false,
        }
        true
    }

    /// Writes the positions of the set bits of some words to a vector, after its first element, and returns their number.
    ///
    /// The vector is empty or was passed to this function before. It grows if necessary, and its first element is [`NOWHERE`].
    pub fn positions(self, words: &[u64], positions: &mut Vec<u32>) -> usize {
        if positions.is_empty() {
            positions.push(NOWHERE);
        }
        #[cfg(target_arch = "x86_64")]
        if self.is_available() {
            // SAFETY: as above.
            match self {
                Self::Wide => return unsafe { x86::positions_wide(words, positions) },
                Self::Vector => return unsafe { x86::positions_vector(words, positions) },
                Self::Narrow | Self::Plain => {}
            }
        }
        plain_positions(words, positions)
    }

    /// Returns the number of set bits in some words.
    pub fn count_ones(self, words: &[u64]) -> usize {
        #[cfg(target_arch = "x86_64")]
        if self != Self::Plain && self.is_available() {
            // SAFETY: as above.
            return unsafe { x86::ones(words) };
        }
        count_ones(words)
    }
}
