//! Whether there is room for a run at all, looked at before anything is read: memory, files and threads.

use std::fs::File;
use std::path::Path;
use std::thread;

use crate::error::{self, ErrorCode};

/// What the program and the frame library take before the first row, in bytes of address space.
const BASE: u64 = 80 << 20;
/// What a thread takes: its stack, its blocks, and what the allocator sets aside for it.
const PER_THREAD: u64 = 8 << 20;

/// Refuses a run that could not even begin under the limits that were set for the process.
///
/// # Errors
/// When memory, files or threads are fewer than the least that a run needs.
pub fn check(threads: usize) -> anyhow::Result<()> {
    memory(threads)?;
    files()?;
    self::threads(threads)
}

/// Checks the limit of memory (`ulimit -v`). What patients and providers take comes to it, and is not known before.
fn memory(threads: usize) -> anyhow::Result<()> {
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
            Err(error::refused(ErrorCode::Memory, message))
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

/// So many files a run has open at once: an input, those that it is copied to, outputs, and what the frame library waits with.
const FILES: usize = 12;

/// Checks that some files can be opened (`ulimit -n`).
fn files() -> anyhow::Result<()> {
    // Anything that can be opened will do.
    let here = std::env::current_exe().unwrap_or_default();
    if File::open(&here).is_err() && !is_full(&here) {
        return Ok(());
    }
    let open: Vec<File> = std::iter::from_fn(|| File::open(&here).ok()).take(FILES).collect();
    if open.len() == FILES {
        return Ok(());
    }
    let message = format!(
        "too few files may be open at once: a run needs {FILES}, and this process may open {} more; raise the limit (ulimit -n)",
        open.len()
    );
    Err(error::refused(ErrorCode::Limits, message))
}

/// Returns whether a file cannot be opened since too many are.
fn is_full(path: &Path) -> bool {
    const TOO_MANY: [i32; 2] = [23, 24];
    File::open(path).is_err_and(|error| error.raw_os_error().is_some_and(|code| TOO_MANY.contains(&code)))
}

/// Checks that threads can be started (`ulimit -u`): those that read, and those of the frame library, which ends the program where it
/// cannot start one.
fn threads(threads: usize) -> anyhow::Result<()> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let wanted = threads + cores + 1;
    let mut started = 0;
    thread::scope(|scope| {
        for _ in 0..wanted {
            if thread::Builder::new().spawn_scoped(scope, || ()).is_err() {
                break;
            }
            started += 1;
        }
    });
    if started == wanted {
        return Ok(());
    }
    let message = format!(
        "too few threads may be started: a run with {threads} threads needs {wanted}, and this process can start {started}; raise the \
         limit (ulimit -u), or use --threads 1, which needs {}",
        cores + 2
    );
    Err(error::refused(ErrorCode::Limits, message))
}
