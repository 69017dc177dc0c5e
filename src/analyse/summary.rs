//! The ledger summed up: one score a provider, and unique patients over all of them.

use std::collections::BTreeMap;

use polars::prelude::{IntoLazy, PolarsError, col, df};

use crate::domain::score::{Bounds, Score};
use crate::domain::standing::{Seen, Standing, Wrote};
use crate::tally::Ledger;

/// The ledger summed up.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// The score of every provider with a ledger row, by the provider's number.
    pub scores: BTreeMap<u32, Score>,
    /// Unique patients seen by any provider.
    pub denominator: Bounds,
    /// Of these, patients with a message that counts for a provider who saw them.
    pub numerator: Bounds,
}

/// Sums up a ledger.
///
/// # Errors
/// When a frame cannot be built, which would be a defect of the program.
pub fn summary(ledger: &Ledger) -> Result<Summary, PolarsError> {
    let mut unique = UniquePatients::default();
    // Counted on the way, since a frame of every row would take several times the memory of the ledger.
    let mut counts = vec![0u64; ledger.pairs.providers.len() * STANDINGS];
    // All at once and not one by one, which the compiler makes a quicker loop of.
    ledger.rows().for_each(|(pair, standing)| {
        unique.add(pair.patient, standing);
        counts[pair.provider as usize * STANDINGS + standing.code()] += 1;
    });
    let (denominator, numerator) = unique.finish();
    Ok(Summary { scores: scores(&counts)?, denominator, numerator })
}

/// How many standings there are.
const STANDINGS: usize = Standing::ALL.len();

/// The score of each provider, from the patients of each provider and standing.
fn scores(counts: &[u64]) -> Result<BTreeMap<u32, Score>, PolarsError> {
    let met = || counts.iter().enumerate().filter(|(_, patients)| **patients > 0);
    let providers: Vec<u32> = met().map(|(at, _)| (at / STANDINGS) as u32).collect();
    let standings: Vec<u32> = met().map(|(at, _)| (at % STANDINGS) as u32).collect();
    let patients: Vec<u64> = met().map(|(_, patients)| *patients).collect();
    let frame = df!("provider" => providers, "standing" => standings, "patients" => patients)?;
    let sums =
        frame.lazy().group_by([col("provider"), col("standing")]).agg([col("patients").sum()]).collect()?;
    let (providers, standings) = (sums.column("provider")?.u32()?, sums.column("standing")?.u32()?);
    let mut scores: BTreeMap<u32, Score> = BTreeMap::new();
    for ((provider, standing), patients) in
        providers.iter().zip(standings.iter()).zip(sums.column("patients")?.u64()?.iter())
    {
        if let (Some(provider), Some(standing), Some(patients)) = (provider, standing, patients) {
            scores.entry(provider).or_default().add(Standing::ALL[standing as usize], patients);
        }
    }
    Ok(scores)
}

/// Unique patients over all providers. A patient is certainly in the numerator only where one and the same provider
/// certainly saw the patient and certainly got a message.
struct UniquePatients {
    /// How many patients have met which standings: one bit each.
    patients: [u64; 1 << STANDINGS],
    /// The patient whose rows are being added, and the standings met so far.
    current: Option<(u32, u8)>,
}

impl Default for UniquePatients {
    fn default() -> Self {
        Self { patients: [0; 1 << STANDINGS], current: None }
    }
}

impl UniquePatients {
    /// Adds a row; the rows of a patient stand together.
    fn add(&mut self, patient: u32, standing: Standing) {
        let bit = 1 << standing.code();
        match &mut self.current {
            Some((current, standings)) if *current == patient => *standings |= bit,
            _ => {
                self.count();
                self.current = Some((patient, bit));
            }
        }
    }

    /// The bounds of denominator and numerator.
    fn finish(mut self) -> (Bounds, Bounds) {
        self.count();
        let with = |is: fn(&Standing) -> bool| -> u64 {
            let is_met = |standings: usize| {
                Standing::ALL.iter().any(|standing| standings >> standing.code() & 1 == 1 && is(standing))
            };
            self.patients
                .iter()
                .enumerate()
                .filter(|(met, _)| is_met(*met))
                .map(|(_, patients)| patients)
                .sum()
        };
        let denominator = Bounds { least: with(|s| s.denominator == Seen::Certain), most: with(|_| true) };
        let numerator = Bounds {
            least: with(|s| s.denominator == Seen::Certain && s.numerator == Wrote::Certain),
            most: with(|s| s.numerator != Wrote::None),
        };
        (denominator, numerator)
    }

    /// Counts the patient whose rows were added last.
    fn count(&mut self) {
        if let Some((_, standings)) = self.current.take() {
            self.patients[usize::from(standings)] += 1;
        }
    }
}
