//! The judges and random worlds of the program's tests.

#![allow(dead_code, unused_imports)]

#[path = "../../tests/support/cases.rs"]
pub mod cases;
#[path = "../../tests/support/oracle/mod.rs"]
pub mod oracle;
#[path = "../../tests/support/splitter.rs"]
pub mod splitter;
#[path = "../../tests/support/worlds.rs"]
pub mod worlds;

/// The tests start processes; here the program runs in this one.
pub use crate::program;
