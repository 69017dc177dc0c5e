//! Asks for memory ahead of time. `unsafe`, since it is an instruction of the machine.
#![allow(unsafe_code, reason = "an instruction of the machine that changes nothing")]

/// Asks the machine to bring a value near, because it will be looked at soon.
#[inline(always)]
pub fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every machine of this kind has the instruction, and it changes nothing.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
