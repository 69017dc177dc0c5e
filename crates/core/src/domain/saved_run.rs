//! What is read back of a saved run: its report and its ledger.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A saved run.
#[derive(Clone, Debug)]
pub struct SavedRun {
    /// The run, as the user named it.
    pub name: String,
    /// The report.
    pub report: PastReport,
    /// The ledger, sorted by provider and patient; `None` if it is not available.
    pub ledger: Option<Vec<PastRow>>,
    /// A value that identifies the key of the pseudonyms; `None` if the patients have no pseudonyms.
    pub key_check: Option<String>,
}

/// The parts of a report that are compared. Fields that later versions add are ignored.
#[derive(Clone, Debug, Deserialize)]
pub struct PastReport {
    /// The schema version of the report.
    pub schema_version: String,
    /// The program that made the report.
    pub tool: PastTool,
    /// The rule set.
    pub edition: PastEdition,
    /// The reporting period.
    pub period: PastPeriod,
    /// The practice time zone, which determines local days.
    pub timezone: Option<String>,
    /// The attestation date.
    #[serde(default)]
    pub attested: Option<String>,
    /// How messages are attributed to providers.
    pub credit: String,
    /// Every policy with its setting.
    pub policies: BTreeMap<String, String>,
    /// The layout.
    #[serde(default)]
    pub layout: String,
    /// Channels that the configuration defines.
    #[serde(default)]
    pub channels: Vec<PastChannel>,
    /// Locations that the configuration defines, and whether certified EHR technology keeps their records.
    #[serde(default)]
    pub locations: BTreeMap<String, bool>,
    /// The checksum of the values and columns that the inputs were read with; empty in reports without one.
    #[serde(default)]
    pub vocabulary_sha256: String,
    /// Other settings, such as mapped values or folded ids; `None` in reports of a version that does not list them.
    #[serde(default)]
    pub choices: Option<Vec<PastChoice>>,
    /// The measure under further rule sets.
    #[serde(default)]
    pub alongside: Vec<PastMeasure>,
    /// The inputs that were read.
    pub inputs: Vec<PastInput>,
    /// The results of every provider.
    pub providers: Vec<PastProvider>,
    /// The reason that there is no result.
    #[serde(default)]
    pub error: Option<PastError>,
}

/// A setting of a run other than a policy setting.
#[derive(Clone, Debug, Deserialize)]
pub struct PastChoice {
    /// The key or table of the configuration.
    pub key: String,
    /// The entry of the table; `None` if the key is not a table.
    pub of: Option<String>,
    /// The value of the setting.
    pub value: String,
}

/// The measure under a further rule set.
#[derive(Clone, Debug, Deserialize)]
pub struct PastMeasure {
    /// The rule set.
    pub edition: PastEdition,
    /// How messages are attributed to providers.
    pub credit: String,
    /// Every policy with its setting.
    pub policies: BTreeMap<String, String>,
    /// The results of every provider.
    pub providers: Vec<PastProvider>,
}

impl PastReport {
    /// Returns the ids of the rule sets other than the current one.
    pub fn other_editions(&self) -> impl Iterator<Item = &str> {
        self.alongside.iter().map(|measure| measure.edition.id.as_str())
    }

    /// Returns the report under another of its rule sets; `None` if it has none with this id.
    pub fn under(mut self, edition: &str) -> Option<Self> {
        if self.edition.id == edition {
            return Some(self);
        }
        let at = self.other_editions().position(|id| id == edition)?;
        let PastMeasure { edition, credit, policies, providers } = self.alongside.swap_remove(at);
        Some(Self { edition, credit, policies, providers, ..self })
    }
}

/// The program that made a report.
#[derive(Clone, Debug, Deserialize)]
pub struct PastTool {
    /// The version of the program.
    pub version: String,
}

/// The rule set of a report.
#[derive(Clone, Debug, Deserialize)]
pub struct PastEdition {
    /// The id of the rule set.
    pub id: String,
    /// The checksum of its text.
    pub sha256: String,
}

/// The reporting period of a report, as ISO days.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastPeriod {
    /// The first day.
    pub first: String,
    /// The last day.
    pub last: String,
}

/// A channel that the configuration of a report defines.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastChannel {
    /// The value in the export.
    pub name: String,
    /// Whether the channel is certified.
    pub certified: bool,
    /// The first certified day.
    pub from: Option<String>,
    /// The last certified day.
    pub until: Option<String>,
}

/// An input of a report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastInput {
    /// The role that it was read as.
    pub role: String,
    /// The path as given.
    pub path: String,
    /// Bytes read; `None` if the number is withheld.
    pub bytes: Option<u64>,
    /// The SHA-256 checksum of these bytes.
    pub sha256: Option<String>,
    /// Rows read; `None` if the number is withheld.
    pub rows: Option<u64>,
}

/// The result of a provider in a report.
#[derive(Clone, Debug, Deserialize)]
pub struct PastProvider {
    /// The provider's id.
    pub provider_id: String,
    /// Unique patients seen; `None` if the count is withheld.
    pub denominator: Option<PastBounds>,
    /// Of these, patients in the numerator; `None` if the count is withheld.
    pub numerator: Option<PastBounds>,
    /// The identifier of the result.
    pub verdict: String,
    /// Unusable rows that may concern the provider. The ledger contains none of them.
    #[serde(default)]
    pub unusable: Option<PastUnusable>,
}

/// Unusable rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct PastUnusable {
    /// Unusable encounter rows.
    pub encounters: u64,
    /// Unusable message rows.
    pub messages: u64,
}

/// The lowest and the highest number that the data allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct PastBounds {
    /// The number if nothing unresolved is confirmed; `None` if it is withheld.
    pub least: Option<u64>,
    /// The number if everything unresolved is confirmed; `None` if it is withheld.
    pub most: Option<u64>,
}

/// The reason that a report has no result.
#[derive(Clone, Debug, Deserialize)]
pub struct PastError {
    /// The sentence for people.
    pub message: String,
}

/// A row of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastRow {
    /// The rule set, in a ledger of several.
    #[serde(default)]
    pub edition: Option<Box<str>>,
    /// The provider's id.
    pub provider_id: Box<str>,
    /// The patient's id.
    pub patient_id: Box<str>,
    /// `certain` or `possible`.
    pub denominator: Box<str>,
    /// `certain`, `possible` or `none`.
    pub numerator: Box<str>,
    /// Encounters that qualify or may qualify.
    pub encounters: u64,
    /// The first known day of these encounters.
    pub first_seen: Box<str>,
    /// The last known day of these encounters.
    pub last_seen: Box<str>,
    /// Qualifying messages.
    pub counted_messages: u64,
    /// Unresolved messages.
    pub uncertain_messages: u64,
    /// The rule that decided or came nearest to qualifying, or another ledger reason.
    pub reason: Box<str>,
    /// The deciding encounter.
    pub encounter_ref: Box<str>,
    /// The deciding message.
    pub message_ref: Box<str>,
}
