//! Adds messages and portal accesses to the numerators of the ledger. Memory does not grow with their number.

use std::collections::BTreeMap;

use crate::domain::event::{Message, NumeratorEvent, PortalAccess};
use crate::domain::inclusion::Inclusion;
use crate::domain::period::Day;
use crate::edition::TableCell;
use crate::ledger::adjudications::{Adjudications, MessageDecisions};
use crate::ledger::attribution::{Addressee, Attribution, Reach};
use crate::ledger::evaluator::{CellsByDay, CompiledMeasure};
use crate::ledger::evidence::{ADJUDICATED, RowKey, Weakening};
use crate::ledger::id_key::{IdKey, IdRef};
use crate::ledger::matching::{Matching, Missing};
use crate::ledger::pair_index::{MatchCounts, NumeratorState, PairIndex, PatientHint, PatientRows};
use crate::ledger::rule_counts::RuleCounts;
use crate::ledger::unusable::UnseenWriters;
use crate::ledger::versions::{VersionRow, in_all};

/// Everything that rows of the numerator are evaluated against. The pairs do not change while rows are read.
pub struct NumeratorContext<'a> {
    /// The attribution of messages to providers.
    pub crediting: &'a Attribution,
    /// The pairs that messages can reach.
    pub pairs: &'a PairIndex,
    /// Whether to keep where the messages are that reach a pair.
    pub evidence: bool,
    /// Whether to collect messages that do not qualify too, as evidence of how close they came.
    pub all: bool,
    /// The review decisions.
    pub decided: Option<&'a Adjudications<'a>>,
    /// Counts of the patients and providers that messages name and the ledger has; `None` if not needed.
    pub matching: Option<&'a Matching>,
    /// The patients who wrote but were not seen; `None` if not needed.
    pub writers: Option<&'a UnseenWriters>,
}

/// The evaluated messages of one block.
pub struct NumeratorBatch {
    tally: RuleCounts,
    /// Whether messages that do not qualify need more than a count per rule.
    thorough: bool,
    /// The long ids of patients.
    long: Vec<u8>,
    candidates: Vec<Candidate>,
    hits: Vec<MatchedPair>,
    /// Matches from records with contradicting versions, each with the position of its file.
    unresolved: Vec<(u32, MatchedPair)>,
    /// Pairs of the named clinician under another provider id: row, named provider, and outcome of the message.
    of_persons: Vec<(u32, u32, Inclusion)>,
    met: MatchCounts,
}

/// One version of a record for a pair: number of the version, position of the file, match, and review decisions.
type OfVersion = (u32, u32, Reached, Option<MessageDecisions>);

/// A message to attribute to the pairs of its patient.
struct Candidate {
    patient: IdKey,
    names: NamedProvider,
    cell: TableCell,
    decisions: Option<MessageDecisions>,
    day: Option<Day>,
    /// The line of the record; 0 if evidence is not kept.
    line: u64,
}

impl Candidate {
    /// Returns the match with the pair of the named provider, if the message certainly reaches it and no review decision applies.
    #[inline(always)]
    fn plain_hit(&self, row: u32) -> MatchedPair {
        let TableCell { rule, answer } = self.cell;
        MatchedPair {
            row,
            rule,
            answer,
            weakened: Weakening::None,
            is_named: answer == Inclusion::In,
            day: self.day,
            line: self.line,
        }
    }
}

/// The provider that a message names: an id to look up in a batch, or the result. A long id is looked up at once, so that it need not be
/// copied.
#[derive(Clone, Copy)]
enum NamedProvider {
    Short(IdKey),
    Found(Addressee),
}

impl NamedProvider {
    #[inline(always)]
    fn new(id: Option<IdRef<'_>>, pairs: &PairIndex, long: &mut Vec<u8>) -> Self {
        match id {
            Some(id) if id.key.length().is_some() => Self::Short(id.key),
            _ => match (Addressee::from_id(id, pairs), id) {
                // Keep the id of a provider that the ledger lacks, to report it.
                (Addressee::Stranger | Addressee::Near(_), Some(id)) => Self::Short(id.kept_in(long)),
                (addressee, _) => Self::Found(addressee),
            },
        }
    }
}

