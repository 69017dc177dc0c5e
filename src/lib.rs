//! `mucalc` calculates the Meaningful Use Secure Electronic Messaging measure from EHR exports: the commands ([`run`]) and their
//! flags ([`cli`]). What they do stands in the libraries of this workspace; `docs/architecture.md` says which may use which.

pub mod cli;
pub mod error;
pub mod options;
pub mod run;
