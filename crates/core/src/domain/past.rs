//! What is read back of a run that was written out: its report and its ledger.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A run that was written out.
#[derive(Clone, Debug)]
pub struct SavedRun {
    /// What the user calls it.
    pub name: String,
    /// Its report.
    pub report: PastReport,
    /// Its ledger, if it is there, sorted by provider and patient.
    pub ledger: Option<Vec<PastRow>>,
    /// By what the key of its pseudonyms is known, if its patients have such.
    pub key_check: Option<String>,
}

/// A report, as far as runs are compared. What later versions add is not looked at.
#[derive(Clone, Debug, Deserialize)]
pub struct PastReport {
    /// The version of the document's shape.
    pub schema_version: String,
    /// What made it.
    pub tool: PastTool,
    /// The rules.
    pub edition: PastEdition,
    /// The reporting period.
    pub period: PastPeriod,
    /// The zone in which local days are reckoned.
    pub timezone: Option<String>,
    /// The day of attestation.
    #[serde(default)]
    pub attested: Option<String>,
    /// How messages are credited.
    pub credit: String,
    /// Every policy with its choice.
    pub policies: BTreeMap<String, String>,
    /// The layout.
    #[serde(default)]
    pub layout: String,
    /// What the configuration says of channels.
    #[serde(default)]
    pub channels: Vec<PastChannel>,
    /// What the configuration says of locations.
    #[serde(default)]
    pub locations: BTreeMap<String, bool>,
    /// The digest of the words and columns by which the inputs were read; empty in reports that have none.
    #[serde(default)]
    pub vocabulary_sha256: String,
    /// What else was chosen, such as words or foldings of ids; `None` in reports of a version that does not list it.
    #[serde(default)]
    pub choices: Option<Vec<PastChoice>>,
    /// The measure under further editions.
    #[serde(default)]
    pub alongside: Vec<PastMeasure>,
    /// What was read.
    pub inputs: Vec<PastInput>,
    /// The figures of every provider.
    pub providers: Vec<PastProvider>,
    /// Why there is no result.
    #[serde(default)]
    pub error: Option<PastError>,
}

/// Something that was chosen for a run beside the policies.
#[derive(Clone, Debug, Deserialize)]
pub struct PastChoice {
    /// The key or table of the configuration.
    pub key: String,
    /// The entry of the table; `None` if the key is not a table.
    pub of: Option<String>,
    /// What it was set to.
    pub value: String,
}

/// The measure under a further edition.
#[derive(Clone, Debug, Deserialize)]
pub struct PastMeasure {
    /// The rules.
    pub edition: PastEdition,
    /// How messages are credited.
    pub credit: String,
    /// Every policy with its choice.
    pub policies: BTreeMap<String, String>,
    /// The figures of every provider.
    pub providers: Vec<PastProvider>,
}

impl PastReport {
    /// The editions beside the one that is looked at.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.alongside.iter().map(|measure| measure.edition.id.as_str())
    }

    /// The same report, looked at under another of its editions; none where it has none with this id.
    pub fn under(mut self, edition: &str) -> Option<Self> {
        if self.edition.id == edition {
            return Some(self);
        }
        let at = self.others().position(|id| id == edition)?;
        let PastMeasure { edition, credit, policies, providers } = self.alongside.swap_remove(at);
        Some(Self { edition, credit, policies, providers, ..self })
    }
}

/// The program that made a report.
#[derive(Clone, Debug, Deserialize)]
pub struct PastTool {
    /// Its version.
    pub version: String,
}

/// The rules of a report.
#[derive(Clone, Debug, Deserialize)]
pub struct PastEdition {
    /// The edition's id.
    pub id: String,
    /// The digest of its text.
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

/// What the configuration of a report says of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastChannel {
    /// The word in the export.
    pub name: String,
    /// Whether it is certified.
    pub certified: bool,
    /// The first certified day.
    pub from: Option<String>,
    /// The last certified day.
    pub until: Option<String>,
}

/// An input of a report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastInput {
    /// What it was read as.
    pub role: String,
    /// The path as given.
    pub path: String,
    /// How many bytes were read; none where the number is withheld.
    pub bytes: Option<u64>,
    /// The digest of these.
    pub sha256: Option<String>,
    /// Rows read; none where the number is withheld.
    pub rows: Option<u64>,
}

/// The figures of a provider in a report.
#[derive(Clone, Debug, Deserialize)]
pub struct PastProvider {
    /// The provider's id.
    pub provider_id: String,
    /// Patients seen; none where the figure is withheld.
    pub denominator: Option<PastBounds>,
    /// Of these, patients who count.
    pub numerator: Option<PastBounds>,
    /// The verdict's word.
    pub verdict: String,
    /// Rows that could not be used and may concern the provider; a ledger has none of them.
    #[serde(default)]
    pub unusable: Option<PastUnusable>,
}

/// Rows that could not be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct PastUnusable {
    /// Encounter rows.
    pub encounters: u64,
    /// Message rows.
    pub messages: u64,
}

/// The least and the greatest number that the data allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct PastBounds {
    /// Nothing uncertain turns out in favour; none where it is withheld.
    pub least: Option<u64>,
    /// Everything uncertain does.
    pub most: Option<u64>,
}

/// Why a report has no result.
#[derive(Clone, Debug, Deserialize)]
pub struct PastError {
    /// The sentence for people.
    pub message: String,
}

/// A row of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastRow {
    /// The edition, in a ledger of several.
    #[serde(default)]
    pub edition: Option<Box<str>>,
    /// The provider.
    pub provider_id: Box<str>,
    /// The patient.
    pub patient_id: Box<str>,
    /// `certain` or `possible`.
    pub denominator: Box<str>,
    /// `certain`, `possible` or `none`.
    pub numerator: Box<str>,
    /// Encounters that are, or may be, in.
    pub encounters: u64,
    /// The first known day of these.
    pub first_seen: Box<str>,
    /// The last known day of these.
    pub last_seen: Box<str>,
    /// Messages that count.
    pub counted_messages: u64,
    /// Messages that may count.
    pub uncertain_messages: u64,
    /// The rule that came nearest.
    pub reason: Box<str>,
    /// The encounter that decided.
    pub encounter_ref: Box<str>,
    /// The message that decided.
    pub message_ref: Box<str>,
}
