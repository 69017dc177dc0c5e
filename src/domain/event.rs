//! One row of an export after the door: codes, ids and a place; nothing is null.

use crate::domain::channel::ChannelCode;
use crate::domain::lines::Line;
use crate::domain::period::Day;
use crate::domain::words::{EncounterStatus, Kind, MessageStatus, Party, PatientIncluded, SeenBy, Topic};

/// A provider met a patient, or was meant to.
pub struct Encounter<'a> {
    /// The line on which the record starts.
    pub line: Line<'a>,
    /// The patient, as UTF-8, trimmed, never empty.
    pub patient: &'a [u8],
    /// The provider, as UTF-8, trimmed, never empty.
    pub provider: &'a [u8],
    /// The local day; none where it is not known.
    pub day: Option<Day>,
    /// What became of it.
    pub status: EncounterStatus,
    /// What sort it was.
    pub kind: Kind,
    /// Who saw the patient.
    pub seen_by: SeenBy,
}

/// Somebody wrote to somebody about a patient.
pub struct Message<'a> {
    /// The line on which the record starts.
    pub line: Line<'a>,
    /// The patient whom the message is about, as UTF-8, trimmed, never empty.
    pub patient: &'a [u8],
    /// The clinician it is addressed to or comes from; none where it is addressed to the practice.
    pub provider: Option<&'a [u8]>,
    /// The local day of sending; none where it is not known.
    pub day: Option<Day>,
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
