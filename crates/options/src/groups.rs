//! Options that are both flags and configuration keys, in groups that commands share.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::formats::ReportFormat;
use mucalc_core::domain::participant::Participant;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::versions::VersionsChoice;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::list::{self, OneOrSeveral};
use super::value::{
    ColorChoice, RuleSetId, TextEncoding, Written, Zone, name_and_value, one_of, thread_count,
};
use super::{Configuration, FailureGate, FileOptions};

/// The options of every command that reads exports and applies rules.
#[derive(Args, Clone, Debug, Default)]
pub struct CommonArgs {
    #[command(flatten)]
    inputs: InputOptions,
    #[command(flatten)]
    reading: ReadingOptions,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    measure: MeasureOptions,
    #[command(flatten)]
    run: RunOptions,
    /// Patients with a portal account, which one command has a flag for.
    #[arg(skip)]
    pub enrollment: Option<String>,
}

impl CommonArgs {
    /// Returns which configuration to read.
    pub fn config(&mut self) -> &mut ConfigArgs {
        &mut self.config
    }

    /// Returns a flag that applies to one practice, if one is given.
    pub fn of_one_practice(&self) -> Option<&'static str> {
        self.inputs.flag()
    }

    /// Returns the flags, and the source of the configuration that they override.
    pub fn split(self) -> (Configuration, ConfigSource) {
        let Self { inputs, reading, config, measure, run, enrollment } = self;
        let file = FileOptions { enrollment, ..FileOptions::default() };
        let flags = Configuration { inputs, reading, measure, run, file, ..Configuration::default() };
        (flags, config.source())
    }
}

/// Which configuration to read.
#[derive(Args, Clone, Debug, Default)]
pub struct ConfigArgs {
    /// Configuration to read, or a folder: then that of each practice in it [default: mucalc.toml in the working directory, if it exists]
    #[arg(long, value_name = "FILE", help_heading = "Inputs", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Do not read a configuration file
    #[arg(long, help_heading = "Inputs")]
    no_config: bool,
    /// The configuration of one of several practices.
    #[arg(skip)]
    practice: Option<ConfigSource>,
}

/// The source of the configuration, as the flags select it.
#[derive(Clone, Debug, Default)]
pub enum ConfigSource {
    /// `mucalc.toml` in the working directory, if it exists.
    #[default]
    Found,
    /// The file with this path.
    Named(PathBuf),
    /// No configuration file.
    None,
    /// The file of one of several practices.
    Practice {
        /// Its path.
        path: PathBuf,
        /// What holds for all practices, unless the file says otherwise.
        shared: Box<Configuration>,
    },
}

impl ConfigArgs {
    /// Returns the arguments that select a source.
    pub fn from_source(source: ConfigSource) -> Self {
        Self { practice: Some(source), ..Self::default() }
    }

    /// Returns the source of the configuration.
    pub fn source(self) -> ConfigSource {
        if let Some(practice) = self.practice {
            return practice;
        }
        match (self.config, self.no_config) {
            (Some(path), _) => ConfigSource::Named(path),
            (None, true) => ConfigSource::None,
            (None, false) => ConfigSource::Found,
        }
    }
}

/// The exports and the files that come with them.
#[derive(Args, Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct InputOptions {
    /// Encounter exports: paths and patterns; `-` is standard input
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = "Inputs")]
    #[serde(deserialize_with = "list::texts", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub encounters: Vec<String>,
    /// Message exports: paths and patterns; `-` is standard input
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = "Inputs")]
    #[serde(deserialize_with = "list::texts", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub messages: Vec<String>,
    /// Portal access logs, for the rule sets that use them: paths and patterns
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = "Inputs")]
    #[serde(deserialize_with = "list::texts", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub accesses: Vec<String>,
    /// Further tables of the exports, such as the recipients of messages, that the layout joins to them: paths and patterns
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = "Inputs")]
    #[serde(deserialize_with = "list::texts", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub join: Vec<String>,
    /// Days that the exports cover, as a period [default: the days that the rows show]
    #[arg(long, value_name = "PERIOD", help_heading = "Inputs")]
    pub exported: Option<Written<Period>>,
    /// Providers of the practice, with names, NPIs, and groups
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    pub roster: Option<String>,
    /// Counties with the share of housing units that have broadband, for the exclusion: columns county_fips, percent
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    pub counties: Option<String>,
    /// Review decisions about unresolved messages and patients: columns message_id or patient_id, decision, by, on, reason; the report
    /// shows the last three
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    pub adjudications: Option<String>,
}

