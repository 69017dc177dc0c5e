//! One pass over messages and accesses: evaluates each row under every rule set, or keeps it for later if its record has several versions.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::again::{self, ActVersions, FilesRead, Repeated};
use crate::context::Context;
use crate::correspondence::Noted;
use crate::observations::Observations;
use mucalc_core::domain::event::{Message, MessageCodes, NumeratorEvent, PortalAccess};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::domain::words::{Certified, DayRelation, MessageParty, MessageStatus};
use mucalc_core::edition::TableCell;
use mucalc_core::ledger::retained_rows::{ActRow, RetainedAccess, RetainedMessage};
use mucalc_core::ledger::{
    CellsByDay, CompiledMeasure, NumeratorBatch, NumeratorContext, NumeratorState, OneRecord, Resolved,
    RowPlaces, RuleCounts, VersionRow,
};
use mucalc_read::entity::{accesses, messages};
use mucalc_read::{InputError, InputSource, ReadContext, ReadSummary, RowSink};

/// One pass over the messages and accesses.
pub(super) struct Pass<'p, 'w, 'l> {
    run: &'p Context<'l>,
    /// Repeated record ids. Their rows wait until it is known which version is the record.
    repeated: Option<&'p Repeated>,
    writings: &'p [NumeratorContext<'w>],
    results: &'p Results<'w>,
    aside: Mutex<Aside>,
}

/// A part of the messages and accesses, under each rule set.
#[derive(Default)]
struct Part {
    parts: Vec<NumeratorBatch>,
    aside: Aside,
}

/// What is not evaluated immediately.
#[derive(Default)]
struct Aside {
    passed: Observations,
    versions: ActVersions,
}

/// The results under each rule set. Several threads add parts to them.
pub(super) type Results<'w> = Vec<Mutex<(&'w mut NumeratorState, RuleCounts)>>;

/// The result of evaluating records with several versions.
pub(super) struct OfVersions {
    /// Unusable rows that can affect a result.
    pub lost: Unusable,
    /// Location of the second version of each unresolved record.
    pub contradictions: RowPlaces,
}

