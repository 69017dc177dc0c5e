//! The ledger: one row per pair of provider and patient that may be in the denominator. Reports derive everything else from it.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use hashbrown::DefaultHashBuilder;

use crate::domain::folding::Folding;
use crate::domain::inclusion::Inclusion;
use crate::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use crate::ledger::dense_index::DenseIdIndex;
use crate::ledger::evidence::{Evidence, RowKey, Weakening};
use crate::ledger::id_key::{self, IdKey, IdRef};
use crate::ledger::interner::IdInterner;
use crate::ledger::near::LazyNearIds;
use crate::ledger::pair::ProviderPatient;
use crate::ledger::patient_table::PairRange;
use crate::ledger::shard::Shard;

/// Which provider saw which patient, and the numerator of each of these pairs.
pub struct Ledger {
    /// Which provider saw which patient.
    pub pairs: PairIndex,
    /// The numerator status and the evidence of each pair.
    pub written: NumeratorState,
}

/// Which provider saw, or may have seen, which patient: fixed once all encounters are read.
pub struct PairIndex {
    /// Every provider that the encounters or the roster name.
    pub providers: IdInterner,
    pub(super) shards: Vec<Shard>,
    pub(super) hasher: DefaultHashBuilder,
    /// The location of each patient's pairs, if ids end in numbers; see [`Self::build_index`].
    by_patient_id: Option<DenseIdIndex<PairLocation>>,
    near_patients: LazyNearIds,
    near_providers: LazyNearIds,
    /// Near matches among providers that only the roster lists.
    near_listed: LazyNearIds,
    /// The number of providers on the roster, which have the first numbers.
    pub(super) listed: u32,
    /// The numbers of providers that unusable encounters name.
    pub(super) named: Vec<u32>,
    /// For each provider, whether an encounter names it that may qualify or is unusable. Some providers on the roster have none.
    met: OnceLock<Vec<bool>>,
    /// The positions of pairs that a review decision removes, since the patient was not seen.
    pub(super) gone: HashSet<usize>,
    /// The review decisions for every candidate period of a sweep, by position of the pair: denominator first, then numerator.
    pub(super) settled: [HashMap<usize, Inclusion>; 2],
}

/// The location of a patient's pairs, in few bytes. Most patients have one provider, and then it is the whole pair.
#[derive(Clone, Copy, Default)]
struct PairLocation {
    /// The position in the ledger of the only pair; or the position in the shard of the first of several pairs.
    at: u32,
    /// [`ONE`] and the number of the only provider; or the number of pairs, with the shard in the bits above [`COUNT_BITS`].
    who: u32,
}

/// The number of patients per shard that are sampled to find the most common shape of ids.
const SAMPLES: usize = 8;

/// The flag of a patient with exactly one pair.
const ONE: u32 = 1 << 31;

/// The number of bits for the number of pairs.
const COUNT_BITS: u32 = 24;

/// Returns the location of each patient's pairs, for the shard with this number.
fn standpoints((number, shard): (usize, &Shard)) -> impl Iterator<Item = (IdKey, PairLocation)> + Send + '_ {
    shard.by_key().map(move |(key, PairRange { at, count })| {
        let standpoint = match count {
            1 => PairLocation {
                at: shard.rows_before as u32 + at,
                who: shard.rows[at as usize].provider | ONE,
            },
            _ => PairLocation { at, who: count | (number as u32) << COUNT_BITS },
        };
        (key, standpoint)
    })
}

/// Where to look for a patient.
#[derive(Clone, Copy)]
pub(super) enum PatientHint {
    Number(usize),
    Hash(u64),
}

/// The pairs of a patient.
#[derive(Clone, Copy)]
pub struct PatientRows(Rows);

#[derive(Clone, Copy)]
enum Rows {
    /// One pair: its position in the ledger, and the number of its provider.
    Only(u32, u32),
    /// Any number of pairs: the number of the shard, and the range in it.
    In(u32, PairRange),
}

