//! Patients who were seen and do not count: whom to ask first, and why.

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

/// Whom to ask first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Outreach")]
pub struct OutreachList {
    /// How it begins.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// The day up to which is looked, its end; null where no row lies in the period.
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Day>,
    /// Whether that day was given; else it is the last day of a visit that may count, or of any message or access on a day that the edition looks at.
    pub as_of_given: bool,
    /// The rules that were applied.
    pub edition: EditionRef,
    /// How messages are credited to providers.
    pub credit: AttributionMode,
    /// Every policy of the edition with the choice that was applied.
    pub policies: BTreeMap<String, String>,
    /// How many patients of a provider are listed.
    pub listed: ListLimit,
    /// The last day on which a further message or access can count for certain; null where the day of attestation decides and is not known.
    #[schemars(with = "Option<String>")]
    pub asking_helps_until: Option<Day>,
    /// Whether that day is over: then only unresolved records are listed.
    pub is_over: bool,
    /// One entry a provider, sorted by `provider_id`.
    pub providers: Vec<ProviderOutreach>,
    /// What was read.
    pub inputs: Vec<InputSummary>,
    /// What is wrong with the data, by code.
    pub findings: Vec<Finding>,
    /// What the figures rest on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// How many patients of a provider are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Listed")]
pub enum ListLimit {
    /// As many as are still needed, and so many percent more; and as many again of whom something unclear is on file.
    Needed {
        /// How many percent more.
        margin_percent: u32,
    },
    /// At the most so many.
    AtMost(u64),
    /// All of them.
    All,
}

/// The patients of a provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OutreachOf")]
pub struct ProviderOutreach {
    /// The id in the exports.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// Whether the measure is met to date.
    pub verdict: Verdict,
    /// Further patients who must come to count even if nothing uncertain turns out well.
    pub needed: u64,
    /// Patients seen who do not count for certain.
    pub candidates: u64,
    /// Those of them who are listed, those to be asked first at the beginning.
    pub patients: Vec<OutreachCandidate>,
    /// Messages of the provider's patients that nobody has answered, in editions in which an answer counts; the oldest first.
    pub unanswered: Vec<UnansweredMessage>,
}

/// A message of a patient that nobody has answered on its day or later.
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

/// A patient who does not count for certain.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Candidate")]
pub struct OutreachCandidate {
    /// The place in the list, from 1 on.
    pub rank: u64,
    /// The patient's id.
    pub patient_id: String,
    /// The criterion by which the patient stands here.
    pub criterion: OutreachReason,
    /// The rule that a row about the patient came nearest with, or `no-message`; `mucalc codes RULE` explains it.
    pub reason: String,
    /// The reason in words.
    pub why: String,
    /// Encounters in the period, uncertain ones included.
    pub visits: u32,
    /// The day of the last one; null where it is not known.
    #[schemars(with = "Option<String>")]
    pub last_visit: Option<Day>,
    /// The day of the next one that is planned; null where none is known.
    #[schemars(with = "Option<String>")]
    pub next_visit: Option<Day>,
    /// Rows about the patient of which it is open whether they count.
    pub unclear: u32,
    /// `file:line` of the first unclear row; empty where there is none.
    pub unclear_ref: String,
    /// The day of the patient's last message that nobody has answered; null where there is none, or an answer does not count.
    #[schemars(with = "Option<String>")]
    pub unanswered_since: Option<Day>,
    /// `file:line` of that message; empty where there is none.
    pub unanswered_ref: String,
    /// Whether the patient has an account of the portal; null where it is not known.
    pub portal_enrolled: Option<bool>,
    /// What to do next.
    pub next_step: NextStep,
}

/// What to do next for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NextStep {
    /// Decide an unresolved record.
    Review,
    /// Answer the patient's message.
    Answer,
    /// Write to the patient: in editions in which the practice has to write.
    Write,
    /// Invite the patient to the portal.
    Invite,
    /// Remind the patient, who has an account of the portal.
    Remind,
    /// Ask the patient; if there is an account of the portal is not known.
    Ask,
}

impl NextStep {
    /// Returns the words for people.
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

/// Why a patient is to be asked before others. The order is that of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Criterion")]
pub enum OutreachReason {
    /// There is an unclear row: a decision about it may be enough, and nobody has to be asked.
    Unclear,
    /// The patient wrote, and nobody has answered: the answer counts.
    Unanswered,
    /// The patient uses the portal of the certified EHR, for something that does not count.
    UsesPortal,
    /// The patient writes by another way, which does not count.
    OtherWay,
    /// What is on file was unclear, and somebody decided that it does not count.
    Decided,
    /// There is no row that comes near.
    Silent,
}

impl OutreachReason {
    /// All of them, in order.
    pub const ALL: [OutreachReason; 6] = [
        OutreachReason::Unclear,
        OutreachReason::Unanswered,
        OutreachReason::UsesPortal,
        OutreachReason::OtherWay,
        OutreachReason::Decided,
        OutreachReason::Silent,
    ];

    /// The word in the list.
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

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            OutreachReason::Unclear => {
                "it is not certain that what is on file counts: look at it (`mucalc explain --patient ID`) and decide (`mucalc review`) before the patient is asked"
            }
            OutreachReason::Unanswered => {
                "wrote, and nobody has answered: an answer through the portal counts"
            }
            OutreachReason::UsesPortal => "uses the portal already, for something that does not count",
            OutreachReason::OtherWay => {
                "writes by a way that does not count, such as ordinary email, or that the export does not name"
            }
            OutreachReason::Decided => {
                "what is on file was unclear, and somebody decided that it does not count"
            }
            OutreachReason::Silent => "nothing on file that could count",
        }
    }
}
