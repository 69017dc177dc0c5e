//! Adds encounters to the ledger: which provider saw which patient.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use hashbrown::{DefaultHashBuilder, HashMap};

use crate::domain::event::Encounter;
use crate::domain::exclusion::ExclusionCounts;
use crate::domain::folding::Folding;
use crate::domain::inclusion::Inclusion;
use crate::domain::membership::DenominatorStatus;
use crate::domain::period::Day;
use crate::edition::TableCell;
use crate::ledger::evaluator::{CompiledMeasure, Question};
use crate::ledger::evidence::{Evidence, RowKey};
use crate::ledger::id_key::{self, IdKey, IdRef};
use crate::ledger::interner::IdInterner;
use crate::ledger::pair_index::{Ledger, PairIndex, shard_of};
use crate::ledger::parallel;
use crate::ledger::patient_table::{PairRange, PatientTable};
use crate::ledger::prefetch::prefetch;
use crate::ledger::rule_counts::RuleCounts;
use crate::ledger::shard::{Shard, ShardPair};
use crate::ledger::sweep::DenominatorEvent;
use crate::ledger::versions::VersionRow;

/// Collects the encounters of all files, from several threads at once.
///
/// The hash of the id assigns each patient to a shard, so that threads seldom wait for each other.
pub struct DenominatorBuilder {
    providers: RwLock<Arc<IdInterner>>,
    shards: Vec<Mutex<ShardBuilder>>,
    /// The number of providers on the roster, which have the first numbers.
    listed: AtomicUsize,
    /// The numbers of providers that unusable encounters name.
    named: Mutex<Vec<u32>>,
    hasher: DefaultHashBuilder,
    keep: CollectOptions,
    tally: Mutex<RuleCounts>,
    held: Mutex<ExclusionCountsByProvider>,
}

/// Options of the collection: data in addition to the pairs, and how ids are compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct CollectOptions {
    /// The evidence of each ledger row.
    pub evidence: bool,
    /// The day of each encounter, for a sweep.
    pub days: bool,
    /// The rule counts of each provider.
    pub by_provider: bool,
    /// Differences between ids that the practice declares to be none. With these and accidental ones, two ids nearly match.
    pub declared: Folding,
}

/// The denominator after all encounters, with the rule counts and exclusion data that they produced.
pub struct DenominatorResult {
    /// The ledger, with all pairs.
    pub ledger: Ledger,
    /// The number of rows that each rule decided.
    pub tally: RuleCounts,
    /// The encounters that exclusions and the location requirement count.
    pub held: ExclusionCountsByProvider,
    /// The day of each encounter that may qualify; empty if days are not collected.
    pub days: Vec<DenominatorEvent>,
}

/// The encounters that each exclusion counts, by the number of the provider. Empty for an exclusion that counts none.
pub type ExclusionCountsByProvider = Vec<Vec<ExclusionCounts>>;

/// The pairs of a shard while encounters are read. The pairs of each patient form a chain.
#[derive(Default)]
struct ShardBuilder {
    patients: PatientTable,
    links: Vec<Link>,
    /// The pairs of patients who have very many, by patient and provider.
    of_many: HashMap<(IdKey, u32), u32>,
    /// One entry per pair; empty if evidence is not collected.
    evidence: Vec<Evidence>,
    /// Encounters with the position of their pair; empty if days are not collected.
    days: Vec<DenominatorEvent>,
}

/// The final form of a [`ShardBuilder`].
struct LaidOut {
    patients: PatientTable,
    rows: Vec<ShardPair>,
    evidence: Vec<Evidence>,
    days: Vec<DenominatorEvent>,
}

#[derive(Clone, Copy)]
struct Link {
    seer: ShardPair,
    /// The previous pair of the same patient.
    before: u32,
}

/// The number of pairs from which a patient's pairs are looked up by hash and not along the chain. A test patient can have thousands.
const MANY: u32 = 32;

