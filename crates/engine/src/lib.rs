//! From exports to ledgers.
#![doc = include_str!("../README.md")]

pub mod account;
mod across;
pub mod again;
pub mod beside;
mod context;
pub mod correspondence;
mod decisions;
mod encounters;
mod evaluate;
pub mod gather;
mod judged;
mod last_day;
mod noticed;
mod numerator_pass;
mod numerators;
mod ruling;
mod sources;
mod spellings;
pub mod sweep;
mod task;
mod whole;

pub use across::Across;
pub use beside::ReferenceData;
pub use decisions::adjudicated;
pub use evaluate::{Evaluated, evaluate};
pub use judged::MeasureRun;
pub use last_day::last_helpful_day;
pub use noticed::{CollectWants, Observations, UpcomingVisit};
pub use ruling::MeasureConfig;
pub use sources::InputSet;
pub use task::Task;
pub use whole::reach_over;
