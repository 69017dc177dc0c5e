//! Handles Ctrl-C, SIGTERM, and other signals that end a process: the run ends cleanly within a second, and writes nothing afterward.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::error::{Exit, interrupted, text};
use crate::run::terminal::print_note;

static CANCELLED: AtomicBool = AtomicBool::new(false);
/// Whether reading may block without end, on standard input or a pipe.
static WAITS: AtomicBool = AtomicBool::new(false);
/// Temporary files that do not have their final names yet.
static ASIDE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// Number of tasks that are renaming files.
static NAMING: AtomicUsize = AtomicUsize::new(0);

/// Time that a run has to end by itself after a signal.
const PATIENCE: Duration = Duration::from_millis(700);

/// Interval between checks for a signal.
#[cfg(unix)]
const LOOK: Duration = Duration::from_millis(25);

/// Starts to handle signals. If reading may block without end, the process ends at once: nothing is written before reading is done, so
/// nothing is lost. It also ends at a second signal, or if the run has not ended by itself after a moment.
pub fn watch() {
    listen(|| {
        if CANCELLED.swap(true, Ordering::Relaxed) || WAITS.load(Ordering::Relaxed) {
            end();
        }
        // If the thread cannot be started, a second signal ends the process.
        let _ = thread::Builder::new().spawn(|| {
            thread::sleep(PATIENCE);
            end();
        });
    });
}

/// Calls `wish` after each signal to end that can be handled.
#[cfg(unix)]
fn listen(wish: fn()) {
    use signal_hook::consts::*;
    use signal_hook::flag::register;
    use std::sync::Arc;
    const ALL: [i32; 12] = [
        SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGXCPU, SIGSYS,
        SIGTRAP,
    ];
    // Linux has more signals: for power failure, a coprocessor, and real time.
    let more =
        if cfg!(target_os = "linux") { [16, 30].into_iter().chain(34..=64).collect() } else { Vec::new() };
    let asked = Arc::new(AtomicBool::new(false));
    // The flag is polled: waking a thread at once would need a socket, and this program opens none.
    let looked_at = Arc::clone(&asked);
    let look = move || {
        loop {
            thread::sleep(LOOK);
            if looked_at.swap(false, Ordering::SeqCst) {
                wish();
            }
        }
    };
    // Without this thread, the default action remains: a signal ends the process.
    if thread::Builder::new().spawn(look).is_err() {
        return;
    }
    for signal in ALL.into_iter().chain(more) {
        let _ = register(signal, Arc::clone(&asked));
    }
    // With SIGXFSZ handled, a write beyond the file size limit fails and is reported.
    let _ = register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

/// Calls `wish` whenever the user asks the process to end.
#[cfg(windows)]
fn listen(wish: fn()) {
    // If the handler cannot be set, the default action remains: the process ends.
    let _ = ctrlc::set_handler(wish);
}

/// A browser's page has no signals: whoever closes it ends the run.
#[cfg(not(any(unix, windows)))]
fn listen(_: fn()) {}

/// Removes temporary files, and ends the process.
#[allow(clippy::exit)] // No caller is left to return to.
fn end() {
    // Renames that have begun should all finish, if the disk allows it.
    for _ in 0..100 {
        if NAMING.load(Ordering::SeqCst) == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    locked(&ASIDE).iter().for_each(|path| drop(fs::remove_file(path)));
    print_note(format!("error: {}", text(&interrupted())));
    std::process::exit(Exit::Interrupted as i32);
}

/// Registers a temporary file, to be removed if the process must end.
pub fn note_aside(path: &Path) {
    locked(&ASIDE).push(path.to_owned());
}

/// A guard that keeps the process from ending between two renames.
pub struct Naming(());

/// Keeps the process from ending while files are renamed, until the guard is dropped.
pub fn naming() -> Naming {
    NAMING.fetch_add(1, Ordering::SeqCst);
    Naming(())
}

impl Drop for Naming {
    fn drop(&mut self) {
        NAMING.fetch_sub(1, Ordering::SeqCst);
    }
}

fn locked<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the flag that is set when the run must end. `is_pipe` is whether reading may block without end.
pub fn install(waits: bool) -> &'static AtomicBool {
    WAITS.store(waits, Ordering::Relaxed);
    &CANCELLED
}

/// Marks the end of reading. From now on an interrupted run ends where it calls [`check`].
pub fn reading_is_done() {
    WAITS.store(false, Ordering::Relaxed);
}

/// Ends an interrupted run before anything is written.
///
/// # Errors
/// If the run was interrupted.
pub fn check() -> anyhow::Result<()> {
    if CANCELLED.load(Ordering::Relaxed) { Err(interrupted()) } else { Ok(()) }
}