impl<'p, 'w, 'l> Pass<'p, 'w, 'l> {
    /// Creates a pass that has read nothing.
    pub fn new(
        run: &'p Context<'l>,
        repeated: Option<&'p Repeated>,
        writings: &'p [NumeratorContext<'w>],
        results: &'p Results<'w>,
    ) -> Self {
        Self { run, repeated, writings, results, aside: Mutex::default() }
    }

    /// Reads all files of messages.
    ///
    /// # Errors
    /// If an export cannot be used.
    pub fn read_messages(&self, read: &mut FilesRead) -> Result<(), InputError> {
        for (file, source) in (0..).zip(&self.run.sources.messages) {
            let reading = again::reading(self.run.reading, self.repeated, InputRole::Messages, file as usize);
            let summary = match (self.run.laws, self.writings) {
                // The usual case has its own code, which the compiler can optimize better.
                ([law], [writing]) if !self.run.wants.asks_messages() && reading.repeated.is_none() => {
                    self.read_usual_messages(file, source, &reading, law, writing)?
                }
                _ => self.read_any_messages(file, source, &reading)?,
            };
            read.add(InputRole::Messages, source, summary, file)?;
        }
        Ok(())
    }

    /// Reads messages for a single rule set, when nothing else is needed of them.
    fn read_usual_messages(
        &self,
        file: u32,
        source: &InputSource,
        reading: &ReadContext<'_>,
        law: &CompiledMeasure,
        writing: &NumeratorContext<'w>,
    ) -> Result<ReadSummary, InputError> {
        let (layout, channels) = (&self.run.task.layout, &self.run.task.channels);
        let sink = UsualSink { law, writing, tally: self.run.tally(law), result: &self.results[0], file };
        messages::read_specialized(source, reading, layout, channels, &sink)
    }

    fn read_any_messages(
        &self,
        file: u32,
        source: &InputSource,
        reading: &ReadContext<'_>,
    ) -> Result<ReadSummary, InputError> {
        let (layout, channels) = (&self.run.task.layout, &self.run.task.channels);
        messages::read(source, reading, layout, channels, &FileSink { pass: self, file, reading })
    }

    /// Reads all files of accesses.
    ///
    /// # Errors
    /// If an export cannot be used.
    pub fn read_accesses(&self, read: &mut FilesRead) -> Result<(), InputError> {
        let Context { sources, task, .. } = *self.run;
        for (own_file, source) in sources.accesses.iter().enumerate() {
            let reading = again::reading(self.run.reading, self.repeated, InputRole::Accesses, own_file);
            // Access files are numbered after message files.
            let file = (sources.messages.len() + own_file) as u32;
            let sink = FileSink { pass: self, file, reading: &reading };
            let summary = accesses::read(source, &reading, &task.layout, &sink)?;
            read.add(InputRole::Accesses, source, summary, file)?;
        }
        Ok(())
    }

    /// Evaluates the records that were kept for later: messages, and accesses.
    pub fn resolve(&self, read: &mut FilesRead) -> [OfVersions; 2] {
        let wants = self.run.wants;
        let mut versions =
            std::mem::take(&mut self.aside.lock().unwrap_or_else(PoisonError::into_inner).versions);
        let in_time = read.lost_versions().filter(|(_, lost, _)| wants.is_in_time(lost.row.day()));
        in_time.for_each(|(role, lost, file)| versions.add_lost(role, lost, file));
        let (ActVersions { messages, accesses }, choice) = (versions, self.run.task.versions);
        let messages = again::resolved(self.repeated, InputRole::Messages, 0, messages, choice);
        let accesses = again::resolved(
            self.repeated,
            InputRole::Accesses,
            self.run.sources.messages.len(),
            accesses,
            choice,
        );
        self.evaluate_versions(&messages, InputRole::Messages, |law, row| law.message(&row.event()));
        self.evaluate_versions(&accesses, InputRole::Accesses, |law, row| law.access(&row.event()));
        [
            OfVersions { lost: messages.lost, contradictions: messages.contradictions },
            OfVersions { lost: accesses.lost, contradictions: accesses.contradictions },
        ]
    }

    /// Returns what was observed while rows were read.
    pub fn finish(self) -> Observations {
        self.aside.into_inner().unwrap_or_else(PoisonError::into_inner).passed
    }

    /// Returns an empty part.
    fn part(&self) -> Part {
        let both = self.run.laws.iter().zip(self.writings);
        let parts = both.map(|(law, writing)| NumeratorBatch::new(self.run.tally(law), writing)).collect();
        Part { parts, aside: Aside::default() }
    }

    /// Adds a part of a file to the ledgers.
    fn collect(&self, Part { parts, aside }: Part, file: u32) {
        for ((part, writing), result) in parts.into_iter().zip(self.writings).zip(self.results) {
            put(part, writing, result, file);
        }
        let mut all = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        all.passed.merge(aside.passed);
        all.versions.merge(aside.versions);
    }

    /// Returns whether a row is evaluated later. Rows of later days are ignored as if they did not exist, also as versions.
    fn is_aside(&self, reading: &ReadContext<'_>, act: &NumeratorEvent<'_>) -> bool {
        reading.may_repeat(act.id) && self.run.wants.is_in_time(act.day)
    }

    /// Adds a row of a kind to a part. `cell` returns the cell of a rule set for it.
    fn evaluate_rows(
        &self,
        part: &mut Part,
        role: InputRole,
        act: &NumeratorEvent<'_>,
        cell: &dyn Fn(&CompiledMeasure) -> TableCell,
    ) {
        if self.run.is_evaluated(&mut part.aside.passed, act, cell) {
            let asked = part.parts.iter_mut().zip(0..).filter(|(_, at)| self.run.asks(role, *at));
            for (part, ruling) in asked {
                part.take(&self.writings[ruling], cell(&self.run.laws[ruling]), *act);
            }
        }
    }

    /// Records who wrote to whom, if that is needed.
    fn note(&self, passed: &mut Observations, message: &Message<'_>, file: u32) {
        let Context { wants, laws, .. } = *self.run;
        let Some(law) = laws.first().filter(|_| wants.correspondence && wants.is_in_time(message.act.day))
        else {
            return;
        };
        let day = message.act.day;
        let certified = day.map(|day| law.channels.certified_on(message.words.channel, day));
        let may_be_certified = certified.is_none_or(|certified| certified != Certified::No);
        // An answer has the topic of the message: an answer about a bill may not qualify.
        let words = MessageCodes {
            status: MessageStatus::Sent,
            sender: MessageParty::Provider,
            recipient: MessageParty::Patient,
            ..message.words
        };
        let answer = law.message_at(&Message { words, ..*message }, DayRelation::Inside).answer;
        let noted = Noted { may_be_certified, answer_may_count: answer.is_possible() };
        passed.correspondence.note(message, noted, law.windows.span(), file);
    }

    /// Evaluates records that may have several versions in the exports.
    fn evaluate_versions<R: ActRow>(
        &self,
        resolved: &Resolved<R>,
        role: InputRole,
        cell: impl Fn(&CompiledMeasure, &R) -> TableCell,
    ) {
        let laws = self.run.laws;
        let rulings = || (0..laws.len()).filter(|ruling| self.run.asks(role, *ruling));
        let mut parts: BTreeMap<u32, Part> = BTreeMap::new();
        for record in resolved.all() {
            let part = parts.entry(record.file()).or_insert_with(|| self.part());
            match record {
                OneRecord::Known(row) => self.evaluate_rows(part, role, &row.act(), &|law| cell(law, row)),
                OneRecord::Duplicate(row) => rulings()
                    .for_each(|at| part.parts[at].take_duplicate(row.act().provider, cell(&laws[at], row))),
                OneRecord::Superseded(row) => {
                    rulings().for_each(|at| part.parts[at].take_superseded(row.act().provider));
                }
                OneRecord::Unresolved(record) => {
                    let rows = record.each(|row| row);
                    for one in &rows {
                        let cell = |law: &CompiledMeasure| cell(law, one.row);
                        self.run.is_evaluated(&mut part.aside.passed, &one.row.act(), &cell);
                    }
                    for at in rulings() {
                        let judged = rows.iter().map(|VersionRow { version, file, row }| VersionRow {
                            version: *version,
                            file: *file,
                            row: (row.act(), cell(&laws[at], row)),
                        });
                        let judged: Vec<_> = judged.collect();
                        part.parts[at].take_unresolved(&self.writings[at], record.versions, &judged);
                    }
                }
            }
        }
        parts.into_iter().for_each(|(file, part)| self.collect(part, file));
    }
}

