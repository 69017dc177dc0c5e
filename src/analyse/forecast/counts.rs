//! A number of patients that is not yet known: a negative binomial distribution, which is as narrow as pure chance or wider.

use statrs::distribution::{DiscreteCDF, NegativeBinomial};

/// A number that is not yet known.
pub struct Counts(Option<NegativeBinomial>);

/// Narrower than this, relative to the square of the mean, nothing is known.
const NARROWEST: f64 = 0.01;

impl Counts {
    /// A number with a mean and, beside pure chance, a variance relative to the square of the mean.
    pub fn with_relative_variance(mean: f64, variance: f64) -> Self {
        let shape = 1.0 / variance.max(NARROWEST);
        let is_something = mean > 1e-9;
        Self(is_something.then(|| NegativeBinomial::new(shape, shape / (shape + mean)).ok()).flatten())
    }

    /// The chance that it is so many or more.
    pub fn at_least(&self, count: u64) -> f64 {
        match (count, &self.0) {
            (0, _) => 1.0,
            (_, None) => 0.0,
            (count, Some(known)) => known.sf(count - 1),
        }
    }

    /// So many numbers that are equally likely, in order.
    pub fn evenly(&self, parts: usize) -> Vec<u64> {
        let at = |part: usize| (part as f64 + 0.5) / parts as f64;
        let quantile = |part: usize| self.0.as_ref().map_or(0, |known| quantile(known, at(part)));
        (0..parts).map(quantile).collect()
    }
}

/// The least number of which so much of the distribution lies at or below.
fn quantile(of: &NegativeBinomial, share: f64) -> u64 {
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
