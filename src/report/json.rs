//! The whole model as JSON, and its JSON Schema.

use serde_json::Value;

use crate::domain::report::Report;

/// One JSON document with a line feed at its end.
pub fn render(report: &Report) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(report)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The JSON Schema (draft 2020-12) of the document, made from the model's own types.
pub fn schema() -> Value {
    schemars::schema_for!(Report).to_value()
}
