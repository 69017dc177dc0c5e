//! Serializes documents as JSON, and returns their JSON Schemas.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::safe;
use mucalc_core::domain::diff::Diff;
use mucalc_core::domain::draft::DraftSummary;
use mucalc_core::domain::explanation::Explanation;
use mucalc_core::domain::inspection::Inspection;
use mucalc_core::domain::outreach::OutreachList;
use mucalc_core::domain::progress::ProgressReport;
use mucalc_core::domain::report::Report;
use mucalc_core::domain::roll_up::RollUp;
use mucalc_core::domain::sweep::SweepReport;
use mucalc_core::domain::validation::ValidationReport;
use mucalc_core::domain::verification::VerificationReport;
use mucalc_core::domain::what_if::WhatIfReport;

/// Serializes a report as one JSON document that ends with a line feed.
pub fn render(report: &Report) -> serde_json::Result<Vec<u8>> {
    pretty(report)
}

/// Serializes a model as one JSON document that ends with a line feed.
pub fn pretty<M: Serialize>(model: &M) -> serde_json::Result<Vec<u8>> {
    let mut bytes = safe::json(serde_json::to_vec_pretty(model)?);
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes one JSON document that ends with a line feed, piece by piece.
///
/// # Errors
/// If the document cannot be written.
pub fn write_pretty<M: Serialize>(model: &M, to: &mut dyn Write) -> io::Result<()> {
    let mut safe = safe::JsonWriter::new(to);
    serde_json::to_writer_pretty(&mut safe, model)?;
    safe.end()?;
    to.write_all(b"\n")
}

/// Returns the JSON Schema of the output of `mucalc validate`.
pub fn validation_schema() -> Value {
    schemars::schema_for!(ValidationReport).to_value()
}

/// Returns the JSON Schema of the output of `mucalc inspect`.
pub fn inspection_schema() -> Value {
    schemars::schema_for!(Vec<Inspection>).to_value()
}

/// Returns the JSON Schema of the output of `mucalc init`.
pub fn draft_schema() -> Value {
    schemars::schema_for!(DraftSummary).to_value()
}

/// Serializes a model as one JSON document on one line, for long documents.
pub fn compact<M: Serialize>(model: &M) -> serde_json::Result<Vec<u8>> {
    let mut bytes = safe::json(serde_json::to_vec(model)?);
    bytes.push(b'\n');
    Ok(bytes)
}

/// Returns the JSON Schema of the results of several practices.
pub fn roll_up_schema() -> Value {
    schemars::schema_for!(RollUp).to_value()
}

/// Returns the JSON Schema of the output of `mucalc sweep`.
pub fn sweep_schema() -> Value {
    schemars::schema_for!(SweepReport).to_value()
}

/// Returns the JSON Schema of the output of `mucalc what-if`.
pub fn what_if_schema() -> Value {
    schemars::schema_for!(WhatIfReport).to_value()
}

/// Returns the JSON Schema of the output of `mucalc diff`.
pub fn diff_schema() -> Value {
    schemars::schema_for!(Diff).to_value()
}

/// Returns the JSON Schema of the output of `mucalc progress`.
pub fn progress_schema() -> Value {
    schemars::schema_for!(ProgressReport).to_value()
}

/// Returns the JSON Schema of the output of `mucalc outreach`.
pub fn outreach_schema() -> Value {
    schemars::schema_for!(OutreachList).to_value()
}

/// Returns the JSON Schema of the output of `mucalc verify`.
pub fn verification_schema() -> Value {
    schemars::schema_for!(VerificationReport).to_value()
}

/// Returns the JSON Schema of the output of `mucalc explain`.
pub fn explanation_schema() -> Value {
    schemars::schema_for!(Explanation).to_value()
}

/// Returns the JSON Schema (draft 2020-12) of a report, generated from the model's types.
pub fn schema() -> Value {
    schemars::schema_for!(Report).to_value()
}
