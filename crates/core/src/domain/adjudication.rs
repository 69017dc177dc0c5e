//! Decisions of people over what the data leave open: layered over uncertain rows only, and listed in the report.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::inclusion::Inclusion;
use crate::domain::source_location::SourceLocation;

/// A decision, as its line says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjudication {
    /// The line of the file.
    pub line: u64,
    /// What it is about.
    pub about: AdjudicationTarget,
    /// The patient whom a decision about a message names too: the message must be about that patient.
    pub patient: Option<String>,
    /// The provider for whom it is decided; all of them without one.
    pub provider: Option<String>,
    /// What is decided.
    pub decision: AdjudicationDecision,
    /// Who decided.
    pub by: Option<String>,
    /// When.
    pub on: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// What a decision is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdjudicationTarget {
    /// The message, or the access, with this id.
    Message(String),
    /// The patient with this id.
    Patient(String),
}

/// What is decided.
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
    /// The message counts, or the patient counts in the numerator.
    Counts,
    /// It does not, or the patient does not.
    Out,
    /// The patient was seen.
    Seen,
    /// The patient was not seen.
    NotSeen,
}

impl AdjudicationDecision {
    /// The word of the file.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The answer that it gives.
    pub fn answer(self) -> Inclusion {
        match self {
            AdjudicationDecision::Counts | AdjudicationDecision::Seen => Inclusion::In,
            AdjudicationDecision::Out | AdjudicationDecision::NotSeen => Inclusion::Out,
        }
    }

    /// Whether it is about the numerator.
    pub fn is_of_numerator(self) -> bool {
        matches!(self, AdjudicationDecision::Counts | AdjudicationDecision::Out)
    }
}

/// What a reviewer settled of a provider's records. Several records may be of one patient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewShare {
    /// Who decided; null only in packs of earlier versions.
    pub by: Option<String>,
    /// Unresolved records of the provider that the reviewer's decisions resolved: messages, or patients as a whole.
    pub settled: u64,
    /// Of these, records that count.
    pub counts: u64,
    /// Records that do not count.
    pub out: u64,
    /// Patients who were seen.
    pub seen: u64,
    /// Patients who were not seen, and are in no denominator.
    pub not_seen: u64,
}

impl ReviewShare {
    /// Adds patients whom a decision resolved.
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

/// A decision in a report: by its place, since ids are about patients.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Adjudicated")]
pub struct AppliedAdjudication {
    /// Where it stands.
    pub place: SourceLocation,
    /// `message`, `access` or `patient`.
    pub about: &'static str,
    /// What was decided.
    pub decision: AdjudicationDecision,
    /// Who decided.
    pub by: Option<String>,
    /// When.
    pub on: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// How many uncertain pairs of patient and provider it settled: for a message, those whom it reaches.
    pub settled: u64,
}
