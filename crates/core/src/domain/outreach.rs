//! Patients who were seen and are not in the numerator: which of them to contact first, and why.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::attribution_mode::AttributionMode;
use crate::domain::basis::Basis;
use crate::domain::edition_ref::EditionRef;
use crate::domain::finding::Finding;
use crate::domain::head::DocumentHeader;
use crate::domain::input::InputSummary;
use crate::domain::period::Day;
use crate::domain::verdict::Verdict;

/// The outreach list: which patients to contact first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Outreach")]
pub struct OutreachList {
    /// The header.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// The day through which rows are used; null if the period has no rows.
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Day>,
    /// Whether that day was given. Otherwise it is the last day with a possibly qualifying visit, or with a message or access on a day that
    /// the rule set considers.
    pub as_of_given: bool,
    /// The rule set that was applied.
    pub edition: EditionRef,
    /// How messages are attributed to providers.
    pub credit: AttributionMode,
    /// Every policy of the rule set, with the setting that was applied.
    pub policies: BTreeMap<String, String>,
    /// How many patients of a provider are listed.
    pub listed: ListLimit,
    /// The last day on which a further message or access can certainly qualify; null if it depends on an unknown attestation date.
    #[schemars(with = "Option<String>")]
    pub asking_helps_until: Option<Day>,
    /// Whether that day is over. Then only unresolved records are listed.
    pub is_over: bool,
    /// One entry per provider, sorted by `provider_id`.
    pub providers: Vec<ProviderOutreach>,
    /// The inputs that were read.
    pub inputs: Vec<InputSummary>,
    /// Data quality findings, by code.
    pub findings: Vec<Finding>,
    /// What the results depend on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// How many patients of a provider are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Listed")]
pub enum ListLimit {
    /// As many as are still needed, plus a margin, and as many again with an unresolved record.
    Needed {
        /// The margin, in percent.
        margin_percent: u32,
    },
    /// At most this many patients.
    AtMost(u64),
    /// All patients.
    All,
}

/// The outreach list of a provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OutreachOf")]
pub struct ProviderOutreach {
    /// The id in the exports.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// The result so far.
    pub verdict: Verdict,
    /// Patients still needed if no unresolved record qualifies.
    pub needed: u64,
    /// Patients seen who are not certainly in the numerator.
    pub candidates: u64,
    /// Of these, the patients who are listed, those to contact first at the beginning.
    pub patients: Vec<OutreachCandidate>,
    /// Unanswered messages of the provider's patients, in rule sets in which an answer qualifies; the oldest first.
    pub unanswered: Vec<UnansweredMessage>,
}

/// A patient's message without an answer on its day or later.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UnansweredMessage {
    /// The patient's id.
    pub patient_id: String,
    /// The local day of the message.
    #[schemars(with = "String")]
    pub sent_on: Day,
    /// `file:line` of the message.
    pub message_ref: String,
}

/// A patient who is not certainly in the numerator.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Candidate")]
pub struct OutreachCandidate {
    /// The position in the list, counted from 1.
    pub rank: u64,
    /// The patient's id.
    pub patient_id: String,
    /// The outreach reason, which determines the position in the list.
    pub criterion: OutreachReason,
    /// The rule by which a row about the patient came nearest to qualifying, or `no-message`; `mucalc codes RULE` explains it.
    pub reason: String,
    /// The explanation of `reason`.
    pub why: String,
    /// Encounters in the period, including unresolved ones.
    pub visits: u32,
    /// The day of the last encounter; null if unknown.
    #[schemars(with = "Option<String>")]
    pub last_visit: Option<Day>,
    /// The day of the next planned encounter; null if none is known.
    #[schemars(with = "Option<String>")]
    pub next_visit: Option<Day>,
    /// Unresolved rows about the patient.
    pub unclear: u32,
    /// `file:line` of the first unresolved row; empty if there is none.
    pub unclear_ref: String,
    /// The day of the patient's last unanswered message; null if there is none, or an answer does not qualify.
    #[schemars(with = "Option<String>")]
    pub unanswered_since: Option<Day>,
    /// `file:line` of that message; empty if there is none.
    pub unanswered_ref: String,
    /// Whether the patient has a portal account; null if unknown.
    pub portal_enrolled: Option<bool>,
    /// The next step.
    pub next_step: NextStep,
}

/// The next step for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NextStep {
    /// Review an unresolved record.
    Review,
    /// Answer the patient's message.
    Answer,
    /// Write to the patient, in rule sets in which the practice has to write.
    Write,
    /// Invite the patient to the portal.
    Invite,
    /// Remind the patient, who has a portal account or uses the portal already.
    Remind,
    /// Ask the patient. Whether the patient has a portal account is unknown.
    Ask,
}

impl NextStep {
    /// Returns the display text.
    pub fn text(self) -> &'static str {
        match self {
            Self::Review => "review the record",
            Self::Answer => "answer the message",
            Self::Write => "write to the patient",
            Self::Invite => "invite to the portal",
            Self::Remind => "remind the patient",
            Self::Ask => "ask the patient",
        }
    }

    /// Returns the identifier that scripts see.
    pub fn word(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Answer => "answer",
            Self::Write => "write",
            Self::Invite => "invite",
            Self::Remind => "remind",
            Self::Ask => "ask",
        }
    }
}

/// Why a patient is contacted before others, in the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Criterion")]
pub enum OutreachReason {
    /// A record is unresolved. A review decision may be enough, without contacting the patient.
    Unclear,
    /// The patient wrote and has no answer. An answer qualifies.
    Unanswered,
    /// The patient uses the portal of the certified EHR, for something that does not qualify.
    UsesPortal,
    /// The patient uses another channel that does not qualify.
    OtherWay,
    /// A record was unresolved, and a reviewer decided that it does not qualify.
    Decided,
    /// No row comes near to qualifying.
    Silent,
}

impl OutreachReason {
    /// Every reason, in the order of the list.
    pub const ALL: [OutreachReason; 6] = [
        OutreachReason::Unclear,
        OutreachReason::Unanswered,
        OutreachReason::UsesPortal,
        OutreachReason::OtherWay,
        OutreachReason::Decided,
        OutreachReason::Silent,
    ];

    /// Returns the identifier in the list.
    pub fn word(self) -> &'static str {
        match self {
            OutreachReason::Unclear => "unclear",
            OutreachReason::Unanswered => "unanswered",
            OutreachReason::UsesPortal => "uses-portal",
            OutreachReason::OtherWay => "other-way",
            OutreachReason::Decided => "decided",
            OutreachReason::Silent => "silent",
        }
    }

    /// Returns the meaning of the reason.
    pub fn meaning(self) -> &'static str {
        match self {
            OutreachReason::Unclear => {
                "has an unresolved record: look at it (`mucalc explain --patient ID`) and decide (`mucalc review`) before you contact the patient"
            }
            OutreachReason::Unanswered => {
                "sent a message without an answer: an answer through the portal qualifies"
            }
            OutreachReason::UsesPortal => "uses the portal for messages that do not qualify",
            OutreachReason::OtherWay => {
                "writes through a channel that does not qualify, such as ordinary email, or that the export does not name"
            }
            OutreachReason::Decided => {
                "had an unresolved record, and a reviewer decided that it does not qualify"
            }
            OutreachReason::Silent => "has no record that could qualify",
        }
    }
}
