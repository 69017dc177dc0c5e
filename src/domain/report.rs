//! The report model: what a run found, as every format shows it. Field names are the JSON contract.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::activity::Activity;
use crate::domain::adjudication::{Adjudicated, ReviewShare};
use crate::domain::allowance::PeriodAllowance;
use crate::domain::basis::Basis;
use crate::domain::credit::Credit;
use crate::domain::exclusion::Applies;
use crate::domain::finding::Finding;
use crate::domain::head::Head;
use crate::domain::over_time::OverTime;
use crate::domain::period::{Day, Period};
use crate::domain::place::{Place, with_sheet};
use crate::domain::score::Bounds;
use crate::domain::unusable::UnusableRows;
use crate::domain::verdict::Verdict;

/// The version of this document's shape.
pub const SCHEMA_VERSION: &str = "1";

/// Everything that a run found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// How it begins.
    #[serde(flatten)]
    pub head: Head,
    /// SHA-256 of the layouts' texts and of the words that the configuration translates, in hexadecimal.
    pub vocabulary_sha256: String,
    /// What the configuration says of channels; of all others `ehr-portal` alone is certified.
    pub channels: Vec<ChannelOf>,
    /// What the configuration says of locations: whether certified EHR technology keeps their records.
    pub locations: BTreeMap<String, bool>,
    /// The measure under the edition that was named first.
    #[serde(flatten)]
    pub measure: Measure,
    /// What was read.
    pub inputs: Vec<Input>,
    /// Decisions of people over what the data leave open, and what became of them under the edition named first.
    pub adjudications: Vec<Adjudicated>,
    /// What is wrong with the data, by code.
    pub findings: Vec<Finding>,
    /// The measure under the other editions that were named.
    pub alongside: Vec<Measure>,
    /// The measure over time, for a page that shows it.
    #[serde(skip)]
    #[schemars(skip)]
    pub over_time: Option<OverTime>,
    /// When and where it was computed; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
    /// Why there is no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// What the figures rest on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// When and where a report was computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Stamp {
    /// The time in UTC, as in `2014-10-01T12:00:00Z`.
    pub at: String,
    /// The name of the machine; null where it has none.
    pub host: Option<String>,
}

impl Report {
    /// The measure under every edition, in the order in which they were named.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        std::iter::once(&self.measure).chain(&self.alongside)
    }
}

impl Measure {
    /// Returns the provider with an id.
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        let at = self.providers.binary_search_by(|provider| provider.provider_id.as_str().cmp(id)).ok()?;
        self.providers.get(at)
    }
}

/// What the numerator of an edition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Messages that patients send.
    MessagesFromPatients,
    /// Messages that patients get.
    MessagesToPatients,
    /// Messages that patients send or get.
    MessagesEitherWay,
    /// What patients do at the portal.
    Accesses,
}

/// The measure under one edition.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Measure {
    /// The rules that were applied.
    pub edition: EditionRef,
    /// How messages are credited to providers.
    pub credit: Credit,
    /// Every policy of the edition with the choice that was applied.
    pub policies: BTreeMap<String, String>,
    /// One entry a provider, sorted by `provider_id`; empty after an error.
    pub providers: Vec<Provider>,
    /// Persons whom the roster names under several ids: the figures of all ids together.
    pub combined: Vec<Combined>,
    /// Unique patients over all providers; null after an error.
    pub group: Option<Group>,
    /// How many of the patients and providers named by messages that may qualify are among those of the encounters; null after an
    /// error.
    pub matched: Option<MatchedIds>,
    /// Which rule judged how many rows; null after an error.
    pub waterfall: Option<Waterfall>,
}

/// How many of the patients and providers named by messages that may qualify are among those of the encounters.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MatchedIds {
    /// Patients.
    pub patients: NamedIds,
    /// Providers.
    pub providers: NamedIds,
    /// The words of `[ids] fold` under which all ids that nearly match would match.
    pub fold: Vec<&'static str>,
}

