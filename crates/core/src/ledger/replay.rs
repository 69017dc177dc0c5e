//! Evaluates all rows of some patients one by one: their part of the ledger, and the providers that each row of the numerator reaches.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::domain::attribution_mode::AttributionMode;
use crate::domain::event::{Encounter, NumeratorEvent};
use crate::domain::folding::Folding;
use crate::domain::inclusion::Inclusion;
use crate::domain::roster::Roster;
use crate::edition::TableCell;
use crate::edition::model::{AttributionScope, NumeratorSource};
use crate::ledger::adjudications::Adjudications;
use crate::ledger::attribution::{Addressee, Attribution};
use crate::ledger::denominator::{CollectOptions, DenominatorBuilder, DenominatorResult};
use crate::ledger::evaluator::CompiledMeasure;
use crate::ledger::id_key::IdRef;
use crate::ledger::numerator::{NumeratorBatch, NumeratorContext};
use crate::ledger::pair_index::{Ledger, NumeratorState, PairIndex};
use crate::ledger::retained_rows::{ActRow, AmongVersions, RetainedRows};
use crate::ledger::rule_counts::RuleCounts;
use crate::ledger::versions::{VersionRow, in_all};

/// How a numerator is counted.
#[derive(Clone, Copy)]
pub struct ReplayOptions<'a> {
    /// The export whose rows the numerator counts.
    pub counts: NumeratorSource,
    /// The providers to whom such a row can be attributed.
    pub counts_for: AttributionScope,
    /// How it is attributed among these.
    pub credit: AttributionMode,
    /// The providers of the practice; `None` without a roster.
    pub roster: Option<&'a Roster>,
    /// The review decisions.
    pub decided: &'a Adjudications<'a>,
    /// Differences between ids that the practice declares to be none.
    pub declared: Folding,
}

/// The result of a replay.
pub struct ReplayResult<'a> {
    /// The part of the ledger for these patients, identical to that of a run over all rows.
    pub ledger: Ledger,
    crediting: Attribution,
    decided: &'a Adjudications<'a>,
    /// The providers that rows of unresolved records reach, by position of the row.
    contradicted: HashMap<usize, Vec<ReachedProvider>>,
}

impl ReplayResult<'_> {
    /// Returns the providers that a row of the numerator reaches, given its position and decision. Computed on demand, since a row may
    /// reach very many.
    pub fn reached<R: ActRow>(&self, at: usize, row: &R, cell: TableCell) -> Vec<ReachedProvider> {
        match row.origin().among {
            AmongVersions::Superseded => Vec::new(),
            AmongVersions::Unresolved { .. } => self.contradicted.get(&at).cloned().unwrap_or_default(),
            AmongVersions::Record | AmongVersions::Duplicate => {
                reached_by(&self.ledger.pairs, &self.crediting, self.decided, &row.act(), cell)
            }
        }
    }
}

/// A provider that a row of the numerator reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReachedProvider {
    /// The number of the provider.
    pub provider: u32,
    /// The outcome for the provider.
    pub answer: Inclusion,
    /// Whether it is uncertain that the row reaches the provider, because it names no provider or an id only nearly matches.
    pub weakened: bool,
    /// Whether this is because an id only nearly matches.
    pub is_near: bool,
    /// Whether other versions of the row have different content.
    pub is_contradicted: bool,
    /// Whether a review decision applies.
    pub decided: bool,
}

/// Evaluates the rows of some patients. `kept` must have all rows of each of them.
pub fn replay<'a>(
    law: &CompiledMeasure,
    kept: &RetainedRows,
    counting: ReplayOptions<'a>,
) -> ReplayResult<'a> {
    let mut ledger = seen(law, kept, counting.roster, counting.declared);
    counting.decided.resolve_denominator(&mut ledger);
    let Ledger { pairs, written } = &mut ledger;
    let crediting = Attribution::new(counting.credit, counting.counts_for, pairs, counting.roster);
    let decided = Some(counting.decided);
    let writing = NumeratorContext {
        crediting: &crediting,
        pairs,
        evidence: true,
        all: true,
        decided,
        matching: None,
        writers: None,
    };
    let written = Mutex::new(written);
    let mut replaying = Replaying {
        law,
        writing: &writing,
        written: &written,
        decided: counting.decided,
        parts: BTreeMap::new(),
        waiting: 0,
    };
    let contradicted = match counting.counts {
        NumeratorSource::Messages => replaying.acts(&kept.messages, |row| law.message(&row.event())),
        NumeratorSource::Accesses => replaying.acts(&kept.accesses, |row| law.access(&row.event())),
    };
    counting.decided.resolve_numerator(&mut ledger);
    ReplayResult { ledger, crediting, decided: counting.decided, contradicted }
}

