//! Floor 6: the shell. One file a command; the only floor that opens outputs, asks the clock or the terminal.

#![allow(clippy::disallowed_methods, reason = "clock, environment, terminal and files belong to this floor")]

mod account;
mod bar;
mod beside;
mod causes;
mod checks;
pub mod codes;
mod compute;
mod config;
pub mod demo;
pub mod diff;
pub mod editions;
mod emit;
mod engine;
mod excerpt;
pub mod explain;
mod failed;
mod gate;
mod gather;
pub mod init;
mod inputs;
pub mod inspect;
mod interrupt;
mod layouts;
mod ledger;
mod look;
mod measure;
pub mod options;
mod output;
pub mod outreach;
mod over_time;
pub mod pack;
mod passing;
mod past;
pub mod progress;
pub mod report;
mod room;
mod ruling;
mod settings;
pub mod sql;
mod stamp;
pub mod sweep;
mod terminal;
mod to_date;
pub mod validate;
pub mod verify;
pub mod what_if;

pub use config::schema as schema_of_configuration;
pub use engine::{Engine, report_by_engine};
pub use failed::{Exit, Failed, guarded};
pub use options::Options;
pub use output::{to_folder, to_stdout};
pub use terminal::say;
