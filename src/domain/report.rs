//! The report model: what a run found, as every format shows it. Field names are the JSON contract.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::credit::Credit;
use crate::domain::finding::Finding;
use crate::domain::period::Day;
use crate::domain::place::Place;
use crate::domain::score::Bounds;
use crate::domain::verdict::Verdict;

/// The version of this document's shape.
pub const SCHEMA_VERSION: &str = "1";

/// Everything that a run found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this document's shape.
    pub schema_version: &'static str,
    /// What made the document.
    pub tool: Tool,
    /// The rules that were applied.
    pub edition: EditionRef,
    /// The reporting period, both days included.
    pub period: PeriodDays,
    /// The zone in which local days are reckoned, as an IANA name; null where none was given.
    pub timezone: Option<String>,
    /// How messages are credited to providers.
    pub credit: Credit,
    /// Every policy of the edition with the choice that was applied.
    pub policies: BTreeMap<String, String>,
    /// The layout by which the inputs were read.
    pub layout: String,
    /// What was read.
    pub inputs: Vec<Input>,
    /// One entry a provider, sorted by `provider_id`; empty after an error.
    pub providers: Vec<Provider>,
    /// Unique patients over all providers; null after an error.
    pub group: Option<Group>,
    /// Which rule judged how many rows; null after an error.
    pub waterfall: Option<Waterfall>,
    /// What is wrong with the data, by code.
    pub findings: Vec<Finding>,
    /// Why there is no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// What made the document.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// The program's name.
    pub name: &'static str,
    /// The program's version.
    pub version: &'static str,
}

/// The rules that were applied.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EditionRef {
    /// The edition's id.
    pub id: String,
    /// SHA-256 of the edition file, in hexadecimal.
    pub sha256: String,
    /// The edition's name in words.
    pub title: String,
    /// The numerator must be more than this percentage of the denominator.
    pub more_than_percent: u32,
}

/// A period as two ISO dates.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct PeriodDays {
    /// The first day.
    #[schemars(with = "String")]
    pub first: Day,
    /// The last day.
    #[schemars(with = "String")]
    pub last: Day,
}

/// One input.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Input {
    /// What it was read as.
    pub role: Role,
    /// The path as given; `-` is standard input.
    pub path: String,
    /// How many bytes were read.
    pub bytes: u64,
    /// SHA-256 of those bytes in hexadecimal; null unless asked for.
    pub sha256: Option<String>,
    /// Rows read, without the header, rejected ones included.
    pub rows: u64,
    /// Rows that could be attributed to nobody or not be split into columns.
    pub rejected: u64,
    /// Further rows that the layout leaves aside, since they are not meant for the measure.
    pub aside: u64,
    /// Columns that rules ask for and the input has not; what they would say is unknown for every row.
    pub absent: Vec<String>,
}

/// What an input is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Encounters, from which the denominator comes.
    Encounters,
    /// Messages, from which the numerator comes.
    Messages,
    /// The providers of the practice.
    Roster,
}

impl Role {
    /// The word that users see.
    pub fn word(self) -> &'static str {
        match self {
            Role::Encounters => "encounters",
            Role::Messages => "messages",
            Role::Roster => "roster",
        }
    }
}

/// The measure for one provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Provider {
    /// The id in the exports.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// The National Provider Identifier on the roster.
    pub npi: Option<String>,
    /// Unique patients seen.
    pub denominator: Bounds,
    /// Of these, patients with a message that counts.
    pub numerator: Bounds,
    /// The least numerator over the greatest denominator, in percent; null where nobody was seen.
    pub rate_percent: Option<String>,
    /// The rate if everything uncertain turns out in favour, in percent.
    pub rate_percent_most: Option<String>,
    /// Whether the measure is met.
    pub verdict: Verdict,
    /// Further patients who must come to count even if nothing uncertain turns out well.
    pub needed: u64,
    /// The fewest uncertain patients whose favourable resolution gives `met`; null where none does.
    pub adjudicate: Option<u64>,
}

/// Unique patients over all providers.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Group {
    /// Unique patients seen by any provider.
    pub denominator: Bounds,
    /// Of these, patients with a message that counts for a provider who saw them.
    pub numerator: Bounds,
    /// Providers whose verdict is `met`.
    pub providers_met: u64,
    /// Providers listed.
    pub providers: u64,
}

/// Which rule judged how many rows; the rows add up to those read less those rejected.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Waterfall {
    /// Rules of the denominator, in the edition's order.
    pub encounters: Vec<Bucket>,
    /// Rules of the numerator, in the edition's order.
    pub messages: Vec<Bucket>,
}

/// The rows that one rule judged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Bucket {
    /// The rule's id; `mucalc codes RULE` explains it.
    pub rule: String,
    /// Rows that the rule judged.
    pub rows: u64,
    /// Of these, rows whose answer the data leave open.
    pub uncertain: u64,
}

/// Why there is no result.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Failure {
    /// A word for scripts.
    pub code: String,
    /// A sentence for people, with what to do next.
    pub message: String,
    /// Where; null where it is about no place in an input.
    pub place: Option<Place>,
}
