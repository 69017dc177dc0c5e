//! `mucalc` calculates the Meaningful Use Secure Electronic Messaging measure from EHR exports.
//!
//! The floors, from the bottom: [`domain`], [`edition`] and [`layout`], [`read`], [`tally`] and
//! [`warehouse`], [`analyse`], [`report`], [`run`], [`cli`]. `docs/architecture.md` says who may use whom, and a test reads it.

pub mod analyse;
pub mod cli;
pub mod domain;
pub mod edition;
pub mod layout;
pub mod read;
pub mod report;
pub mod run;
pub mod tally;
pub mod warehouse;