/// How the exports are read.
#[derive(Args, Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ReadingOptions {
    /// Layout of the exports: a built-in one, a file, or one for each kind: encounters=NAME,messages=NAME [default: canonical]
    #[arg(long, value_name = "NAME|FILE", help_heading = "Inputs")]
    pub layout: Option<String>,
    /// Encoding of text that is not UTF-8 and has no byte order mark, for example windows-1252
    #[arg(long, value_name = "NAME", help_heading = "Inputs")]
    pub encoding: Option<Written<TextEncoding>>,
    /// Practice time zone, required if times carry a zone, for example America/New_York
    #[arg(long, value_name = "IANA", help_heading = "Inputs")]
    pub timezone: Option<Written<Zone>>,
}

/// What is calculated.
#[derive(Args, Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct MeasureOptions {
    /// Reporting period: 2014-07-01..2014-09-30 (both days included), 2014Q3, 2014-07, or 2014
    #[arg(long, value_name = "PERIOD", help_heading = "Measure")]
    pub period: Option<Written<Period>>,
    /// Rule set to apply, or its year; repeat to compare several [default: that of the period's year]
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Measure")]
    #[serde(deserialize_with = "list::values", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub edition: Vec<Written<RuleSetId>>,
    /// Apply the rule set also to a period of a year that it is not for
    #[arg(long, help_heading = "Measure")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub any_year: bool,
    /// Program under which the provider attests, for the allowed reporting periods [default: every program of the rule set]
    #[arg(long, value_name = "PROGRAM", value_parser = one_of::<Participant>(), help_heading = "Measure")]
    pub participant: Option<Participant>,
    /// Attribute a message to the addressed provider, or to every provider of the group [default: strict]
    #[arg(long, value_name = "MODE", value_parser = one_of::<AttributionMode>(), help_heading = "Measure")]
    pub credit: Option<AttributionMode>,
    /// Let unusable rows widen the range of the result, or ignore them [default: bound]
    #[arg(long, value_name = "CHOICE", value_parser = one_of::<UnusableChoice>(), help_heading = "Measure")]
    pub unusable: Option<UnusableChoice>,
    /// Of rows with one record id that differ, take none for certain, or the last in the inputs [default: uncertain]
    #[arg(long, value_name = "CHOICE", value_parser = one_of::<VersionsChoice>(), help_heading = "Measure")]
    pub versions: Option<VersionsChoice>,
    /// Value of a policy setting; `mucalc editions show ID` lists the settings of a rule set
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value, help_heading = "Measure")]
    #[serde(with = "list::pairs", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    pub policy: Vec<(String, String)>,
    /// Attestation date, for rule sets under which portal use qualifies until then
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Measure")]
    pub attested: Option<Written<Day>>,
}

/// What a report contains, and where it goes.
#[derive(Args, Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ReportOptions {
    /// Format of the report; junit, sarif, and github have its findings only [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<ReportFormat>(), help_heading = "Output")]
    pub format: Option<ReportFormat>,
    /// Write the report to this file instead of standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    pub output: Option<String>,
    /// Write one row per provider and patient to this file, with the deciding records; it contains patient ids
    #[arg(long, value_name = "PATH.csv", help_heading = "Output")]
    pub ledger: Option<String>,
    /// Add a sheet of patients to a workbook (--format xlsx); it contains patient ids
    #[arg(long, help_heading = "Output")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub patients: bool,
    /// Show how many rows each rule decided, in total or also for each provider [default without a value: rules]
    #[arg(
        long,
        value_name = "WHICH",
        num_args = 0..=1,
        default_missing_value = "rules",
        value_parser = one_of::<AttritionDetail>(),
        help_heading = "Output"
    )]
    pub waterfall: Option<AttritionDetail>,
    /// Show in the report when and where it was calculated; without it the same inputs give the same bytes
    #[arg(long, help_heading = "Output")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stamp: bool,
    /// End with exit code 1 on any of: not-met, indeterminate, not-calculable, unusable (rows), assumption (not acknowledged),
    /// finding:error, finding:warning, finding:note, finding:CODE
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Output")]
    #[serde(deserialize_with = "list::values", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrSeveral")]
    pub fail_on: Vec<Written<FailureGate>>,
}

