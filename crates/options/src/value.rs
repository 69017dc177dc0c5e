//! Types of option values that need parsing: rule sets, time zones, encodings, and others.

use std::borrow::Cow;
use std::fmt::Display;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::str::FromStr;

use chrono_tz::Tz;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use encoding_rs::Encoding;
use mucalc_core::domain::text::did_you_mean;
use mucalc_core::edition;
use mucalc_core::edition::years::ProgramYears;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strum::VariantNames;

use super::zones::zone;

/// Returns a parser for a flag whose values are the names of enum variants.
pub fn one_of<T>() -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static> + VariantNames + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(T::VARIANTS).try_map(|word| word.parse())
}

/// Parses `NAME=VALUE`.
///
/// # Errors
/// If the text has no `=`. The error is a message for the user.
pub fn name_and_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .ok_or_else(|| "write NAME=VALUE, for example pool=count".to_owned())
}

/// Parses a number of threads.
///
/// # Errors
/// If the text is not a whole number of at least 1. The error is a message for the user.
pub fn thread_count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "write a whole number from 1".to_owned())
}

/// When to use colors.
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
pub enum ColorChoice {
    /// On a terminal; environment variables can override this.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A parsed value with its original text.
///
/// When a configuration is written again, for example into an evidence pack, it keeps the user's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// The original text.
    pub text: String,
    /// The parsed value.
    pub value: T,
}

impl<T> Deref for Written<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: FromStr> FromStr for Written<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        Ok(Self { text: text.to_owned(), value: text.parse()? })
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|why| Error::custom(format!("invalid value `{text}`: {why}")))
    }
}

impl<T> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<T> JsonSchema for Written<T> {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// The id of a built-in rule set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSetId(pub String);

/// A text that does not select a rule set.
#[derive(Debug, thiserror::Error)]
pub enum RuleSetIdError {
    /// No rule set has this id. Contains a hint at the nearest id, which may be empty.
    #[error("unknown rule set; `mucalc editions` lists them{0}")]
    Unknown(String),
    /// No rule set is for this program year.
    #[error("no rule set is for {0}; `mucalc editions` lists the years of each")]
    Year(i32),
    /// Several programs have a rule set for this program year. Contains the year, and the ids of the rule sets.
    #[error(
        "in {0} the measure depends on the program, so name a rule set: add --edition with one of {1}; `mucalc editions show ID` explains each"
    )]
    Program(i32, String),
}

impl FromStr for RuleSetId {
    type Err = RuleSetIdError;

    /// Parses the id of a rule set, or a program year.
    fn from_str(text: &str) -> Result<Self, RuleSetIdError> {
        let text = text.trim();
        match ProgramYears::parse(text) {
            Some(years) if years.first == years.last => Self::from_year(years.first),
            _ if edition::find(text).is_some() => Ok(Self(text.to_owned())),
            _ => Err(RuleSetIdError::Unknown(did_you_mean(text, edition::ids()))),
        }
    }
}

impl Written<RuleSetId> {
    /// Wraps the id of a rule set, which must exist.
    pub fn from_id(id: &str) -> Self {
        Self { text: id.to_owned(), value: RuleSetId(id.to_owned()) }
    }
}

impl RuleSetId {
    /// Returns the rule set of a program year.
    ///
    /// # Errors
    /// If the year has no rule set, or several programs have one.
    pub fn from_year(year: i32) -> Result<Self, RuleSetIdError> {
        if let Some(id) = edition::id_for_year(year) {
            return Ok(Self(id.to_owned()));
        }
        match edition::ids_for(year).as_slice() {
            [] => Err(RuleSetIdError::Year(year)),
            ids => Err(RuleSetIdError::Program(year, ids.join(", "))),
        }
    }
}

/// A time zone of the IANA time zone database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(pub Tz);

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        zone(text).map(Self)
    }
}

/// An encoding of text, such as `windows-1252`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextEncoding(pub &'static Encoding);

impl FromStr for TextEncoding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Encoding::for_label(text.trim().as_bytes()).map(Self).ok_or_else(|| {
            "not an encoding; valid are utf-8, utf-16le, utf-16be, windows-1252, and others".to_owned()
        })
    }
}