/// Receives the messages of a file for a single rule set, when nothing else is needed of them.
struct UsualSink<'f, 'w> {
    law: &'f CompiledMeasure,
    writing: &'f NumeratorContext<'w>,
    /// Counts of the rules before any row.
    tally: RuleCounts,
    result: &'f Mutex<(&'w mut NumeratorState, RuleCounts)>,
    file: u32,
}

impl RowSink for UsualSink<'_, '_> {
    type Batch = NumeratorBatch;
    type Memo = CellsByDay;

    fn batch(&self) -> NumeratorBatch {
        NumeratorBatch::new(self.tally.clone(), self.writing)
    }

    fn memo(&self, words: &MessageCodes) -> CellsByDay {
        self.law.cells_for(words)
    }

    #[inline(always)]
    fn count_out(&self, batch: &mut NumeratorBatch, cells: &CellsByDay, day: Day) -> bool {
        batch.count_out(self.law, cells, day)
    }

    #[inline(always)]
    fn message(&self, batch: &mut NumeratorBatch, message: &Message<'_>, cells: &CellsByDay) {
        batch.message_by(self.writing, self.law, message, cells);
    }

    fn merge(&self, batch: NumeratorBatch) {
        put(batch, self.writing, self.result, self.file);
    }
}

/// Receives the messages or accesses of a file.
struct FileSink<'f, 'p, 'w, 'l> {
    pass: &'f Pass<'p, 'w, 'l>,
    file: u32,
    reading: &'f ReadContext<'f>,
}

impl RowSink for FileSink<'_, '_, '_, '_> {
    type Batch = Part;
    type Memo = ();

    fn batch(&self) -> Part {
        self.pass.part()
    }

    fn memo(&self, _words: &MessageCodes) {}

    fn message(&self, batch: &mut Part, message: &Message<'_>, (): &()) {
        self.pass.note(&mut batch.aside.passed, message, self.file);
        if self.pass.is_aside(self.reading, &message.act) {
            let versions = &mut batch.aside.versions.messages;
            versions.add(RetainedMessage::new(self.file, message), message.act.version);
        } else {
            self.pass.evaluate_rows(batch, InputRole::Messages, &message.act, &|law| law.message(message));
        }
    }

    fn access(&self, batch: &mut Part, access: &PortalAccess<'_>) {
        if self.pass.is_aside(self.reading, &access.act) {
            let versions = &mut batch.aside.versions.accesses;
            versions.add(RetainedAccess::new(self.file, access), access.act.version);
        } else {
            self.pass.evaluate_rows(batch, InputRole::Accesses, &access.act, &|law| law.access(access));
        }
    }

    fn merge(&self, batch: Part) {
        self.pass.collect(batch, self.file);
    }
}

/// Adds a part of a file to the ledger.
fn put(
    mut part: NumeratorBatch,
    writing: &NumeratorContext<'_>,
    result: &Mutex<(&mut NumeratorState, RuleCounts)>,
    file: u32,
) {
    part.reach(writing, file, |part| {
        let mut result = result.lock().unwrap_or_else(PoisonError::into_inner);
        let (written, tally) = &mut *result;
        part.apply(written, tally, file);
    });
}