/// How the program runs.
#[derive(Args, Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct RunOptions {
    /// Put the SHA-256 of every input in the report
    #[arg(long, help_heading = "Output", display_order = 100)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub digest: bool,
    /// Worker threads [default: number of cores]
    #[arg(long, value_name = "N", value_parser = thread_count, help_heading = "Output", display_order = 100)]
    pub threads: Option<NonZeroUsize>,
    /// Print only errors on standard error
    #[arg(short, long, help_heading = "Output", display_order = 100, conflicts_with = "verbose")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
    /// Show all settings and inputs, and print more on standard error
    #[arg(short, long, help_heading = "Output", display_order = 100)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub verbose: bool,
    /// When to use colors [default: auto]
    #[arg(long, value_name = "WHEN", value_parser = one_of::<ColorChoice>(), help_heading = "Output", display_order = 100)]
    pub color: Option<ColorChoice>,
}

/// The level of detail of the attrition table.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Deserialize,
    Serialize,
    JsonSchema,
    strum::EnumString,
    strum::VariantNames,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum AttritionDetail {
    /// One row per rule.
    #[default]
    Rules,
    /// Also one row per rule and provider.
    Providers,
}

impl InputOptions {
    /// Merges these options with those of a file, which they override.
    pub(super) fn or(self, file: Self) -> Self {
        Self {
            encounters: list(self.encounters, file.encounters),
            messages: list(self.messages, file.messages),
            accesses: list(self.accesses, file.accesses),
            join: list(self.join, file.join),
            exported: self.exported.or(file.exported),
            roster: self.roster.or(file.roster),
            counties: self.counties.or(file.counties),
            adjudications: self.adjudications.or(file.adjudications),
        }
    }
}

impl InputOptions {
    /// Returns a flag that names an input, if there is one.
    pub fn flag(&self) -> Option<&'static str> {
        let lists = [
            ("--encounters", &self.encounters),
            ("--messages", &self.messages),
            ("--accesses", &self.accesses),
            ("--join", &self.join),
        ];
        let files = [
            ("--roster", &self.roster),
            ("--counties", &self.counties),
            ("--adjudications", &self.adjudications),
        ];
        let named = lists.into_iter().filter(|(_, paths)| !paths.is_empty()).map(|(flag, _)| flag);
        named.chain(files.into_iter().filter(|(_, path)| path.is_some()).map(|(flag, _)| flag)).next()
    }
}

impl ReadingOptions {
    /// Merges these options with those of a file, which they override.
    pub(super) fn or(self, file: Self) -> Self {
        Self {
            layout: self.layout.or(file.layout),
            encoding: self.encoding.or(file.encoding),
            timezone: self.timezone.or(file.timezone),
        }
    }
}

impl MeasureOptions {
    /// Merges these options with those of a file, which they override. Policy settings are merged by name.
    pub(super) fn or(self, file: Self) -> Self {
        Self {
            period: self.period.or(file.period),
            edition: list(self.edition, file.edition),
            any_year: self.any_year || file.any_year,
            participant: self.participant.or(file.participant),
            credit: self.credit.or(file.credit),
            unusable: self.unusable.or(file.unusable),
            versions: self.versions.or(file.versions),
            policy: [file.policy, self.policy].concat(),
            attested: self.attested.or(file.attested),
        }
    }
}

impl ReportOptions {
    /// Merges these options with those of a file, which they override.
    pub(super) fn or(self, file: Self) -> Self {
        Self {
            format: self.format.or(file.format),
            output: self.output.or(file.output),
            ledger: self.ledger.or(file.ledger),
            patients: self.patients || file.patients,
            waterfall: self.waterfall.or(file.waterfall),
            stamp: self.stamp || file.stamp,
            fail_on: list(self.fail_on, file.fail_on),
        }
    }
}

impl RunOptions {
    /// Merges these options with those of a file, which they override.
    pub(super) fn or(self, file: Self) -> Self {
        Self {
            digest: self.digest || file.digest,
            threads: self.threads.or(file.threads),
            quiet: self.quiet || file.quiet,
            verbose: self.verbose || file.verbose,
            color: self.color.or(file.color),
        }
    }
}

fn list<T>(flags: Vec<T>, file: Vec<T>) -> Vec<T> {
    if flags.is_empty() { file } else { flags }
}
