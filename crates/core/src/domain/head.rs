//! The header of every document about a reporting period.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::period::Day;
use crate::domain::period_days::PeriodDates;
use crate::domain::practice::Practice;
use crate::domain::tool::ToolVersion;

/// The program that made the document, and what the document is about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Head")]
pub struct DocumentHeader {
    /// The schema version of this document.
    pub schema_version: &'static str,
    /// The program that made the document.
    pub tool: ToolVersion,
    /// The reporting period, both days included.
    pub period: PeriodDates,
    /// The practice, and who prepared the document; null if the configuration does not specify them.
    pub practice: Option<Practice>,
    /// The practice time zone, which determines local days, as an IANA name; null if not given.
    pub timezone: Option<String>,
    /// The attestation date; null if not given.
    #[schemars(with = "Option<String>")]
    pub attested: Option<Day>,
    /// The layout that the inputs were read with.
    pub layout: String,
}
