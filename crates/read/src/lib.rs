//! Reads exports of any layout and format.
#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(all(feature = "parquet", feature = "workbooks")),
    allow(dead_code, reason = "parts that only the formats left out use")
)]

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
mod fast_rows;
pub mod format;
mod furniture;
mod header;
mod header_line;
mod header_shape;
pub mod id;
pub mod joined;
pub mod joins;
mod key_cells;
pub mod layout;
pub mod locations;
pub mod month_cache;
mod normalize;
mod parallel;
pub mod profile;
pub mod proposals;
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
mod written_row;

use std::sync::atomic::{AtomicBool, Ordering};

use chrono_tz::Tz;

use mucalc_core::domain::assumption::Acknowledged;
use mucalc_core::domain::input::InputRole;

pub use ahead::{Begun, Unassumed};
pub use blocks::{Block, BlockError, BlockLimits, BlockReader};
pub use days::{DayRange, Days, Stands};
pub use decompress::Compression;
pub use diagnostics::{Diagnostics, Occurrence};
pub use error::{InputError, InputErrorKind};
pub use format::sheet::SheetSeen;
pub use id::IdRules;
pub use joined::JoinProvider;
pub use joins::Joins;
pub use parallel::ReadSummary;
pub use record_ids::{IdSet, RecordIds};
pub use row_sink::{NoSink, RowSink};
pub use sniff::{FileFormat, InputFormat, decode_text};
pub use source::{InputRules, InputSource};

/// How inputs are read, as the program sets it.
#[derive(Clone, Copy)]
pub struct ReadContext<'a> {
    /// Number of worker threads, at least one.
    pub threads: usize,
    /// Size limits of blocks and records.
    pub limits: BlockLimits,
    /// Whether to keep every occurrence of a finding, not only the first.
    pub places: bool,
    /// Whether to hash inputs.
    pub digest: bool,
    /// Whether to read the ids of encounters, messages, and accesses.
    pub ids: bool,
    /// Ids of records that may have several versions, if the input is read again for them.
    pub repeated: Option<&'a IdSet>,
    /// Encoding of text without a byte order mark; `None` for the encoding of the layout.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Practice time zone, for times with a zone.
    pub zone: Option<Tz>,
    /// Which texts are ids, and which mean "no value".
    pub id_rules: &'a IdRules,
    /// What times with a zone mean, if configured.
    pub days: Days,
    /// Days of the rows that are read; rows of other days are skipped.
    pub range: DayRange,
    /// Columns that are unknown if absent, because another file has them.
    pub unassumed: Unassumed,
    /// Acknowledged assumptions about absent columns.
    pub acknowledged: Acknowledged,
    /// Files that are joined to exports.
    pub joins: Option<&'a dyn JoinProvider>,
    /// Pipes whose beginning was read before their turn.
    pub begun: Option<&'a Begun>,
    /// How often inputs are read.
    pub times: Times,
    /// Receives the progress of reading.
    pub progress: &'a (dyn Fn(ReadProgress) + Sync),
    /// Set by the program to stop reading.
    pub cancelled: &'a AtomicBool,
}

impl ReadContext<'_> {
    /// Returns how an input of a kind is read. If its times are days, the zone is UTC.
    pub fn for_input(self, role: InputRole, source: &InputSource) -> Self {
        Self { zone: self.days.zone(role, self.zone), range: source.days(), ..self }
    }

    /// Returns whether an input may have several versions of the record with this id. False without an id.
    pub fn may_repeat(&self, id: Option<&[u8]>) -> bool {
        self.repeated.zip(id).is_some_and(|(repeated, id)| repeated.may_contain(id))
    }

    /// Returns whether the run was canceled.
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
    /// For the first time, and perhaps again: copies are kept of inputs that can be read only once.
    First,
    /// Again.
    Again,
}

/// Progress of reading.
#[derive(Clone, Copy, Debug)]
pub enum ReadProgress {
    /// Further bytes were read.
    Bytes(u64),
    /// Further rows were read.
    Rows(u64),
    /// Further bytes will be read, because an input is read again.
    More(u64),
}
