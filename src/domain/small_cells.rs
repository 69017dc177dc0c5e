//! Which figures are left out where small counts of patients are not to be told.

use std::collections::BTreeSet;

use crate::domain::report::Report;
use crate::domain::score::Bounds;

/// Returns the ids of the providers of whom no figure is told: some count of patients from 1 to `most` is among their figures under some
/// edition, or is the difference of what two editions tell. A provider whose figures are left out under one edition has none under any.
pub fn withheld(report: &Report, most: u64) -> BTreeSet<String> {
    let ids = report.measure.providers.iter().map(|provider| &provider.provider_id);
    ids.filter(|id| {
        let figures: Vec<(Bounds, Bounds)> = report
            .measures()
            .filter_map(|measure| measure.provider(id))
            .map(|provider| (provider.denominator, provider.numerator))
            .collect();
        figures.iter().any(|(denominator, numerator)| is_small(*denominator, *numerator, most))
            || differ_by_little(&figures, most)
    })
    .cloned()
    .collect()
}

/// Whether some count of patients that is told, or can be worked out, from a provider's figures is from 1 to `most`: those
/// seen, those who count, those who do not, and those of whom it is not known.
fn is_small(denominator: Bounds, numerator: Bounds, most: u64) -> bool {
    let ends = [denominator.least, denominator.most, numerator.least, numerator.most];
    let others =
        [denominator.most.saturating_sub(numerator.least), denominator.least.saturating_sub(numerator.most)];
    let open = [denominator.most - denominator.least, numerator.most - numerator.least];
    ends.into_iter().chain(others).chain(open).any(|count| (1..=most).contains(&count))
}

/// Returns whether some count of two editions differs by 1 to `most` patients, who are then told by the difference.
fn differ_by_little(figures: &[(Bounds, Bounds)], most: u64) -> bool {
    let counts = |(denominator, numerator): &(Bounds, Bounds)| {
        [
            denominator.least,
            denominator.most,
            numerator.least,
            numerator.most,
            denominator.most.saturating_sub(numerator.least),
            denominator.least.saturating_sub(numerator.most),
        ]
    };
    let pairs =
        figures.iter().enumerate().flat_map(|(at, one)| figures[..at].iter().map(move |other| (one, other)));
    pairs.into_iter().any(|(one, other)| {
        counts(one)
            .into_iter()
            .zip(counts(other))
            .any(|(one, other)| (1..=most).contains(&one.abs_diff(other)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Up to ten patients are few. What can be worked out by taking one figure from another is as much told as the figures are.
    #[test]
    fn few_patients_are_few_even_where_they_have_to_be_worked_out() {
        let bounds = |(least, most)| Bounds { least, most };
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
        ] {
            assert_eq!(is_small(bounds(denominator), bounds(numerator), 10), small, "{why}");
        }
    }
}
