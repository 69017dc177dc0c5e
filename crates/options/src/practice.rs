//! The key `practice` of a configuration: the practice, or several practices, each with a configuration of its own.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::PracticeOptions;

/// A practice of a configuration that lists several.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PracticeEntry {
    /// Name of the practice.
    pub name: String,
    /// Its configuration: a file, or a folder with a mucalc.toml.
    pub config: String,
}

/// The practice, as `[practice]`, or several, as `[[practice]]`.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum PracticeKey {
    /// The practice, and who prepared the report.
    One(PracticeOptions),
    /// Several practices.
    Several(Vec<PracticeEntry>),
}

impl PracticeKey {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::One(practice) if practice.is_empty())
    }

    /// Returns the practice, if it is one.
    pub fn one(&self) -> PracticeOptions {
        match self {
            Self::One(practice) => practice.clone(),
            Self::Several(_) => PracticeOptions::default(),
        }
    }
}

impl Default for PracticeKey {
    fn default() -> Self {
        Self::One(PracticeOptions::default())
    }
}

// Not derived as an untagged enum, because its errors would have no place in the text.
impl<'de> Deserialize<'de> for PracticeKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EitherKind;

        impl<'de> Visitor<'de> for EitherKind {
            type Value = PracticeKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table [practice], or several tables [[practice]] with name and config")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PracticeKey, A::Error> {
                PracticeOptions::deserialize(MapAccessDeserializer::new(map)).map(PracticeKey::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<PracticeKey, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(sequence)).map(PracticeKey::Several)
            }
        }

        deserializer.deserialize_any(EitherKind)
    }
}

impl JsonSchema for PracticeKey {
    fn schema_name() -> Cow<'static, str> {
        "PracticeKey".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (one, several) =
            (generator.subschema_for::<PracticeOptions>(), generator.subschema_for::<Vec<PracticeEntry>>());
        json_schema!({ "anyOf": [one, several] })
    }
}
