//! Checks that the limits of the process allow a run, before anything is read: memory, files, and threads.

use std::fs::File;
use std::path::Path;
use std::thread;

use crate::error::{self, ErrorCode};
use mucalc_core::ledger::parallel::HAS_THREADS;

/// Address space in bytes that the program and polars use before the first row.
const BASE: u64 = 80 << 20;
/// Address space in bytes that a thread uses: its stack, its blocks, and what the allocator reserves for it.
const PER_THREAD: u64 = 8 << 20;

/// Checks that the limits of the process allow a run to begin.
///
/// # Errors
/// If memory, files, or threads are below the minimum of a run.
pub fn check(threads: usize) -> anyhow::Result<()> {
    memory(threads)?;
    files()?;
    self::threads(threads)
}

/// Checks the memory limit (`ulimit -v`). Patients and providers use more, but how much is not known yet.
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
            Err(error::requirement_error(ErrorCode::Memory, message))
        }
        _ => Ok(()),
    }
}

/// Returns the limit of the address space in bytes, if the system reports one.
fn limit() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max address space"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

/// Number of files that a run has open at once: an input, its copies, outputs, and files that polars keeps open.
const FILES: usize = 12;

/// Checks that enough files can be opened (`ulimit -n`).
fn files() -> anyhow::Result<()> {
    // Any file that can be opened will do.
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
    Err(error::requirement_error(ErrorCode::Limits, message))
}

/// Returns whether a file cannot be opened because too many files are open.
fn is_full(path: &Path) -> bool {
    const TOO_MANY: [i32; 2] = [23, 24];
    File::open(path).is_err_and(|error| error.raw_os_error().is_some_and(|code| TOO_MANY.contains(&code)))
}

/// Checks that enough threads can be started (`ulimit -u`): those that read, and those of polars, which ends the program if it cannot start
/// one.
fn threads(threads: usize) -> anyhow::Result<()> {
    if !HAS_THREADS {
        return Ok(());
    }
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
    Err(error::requirement_error(ErrorCode::Limits, message))
}