/// A message that reaches a pair.
struct MatchedPair {
    row: u32,
    rule: u8,
    answer: Inclusion,
    /// The reason, apart from the rules, why the outcome is uncertain.
    weakened: Weakening,
    /// Whether the message certainly qualifies, whatever groups saw the patient.
    is_named: bool,
    day: Option<Day>,
    line: u64,
}

impl MatchedPair {
    /// Adds the match to the ledger.
    #[inline(always)]
    fn add_to(self, written: &mut NumeratorState, file: u32) {
        let row = self.row as usize;
        written.add(row, self.rule, self.answer, self.weakened, RowKey::new(self.day, file, self.line));
        if self.is_named {
            written.note_named(row);
        }
    }
}

/// The estimated number of messages of a block that may qualify.
const ROOM: usize = 1024;

/// The number of matches after which a batch is applied before the end of its block.
const MANY: usize = 1 << 16;

impl NumeratorBatch {
    /// Returns an empty batch that counts its rows in `tally`.
    pub fn new(tally: RuleCounts, writing: &NumeratorContext<'_>) -> Self {
        let thorough = writing.all || writing.decided.is_some() || tally.is_by_provider();
        Self {
            tally,
            thorough,
            long: Vec::new(),
            candidates: Vec::with_capacity(ROOM),
            hits: Vec::new(),
            unresolved: Vec::new(),
            of_persons: Vec::new(),
            met: MatchCounts::default(),
        }
    }

    /// Evaluates a message, given the decisions for its values, and adds it to the batch.
    #[inline(always)]
    pub fn message_by(
        &mut self,
        writing: &NumeratorContext<'_>,
        law: &CompiledMeasure,
        message: &Message<'_>,
        by_words: &CellsByDay,
    ) {
        match law.message_by(by_words, message.act.day) {
            cell if self.is_counted_out(cell) => {}
            Some(cell) => self.take(writing, cell, message.act),
            // Pass a copy, so that the compiler can keep the original in registers in the other arms.
            None => self.message(writing, law, &{ *message }),
        }
    }

    /// Counts a message that the decisions for its values and its day rule out, whoever sent it. Returns `false` if they do not, or if the
    /// message must be added anyway.
    #[inline(always)]
    pub fn count_out(&mut self, law: &CompiledMeasure, by_words: &CellsByDay, day: Day) -> bool {
        self.is_counted_out(law.message_by(by_words, Some(day)))
    }

    /// Counts a message that does not qualify, if nothing else is needed of it, and returns whether it did. Most messages come here.
    #[inline(always)]
    fn is_counted_out(&mut self, cell: Option<TableCell>) -> bool {
        match cell {
            Some(TableCell { answer: Inclusion::Out, rule }) if !self.thorough => {
                self.tally.count_out(rule);
                true
            }
            _ => false,
        }
    }

    /// Evaluates a message and adds it to the batch.
    #[inline(never)]
    pub fn message(&mut self, writing: &NumeratorContext<'_>, law: &CompiledMeasure, message: &Message<'_>) {
        self.take(writing, law.message(message), message.act);
    }

    /// Evaluates a portal access and adds it to the batch.
    pub fn access(
        &mut self,
        writing: &NumeratorContext<'_>,
        law: &CompiledMeasure,
        access: &PortalAccess<'_>,
    ) {
        self.take(writing, law.access(access), access.act);
    }

    /// Adds an evaluated row of the numerator to the batch.
    #[inline(never)]
    pub fn take(&mut self, writing: &NumeratorContext<'_>, cell: TableCell, act: NumeratorEvent<'_>) {
        self.tally.count_for(act.provider, cell);
        // A row that does not qualify changes no membership. Only evidence needs it, and review decisions about it, which are checked
        // against it.
        let decisions = writing.decided.and_then(|decided| decided.decisions_for(act.id, act.patient));
        if !cell.answer.is_possible() && !writing.all && decisions.is_none() {
            return;
        }
        let patient = IdRef::new(act.patient);
        let patient = patient.kept_in(&mut self.long);
        // Evidence refers to rows that qualify. Counting the lines up to every row would take longer than reading the rows.
        let has_reference = writing.evidence && (cell.answer.is_possible() || decisions.is_some());
        self.candidates.push(Candidate {
            patient,
            names: NamedProvider::new(act.provider.map(IdRef::new), writing.pairs, &mut self.long),
            cell,
            decisions,
            day: act.day,
            line: if has_reference { act.line.number() } else { 0 },
        });
    }