impl PatientRows {
    /// No pairs: no provider saw the patient.
    const NONE: Self = Self(Rows::In(0, PairRange { at: 0, count: 0 }));

    /// Returns whether no provider saw the patient.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Rows::In(_, PairRange { count: 0, .. }))
    }
}

/// Counts of messages that may qualify, and of those whose patient may have been seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct MatchCounts {
    /// Messages that may qualify under the rules.
    pub may: u64,
    /// Messages among these whose patient may have been seen.
    pub seen: u64,
}

/// The numerator of each pair, which grows as messages are read.
pub struct NumeratorState {
    wrote: Vec<NumeratorStatus>,
    /// For each pair, whether a message that names a provider certainly puts it in the numerator; `None` if not kept.
    named: Option<Vec<bool>>,
    /// For each pair, by position, the status from messages to other ids of the same clinician, by the number of the named id. Empty unless
    /// clinicians have several provider ids.
    of_persons: HashMap<u32, Vec<(u32, NumeratorStatus)>>,
    /// How many messages that may qualify have a patient of the ledger.
    pub met: MatchCounts,
    /// One entry per pair; `None` if evidence is not kept.
    evidence: Option<Vec<Evidence>>,
}

impl Ledger {
    /// Returns the ledger of all pairs, before any message. The evidence is in the order of the rows.
    pub(super) fn new(pairs: PairIndex, evidence: Option<Vec<Evidence>>) -> Self {
        let rows = pairs.shards.iter().map(|shard| shard.rows.len()).sum();
        Self {
            pairs,
            written: NumeratorState {
                wrote: vec![NumeratorStatus::None; rows],
                named: None,
                of_persons: HashMap::new(),
                met: MatchCounts::default(),
                evidence,
            },
        }
    }

    /// Returns the number of pairs.
    pub fn len(&self) -> usize {
        self.written.wrote.len()
    }

