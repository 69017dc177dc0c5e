//! Reads exports of any layout and format.
#![doc = include_str!("../README.md")]

pub mod ahead;
pub mod archive;
mod blocks;
mod choice;
mod chunk_error;
mod chunks;
pub mod consistency;
mod copies;
pub mod date;
pub mod days;
mod decompress;
pub mod diagnostics;
pub mod entity;
pub mod error;
pub mod format;
mod furniture;
mod header;
mod header_line;
pub mod id;
mod key_cells;
pub mod layout;
pub mod locations;
pub mod month_cache;
mod normalize;
mod parallel;
pub mod profile;
pub mod raw_record;
pub mod record_ids;
pub mod records;
mod row;
mod row_form;
mod row_reader;
mod row_sink;
mod rows;
pub mod separators;
pub mod small_table;
mod sniff;
pub mod source;
mod swallowed;
mod unsupported;
mod value_cache;
mod wanted;

use std::sync::atomic::{AtomicBool, Ordering};

use chrono_tz::Tz;

use mucalc_core::domain::assumption::Acknowledged;
use mucalc_core::domain::input::InputRole;

pub use ahead::{Begun, Unassumed};
pub use blocks::{Block, BlockError, BlockLimits, BlockReader};
pub use days::{Days, Stands};
pub use decompress::Compression;
pub use diagnostics::{Diagnostics, Occurrence};
pub use error::{InputError, InputErrorKind};
pub use format::sheet::SheetSeen;
pub use id::IdRules;
pub use parallel::ReadSummary;
pub use record_ids::{IdSet, RecordIds};
pub use row_sink::{NoSink, RowSink};
pub use sniff::{FileFormat, InputFormat, text_of};
pub use source::InputSource;

/// How inputs are read; what the shell hands down.
#[derive(Clone, Copy)]
pub struct ReadContext<'a> {
    /// How many threads judge rows, at least one.
    pub threads: usize,
    /// How large blocks and records may be.
    pub limits: BlockLimits,
    /// Whether every place of a finding is kept, and not only the first.
    pub places: bool,
    /// Whether inputs are hashed.
    pub digest: bool,
    /// Whether the ids of encounters, messages and accesses are wanted.
    pub ids: bool,
    /// The ids of records of which the input may have several versions, where it is read again for these.
    pub repeated: Option<&'a IdSet>,
    /// The encoding of text without a byte order mark; none is that of the layout.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// The zone of the practice, for times with a zone.
    pub zone: Option<Tz>,
    /// Which texts are ids, and which mean that there is none.
    pub id_rules: &'a IdRules,
    /// What times with a zone stand for, where it was said.
    pub days: Days,
    /// Columns that are unknown where they are absent, since another file has them.
    pub unassumed: Unassumed,
    /// What is taken for a fact where a column is absent, and acknowledged.
    pub acknowledged: Acknowledged,
    /// Pipes of which the beginning was looked at.
    pub begun: Option<&'a Begun>,
    /// How often inputs are read.
    pub times: Times,
    /// Told how far reading has come.
    pub progress: &'a (dyn Fn(ReadProgress) + Sync),
    /// Set from outside to end the reading.
    pub cancelled: &'a AtomicBool,
}

impl ReadContext<'_> {
    /// Returns how inputs of a kind are read: times that stand for days are days in UTC.
    pub fn of_role(self, role: InputRole) -> Self {
        Self { zone: self.days.zone(role, self.zone), ..self }
    }

    /// Returns whether an input may have several versions of the record with this id; one without an id has none.
    pub fn may_repeat(&self, id: Option<&[u8]>) -> bool {
        self.repeated.zip(id).is_some_and(|(repeated, id)| repeated.may_contain(id))
    }

    /// Whether the run is to end.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// How often inputs are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// Once.
    #[default]
    Once,
    /// For the first time, and perhaps again: of what can be read once a copy is kept.
    First,
    /// Again.
    Again,
}

/// A step of reading.
#[derive(Clone, Copy, Debug)]
pub enum ReadProgress {
    /// So many further bytes were read.
    Bytes(u64),
    /// So many further rows were judged.
    Rows(u64),
    /// So many bytes more are to be read, since an input is read again.
    More(u64),
}
