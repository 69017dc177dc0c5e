//! Ctrl-C, SIGTERM and whatever else asks a process to end: it ends cleanly, and within a second. Nothing is written after that.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::error::{Exit, interrupted, text};
use crate::run::terminal::say;

static CANCELLED: AtomicBool = AtomicBool::new(false);
/// Whether reading can wait without an end, for standard input or a pipe.
static WAITS: AtomicBool = AtomicBool::new(false);
/// Files that are written aside, and have no name yet.
static ASIDE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// How many are giving files their names.
static NAMING: AtomicUsize = AtomicUsize::new(0);

/// So long a run may take to find a place at which it ends by itself.
const PATIENCE: Duration = Duration::from_millis(700);

/// So often it is looked whether a signal came.
#[cfg(unix)]
const LOOK: Duration = Duration::from_millis(25);

/// Begins to heed wishes to end. Where reading may wait without an end, the process ends at once: before reading is done nothing is written,
/// so nothing is lost. So it does at a second wish, and where the run has not ended by itself after a moment.
pub fn watch() {
    listen(|| {
        if CANCELLED.swap(true, Ordering::Relaxed) || WAITS.load(Ordering::Relaxed) {
            end();
        }
        // Without another thread the second wish ends it.
        let _ = thread::Builder::new().spawn(|| {
            thread::sleep(PATIENCE);
            end();
        });
    });
}

/// Calls `wish` whenever a signal asks the process to end that can be heeded.
#[cfg(unix)]
fn listen(wish: fn()) {
    use signal_hook::consts::*;
    use signal_hook::flag::register;
    const ALL: [i32; 12] = [
        SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGXCPU, SIGSYS,
        SIGTRAP,
    ];
    // Linux has more of them: for a failing supply of power, a coprocessor, and those of real time.
    let more =
        if cfg!(target_os = "linux") { [16, 30].into_iter().chain(34..=64).collect() } else { Vec::new() };
    let asked = Arc::new(AtomicBool::new(false));
    // The flag is looked at from time to time: what would wake a thread at once is a socket, and this program opens none.
    let looked_at = Arc::clone(&asked);
    let look = move || {
        loop {
            thread::sleep(LOOK);
            if looked_at.swap(false, Ordering::SeqCst) {
                wish();
            }
        }
    };
    // Where signals cannot be heeded, the system's own way is left: the process just ends.
    if thread::Builder::new().spawn(look).is_err() {
        return;
    }
    for signal in ALL.into_iter().chain(more) {
        let _ = register(signal, Arc::clone(&asked));
    }
    // A file that grows beyond its limit fails to be written, which is told as such.
    let _ = register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

/// Calls `wish` whenever the user asks the process to end.
#[cfg(not(unix))]
fn listen(wish: fn()) {
    // A handler that cannot be set leaves the system's own: the process just ends.
    let _ = ctrlc::set_handler(wish);
}

/// Ends the process, with no file left aside.
#[allow(clippy::exit)] // There is nobody left to return to.
fn end() {
    // Files that are getting their names get all of them, if the disk lets them.
    for _ in 0..100 {
        if NAMING.load(Ordering::SeqCst) == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    locked(&ASIDE).iter().for_each(|path| drop(fs::remove_file(path)));
    say(format!("error: {}", text(&interrupted())));
    std::process::exit(Exit::Interrupted as i32);
}

/// Notes a file that is written aside, to be removed if the process has to end.
pub fn note_aside(path: &Path) {
    locked(&ASIDE).push(path.to_owned());
}

/// While this is there, files are getting their names, and the process does not end between two of them.
pub struct Naming(());

/// Keeps the process from ending while files get their names.
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

/// A flag that is set when the user wants the run to end; `waits` says whether reading may wait without an end.
pub fn flag(waits: bool) -> &'static AtomicBool {
    WAITS.store(waits, Ordering::Relaxed);
    &CANCELLED
}

/// Reading is done: from now on the process ends where [`check`] is asked.
pub fn reading_is_done() {
    WAITS.store(false, Ordering::Relaxed);
}

/// Ends a run that the user wants to end, before anything is written.
///
/// # Errors
/// When the user wants it.
pub fn check() -> anyhow::Result<()> {
    if CANCELLED.load(Ordering::Relaxed) { Err(interrupted()) } else { Ok(()) }
}