fn seen(law: &CompiledMeasure, kept: &RetainedRows, roster: Option<&Roster>, declared: Folding) -> Ledger {
    let keep = CollectOptions { evidence: true, declared, ..CollectOptions::default() };
    let seeing = DenominatorBuilder::new(law, keep);
    roster.into_iter().flat_map(Roster::keys).for_each(|provider| seeing.list(provider));
    let mut unresolved: BTreeMap<u32, (u32, Vec<VersionRow<Encounter<'_>>>)> = BTreeMap::new();
    for rows in kept.encounters.chunk_by(|one, other| one.at.file == other.at.file) {
        let mut part = seeing.part(law);
        for row in rows {
            match row.at.among {
                AmongVersions::Record => part.take(law, true, &row.event()),
                AmongVersions::Duplicate => part.take_duplicate(law, &row.event()),
                AmongVersions::Superseded => part.take_superseded(&row.event()),
                AmongVersions::Unresolved { record, version, versions } => {
                    let (_, rows) = unresolved.entry(record).or_insert_with(|| (versions, Vec::new()));
                    rows.push(VersionRow { version, file: row.at.file, row: row.event() });
                }
            }
        }
        seeing.collect(part, rows[0].at.file);
    }
    let mut part = seeing.part(law);
    unresolved.into_values().for_each(|(versions, rows)| part.take_unresolved(law, true, versions, &rows));
    seeing.collect(part, 0);
    let DenominatorResult { ledger, .. } = seeing.finish(1);
    ledger
}

/// Rows of the numerator on their way to the ledger.
struct Replaying<'r, 'w> {
    law: &'r CompiledMeasure,
    writing: &'r NumeratorContext<'w>,
    written: &'r Mutex<&'r mut NumeratorState>,
    decided: &'r Adjudications<'r>,
    parts: BTreeMap<u32, NumeratorBatch>,
    /// The number of rows in `parts`.
    waiting: usize,
}

/// The number of rows that are added to the ledger together.
const TOGETHER: usize = 1 << 14;

/// A record with contradicting versions.
#[derive(Default)]
struct Contradictory<'a> {
    versions: u32,
    rows: Vec<VersionRow<(NumeratorEvent<'a>, TableCell)>>,
    /// The position of each row among all that are replayed.
    places: Vec<usize>,
}

impl Replaying<'_, '_> {
    /// Evaluates rows and adds them to the ledger. Returns the providers that rows of unresolved records reach.
    fn acts<R: ActRow>(
        &mut self,
        rows: &[R],
        cell: impl Fn(&R) -> TableCell,
    ) -> HashMap<usize, Vec<ReachedProvider>> {
        let writing = self.writing;
        let NumeratorContext { pairs, crediting, .. } = *writing;
        let mut reached = HashMap::new();
        let mut unresolved: BTreeMap<u32, Contradictory<'_>> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            let (act, cell) = (row.act(), cell(row));
            match row.origin().among {
                AmongVersions::Record => {
                    self.part(row.origin().file).take(writing, cell, act);
                    self.waiting += 1;
                    if self.waiting == TOGETHER {
                        self.put();
                    }
                }
                AmongVersions::Duplicate | AmongVersions::Superseded => {}
                AmongVersions::Unresolved { record, version, versions } => {
                    // Review decisions about it depend on the other versions; `downgrade_contradictory` applies them.
                    let undecided = Adjudications::new(&[]);
                    reached.insert(at, reached_by(pairs, crediting, &undecided, &act, cell));
                    let of = unresolved.entry(record).or_default();
                    of.versions = versions;
                    of.rows.push(VersionRow { version, file: row.origin().file, row: (act, cell) });
                    of.places.push(at);
                }
            }
        }
        for of in unresolved.into_values() {
            self.part(0).take_unresolved(writing, of.versions, &of.rows);
            self.downgrade_contradictory(&of, &mut reached);
        }
        self.put();
        reached
    }

    /// Adds the rows in `parts` to the ledger.
    fn put(&mut self) {
        let Self { law, writing, written, .. } = *self;
        self.waiting = 0;
        for (file, mut part) in std::mem::take(&mut self.parts) {
            part.reach(writing, file, |part| {
                let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
                part.apply(&mut written, &mut RuleCounts::new(&law.numerator), file);
            });
        }
    }

    /// Downgrades outcomes that not all versions of a record share, unless a review decision applies.
    fn downgrade_contradictory(
        &self,
        of: &Contradictory<'_>,
        reached: &mut HashMap<usize, Vec<ReachedProvider>>,
    ) {
        let Contradictory { versions, rows, places } = of;
        let mut certain: BTreeSet<(u32, &[u8], u32)> = BTreeSet::new();
        for (one, at) in rows.iter().zip(places) {
            let of_row = reached.get(at).into_iter().flatten().filter(|reached| reached.answer.is_certain());
            certain.extend(of_row.map(|reached| (one.version, one.row.0.patient, reached.provider)));
        }
        for (one, at) in rows.iter().zip(places) {
            let (act, _) = &one.row;
            let all_name = in_all(*versions, rows, |(other, _)| other.patient == act.patient);
            let decisions = self.decided.decisions_for_versions(act.id, act.patient, all_name);
            let is_certain = |provider: u32| {
                (0..*versions).all(|version| certain.contains(&(version, act.patient, provider)))
            };
            for of in reached.get_mut(at).into_iter().flatten() {
                if !of.answer.is_possible() || is_certain(of.provider) {
                    continue;
                }
                let provider = self.writing.pairs.providers.get(of.provider);
                let settled = decisions.and_then(|of| self.decided.answer_of_message(of, provider));
                of.decided = settled.is_some();
                of.is_contradicted = !of.decided && of.answer.is_certain();
                of.answer = settled.unwrap_or_else(|| of.answer.downgrade());
            }
        }
    }

    fn part(&mut self, file: u32) -> &mut NumeratorBatch {
        let new = || NumeratorBatch::new(RuleCounts::new(&self.law.numerator), self.writing);
        self.parts.entry(file).or_insert_with(new)
    }
}

