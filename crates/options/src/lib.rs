//! The options of a run.
#![doc = include_str!("../README.md")]
//!
//! Groups of options are structs with derives of clap, serde, and schemars. [`Configuration`] is the contents of the file, which flags
//! override.

mod configuration;
mod gate;
mod groups;
mod list;
mod practice;
mod tables;
mod value;
mod zones;

pub use configuration::{Configuration, schema, shared_keys};
pub use gate::FailureGate;
pub use groups::{
    AttritionDetail, CommonArgs, ConfigArgs, ConfigSource, InputOptions, MeasureOptions, ReadingOptions,
    ReportOptions, RunOptions,
};
pub use practice::{PracticeEntry, PracticeKey};
pub use tables::{
    AssumeOptions, ChannelOptions, DaysOptions, ExportKind, FileOptions, InputEntry, PracticeOptions,
    SeverityChoice, WordTables,
};
pub use value::{ColorChoice, RuleSetId, TextEncoding, Written, Zone, name_and_value, one_of, thread_count};
pub use zones::{fixed_offset_zone, zone};