    /// Finds the pairs that the messages reach. Calls `put` when there is something to [`Self::apply`], and at the end. `file` is the
    /// position of the file.
    ///
    /// Looks up a whole block at once, patients first, so that the CPU waits for many scattered memory accesses at the same time.
    pub fn reach(&mut self, writing: &NumeratorContext<'_>, file: u32, put: impl Fn(&mut Self)) {
        let (long, candidates) = (std::mem::take(&mut self.long), std::mem::take(&mut self.candidates));
        let id = |key: IdKey| IdRef { key, long: &long };
        let (hints, addressees, found) = look_up(writing, &candidates, &long);
        let mut missing: Vec<NamesMissing<'_>> = Vec::new();
        let all = candidates.iter().zip(&addressees).zip(&found).zip(&hints);
        for (((candidate, &addressee), rows), &hint) in all {
            let may = candidate.cell.answer.is_possible();
            self.met.may += u64::from(may);
            self.met.seen += u64::from(may && !rows.is_empty());
            let near = if rows.is_empty() { writing.pairs.near_patient(id(candidate.patient)) } else { None };
            if may {
                if let Some(matching) = writing.matching {
                    let first = || writing.pairs.first_position(rows);
                    let is_stranger = match addressee {
                        Addressee::Provider(provider) if writing.pairs.is_met(provider) => {
                            matching.found_provider(provider);
                            false
                        }
                        Addressee::Nobody => false,
                        Addressee::Provider(_) | Addressee::Near(_) | Addressee::Stranger => true,
                    };
                    // For most patients it is enough to set a bit.
                    let is_missing = near.is_some() || !matching.note_patient(hint, first);
                    if is_missing || is_stranger {
                        let near = near.as_ref().map(|(number, _)| *number);
                        missing.push((candidate, is_missing, near, addressee));
                    }
                }
                if let Some(writers) = writing.writers {
                    let patient = id(candidate.patient);
                    note_unseen(writers, writing, candidate, patient.text(), addressee);
                }
            }
            // Most messages name the only provider to whom they can be attributed.
            if let (Some(provider), None) = (writing.crediting.only_for(addressee), candidate.decisions)
                && !rows.is_empty()
            {
                let row = writing.pairs.row_with(rows, provider);
                self.hits.extend(row.map(|row| candidate.plain_hit(row)));
                continue;
            }
            let is_near = near.is_some();
            let rows = near.as_ref().map_or(rows, |(_, rows)| rows);
            if rows.is_empty() {
                continue;
            }
            each_reached(writing, candidate, addressee, rows, is_near, |reached| {
                self.hits.push(reached.settled(writing, candidate.decisions, None));
            });
            if writing.crediting.has_persons() {
                self.note_persons(writing, candidate, addressee, rows, is_near);
            }
            // A patient of very many providers, such as a test patient, must not exhaust the memory.
            if self.hits.len() >= MANY {
                put(self);
            }
        }
        if let Some(matching) = writing.matching.filter(|_| !missing.is_empty()) {
            matching.note_missing(file, |note| {
                missing.into_iter().for_each(|names| note_missing(note, writing, names, &long));
            });
        }
        put(self);
    }

    /// Records the outcome of a message for the named clinician, who may have seen the patient under another provider id.
    #[cold]
    fn note_persons(
        &mut self,
        writing: &NumeratorContext<'_>,
        candidate: &Candidate,
        addressee: Addressee,
        rows: &PatientRows,
        is_near: bool,
    ) {
        let by_rules = candidate.cell.answer;
        let is_near = is_near || matches!(addressee, Addressee::Near(_));
        let answer = if is_near { by_rules.downgrade() } else { by_rules };
        let names = &writing.pairs.providers;
        writing.crediting.rows_of_person(writing.pairs, rows, addressee, |row, provider| {
            // A review decision may name the provider id in the message or the one that saw the patient: both are the same clinician.
            let named = match addressee {
                Addressee::Provider(named) | Addressee::Near(named) => named,
                Addressee::Nobody | Addressee::Stranger => provider,
            };
            let decided = writing.decided.zip(candidate.decisions).filter(|_| answer == Inclusion::Uncertain);
            let decided = decided.and_then(|(decided, decisions)| {
                let is_meant = |of: &u32| decided.answer_of_message(decisions, names.get(*of)).is_some();
                let meant = [named, provider].into_iter().find(is_meant)?;
                Some(decided.settle_message(decisions, names.get(meant), answer))
            });
            let answer = decided.unwrap_or(answer);
            if answer.is_possible() {
                self.of_persons.push((row as u32, named, answer));
            }
        });
    }