/// Ids that messages name.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct NamedIds {
    /// Different ids in messages that may qualify.
    pub named: u64,
    /// Of these, ids of patients who were, or may have been, seen, or of providers who are listed.
    pub found: u64,
    /// Of the others, ids that equal exactly one of those but for a difference of spelling.
    pub near: u64,
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
    /// SHA-256 of the edition file, followed by the digest of the edition that it extends, if it does; in hexadecimal.
    pub sha256: String,
    /// The edition's name in words.
    pub title: String,
    /// The numerator must be more than this percentage of the denominator; null where the threshold is another one.
    pub more_than_percent: Option<u32>,
    /// The numerator must have at least so many patients; null where the threshold is another one.
    pub at_least: Option<u64>,
    /// What the numerator is about.
    pub numerator_of: Subject,
    /// Whether it is how another program counts, and not the regulation.
    pub peer: bool,
    /// What a reader must know of the edition in this run.
    pub notes: Vec<String>,
    /// Whether the program allows the reporting period; null where the edition does not say, or no period is reported.
    pub reporting_period: Option<PeriodAllowance>,
}

/// What the configuration says of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChannelOf {
    /// The word in the export.
    pub name: String,
    /// Whether it is the messaging function of certified EHR technology.
    pub certified: bool,
    /// The product's name.
    pub product: Option<String>,
    /// Its number on the Certified Health IT Product List.
    pub chpl_id: Option<String>,
    /// The first certified day; null where it was so from the beginning.
    #[schemars(with = "Option<String>")]
    pub from: Option<Day>,
    /// The last certified day; null where it still is.
    #[schemars(with = "Option<String>")]
    pub until: Option<Day>,
}

impl From<Period> for PeriodDays {
    fn from(Period { first, last }: Period) -> Self {
        Self { first, last }
    }
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
    /// The sheet that was read; null where the input is no workbook.
    pub sheet: Option<String>,
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
    /// Further rows that are no records: blank rows, repeated headers, rules of dashes, totals and footers.
    pub furniture: u64,
    /// The types of FHIR resources among these, as far as they are known.
    pub aside_types: Vec<&'static str>,
    /// Columns that rules ask for and the input has not; what they would say is unknown for every row.
    pub absent: Vec<String>,
}

impl Input {
    /// Returns the name that places in it have: its path and, of a workbook, the sheet.
    pub fn label(&self) -> String {
        with_sheet(&self.path, self.sheet.as_deref())
    }
}

impl Input {
    /// Returns how many of the rows that figures come from could not be used.
    pub fn unusable(&self) -> u64 {
        match self.role {
            Role::Encounters | Role::Messages | Role::Accesses => self.rejected,
            Role::Roster | Role::Counties | Role::Adjudications | Role::Enrollment => 0,
        }
    }
}

/// What an input is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Encounters, from which the denominator comes.
    Encounters,
    /// Messages, from which the numerator comes.
    Messages,
    /// Accesses to the portal, from which the numerator comes in some editions.
    Accesses,
    /// The providers of the practice.
    Roster,
    /// Counties and their broadband.
    Counties,
    /// Decisions of people over what the data leave open.
    Adjudications,
    /// Patients with an account of the portal.
    Enrollment,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 7] = [
        Role::Encounters,
        Role::Messages,
        Role::Accesses,
        Role::Roster,
        Role::Counties,
        Role::Adjudications,
        Role::Enrollment,
    ];

    /// The word that users see.
    pub fn word(self) -> &'static str {
        match self {
            Role::Encounters => "encounters",
            Role::Messages => "messages",
            Role::Accesses => "accesses",
            Role::Roster => "roster",
            Role::Counties => "counties",
            Role::Adjudications => "adjudications",
            Role::Enrollment => "enrollment",
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
    /// Rows that could not be used and may concern the provider; the bounds allow for them.
    pub unusable: UnusableRows,
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
    /// The score beside the verdict; null where the edition has none.
    pub points: Option<PointsOf>,
    /// What the encounters say about each exclusion that the professional may attest; apart from the verdict.
    pub exclusions: Vec<ExclusionOf>,
    /// The share of encounters at locations with certified EHR technology, which the program demands apart from the measure; null where
    /// the edition or the configuration does not speak of locations.
    pub cehrt_locations: Option<CehrtLocations>,
    /// Where the measure is attested with yes or no: the first and last messages of the period, as evidence; null elsewhere.
    pub activity: Option<Activity>,
    /// Patients whose membership in denominator or numerator is unresolved.
    pub unresolved: u64,
    /// Who resolved what by review decisions; empty if none did.
    pub reviews: Vec<ReviewShare>,
}

