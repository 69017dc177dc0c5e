//! The parts of a configuration that only the file has: tables, and keys without a flag.

use std::collections::BTreeMap;

use mucalc_core::domain::assumption::Assumed;
use mucalc_core::domain::finding::Severity;
use mucalc_core::domain::folding::Fold;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::Day;
use mucalc_read::Stands;
use mucalc_read::layout::vocabulary::TranslatableSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Written;
use super::list::{self, OneOrSeveral};
use super::practice::PracticeKey;

/// The keys and tables of a configuration that have no flag.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct FileOptions {
    /// Patients with a portal account, for `outreach`: a path.
    pub enrollment: Option<String>,
    /// Texts that mean "no value" in every column, instead of the usual ones, such as NULL and #N/A.
    #[serde(deserialize_with = "list::texts", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub nulls: Vec<String>,
    /// Findings that the practice knows and accepts, by their codes. They are notes, and fail no gate; every report lists them.
    #[serde(deserialize_with = "list::texts", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub allow: Vec<String>,
    /// Exports that are described one by one, such as those of an EHR that was replaced during the year.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputEntry>,
    /// Rules for comparing ids.
    #[serde(skip_serializing_if = "IdOptions::is_empty")]
    pub ids: IdOptions,
    /// The practice and the person who prepared the report, for the report's header and the cover sheet of a pack. As `[[practice]]`, several
    /// practices, each with a name and a configuration of its own; the other keys then hold for all of them.
    #[serde(skip_serializing_if = "PracticeKey::is_empty")]
    pub practice: PracticeKey,
    /// Channels, by the export's value: whether each is certified, and on which days.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, ChannelOptions>,
    /// Locations, by the export's id: whether certified EHR technology keeps their records.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub locations: BTreeMap<String, LocationOptions>,
    /// Acknowledged assumptions about columns that the exports do not have.
    #[serde(skip_serializing_if = "AssumeOptions::is_empty")]
    pub assume: AssumeOptions,
    /// Meaning of times with a zone, by column: `utc-day`, the day in UTC, or `local`, the day in the practice time zone.
    #[serde(skip_serializing_if = "DaysOptions::is_empty")]
    pub days: DaysOptions,
    /// Severities of findings of `validate`, by their codes: `error`, `warning`, `note`, or `off`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub severity: BTreeMap<String, SeverityChoice>,
}

/// The tables that map values of an export to canonical values.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct WordTables {
    /// Statuses of encounters; the export's value = the canonical value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub encounter_statuses: BTreeMap<String, String>,
    /// Kinds of encounters; the export's value = the canonical value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<String, String>,
    /// Professionals who saw the patient; the export's value = the canonical value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub seen_by: BTreeMap<String, String>,
    /// Statuses of messages; the export's value = the canonical value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub message_statuses: BTreeMap<String, String>,
    /// Senders of messages; the export's value = the canonical value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub senders: BTreeMap<String, String>,
    /// Recipients of messages; the export's value = the canonical value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub recipients: BTreeMap<String, String>,
    /// Topics of messages; the export's value = the canonical value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, String>,
    /// Whether a message between providers was also sent to the patient; the export's value = the canonical value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub patient_included: BTreeMap<String, String>,
    /// Actions at the portal; the export's value = the canonical value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actions: BTreeMap<String, String>,
    /// Users of the portal; the export's value = the canonical value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actors: BTreeMap<String, String>,
}

impl WordTables {
    /// Returns the key of each table, the list of its canonical values, and its entries.
    pub fn all(&self) -> [(&'static str, TranslatableSet, &BTreeMap<String, String>); 10] {
        [
            ("encounter-statuses", TranslatableSet::EncounterStatuses, &self.encounter_statuses),
            ("kinds", TranslatableSet::Kinds, &self.kinds),
            ("seen-by", TranslatableSet::SeenBy, &self.seen_by),
            ("message-statuses", TranslatableSet::MessageStatuses, &self.message_statuses),
            ("senders", TranslatableSet::Senders, &self.senders),
            ("recipients", TranslatableSet::Recipients, &self.recipients),
            ("topics", TranslatableSet::Topics, &self.topics),
            ("patient-included", TranslatableSet::PatientIncluded, &self.patient_included),
            ("actions", TranslatableSet::Actions, &self.actions),
            ("actors", TranslatableSet::Actors, &self.actors),
        ]
    }
}

/// The severity of a finding, or `off` to hide the finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeverityChoice {
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// A note.
    Note,
    /// Not reported.
    Off,
}