/// The estimated number of encounters of a block that may qualify.
const ROOM: usize = 2048;

/// Marks the end of a chain.
const NONE: u32 = u32::MAX;

/// The number of shards: enough that two threads seldom need the same one.
const SHARDS: usize = 16;

/// The maximum number of shards that are laid out at the same time.
const MAX_AT_ONCE: usize = 4;

/// The evaluated encounters of one block.
pub struct DenominatorBatch {
    tally: RuleCounts,
    /// The providers that were known when the batch was created.
    known: Arc<IdInterner>,
    /// The providers that were not known then. Their numbers follow those of `known`.
    new: IdInterner,
    hasher: DefaultHashBuilder,
    /// The long ids of patients.
    long: Vec<u8>,
    entries: Vec<Entry>,
    /// Encounters from records with contradicting versions.
    unresolved: Vec<UnresolvedEntry>,
    /// By the number of the provider in this batch.
    held: ExclusionCountsByProvider,
}

/// An unresolved record, for one provider and patient.
struct UnresolvedEntry {
    /// The encounter that represents all versions.
    entry: Entry,
    /// The position of the file with this encounter.
    file: u32,
    /// The first day, the last day, and the outcome of each event; see [`DenominatorEvent`].
    days: Vec<(Option<Day>, Option<Day>, Inclusion)>,
}

/// An encounter that qualifies or may qualify.
struct Entry {
    patient: IdKey,
    patient_hash: u64,
    /// The number of the provider in this batch.
    provider: u32,
    answer: Inclusion,
    day: Option<Day>,
    /// The line of the record; 0 if evidence is not kept.
    line: u64,
}

/// Returns whether each version of a record has a row, given by position, for which the argument is true.
type InAllVersions<'a> = &'a dyn Fn(&dyn Fn(usize) -> bool) -> bool;

impl DenominatorBatch {
    /// Evaluates an encounter and adds it to the batch.
    pub fn take(&mut self, law: &CompiledMeasure, evidence: bool, encounter: &Encounter<'_>) {
        let cell = law.encounter(encounter);
        self.tally.count_for(Some(encounter.provider), cell);
        // An encounter lists its provider even if it does not qualify.
        let provider = self.provider(encounter.provider);
        for (held, question) in self.held.iter_mut().zip(&law.questions) {
            let Some(question) = question else { continue };
            let answer = law.encounter_cell(&question.table, encounter).answer;
            if answer.is_possible() {
                held_by(held, provider).add(answer.is_certain(), question.mark.value(encounter));
            }
        }
        if cell.answer.is_possible() {
            let patient = IdRef::new(encounter.patient);
            self.entries.push(Entry {
                patient: patient.kept_in(&mut self.long),
                patient_hash: id_key::hash(&self.hasher, patient),
                provider,
                answer: cell.answer,
                day: encounter.day,
                line: if evidence { encounter.line.number() } else { 0 },
            });
        }
    }
}

impl DenominatorBatch {
    /// Counts a row that has the same content as another row of its record.
    pub fn take_duplicate(&mut self, law: &CompiledMeasure, encounter: &Encounter<'_>) {
        self.tally.count_for(Some(encounter.provider), law.encounter(encounter));
        self.provider(encounter.provider);
    }

    /// Counts a row that a later version of its record replaces. Does not list the provider, since the record may belong to another one.
    pub fn take_superseded(&mut self, encounter: &Encounter<'_>) {
        self.tally.count_superseded(Some(encounter.provider));
    }

