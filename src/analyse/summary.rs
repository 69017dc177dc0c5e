//! The ledger summed up: one score a provider, and unique patients over all of them.

use std::collections::BTreeMap;

use polars::prelude::{IntoLazy, LazyFrame, PolarsError, col, df, len};

use crate::domain::score::{Bounds, Score};
use crate::domain::standing::{Seen, Standing, Wrote};
use crate::tally::{Ledger, Pair};

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
    let key = |(pair, standing): (Pair, Standing)| {
        unique.add(pair.patient, standing);
        u64::from(pair.provider) * STANDINGS + standing.code() as u64
    };
    // One number a row, the provider and the standing in one: grouping by two columns takes several times the memory.
    let keys: Vec<u64> = ledger.rows().map(key).collect();
    let (denominator, numerator) = unique.finish();
    Ok(Summary { scores: scores(df!("key" => keys)?.lazy())?, denominator, numerator })
}

/// How many standings there are.
const STANDINGS: u64 = Standing::ALL.len() as u64;

fn scores(frame: LazyFrame) -> Result<BTreeMap<u32, Score>, PolarsError> {
    let counts = frame.group_by([col("key")]).agg([len().alias("patients")]).collect()?;
    let mut scores: BTreeMap<u32, Score> = BTreeMap::new();
    let (keys, patients) = (counts.column("key")?.u64()?, counts.column("patients")?.u32()?);
    for (key, patients) in keys.iter().zip(patients.iter()) {
        if let (Some(key), Some(patients)) = (key, patients) {
            let standing = Standing::ALL[(key % STANDINGS) as usize];
            scores.entry((key / STANDINGS) as u32).or_default().add(standing, u64::from(patients));
        }
    }
    Ok(scores)
}

/// Unique patients over all providers. A patient is certainly in the numerator only where one and the same provider
/// certainly saw the patient and certainly got a message.
#[derive(Default)]
struct UniquePatients {
    denominator: Bounds,
    numerator: Bounds,
    /// The patient whose rows are being added, and the standings met so far, one bit each.
    current: Option<(u32, u8)>,
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
        (self.denominator, self.numerator)
    }

    /// Counts the patient whose rows were added last.
    fn count(&mut self) {
        let Some((_, standings)) = self.current.take() else { return };
        let any = |is: fn(&Standing) -> bool| {
            let met = |standing: &&Standing| standings >> standing.code() & 1 == 1;
            u64::from(Standing::ALL.iter().filter(met).any(is))
        };
        self.denominator.least += any(|s| s.denominator == Seen::Certain);
        self.denominator.most += 1;
        self.numerator.least += any(|s| s.denominator == Seen::Certain && s.numerator == Wrote::Certain);
        self.numerator.most += any(|s| s.numerator != Wrote::None);
    }
}
