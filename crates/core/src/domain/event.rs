//! One row of an export after the door: codes, ids and a place; nothing is null.

use crate::domain::channel::ChannelCode;
use crate::domain::lines::LazyLine;
use crate::domain::period::Day;
use crate::domain::versions::RowVersion;
use crate::domain::words::{
    Action, Cehrt, EncounterStatus, Kind, MessageStatus, Party, PatientIncluded, SeenBy, Topic,
};

/// A provider met a patient, or was meant to.
pub struct Encounter<'a> {
    /// The line on which the record starts.
    pub line: LazyLine<'a>,
    /// The id of the row, if it has one and it is wanted.
    pub id: Option<&'a [u8]>,
    /// What tells the row from others with its id, if that is wanted.
    pub version: Option<&'a RowVersion>,
    /// The patient, as UTF-8, trimmed, never empty.
    pub patient: &'a [u8],
    /// The provider, as UTF-8, trimmed, never empty.
    pub provider: &'a [u8],
    /// The local day; none where it is not known.
    pub day: Option<Day>,
    /// What its columns with words say.
    pub words: EncounterCodes,
    /// Whether certified EHR technology keeps the records of the place.
    pub cehrt: Cehrt,
    /// Whether the county where it took place is short of broadband; none where it is not known.
    pub short_county: Option<bool>,
}

/// What the columns of an encounter with words say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EncounterCodes {
    /// What became of it.
    pub status: EncounterStatus,
    /// What sort it was.
    pub kind: Kind,
    /// Who saw the patient.
    pub seen_by: SeenBy,
}

/// Whom something counts for that was done or sent.
#[derive(Clone, Copy)]
pub struct NumeratorEvent<'a> {
    /// The line on which the record starts.
    pub line: LazyLine<'a>,
    /// The id of the row, if it has one and it is wanted.
    pub id: Option<&'a [u8]>,
    /// What tells the row from others with its id, if that is wanted.
    pub version: Option<&'a RowVersion>,
    /// The patient whom it is about, as UTF-8, trimmed, never empty.
    pub patient: &'a [u8],
    /// The clinician it names; none where it is to the practice.
    pub provider: Option<&'a [u8]>,
    /// The local day; none where it is not known.
    pub day: Option<Day>,
}

/// Somebody wrote to somebody about a patient.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// About whom and when. The clinician is the one it is addressed to or comes from.
    pub act: NumeratorEvent<'a>,
    /// What its columns with words say.
    pub words: MessageCodes,
}

/// What the columns of a message with words say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MessageCodes {
    /// What became of it.
    pub status: MessageStatus,
    /// Who wrote it.
    pub sender: Party,
    /// To whom it went.
    pub recipient: Party,
    /// By what way it came.
    pub channel: ChannelCode,
    /// What it is about.
    pub topic: Topic,
    /// Whether a message between providers includes the patient.
    pub patient_included: PatientIncluded,
}

/// Somebody used the portal for a patient's health information.
pub struct PortalAccess<'a> {
    /// About whom and when.
    pub act: NumeratorEvent<'a>,
    /// What was done.
    pub action: Action,
    /// Who did it.
    pub actor: Party,
}
