//! The counts and results of the measure.

use std::collections::BTreeSet;

use super::editions::{Threshold, threshold};
use super::pairs::{ProviderPatient, listed, pairs};
use super::unusable::{Concerned, concerned, concerned_of_group};
use super::world::World;

/// A provider's counts and result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderResult {
    pub id: String,
    pub denominator: (u64, u64),
    pub numerator: (u64, u64),
    pub verdict: &'static str,
    pub needed: u64,
    pub adjudicate: Option<u64>,
    pub rate: Option<String>,
    pub rate_most: Option<String>,
    /// Number of unusable encounters and messages that may affect the provider.
    pub unusable: (u64, u64),
}

/// Returns the result of every listed provider, sorted by id.
pub fn providers(world: &World) -> Vec<ProviderResult> {
    let pairs = pairs(world);
    let mut ids = listed(world);
    ids.extend(pairs.iter().map(|pair| pair.provider.clone()));
    ids.into_iter()
        .map(|id| {
            let own: Vec<&ProviderPatient> = pairs.iter().filter(|pair| pair.provider == id).collect();
            let lost = concerned(world, &pairs, &id);
            provider(id, &own, threshold(world.edition(), world.year()), lost)
        })
        .collect()
}

fn provider(id: String, pairs: &[&ProviderPatient], threshold: Threshold, lost: Concerned) -> ProviderResult {
    let count = |is: &dyn Fn(&ProviderPatient) -> bool| pairs.iter().filter(|pair| is(pair)).count() as u64;
    let Concerned { encounters: e, messages: m, writers: w, regrouped } = lost;
    // `k0`: most additional patients who may have written. `k1` and `k2`: most patients to whom the unusable messages can belong, first
    // among those certainly seen, then among the others.
    let c = count(&|pair| pair.certainly_seen() && !pair.perhaps_wrote());
    let q = count(&|pair| !pair.certainly_seen() && !pair.perhaps_wrote());
    let k0 = e.min(w);
    let k1 = m.min(c);
    let k2 = (m - k1).min(q + e - k0);
    let certain = count(&|p| p.certainly_seen() && p.certainly_wrote());
    let denominator = (count(&ProviderPatient::certainly_seen), count(&|_| true) + e);
    let numerator = (certain - regrouped.0, count(&ProviderPatient::perhaps_wrote) + k0 + k1 + k2);
    let unusable = (e, m);
    // The lowest rate, and the rate if everything unresolved is resolved in the provider's favor.
    let rate = printed(numerator.0, denominator.1, threshold);
    let hopeful = count(&|pair| pair.certainly_seen() || pair.perhaps_wrote()) + k0 + k2;
    let rate_most = printed(numerator.1, hopeful, threshold);
    // The measure is met if 100 n - p d is more than 0, or if n is at least k. `worth` is what a patient adds to that sum, and `goal` what
    // it must reach.
    let (worth, goal): (&dyn Fn((bool, bool)) -> i64, i64) = match threshold {
        Threshold::MoreThanPercent(percent) => {
            (&move |(seen, wrote)| i64::from(wrote) * 100 - i64::from(seen) * percent as i64, 1)
        }
        Threshold::AtLeast(patients) => (&|(_, wrote)| i64::from(wrote), patients as i64),
        Threshold::Attested => {
            let (verdict, needed, adjudicate) = ("not-calculable", 0, None);
            return ProviderResult {
                id,
                denominator,
                numerator,
                verdict,
                needed,
                adjudicate,
                rate,
                rate_most,
                unusable,
            };
        }
    };
    // The lowest and highest of these, over everything that each patient can be.
    let ends: Vec<(i64, i64)> = pairs
        .iter()
        .map(|pair| {
            let worths = pair.memberships().into_iter().map(worth).collect::<BTreeSet<_>>();
            (*worths.first().unwrap(), *worths.last().unwrap())
        })
        .collect();
    let mut least: i64 = ends.iter().map(|(least, _)| least).sum();
    let mut greatest: i64 = ends.iter().map(|(_, greatest)| greatest).sum();
    // An additional patient who did not write, one who did, and a patient of `pairs` who wrote only in an unusable message.
    least += e as i64 * worth((true, false));
    least -= regrouped.0 as i64 * (worth((true, true)) - worth((true, false)));
    least += regrouped.1 as i64 * worth((true, false));
    greatest += (k0 + k2) as i64 * worth((true, true));
    greatest += k1 as i64 * (worth((true, true)) - worth((true, false)));
    let verdict = if pairs.is_empty() && e == 0 {
        "not-calculable"
    } else if least >= goal {
        "met"
    } else if greatest < goal && denominator.0 >= 1 {
        "not-met"
    } else {
        "indeterminate"
    };
    let mut gains: Vec<i64> = ends.iter().map(|(least, greatest)| greatest - least).collect();
    gains.sort_by_key(|gain| -gain);
    let mut sum = least;
    let mut adjudicate = None;
    for taken in 0..=gains.len() {
        if sum >= goal {
            adjudicate = Some(taken as u64);
            break;
        }
        sum += gains.get(taken).copied().unwrap_or_default();
    }
    let wanted = match threshold {
        Threshold::MoreThanPercent(percent) => denominator.1 * percent / 100 + 1,
        Threshold::AtLeast(patients) => patients,
        Threshold::Attested => 0,
    };
    let needed = wanted.saturating_sub(numerator.0);
    ProviderResult { id, denominator, numerator, verdict, needed, adjudicate, rate, rate_most, unusable }
}

/// Returns the practice totals of unique patients: (denominator, numerator).
pub fn group_bounds(world: &World) -> ((u64, u64), (u64, u64)) {
    let pairs = pairs(world);
    let patients = |is: &dyn Fn(&ProviderPatient) -> bool| {
        pairs.iter().filter(|pair| is(pair)).map(|pair| &pair.patient).collect::<BTreeSet<_>>().len() as u64
    };
    let seen = patients(&|_| true);
    let wrote = patients(&ProviderPatient::perhaps_wrote);
    let Concerned { encounters: e, messages: m, writers: w, regrouped } = concerned_of_group(world, &pairs);
    let denominator = (patients(&ProviderPatient::certainly_seen), seen + e);
    let numerator = (
        patients(&|p| p.certainly_seen() && p.certainly_wrote()) - regrouped.0,
        // Each unusable row adds at most one patient to the numerator, and a patient who was not seen is never in it.
        wrote + (e.min(w) + m).min(seen - wrote + e),
    );
    (denominator, numerator)
}

/// Formats a rate in percent with two decimals, rounding halves up, by long division.
///
/// Rounding never shows the threshold or a rate beyond it on the wrong side, nor zero if a single patient would be enough.
fn printed(numerator: u64, denominator: u64, threshold: Threshold) -> Option<String> {
    if denominator == 0 {
        return None;
    }
    let mut hundredths = numerator * 10_000 / denominator;
    let rest = numerator * 10_000 % denominator;
    if rest * 2 >= denominator {
        hundredths += 1;
    }
    if let Threshold::MoreThanPercent(percent) = threshold {
        let (met, exactly) =
            (numerator * 100 > denominator * percent, numerator * 100 == denominator * percent);
        if met && hundredths <= percent * 100 {
            hundredths = percent * 100 + 1;
        }
        if !met && !exactly && hundredths >= percent * 100 {
            hundredths = percent * 100 - 1;
        }
    } else if numerator > 0 && hundredths == 0 {
        hundredths = 1;
    }
    Some(format!("{}.{}{}", hundredths / 100, hundredths / 10 % 10, hundredths % 10))
}
