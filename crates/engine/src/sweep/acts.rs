//! Evaluates the messages and accesses of a sweep: on which days they reach which pairs of provider and patient.

use std::sync::{Mutex, PoisonError};

use super::inputs::Inputs;
use crate::again::{self, ActVersions, FilesRead, MetIds, Repeated};
use crate::input_log::InputLog;
use mucalc_core::domain::event::{Message, MessageCodes, PortalAccess};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::ledger::retained_rows::{RetainedAccess, RetainedMessage};
use mucalc_core::ledger::sweep::{EventLog, SweepBatch, SweepContext, UnseenNotes};
use mucalc_core::ledger::{OneRecord, Resolved};
use mucalc_read::entity::{accesses, messages};
use mucalc_read::{InputError, ReadContext, ReadSummary, RowSink};

/// Reads messages and accesses into the event log. Returns the unusable rows of the kind that the numerator counts.
///
/// # Errors
/// If an export cannot be used.
pub(super) fn read(
    inputs: &Inputs<'_>,
    sweeping: &SweepContext<'_>,
    notebook: &EventLog,
    unseen: &UnseenNotes,
    account: &mut InputLog,
) -> Result<Unusable, InputError> {
    let Inputs { task, sources, .. } = *inputs;
    let counts_messages = task.primary_measure().counts_messages();
    let Read { summaries, messages, accesses } = again::once_or_twice(|repeated| {
        // A second read starts from nothing.
        notebook.forget();
        unseen.forget();
        evaluate_acts(inputs, sweeping, notebook, repeated)
    })?;
    let mut lost = Unusable::default();
    let files = sources.messages.iter().chain(&sources.accesses);
    for (source, (role, summary)) in files.zip(summaries) {
        account.add(role, source, &summary, &task.layout);
        if counts_messages == (role == InputRole::Messages) {
            inputs.lose(&mut lost, summary.notes.unusable);
        }
    }
    account.contradict("message_id", sources.messages.iter(), &messages.contradictions);
    account.contradict("access_id", sources.accesses.iter(), &accesses.contradictions);
    inputs.lose(&mut lost, if counts_messages { messages.lost } else { accesses.lost });
    Ok(lost)
}

/// The result of reading messages and accesses once.
struct Read {
    summaries: Vec<(InputRole, ReadSummary)>,
    messages: Resolved<RetainedMessage>,
    accesses: Resolved<RetainedAccess>,
}

/// The result of one chunk: events, and versions of records.
type Batch = (SweepBatch, ActVersions);

/// Reads messages and accesses, and records which pairs they reach on which days.
fn evaluate_acts<'l>(
    inputs: &Inputs<'l>,
    sweeping: &SweepContext<'_>,
    notebook: &EventLog,
    repeated: Option<&Repeated>,
) -> Result<(Read, MetIds), InputError> {
    let Inputs { task, sources, reading, .. } = *inputs;
    let (mut read, versions) = (FilesRead::new(sources, &task.layout), Mutex::new(ActVersions::default()));
    for (file, source) in (0..).zip(&sources.messages) {
        let reading = again::reading(reading, repeated, InputRole::Messages, file as usize);
        let sink = ActSink { sweeping, notebook, versions: &versions, file, reading: &reading };
        let summary = messages::read(source, &reading, &task.layout, &task.channels, &sink)?;
        read.add(InputRole::Messages, source, summary, file)?;
    }
    for (file, source) in (0..).zip(&sources.accesses) {
        let reading = again::reading(reading, repeated, InputRole::Accesses, file as usize);
        let sink = ActSink { sweeping, notebook, versions: &versions, file, reading: &reading };
        let summary = accesses::read(source, &reading, &task.layout, &sink)?;
        read.add(InputRole::Accesses, source, summary, file)?;
    }
    [InputRole::Messages, InputRole::Accesses].into_iter().for_each(|role| read.close(role));
    let mut versions = versions.into_inner().unwrap_or_else(PoisonError::into_inner);
    read.lost_versions().for_each(|(role, lost, file)| versions.add_lost(role, lost, file));
    let ActVersions { messages, accesses } = versions;
    let messages = again::resolved(repeated, InputRole::Messages, 0, messages, task.versions);
    let accesses =
        again::resolved(repeated, InputRole::Accesses, sources.messages.len(), accesses, task.versions);
    note_records(sweeping, notebook, &messages, &accesses);
    Ok((Read { summaries: read.summaries, messages, accesses }, read.met))
}

/// Receives the messages or accesses of a file.
struct ActSink<'v, 'c> {
    sweeping: &'v SweepContext<'c>,
    notebook: &'v EventLog,
    versions: &'v Mutex<ActVersions>,
    file: u32,
    reading: &'v ReadContext<'v>,
}

impl RowSink for ActSink<'_, '_> {
    type Batch = Batch;
    type Memo = ();

    fn batch(&self) -> Batch {
        (SweepBatch::new(), ActVersions::default())
    }

    fn memo(&self, _words: &MessageCodes) {}

    fn message(&self, (part, versions): &mut Batch, message: &Message<'_>, (): &()) {
        match self.reading.may_repeat(message.act.id) {
            true => versions.messages.add(RetainedMessage::new(self.file, message), message.act.version),
            false => part.message(self.sweeping, message),
        }
    }

    fn access(&self, (part, versions): &mut Batch, access: &PortalAccess<'_>) {
        match self.reading.may_repeat(access.act.id) {
            true => versions.accesses.add(RetainedAccess::new(self.file, access), access.act.version),
            false => part.access(self.sweeping, access),
        }
    }

    fn merge(&self, (part, versions): Batch) {
        part.reach(self.sweeping, self.notebook);
        self.versions.lock().unwrap_or_else(PoisonError::into_inner).merge(versions);
    }
}

/// Evaluates the records that may have several versions in the exports.
fn note_records(
    sweeping: &SweepContext<'_>,
    notebook: &EventLog,
    messages: &Resolved<RetainedMessage>,
    accesses: &Resolved<RetainedAccess>,
) {
    for record in messages.all() {
        let mut part = SweepBatch::new();
        match record {
            OneRecord::Known(row) => part.message(sweeping, &row.event()),
            OneRecord::Unresolved(record) => {
                part.unresolved_messages(sweeping, record.versions, &record.each(RetainedMessage::event));
            }
            OneRecord::Duplicate(_) | OneRecord::Superseded(_) => {}
        }
        part.reach(sweeping, notebook);
    }
    for record in accesses.all() {
        let mut part = SweepBatch::new();
        match record {
            OneRecord::Known(row) => part.access(sweeping, &row.event()),
            OneRecord::Unresolved(record) => {
                part.unresolved_accesses(sweeping, record.versions, &record.each(RetainedAccess::event));
            }
            OneRecord::Duplicate(_) | OneRecord::Superseded(_) => {}
        }
        part.reach(sweeping, notebook);
    }
}
