//! Ctrl-C and SIGTERM end a run cleanly: nothing is written after them.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::place::Place;
use crate::read::{InputError, Reason};
use crate::run::failed::{Exit, Failed};
use crate::run::terminal::say;

static CANCELLED: AtomicBool = AtomicBool::new(false);
/// Whether reading can wait without an end, for standard input or a pipe.
static WAITS: AtomicBool = AtomicBool::new(false);

/// A flag that is set when the user wants the run to end. Where reading may wait without an end, the process ends at
/// once instead: before reading is done nothing is written, so nothing is lost. So does a second wish.
#[allow(clippy::exit)] // There is nobody left to return to.
pub fn flag(waits: bool) -> &'static AtomicBool {
    WAITS.store(waits, Ordering::Relaxed);
    // A handler that is there already, or cannot be set, leaves the system's own: the process just ends.
    let _ = ctrlc::set_handler(|| {
        if CANCELLED.swap(true, Ordering::Relaxed) || WAITS.load(Ordering::Relaxed) {
            say(format!("error: {}", failed()));
            std::process::exit(Exit::Interrupted as i32);
        }
    });
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
pub fn check() -> Result<(), Failed> {
    if CANCELLED.load(Ordering::Relaxed) { Err(failed()) } else { Ok(()) }
}

fn failed() -> Failed {
    let mut failed = Failed::from(InputError { place: Place::file(""), reason: Reason::Interrupted });
    failed.failure.place = None;
    failed
}
