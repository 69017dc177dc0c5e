//! Renders HTML pages, each of which needs no script, network, or other file, and prints well.

mod chart;
pub(crate) mod document;
pub mod report;
