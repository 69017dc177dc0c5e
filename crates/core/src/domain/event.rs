//! Rows of exports after normalization: codes, ids, and a location. A value of a closed list is never missing, but can be `Unknown`.

use crate::domain::channel::ChannelCode;
use crate::domain::line_index::LazyLine;
use crate::domain::period::Day;
use crate::domain::versions::RowVersion;
use crate::domain::words::{
    CehrtLocation, EncounterKind, EncounterStatus, MessageParty, MessageStatus, MessageTopic,
    PatientIncluded, PortalAction, SeenBy,
};

/// An encounter of a provider and a patient, held or planned.
pub struct Encounter<'a> {
    /// The line on which the record starts.
    pub line: LazyLine<'a>,
    /// The id of the record; `None` if the row has none or the caller does not need it.
    pub id: Option<&'a [u8]>,
    /// What distinguishes the row from others with the same id; `None` if the caller does not need it.
    pub version: Option<&'a RowVersion>,
    /// The patient's id, as UTF-8, trimmed, never empty.
    pub patient: &'a [u8],
    /// The provider's id, as UTF-8, trimmed, never empty.
    pub provider: &'a [u8],
    /// The local day; `None` if unknown.
    pub day: Option<Day>,
    /// The values of columns with closed lists.
    pub words: EncounterCodes,
    /// Whether certified EHR technology keeps the records of the location.
    pub cehrt: CehrtLocation,
    /// Whether the county of the encounter lacks broadband; `None` if unknown.
    pub short_county: Option<bool>,
}

/// The values of an encounter in columns with closed lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EncounterCodes {
    /// The status of the encounter.
    pub status: EncounterStatus,
    /// The kind of the encounter.
    pub kind: EncounterKind,
    /// Who saw the patient.
    pub seen_by: SeenBy,
}

/// A row that can put a patient in the numerator: the patient, the provider, and the day of a message or portal access.
#[derive(Clone, Copy)]
pub struct NumeratorEvent<'a> {
    /// The line on which the record starts.
    pub line: LazyLine<'a>,
    /// The id of the record; `None` if the row has none or the caller does not need it.
    pub id: Option<&'a [u8]>,
    /// What distinguishes the row from others with the same id; `None` if the caller does not need it.
    pub version: Option<&'a RowVersion>,
    /// The id of the patient that the row is about, as UTF-8, trimmed, never empty.
    pub patient: &'a [u8],
    /// The id of the provider that the row names; `None` if it is addressed to the practice.
    pub provider: Option<&'a [u8]>,
    /// The local day; `None` if unknown.
    pub day: Option<Day>,
}

/// A message about a patient.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The patient, the provider, and the day. The provider is the addressee or the sender.
    pub act: NumeratorEvent<'a>,
    /// The values of columns with closed lists.
    pub words: MessageCodes,
}

/// The values of a message in columns with closed lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MessageCodes {
    /// The status of the message.
    pub status: MessageStatus,
    /// The sender.
    pub sender: MessageParty,
    /// The recipient.
    pub recipient: MessageParty,
    /// The channel.
    pub channel: ChannelCode,
    /// The topic.
    pub topic: MessageTopic,
    /// Whether a message between providers includes the patient.
    pub patient_included: PatientIncluded,
}

/// A use of the portal for a patient's health information.
pub struct PortalAccess<'a> {
    /// The patient, the provider, and the day.
    pub act: NumeratorEvent<'a>,
    /// The action.
    pub action: PortalAction,
    /// Who acted.
    pub actor: MessageParty,
}
