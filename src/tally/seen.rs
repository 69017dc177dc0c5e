//! From encounters to the ledger's rows: who was seen by whom.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use hashbrown::{DefaultHashBuilder, HashMap};

use crate::domain::answer::Answer;
use crate::domain::event::Encounter;
use crate::domain::period::Day;
use crate::domain::standing::Seen;
use crate::tally::evidence::{Evidence, RowKey};
use crate::tally::ids::{self, Ids};
use crate::tally::law::Law;
use crate::tally::ledger::{Ledger, Pairs, shard_of};
use crate::tally::shard::{Seer, Shard};
use crate::tally::waterfall::Tally;

/// Collects the encounters of all files, from several threads at once.
///
/// Patients are spread over shards by the hash of their id, so that threads seldom wait for one another.
pub struct Seeing {
    providers: RwLock<Arc<Ids>>,
    shards: Vec<Mutex<Gathering>>,
    hasher: DefaultHashBuilder,
    keep_evidence: bool,
    tally: Mutex<Tally>,
}

/// The pairs of a shard while they grow: each patient's pairs are a chain.
#[derive(Default)]
struct Gathering {
    patients: Ids,
    /// The last pair of each patient.
    last: Vec<u32>,
    links: Vec<Link>,
    /// The pairs of patients with very many of them, by patient and provider.
    of_many: HashMap<(u32, u32), u32>,
    /// One entry a pair, if evidence is kept.
    evidence: Vec<Evidence>,
}

#[derive(Clone, Copy)]
struct Link {
    seer: Seer,
    /// The pair of the same patient before this one.
    before: u32,
    /// How many pairs of the patient there are up to this one, at the most [`MANY`].
    length: u16,
}

/// From so many pairs on, a patient's pairs are looked up and not walked through: a test patient may have thousands.
const MANY: u16 = 32;

/// There is no pair before.
const NONE: u32 = u32::MAX;

/// How many shards there are: enough that two threads seldom meet in one.
const SHARDS: usize = 16;

/// The judged encounters of one block.
pub struct SeenPart {
    tally: Tally,
    /// The providers that were known when the block was begun.
    known: Arc<Ids>,
    /// Those that were not; their numbers follow on.
    new: Ids,
    patients: Vec<u8>,
    entries: Vec<Entry>,
}

/// An encounter that is not certainly out.
struct Entry {
    /// Where the patient's id ends in the part's text.
    patient_end: usize,
    /// The provider's number in the part.
    provider: u32,
    answer: Answer,
    day: Option<Day>,
    /// The line of the record, where evidence is kept.
    line: u64,
}

impl SeenPart {
    /// Judges an encounter.
    pub fn take(&mut self, law: &Law, evidence: bool, encounter: &Encounter<'_>) {
        let cell = law.encounter(encounter);
        self.tally.count(cell);
        // A provider is listed for being named, even if every encounter is out.
        let provider = match self.known.find(encounter.provider) {
            Some(provider) => provider,
            None => self.known.len() as u32 + self.new.code(encounter.provider),
        };
        if cell.answer.may_be_in() {
            self.patients.extend_from_slice(encounter.patient);
            self.entries.push(Entry {
                patient_end: self.patients.len(),
                provider,
                answer: cell.answer,
                day: encounter.day,
                line: if evidence { encounter.line.number() } else { 0 },
            });
        }
    }
}

impl Seeing {
    /// Nobody seen yet. `evidence` says whether the ledger is to keep what each row rests on.
    pub fn new(law: &Law, evidence: bool) -> Self {
        let hasher = DefaultHashBuilder::default();
        let gathering = || {
            let patients = Ids::with_hasher(hasher.clone());
            Mutex::new(Gathering { patients, ..Gathering::default() })
        };
        Self {
            providers: RwLock::default(),
            shards: (0..SHARDS).map(|_| gathering()).collect(),
            hasher: hasher.clone(),
            keep_evidence: evidence,
            tally: Mutex::new(Tally::new(&law.denominator)),
        }
    }

