//! The distribution of a number of patients that is not yet known: a negative binomial, at least as wide as pure chance.

use statrs::distribution::{DiscreteCDF, NegativeBinomial};

/// The distribution of a count that is not yet known.
pub struct CountDistribution {
    /// `None` if the count is certainly 0.
    known: Option<NegativeBinomial>,
    mean: f64,
}

/// The maximum mean for which quantiles are found by one pass over all counts. Above it, each quantile is found by binary search.
const FEW: f64 = 5000.0;

/// The minimum relative variance: no estimate is known more precisely.
const NARROWEST: f64 = 0.01;

impl CountDistribution {
    /// Returns the distribution with a mean and, in addition to pure chance, a variance relative to the square of the mean.
    pub fn with_relative_variance(mean: f64, variance: f64) -> Self {
        let shape = 1.0 / variance.max(NARROWEST);
        let is_something = mean > 1e-9;
        let known = is_something.then(|| NegativeBinomial::new(shape, shape / (shape + mean)).ok());
        Self { known: known.flatten(), mean }
    }

    /// Returns the probability of `count` or more.
    pub fn at_least(&self, count: u64) -> f64 {
        match (count, &self.known) {
            (0, _) => 1.0,
            (_, None) => 0.0,
            (count, Some(known)) => known.sf(count - 1),
        }
    }

    /// Returns this many equally likely counts, in ascending order.
    pub fn quantiles(&self, parts: usize) -> Vec<u64> {
        let shares = (0..parts).map(|part| (part as f64 + 0.5) / parts as f64);
        match &self.known {
            None => vec![0; parts],
            Some(known) if self.mean <= FEW => swept(known, shares),
            Some(known) => shares.map(|share| searched(known, share)).collect(),
        }
    }
}

/// Returns the quantile of each share in one pass; the shares must be in ascending order.
fn swept(of: &NegativeBinomial, shares: impl Iterator<Item = f64>) -> Vec<u64> {
    let (shape, rest) = (of.r(), 1.0 - of.p());
    let mut count = 0u64;
    // The probability of `count`, and of `count` or fewer.
    let mut chance = (shape * of.p().ln()).exp();
    let mut below = chance;
    let quantile = |share: f64| {
        while below < share && chance > 0.0 {
            chance *= (shape + count as f64) / (count as f64 + 1.0) * rest;
            below += chance;
            count += 1;
        }
        count
    };
    shares.map(quantile).collect()
}

/// Returns the quantile of a share by binary search.
fn searched(of: &NegativeBinomial, share: f64) -> u64 {
    let mut high = 1u64;
    while of.cdf(high) < share && high < 1 << 40 {
        high *= 2;
    }
    let mut low = 0u64;
    while low < high {
        let middle = low + (high - low) / 2;
        if of.cdf(middle) < share {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_find_the_same_numbers() {
        for (mean, variance) in [(0.3, 0.2), (4.0, 0.05), (77.5, 0.3), (1200.0, 0.02)] {
            let counts = CountDistribution::with_relative_variance(mean, variance);
            let known = counts.known.as_ref().unwrap_or_else(|| panic!("a mean of {mean} is something"));
            let shares = || (0..201).map(|part| (f64::from(part) + 0.5) / 201.0);
            let found: Vec<u64> = shares().map(|share| searched(known, share)).collect();
            assert_eq!(swept(known, shares()), found, "mean {mean}, variance {variance}");
            assert_eq!(counts.quantiles(201), found);
        }
    }

    #[test]
    fn nothing_expected_is_nothing() {
        let nothing = CountDistribution::with_relative_variance(0.0, 0.5);
        assert_eq!(nothing.quantiles(3), [0, 0, 0]);
        assert_eq!([nothing.at_least(0), nothing.at_least(1)], [1.0, 0.0]);
    }
}
