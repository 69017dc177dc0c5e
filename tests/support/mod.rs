//! What the tests share: a slow oracle, Markdown cases, random worlds, and running the program on files.

#![allow(dead_code, unused_imports, missing_docs, clippy::unwrap_used, clippy::disallowed_methods)]

pub mod cases;
pub mod damage;
pub mod dirty;
pub mod every;
pub mod files;
pub mod oracle;
pub mod packs;
#[cfg(target_os = "linux")]
pub mod preload;
pub mod program;
pub mod sheets;
pub mod small;
pub mod splitter;
pub mod tables;
pub mod worlds;
pub mod year;
pub mod zips;
