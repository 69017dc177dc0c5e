//! Floor 2: from the bytes of an export to events and findings.

pub mod csv;
pub mod date;
mod door;
pub mod encounters;
pub mod error;
mod header;
mod memo;
pub mod messages;
pub mod notes;
pub mod roster;
pub mod scan;
pub mod simd;
pub mod source;
mod split;
mod stream;

use std::sync::atomic::AtomicBool;

use chrono_tz::Tz;

pub use error::{InputError, Reason};
pub use notes::Notes;
pub use roster::{Roster, RosterLine};
pub use source::Source;
pub use split::{Block, Blocks, Limits, SplitError};
pub use stream::FileSummary;

/// How inputs are read; what the shell hands down.
pub struct Reading<'a> {
    /// How many threads judge rows, at least one.
    pub threads: usize,
    /// How large blocks and records may be.
    pub limits: Limits,
    /// Whether inputs are hashed.
    pub digest: bool,
    /// The zone of the practice, for times with a zone.
    pub zone: Option<Tz>,
    /// Told how many further bytes were read.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Set from outside to end the reading.
    pub cancelled: &'a AtomicBool,
}