    /// Names a provider of the roster, whether or not encounters do.
    pub fn name(&self, provider: &str) {
        let mut providers = self.providers.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut providers).code(provider.as_bytes());
    }

    /// An empty part.
    pub fn part(&self, law: &Law) -> SeenPart {
        SeenPart {
            tally: Tally::new(&law.denominator),
            known: self.providers.read().unwrap_or_else(PoisonError::into_inner).clone(),
            new: Ids::default(),
            patients: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Adds a part of a file, given by its position among the files.
    pub fn collect(&self, part: SeenPart, file: u32) {
        lock(&self.tally).merge(&part.tally);
        let new = self.add_providers(&part.new);
        let known = part.known.len() as u32;
        let mut by_shard: [Vec<(&[u8], u64, &Entry)>; SHARDS] = Default::default();
        let mut begin = 0;
        for entry in &part.entries {
            let patient = &part.patients[begin..entry.patient_end];
            begin = entry.patient_end;
            let hash = ids::hash(&self.hasher, patient);
            by_shard[shard_of(hash, SHARDS)].push((patient, hash, entry));
        }
        for (shard, entries) in self.shards.iter().zip(by_shard) {
            let mut shard = lock(shard);
            for (patient, hash, entry) in entries {
                let provider = entry
                    .provider
                    .checked_sub(known)
                    .map_or(entry.provider, |new_code| new[new_code as usize]);
                let row = shard.add(patient, hash, provider, entry.answer);
                if self.keep_evidence {
                    let pairs = shard.links.len();
                    shard.evidence.resize(pairs, Evidence::default());
                    shard.evidence[row].add_encounter(entry.answer, RowKey::new(entry.day, file, entry.line));
                }
            }
        }
    }

    /// The ledger of everybody seen, and the rows that each rule judged.
    pub fn finish(self) -> (Ledger, Tally) {
        let mut shards: Vec<Shard> = Vec::with_capacity(SHARDS);
        let mut evidence = Vec::new();
        let pairs = |shard: &Mutex<Gathering>| lock(shard).evidence.len();
        evidence.reserve_exact(self.shards.iter().map(pairs).sum());
        for gathering in self.shards {
            let gathering = gathering.into_inner().unwrap_or_else(PoisonError::into_inner);
            let (rows_before, slots_before) = shards.last().map_or((0, 0), |last| {
                (last.rows_before + last.rows.len(), last.slots_before + last.slots())
            });
            let (mut shard, kept) = gathering.laid_out(|id| ids::hash(&self.hasher, id));
            evidence.extend(kept);
            (shard.rows_before, shard.slots_before) = (rows_before, slots_before);
            shards.push(shard);
        }
        let providers = self.providers.into_inner().unwrap_or_else(PoisonError::into_inner);
        let pairs = Pairs { providers: Arc::unwrap_or_clone(providers), shards, hasher: self.hasher };
        let evidence = self.keep_evidence.then_some(evidence);
        (Ledger::new(pairs, evidence), self.tally.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// The numbers of providers that were new to a part.
    fn add_providers(&self, new: &Ids) -> Vec<u32> {
        if new.is_empty() {
            return Vec::new();
        }
        let mut providers = self.providers.write().unwrap_or_else(PoisonError::into_inner);
        let providers = Arc::make_mut(&mut providers);
        (0..new.len() as u32).map(|code| providers.code(new.get(code).as_bytes())).collect()
    }
}

impl Gathering {
    /// Adds an encounter and tells the position of its pair.
    fn add(&mut self, patient: &[u8], hash: u64, provider: u32, answer: Answer) -> usize {
        let patient = self.patients.code_of(patient, hash) as usize;
        if patient == self.last.len() {
            self.last.push(NONE);
        }
        let seen = if answer.must_be_in() { Seen::Certain } else { Seen::Possible };
        let last = self.last[patient];
        if let Some(known) = self.pair(patient, last, provider) {
            let known_seen = &mut self.links[known as usize].seer.seen;
            *known_seen = seen.max(*known_seen);
            return known as usize;
        }
        let position = u32::try_from(self.links.len()).expect("fewer than 2^32 pairs in a shard");
        let length = if last == NONE { 1 } else { (self.links[last as usize].length + 1).min(MANY) };
        self.links.push(Link { seer: Seer { provider, seen }, before: last, length });
        self.last[patient] = position;
        if length == MANY {
            self.keep_pairs(patient, position);
        }
        position as usize
    }

    /// The position of a patient's pair with a provider, given the patient's last pair.
    fn pair(&self, patient: usize, last: u32, provider: u32) -> Option<u32> {
        if last != NONE && self.links[last as usize].length == MANY {
            return self.of_many.get(&(patient as u32, provider)).copied();
        }
        self.chain(last).find(|at| self.links[*at as usize].seer.provider == provider)
    }

    /// Keeps a patient's last pair to be looked up, and those before it unless they are kept.
    fn keep_pairs(&mut self, patient: usize, last: u32) {
        let before = self.links[last as usize].before;
        let is_first = before == NONE || self.links[before as usize].length < MANY;
        let pairs: Vec<u32> = self.chain(last).take(if is_first { usize::from(MANY) } else { 1 }).collect();
        for pair in pairs {
            self.of_many.insert((patient as u32, self.links[pair as usize].seer.provider), pair);
        }
    }

    /// The positions of a patient's pairs, from the last one on.
    fn chain(&self, last: u32) -> impl Iterator<Item = u32> + '_ {
        let position = |at: u32| (at != NONE).then_some(at);
        std::iter::successors(position(last), move |at| position(self.links[*at as usize].before))
    }

    /// The shard with the pairs of each patient together, and the evidence in the order of the pairs.
    fn laid_out(self, hash: impl Fn(&[u8]) -> u64) -> (Shard, Vec<Evidence>) {
        let mut rows = Vec::with_capacity(self.links.len());
        let mut pairs = Vec::with_capacity(self.last.len());
        let mut evidence = Vec::with_capacity(self.evidence.len());
        for last in &self.last {
            let before = rows.len();
            let mut at = *last;
            while at != NONE {
                let link = self.links[at as usize];
                rows.push(link.seer);
                evidence.extend(self.evidence.get(at as usize));
                at = link.before;
            }
            pairs.push((rows.len() - before) as u32);
        }
        (Shard::new(self.patients, &pairs, rows, hash), evidence)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
