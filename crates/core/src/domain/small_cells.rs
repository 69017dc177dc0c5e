//! Which providers' counts are withheld if small counts of patients must not be disclosed.

use std::collections::BTreeSet;

use crate::domain::provider::ProviderResult;
use crate::domain::rate::format_rate;
use crate::domain::report::Report;
use crate::domain::score::{CountRange, Threshold};

/// Returns the ids of the providers whose counts are all withheld.
///
/// These have a patient count from 1 to `most` under some rule set, or such a difference between the counts of two rule sets. A provider
/// withheld under one rule set is withheld under all.
pub fn withheld(report: &Report, most: u64) -> BTreeSet<String> {
    let ids = report.measure.providers.iter().map(|provider| &provider.provider_id);
    ids.filter(|id| {
        let of_each = report.measures().filter_map(|measure| {
            let ProviderResult { denominator, numerator, rate_percent_most, .. } = measure.provider(id)?;
            let threshold =
                measure.edition.more_than_percent.map_or(Threshold::Attested, Threshold::MoreThanPercent);
            let may_be = |of: &u64| format_rate(numerator.most, *of, threshold) == *rate_percent_most;
            Some(counts(*denominator, *numerator, may_be))
        });
        let counts: Vec<Vec<u64>> = of_each.collect();
        counts.iter().flatten().any(|count| has_small_cell(*count, most)) || differ_by_little(&counts, most)
    })
    .cloned()
    .collect()
}

fn has_small_cell(count: u64, most: u64) -> bool {
    (1..=most).contains(&count)
}

/// Returns the counts of patients that a provider's numbers show or allow to derive.
///
/// They are the patients seen, in the numerator, not in the numerator, and unresolved, each certain or possible. `may_be` returns whether
/// the displayed highest rate can have this denominator.
fn counts(denominator: CountRange, numerator: CountRange, may_be: impl Fn(&u64) -> bool) -> Vec<u64> {
    let (CountRange { least: seen, most: seen_most }, CountRange { least: wrote, most: wrote_most }) =
        (denominator, numerator);
    let all = [0, seen, seen_most, wrote, wrote_most];
    let mut counts: Vec<u64> = all
        .iter()
        .enumerate()
        .flat_map(|(at, one)| all[..at].iter().map(|other| one.abs_diff(*other)))
        .collect();
    // The highest rate reveals its denominator, unless many denominators are possible.
    let of: Vec<u64> = (seen.max(1)..=seen_most).filter(may_be).take(FEW + 1).collect();
    for of in of.iter().copied().filter(|_| of.len() <= FEW) {
        let possible = of - seen.min(of);
        counts.extend([
            possible,
            seen_most - of,
            of.abs_diff(wrote_most),
            (wrote_most - wrote).abs_diff(possible),
        ]);
    }
    counts
}

/// The number of possible denominators that are too few to hide the right one among them.
const FEW: usize = 10;

/// Returns whether some count of two rule sets differs by 1 to `most` patients, because the difference discloses them.
fn differ_by_little(counts: &[Vec<u64>], most: u64) -> bool {
    let pairs =
        counts.iter().enumerate().flat_map(|(at, one)| counts[..at].iter().map(move |other| (one, other)));
    pairs.into_iter().any(|(one, other)| {
        one.iter().zip(other).any(|(one, other)| has_small_cell(one.abs_diff(*other), most))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Up to ten patients are few. A count that can be derived from two other counts is as disclosed as they are.
    #[test]
    fn few_patients_are_few_even_where_they_have_to_be_worked_out() {
        let bounds = |(least, most)| CountRange { least, most };
        for (denominator, numerator, small, why) in [
            ((40, 40), (20, 20), false, "twenty and twenty"),
            ((40, 40), (0, 0), false, "nobody is nobody"),
            ((40, 40), (40, 40), false, "nobody is without"),
            ((10, 10), (0, 0), true, "ten were seen"),
            ((11, 11), (0, 0), false, "eleven were seen"),
            ((40, 40), (1, 1), true, "one counts"),
            ((40, 40), (39, 39), true, "one does not"),
            ((40, 43), (20, 20), true, "three may have been seen"),
            ((40, 60), (20, 20), false, "twenty may have been seen"),
            ((60, 60), (20, 25), true, "five may count"),
            ((60, 60), (20, 31), false, "eleven may count"),
            ((100, 120), (95, 118), true, "five seen for certain do not count for certain"),
        ] {
            let counts = counts(bounds(denominator), bounds(numerator), |_| false);
            assert_eq!(counts.iter().any(|count| has_small_cell(*count, 10)), small, "{why}: {counts:?}");
        }
    }
}
