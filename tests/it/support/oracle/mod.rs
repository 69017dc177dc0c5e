//! The oracle: plain loops written only from the text of the rules, slow on purpose.
//!
//! Nothing here comes from the program under test. The oracle replaces an `unknown` with every value of its list, one after the other. A
//! chain of `if`s that reads like `docs/spec/README.md` decides each completed row; each family of rule sets has its own chain.

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
