//! Records the effect of each row on a pair: on which day, and with which outcome before, in, and after a candidate period.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::domain::event::{Message, MessageCodes, NumeratorEvent, PortalAccess};
use crate::domain::inclusion::Inclusion;
use crate::domain::period::Day;
use crate::domain::words::DayRelation;
use crate::edition::TableCell;
use crate::edition::window::CountingWindow;
use crate::ledger::adjudications::{Adjudications, MessageDecisions};
use crate::ledger::attribution::{Addressee, Attribution, Reach};
use crate::ledger::evaluator::CompiledMeasure;
use crate::ledger::id_key::{IdKey, IdRef};
use crate::ledger::pair_index::{PairIndex, PatientRows};
use crate::ledger::sweep::WindowSet;
use crate::ledger::sweep::unseen::UnseenNotes;
use crate::ledger::versions::{VersionRow, in_all};

/// Everything that rows of the numerator are evaluated against in a sweep.
pub struct SweepContext<'a> {
    /// The rules. Their period spans all candidate periods.
    pub law: &'a CompiledMeasure,
    /// The attribution of rows to providers.
    pub crediting: &'a Attribution,
    /// The pairs that rows can reach.
    pub pairs: &'a PairIndex,
    /// The review decisions.
    pub decided: Option<&'a Adjudications<'a>>,
    /// The candidate periods.
    pub frames: &'a WindowSet,
    /// The candidate periods in which patients wrote but were not seen; `None` if not needed.
    pub unseen: Option<&'a UnseenNotes>,
    pub(super) profiles: Mutex<UndatedProfiles>,
    /// Each candidate period with its extended window.
    seen_from: Vec<CountingWindow>,
}

/// The outcomes of a row of the numerator in all candidate periods.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum EventSeries {
    /// For a row with a day: the outcomes in periods that begin after the day, contain it, and end before it.
    Dated(Day, [Inclusion; 3]),
    /// For a row without a day: the number of a profile in [`UndatedProfiles`].
    Undated(u32),
}

/// The effect of a row on a pair.
#[derive(Clone, Copy)]
pub(super) struct PairEvent {
    pub(super) row: u32,
    pub(super) course: EventSeries,
    pub(super) weakened: AttributionCertainty,
    /// The review decision, which applies where the outcome is uncertain.
    pub(super) settled: Option<Inclusion>,
    /// Whether the event is for all pairs of the patient, of which `row` is the first. A test patient can have very many.
    pub(super) for_all: bool,
}

/// Whether it is uncertain that a message reaches a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AttributionCertainty {
    /// Not uncertain.
    No,
    /// Uncertain.
    Yes,
    /// Uncertain if providers of several groups saw the patient, which depends on the candidate period.
    WhereSeveralGroups,
}

/// The outcomes of rows without a day, in every candidate period.
#[derive(Default)]
pub(super) struct UndatedProfiles {
    known: HashMap<Vec<Inclusion>, u32>,
    pub(super) all: Vec<Vec<Inclusion>>,
    /// The profile of each combination of values. There are few combinations.
    by_words: HashMap<[u16; 6], u32>,
}

/// The evaluated rows of one block.
pub struct SweepBatch {
    long: Vec<u8>,
    candidates: Vec<Candidate>,
    /// Events from unresolved records.
    notes: Vec<PairEvent>,
}

struct Candidate {
    patient: IdKey,
    patient_hash: u64,
    addressee: Addressee,
    course: EventSeries,
    decisions: Option<MessageDecisions>,
}

/// All events, until the candidate periods are scored.
#[derive(Default)]
pub struct EventLog(pub(super) Mutex<Vec<Vec<PairEvent>>>);

impl EventLog {
    /// Removes all events.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl<'a> SweepContext<'a> {
    /// Returns a context for rows that reach these pairs.
    pub fn new(
        law: &'a CompiledMeasure,
        crediting: &'a Attribution,
        pairs: &'a PairIndex,
        decided: Option<&'a Adjudications<'a>>,
        frames: &'a WindowSet,
        unseen: Option<&'a UnseenNotes>,
    ) -> Self {
        let seen_from = frames.windows.iter().map(|window| law.windows.with_period(*window)).collect();
        Self { law, crediting, pairs, decided, frames, unseen, profiles: Mutex::default(), seen_from }
    }