    /// Evaluates a record with `versions` versions when it is unknown which one is the record. `rows` has the rows of all versions.
    pub fn take_unresolved(
        &mut self,
        law: &CompiledMeasure,
        evidence: bool,
        versions: u32,
        rows: &[VersionRow<Encounter<'_>>],
    ) {
        let cells: Vec<TableCell> = rows.iter().map(|one| law.encounter(&one.row)).collect();
        let names = |at: usize| (rows[at].row.provider, rows[at].row.patient);
        let all = |is_one: &dyn Fn(usize) -> bool| {
            (0..versions).all(|version| (0..rows.len()).any(|at| rows[at].version == version && is_one(at)))
        };
        for at in 0..rows.len() {
            let is_certain = all(&|other| names(other) == names(at) && cells[other].answer.is_certain());
            let cell = if is_certain {
                cells[at]
            } else {
                TableCell { answer: cells[at].answer.downgrade(), ..cells[at] }
            };
            self.tally.count_for(Some(rows[at].row.provider), cell);
            let provider = self.provider(rows[at].row.provider);
            let alike = |is_alike: &dyn Fn(usize) -> bool| {
                (0..rows.len()).filter(|other| is_alike(*other)).collect::<Vec<_>>()
            };
            let of_provider = alike(&|other| rows[other].row.provider == rows[at].row.provider);
            if of_provider[0] == at {
                self.hold_unresolved(law, provider, rows, &of_provider, &all);
            }
            let of_pair = alike(&|other| names(other) == names(at) && cells[other].answer.is_possible());
            if of_pair.first() == Some(&at) {
                let days = of_pair.iter().map(|at| rows[*at].row.day);
                let mut all_days: Vec<(Option<Day>, Option<Day>, Inclusion)> = Vec::new();
                for day in days {
                    all_days.push((day, day, Inclusion::Uncertain));
                }
                if is_certain {
                    // A period with all days of the certain rows has one of each version; rows that only may qualify prove nothing.
                    let certain = of_pair.iter().filter(|at| cells[**at].answer.is_certain());
                    let certain = certain.map(|at| rows[*at].row.day);
                    all_days.push((certain.clone().min().flatten(), certain.max().flatten(), Inclusion::In));
                }
                let earliest = of_pair.into_iter().min_by_key(|at| {
                    let row = &rows[*at].row;
                    (row.day.unwrap_or(Day::NEVER), row.line.number())
                });
                let VersionRow { file, row, .. } = &rows[earliest.unwrap_or(at)];
                let patient = IdRef::new(row.patient);
                let entry = Entry {
                    patient: patient.kept_in(&mut self.long),
                    patient_hash: id_key::hash(&self.hasher, patient),
                    provider,
                    answer: if is_certain { Inclusion::In } else { Inclusion::Uncertain },
                    day: row.day,
                    line: if evidence { row.line.number() } else { 0 },
                };
                self.unresolved.push(UnresolvedEntry { entry, file: *file, days: all_days });
            }
        }
    }

    /// Adds a record to the counts of the exclusions and the location requirement, once per provider. `of_provider` has the positions of
    /// the provider's rows.
    fn hold_unresolved(
        &mut self,
        law: &CompiledMeasure,
        provider: u32,
        rows: &[VersionRow<Encounter<'_>>],
        of_provider: &[usize],
        in_all: InAllVersions<'_>,
    ) {
        for (held, question) in self.held.iter_mut().zip(&law.questions) {
            let Some(Question { table, mark }) = question else { continue };
            let answer = |at: usize| law.encounter_cell(table, &rows[at].row).answer;
            let asked: Vec<usize> =
                of_provider.iter().copied().filter(|at| answer(*at).is_possible()).collect();
            let Some(first) = asked.first() else { continue };
            let is_certain = in_all(&|at| of_provider.contains(&at) && answer(at).is_certain());
            let has_mark = mark.value(&rows[*first].row);
            let is_same = asked.iter().all(|at| mark.value(&rows[*at].row) == has_mark);
            held_by(held, provider).add(is_certain, has_mark.filter(|_| is_same));
        }
    }

    /// Returns the number of a provider in this batch.
    #[inline]
    fn provider(&mut self, id: &[u8]) -> u32 {
        match self.known.find(id) {
            Some(provider) => provider,
            None => self.known.len() as u32 + self.new.code(id),
        }
    }
}

impl DenominatorBuilder {
    /// Returns a builder with no pairs.
    pub fn new(law: &CompiledMeasure, keep: CollectOptions) -> Self {
        Self {
            providers: RwLock::default(),
            listed: AtomicUsize::new(0),
            named: Mutex::default(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: DefaultHashBuilder::default(),
            keep,
            tally: Mutex::new(tally(law, keep)),
            held: Mutex::new(vec![Vec::new(); law.questions.len()]),
        }
    }

    /// Adds a provider of the roster, whether or not encounters name it. Must be called before any batch is collected.
    pub fn list(&self, provider: &str) {
        self.code(provider);
        let listed = self.providers.read().unwrap_or_else(PoisonError::into_inner).len();
        self.listed.store(listed, Ordering::Relaxed);
    }

    /// Adds a provider that an unusable encounter names.
    pub fn name(&self, provider: &str) {
        let code = self.code(provider);
        self.named.lock().unwrap_or_else(PoisonError::into_inner).push(code);
    }

    fn code(&self, provider: &str) -> u32 {
        let mut providers = self.providers.write().unwrap_or_else(PoisonError::into_inner);
        let providers = Arc::make_mut(&mut providers);
        let code = providers.code(provider.as_bytes());
        providers.maintain_index();
        code
    }

    /// Returns an empty batch.
    pub fn part(&self, law: &CompiledMeasure) -> DenominatorBatch {
        DenominatorBatch {
            tally: tally(law, self.keep),
            known: self.providers.read().unwrap_or_else(PoisonError::into_inner).clone(),
            new: IdInterner::default(),
            hasher: self.hasher.clone(),
            long: Vec::new(),
            entries: Vec::with_capacity(ROOM),
            unresolved: Vec::new(),
            held: vec![Vec::new(); law.questions.len()],
        }
    }

    /// Adds a batch of a file. `file` is the position of the file.
    pub fn collect(&self, part: DenominatorBatch, file: u32) {
        lock(&self.tally).merge(&part.tally);
        let new = self.add_providers(&part.new);
        let known = part.known.len() as u32;
        let number =
            |in_part: u32| in_part.checked_sub(known).map_or(in_part, |new_code| new[new_code as usize]);
        for (sum, more) in lock(&self.held).iter_mut().zip(&part.held) {
            for (in_part, held) in more.iter().enumerate() {
                held_by(sum, number(in_part as u32)).merge(held);
            }
        }
        let room = || Vec::with_capacity(part.entries.len() * 2 / SHARDS);
        let mut by_shard: [Vec<&Entry>; SHARDS] = std::array::from_fn(|_| room());
        for entry in &part.entries {
            by_shard[shard_of(entry.patient_hash, SHARDS)].push(entry);
        }
        let hash = |id: IdRef<'_>| id_key::hash(&self.hasher, id);
        let add = |shard: &mut ShardBuilder, entries: &[&Entry]| {
            let slots = shard.slots_of(entries, &part.long, hash);
            for (entry, slot) in entries.iter().zip(slots) {
                let row = shard.add(slot, number(entry.provider), entry.answer);
                if self.keep.days {
                    shard.days.push(DenominatorEvent {
                        row: row as u32,
                        day: entry.day,
                        first: entry.day,
                        answer: entry.answer,
                    });
                }
                if self.keep.evidence {
                    let pairs = shard.links.len();
                    shard.evidence.resize(pairs, Evidence::default());
                    shard.evidence[row].add_encounter(entry.answer, RowKey::new(entry.day, file, entry.line));
                }
            }
        };
        for UnresolvedEntry { entry, file, days } in &part.unresolved {
            let mut shard = lock(&self.shards[shard_of(entry.patient_hash, SHARDS)]);
            let slot = shard.slots_of(&[entry], &part.long, hash)[0];
            let row = shard.add(slot, number(entry.provider), entry.answer);
            if self.keep.days {
                let seen_on = |(first, day, answer): &(Option<Day>, Option<Day>, Inclusion)| {
                    DenominatorEvent { row: row as u32, day: *day, first: *first, answer: *answer }
                };
                shard.days.extend(days.iter().map(seen_on));
            }
            if self.keep.evidence {
                let pairs = shard.links.len();
                shard.evidence.resize(pairs, Evidence::default());
                shard.evidence[row].add_encounter(entry.answer, RowKey::new(entry.day, *file, entry.line));
            }
        }
        // Skip a shard that another thread has locked, and wait for one only if all that remain are locked.
        let mut left: Vec<(&Mutex<ShardBuilder>, Vec<&Entry>)> = self.shards.iter().zip(by_shard).collect();
        while !left.is_empty() {
            left.retain(|(shard, entries)| match shard.try_lock() {
                Ok(mut shard) => {
                    add(&mut shard, entries);
                    false
                }
                Err(_) => true,
            });
            if let Some((shard, entries)) = left.pop() {
                add(&mut lock(shard), &entries);
            }
        }
    }

    /// Returns the denominator, laid out by up to `threads` threads.
    pub fn finish(self, threads: usize) -> DenominatorResult {
        let mut shards: Vec<Shard> = Vec::with_capacity(SHARDS);
        let (mut evidence, mut days) = (Vec::new(), Vec::new());
        let pairs = |shard: &Mutex<ShardBuilder>| lock(shard).evidence.len();
        evidence.reserve_exact(self.shards.iter().map(pairs).sum());
        let gathered =
            self.shards.into_iter().map(|all| all.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut gathered = gathered.peekable();
        // Lay out a few at a time, since each is in memory twice meanwhile.
        let at_once = threads.clamp(1, MAX_AT_ONCE);
        while gathered.peek().is_some() {
            let some: Vec<ShardBuilder> = gathered.by_ref().take(at_once).collect();
            for LaidOut { patients, rows, evidence: kept, days: seen_on } in
                parallel::map_parallel(some, ShardBuilder::laid_out)
            {
                let shard = Shard::new(patients, rows, shards.last());
                let rows_before = shard.rows_before as u32;
                evidence.extend(kept);
                days.extend(
                    seen_on.into_iter().map(|seen| DenominatorEvent { row: rows_before + seen.row, ..seen }),
                );
                shards.push(shard);
            }
        }
        let providers = self.providers.into_inner().unwrap_or_else(PoisonError::into_inner);
        let providers = Arc::unwrap_or_clone(providers);
        let mut pairs = PairIndex::new(providers, shards, self.hasher, self.keep.declared);
        pairs.listed = self.listed.into_inner() as u32;
        pairs.named = self.named.into_inner().unwrap_or_else(PoisonError::into_inner);
        let evidence = self.keep.evidence.then_some(evidence);
        let tally = self.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let held = self.held.into_inner().unwrap_or_else(PoisonError::into_inner);
        DenominatorResult { ledger: Ledger::new(pairs, evidence), tally, held, days }
    }

    /// Returns the numbers of the providers that were new to a batch.
    fn add_providers(&self, new: &IdInterner) -> Vec<u32> {
        if new.is_empty() {
            return Vec::new();
        }
        let mut providers = self.providers.write().unwrap_or_else(PoisonError::into_inner);
        let providers = Arc::make_mut(&mut providers);
        let codes = (0..new.len() as u32).map(|code| providers.code(new.get(code).as_bytes())).collect();
        providers.maintain_index();
        codes
    }
}

impl ShardBuilder {
    /// Returns the slots of the patients of some encounters, ready for [`Self::add`].
    ///
    /// Looks up many patients in steps, so that the CPU waits for many scattered memory accesses at the same time.
    fn slots_of(&mut self, entries: &[&Entry], long: &[u8], hash: impl Fn(IdRef<'_>) -> u64) -> Vec<usize> {
        self.patients.reserve(entries.len(), hash);
        for entry in entries {
            self.patients.prefetch(entry.patient_hash);
        }
        let slot = |entry: &&Entry| {
            let slot = self.patients.slot_of(IdRef { key: entry.patient, long }, entry.patient_hash);
            if let Some(last) = self.links.get(self.patients.pairs(slot).at as usize) {
                prefetch(last);
            }
            slot
        };
        entries.iter().map(slot).collect()
    }

    /// Adds an encounter of the patient in a slot, and returns the position of the pair.
    fn add(&mut self, slot: usize, provider: u32, answer: Inclusion) -> usize {
        let seen = if answer.is_certain() { DenominatorStatus::Certain } else { DenominatorStatus::Possible };
        if let Some(known) = self.pair(slot, provider) {
            let known_seen = &mut self.links[known as usize].seer.seen;
            *known_seen = seen.max(*known_seen);
            return known as usize;
        }
        let position = u32::try_from(self.links.len()).expect("fewer than 2^32 pairs in a shard");
        let of = self.patients.pairs(slot);
        let before = if of.count == 0 { NONE } else { of.at };
        *of = PairRange { at: position, count: of.count + 1 };
        let count = of.count;
        self.links.push(Link { seer: ShardPair { provider, seen }, before });
        if count >= MANY {
            self.keep_pairs(slot, position, if count == MANY { MANY } else { 1 });
        }
        position as usize
    }

    /// Returns the position of the pair of a provider with the patient in a slot; `None` if there is no such pair.
    fn pair(&mut self, slot: usize, provider: u32) -> Option<u32> {
        let of = *self.patients.pairs(slot);
        match of.count {
            0 => None,
            MANY.. => self.of_many.get(&(self.patients.key(slot), provider)).copied(),
            _ => self.chain(of.at).find(|at| self.links[*at as usize].seer.provider == provider),
        }
    }

    /// Adds the last `count` pairs of a patient to `of_many`.
    fn keep_pairs(&mut self, slot: usize, last: u32, count: u32) {
        let key = self.patients.key(slot);
        let pairs: Vec<u32> = self.chain(last).take(count as usize).collect();
        for pair in pairs {
            self.of_many.insert((key, self.links[pair as usize].seer.provider), pair);
        }
    }

    /// Returns the positions of a patient's pairs, the last one first.
    fn chain(&self, last: u32) -> impl Iterator<Item = u32> + '_ {
        let position = |at: u32| (at != NONE).then_some(at);
        std::iter::successors(position(last), move |at| position(self.links[*at as usize].before))
    }

    /// Puts the pairs of each patient next to each other, the evidence in the order of the pairs, and the new positions into the days.
    fn laid_out(mut self) -> LaidOut {
        let mut positions = if self.days.is_empty() { Vec::new() } else { vec![0; self.links.len()] };
        let mut rows = Vec::with_capacity(self.links.len());
        let mut evidence = Vec::with_capacity(self.evidence.len());
        for of in self.patients.all_mut() {
            let first = rows.len() as u32;
            let mut at = of.at;
            while at != NONE {
                let link = self.links[at as usize];
                if let Some(position) = positions.get_mut(at as usize) {
                    *position = rows.len() as u32;
                }
                rows.push(link.seer);
                evidence.extend(self.evidence.get(at as usize));
                at = link.before;
            }
            of.at = first;
        }
        let mut days = self.days;
        days.iter_mut().for_each(|seen| seen.row = positions[seen.row as usize]);
        LaidOut { patients: self.patients, rows, evidence, days }
    }
}

fn tally(law: &CompiledMeasure, keep: CollectOptions) -> RuleCounts {
    let new = if keep.by_provider { RuleCounts::by_provider } else { RuleCounts::new };
    new(&law.denominator)
}

/// Returns the entry of a provider, given by number.
fn held_by(held: &mut Vec<ExclusionCounts>, provider: u32) -> &mut ExclusionCounts {
    let at = provider as usize;
    if held.len() <= at {
        held.resize(at + 1, ExclusionCounts::default());
    }
    &mut held[at]
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
