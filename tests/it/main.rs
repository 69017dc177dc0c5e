//! Integration tests of the whole program, in one binary so that it is linked only once.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that panics has failed"
)]

mod support;

mod abuse;
mod answers;
mod architecture;
mod assumptions;
mod choices;
mod cli;
mod configuration;
mod decisions;
mod diff;
mod directions;
mod dirty;
mod documents;
mod drafted_columns;
mod drafts;
mod editions;
mod evidence;
mod exhaustive;
mod explain;
mod faults;
mod field;
mod fixtures;
mod forecast;
mod forged;
mod formats;
mod generated;
mod help;
mod hostile;
mod inputs;
mod joins;
mod json;
mod language;
mod layouts;
mod locations;
mod npi;
mod outputs;
mod outreach;
mod pack;
mod page;
mod periods;
mod practices;
mod privacy;
mod progress;
mod properties;
mod reading;
mod redacted;
mod replaced;
mod review;
mod sheets;
mod shortcuts;
mod site;
mod spec;
mod splitting;
mod supervised;
mod sweep;
mod torn;
mod unknown_exports;
mod unusable;
mod validate;
mod versions;
mod warehouse;
mod workbook;
mod years;
