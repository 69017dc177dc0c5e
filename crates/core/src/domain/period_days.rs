//! A period as documents show it.

use crate::domain::period::{Day, Period};
use schemars::JsonSchema;
use serde::Serialize;

impl From<Period> for PeriodDays {
    fn from(Period { first, last }: Period) -> Self {
        Self { first, last }
    }
}

/// A period as two ISO dates.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct PeriodDays {
    /// The first day.
    #[schemars(with = "String")]
    pub first: Day,
    /// The last day.
    #[schemars(with = "String")]
    pub last: Day,
}
