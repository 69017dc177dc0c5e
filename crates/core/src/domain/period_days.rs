//! A period in the form that documents show.

use crate::domain::period::{Day, Period};
use schemars::JsonSchema;
use serde::Serialize;

impl From<Period> for PeriodDates {
    fn from(Period { first, last }: Period) -> Self {
        Self { first, last }
    }
}

impl From<PeriodDates> for Period {
    fn from(PeriodDates { first, last }: PeriodDates) -> Self {
        Self { first, last }
    }
}

/// A period as two ISO dates.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PeriodDays")]
pub struct PeriodDates {
    /// The first day.
    #[schemars(with = "String")]
    pub first: Day,
    /// The last day.
    #[schemars(with = "String")]
    pub last: Day,
}
