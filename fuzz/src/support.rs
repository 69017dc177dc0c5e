//! The oracles and random worlds of the program's tests.

#![allow(dead_code, unused_imports)]

#[path = "../../tests/it/support/cases.rs"]
pub mod cases;
#[path = "../../tests/it/support/dirty.rs"]
pub mod dirty;
#[path = "../../tests/it/support/oracle/mod.rs"]
pub mod oracle;
#[path = "../../tests/it/support/splitter.rs"]
pub mod splitter;
#[path = "../../tests/it/support/worlds.rs"]
pub mod worlds;

/// The tests start processes; the fuzz targets run the program in this process instead.
pub use crate::program;