    /// Returns whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.written.wrote.is_empty()
    }

    /// Iterates over the pairs with their memberships. The pairs of a patient are adjacent.
    pub fn rows(&self) -> impl Iterator<Item = (ProviderPatient, Membership)> + '_ {
        self.positions().map(|(_, pair, standing)| (pair, standing))
    }

    /// Iterates over the pairs with their memberships and evidence; empty if evidence is not kept.
    pub fn rows_with_evidence(&self) -> impl Iterator<Item = (ProviderPatient, Membership, &Evidence)> + '_ {
        self.rows_with_positions().map(|(_, pair, standing, evidence)| (pair, standing, evidence))
    }

    /// Iterates over the pairs with their positions, memberships, and evidence; empty if evidence is not kept.
    pub fn rows_with_positions(
        &self,
    ) -> impl Iterator<Item = (usize, ProviderPatient, Membership, &Evidence)> + '_ {
        let evidence = self.written.evidence.as_deref().unwrap_or_default();
        self.positions().filter_map(|(at, pair, standing)| Some((at, pair, standing, evidence.get(at)?)))
    }

    /// Iterates over the pairs with the memberships of their clinicians, which include messages to other ids of the clinician. The pairs of
    /// a patient are adjacent.
    pub fn rows_of_persons(&self) -> impl Iterator<Item = (ProviderPatient, Membership)> + '_ {
        self.positions().map(|(at, pair, standing)| {
            let of_others = self.written.of_persons.get(&(at as u32)).into_iter().flatten();
            let by_other_ids = of_others.map(|(_, wrote)| *wrote).max().unwrap_or(NumeratorStatus::None);
            (pair, Membership { numerator: standing.numerator.max(by_other_ids), ..standing })
        })
    }

    /// Returns the items of [`Self::rows`] in parts that can be processed in parallel. All pairs of a patient are in the same part.
    pub fn parts(
        &self,
    ) -> impl Iterator<Item = impl Iterator<Item = (ProviderPatient, Membership)> + Send + '_> {
        self.pairs
            .shards
            .iter()
            .map(|shard| self.pairs_of_shard(shard).map(|(_, pair, standing)| (pair, standing)))
    }

    /// Iterates over the pairs, and whether only messages that name no provider certainly put the pair in the numerator. Empty if this is
    /// not kept. The pairs of a patient are adjacent.
    pub fn rows_by_unnamed(&self) -> impl Iterator<Item = (ProviderPatient, Membership, bool)> + '_ {
        let named = self.written.named.as_deref();
        self.positions().filter_map(move |(at, pair, standing)| {
            let is_named = *named?.get(at)?;
            Some((pair, standing, standing.numerator == NumeratorStatus::Certain && !is_named))
        })
    }

    /// Returns the highest numerator status of a patient over all providers who saw the patient.
    pub fn wrote(&self, patient: &[u8]) -> NumeratorStatus {
        let id = IdRef::new(patient);
        let rows = self.pairs.rows_for_patient(id, self.pairs.hash(id));
        let wrote = self.pairs.providers_who_saw(&rows).map(|(at, _)| self.written.wrote[at]);
        wrote.max().unwrap_or(NumeratorStatus::None)
    }

    fn positions(&self) -> impl Iterator<Item = (usize, ProviderPatient, Membership)> + '_ {
        self.pairs.shards.iter().flat_map(|shard| self.pairs_of_shard(shard))
    }

    fn pairs_of_shard(
        &self,
        shard: &Shard,
    ) -> impl Iterator<Item = (usize, ProviderPatient, Membership)> + Send {
        let rows = shard.pairs().filter(|(at, _)| !self.pairs.is_gone(*at));
        rows.map(|(at, pair)| {
            (at, pair, Membership { denominator: pair.seen, numerator: self.written.wrote[at] })
        })
    }

    /// Applies a review decision about whether a patient was seen, for one provider or for all who may have seen the patient. `settle` maps
    /// the known outcome and the provider's id to the outcome that applies.
    pub(super) fn resolve_denominator(
        &mut self,
        patient: &str,
        provider: Option<&str>,
        settle: impl Fn(Inclusion, &str) -> Inclusion,
    ) {
        for (at, within, shard) in self.pairs.positions_of(patient, provider) {
            let is_gone = self.pairs.is_gone(at);
            let seer = self.pairs.providers.get(self.pairs.shards[shard].rows[within].provider).to_owned();
            let row = &mut self.pairs.shards[shard].rows[within];
            let known = match row.seen {
                _ if is_gone => Inclusion::Out,
                DenominatorStatus::Certain => Inclusion::In,
                DenominatorStatus::Possible => Inclusion::Uncertain,
            };
            match settle(known, &seer) {
                Inclusion::In => row.seen = DenominatorStatus::Certain,
                Inclusion::Uncertain => row.seen = DenominatorStatus::Possible,
                Inclusion::Out => {
                    self.pairs.gone.insert(at);
                }
            }
        }
    }

    /// Stores a review decision about a patient, for every candidate period of a sweep.
    pub(super) fn resolve_all(
        &mut self,
        patient: &str,
        provider: Option<&str>,
        numerator: bool,
        answer: Inclusion,
    ) {
        for (at, ..) in self.pairs.positions_of(patient, provider) {
            self.pairs.settled[usize::from(numerator)].entry(at).or_insert(answer);
        }
    }

    /// Applies a review decision about whether a patient is in the numerator, for one provider or for all; `settle` as in
    /// [`Self::resolve_denominator`].
    pub(super) fn resolve_numerator(
        &mut self,
        patient: &str,
        provider: Option<&str>,
        settle: impl Fn(Inclusion, &str) -> Inclusion,
    ) {
        for (at, within, shard) in self.pairs.positions_of(patient, provider) {
            if self.pairs.is_gone(at) {
                continue;
            }
            let seer = self.pairs.providers.get(self.pairs.shards[shard].rows[within].provider);
            let wrote = &mut self.written.wrote[at];
            let known = match wrote {
                NumeratorStatus::Certain => Inclusion::In,
                NumeratorStatus::Possible => Inclusion::Uncertain,
                NumeratorStatus::None => Inclusion::Out,
            };
            let settled = settle(known, seer);
            if let Some(named) =
                self.written.named.as_mut().filter(|_| settled == Inclusion::In && known != settled)
            {
                named[at] = true;
            }
            *wrote = match settled {
                Inclusion::In => NumeratorStatus::Certain,
                Inclusion::Uncertain => NumeratorStatus::Possible,
                Inclusion::Out => NumeratorStatus::None,
            };
        }
        self.settle_persons(patient, provider, settle);
    }

    /// Applies the same decision to unresolved messages to other ids of a provider's clinician. `provider` may be the id that these
    /// messages name, or the id that saw the patient.
    fn settle_persons(
        &mut self,
        patient: &str,
        provider: Option<&str>,
        settle: impl Fn(Inclusion, &str) -> Inclusion,
    ) {
        if self.written.of_persons.is_empty() {
            return;
        }
        for (at, within, shard) in self.pairs.positions_of(patient, None) {
            let names = &self.pairs.providers;
            let seer = names.get(self.pairs.shards[shard].rows[within].provider);
            let open = self.written.of_persons.get_mut(&(at as u32)).into_iter().flatten();
            for (named, wrote) in open.filter(|(_, wrote)| *wrote == NumeratorStatus::Possible) {
                let named = names.get(*named);
                if provider.is_none_or(|provider| provider == named || provider == seer) {
                    *wrote = match settle(Inclusion::Uncertain, named) {
                        Inclusion::In => NumeratorStatus::Certain,
                        Inclusion::Uncertain => NumeratorStatus::Possible,
                        Inclusion::Out => NumeratorStatus::None,
                    };
                }
            }
        }
    }
}

