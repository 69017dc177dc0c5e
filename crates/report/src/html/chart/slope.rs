//! The change of a provider's rate from one run to another.

use mucalc_core::domain::diff::ProviderCounts;

use crate::html::chart::RateScale;
use crate::words;

/// A slope chart, 96 units high.
pub struct Slope {
    pub title: String,
    /// The chart in words.
    pub desc: String,
    /// The positions of the lowest rates.
    pub from: u64,
    pub to: u64,
    /// The points of the area between the lowest and the highest rates.
    pub band: String,
    pub rate_from: String,
    pub rate_to: String,
}

const HEIGHT: u64 = 96;

/// Returns the chart of a provider; `None` if a run does not have the provider or saw no patient.
pub fn slope(name: &str, a: Option<&ProviderCounts>, b: Option<&ProviderCounts>) -> Option<Slope> {
    let (a, b) = (Rates::new(a?)?, Rates::new(b?)?);
    let scale = RateScale::new(a.most.max(b.most), HEIGHT);
    let y = |rate: f64| HEIGHT - scale.place(rate);
    let (from, to) = (y(a.least), y(b.least));
    Some(Slope {
        title: format!("Rate of {name} in both runs"),
        desc: format!("A: {}. B: {}.", a.text(), b.text()),
        band: format!("110,{from} 230,{to} 230,{} 110,{}", y(b.most), y(a.most)),
        from,
        to,
        rate_from: a.text(),
        rate_to: b.text(),
    })
}

/// The lowest and the highest rate of a run.
struct Rates {
    least: f64,
    most: f64,
}

impl Rates {
    fn new(of: &ProviderCounts) -> Option<Self> {
        let ((least, most), (fewest, all)) = (range(&of.numerator)?, range(&of.denominator)?);
        // If the denominator is a range, the highest rate is approximate: patients who may not have been seen can leave both counts.
        let rate = |numerator: f64, denominator: f64| (100.0 * numerator / denominator.max(1.0)).min(100.0);
        (all > 0.0).then(|| Self { least: rate(least, all), most: rate(most, fewest.max(most)) })
    }

    fn text(&self) -> String {
        words::rate_of(Some(&format!("{:.2}", self.least)), Some(&format!("{:.2}", self.most)))
    }
}

/// Parses a count, or the ends of a range such as `3-5`.
fn range(text: &str) -> Option<(f64, f64)> {
    let number = |text: &str| text.parse::<f64>().ok();
    match text.split_once('-') {
        Some((least, most)) => Some((number(least)?, number(most)?)),
        None => number(text).map(|count| (count, count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(numerator: &str, denominator: &str) -> ProviderCounts {
        let [numerator, denominator] = [numerator, denominator].map(str::to_owned);
        ProviderCounts { numerator, denominator, verdict: "met".to_owned() }
    }

    #[test]
    fn a_slope_goes_from_the_lowest_rate_to_the_lowest_rate() {
        let (a, b) = (counts("1", "20"), counts("2-4", "20"));
        let slope = slope("DR-1", Some(&a), Some(&b)).expect("both have rates");
        assert_eq!((slope.rate_from.as_str(), slope.rate_to.as_str()), ("5.00%", "10.00–20.00%"));
        assert_eq!((slope.from, slope.to, slope.band.as_str()), (72, 48, "110,72 230,48 230,0 110,72"));
    }

    #[test]
    fn a_provider_of_one_run_has_no_slope() {
        assert!(slope("DR-1", Some(&counts("0", "0")), Some(&counts("1", "2"))).is_none());
        assert!(slope("DR-1", None, Some(&counts("1", "2"))).is_none());
    }
}
