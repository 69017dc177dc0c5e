//! Whose patient a message counts for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a message is credited to providers (B24).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Credit")]
pub enum AttributionMode {
    /// For the provider it is addressed to.
    #[default]
    Strict,
    /// For every provider of the same group who saw the patient.
    Group,
}

impl AttributionMode {
    /// The word that users see.
    pub fn word(self) -> &'static str {
        self.into()
    }
}
