//! Whose patient a message counts for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a message is credited to providers (B24).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// The words that users see.
    pub const WORDS: [&'static str; 2] = ["strict", "group"];

    /// The credit that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        [AttributionMode::Strict, AttributionMode::Group].into_iter().find(|credit| credit.word() == word)
    }

    /// The word that users see.
    pub fn word(self) -> &'static str {
        match self {
            AttributionMode::Strict => "strict",
            AttributionMode::Group => "group",
        }
    }
}
