//! One pass over the encounters: evaluates each row under every rule set, or keeps it for later if its record has several versions.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::again::{self, FilesRead, Repeated};
use crate::context::Context;
use crate::observations::Observations;
use mucalc_core::domain::event::{Encounter, MessageCodes};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::roster::Roster;
use mucalc_core::ledger::retained_rows::RetainedEncounter;
use mucalc_core::ledger::{
    CollectOptions, DenominatorBatch, DenominatorBuilder, OneRecord, Resolved, Versions,
};
use mucalc_read::entity::encounters;
use mucalc_read::locations::LocationTable;
use mucalc_read::{InputError, ReadContext, RowSink};

/// One pass over the encounters.
pub(super) struct DenominatorPass<'p, 'l> {
    run: &'p Context<'l>,
    /// Repeated record ids. Their rows wait until it is known which version is the record.
    repeated: Option<&'p Repeated>,
    builders: Vec<DenominatorBuilder>,
    aside: Mutex<Aside>,
}

/// What is not evaluated immediately.
#[derive(Default)]
struct Aside {
    passed: Observations,
    versions: Versions<RetainedEncounter>,
}

/// A part of the encounters, under each rule set.
pub(super) struct Batch {
    batches: Vec<DenominatorBatch>,
    aside: Aside,
}

impl<'p, 'l> DenominatorPass<'p, 'l> {
    /// Starts a pass that has read nothing, with the providers of a roster.
    pub fn new(run: &'p Context<'l>, roster: Option<&Roster>, repeated: Option<&'p Repeated>) -> Self {
        let wants = run.wants;
        let keep = CollectOptions {
            evidence: wants.evidence,
            days: wants.days,
            by_provider: run.by_provider(),
            declared: run.task.id_rules.folding,
        };
        let builders: Vec<DenominatorBuilder> =
            run.laws.iter().map(|law| DenominatorBuilder::new(law, keep)).collect();
        for provider in roster.into_iter().flat_map(Roster::keys) {
            builders.iter().for_each(|builder| builder.list(provider));
        }
        Self { run, repeated, builders, aside: Mutex::default() }
    }

    /// Reads all files of encounters.
    ///
    /// # Errors
    /// If an export cannot be used.
    pub fn read(&self, places: &LocationTable, read: &mut FilesRead) -> Result<(), InputError> {
        let layout = &self.run.task.layout;
        for (file, source) in (0..).zip(&self.run.sources.encounters) {
            let reading =
                again::reading(self.run.reading, self.repeated, InputRole::Encounters, file as usize);
            let sink = FileSink { pass: self, file, reading: &reading };
            let summary = encounters::read_specialized(source, &reading, layout, places, &sink)?;
            read.add(InputRole::Encounters, source, summary, file)?;
        }
        read.close(InputRole::Encounters);
        Ok(())
    }

    /// Evaluates the records that may have several versions in the exports.
    pub fn resolve(&self, read: &mut FilesRead) -> Resolved<RetainedEncounter> {
        let wants = self.run.wants;
        let mut versions =
            std::mem::take(&mut self.aside.lock().unwrap_or_else(PoisonError::into_inner).versions);
        let in_time = read.lost_versions().filter(|(_, lost, _)| wants.is_in_time(lost.row.day()));
        in_time.for_each(|(_, lost, file)| versions.add_lost(lost, file));
        let resolved =
            again::resolved(self.repeated, InputRole::Encounters, 0, versions, self.run.task.versions);
        let mut batches: BTreeMap<u32, Batch> = BTreeMap::new();
        for record in resolved.all() {
            let batch = batches.entry(record.file()).or_insert_with(|| self.batch());
            self.evaluate_record(record, batch);
        }
        batches.into_iter().for_each(|(file, batch)| self.merge(batch, file));
        resolved
    }

    /// Returns the denominator under each rule set, and what was observed while rows were read.
    pub fn finish(self) -> (Vec<DenominatorBuilder>, Observations) {
        (self.builders, self.aside.into_inner().unwrap_or_else(PoisonError::into_inner).passed)
    }

    fn batch(&self) -> Batch {
        let both = self.builders.iter().zip(self.run.laws);
        Batch { batches: both.map(|(builder, law)| builder.part(law)).collect(), aside: Aside::default() }
    }

    fn merge(&self, Batch { batches, aside }: Batch, file: u32) {
        batches.into_iter().zip(&self.builders).for_each(|(batch, builder)| builder.collect(batch, file));
        let mut all = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        all.passed.merge(aside.passed);
        all.versions.merge(aside.versions);
    }

    #[inline(always)]
    fn evaluate(&self, encounter: &Encounter<'_>, batch: &mut Batch) {
        let wants = &self.run.wants;
        if batch.aside.passed.encounter(wants, encounter) {
            let both = batch.batches.iter_mut().zip(self.run.laws);
            both.for_each(|(batch, law)| batch.take(law, wants.evidence, encounter));
        }
    }

    fn evaluate_record(&self, record: OneRecord<'_, RetainedEncounter>, batch: &mut Batch) {
        let Context { wants, laws, .. } = *self.run;
        match record {
            OneRecord::Known(row) => self.evaluate(&row.event(), batch),
            OneRecord::Duplicate(row) => {
                let both = batch.batches.iter_mut().zip(laws);
                both.for_each(|(batch, law)| batch.take_duplicate(law, &row.event()));
            }
            OneRecord::Superseded(row) => {
                batch.batches.iter_mut().for_each(|batch| batch.take_superseded(&row.event()));
            }
            OneRecord::Unresolved(unresolved) => {
                let mut rows = unresolved.each(RetainedEncounter::event);
                rows.retain(|one| batch.aside.passed.encounter(&wants, &one.row));
                let both = batch.batches.iter_mut().zip(laws);
                both.for_each(|(batch, law)| {
                    batch.take_unresolved(law, wants.evidence, unresolved.versions, &rows);
                });
            }
        }
    }
}

/// Receives the encounters of a file.
struct FileSink<'f, 'p, 'l> {
    pass: &'f DenominatorPass<'p, 'l>,
    file: u32,
    reading: &'f ReadContext<'f>,
}

impl RowSink for FileSink<'_, '_, '_> {
    type Batch = Batch;
    type Memo = ();

    fn batch(&self) -> Batch {
        self.pass.batch()
    }

    fn memo(&self, _words: &MessageCodes) {}

    #[inline(always)]
    fn encounter(&self, batch: &mut Batch, encounter: &Encounter<'_>) {
        // Rows of later days are ignored as if they did not exist, also as versions.
        if self.reading.may_repeat(encounter.id) && self.pass.run.wants.is_in_time(encounter.day) {
            batch.aside.versions.add(RetainedEncounter::new(self.file, encounter), encounter.version);
        } else {
            self.pass.evaluate(encounter, batch);
        }
    }

    fn merge(&self, batch: Batch) {
        self.pass.merge(batch, self.file);
    }
}
