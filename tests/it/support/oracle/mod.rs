//! The judge: plain loops written from the text of the rules alone, slow on purpose.
//!
//! Nothing here comes from the program under test. An `unknown` is replaced by every word of its list, one after the
//! other, and each completed row is decided by a chain of `if`s that reads like `docs/spec/README.md`: one chain for
//! each family of editions.

mod chains;
mod door;
mod editions;
mod figures;
mod ids;
mod lists;
mod pairs;
mod rows;
mod unusable;
mod versions;
mod world;

pub use chains::{Answers, decide};
pub use door::{Export, InputLog, read};
pub use editions::{EDITIONS, Policy, RuleList, Threshold, choices, counts_accesses, policies, threshold};
pub use figures::{ProviderResult, group_bounds, providers};
pub use ids::{FOLDINGS, MARKERS, folded};
pub use lists::*;
pub use pairs::{ProviderPatient, pairs};
pub use world::{Encounter, Message, Policies, PortalAccess, World};
