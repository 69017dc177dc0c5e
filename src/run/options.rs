//! What the user asked for, by flags or in `mucalc.toml`: everything optional, nothing checked yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the user asked for. The keys of `mucalc.toml` are the long names of the flags.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// Paths and patterns of encounter exports.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    pub encounters: Vec<String>,
    /// Paths and patterns of message exports.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
    /// The reporting period.
    pub period: Option<String>,
    /// Paths and patterns of logs of accesses to the portal.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    pub accesses: Vec<String>,
    /// The path of the table of counties.
    pub counties: Option<String>,
    /// The path of the decisions of people.
    pub adjudications: Option<String>,
    /// The day of attestation.
    pub attested: Option<String>,
    /// The ids of the editions; several stand side by side in the report.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    pub edition: Vec<String>,
    /// The name of the layout, or the path of one.
    pub layout: Option<String>,
    /// The encoding of text that has no byte order mark.
    pub encoding: Option<String>,
    /// The path of the roster.
    pub roster: Option<String>,
    /// The zone of the practice, as an IANA name.
    pub timezone: Option<String>,
    /// `strict` or `group`.
    pub credit: Option<String>,
    /// The format of the report.
    pub format: Option<String>,
    /// Where the report goes.
    pub output: Option<String>,
    /// Where the ledger goes.
    pub ledger: Option<String>,
    /// Whether a workbook has a sheet of patients.
    pub patients: Option<bool>,
    /// `rules` or `providers`: of which rows it is shown by which rules they were judged.
    pub waterfall: Option<String>,
    /// The gates.
    #[serde(deserialize_with = "one_or_several", skip_serializing_if = "Vec::is_empty")]
    pub fail_on: Vec<String>,
    /// Whether inputs are hashed.
    pub digest: Option<bool>,
    /// Whether the report says when and where it was computed.
    pub stamp: Option<bool>,
    /// How many threads judge rows.
    pub threads: Option<usize>,
    /// Whether nothing but errors goes to standard error.
    pub quiet: Option<bool>,
    /// Whether more goes to standard error.
    pub verbose: Option<bool>,
    /// `auto`, `always` or `never`.
    pub color: Option<String>,
    /// Policy choices, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub policy: BTreeMap<String, String>,
    /// Channels, by their word in the export.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, ChannelOptions>,
    /// Locations of encounters, by their id in the export.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub locations: BTreeMap<String, LocationOptions>,
    /// Encounter statuses: word in the export = our word.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub encounter_statuses: BTreeMap<String, String>,
    /// Encounter kinds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<String, String>,
    /// Who saw the patient.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub seen_by: BTreeMap<String, String>,
    /// Message statuses.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub message_statuses: BTreeMap<String, String>,
    /// Senders.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub senders: BTreeMap<String, String>,
    /// Recipients.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub recipients: BTreeMap<String, String>,
    /// Topics.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, String>,
    /// Whether the patient is included.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub patient_included: BTreeMap<String, String>,
    /// What was done at the portal.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actions: BTreeMap<String, String>,
    /// Who used the portal.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actors: BTreeMap<String, String>,
    /// How bad findings are, by their codes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub severity: BTreeMap<String, String>,
    /// The texts of layouts that are at hand, by the name or path under which they are asked for.
    #[serde(skip)]
    pub layout_texts: BTreeMap<String, String>,
}

/// What the configuration says of a channel.
#[derive(Clone, Debug, Deserialize, Serialize)]
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

/// What the configuration says of a location.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LocationOptions {
    /// Whether certified EHR technology keeps the records there.
    pub certified: bool,
}

impl Options {
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
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text or a list of texts is expected here")]
    enum OneOrSeveral {
        One(String),
        Several(Vec<String>),
    }
    Ok(match OneOrSeveral::deserialize(deserializer)? {
        OneOrSeveral::One(one) => vec![one],
        OneOrSeveral::Several(several) => several,
    })
}
