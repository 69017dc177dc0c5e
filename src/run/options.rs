//! What the user asked for, by flags or in `mucalc.toml`: everything optional, nothing checked yet.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use mucalc_core::domain::assumption::Assumed;
use mucalc_read::layout::vocabulary::TranslatableSet;

/// What the user asked for. The keys of `mucalc.toml` are the long names of the flags.
///
/// The texts of the fields are what `docs/configuration.md` and `docs/mucalc.schema.json` say of the keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// Exports of encounters: paths from the folder of this file, and patterns.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub encounters: Vec<String>,
    /// Exports of messages: paths and patterns.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub messages: Vec<String>,
    /// The reporting period: `2014-07-01..2014-09-30` (both days included), `2014Q3`, `2014-07` or `2014`.
    pub period: Option<String>,
    /// Logs of accesses to the portal, for the editions that count them: paths and patterns.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub accesses: Vec<String>,
    /// The table of counties with their broadband: a path.
    pub counties: Option<String>,
    /// The decisions of people over what is uncertain: a path.
    pub adjudications: Option<String>,
    /// The patients with an account of the portal, for `outreach`: a path.
    pub enrollment: Option<String>,
    /// The day of attestation, `2015-02-20`, for editions that count until then.
    pub attested: Option<String>,
    /// The edition of the measure, by its id; of several the report shows each. `stage2-core17` if none is named.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub edition: Vec<String>,
    /// The layout of the exports: the name of a built-in one, the path of a file, or one for each kind,
    /// `encounters=NAME,messages=NAME`. `canonical` if none is named.
    pub layout: Option<String>,
    /// The encoding of text that is not UTF-8 and has no byte order mark, for example `windows-1252`.
    pub encoding: Option<String>,
    /// The providers of the practice: a path.
    pub roster: Option<String>,
    /// The zone of the practice, for example `America/Chicago`; needed where times carry a zone.
    pub timezone: Option<String>,
    /// Whom a message counts for: `strict` (the default), its provider alone; `group`, every provider of the group
    /// who saw the patient.
    pub credit: Option<String>,
    /// The format of `report` and `validate`; other commands have theirs as a flag alone. `table` if none is named.
    pub format: Option<String>,
    /// Where the output of `report` and `validate` goes: a path; standard output if none is named.
    pub output: Option<String>,
    /// Where one line for each provider and patient goes: a path. It holds ids of patients.
    pub ledger: Option<String>,
    /// Whether a workbook has a sheet of patients. It holds ids of patients.
    pub patients: Option<bool>,
    /// Whether it is shown which rule judged how many rows: `rules`, or `providers` for each provider as well.
    pub waterfall: Option<String>,
    /// What to do with rows that could not be used: `bound` (the default), each widens the range of the result; `ignore`, none does.
    pub unusable: Option<String>,
    /// Whether these are the options of a pack.
    #[serde(skip)]
    pub is_of_pack: bool,
    /// Whether these are the options of a pack of another version, which may not have checked the year of an edition.
    #[serde(skip)]
    pub leaves_years_unchecked: bool,
    /// Whether no rule is applied, so that no edition has to be known.
    #[serde(skip)]
    pub applies_no_rules: bool,
    /// Who attests, where programs allow different reporting periods: `medicare`, `medicaid` or `mips`. All of the edition's if it is not
    /// said.
    pub participant: Option<String>,
    /// The days for which the exports were made, as a period; without it the rows themselves show which days are covered.
    pub exported: Option<String>,
    /// Whether an edition is applied to a reporting period of a year that is not its own.
    pub any_year: Option<bool>,
    /// Which of several rows with one record id is the record, where `updated_at` does not say so: `uncertain` (the default), it is not
    /// known; `last`, the last one in the order of the inputs.
    pub versions: Option<String>,
    /// Texts that mean "no value" in every column, in place of the usual ones such as NULL and #N/A.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub nulls: Vec<String>,
    /// How ids are compared.
    #[serde(skip_serializing_if = "IdOptions::is_empty")]
    pub ids: IdOptions,
    /// What makes a report end with exit code 1: `not-met`, `indeterminate`, `not-calculable`, `unusable` (rows that could not be
    /// used), `assumption` (one that is not acknowledged), `finding:error`, `finding:warning`, `finding:note`, or one finding,
    /// `finding:CODE`.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub fail_on: Vec<String>,
    /// Whether the report holds the SHA-256 of every input.
    pub digest: Option<bool>,
    /// Whether the report says when and where it was computed.
    pub stamp: Option<bool>,
    /// How many threads judge rows; one a core if it is not said.
    pub threads: Option<usize>,
    /// Whether nothing but errors goes to standard error.
    pub quiet: Option<bool>,
    /// Whether more goes to standard error.
    pub verbose: Option<bool>,
    /// When colours are used: `auto` (the default), `always` or `never`.
    pub color: Option<String>,
    /// The practice, and who prepared the report, for its header and the cover sheet of a pack.
    #[serde(skip_serializing_if = "PracticeOptions::is_empty")]
    pub practice: PracticeOptions,
    /// Choices that the regulation leaves, by the name of the policy; `mucalc editions show ID` lists them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub policy: BTreeMap<String, String>,
    /// Ways by which messages come, by the export's word: which are certified, and on which days.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, ChannelOptions>,
    /// Places, by the export's id: whether a certified EHR keeps their records.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub locations: BTreeMap<String, LocationOptions>,
    /// What becomes of encounters: the export's word = ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub encounter_statuses: BTreeMap<String, String>,
    /// Kinds of encounters: the export's word = ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<String, String>,
    /// Who saw the patient: the export's word = ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub seen_by: BTreeMap<String, String>,
    /// What became of messages: the export's word = ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub message_statuses: BTreeMap<String, String>,
    /// Who wrote: the export's word = ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub senders: BTreeMap<String, String>,
    /// To whom it went: the export's word = ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub recipients: BTreeMap<String, String>,
    /// What messages are about: the export's word = ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, String>,
    /// Whether a message between providers goes to the patient too: the export's word = ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub patient_included: BTreeMap<String, String>,
    /// What was done at the portal: the export's word = ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actions: BTreeMap<String, String>,
    /// Who used the portal: the export's word = ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actors: BTreeMap<String, String>,
    /// What is taken for a fact since the exports have no column that says it, and is acknowledged.
    #[serde(skip_serializing_if = "AssumeOptions::is_empty")]
    pub assume: AssumeOptions,
    /// What the times with a zone in a column stand for: `utc-day`, the day in UTC, or `local`, the day by the clocks of the practice.
    #[serde(skip_serializing_if = "DaysOptions::is_empty")]
    pub days: DaysOptions,
    /// How bad findings of `validate` are, by their codes: `error`, `warning`, `note`, or `off`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub severity: BTreeMap<String, String>,
    /// The texts of layouts that are at hand, by the name or path under which they are asked for.
    #[serde(skip)]
    pub layout_texts: BTreeMap<String, String>,
}