impl PairIndex {
    /// Returns the pairs of these providers, without review decisions. `declared` are differences between ids that do not count.
    pub(super) fn new(
        providers: IdInterner,
        shards: Vec<Shard>,
        hasher: DefaultHashBuilder,
        declared: Folding,
    ) -> Self {
        Self {
            providers,
            shards,
            hasher,
            by_patient_id: None,
            near_patients: LazyNearIds::new(declared),
            near_providers: LazyNearIds::new(declared),
            near_listed: LazyNearIds::new(declared),
            listed: 0,
            named: Vec::new(),
            met: OnceLock::new(),
            gone: HashSet::new(),
            settled: Default::default(),
        }
    }

    /// Builds the indexes for very many lookups, on up to `threads` threads, at most four.
    pub fn build_index(&mut self, threads: usize) {
        self.providers.build_index();
        let shards = &self.shards;
        let rows = shards.last().map_or(0, |last| last.rows_before + last.rows.len());
        let fits = shards.iter().all(|shard| shard.rows.len() < 1 << COUNT_BITS)
            && shards.len() <= 1 << (ONE.trailing_zeros() - COUNT_BITS)
            && rows < u32::MAX as usize
            && self.providers.len() < ONE as usize;
        if fits {
            let some = shards.iter().flat_map(|shard| shard.by_key().take(SAMPLES).map(|(key, _)| key));
            self.by_patient_id = DenseIdIndex::new(some, shards.iter().enumerate().map(standpoints), threads);
            if self.by_patient_id.as_ref().is_some_and(DenseIdIndex::has_all) {
                let mut patients =
                    shards.iter().flat_map(|shard| shard.patients().map(|(slot, ..)| shard.id_bytes(slot)));
                patients.next().into_iter().for_each(|id| self.near_patients.know_alike(id));
            }
        }
    }

    /// Returns the number of positions for patients' ids that end in numbers; 0 if there is no such index.
    pub(super) fn numbers(&self) -> usize {
        self.by_patient_id.as_ref().map_or(0, DenseIdIndex::len)
    }

    /// Returns whether a patient has the id at this position.
    pub(super) fn has_number(&self, at: usize) -> bool {
        self.by_patient_id.as_ref().is_some_and(|by| by.get(at).who != 0)
    }