impl From<SeverityChoice> for Option<Severity> {
    fn from(choice: SeverityChoice) -> Self {
        match choice {
            SeverityChoice::Error => Some(Severity::Error),
            SeverityChoice::Warning => Some(Severity::Warning),
            SeverityChoice::Note => Some(Severity::Note),
            SeverityChoice::Off => None,
        }
    }
}

/// Exports of one kind that are described by themselves.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InputEntry {
    /// Paths and patterns of the exports.
    #[serde(deserialize_with = "list::texts")]
    #[schemars(with = "OneOrSeveral")]
    pub path: Vec<String>,
    /// What they are: `encounters`, `messages`, or `accesses`.
    pub role: ExportKind,
    /// Their layout, if it is not `layout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// First day of the rows that are read, for example `2014-08-16`. Rows of earlier days are skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Written<Day>>,
    /// Last day of the rows that are read. Rows of later days are skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Written<Day>>,
}

/// A kind of export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportKind {
    /// Encounters.
    Encounters,
    /// Messages.
    Messages,
    /// Portal accesses.
    Accesses,
}

impl ExportKind {
    /// Returns the role of the exports.
    pub fn role(self) -> InputRole {
        match self {
            Self::Encounters => InputRole::Encounters,
            Self::Messages => InputRole::Messages,
            Self::Accesses => InputRole::Accesses,
        }
    }
}

/// The certification of a channel.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChannelOptions {
    /// Whether the channel is the electronic messaging function of certified EHR technology.
    pub certified: bool,
    /// Name of the product.
    pub product: Option<String>,
    /// Product number on the Certified Health IT Product List (CHPL).
    pub chpl_id: Option<String>,
    /// First day on which the channel is certified, for example `2014-02-01`.
    pub from: Option<Written<Day>>,
    /// Last day on which the channel is certified.
    pub until: Option<Written<Day>>,
}

/// The practice, and who prepared the report.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PracticeOptions {
    /// Name of the practice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tax identification number (TIN) of the practice; omitted from redacted packs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// CMS EHR Certification ID of the practice's EHR technology.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cehrt_id: Option<String>,
    /// Person who prepares the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepared_by: Option<String>,
    /// Day on which the report is prepared, for example `2015-02-20`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepared_on: Option<Written<Day>>,
}

impl PracticeOptions {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Rules for comparing ids.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct IdOptions {
    /// Differences to ignore: `zeros` (leading zeros), `case` (letter case), `decimal` (a trailing `.0`), `prefix` (a prefix such as
    /// `Patient/`), `label` (letters before a number, such as `MRN-`), `name` (titles and the order of the words in a name). Use `label`
    /// and `name` only if they never make two people one.
    #[serde(deserialize_with = "list::words", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub fold: Vec<Fold>,
}

impl IdOptions {
    fn is_empty(&self) -> bool {
        self.fold.is_empty()
    }
}

/// The certification of a location.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LocationOptions {
    /// Whether certified EHR technology keeps the records of the location.
    pub certified: bool,
}

/// Acknowledged assumptions.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct AssumeOptions {
    /// Status of encounters without a column `status`: `completed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encounter_status: Option<String>,
    /// Who saw the patient in encounters without a column `seen_by`: `eligible-professional`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_by: Option<String>,
    /// Status of messages without a column `status`: `sent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_status: Option<String>,
}

impl AssumeOptions {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the value that the configuration acknowledges for a column. `None` if it acknowledges none.
    pub fn acknowledged(&self, assumed: Assumed) -> Option<&str> {
        match assumed {
            Assumed::EncounterStatus => self.encounter_status.as_deref(),
            Assumed::SeenBy => self.seen_by.as_deref(),
            Assumed::MessageStatus => self.message_status.as_deref(),
        }
    }
}

/// Meaning of times with a zone. The keys are the names of canonical columns.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DaysOptions {
    /// Times of encounters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Stands>,
    /// Times of messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Stands>,
    /// Times of portal accesses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessed_at: Option<Stands>,
}

impl DaysOptions {
    /// Returns whether the meaning is not configured for any column.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the canonical columns, and the meaning of each; `None` if not configured.
    pub fn all(&self) -> [(&'static str, Option<Stands>); 3] {
        [("started_at", self.started_at), ("sent_at", self.sent_at), ("accessed_at", self.accessed_at)]
    }
}