/// How many outpatient encounters of the period were at locations with certified EHR technology (B41).
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct CehrtLocations {
    /// Outpatient encounters, held and in the period.
    pub encounters: Bounds,
    /// Of these, encounters at locations with certified EHR technology. A location that `[locations]` does not list is taken as one.
    pub at_cehrt: Bounds,
    /// Whether they are half or more of them, which a meaningful EHR user needs.
    pub at_least_half: Applies,
}

/// A score beside the verdict. Where two readings of the rule differ, the bounds hold both.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct PointsOf {
    /// The most that can be had.
    pub of: u32,
    /// Nothing uncertain turns out in favour.
    pub least: u64,
    /// Everything uncertain does.
    pub most: u64,
}

/// What the encounters say about an exclusion.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExclusionOf {
    /// The exclusion's id; `mucalc editions show EDITION` has its text.
    pub id: String,
    /// Whether it applies, as far as encounters tell.
    pub applies: Applies,
}

/// A denominator with its numerator.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Bounded {
    /// Patients seen.
    pub denominator: Bounds,
    /// Of these, patients who count.
    pub numerator: Bounds,
}

/// A person whom the roster names under several ids, as one who works with several certified systems. Both totals are
/// allowed: duplicates need not be reconciled (B9a).
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Combined {
    /// The National Provider Identifier that the ids share.
    pub npi: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// The ids.
    pub provider_ids: Vec<String>,
    /// The certified systems of the ids, where the roster names them.
    pub cehrt_ids: Vec<String>,
    /// The figures of the ids simply added: a patient seen under two of them counts twice.
    pub summed: Bounded,
    /// Whether the measure is met by these.
    pub summed_verdict: Verdict,
    /// Each patient counted once.
    pub once: Bounded,
    /// Whether the measure is met by these.
    pub once_verdict: Verdict,
}

/// Unique patients over all providers.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Group {
    /// Unique patients seen by any provider.
    pub denominator: Bounds,
    /// Of these, patients with a message that counts for a provider who saw them.
    pub numerator: Bounds,
    /// Rows that could not be used and may concern some provider; the bounds allow for them.
    pub unusable: UnusableRows,
    /// The figures of all providers simply added: a patient seen by two of them counts twice.
    pub summed: Bounded,
    /// Providers whose verdict is `met`.
    pub providers_met: u64,
    /// Providers listed.
    pub providers: u64,
}

/// The bucket of rows that a later version of their record replaces. No rule is applied to them. A waterfall without such rows omits it.
pub const SUPERSEDED: &str = "superseded";
/// What that means, in words.
pub const SUPERSEDED_MEANS: &str = "A later version of the record replaces the row.";

/// Which rule judged how many rows; the rows add up to those read less those rejected. Rows that a later version of their record
/// replaces come first, as `superseded`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Waterfall {
    /// Rules of the denominator, in the edition's order.
    pub encounters: Vec<Bucket>,
    /// Rules of the numerator, in the edition's order; empty where it counts accesses.
    pub messages: Vec<Bucket>,
    /// Rules of the numerator of an edition that counts accesses to the portal.
    pub accesses: Vec<Bucket>,
    /// The same for each provider whom rows name, sorted by id, and last for the rows that name none; absent unless asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<WaterfallOf>,
}

/// Which rule judged how many rows that name a provider.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct WaterfallOf {
    /// The provider; null for rows that name none.
    pub provider_id: Option<String>,
    /// Rules of the denominator.
    pub encounters: Vec<Bucket>,
    /// Rules of the numerator; empty where it counts accesses.
    pub messages: Vec<Bucket>,
    /// Rules of the numerator of an edition that counts accesses to the portal.
    pub accesses: Vec<Bucket>,
}

/// The rows that one rule judged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Bucket {
    /// The rule's id, or `superseded`; `mucalc codes RULE` explains it.
    pub rule: String,
    /// Rows that the rule judged.
    pub rows: u64,
    /// Of these, rows that are in, or count, for certain.
    pub counted: u64,
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
