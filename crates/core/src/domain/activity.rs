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

/// The first and the last message in one direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FirstAndLast {
    /// The first message.
    pub first: MessageOn,
    /// The last message; the same as `first` if there is only one.
    pub last: MessageOn,
}

/// A message with its day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessageOn {
    /// The local day of the message.
    #[schemars(with = "String")]
    pub day: Day,
    /// The row of the message in the export.
    pub place: SourceLocation,
}
