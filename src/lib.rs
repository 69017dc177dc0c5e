//! `mucalc` calculates the Meaningful Use Secure Electronic Messaging measure from EHR exports. This crate contains the commands ([`run`])
//! and their flags ([`cli`]). The other crates of the workspace do the work; `docs/architecture.md` lists which crate may use which.

pub mod cli;
pub mod error;
pub mod run;
