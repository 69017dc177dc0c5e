//! Which providers a message is attributed to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How messages are attributed to providers (B24).
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
    /// To the addressed provider.
    #[default]
    Strict,
    /// To every provider of the same group who saw the patient.
    Group,
}

impl AttributionMode {
    /// Returns the identifier that users see.
    pub fn word(self) -> &'static str {
        self.into()
    }
}