    /// Returns the outcomes of a row with these values; `None` if it qualifies in no candidate period. `on` evaluates a day with this
    /// relation to the period, and `undated` an unknown day.
    fn course(
        &self,
        act: &NumeratorEvent<'_>,
        words: [u16; 6],
        on: impl Fn(DayRelation) -> TableCell,
        undated: impl Fn(&CountingWindow) -> TableCell,
    ) -> Option<EventSeries> {
        let Some(day) = act.day else {
            let mut profiles = self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
            let known = profiles.by_words.get(&words).copied();
            let profile = known.unwrap_or_else(|| {
                let answers = self.seen_from.iter().map(|windows| undated(windows).answer).collect();
                let profile = profiles.profile(answers);
                profiles.by_words.insert(words, profile);
                profile
            });
            return profiles.may_count(profile).then_some(EventSeries::Undated(profile));
        };
        let answers = self.law.windows.relations_around(self.frames.year, day).map(|places| {
            let cells = places.into_iter().flatten().map(&on);
            cells.map(|cell| cell.answer).reduce(|one, other| one | other).unwrap_or(Inclusion::Out)
        });
        answers.iter().any(|answer| answer.is_possible()).then_some(EventSeries::Dated(day, answers))
    }
}

impl SweepContext<'_> {
    /// Returns the outcomes of a message; `None` if it qualifies in no candidate period.
    pub(super) fn message_course(&self, message: &Message<'_>) -> Option<EventSeries> {
        let law = self.law;
        let MessageCodes { status, sender, recipient, channel, topic, patient_included } = message.words;
        let words = [status.code(), sender.code(), recipient.code(), topic.code(), patient_included.code()];
        let [status, sender, recipient, topic, included] = words.map(u16::from);
        let words = [status, sender, recipient, topic, included, channel.0];
        self.course(
            &message.act,
            words,
            |day| law.message_at(message, day),
            |at| law.evaluate_undated(message, at),
        )
    }

    /// Returns the outcomes of a portal access; `None` if it qualifies in no candidate period.
    pub(super) fn access_course(&self, access: &PortalAccess<'_>) -> Option<EventSeries> {
        let law = self.law;
        let words = [access.action.code(), access.actor.code(), 0, 0, 0, 0].map(u16::from);
        self.course(&access.act, words, |day| law.access_at(access, day), |at| law.undated_access(access, at))
    }
}

impl UndatedProfiles {
    fn may_count(&self, profile: u32) -> bool {
        self.all[profile as usize].iter().any(|answer| answer.is_possible())
    }

    fn profile(&mut self, answers: Vec<Inclusion>) -> u32 {
        let next = self.all.len() as u32;
        let all = &mut self.all;
        *self.known.entry(answers).or_insert_with_key(|answers| {
            all.push(answers.clone());
            next
        })
    }
}

impl SweepBatch {
    /// Returns an empty batch.
    #[allow(clippy::new_without_default, reason = "a part is begun, not defaulted")]
    pub fn new() -> Self {
        Self { long: Vec::new(), candidates: Vec::new(), notes: Vec::new() }
    }

    /// Evaluates a message and adds it to the batch.
    #[inline(never)]
    pub fn message(&mut self, sweeping: &SweepContext<'_>, message: &Message<'_>) {
        self.take(sweeping, sweeping.message_course(message), &message.act);
    }

    /// Evaluates a portal access and adds it to the batch.
    pub fn access(&mut self, sweeping: &SweepContext<'_>, access: &PortalAccess<'_>) {
        self.take(sweeping, sweeping.access_course(access), &access.act);
    }

    /// Evaluates a message with `versions` versions when it is unknown which one is the record. `rows` has the rows of all versions.
    pub fn unresolved_messages<'r>(
        &mut self,
        sweeping: &SweepContext<'_>,
        versions: u32,
        rows: &[VersionRow<Message<'r>>],
    ) {
        let judged =
            |one: &VersionRow<Message<'r>>| one.like((sweeping.message_course(&one.row), one.row.act));
        self.unresolved(sweeping, versions, &rows.iter().map(judged).collect::<Vec<_>>());
    }

