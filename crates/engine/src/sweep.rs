//! Every provider in every window of a span of days, in one pass over the data.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::account::InputLog;
use crate::again::{self, ActVersions, FilesRead, Repeated};
use crate::beside::ReferenceData;
use crate::sources::InputSet;
use crate::task::Task;
use mucalc_core::domain::assumption::Assumption;
use mucalc_core::domain::coverage::RecordedDays;
use mucalc_core::domain::event::{Encounter, Message, PortalAccess};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::Period;
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::score::MembershipCounts;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::ledger::retained_rows::{RetainedAccess, RetainedEncounter, RetainedMessage};
use mucalc_core::ledger::sweep::{
    DaySet, EventLog, SweepBatch, SweepContext, UnseenNotes, UnusableInWindows, WindowSet, WritersInWindows,
    scores,
};
use mucalc_core::ledger::{
    Adjudications, Attribution, CollectOptions, DenominatorBatch, DenominatorBuilder, DenominatorResult,
    KnownInputs, Ledger, OneRecord, Versions,
};
use mucalc_read::entity::accesses;
use mucalc_read::entity::encounters;
use mucalc_read::entity::messages;
use mucalc_read::locations::LocationTable;
use mucalc_read::{InputError, ReadContext};

/// What came of every window.
pub struct Scored {
    /// What was read, and what is to be found fault with.
    pub account: InputLog,
    /// What is taken for a fact about the exports.
    pub assumptions: Vec<Assumption>,
    /// Who was seen by whom.
    pub ledger: Ledger,
    /// The scores of each provider, by number.
    pub scores: HashMap<u32, Vec<MembershipCounts>>,
    /// Who saw patients in some window, by number.
    pub saw_patients: BTreeSet<u32>,
    /// What was read beside the exports.
    pub beside: ReferenceData,
    /// The days on which the encounter exports have rows.
    pub recorded: RecordedDays,
}

