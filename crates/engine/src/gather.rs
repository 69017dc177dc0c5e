//! Collects rows of the exports: those about some patients, or those with some id.

use std::sync::{Mutex, PoisonError};

use crate::again::{self, ActVersions, FilesRead, Repeated};
use crate::sources::InputSet;
use crate::task::Task;
use mucalc_core::domain::event::{Encounter, Message, MessageCodes, PortalAccess};
use mucalc_core::domain::input::InputRole;
use mucalc_core::ledger::Versions;
use mucalc_core::ledger::retained_rows::{
    RetainedAccess, RetainedEncounter, RetainedMessage, RetainedRows, RowOrigin,
};
use mucalc_read::entity::{accesses, encounters, messages};
use mucalc_read::locations::LocationTable;
use mucalc_read::{InputError, InputSource, ReadContext, ReadSummary, RowSink};

/// Which exports to read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ExportSelection {
    /// The exports of the denominator.
    Denominator,
    /// The exports of the numerator.
    Numerator,
    /// Both.
    All,
}

/// Decides whether a row is wanted, by its own id and the id of its patient.
pub type RowFilter<'w> = &'w (dyn Fn(Option<&[u8]>, &[u8]) -> bool + Sync);

/// The result of reading an input.
pub type ReadOutcome<'r> = (InputRole, &'r InputSource, ReadSummary);

/// Reads exports and returns the wanted rows, in the order of files and lines.
///
/// # Errors
/// If an export cannot be used.
pub fn rows<'s>(
    task: &Task,
    sources: &'s InputSet,
    places: &LocationTable,
    reading: &ReadContext<'_>,
    part: ExportSelection,
    is_wanted: RowFilter<'_>,
) -> Result<(RetainedRows, Vec<ReadOutcome<'s>>), InputError> {
    again::once_or_twice(|repeated| {
        let gathering = Gathering { is_wanted, all: Mutex::default() };
        let mut read = FilesRead::new(sources, &task.layout);
        let exports = Exports { task, sources, reading, repeated };
        let mut named = Vec::new();
        if part != ExportSelection::Numerator {
            named.extend(&sources.encounters);
            gathering.read_encounters(&exports, places, &mut read)?;
        }
        if part != ExportSelection::Denominator {
            named.extend(sources.messages.iter().chain(&sources.accesses));
            gathering.read_acts(&exports, &mut read)?;
        }
        let kept = gathering.finish(&exports, &mut read);
        let read_of =
            |(source, (role, summary)): (&'s InputSource, (InputRole, ReadSummary))| (role, source, summary);
        Ok(((kept, named.into_iter().zip(read.summaries).map(read_of).collect()), read.met))
    })
}

/// The exports to collect rows from, and how to read them.
struct Exports<'g, 'l> {
    task: &'l Task,
    sources: &'g InputSet,
    reading: &'g ReadContext<'g>,
    repeated: Option<&'g Repeated>,
}

/// Collects rows. A row whose record may have several versions waits until these are resolved, and is filtered only then.
struct Gathering<'g> {
    is_wanted: RowFilter<'g>,
    all: Mutex<Gathered>,
}

