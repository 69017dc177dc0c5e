//! Derives results, records, explanations, forecasts, and comparisons from ledgers.
#![doc = include_str!("../README.md")]

pub mod clinicians;
#[cfg(not(target_family = "wasm"))]
pub mod diff;
pub mod explain;
pub mod forecast;
pub mod funnel;
pub mod ledger_rows;
pub mod outreach;
pub mod summary;
pub mod timelines;
pub mod unresolved;
