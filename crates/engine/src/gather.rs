//! Rows of the exports that are kept: those about some patients, or those with some id.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::again::{self, ActVersions, FilesRead, Repeated};
use crate::sources::InputSet;
use crate::task::Task;
use mucalc_core::domain::event::{Encounter, Message, PortalAccess};
use mucalc_core::domain::input::InputRole;
use mucalc_core::ledger::Versions;
use mucalc_core::ledger::retained_rows::{
    RetainedAccess, RetainedEncounter, RetainedMessage, RetainedRows, RowOrigin,
};
use mucalc_read::entity::{accesses, encounters, messages};
use mucalc_read::locations::LocationTable;
use mucalc_read::{InputError, InputSource, ReadContext, ReadSummary};

/// Which exports are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ExportSelection {
    /// Those that the denominator comes from.
    Denominator,
    /// Those that the numerator comes from.
    Numerator,
    /// Both.
    All,
}

/// Whether a row is wanted, by its own id and the id of its patient.
pub type RowFilter<'w> = &'w (dyn Fn(Option<&[u8]>, &[u8]) -> bool + Sync);

/// What was read of an input.
pub type ReadOutcome<'r> = (InputRole, &'r InputSource, ReadSummary);

/// Reads exports and keeps the rows that are wanted, in the order of files and lines.
///
/// # Errors
/// When an export cannot be used.
pub fn rows<'s>(
    task: &Task,
    sources: &'s InputSet,
    places: &LocationTable,
    reading: &ReadContext<'_>,
    part: ExportSelection,
    is_wanted: RowFilter<'_>,
) -> Result<(RetainedRows, Vec<ReadOutcome<'s>>), InputError> {
    let layout = &task.layout;
    // Each row is kept, or put aside if its record may have several versions; these are told apart before it is asked whether they are wanted.
    let judge = |repeated: Option<&Repeated<'_>>| {
        let all = Mutex::new(Gathered::default());
        let collect = |part: Gathered| locked(&all).merge(part);
        let mut read = FilesRead::new(layout);
        let mut named = Vec::new();
        for (file, source) in (0..).zip(&sources.encounters).filter(|_| part != ExportSelection::Numerator) {
            let reading = again::reading(reading, repeated, InputRole::Encounters, file as usize);
            let take = |part: &mut Gathered, encounter: &Encounter<'_>| {
                if reading.may_repeat(encounter.id) {
                    part.encounters.add(RetainedEncounter::new(file, encounter), encounter.version);
                } else if is_wanted(encounter.id, encounter.patient) {
                    part.kept.add_encounter(RetainedEncounter::new(file, encounter));
                }
            };
            let summary =
                encounters::read(source, &reading, layout, places, Gathered::default, take, collect)?;
            read.add(InputRole::Encounters, source, summary, file)?;
            named.push(source);
        }
        for (file, source) in (0..).zip(&sources.messages).filter(|_| part != ExportSelection::Denominator) {
            let reading = again::reading(reading, repeated, InputRole::Messages, file as usize);
            let take = |part: &mut Gathered, message: &Message<'_>| {
                if reading.may_repeat(message.act.id) {
                    part.acts.messages.add(RetainedMessage::new(file, message), message.act.version);
                } else if is_wanted(message.act.id, message.act.patient) {
                    part.kept.add_message(RetainedMessage::new(file, message));
                }
            };
            let channels = &task.channels;
            let summary =
                messages::read(source, &reading, layout, channels, Gathered::default, take, collect)?;
            read.add(InputRole::Messages, source, summary, file)?;
            named.push(source);
        }
        for (own_file, source) in
            sources.accesses.iter().enumerate().filter(|_| part != ExportSelection::Denominator)
        {
            let reading = again::reading(reading, repeated, InputRole::Accesses, own_file);
            // The files of messages come before those of accesses.
            let file = (sources.messages.len() + own_file) as u32;
            let take = |part: &mut Gathered, access: &PortalAccess<'_>| {
                if reading.may_repeat(access.act.id) {
                    part.acts.accesses.add(RetainedAccess::new(file, access), access.act.version);
                } else if is_wanted(access.act.id, access.act.patient) {
                    part.kept.add_access(RetainedAccess::new(file, access));
                }
            };
            let summary = accesses::read(source, &reading, layout, Gathered::default, take, collect)?;
            read.add(InputRole::Accesses, source, summary, file)?;
            named.push(source);
        }
        let Gathered { parts, mut encounters, mut acts, .. } = std::mem::take(&mut *locked(&all));
        for (role, lost, file) in read.lost_versions() {
            match role {
                InputRole::Encounters => encounters.add_lost(lost, file),
                _ => acts.add_lost(role, lost, file),
            }
        }
        let choice = task.versions;
        let encounters = again::resolved(repeated, InputRole::Encounters, encounters, choice).into_rows();
        let messages = again::resolved(repeated, InputRole::Messages, acts.messages, choice).into_rows();
        let accesses = again::resolved(repeated, InputRole::Accesses, acts.accesses, choice).into_rows();
        let is_kept = |at: &RowOrigin| is_wanted(at.id.as_deref(), at.patient());
        let mut kept = RetainedRows::of_parts(parts);
        kept.encounters.extend(encounters.filter(|row| is_kept(&row.at)));
        kept.messages.extend(messages.filter(|row| is_kept(&row.at)));
        kept.accesses.extend(accesses.filter(|row| is_kept(&row.at)));
        kept.sort();
        let read_of =
            |(source, (role, summary)): (&'s InputSource, (InputRole, ReadSummary))| (role, source, summary);
        Ok(((kept, named.into_iter().zip(read.summaries).map(read_of).collect()), read.met))
    };
    again::once_or_twice(judge)
}

/// What is gathered.
#[derive(Default)]
struct Gathered {
    kept: RetainedRows,
    /// What other parts kept.
    parts: Vec<RetainedRows>,
    encounters: Versions<RetainedEncounter>,
    acts: ActVersions,
}

impl Gathered {
    fn merge(&mut self, other: Self) {
        if !other.kept.is_empty() {
            let mut kept = other.kept;
            kept.shrink();
            self.parts.push(kept);
        }
        self.encounters.merge(other.encounters);
        self.acts.merge(other.acts);
    }
}

fn locked(gathered: &Mutex<Gathered>) -> MutexGuard<'_, Gathered> {
    gathered.lock().unwrap_or_else(PoisonError::into_inner)
}
