//! The encounters under each ruling: who was seen by whom.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::again::{self, FilesRead, MetIds, Repeated};
use crate::context::Context;
use crate::input_log::InputLog;
use crate::observations::Observations;
use crate::reference_data::ReferenceData;
use mucalc_core::domain::event::Encounter;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::unusable_row::{Unusable, UnusableRow};
use mucalc_core::ledger::retained_rows::RetainedEncounter;
use mucalc_core::ledger::{
    CollectOptions, DenominatorBatch, DenominatorBuilder, DenominatorResult, OneRecord, RowPlaces,
    UnusableByProvider, Versions, encounter_may_be_in,
};
use mucalc_read::entity::encounters;
use mucalc_read::locations::LocationTable;
use mucalc_read::{InputError, ReadSummary};

/// Judges who was seen under each ruling.
///
/// # Errors
/// When an export cannot be used.
pub(super) fn judged(
    run: &Context<'_>,
    beside: &ReferenceData,
    account: &mut InputLog,
    passed: &mut Observations,
) -> Result<(Vec<DenominatorResult>, Vec<UnusableByProvider>), InputError> {
    let (task, sources) = (run.task, &run.sources.encounters);
    let places = beside.places(task, run.rulings);
    let Judged { seeing, passed: noticed, lost, has_lost, summaries, contradictions } =
        again::once_or_twice(|repeated| judge(run, beside, &places, repeated))?;
    passed.merge(noticed);
    for (source, (_, summary)) in sources.iter().zip(&summaries) {
        account.add(InputRole::Encounters, source, summary, &task.layout);
        account.miss_places(summary, &places);
    }
    account.check_not_all_skipped(InputRole::Encounters)?;
    account.contradict("encounter_id", sources.iter(), &contradictions);
    let leaves_out = task.unusable == UnusableChoice::Ignore && has_lost;
    let finished = seeing.into_iter().zip(run.laws).map(|(seeing, law)| {
        let may_be_in = |row: &UnusableRow| encounter_may_be_in(law, row);
        // A provider is listed for being named, also by an encounter that names no patient.
        let named = lost.rows().filter_map(|(row, _)| row.provider());
        named.for_each(|provider| seeing.name(&String::from_utf8_lossy(provider)));
        let seen = seeing.finish(task.threads);
        let mut unusable = UnusableByProvider::default();
        unusable.add_encounters(&lost, &seen.ledger.pairs, may_be_in);
        unusable.add_to_gate(&lost, &seen.ledger.pairs, law);
        unusable.leaves_out_encounters = leaves_out;
        (seen, unusable)
    });
    Ok(finished.unzip())
}

/// What came of reading the encounters.
struct Judged {
    seeing: Vec<DenominatorBuilder>,
    passed: Observations,
    lost: Unusable,
    /// Whether rows were unusable, also those that the result does not allow for.
    has_lost: bool,
    summaries: Vec<(InputRole, ReadSummary)>,
    contradictions: RowPlaces,
}

/// A part of the encounters under each ruling.
struct Part {
    parts: Vec<DenominatorBatch>,
    passed: Observations,
    versions: Versions<RetainedEncounter>,
}

/// Reads the encounters. Rows with ids of records that are repeated are put aside, and judged when it is known which are the records.
fn judge<'r>(
    run: &Context<'r>,
    beside: &ReferenceData,
    places: &LocationTable,
    repeated: Option<&Repeated<'r>>,
) -> Result<(Judged, MetIds<'r>), InputError> {
    let (laws, wants, layout) = (run.laws, run.wants, &run.task.layout);
    let keep = CollectOptions { evidence: wants.evidence, days: wants.days, by_provider: run.by_provider() };
    let seeing: Vec<DenominatorBuilder> = laws.iter().map(|law| DenominatorBuilder::new(law, keep)).collect();
    for provider in beside.roster().into_iter().flat_map(Roster::keys) {
        seeing.iter().for_each(|seeing| seeing.list(provider));
    }
    let part = || Part {
        parts: seeing.iter().zip(laws).map(|(seeing, law)| seeing.part(law)).collect(),
        passed: Observations::default(),
        versions: Versions::default(),
    };
    let take = |part: &mut Part, encounter: &Encounter<'_>| {
        if part.passed.encounter(&wants, encounter) {
            let parts = part.parts.iter_mut().zip(laws);
            parts.for_each(|(part, law)| part.take(law, wants.evidence, encounter));
        }
    };
    let aside = Mutex::new((Observations::default(), Versions::default()));
    let collect = |part: Part, file: u32| {
        part.parts.into_iter().zip(&seeing).for_each(|(part, seeing)| seeing.collect(part, file));
        let mut aside = aside.lock().unwrap_or_else(PoisonError::into_inner);
        aside.0.merge(part.passed);
        aside.1.merge(part.versions);
    };
    let (mut read, mut lost, mut has_lost) = (FilesRead::new(layout), Unusable::default(), false);
    for (file, source) in (0..).zip(&run.sources.encounters) {
        let reading = again::reading(run.reading, repeated, InputRole::Encounters, file as usize);
        // Rows of later days are left out as if they were not there, also as versions.
        let is_aside = |of: &Encounter<'_>| reading.may_repeat(of.id) && wants.is_in_time(of.day);
        let take = |part: &mut Part, encounter: &Encounter<'_>| match is_aside(encounter) {
            true => part.versions.add(RetainedEncounter::new(file, encounter), encounter.version),
            false => take(part, encounter),
        };
        let collect = |part| collect(part, file);
        let summary = encounters::read_quickly(source, &reading, layout, places, part, take, collect)?;
        read.add(InputRole::Encounters, source, summary, file)?;
    }
    read.close(InputRole::Encounters);
    for (_, summary) in &read.summaries {
        has_lost |= !summary.notes.unusable.is_empty();
        run.lose(&mut lost, summary.notes.unusable.clone());
    }
    let mut versions = std::mem::take(&mut aside.lock().unwrap_or_else(PoisonError::into_inner).1);
    let in_time = read.lost_versions().filter(|(_, lost, _)| wants.is_in_time(lost.row.day()));
    in_time.for_each(|(_, lost, file)| versions.add_lost(lost, file));
    let resolved = again::resolved(repeated, InputRole::Encounters, versions, run.task.versions);
    let mut parts: BTreeMap<u32, Part> = BTreeMap::new();
    for record in resolved.all() {
        let part = parts.entry(record.file()).or_insert_with(part);
        match record {
            OneRecord::Known(row) => take(part, &row.event()),
            OneRecord::Duplicate(row) => {
                let parts = part.parts.iter_mut().zip(laws);
                parts.for_each(|(part, law)| part.take_duplicate(law, &row.event()));
            }
            OneRecord::Superseded(row) => {
                part.parts.iter_mut().for_each(|part| part.take_superseded(&row.event()));
            }
            OneRecord::Unresolved(unresolved) => {
                let mut rows = unresolved.each(RetainedEncounter::event);
                rows.retain(|one| part.passed.encounter(&wants, &one.row));
                let parts = part.parts.iter_mut().zip(laws);
                parts.for_each(|(part, law)| {
                    part.take_unresolved(law, wants.evidence, unresolved.versions, &rows);
                });
            }
        }
    }
    parts.into_iter().for_each(|(file, part)| collect(part, file));
    has_lost |= !resolved.lost.is_empty();
    run.lose(&mut lost, resolved.lost);
    let passed = aside.into_inner().unwrap_or_else(PoisonError::into_inner).0;
    let contradictions = resolved.contradictions;
    Ok((Judged { seeing, passed, lost, has_lost, summaries: read.summaries, contradictions }, read.met))
}
