//! The measure itself, without input or output.
#![doc = include_str!("../README.md")]

pub mod domain;
pub mod edition;
pub mod ledger;
