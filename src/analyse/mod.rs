//! Floor 4: what the ledger says, in figures.

pub mod persons;
pub mod records;
pub mod summary;
