//! Lists in the configuration: a text stands for a list of one.

use std::fmt::Display;
use std::str::FromStr;

use mucalc_core::domain::text::did_you_mean;
use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer, Error};
use strum::VariantNames;

/// One text, or several.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a text or a list of texts is expected here")]
pub(super) enum OneOrSeveral {
    One(String),
    /// A year, which may name a rule set.
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

/// Reads texts.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(OneOrSeveral::deserialize(deserializer)?.into_vec())
}

/// Reads values; each text may have several, separated by commas.
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

/// Reads words of an enum.
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

/// Pairs of a name and a value, which are a table in the configuration.
pub(super) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(String, String)>, D::Error> {
        Ok(BTreeMap::deserialize(deserializer)?.into_iter().collect())
    }

    pub fn serialize<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
        // Of two values for one name the later one counts.
        let table: BTreeMap<&String, &String> = pairs.iter().map(|(name, value)| (name, value)).collect();
        serializer.collect_map(table)
    }
}
