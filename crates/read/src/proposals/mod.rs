//! Proposes how an unknown export maps to the canonical columns and values, by the names that exports usually give them. A proposal goes
//! into a draft for a person to check; a report never uses one.

pub mod columns;
pub mod names;
pub mod terms;
pub mod values;
