//! Unusable rows, counted by what they may hide.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Unusable rows that may concern a provider: each may be a patient, or a message, that the counts lack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnusableRows {
    /// Encounter rows, each of which may be a further patient.
    pub encounters: u64,
    /// Message rows, each of which may come from any patient.
    pub messages: u64,
}

impl UnusableRows {
    /// Returns whether there are no unusable rows.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Returns the number of unusable rows.
    pub fn total(self) -> u64 {
        self.encounters + self.messages
    }
}

impl std::ops::Add for UnusableRows {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { encounters: self.encounters + other.encounters, messages: self.messages + other.messages }
    }
}

impl std::ops::AddAssign for UnusableRows {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// How unusable rows affect the results.
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
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "lowercase")]
pub enum UnusableChoice {
    /// Each unusable row widens the range of the result.
    #[default]
    Bound,
    /// Unusable rows do not affect the range.
    Ignore,
}

impl UnusableChoice {
    /// Returns the identifier that users see.
    pub fn word(self) -> &'static str {
        self.into()
    }
}