fn reached_by(
    pairs: &PairIndex,
    crediting: &Attribution,
    decided: &Adjudications<'_>,
    act: &NumeratorEvent<'_>,
    cell: TableCell,
) -> Vec<ReachedProvider> {
    let patient = IdRef::new(act.patient);
    let rows = pairs.rows_for_patient(patient, pairs.hash(patient));
    let near = if rows.is_empty() { pairs.near_patient(patient) } else { None };
    let addressee = Addressee::find(act.provider, pairs);
    let (is_near, names_near) = (near.is_some(), matches!(addressee, Addressee::Near(_)));
    let rows = near.map_or(rows, |(_, rows)| rows);
    let mut reached = Vec::new();
    if rows.is_empty() {
        return reached;
    }
    let decisions = decided.decisions_for(act.id, act.patient);
    crediting.rows(pairs, &rows, addressee, |_, provider, weakened| {
        let is_near = is_near || weakened && names_near;
        let weakened = weakened || is_near;
        let known = if weakened { cell.answer.downgrade() } else { cell.answer };
        let settled = decisions.filter(|_| known == Inclusion::Uncertain);
        let settled = settled.and_then(|of| decided.answer_of_message(of, pairs.providers.get(provider)));
        reached.push(ReachedProvider {
            provider,
            answer: settled.unwrap_or(known),
            weakened,
            is_near,
            is_contradicted: false,
            decided: settled.is_some(),
        });
    });
    reached
}
