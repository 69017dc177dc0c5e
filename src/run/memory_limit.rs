//! Whether there is room for a run at all, looked at before anything is read.

use crate::run::failed::{Cause, Failed};

/// What the program and the frame library take before the first row, in bytes of address space.
const BASE: u64 = 80 << 20;
/// What a thread takes: its stack, its blocks, and what the allocator sets aside for it.
const PER_THREAD: u64 = 8 << 20;

/// Refuses a run that could not even begin under the limit that was set for the process (`ulimit -v`). What patients and
/// providers take comes to it, and is not known before.
///
/// # Errors
/// When the limit is below the least that a run needs.
pub fn check(threads: usize) -> Result<(), Failed> {
    let needed = BASE + PER_THREAD * threads as u64;
    match limit() {
        Some(limit) if limit < needed => {
            let mib = |bytes: u64| bytes.div_ceil(1 << 20);
            let message = format!(
                "there is too little memory: a run with {threads} threads needs {} MiB of address space to begin, and the limit \
                 of this process is {} MiB; raise it (ulimit -v), or use --threads 1, which needs {} MiB",
                mib(needed),
                limit >> 20,
                mib(BASE + PER_THREAD)
            );
            Err(Failed::refused(Cause::Memory, message))
        }
        _ => Ok(()),
    }
}

/// The limit of the address space, where the system tells one.
fn limit() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max address space"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}
