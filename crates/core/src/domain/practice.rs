//! Who the report is for and who prepared it, as an auditor asks first.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::calendar::day_text;
use crate::domain::period::Day;

/// The practice, and who prepared the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Practice {
    /// Its name.
    pub name: Option<String>,
    /// Its tax identification number.
    pub tin: Option<String>,
    /// The CMS EHR Certification ID of its technology.
    pub cehrt_id: Option<String>,
    /// Who prepared the report.
    pub prepared_by: Option<String>,
    /// On which day.
    #[schemars(with = "Option<String>")]
    pub prepared_on: Option<Day>,
}

impl Practice {
    /// Returns what is known of the practice as one line; `None` if nothing is.
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
