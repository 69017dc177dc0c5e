//! Derives results, records, explanations, forecasts, and comparisons from ledgers.
#![doc = include_str!("../README.md")]

pub mod course;
#[cfg(not(target_family = "wasm"))]
pub mod diff;
pub mod explain;
pub mod forecast;
pub mod funnel;
pub mod outreach;
pub mod persons;
pub mod records;
pub mod summary;
pub mod undecided;