    /// Evaluates a portal access with several versions, likewise.
    pub fn unresolved_accesses<'r>(
        &mut self,
        sweeping: &SweepContext<'_>,
        versions: u32,
        rows: &[VersionRow<PortalAccess<'r>>],
    ) {
        let judged =
            |one: &VersionRow<PortalAccess<'r>>| one.like((sweeping.access_course(&one.row), one.row.act));
        self.unresolved(sweeping, versions, &rows.iter().map(judged).collect::<Vec<_>>());
    }

    fn unresolved(
        &mut self,
        sweeping: &SweepContext<'_>,
        versions: u32,
        rows: &[VersionRow<(Option<EventSeries>, NumeratorEvent<'_>)>],
    ) {
        let mut of_pairs: BTreeMap<u32, Vec<(u32, PairEvent)>> = BTreeMap::new();
        for VersionRow { version, row: (course, act), .. } in rows {
            let Some(course) = course else { continue };
            let (mut long, patient) = (Vec::new(), IdRef::new(act.patient));
            let all_name = in_all(versions, rows, |(_, other)| other.patient == act.patient);
            let decided = sweeping.decided;
            let decisions =
                decided.and_then(|decided| decided.decisions_for_versions(act.id, act.patient, all_name));
            let patient_key = patient.kept_in(&mut long);
            let candidate = Candidate { decisions, ..Candidate::new(sweeping, patient_key, *course, act) };
            candidate.note_unseen(sweeping, patient);
            let rows = sweeping.pairs.rows_for_patient(patient, candidate.patient_hash);
            candidate.reach(sweeping, patient, rows, false, |note| {
                of_pairs.entry(note.row).or_default().push((*version, note));
            });
        }
        for notes in of_pairs.into_values() {
            self.notes.extend(sweeping.certain_note(versions, &notes));
            self.notes.extend(
                notes.into_iter().map(|(_, note)| PairEvent { weakened: AttributionCertainty::Yes, ..note }),
            );
        }
    }

    #[inline]
    fn take(&mut self, sweeping: &SweepContext<'_>, course: Option<EventSeries>, act: &NumeratorEvent<'_>) {
        let Some(course) = course else { return };
        let patient = IdRef::new(act.patient).kept_in(&mut self.long);
        self.candidates.push(Candidate::new(sweeping, patient, course, act));
    }

    /// Records an event for each pair that the rows of the batch reach.
    pub fn reach(self, sweeping: &SweepContext<'_>, notebook: &EventLog) {
        let Self { long, candidates, mut notes } = self;
        let patient = |candidate: &Candidate| {
            let id = IdRef { key: candidate.patient, long: &long };
            sweeping.pairs.rows_for_patient(id, candidate.patient_hash)
        };
        let found: Vec<PatientRows> = candidates.iter().map(patient).collect();
        for (candidate, rows) in candidates.iter().zip(found) {
            let patient = IdRef { key: candidate.patient, long: &long };
            candidate.note_unseen(sweeping, patient);
            candidate.reach(sweeping, patient, rows, true, |note| notes.push(note));
        }
        notebook.0.lock().unwrap_or_else(PoisonError::into_inner).push(notes);
    }
}

impl Candidate {
    fn new(
        sweeping: &SweepContext<'_>,
        patient: IdKey,
        course: EventSeries,
        act: &NumeratorEvent<'_>,
    ) -> Self {
        Self {
            patient,
            patient_hash: sweeping.pairs.hash(IdRef::new(act.patient)),
            addressee: Addressee::find(act.provider, sweeping.pairs),
            course,
            decisions: sweeping.decided.and_then(|decided| decided.decisions_for(act.id, act.patient)),
        }
    }

    /// Records that the patient may have written but was not seen, if this is needed.
    fn note_unseen(&self, sweeping: &SweepContext<'_>, patient: IdRef<'_>) {
        if let Some(unseen) = sweeping.unseen {
            let reach = sweeping.crediting.attribute(self.addressee);
            let provider = match reach {
                Reach::With(provider) => sweeping.pairs.providers.get(provider),
                Reach::Every | Reach::Nobody => "",
            };
            let decided = sweeping.decided.zip(self.decisions);
            let settled = decided.and_then(|(decided, of)| decided.answer_of_message(of, provider));
            unseen.add(patient.text(), reach, sweeping.windows_in(self.course, settled));
        }
    }

    /// Calls `with` with an event for each pair that the row reaches. `rows` are the pairs of its patient. `at_once` permits one event for
    /// all pairs.
    fn reach(
        &self,
        sweeping: &SweepContext<'_>,
        patient: IdRef<'_>,
        rows: PatientRows,
        at_once: bool,
        mut with: impl FnMut(PairEvent),
    ) {
        let near = if rows.is_empty() { sweeping.pairs.near_patient(patient) } else { None };
        let is_near = near.is_some();
        let rows = near.map_or(rows, |(_, rows)| rows);
        let hangs = !is_near && sweeping.crediting.depends_on_who_saw(self.addressee);
        let note = |row: usize, weakened: bool, settled, for_all| PairEvent {
            row: row as u32,
            course: self.course,
            weakened: match (hangs, weakened || is_near) {
                (true, _) => AttributionCertainty::WhereSeveralGroups,
                (false, true) => AttributionCertainty::Yes,
                (false, false) => AttributionCertainty::No,
            },
            settled,
            for_all,
        };
        let everybody = sweeping.crediting.reaches_all(self.addressee).filter(|_| at_once);
        if let (Some(weakened), None) = (everybody, self.decisions) {
            let first = sweeping.pairs.providers_who_saw(&rows).next();
            return first.into_iter().for_each(|(row, _)| with(note(row, weakened, None, true)));
        }
        sweeping.crediting.rows(sweeping.pairs, &rows, self.addressee, |row, provider, weakened| {
            let settled = match (sweeping.decided, self.decisions) {
                (Some(decided), Some(decisions)) => {
                    decided.answer_of_message(decisions, sweeping.pairs.providers.get(provider))
                }
                _ => None,
            };
            with(note(row, weakened, settled, false));
        });
    }
}

impl SweepContext<'_> {
    /// Returns an event for the candidate periods in which all versions of a record certainly qualify. `notes` are the events of a pair,
    /// each with its version.
    fn certain_note(&self, versions: u32, notes: &[(u32, PairEvent)]) -> Option<PairEvent> {
        let (_, first) = notes.first()?;
        let certain = |version: u32| {
            let mut certain = vec![false; self.frames.windows.len()];
            let notes = notes
                .iter()
                .filter(|(of, note)| *of == version && note.weakened != AttributionCertainty::Yes);
            for (_, note) in notes {
                let answers = self.answers(note.course);
                certain.iter_mut().zip(answers).for_each(|(known, answer)| *known |= answer.is_certain());
            }
            certain
        };
        let all = (0..versions)
            .map(certain)
            .reduce(|one, other| one.into_iter().zip(other).map(|(a, b)| a & b).collect());
        let answers =
            all?.into_iter().map(|is_in| if is_in { Inclusion::In } else { Inclusion::Out }).collect();
        let hangs = notes.iter().any(|(_, note)| note.weakened == AttributionCertainty::WhereSeveralGroups);
        let profile = self.profiles.lock().unwrap_or_else(PoisonError::into_inner).profile(answers);
        Some(PairEvent {
            course: EventSeries::Undated(profile),
            weakened: if hangs { AttributionCertainty::WhereSeveralGroups } else { AttributionCertainty::No },
            ..*first
        })
    }

    /// Returns the outcome in each candidate period.
    fn answers(&self, course: EventSeries) -> Vec<Inclusion> {
        match course {
            EventSeries::Undated(profile) => {
                let profiles = self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
                profiles.all[profile as usize].clone()
            }
            EventSeries::Dated(day, [before, inside, after]) => {
                let mut answers = vec![Inclusion::Out; self.frames.windows.len()];
                for [over, during, begun] in self.frames.around(day) {
                    answers[during].fill(inside);
                    answers[begun].fill(before);
                    answers[over].fill(after);
                }
                answers
            }
        }
    }
}