/// Reads the inputs once, and scores every provider in every window of a span of days.
///
/// # Errors
/// When an input cannot be used.
pub fn scored(
    task: &Task,
    sources: &InputSet,
    reading: &ReadContext<'_>,
    within: Period,
    frames: &WindowSet,
) -> Result<Scored, InputError> {
    let (layout, ruling) = (&task.layout, task.first_ruling());
    let channels = &task.channels;
    // Exclusions and the gate are no matter of a sweep.
    let law = task.law_in(ruling, within, KnownInputs::default());
    let beside = ReferenceData::read(sources, reading, task)?;
    let lines = beside.roster();
    // Exclusions are not swept, so counties are checked as in a report and asked for nothing.
    let places = LocationTable { counties: None, ..beside.places(task, &task.rulings) };
    let mut account = InputLog::default();
    let lose = |lost: &mut Unusable, unusable: Unusable| {
        if task.unusable == UnusableChoice::Bound {
            lost.merge(unusable);
        }
    };

    let keep = CollectOptions { days: true, ..CollectOptions::default() };
    let with_rows = Mutex::new(DaySet::default());
    let judge_encounters = |repeated: Option<&Repeated<'_>>| {
        let seeing = DenominatorBuilder::new(&law, keep);
        lines.into_iter().flat_map(Roster::keys).for_each(|provider| seeing.list(provider));
        let (mut read, versions) = (FilesRead::new(layout), Mutex::new(Versions::default()));
        for (file, source) in (0..).zip(&sources.encounters) {
            let reading = again::reading(reading, repeated, InputRole::Encounters, file as usize);
            let take = |(part, versions, days): &mut EncounterPart, encounter: &Encounter<'_>| {
                // Appointments that lie ahead cover no day.
                if encounter.words.status.may_have_been_held() {
                    encounter.day.into_iter().for_each(|day| days.add(day));
                }
                match reading.may_repeat(encounter.id) {
                    true => versions.add(RetainedEncounter::new(file, encounter), encounter.version),
                    false => part.take(&law, false, encounter),
                }
            };
            let collect = |(part, more, days): EncounterPart| {
                seeing.collect(part, file);
                locked(&versions).merge(more);
                locked(&with_rows).merge(&days);
            };
            let part = || (seeing.part(&law), Versions::default(), DaySet::default());
            let summary = encounters::read(source, &reading, layout, &places, part, take, collect)?;
            read.add(InputRole::Encounters, source, summary, file)?;
        }
        read.close(InputRole::Encounters);
        let mut versions = std::mem::take(&mut *locked(&versions));
        read.lost_versions().for_each(|(_, lost, file)| versions.add_lost(lost, file));
        let resolved = again::resolved(repeated, InputRole::Encounters, versions, task.versions);
        for record in resolved.all() {
            let mut part = seeing.part(&law);
            let file = record.file();
            match record {
                OneRecord::Known(row) => part.take(&law, false, &row.event()),
                OneRecord::Duplicate(row) => part.take_duplicate(&law, &row.event()),
                OneRecord::Superseded(row) => part.take_superseded(&row.event()),
                OneRecord::Unresolved(record) => {
                    part.take_unresolved(
                        &law,
                        false,
                        record.versions,
                        &record.each(RetainedEncounter::event),
                    );
                }
            }
            seeing.collect(part, file);
        }
        Ok(((seeing, read.summaries, resolved), read.met))
    };
    let (seeing, summaries, resolved) = again::once_or_twice(judge_encounters)?;
    let mut lost = Unusable::default();
    for (source, (_, summary)) in sources.encounters.iter().zip(summaries) {
        account.add(InputRole::Encounters, source, &summary, layout);
        account.miss_places(&summary, &places);
        lose(&mut lost, summary.notes.unusable);
    }
    account.contradict("encounter_id", sources.encounters.iter(), &resolved.contradictions);
    lose(&mut lost, resolved.lost);
    // A provider is listed for being named, also by an encounter that names no patient.
    let named = lost.rows().filter_map(|(row, _)| row.provider());
    named.for_each(|provider| seeing.name(&String::from_utf8_lossy(provider)));
    let DenominatorResult { mut ledger, days, .. } = seeing.finish(task.threads);
    let decided = Adjudications::new(beside.decisions());
    decided.settle_everywhere(&mut ledger);

    let crediting = Attribution::new(ruling.credit, ruling.edition.counts_for, &ledger.pairs, lines);
    let decides = sources.adjudications.is_some().then_some(&decided);
    let mut unusable = UnusableInWindows::new(&lost, &law, &ledger.pairs, frames);
    let unseen = UnseenNotes::default();
    let asks_unseen = unusable.has_encounters().then_some(&unseen);
    let sweeping = SweepContext::new(&law, &crediting, &ledger.pairs, decides, frames, asks_unseen);
    let notebook = EventLog::default();
    let judge_acts = |repeated: Option<&Repeated<'_>>| {
        // Whatever was noted before is noted anew.
        notebook.forget();
        unseen.forget();
        let (mut read, versions) = (FilesRead::new(layout), Mutex::new(ActVersions::default()));
        let collect = |(part, more): (SweepBatch, ActVersions)| {
            part.reach(&sweeping, &notebook);
            locked(&versions).merge(more);
        };
        let part = || (SweepBatch::new(), ActVersions::default());
        for (file, source) in (0..).zip(&sources.messages) {
            let reading = again::reading(reading, repeated, InputRole::Messages, file as usize);
            let take = |part: &mut (SweepBatch, ActVersions), message: &Message<'_>| match reading
                .may_repeat(message.act.id)
            {
                true => part.1.messages.add(RetainedMessage::new(file, message), message.act.version),
                false => part.0.message(&sweeping, message),
            };
            let summary = messages::read(source, &reading, layout, channels, part, take, collect)?;
            read.add(InputRole::Messages, source, summary, file)?;
        }
        for (file, source) in (0..).zip(&sources.accesses) {
            let reading = again::reading(reading, repeated, InputRole::Accesses, file as usize);
            let take = |part: &mut (SweepBatch, ActVersions), access: &PortalAccess<'_>| match reading
                .may_repeat(access.act.id)
            {
                true => part.1.accesses.add(RetainedAccess::new(file, access), access.act.version),
                false => part.0.access(&sweeping, access),
            };
            let summary = accesses::read(source, &reading, layout, part, take, collect)?;
            read.add(InputRole::Accesses, source, summary, file)?;
        }
        [InputRole::Messages, InputRole::Accesses].into_iter().for_each(|role| read.close(role));
        let mut versions = std::mem::take(&mut *locked(&versions));
        read.lost_versions().for_each(|(role, lost, file)| versions.add_lost(role, lost, file));
        let ActVersions { messages, accesses } = versions;
        let messages = again::resolved(repeated, InputRole::Messages, messages, task.versions);
        let accesses = again::resolved(repeated, InputRole::Accesses, accesses, task.versions);
        for record in messages.all() {
            let mut part = SweepBatch::new();
            match record {
                OneRecord::Known(row) => part.message(&sweeping, &row.event()),
                OneRecord::Unresolved(record) => {
                    part.unresolved_messages(
                        &sweeping,
                        record.versions,
                        &record.each(RetainedMessage::event),
                    );
                }
                OneRecord::Duplicate(_) | OneRecord::Superseded(_) => {}
            }
            part.reach(&sweeping, &notebook);
        }
        for record in accesses.all() {
            let mut part = SweepBatch::new();
            match record {
                OneRecord::Known(row) => part.access(&sweeping, &row.event()),
                OneRecord::Unresolved(record) => {
                    part.unresolved_accesses(&sweeping, record.versions, &record.each(RetainedAccess::event));
                }
                OneRecord::Duplicate(_) | OneRecord::Superseded(_) => {}
            }
            part.reach(&sweeping, &notebook);
        }
        Ok(((read.summaries, messages, accesses), read.met))
    };
    let (summaries, of_messages, of_accesses) = again::once_or_twice(judge_acts)?;
    let mut lost = Unusable::default();
    let files = sources.messages.iter().chain(&sources.accesses);
    for (source, (role, summary)) in files.zip(summaries) {
        account.add(role, source, &summary, layout);
        if ruling.counts_messages() == (role == InputRole::Messages) {
            lose(&mut lost, summary.notes.unusable);
        }
    }
    account.contradict("message_id", sources.messages.iter(), &of_messages.contradictions);
    account.contradict("access_id", sources.accesses.iter(), &of_accesses.contradictions);
    lose(&mut lost, if ruling.counts_messages() { of_messages.lost } else { of_accesses.lost });
    for role in [InputRole::Encounters, InputRole::Messages, InputRole::Accesses] {
        account.check_not_all_skipped(role)?;
    }
    beside.account(sources, layout, &mut account);
    let assumptions = account.settle(task.acknowledged);
    unusable.add_messages(&lost, &sweeping);
    let (mut scores, of_pairs) = scores(&sweeping, &ledger, &days, notebook, task.threads);
    let saw_patients: BTreeSet<u32> = scores.keys().copied().chain(unusable.seers()).collect();
    let writers = WritersInWindows::new(&unseen, of_pairs, &sweeping);
    unusable.widen(&mut scores, &sweeping, &writers);
    let recorded = RecordedDays::new(locked(&with_rows).to_days(), task.exported);
    Ok(Scored { account, assumptions, ledger, scores, saw_patients, beside, recorded })
}

/// What a thread makes of encounters: who was seen, versions of records, and the days with rows.
type EncounterPart = (DenominatorBatch, Versions<RetainedEncounter>, DaySet);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
