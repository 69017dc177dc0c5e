//! Ctrl-C and SIGTERM end a run cleanly: reading stops, and nothing is written.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::run::failed::Exit;

static CANCELLED: AtomicBool = AtomicBool::new(false);

/// A flag that is set when the user wants the run to end. A second wish ends the process at once.
#[allow(clippy::exit)] // There is nobody left to return to.
pub fn flag() -> &'static AtomicBool {
    // A handler that is there already, or cannot be set, leaves the system's own: the process just ends.
    let _ = ctrlc::set_handler(|| {
        if CANCELLED.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted as i32);
        }
    });
    &CANCELLED
}
