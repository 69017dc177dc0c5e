//! The ledger summed up: one score a provider, and unique patients over all of them.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, IntoLazy, LazyFrame, PolarsError, col, df, len};

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
    let (denominator, numerator) = unique_patients(ledger);
    Ok(Summary { scores: scores(frame(ledger)?.lazy())?, denominator, numerator })
}

/// One row a ledger row: the number of the provider and the code of the standing in one number, since grouping by two
/// columns takes several times the memory.
fn frame(ledger: &Ledger) -> Result<DataFrame, PolarsError> {
    let key =
        |(pair, standing): (Pair, Standing)| u64::from(pair.provider) * STANDINGS + standing.code() as u64;
    df!("key" => ledger.rows().map(key).collect::<Vec<u64>>())
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
/// certainly saw the patient and certainly got a message. The rows of a patient stand together, so one pass is enough.
fn unique_patients(ledger: &Ledger) -> (Bounds, Bounds) {
    let (mut denominator, mut numerator) = (Bounds::default(), Bounds::default());
    let mut rows = ledger.rows().peekable();
    while let Some((pair, first)) = rows.next() {
        let mut standings = vec![first];
        while let Some((_, standing)) = rows.next_if(|(next, _)| next.patient == pair.patient) {
            standings.push(standing);
        }
        let any = |is: fn(&Standing) -> bool| u64::from(standings.iter().any(is));
        denominator.least += any(|s| s.denominator == Seen::Certain);
        denominator.most += 1;
        numerator.least += any(|s| s.denominator == Seen::Certain && s.numerator == Wrote::Certain);
        numerator.most += any(|s| s.numerator != Wrote::None);
    }
    (denominator, numerator)
}
