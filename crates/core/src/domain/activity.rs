//! Evidence that the messaging function was in use, for a measure that is attested with yes or no.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::period::Day;
use crate::domain::source_location::SourceLocation;

/// The first and the last message of the period in each direction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Activity {
    /// Messages from patients or their authorized representatives.
    pub from_patients: Option<FirstAndLast>,
    /// Messages to patients or their authorized representatives.
    pub to_patients: Option<FirstAndLast>,
}

/// A first and a last message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FirstAndLast {
    /// The first.
    pub first: MessageOn,
    /// The last; the same as the first if there is one alone.
    pub last: MessageOn,
}

/// A message on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessageOn {
    /// The local day.
    #[schemars(with = "String")]
    pub day: Day,
    /// Its row in the export.
    pub place: SourceLocation,
}
