//! The whole model as JSON, and its JSON Schema.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::safe;
use mucalc_core::domain::diff::Diff;
use mucalc_core::domain::explanation::Explanation;
use mucalc_core::domain::inspection::Inspection;
use mucalc_core::domain::outreach::OutreachList;
use mucalc_core::domain::progress::ProgressReport;
use mucalc_core::domain::report::Report;
use mucalc_core::domain::sweep::SweepReport;
use mucalc_core::domain::validation::ValidationReport;
use mucalc_core::domain::verification::VerificationReport;
use mucalc_core::domain::what_if::WhatIfReport;

/// A report as one JSON document with a line feed at its end.
pub fn render(report: &Report) -> serde_json::Result<Vec<u8>> {
    pretty(report)
}

/// One JSON document with a line feed at its end.
pub fn pretty<M: Serialize>(model: &M) -> serde_json::Result<Vec<u8>> {
    let mut bytes = safe::json(serde_json::to_vec_pretty(model)?);
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes one JSON document with a line feed at its end, piece by piece.
///
/// # Errors
/// When it cannot be written.
pub fn write_pretty<M: Serialize>(model: &M, to: &mut dyn Write) -> io::Result<()> {
    let mut safe = safe::JsonWriter::new(to);
    serde_json::to_writer_pretty(&mut safe, model)?;
    safe.end()?;
    to.write_all(b"\n")
}

/// The JSON Schema of what `mucalc validate` writes.
pub fn schema_of_validation() -> Value {
    schemars::schema_for!(ValidationReport).to_value()
}

/// The JSON Schema of what `mucalc inspect` writes.
pub fn schema_of_inspection() -> Value {
    schemars::schema_for!(Vec<Inspection>).to_value()
}

/// One JSON document on one line, for what is long.
pub fn line<M: Serialize>(model: &M) -> serde_json::Result<Vec<u8>> {
    let mut bytes = safe::json(serde_json::to_vec(model)?);
    bytes.push(b'\n');
    Ok(bytes)
}

/// The JSON Schema of what `mucalc sweep` writes.
pub fn schema_of_sweep() -> Value {
    schemars::schema_for!(SweepReport).to_value()
}

/// The JSON Schema of what `mucalc what-if` writes.
pub fn schema_of_what_if() -> Value {
    schemars::schema_for!(WhatIfReport).to_value()
}

/// The JSON Schema of what `mucalc diff` writes.
pub fn schema_of_diff() -> Value {
    schemars::schema_for!(Diff).to_value()
}

/// The JSON Schema of what `mucalc progress` writes.
pub fn schema_of_progress() -> Value {
    schemars::schema_for!(ProgressReport).to_value()
}

/// The JSON Schema of what `mucalc outreach` writes.
pub fn schema_of_outreach() -> Value {
    schemars::schema_for!(OutreachList).to_value()
}

/// The JSON Schema of what `mucalc verify` writes.
pub fn schema_of_verification() -> Value {
    schemars::schema_for!(VerificationReport).to_value()
}

/// The JSON Schema of what `mucalc explain` writes.
pub fn schema_of_explanation() -> Value {
    schemars::schema_for!(Explanation).to_value()
}

/// The JSON Schema (draft 2020-12) of the document, made from the model's own types.
pub fn schema() -> Value {
    schemars::schema_for!(Report).to_value()
}
