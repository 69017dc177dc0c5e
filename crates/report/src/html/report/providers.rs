//! The table of providers, with a bar for each on one common axis.

use crate::html::chart::AxisTick;
use crate::html::report::DASH;
use crate::next_action::{ActionContext, next_action};
use crate::words;
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::report::MeasureResult;
use mucalc_core::domain::text::{escape_control, with_commas};
use mucalc_core::domain::verdict::Verdict;

/// A row of the table.
pub struct ProviderBar {
    pub anchor: String,
    pub name: String,
    /// The provider id as in the exports.
    pub provider_id: String,
    /// The same for display, and whether the roster has a name for it.
    pub id: String,
    pub has_own_name: bool,
    pub ids: String,
    pub npi: String,
    pub has_bar: bool,
    /// The positions of the lowest and the highest rate on the axis, and the width between them.
    pub lo: u64,
    pub hi: u64,
    pub width: u64,
    pub desc: String,
    pub numerator: String,
    pub denominator: String,
    pub rate: String,
    /// The class in the style sheet.
    pub verdict: &'static str,
    pub verdict_word: &'static str,
    /// The first rate that meets the measure with the patients seen: its position on the axis.
    pub has_goal: bool,
    pub goal_x: u64,
    /// The same in patients, such as `2 of 20`.
    pub goal: String,
    /// What to do next.
    pub action: String,
    pub sentence: String,
    pub sort_rate: i64,
    pub sort_needed: i64,
}

/// The axis that all providers share.
pub struct RateAxis {
    /// The rate at the end of the axis, in hundredths of a percent.
    end: u64,
    pub has_threshold: bool,
    /// The position of the threshold, and the width from there to the end.
    pub threshold_x: u64,
    pub rest: u64,
    pub ticks: Vec<AxisTick>,
}

/// The length of the axis, in units of the chart.
const UNITS: u64 = 240;

impl RateAxis {
    /// Returns an axis that is long enough for the rates of all providers.
    pub fn new(measure: &MeasureResult) -> Self {
        let limit = measure.edition.more_than_percent.map(u64::from);
        let rates = measure.providers.iter().filter_map(|provider| hundredths(&provider.rate_percent_most));
        let most = rates.max().unwrap_or_default().max(limit.map_or(1000, |limit| 200 * limit));
        let end = [10, 20, 40, 60, 80].into_iter().find(|end| most <= end * 100).unwrap_or(100);
        let at = |percent: u64| UNITS * percent / end;
        let threshold = limit.map(at);
        let is_free = |x: u64, room: u64| threshold.is_none_or(|threshold| threshold.abs_diff(x) >= room);
        let tick =
            |x: u64, percent: u64| AxisTick { x, text: format!("{percent}%"), strong: Some(x) == threshold };
        let mut ticks = Vec::new();
        if is_free(0, 24) {
            ticks.push(AxisTick { x: 0, text: "0".to_owned(), strong: false });
        }
        ticks.extend(limit.map(|limit| tick(at(limit), limit)));
        if is_free(UNITS / 2, 40) {
            ticks.push(tick(UNITS / 2, end / 2));
        }
        ticks.push(tick(UNITS, end));
        let threshold_x = threshold.unwrap_or_default();
        let has_threshold = threshold.is_some();
        Self { end: end * 100, has_threshold, threshold_x, rest: UNITS - threshold_x.min(UNITS), ticks }
    }

    fn place(&self, rate: u64) -> u64 {
        (UNITS * rate / self.end).min(UNITS)
    }
}

/// The maximum number of providers on a page. Browsers are slow with more, and a reader does not need more.
pub const LISTED: usize = 2000;

/// Returns a note that not all providers are listed; empty if they are.
pub fn left_out(measure: &MeasureResult) -> String {
    let count = measure.providers.len();
    if count <= LISTED {
        return String::new();
    }
    format!(
        "The first {} of {} providers are listed here, and no other reporting periods are compared; the formats xlsx and csv have all \
         providers, and `mucalc sweep` compares periods.",
        with_commas(LISTED as u64),
        with_commas(count as u64)
    )
}

