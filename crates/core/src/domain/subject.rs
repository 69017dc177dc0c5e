//! What the numerator counts.

use schemars::JsonSchema;
use serde::Serialize;

/// What the numerator of an edition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Subject")]
pub enum NumeratorSubject {
    /// Messages that patients send.
    MessagesFromPatients,
    /// Messages that patients get.
    MessagesToPatients,
    /// Messages that patients send or get.
    MessagesEitherWay,
    /// What patients do at the portal.
    Accesses,
}
