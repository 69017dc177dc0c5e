//! The commands, one file each, and the code they share. Only this module opens outputs and uses the clock and the terminal.

#![allow(clippy::disallowed_methods, reason = "clock, environment, terminal and files belong to the program")]

// Commands, one file each.
pub mod codes;
pub mod demo;
#[cfg(not(target_family = "wasm"))]
pub mod diff;
pub mod editions;
pub mod explain;
pub mod init;
pub mod inspect;
pub mod outreach;
pub mod pack;
pub mod progress;
pub mod report;
pub mod review;
pub mod sql;
pub mod sweep;
pub mod validate;
#[cfg(not(target_family = "wasm"))]
pub mod verify;
pub mod what_if;

// Code that commands share.
mod beside_verdict;
mod bounded_read;
#[cfg(not(target_family = "wasm"))]
mod causes;
mod cautions;
mod checks;
mod compute;
mod config;
mod engine;
pub mod environment;
mod finish;
mod head;
mod inputs;
mod inspection;
pub mod interrupt;
mod layouts;
mod ledger;
mod limits;
mod masked_line;
mod measure;
mod open;
mod output;
mod over_time;
mod practices;
mod progress_bar;
mod provenance;
mod provider_trends;
#[cfg(not(target_family = "wasm"))]
mod saved_run;
mod settings;
mod terminal;
mod to_date;
mod version;
mod words;
mod write_outputs;

pub use crate::error::{Exit, catch_defects};
pub use mucalc_core::domain::text::escape_control;
pub use output::{to_stdout, write_into_folder, write_new_folder};
pub use terminal::print_note;
pub use version::version;
