//! Lists in the configuration. A single text is accepted as a list of one.

use std::fmt::Display;
use std::str::FromStr;

use mucalc_core::domain::text::did_you_mean;
use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer, Error};
use strum::VariantNames;

/// A text, or a list of texts.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a text or a list of texts is expected here")]
pub(super) enum OneOrSeveral {
    One(String),
    /// A program year, which can select a rule set.
    Year(u16),
    Several(Vec<String>),
}

impl OneOrSeveral {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Year(year) => vec![year.to_string()],
            Self::Several(several) => several,
        }
    }
}

/// Deserializes a list of texts.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(OneOrSeveral::deserialize(deserializer)?.into_vec())
}

/// Deserializes a list of values. Each text can contain several values, separated by commas.
pub(super) fn values<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let texts = OneOrSeveral::deserialize(deserializer)?.into_vec();
    let parts = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|part| !part.is_empty());
    let value =
        |part: &str| part.parse().map_err(|why| Error::custom(format!("invalid value `{part}`: {why}")));
    parts.map(value).collect()
}

/// Deserializes a list of names of enum variants.
pub(super) fn words<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr + VariantNames,
{
    let word = |word: String| {
        word.trim().parse().map_err(|_| {
            let hint = did_you_mean(word.trim(), T::VARIANTS.iter().copied());
            let known = T::VARIANTS.join(", ");
            Error::custom(format!("invalid value `{word}`: valid values are {known}{hint}"))
        })
    };
    OneOrSeveral::deserialize(deserializer)?.into_vec().into_iter().map(word).collect()
}

/// Converts pairs of name and value from and to a table of the configuration.
pub(super) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(String, String)>, D::Error> {
        Ok(BTreeMap::deserialize(deserializer)?.into_iter().collect())
    }

    pub fn serialize<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
        // If a name has several values, the last one wins.
        let table: BTreeMap<&String, &String> = pairs.iter().map(|(name, value)| (name, value)).collect();
        serializer.collect_map(table)
    }
}
