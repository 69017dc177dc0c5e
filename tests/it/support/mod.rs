//! Shared parts of the tests: a slow oracle, Markdown cases, random worlds, and runs of the program on files.

pub mod cases;
pub mod damage;
pub mod dirty;
pub mod drafts;
pub mod every;
pub mod files;
pub mod futures;
pub mod oracle;
pub mod packs;
#[cfg(target_os = "linux")]
pub mod preload;
pub mod program;
#[allow(dead_code, reason = "the tests beside the reader of workbooks write more kinds of cells")]
pub mod sheets;
pub mod small;
#[allow(dead_code, reason = "the fuzzers ask more of it")]
pub mod splitter;
pub mod tables;
pub mod worlds;
pub mod year;
pub mod zips;