impl Gathering<'_> {
    fn read_encounters<'l>(
        &self,
        of: &Exports<'_, 'l>,
        places: &LocationTable,
        read: &mut FilesRead,
    ) -> Result<(), InputError> {
        for (file, source) in (0..).zip(&of.sources.encounters) {
            let reading = again::reading(of.reading, of.repeated, InputRole::Encounters, file as usize);
            let sink = FileSink { gathering: self, file, reading: &reading };
            let summary = encounters::read(source, &reading, &of.task.layout, places, &sink)?;
            read.add(InputRole::Encounters, source, summary, file)?;
        }
        Ok(())
    }

    fn read_acts<'l>(&self, of: &Exports<'_, 'l>, read: &mut FilesRead) -> Result<(), InputError> {
        let Task { layout, channels, .. } = of.task;
        for (file, source) in (0..).zip(&of.sources.messages) {
            let reading = again::reading(of.reading, of.repeated, InputRole::Messages, file as usize);
            let sink = FileSink { gathering: self, file, reading: &reading };
            let summary = messages::read(source, &reading, layout, channels, &sink)?;
            read.add(InputRole::Messages, source, summary, file)?;
        }
        for (own_file, source) in of.sources.accesses.iter().enumerate() {
            let reading = again::reading(of.reading, of.repeated, InputRole::Accesses, own_file);
            // Access files are numbered after message files.
            let file = (of.sources.messages.len() + own_file) as u32;
            let sink = FileSink { gathering: self, file, reading: &reading };
            let summary = accesses::read(source, &reading, layout, &sink)?;
            read.add(InputRole::Accesses, source, summary, file)?;
        }
        Ok(())
    }

    /// Returns the wanted rows, including those of resolved records.
    fn finish(self, of: &Exports<'_, '_>, read: &mut FilesRead) -> RetainedRows {
        let Gathered { parts, mut encounters, mut acts, .. } =
            self.all.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (role, lost, file) in read.lost_versions() {
            match role {
                InputRole::Encounters => encounters.add_lost(lost, file),
                _ => acts.add_lost(role, lost, file),
            }
        }
        let (repeated, choice) = (of.repeated, of.task.versions);
        let encounters = again::resolved(repeated, InputRole::Encounters, 0, encounters, choice).into_rows();
        let messages = again::resolved(repeated, InputRole::Messages, 0, acts.messages, choice).into_rows();
        let accesses =
            again::resolved(repeated, InputRole::Accesses, of.sources.messages.len(), acts.accesses, choice)
                .into_rows();
        let is_kept = |at: &RowOrigin| (self.is_wanted)(at.id.as_deref(), at.patient());
        let mut kept = RetainedRows::from_parts(parts);
        kept.encounters.extend(encounters.filter(|row| is_kept(&row.at)));
        kept.messages.extend(messages.filter(|row| is_kept(&row.at)));
        kept.accesses.extend(accesses.filter(|row| is_kept(&row.at)));
        kept.sort();
        kept
    }
}

/// Receives the rows of a file.
struct FileSink<'f, 'g> {
    gathering: &'f Gathering<'g>,
    file: u32,
    reading: &'f ReadContext<'f>,
}

impl RowSink for FileSink<'_, '_> {
    type Batch = Gathered;
    type Memo = ();

    fn batch(&self) -> Gathered {
        Gathered::default()
    }

    fn memo(&self, _words: &MessageCodes) {}

    fn encounter(&self, batch: &mut Gathered, encounter: &Encounter<'_>) {
        if self.reading.may_repeat(encounter.id) {
            batch.encounters.add(RetainedEncounter::new(self.file, encounter), encounter.version);
        } else if (self.gathering.is_wanted)(encounter.id, encounter.patient) {
            batch.kept.add_encounter(RetainedEncounter::new(self.file, encounter));
        }
    }

    fn message(&self, batch: &mut Gathered, message: &Message<'_>, (): &()) {
        if self.reading.may_repeat(message.act.id) {
            batch.acts.messages.add(RetainedMessage::new(self.file, message), message.act.version);
        } else if (self.gathering.is_wanted)(message.act.id, message.act.patient) {
            batch.kept.add_message(RetainedMessage::new(self.file, message));
        }
    }

    fn access(&self, batch: &mut Gathered, access: &PortalAccess<'_>) {
        if self.reading.may_repeat(access.act.id) {
            batch.acts.accesses.add(RetainedAccess::new(self.file, access), access.act.version);
        } else if (self.gathering.is_wanted)(access.act.id, access.act.patient) {
            batch.kept.add_access(RetainedAccess::new(self.file, access));
        }
    }

    fn merge(&self, batch: Gathered) {
        self.gathering.all.lock().unwrap_or_else(PoisonError::into_inner).merge(batch);
    }
}

/// Collected rows.
#[derive(Default)]
struct Gathered {
    kept: RetainedRows,
    /// Rows that merged parts kept.
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
