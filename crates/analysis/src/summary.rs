//! Sums up the ledger: one score per provider, and unique patients over all providers.

use std::collections::BTreeMap;

use mucalc_core::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use mucalc_core::domain::score::MembershipCounts;
use mucalc_core::ledger::{Ledger, ProviderPatient, parallel};

/// The sums of a ledger.
#[derive(Clone, Debug, Default)]
pub struct LedgerSummary {
    /// The score of each provider with a ledger row, by provider number.
    pub scores: BTreeMap<u32, MembershipCounts>,
    /// Unique patients over all providers.
    pub group: MembershipCounts,
}

/// Sums up a ledger on up to `threads` threads, but at most four.
pub fn summary(ledger: &Ledger, threads: usize) -> LedgerSummary {
    let providers = ledger.pairs.providers.len();
    let mut parts: Vec<_> = ledger.parts().collect();
    let mut shares: Vec<Vec<_>> = Vec::new();
    let size = parts.len().div_ceil(threads.clamp(1, MAX_THREADS)).max(1);
    while !parts.is_empty() {
        shares.push(parts.split_off(parts.len().saturating_sub(size)));
    }
    let mut sums = Sums::new(providers);
    for share in parallel::map_parallel(shares, |share| {
        let mut sums = Sums::new(providers);
        // Internal iteration compiles to a faster loop here than `for`.
        share.into_iter().flatten().for_each(|(pair, standing)| sums.add(pair, standing));
        sums
    }) {
        sums.merge(share);
    }
    LedgerSummary { scores: scores(&sums.counts), group: sums.unique.score() }
}

/// The maximum number of threads. Each thread has its own counts, so more of them would need more memory.
const MAX_THREADS: usize = 4;

/// The sums of some patients.
struct Sums {
    unique: UniquePatients,
    /// Patients by provider and membership. They are counted row by row, since a data frame of every row would take several times the
    /// memory of the ledger.
    counts: Vec<u64>,
}

impl Sums {
    fn new(providers: usize) -> Self {
        Self { unique: UniquePatients::default(), counts: vec![0; providers * STANDINGS] }
    }

    /// Adds a row. The rows of a patient must be adjacent.
    #[inline(always)]
    fn add(&mut self, pair: ProviderPatient, standing: Membership) {
        self.unique.add(pair.patient, standing);
        self.counts[pair.provider as usize * STANDINGS + standing.code()] += 1;
    }

    /// Adds the sums of other patients.
    fn merge(&mut self, mut other: Self) {
        other.unique.count();
        for (sum, more) in self.unique.patients.iter_mut().zip(other.unique.patients) {
            *sum += more;
        }
        for (sum, more) in self.counts.iter_mut().zip(other.counts) {
            *sum += more;
        }
    }
}

/// The number of memberships.
const STANDINGS: usize = Membership::ALL.len();

/// Returns the counts of each provider with a patient, from the patients by provider and membership.
fn scores(counts: &[u64]) -> BTreeMap<u32, MembershipCounts> {
    let mut scores: BTreeMap<u32, MembershipCounts> = BTreeMap::new();
    for (at, patients) in counts.iter().enumerate().filter(|(_, patients)| **patients > 0) {
        let score = scores.entry((at / STANDINGS) as u32).or_default();
        score.add(Membership::ALL[at % STANDINGS], *patients);
    }
    scores
}

/// Unique patients over all providers. A patient is certain in the numerator only if the same provider certainly saw the patient and has a
/// certain qualifying message.
struct UniquePatients {
    /// The number of patients by the set of their memberships, with one bit per membership.
    patients: [u64; 1 << STANDINGS],
    /// The patient whose rows are being added, and the memberships so far.
    current: Option<(u32, u8)>,
}

impl Default for UniquePatients {
    fn default() -> Self {
        Self { patients: [0; 1 << STANDINGS], current: None }
    }
}

impl UniquePatients {
    /// Adds a row. The rows of a patient must be adjacent.
    fn add(&mut self, patient: u32, standing: Membership) {
        let bit = 1 << standing.code();
        match &mut self.current {
            Some((current, standings)) if *current == patient => *standings |= bit,
            _ => {
                self.count();
                self.current = Some((patient, bit));
            }
        }
    }

    /// Returns the score of the counted patients. Each patient has the highest certainty that any provider gives.
    fn score(&self) -> MembershipCounts {
        let mut score = MembershipCounts::default();
        for (met, patients) in self.patients.iter().enumerate().filter(|(_, patients)| **patients > 0) {
            let all = || Membership::ALL.iter().filter(|standing| met >> standing.code() & 1 == 1);
            let denominator = all().map(|standing| standing.denominator).max();
            let is_counted = |s: &Membership| {
                s.denominator == DenominatorStatus::Certain && s.numerator == NumeratorStatus::Certain
            };
            let numerator = match all().map(|standing| standing.numerator).max() {
                Some(NumeratorStatus::Certain)
                    if denominator == Some(DenominatorStatus::Certain) && !all().any(is_counted) =>
                {
                    NumeratorStatus::Possible
                }
                numerator => numerator.unwrap_or(NumeratorStatus::None),
            };
            if let Some(denominator) = denominator {
                score.add(Membership { denominator, numerator }, *patients);
            }
        }
        score
    }

    /// Counts the patient whose rows were added last.
    fn count(&mut self) {
        if let Some((_, standings)) = self.current.take() {
            self.patients[usize::from(standings)] += 1;
        }
    }
}
