//! Floor 4: what the ledger says, in figures.

pub mod diff;
pub mod explain;
pub mod persons;
pub mod records;
pub mod summary;
