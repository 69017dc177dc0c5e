//! The section on the rate by week: a card for each provider.

use crate::html::chart::trajectory::{Trajectory, trajectory};
use crate::html::report::providers::ProviderBar;
use mucalc_core::domain::calendar::day_text;
use mucalc_core::domain::over_time::Trend;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::report::MeasureResult;
use mucalc_core::domain::text::{pluralize, with_commas};

/// A provider's card: the result, the chart, and the explanation.
pub struct TrendCard {
    pub anchor: String,
    pub name: String,
    pub ids: String,
    pub verdict: &'static str,
    pub verdict_word: &'static str,
    pub sentence: String,
    /// The chart; `None` if the provider has no rate.
    pub trajectory: Option<Trajectory>,
}

/// The maximum number of cards. A longer page would be too long to read.
const CARDS: usize = 100;

/// Returns the cards of the first providers of the table, in its order.
pub fn cards(trend: &Trend, measure: &MeasureResult, rows: &[ProviderBar], period: Period) -> Vec<TrendCard> {
    rows.iter().take(CARDS).map(|row| card(trend, measure, row, period)).collect()
}

/// Returns the card of a provider.
pub fn card(trend: &Trend, measure: &MeasureResult, row: &ProviderBar, period: Period) -> TrendCard {
    let at = measure.providers.binary_search_by(|of| of.provider_id.as_str().cmp(&row.provider_id));
    let of = at.ok().and_then(|at| trend.providers.get(at));
    TrendCard {
        anchor: row.anchor.clone(),
        name: row.name.clone(),
        ids: row.ids.clone(),
        verdict: row.verdict,
        verdict_word: row.verdict_word,
        sentence: row.sentence.clone(),
        trajectory: of.and_then(|of| trajectory(of, &trend.weeks, period, measure.edition.more_than_percent)),
    }
}

/// Returns whether any card has a forecast.
pub fn have_forecasts(cards: &[TrendCard]) -> bool {
    cards.iter().any(|card| card.trajectory.as_ref().is_some_and(|of| of.has_fan))
}

/// Returns what the charts show.
pub fn sentence(trend: &Trend, last: Day) -> String {
    let shown = "The rate at the end of each week, as it would have been reported then.";
    match trend.days_left {
        0 => shown.to_owned(),
        _ => {
            format!("{shown} Data through {}; the period ends on {}.", day_text(trend.until), day_text(last))
        }
    }
}

/// Returns how many providers have no card; empty if all have one.
pub fn left_out(rows: &[ProviderBar], cards: usize) -> String {
    match rows.len().saturating_sub(cards) {
        0 => String::new(),
        _ if cards == 0 => String::new(),
        more => format!(
            "The first {} are shown; {} not. `mucalc progress` has all.",
            with_commas(cards as u64),
            pluralize(more as u64, "provider is", "providers are")
        ),
    }
}
