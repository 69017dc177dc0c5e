//! Evaluates exports and creates ledgers.
#![doc = include_str!("../README.md")]

mod across;
pub mod again;
mod context;
pub mod correspondence;
mod decisions;
mod denominator_pass;
mod encounters;
mod evaluate;
pub mod gather;
pub mod input_log;
mod last_day;
mod measure_config;
mod measure_run;
mod numerator_pass;
mod numerators;
mod observations;
pub mod reference_data;
mod sources;
mod spellings;
pub mod sweep;
mod task;
mod whole;

pub use across::Across;
pub use again::IdScopes;
pub use decisions::adjudicated;
pub use evaluate::{Evaluated, evaluate};
pub use last_day::last_helpful_day;
pub use measure_config::MeasureConfig;
pub use measure_run::MeasureRun;
pub use observations::{CollectWants, Observations, UpcomingVisit};
pub use reference_data::ReferenceData;
pub use sources::InputSet;
pub use task::Task;
pub use whole::reach_over;