    /// Returns the hash of a patient's id, for [`Self::of_patient`].
    #[inline(always)]
    pub(super) fn hash(&self, patient: IdRef<'_>) -> u64 {
        id_key::hash(&self.hasher, patient)
    }

    /// Returns where to look for a patient, and prefetches that memory.
    #[inline(always)]
    pub(super) fn hint(&self, patient: IdRef<'_>) -> PatientHint {
        if let Some(at) = self.by_patient_id.as_ref().and_then(|by| by.position(patient.key)) {
            return PatientHint::Number(at);
        }
        let hash = self.hash(patient);
        self.shards[shard_of(hash, self.shards.len())].prefetch(hash);
        PatientHint::Hash(hash)
    }

    /// Returns the pairs of a patient at the place that [`Self::hint`] returned; empty if no provider saw the patient.
    #[inline(always)]
    pub(super) fn rows_from_hint(&self, patient: IdRef<'_>, hint: PatientHint) -> PatientRows {
        match (hint, &self.by_patient_id) {
            (PatientHint::Number(at), Some(by)) => match by.get(at) {
                PairLocation { at, who: who @ ONE.. } => PatientRows(Rows::Only(at, who - ONE)),
                PairLocation { at, who } => {
                    let (shard, count) = (who >> COUNT_BITS, who & ((1 << COUNT_BITS) - 1));
                    PatientRows(Rows::In(shard, self.shards[shard as usize].near(PairRange { at, count })))
                }
            },
            (PatientHint::Hash(hash), _) => self.rows_for_patient(patient, hash),
            // Without this index there are no hints with a number.
            (PatientHint::Number(_), None) => PatientRows::NONE,
        }
    }

    /// Returns the pairs of a patient, given the id; empty if no provider saw the patient.
    pub fn rows_of(&self, patient: &[u8]) -> PatientRows {
        let id = IdRef::new(patient);
        self.rows_for_patient(id, self.hash(id))
    }

    /// Returns the pairs of a patient, given the id and its hash; empty if no provider saw the patient.
    #[inline(always)]
    pub(super) fn rows_for_patient(&self, patient: IdRef<'_>, hash: u64) -> PatientRows {
        let (shard, rows) = self.in_shard(patient, hash);
        PatientRows(Rows::In(shard as u32, rows))
    }

    /// Returns the shard of a patient, and the range of the pairs in it.
    #[inline(always)]
    fn in_shard(&self, patient: IdRef<'_>, hash: u64) -> (usize, PairRange) {
        let shard = shard_of(hash, self.shards.len());
        (shard, self.shards[shard].find(patient, hash))
    }

    /// Returns the number of the only provider of the encounters whose id nearly matches `provider`, which no encounter names.
    #[cold]
    pub(super) fn near_provider(&self, provider: IdRef<'_>) -> Option<u32> {
        let codes = || (0..self.providers.len() as u32).filter(|code| self.is_met(*code));
        let ids = || codes().map(|code| (code, self.providers.get(code).as_bytes()));
        self.near_providers.find_near(provider.text(), ids)
    }

    /// Returns the number of the only provider that only the roster lists and whose id nearly matches `provider`, which is unknown. The
    /// message may be attributed to other providers, such as those with the same National Provider Identifier.
    #[cold]
    pub(super) fn near_listed(&self, provider: IdRef<'_>) -> Option<u32> {
        let codes = || (0..self.listed).filter(|code| !self.is_met(*code));
        let ids = || codes().map(|code| (code, self.providers.get(code).as_bytes()));
        self.near_listed.find_near(provider.text(), ids)
    }

    /// Returns whether the encounters name a provider, given by number. If not, only the roster lists it.
    #[inline(always)]
    pub(super) fn is_met(&self, provider: u32) -> bool {
        provider >= self.listed || self.met()[provider as usize]
    }

    #[cold]
    fn met(&self) -> &[bool] {
        self.met.get_or_init(|| {
            let mut met = vec![false; self.providers.len()];
            let rows = self.shards.iter().flat_map(|shard| &shard.rows);
            rows.map(|row| row.provider)
                .chain(self.named.iter().copied())
                .for_each(|code| met[code as usize] = true);
            met
        })
    }