    /// Counts a row that has the same content as another row of its record.
    pub fn take_duplicate(&mut self, provider: Option<&[u8]>, cell: TableCell) {
        self.tally.count_for(provider, cell);
    }

    /// Counts a row that a later version of its record replaces.
    pub fn take_superseded(&mut self, provider: Option<&[u8]>) {
        self.tally.count_superseded(provider);
    }

    /// Evaluates a record with `versions` versions when it is unknown which one is the record. `rows` has their rows with the decisions of
    /// the rules.
    pub fn take_unresolved(
        &mut self,
        writing: &NumeratorContext<'_>,
        versions: u32,
        rows: &[VersionRow<(NumeratorEvent<'_>, TableCell)>],
    ) {
        let mut reached: BTreeMap<usize, Vec<OfVersion>> = BTreeMap::new();
        for one in rows {
            let VersionRow { version, file, row: (act, cell) } = one;
            let is_same = |other: &VersionRow<(NumeratorEvent<'_>, TableCell)>| {
                let (other, cell) = &other.row;
                other.patient == act.patient
                    && writing.crediting.reach_alike(other.provider, act.provider, writing.pairs)
                    && cell.answer.is_certain()
            };
            let is_certain = (0..versions)
                .all(|version| rows.iter().any(|other| other.version == version && is_same(other)));
            let counted =
                if is_certain { *cell } else { TableCell { answer: cell.answer.downgrade(), ..*cell } };
            self.tally.count_for(act.provider, counted);
            let all_name = in_all(versions, rows, |(other, _)| other.patient == act.patient);
            let decisions = writing
                .decided
                .and_then(|decided| decided.decisions_for_versions(act.id, act.patient, all_name));
            if !cell.answer.is_possible() && !writing.all && decisions.is_none() {
                continue;
            }
            let (mut long, id) = (Vec::new(), IdRef::new(act.patient));
            let candidate = Candidate {
                patient: id.kept_in(&mut long),
                names: NamedProvider::new(act.provider.map(IdRef::new), writing.pairs, &mut long),
                cell: *cell,
                decisions,
                day: act.day,
                line: if writing.evidence { act.line.number() } else { 0 },
            };
            let addressee = Addressee::find(act.provider, writing.pairs);
            let found = writing.pairs.rows_for_patient(id, writing.pairs.hash(id));
            let near = self.note_names(writing, *file, &candidate, addressee, &found, &long);
            let rows = near.as_ref().map_or(&found, |(_, rows)| rows);
            if !rows.is_empty() {
                let certain = Candidate { cell: counted, patient: candidate.patient, ..candidate };
                self.note_persons(writing, &certain, addressee, rows, near.is_some());
                each_reached(writing, &candidate, addressee, rows, near.is_some(), |hit| {
                    reached.entry(hit.row).or_default().push((*version, *file, hit, decisions));
                });
            }
        }
        for hits in reached.into_values() {
            let all = |is_one: &dyn Fn(&Reached) -> bool| {
                let is_in = |hit: &Reached| hit.answer.is_certain() && is_one(hit);
                (0..versions).all(|version| hits.iter().any(|(of, _, hit, _)| *of == version && is_in(hit)))
            };
            let (is_certain, are_named) = (all(&|_| true), all(&|hit| !hit.names_nobody));
            // The strongest row represents all versions.
            let decisions = hits.iter().find_map(|(.., decisions)| *decisions);
            let best = |(_, file, hit, _): &OfVersion| {
                (!hit.answer.is_possible(), hit.weakened, RowKey::new(hit.day, *file, hit.line))
            };
            if let Some((_, file, mut hit, _)) = hits.into_iter().min_by_key(best) {
                hit.names_nobody |= !are_named;
                let weakened = (!is_certain).then_some(Weakening::ContradictingVersions);
                self.unresolved.push((file, hit.settled(writing, decisions, weakened)));
            }
        }
    }

    /// Records the names in a version. Returns the number and the pairs of the only patient whose id nearly matches, if no patient has the
    /// id itself.
    fn note_names(
        &mut self,
        writing: &NumeratorContext<'_>,
        file: u32,
        candidate: &Candidate,
        addressee: Addressee,
        rows: &PatientRows,
        long: &[u8],
    ) -> Option<(u32, PatientRows)> {
        let patient = IdRef { key: candidate.patient, long };
        let near = if rows.is_empty() { writing.pairs.near_patient(patient) } else { None };
        if !candidate.cell.answer.is_possible() {
            return near;
        }
        self.met.may += 1;
        self.met.seen += u64::from(!rows.is_empty());
        if let Some(matching) = writing.matching {
            let first = || writing.pairs.first_position(rows);
            if let Addressee::Provider(provider) = addressee
                && writing.pairs.is_met(provider)
            {
                matching.found_provider(provider);
            }
            let near = near.as_ref().map(|(number, _)| *number);
            let hint = writing.pairs.hint(patient);
            let is_missing = near.is_some() || !matching.note_patient(hint, first);
            matching.note_missing(file, |note| {
                note_missing(note, writing, (candidate, is_missing, near, addressee), long);
            });
        }
        if let Some(writers) = writing.writers {
            note_unseen(writers, writing, candidate, patient.text(), addressee);
        }
        near
    }

    /// Adds everything found so far to the ledger. `file` is the position of the file.
    pub fn apply(&mut self, written: &mut NumeratorState, tally: &mut RuleCounts, file: u32) {
        tally.merge(&std::mem::take(&mut self.tally));
        let met = std::mem::take(&mut self.met);
        written.met.may += met.may;
        written.met.seen += met.seen;
        self.of_persons.drain(..).for_each(|(row, named, answer)| written.note_person(row, named, answer));
        self.hits.drain(..).for_each(|hit| hit.add_to(written, file));
        self.unresolved.drain(..).for_each(|(file, hit)| hit.add_to(written, file));
    }
}

/// A pair that a message reaches, before any review decision.
struct Reached {
    row: usize,
    provider: u32,
    rule: u8,
    /// The outcome of the rules.
    by_rules: Inclusion,
    answer: Inclusion,
    weakened: Weakening,
    names_nobody: bool,
    day: Option<Day>,
    line: u64,
}

impl Reached {
    /// Returns the match after review decisions. `weakened` is a further reason why the outcome is uncertain.
    #[inline(always)]
    fn settled(
        self,
        writing: &NumeratorContext<'_>,
        decisions: Option<MessageDecisions>,
        weakened: Option<Weakening>,
    ) -> MatchedPair {
        let reached = if weakened.is_some() { self.answer.downgrade() } else { self.answer };
        let weakened = weakened.filter(|_| self.answer.is_certain()).unwrap_or(self.weakened);
        let settled = match (writing.decided, decisions) {
            (Some(decided), Some(decisions)) => {
                decided.settle_message(decisions, writing.pairs.providers.get(self.provider), reached)
            }
            _ => reached,
        };
        MatchedPair {
            row: self.row as u32,
            rule: if settled == reached { self.rule } else { ADJUDICATED },
            answer: settled,
            weakened: if self.by_rules.is_certain() && settled == reached {
                weakened
            } else {
                Weakening::None
            },
            is_named: settled == Inclusion::In && (!self.names_nobody || settled != reached),
            day: self.day,
            line: self.line,
        }
    }
}

/// Calls `with` for each pair that a message reaches. `is_near` is true if the id of the patient only nearly matches.
#[inline(always)]
fn each_reached(
    writing: &NumeratorContext<'_>,
    candidate: &Candidate,
    addressee: Addressee,
    rows: &PatientRows,
    is_near: bool,
    mut with: impl FnMut(Reached),
) {
    let names_near = matches!(addressee, Addressee::Near(_));
    let names_nobody = matches!(addressee, Addressee::Nobody);
    let TableCell { rule, answer } = candidate.cell;
    writing.crediting.rows(writing.pairs, rows, addressee, |row, provider, weakened| {
        let weakened = match (weakened, is_near) {
            (_, true) => Weakening::IdNearlyMatches,
            // `weakened` implies that it matters which provider the message names.
            (true, false) if names_near => Weakening::IdNearlyMatches,
            (true, false) => Weakening::Unattributed,
            (false, false) => Weakening::None,
        };
        let is_weakened = weakened != Weakening::None;
        with(Reached {
            row,
            provider,
            rule,
            by_rules: answer,
            answer: if is_weakened { answer.downgrade() } else { answer },
            weakened,
            names_nobody,
            day: candidate.day,
            line: candidate.line,
        });
    });
}

/// A message that may qualify, with a name that the ledger lacks: whether the patient is missing, the number of the only patient whose id
/// nearly matches, and the provider.
type NamesMissing<'c> = (&'c Candidate, bool, Option<u32>, Addressee);

/// Records the names of such a message that the ledger lacks.
fn note_missing(
    note: &mut dyn FnMut(Missing<'_>),
    writing: &NumeratorContext<'_>,
    (candidate, is_patient_missing, near, addressee): NamesMissing<'_>,
    long: &[u8],
) {
    if is_patient_missing {
        let patient = IdRef { key: candidate.patient, long };
        note(match near {
            Some(number) => Missing::NearPatient(patient, writing.pairs.patient_id(number)),
            None => Missing::Patient(patient),
        });
    }
    // `NamedProvider::new` kept the id of a provider that the ledger lacks.
    let NamedProvider::Short(key) = candidate.names else { return };
    let provider = IdRef { key, long };
    match addressee {
        Addressee::Near(near) => note(Missing::NearProvider(provider, writing.pairs.providers.get(near))),
        Addressee::Stranger => note(Missing::Provider(provider)),
        // Only the roster lists this provider.
        Addressee::Provider(code) if !writing.pairs.is_met(code) => note(Missing::Provider(provider)),
        Addressee::Provider(_) | Addressee::Nobody => {}
    }
}

/// Looks up the patients and providers of all candidates in three rounds, so that memory accesses overlap.
#[inline(always)]
fn look_up(
    writing: &NumeratorContext<'_>,
    candidates: &[Candidate],
    long: &[u8],
) -> (Vec<PatientHint>, Vec<Addressee>, Vec<PatientRows>) {
    let id = |key: IdKey| IdRef { key, long };
    let hint = |candidate: &Candidate| {
        let hint = writing.pairs.hint(id(candidate.patient));
        writing.matching.into_iter().for_each(|matching| matching.prefetch(hint));
        hint
    };
    let hints: Vec<PatientHint> = candidates.iter().map(hint).collect();
    let addressee = |candidate: &Candidate| match candidate.names {
        NamedProvider::Short(key) => Addressee::from_id(Some(id(key)), writing.pairs),
        NamedProvider::Found(addressee) => addressee,
    };
    let addressees: Vec<Addressee> = candidates.iter().map(addressee).collect();
    let of_patient = |(candidate, hint): (&Candidate, PatientHint)| {
        writing.pairs.rows_from_hint(id(candidate.patient), hint)
    };
    let found = candidates.iter().zip(hints.iter().copied()).map(of_patient).collect();
    (hints, addressees, found)
}

/// Records a patient whose message may qualify for a provider who has not seen the patient.
fn note_unseen(
    writers: &UnseenWriters,
    writing: &NumeratorContext<'_>,
    candidate: &Candidate,
    patient: &[u8],
    addressee: Addressee,
) {
    let may_count_for = |provider: &str| {
        let decided = writing.decided.zip(candidate.decisions);
        let answer = decided.and_then(|(decided, of)| decided.answer_of_message(of, provider));
        candidate.cell.answer.is_certain() || answer.is_none_or(|answer| answer.is_possible())
    };
    match writing.crediting.attribute(addressee) {
        Reach::Every => {
            if may_count_for("") {
                writers.add_to_every(patient);
            }
        }
        Reach::With(provider) => {
            if may_count_for(writing.pairs.providers.get(provider)) {
                writers.add_to(provider, patient);
            }
        }
        Reach::Nobody => {}
    }
}
