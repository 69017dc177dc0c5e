//! What the numerator counts.

use schemars::JsonSchema;
use serde::Serialize;

/// What the numerator of a rule set counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Subject")]
pub enum NumeratorSubject {
    /// Messages that patients send.
    MessagesFromPatients,
    /// Messages that patients receive.
    MessagesToPatients,
    /// Messages that patients send or receive.
    MessagesEitherWay,
    /// Actions of patients at the portal.
    Accesses,
}
