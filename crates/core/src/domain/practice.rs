//! The practice that a report is for, and who prepared the report. Auditors look for these first.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::calendar::day_text;
use crate::domain::period::Day;

/// The practice, and who prepared the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Practice {
    /// The name of the practice.
    pub name: Option<String>,
    /// The tax identification number (TIN) of the practice.
    pub tin: Option<String>,
    /// The CMS EHR Certification ID of the practice's technology.
    pub cehrt_id: Option<String>,
    /// Who prepared the report.
    pub prepared_by: Option<String>,
    /// The day on which the report was prepared.
    #[schemars(with = "Option<String>")]
    pub prepared_on: Option<Day>,
}

impl Practice {
    /// Returns what is known of the practice as one line; `None` if nothing is known.
    pub fn line(&self) -> Option<String> {
        let labeled =
            |label: &str, value: &Option<String>| value.as_ref().map(|value| format!("{label}{value}"));
        let parts = [
            labeled("", &self.name),
            labeled("TIN ", &self.tin),
            labeled("CMS EHR Certification ID ", &self.cehrt_id),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Returns who prepared the report, and when; `None` if neither is known.
    pub fn prepared(&self) -> Option<String> {
        let on = self.prepared_on.map(|day| format!("on {}", day_text(day)));
        let by = self.prepared_by.as_ref().map(|by| format!("by {by}"));
        let parts: Vec<String> = [by, on].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}