/// What the configuration says of a channel.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChannelOptions {
    /// Whether it is the messaging function of certified EHR technology.
    pub certified: bool,
    /// The product's name.
    pub product: Option<String>,
    /// Its number on the Certified Health IT Product List.
    pub chpl_id: Option<String>,
    /// The first certified day.
    pub from: Option<String>,
    /// The last certified day.
    pub until: Option<String>,
}

/// What the configuration says of the practice.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PracticeOptions {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its tax identification number; left out of redacted packs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// The CMS EHR Certification ID of its technology.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cehrt_id: Option<String>,
    /// Who prepares the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepared_by: Option<String>,
    /// On which day, `2015-02-20`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepared_on: Option<String>,
}

impl PracticeOptions {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How ids are compared.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct IdOptions {
    /// Differences that are none: `zeros` (leading zeros), `case` (letter case), `decimal` (a trailing `.0`), `prefix` (a prefix
    /// such as `Patient/`).
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub fold: Vec<String>,
}

impl IdOptions {
    fn is_empty(&self) -> bool {
        self.fold.is_empty()
    }
}

/// What the configuration says of a location.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LocationOptions {
    /// Whether certified EHR technology keeps the records there.
    pub certified: bool,
}

/// What the configuration acknowledges.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct AssumeOptions {
    /// Encounters without a column `status`: `completed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encounter_status: Option<String>,
    /// Encounters without a column `seen_by`: `eligible-professional`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_by: Option<String>,
    /// Messages without a column `status`: `sent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_status: Option<String>,
}

