//! Review decisions about what the data leave unresolved. They apply to unresolved rows only, and the report lists them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::inclusion::Inclusion;
use crate::domain::source_location::SourceLocation;

/// A review decision, as its line of the file contains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjudication {
    /// The line of the file.
    pub line: u64,
    /// The message or patient that the decision is about.
    pub about: AdjudicationTarget,
    /// The patient, if a decision about a message also names one. The message must then be about that patient.
    pub patient: Option<String>,
    /// The provider that the decision applies to; `None` if it applies to every provider.
    pub provider: Option<String>,
    /// The decision.
    pub decision: AdjudicationDecision,
    /// The reviewer.
    pub by: Option<String>,
    /// The date of the decision.
    pub on: Option<String>,
    /// The reason for the decision.
    pub reason: Option<String>,
}

/// The message or patient that a review decision is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdjudicationTarget {
    /// The message or portal access with this id.
    Message(String),
    /// The patient with this id.
    Patient(String),
}

/// What a reviewer decided.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    JsonSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case", ascii_case_insensitive)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Decision")]
pub enum AdjudicationDecision {
    /// The message qualifies, or the patient is in the numerator.
    Counts,
    /// The message does not qualify, or the patient is not in the numerator.
    Out,
    /// The patient was seen.
    Seen,
    /// The patient was not seen.
    NotSeen,
}

impl AdjudicationDecision {
    /// Returns the identifier in the file.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Returns the outcome that the decision gives an unresolved record.
    pub fn answer(self) -> Inclusion {
        match self {
            AdjudicationDecision::Counts | AdjudicationDecision::Seen => Inclusion::In,
            AdjudicationDecision::Out | AdjudicationDecision::NotSeen => Inclusion::Out,
        }
    }

    /// Returns whether the decision is about the numerator.
    pub fn affects_numerator(self) -> bool {
        matches!(self, AdjudicationDecision::Counts | AdjudicationDecision::Out)
    }
}

/// What one reviewer resolved among a provider's records. Several records may be about the same patient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewShare {
    /// The reviewer; null in redacted packs and in packs of earlier versions.
    pub by: Option<String>,
    /// Unresolved records of the provider that the reviewer's decisions resolved: messages, or patients as a whole.
    pub settled: u64,
    /// Of these, records that qualify.
    pub counts: u64,
    /// Of these, records that do not qualify.
    pub out: u64,
    /// Of these, patients who were seen.
    pub seen: u64,
    /// Of these, patients who were not seen and are in no denominator.
    pub not_seen: u64,
}

impl ReviewShare {
    /// Adds records that a decision resolved.
    pub fn add(&mut self, decision: AdjudicationDecision, patients: u64) {
        self.settled += patients;
        *match decision {
            AdjudicationDecision::Counts => &mut self.counts,
            AdjudicationDecision::Out => &mut self.out,
            AdjudicationDecision::Seen => &mut self.seen,
            AdjudicationDecision::NotSeen => &mut self.not_seen,
        } += patients;
    }
}

/// A review decision in a report. Its location identifies it, because ids are about patients.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Adjudicated")]
pub struct AppliedAdjudication {
    /// The location of the decision in its file.
    pub place: SourceLocation,
    /// The target of the decision: `message`, `access` or `patient`.
    pub about: &'static str,
    /// The decision.
    pub decision: AdjudicationDecision,
    /// The reviewer.
    pub by: Option<String>,
    /// The date of the decision.
    pub on: Option<String>,
    /// The reason for the decision.
    pub reason: Option<String>,
    /// Unresolved pairs of patient and provider that the decision settled. A decision about a message settles the pairs that the message
    /// reaches.
    pub settled: u64,
}
