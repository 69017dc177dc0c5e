//! How every document about a reporting period begins.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::period::Day;
use crate::domain::period_days::PeriodDates;
use crate::domain::practice::Practice;
use crate::domain::tool::ToolVersion;

/// What made the document, and what it is about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Head")]
pub struct DocumentHeader {
    /// The version of this document's shape.
    pub schema_version: &'static str,
    /// What made the document.
    pub tool: ToolVersion,
    /// The reporting period, both days included.
    pub period: PeriodDates,
    /// The practice, and who prepared the document; null if the configuration does not say.
    pub practice: Option<Practice>,
    /// The zone in which local days are reckoned, as an IANA name; null where none was given.
    pub timezone: Option<String>,
    /// The day of attestation; null where none was given.
    #[schemars(with = "Option<String>")]
    pub attested: Option<Day>,
    /// The layout by which the inputs were read.
    pub layout: String,
}
