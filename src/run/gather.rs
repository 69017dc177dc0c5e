//! Rows of the exports that are kept: those about some patients, or those with some id.

use std::sync::{Mutex, PoisonError};

use crate::domain::event::{Access, Encounter, Message};
use crate::domain::report::Role;
use crate::read::places::Places;
use crate::read::{FileSummary, Reading, Source, accesses, encounters, messages};
use crate::run::failed::Failed;
use crate::run::inputs::Sources;
use crate::run::settings::Settings;
use crate::tally::kept::{Kept, KeptAccess, KeptEncounter, KeptMessage};

/// Which exports are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Those that the denominator comes from.
    Denominator,
    /// Those that the numerator comes from.
    Numerator,
    /// Both.
    All,
}

/// Whether a row is wanted, by its own id and the id of its patient.
pub type IsWanted<'w> = &'w (dyn Fn(Option<&[u8]>, &[u8]) -> bool + Sync);

/// What was read of an input.
pub type Read<'r> = (Role, &'r Source, FileSummary);

/// Reads exports and keeps the rows that are wanted, in the order of files and lines.
///
/// # Errors
/// When an export cannot be used.
pub fn rows<'s>(
    settings: &Settings,
    sources: &'s Sources,
    places: &Places,
    reading: &Reading<'_>,
    part: Part,
    is_wanted: IsWanted<'_>,
) -> Result<(Kept, Vec<Read<'s>>), Failed> {
    let layout = &settings.layout;
    let kept = Mutex::new(Kept::default());
    let collect = |part: Kept| kept.lock().unwrap_or_else(PoisonError::into_inner).extend(part);
    let mut read = Vec::new();
    for (file, source) in sources.encounters.iter().enumerate().filter(|_| part != Part::Numerator) {
        let take = |part: &mut Kept, encounter: &Encounter<'_>| {
            if is_wanted(encounter.id, encounter.patient) {
                part.encounters.push(KeptEncounter::new(file as u32, encounter));
            }
        };
        let summary = encounters::read(source, reading, layout, places, Kept::default, take, collect)?;
        read.push((Role::Encounters, source, summary));
    }
    for (file, source) in sources.messages.iter().enumerate().filter(|_| part != Part::Denominator) {
        let take = |part: &mut Kept, message: &Message<'_>| {
            if is_wanted(message.act.id, message.act.patient) {
                part.messages.push(KeptMessage::new(file as u32, message));
            }
        };
        let channels = &settings.channels;
        let summary = messages::read(source, reading, layout, channels, Kept::default, take, collect)?;
        read.push((Role::Messages, source, summary));
    }
    for (file, source) in sources.accesses.iter().enumerate().filter(|_| part != Part::Denominator) {
        // The files of messages come before those of accesses.
        let file = (sources.messages.len() + file) as u32;
        let take = |part: &mut Kept, access: &Access<'_>| {
            if is_wanted(access.act.id, access.act.patient) {
                part.accesses.push(KeptAccess::new(file, access));
            }
        };
        let summary = accesses::read(source, reading, layout, Kept::default, take, collect)?;
        read.push((Role::Accesses, source, summary));
    }
    let mut kept = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
    kept.sort();
    Ok((kept, read))
}