    /// Returns whether only the roster lists a provider, and its id nearly matches one of the encounters': both may be the same provider.
    pub fn may_be_another(&self, provider: u32) -> bool {
        let id = IdRef::new(self.providers.get(provider).as_bytes());
        !self.is_met(provider) && self.near_provider(id).is_some()
    }

    /// Returns the number and the pairs of the only patient whose id nearly matches `patient`, which no patient has.
    pub(super) fn near_patient(&self, patient: IdRef<'_>) -> Option<(u32, PatientRows)> {
        let ids = || {
            self.shards.iter().flat_map(|shard| {
                shard
                    .patients()
                    .map(move |(slot, ..)| ((shard.slots_before + slot) as u32, shard.id_bytes(slot)))
            })
        };
        let number = self.near_patients.find_near(patient.text(), ids)?;
        let id = IdRef::new(self.patient_id(number).as_bytes());
        Some((number, self.rows_for_patient(id, self.hash(id))))
    }

    /// Returns the only patient whose id nearly matches `patient`; `None` if a patient has this id, or if several nearly match.
    pub fn nearly_matching(&self, patient: &[u8]) -> Option<&str> {
        let id = IdRef::new(patient);
        let has_pairs = !self.rows_for_patient(id, self.hash(id)).is_empty();
        let (number, _) = if has_pairs { None } else { self.near_patient(id) }?;
        Some(self.patient_id(number))
    }

    /// Returns the position of the first pair of a patient; `None` if there is no pair.
    #[inline(always)]
    pub(super) fn first_position(&self, of: &PatientRows) -> Option<usize> {
        match of.0 {
            Rows::Only(at, _) => Some(at as usize),
            Rows::In(_, PairRange { count: 0, .. }) => None,
            Rows::In(shard, pairs) => Some(self.shards[shard as usize].rows_before + pairs.at as usize),
        }
    }

    /// Returns the position in the ledger of each pair of a patient, with the number of its provider.
    pub fn providers_who_saw(&self, of: &PatientRows) -> impl Iterator<Item = (usize, u32)> + Clone + '_ {
        let (only, first, rows) = match of.0 {
            Rows::Only(at, provider) => (Some((at as usize, provider)), 0, &[][..]),
            Rows::In(shard, pairs) => {
                let shard = &self.shards[shard as usize];
                (None, shard.rows_before + pairs.at as usize, &shard.rows[pairs.range()])
            }
        };
        let there = (first..).zip(rows.iter().map(|row| row.provider));
        only.into_iter().chain(there).filter(|(at, _)| !self.is_gone(*at))
    }

    /// Returns the position of the pair of a patient with a provider. There is at most one.
    #[inline(always)]
    pub(super) fn row_with(&self, of: &PatientRows, provider: u32) -> Option<u32> {
        let at = match of.0 {
            Rows::Only(at, seer) => (seer == provider).then_some(at)?,
            Rows::In(shard, pairs) => {
                let shard = &self.shards[shard as usize];
                let within = shard.rows[pairs.range()].iter().position(|row| row.provider == provider)?;
                (shard.rows_before + within) as u32 + pairs.at
            }
        };
        (!self.is_gone(at as usize)).then_some(at)
    }

    /// Returns the review decision for every candidate period about whether the patient of a pair was seen.
    pub(super) fn resolved_denominator(&self, at: usize) -> Option<Inclusion> {
        self.settled[0].get(&at).copied()
    }

    /// Returns the review decision for every candidate period about whether a pair is in the numerator.
    pub(super) fn resolved_numerator(&self, at: usize) -> Option<Inclusion> {
        self.settled[1].get(&at).copied()
    }

    /// Returns the patients of a shard, each with the position of the first pair and the numbers of the providers; `None` if there is no
    /// such shard.
    pub(super) fn patients_of_shard(
        &self,
        shard: usize,
    ) -> Option<impl Iterator<Item = (usize, Vec<u32>)> + '_> {
        let shard = self.shards.get(shard)?;
        Some(shard.patients().map(|(_, first, rows)| {
            (shard.rows_before + first, rows.iter().map(|row| row.provider).collect())
        }))
    }

    #[inline]
    fn is_gone(&self, at: usize) -> bool {
        !self.gone.is_empty() && self.gone.contains(&at)
    }

    /// Returns the pairs of a patient with one provider or with all: the position in the ledger, the position in the shard, and the shard.
    fn positions_of(&self, patient: &str, provider: Option<&str>) -> Vec<(usize, usize, usize)> {
        let id = IdRef::new(patient.as_bytes());
        let (shard, rows) = self.in_shard(id, id_key::hash(&self.hasher, id));
        let of = &self.shards[shard];
        let is_meant = |within: &usize| {
            let named = self.providers.get(of.rows[*within].provider);
            provider.is_none_or(|provider| provider == named)
        };
        rows.range().filter(is_meant).map(|within| (of.rows_before + within, within, shard)).collect()
    }

    /// Returns the id of a patient, given by number.
    pub fn patient_id(&self, patient: u32) -> &str {
        let slot = patient as usize;
        let shard = self.shards.partition_point(|shard| shard.slots_before <= slot).saturating_sub(1);
        let shard = &self.shards[shard];
        shard.id(slot - shard.slots_before)
    }
}