impl AssumeOptions {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the word that is acknowledged for a column.
    pub fn of(&self, assumed: Assumed) -> Option<&str> {
        match assumed {
            Assumed::EncounterStatus => self.encounter_status.as_deref(),
            Assumed::SeenBy => self.seen_by.as_deref(),
            Assumed::MessageStatus => self.message_status.as_deref(),
        }
    }
}

/// What the configuration says of the times of a column. Its keys are the names of our columns.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DaysOptions {
    /// Times of encounters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// Times of messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// Times of accesses to the portal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessed_at: Option<String>,
}

impl DaysOptions {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the columns and what was said of each.
    pub fn all(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("started_at", self.started_at.as_deref()),
            ("sent_at", self.sent_at.as_deref()),
            ("accessed_at", self.accessed_at.as_deref()),
        ]
    }
}

impl Options {
    /// The tables of words of exports: the key of each, the list whose words it gives them, and its entries.
    pub fn word_tables(&self) -> [(&'static str, TranslatableSet, &BTreeMap<String, String>); 10] {
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

    /// Whether an edition is applied to a period of any year.
    pub fn takes_any_year(&self) -> bool {
        self.any_year.unwrap_or_default() || self.leaves_years_unchecked
    }

    /// These options, laid over others: what is given here wins, a list as a whole, a policy by its name.
    ///
    /// The tables of words can be given in the file alone, so they stay as they are there.
    pub fn over(self, file: Options) -> Options {
        let list = |mine: Vec<String>, other| if mine.is_empty() { other } else { mine };
        let mut policy = file.policy;
        policy.extend(self.policy);
        Options {
            encounters: list(self.encounters, file.encounters),
            messages: list(self.messages, file.messages),
            period: self.period.or(file.period),
            accesses: list(self.accesses, file.accesses),
            counties: self.counties.or(file.counties),
            adjudications: self.adjudications.or(file.adjudications),
            enrollment: self.enrollment.or(file.enrollment),
            attested: self.attested.or(file.attested),
            edition: list(self.edition, file.edition),
            layout: self.layout.or(file.layout),
            encoding: self.encoding.or(file.encoding),
            roster: self.roster.or(file.roster),
            timezone: self.timezone.or(file.timezone),
            credit: self.credit.or(file.credit),
            format: self.format.or(file.format),
            output: self.output.or(file.output),
            ledger: self.ledger.or(file.ledger),
            patients: self.patients.or(file.patients),
            waterfall: self.waterfall.or(file.waterfall),
            unusable: self.unusable.or(file.unusable),
            versions: self.versions.or(file.versions),
            participant: self.participant.or(file.participant),
            exported: self.exported.or(file.exported),
            any_year: self.any_year.or(file.any_year),
            is_of_pack: self.is_of_pack || file.is_of_pack,
            leaves_years_unchecked: self.leaves_years_unchecked || file.leaves_years_unchecked,
            applies_no_rules: self.applies_no_rules || file.applies_no_rules,
            fail_on: list(self.fail_on, file.fail_on),
            digest: self.digest.or(file.digest),
            stamp: self.stamp.or(file.stamp),
            threads: self.threads.or(file.threads),
            quiet: self.quiet.or(file.quiet),
            verbose: self.verbose.or(file.verbose),
            color: self.color.or(file.color),
            policy,
            ..file
        }
    }
}

fn one_or_several<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match OneOrSeveral::deserialize(deserializer)? {
        OneOrSeveral::One(one) => vec![one],
        OneOrSeveral::Year(year) => vec![year.to_string()],
        OneOrSeveral::Several(several) => several,
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a text or a list of texts is expected here")]
enum OneOrSeveral {
    One(String),
    /// A year, which may name an edition.
    Year(u16),
    Several(Vec<String>),
}