/// Returns the rows of the first `LISTED` providers, in the order of the report. `context_of` returns what a provider's action depends on.
pub fn rows<'a>(
    measure: &MeasureResult,
    axis: &RateAxis,
    context_of: impl Fn(&ProviderResult) -> ActionContext<'a>,
) -> Vec<ProviderBar> {
    let providers = measure.providers.iter().take(LISTED).enumerate();
    providers.map(|(at, provider)| row(at + 1, provider, measure, axis, context_of(provider))).collect()
}

/// Returns the position of each provider in the report, closest to the threshold first: those who need the fewest patients, then those who
/// meet the measure with the fewest patients to spare, and last those without a result.
pub fn order(measure: &MeasureResult) -> Vec<usize> {
    let distance = |of: &ProviderResult| {
        let spare = goal(of, measure).map_or(0, |goal| of.numerator.least.saturating_sub(goal));
        match of.verdict {
            Verdict::NotMet | Verdict::Indeterminate => (0, of.needed),
            Verdict::Met => (1, spare),
            Verdict::NotCalculable => (2, 0),
        }
    };
    let mut order: Vec<usize> = (0..measure.providers.len().min(LISTED)).collect();
    order.sort_by_key(|at| distance(&measure.providers[*at]));
    order
}

/// Returns the fewest patients in the numerator that meet the measure with all patients who may have been seen; `None` if no patient was
/// seen, or the rule set has no threshold.
fn goal(of: &ProviderResult, measure: &MeasureResult) -> Option<u64> {
    let most = of.denominator.most;
    let goal = match (measure.edition.more_than_percent, measure.edition.at_least) {
        (Some(percent), _) => most * u64::from(percent) / 100 + 1,
        (None, at_least) => at_least?,
    };
    (most > 0).then_some(goal.min(most))
}

fn row(
    number: usize,
    of: &ProviderResult,
    measure: &MeasureResult,
    axis: &RateAxis,
    context: ActionContext<'_>,
) -> ProviderBar {
    let edition = &measure.edition;
    let (least, most) = (hundredths(&of.rate_percent), hundredths(&of.rate_percent_most));
    let place = |rate: Option<u64>| rate.map_or(0, |rate| axis.place(rate));
    let (lo, hi) = (place(least), place(most));
    let id = of.name.as_ref().map(|_| escape_control(&of.provider_id));
    let npi = of.npi.as_deref().map(escape_control);
    let (rate, verdict_word) = (words::rate_text(of), words::result_text(of.verdict));
    let goal = goal(of, measure);
    ProviderBar {
        anchor: format!("p{number}"),
        name: escape_control(of.name.as_deref().unwrap_or(&of.provider_id)),
        provider_id: of.provider_id.clone(),
        id: escape_control(&of.provider_id),
        has_own_name: of.name.is_some(),
        ids: id.into_iter().chain(npi.iter().map(|npi| format!("NPI {npi}"))).collect::<Vec<_>>().join(", "),
        npi: npi.unwrap_or_else(|| DASH.to_owned()),
        has_bar: least.is_some(),
        lo,
        hi,
        width: hi - lo.min(hi),
        desc: format!(
            "The rate is {rate}. The threshold is {}. The result is {verdict_word}.",
            words::threshold_text(edition)
        ),
        numerator: words::range_text(of.numerator),
        denominator: words::range_text(of.denominator),
        rate,
        verdict: of.verdict.word(),
        verdict_word,
        has_goal: goal.is_some(),
        goal_x: goal.map_or(0, |goal| axis.place(10_000 * goal / of.denominator.most)),
        goal: goal.map_or(String::new(), |goal| {
            format!("{} of {}", with_commas(goal), with_commas(of.denominator.most))
        }),
        action: next_action(of, edition, context),
        sentence: words::without_backticks(&words::meaning_text(of, edition)),
        sort_rate: least.map_or(-1, |rate| rate as i64),
        sort_needed: least.map_or(-1, |_| of.needed as i64),
    }
}

/// Parses a rate such as `10.53` to hundredths of a percent.
fn hundredths(rate: &Option<String>) -> Option<u64> {
    rate.as_ref()?.replace('.', "").parse().ok()
}
