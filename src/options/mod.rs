//! The options of a run: each is one field, whether it is given as a flag or as a key of `mucalc.toml`.
//!
//! Groups of options are structs that clap, serde and schemars derive from, so that the flags, the keys, their types and what `--help` and
//! `docs/configuration.md` say of them cannot differ. [`Configuration`] is what the file has; flags are laid over it.

mod configuration;
mod gate;
mod groups;
mod list;
mod tables;
mod value;
mod zones;

pub use configuration::{Configuration, schema};
pub use gate::FailureGate;
pub use groups::{
    AttritionDetail, CommonArgs, ConfigArgs, ConfigSource, InputOptions, MeasureOptions, ReadingOptions,
    ReportOptions, RunOptions,
};
pub use tables::{
    AssumeOptions, ChannelOptions, DaysOptions, FileOptions, PracticeOptions, SeverityChoice, WordTables,
};
pub use value::{ColorChoice, RuleSetId, TextEncoding, Written, Zone, name_and_value, one_of, thread_count};
pub use zones::{standing_still, zone};
