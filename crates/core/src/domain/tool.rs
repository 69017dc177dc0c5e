//! The program that made a document.

use schemars::JsonSchema;
use serde::Serialize;

/// The program that made the document.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Tool")]
pub struct ToolVersion {
    /// The program's name.
    pub name: &'static str,
    /// The program's version.
    pub version: &'static str,
}