/// Returns which of `shards` shards, a power of two, has the patients with this hash.
pub(super) fn shard_of(hash: u64, shards: usize) -> usize {
    // Not the lowest 32 bits: these select the slot within a shard.
    (hash >> 40) as usize & (shards - 1)
}

impl NumeratorState {
    /// Returns the number of pairs.
    pub(super) fn len(&self) -> usize {
        self.wrote.len()
    }

    /// Returns whether evidence is kept.
    pub fn keeps_evidence(&self) -> bool {
        self.evidence.is_some()
    }

    /// Removes the effects of all messages, to read them again.
    pub fn forget_messages(&mut self) {
        self.wrote.fill(NumeratorStatus::None);
        self.met = MatchCounts::default();
        self.of_persons.clear();
        self.named.iter_mut().for_each(|named| named.fill(false));
        self.evidence.iter_mut().flatten().for_each(Evidence::forget_messages);
    }

    /// Starts to record for each pair whether a message that names a provider certainly puts it in the numerator.
    pub fn keep_named(&mut self) {
        self.named = Some(vec![false; self.wrote.len()]);
    }

    /// Records that a message that names a provider, or a review decision, certainly puts a pair in the numerator.
    pub(super) fn note_named(&mut self, row: usize) {
        if let Some(named) = &mut self.named {
            named[row] = true;
        }
    }

    /// Records the outcome of a message to `named`, another id of the pair's clinician.
    pub(super) fn note_person(&mut self, row: u32, named: u32, answer: Inclusion) {
        let wrote = if answer.is_certain() { NumeratorStatus::Certain } else { NumeratorStatus::Possible };
        let all = self.of_persons.entry(row).or_default();
        match all.iter_mut().find(|(known, _)| *known == named) {
            Some((_, known)) => *known = (*known).max(wrote),
            None => all.push((named, wrote)),
        }
    }

    /// Adds a message that reaches a pair. `weakened` is the reason, apart from the rules, why the outcome is uncertain.
    pub(super) fn add(&mut self, row: usize, rule: u8, answer: Inclusion, weakened: Weakening, key: RowKey) {
        let wrote = match answer {
            Inclusion::In => NumeratorStatus::Certain,
            Inclusion::Uncertain => NumeratorStatus::Possible,
            Inclusion::Out => NumeratorStatus::None,
        };
        self.wrote[row] = self.wrote[row].max(wrote);
        if let Some(evidence) = &mut self.evidence {
            evidence[row].add_message(rule, answer, weakened, key);
        }
    }
}
