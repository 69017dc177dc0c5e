//! Evaluates the encounters of a sweep: which provider has seen which patient, on which days.

use std::sync::{Mutex, PoisonError};

use super::inputs::Inputs;
use crate::again::{self, FilesRead, MetIds, Repeated};
use crate::input_log::InputLog;
use crate::reference_data::ReferenceData;
use mucalc_core::domain::event::{Encounter, MessageCodes};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::ledger::retained_rows::RetainedEncounter;
use mucalc_core::ledger::sweep::{DaySet, DenominatorEvent};
use mucalc_core::ledger::{
    CollectOptions, CompiledMeasure, DenominatorBatch, DenominatorBuilder, DenominatorResult, Ledger,
    OneRecord, Resolved, Versions,
};
use mucalc_read::entity::encounters;
use mucalc_read::locations::LocationTable;
use mucalc_read::{InputError, ReadContext, ReadSummary, RowSink};

/// The result of evaluating the encounters.
pub(super) struct Visits {
    pub ledger: Ledger,
    /// Day of each encounter that may qualify.
    pub days: Vec<DenominatorEvent>,
    pub lost: Unusable,
    /// Days on which the exports have rows.
    pub with_rows: DaySet,
}

/// Reads the encounters.
///
/// # Errors
/// If an export cannot be used.
pub(super) fn read(
    inputs: &Inputs<'_>,
    beside: &ReferenceData,
    account: &mut InputLog,
) -> Result<Visits, InputError> {
    let Inputs { task, sources, .. } = *inputs;
    // A sweep does not evaluate exclusions, so counties are checked as for a report, but not used.
    let places = LocationTable { counties: None, ..beside.places(task, &task.rulings) };
    let with_rows = Mutex::new(DaySet::default());
    let (seeing, summaries, resolved) =
        again::once_or_twice(|repeated| evaluate_visits(inputs, beside, &places, &with_rows, repeated))?;
    let mut lost = Unusable::default();
    for (source, (_, summary)) in sources.encounters.iter().zip(summaries) {
        account.add(InputRole::Encounters, source, &summary, &task.layout);
        account.note_unknown_locations(&summary, &places);
        inputs.lose(&mut lost, summary.notes.unusable);
    }
    account.contradict("encounter_id", sources.encounters.iter(), &resolved.contradictions);
    inputs.lose(&mut lost, resolved.lost);
    // Every provider that a row names is listed, even if the row is unusable because it names no patient.
    let named = lost.rows().filter_map(|(row, _)| row.provider());
    named.for_each(|provider| seeing.name(&String::from_utf8_lossy(provider)));
    let DenominatorResult { ledger, days, .. } = seeing.finish(task.threads);
    let with_rows = with_rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Visits { ledger, days, lost, with_rows })
}

/// The result of reading the encounters once.
type Read = (DenominatorBuilder, Vec<(InputRole, ReadSummary)>, Resolved<RetainedEncounter>);

/// The result of one chunk: the denominator, versions of records, and the days with rows.
type Batch = (DenominatorBatch, Versions<RetainedEncounter>, DaySet);

/// Reads and evaluates the encounters. Rows with repeated record ids wait until it is known which version is the record.
fn evaluate_visits<'l>(
    inputs: &Inputs<'l>,
    beside: &ReferenceData,
    places: &LocationTable,
    with_rows: &Mutex<DaySet>,
    repeated: Option<&Repeated>,
) -> Result<(Read, MetIds), InputError> {
    let Inputs { task, sources, reading, law } = *inputs;
    let declared = task.id_rules.folding;
    let keep = CollectOptions { days: true, declared, ..CollectOptions::default() };
    let seeing = DenominatorBuilder::new(law, keep);
    beside.roster().into_iter().flat_map(Roster::keys).for_each(|provider| seeing.list(provider));
    let (mut read, versions) = (FilesRead::new(sources, &task.layout), Mutex::new(Versions::default()));
    for (file, source) in (0..).zip(&sources.encounters) {
        let reading = again::reading(reading, repeated, InputRole::Encounters, file as usize);
        let sink =
            VisitSink { law, seeing: &seeing, versions: &versions, with_rows, file, reading: &reading };
        let summary = encounters::read(source, &reading, &task.layout, places, &sink)?;
        read.add(InputRole::Encounters, source, summary, file)?;
    }
    read.close(InputRole::Encounters);
    let mut versions = versions.into_inner().unwrap_or_else(PoisonError::into_inner);
    read.lost_versions().for_each(|(_, lost, file)| versions.add_lost(lost, file));
    let resolved = again::resolved(repeated, InputRole::Encounters, 0, versions, task.versions);
    for record in resolved.all() {
        let mut part = seeing.part(law);
        let file = record.file();
        match record {
            OneRecord::Known(row) => part.take(law, false, &row.event()),
            OneRecord::Duplicate(row) => part.take_duplicate(law, &row.event()),
            OneRecord::Superseded(row) => part.take_superseded(&row.event()),
            OneRecord::Unresolved(record) => {
                part.take_unresolved(law, false, record.versions, &record.each(RetainedEncounter::event));
            }
        }
        seeing.collect(part, file);
    }
    Ok(((seeing, read.summaries, resolved), read.met))
}

/// Receives the encounters of a file.
struct VisitSink<'v> {
    law: &'v CompiledMeasure,
    seeing: &'v DenominatorBuilder,
    versions: &'v Mutex<Versions<RetainedEncounter>>,
    with_rows: &'v Mutex<DaySet>,
    file: u32,
    reading: &'v ReadContext<'v>,
}

impl RowSink for VisitSink<'_> {
    type Batch = Batch;
    type Memo = ();

    fn batch(&self) -> Batch {
        (self.seeing.part(self.law), Versions::default(), DaySet::default())
    }

    fn memo(&self, _words: &MessageCodes) {}

    fn encounter(&self, (part, versions, days): &mut Batch, encounter: &Encounter<'_>) {
        // A future appointment does not mean that the export covers its day.
        if encounter.words.status.may_have_been_held() {
            encounter.day.into_iter().for_each(|day| days.add(day));
        }
        match self.reading.may_repeat(encounter.id) {
            true => versions.add(RetainedEncounter::new(self.file, encounter), encounter.version),
            false => part.take(self.law, false, encounter),
        }
    }

    fn merge(&self, (part, versions, days): Batch) {
        self.seeing.collect(part, self.file);
        self.versions.lock().unwrap_or_else(PoisonError::into_inner).merge(versions);
        self.with_rows.lock().unwrap_or_else(PoisonError::into_inner).merge(&days);
    }
}
