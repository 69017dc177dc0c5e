//! The ledger summed up: one score a provider, and unique patients over all of them.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, Expr, IntoLazy, LazyFrame, PolarsError, col, df, len, lit};

use crate::domain::score::{Bounds, Score};
use crate::domain::standing::Standing;
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
    let frame = frame(ledger)?.lazy();
    let (denominator, numerator) = unique_patients(frame.clone())?;
    Ok(Summary { scores: scores(frame)?, denominator, numerator })
}

/// One row a ledger row: the numbers of provider and patient and the code of the standing.
fn frame(ledger: &Ledger) -> Result<DataFrame, PolarsError> {
    let column = |of: fn((crate::tally::Pair, Standing)) -> u32| ledger.rows().map(of).collect::<Vec<u32>>();
    df!(
        "provider" => column(|(pair, _)| pair.provider),
        "patient" => column(|(pair, _)| pair.patient),
        "standing" => column(|(_, standing)| standing.code() as u32),
    )
}

fn scores(frame: LazyFrame) -> Result<BTreeMap<u32, Score>, PolarsError> {
    let counts =
        frame.group_by([col("provider"), col("standing")]).agg([len().alias("patients")]).collect()?;
    let mut scores: BTreeMap<u32, Score> = BTreeMap::new();
    let (providers, standings) = (counts.column("provider")?.u32()?, counts.column("standing")?.u32()?);
    let patients = counts.column("patients")?.u32()?;
    for ((provider, standing), patients) in providers.iter().zip(standings.iter()).zip(patients.iter()) {
        if let (Some(provider), Some(standing), Some(patients)) = (provider, standing, patients) {
            scores.entry(provider).or_default().add(Standing::ALL[standing as usize], u64::from(patients));
        }
    }
    Ok(scores)
}

/// Unique patients over all providers. A patient is certainly in the numerator only where one and the same provider
/// certainly saw the patient and certainly got a message.
fn unique_patients(frame: LazyFrame) -> Result<(Bounds, Bounds), PolarsError> {
    let any_with = |name: &str, is: fn(&Standing) -> bool| {
        let codes =
            Standing::ALL.iter().filter(|standing| is(standing)).map(|standing| standing.code() as u32);
        let one_of = codes.map(|code| col("standing").eq(lit(code))).reduce(Expr::or);
        one_of.unwrap_or(lit(false)).max().alias(name)
    };
    use crate::domain::standing::{Seen, Wrote};
    let sums = frame
        .group_by([col("patient")])
        .agg([
            any_with("seen", |s| s.denominator == Seen::Certain),
            any_with("counts", |s| s.denominator == Seen::Certain && s.numerator == Wrote::Certain),
            any_with("may-count", |s| s.numerator != Wrote::None),
        ])
        .select([col("seen").sum(), col("counts").sum(), col("may-count").sum(), len().alias("patients")])
        .collect()?;
    let sum = |name: &str| -> Result<u64, PolarsError> {
        Ok(sums.column(name)?.u32()?.get(0).map(u64::from).unwrap_or_default())
    };
    let denominator = Bounds { least: sum("seen")?, most: sum("patients")? };
    let numerator = Bounds { least: sum("counts")?, most: sum("may-count")? };
    Ok((denominator, numerator))
}
