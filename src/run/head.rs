//! Headers of documents.

use crate::run::settings::RunConfig;
use mucalc_core::domain::head::DocumentHeader;
use mucalc_core::domain::report::SCHEMA_VERSION;
use mucalc_core::domain::tool::ToolVersion;

/// Returns the header of a document about the reporting period.
pub fn head(settings: &RunConfig) -> DocumentHeader {
    DocumentHeader {
        schema_version: SCHEMA_VERSION,
        tool: tool(),
        period: settings.task.period.into(),
        practice: settings.practice.clone(),
        timezone: settings.task.zone.map(|zone| zone.name().to_owned()),
        attested: settings.task.attested,
        layout: settings.task.layout.name.clone(),
    }
}

/// Returns the name and the version of the program.
pub fn tool() -> ToolVersion {
    ToolVersion { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
}
