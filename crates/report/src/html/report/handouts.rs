//! Renders a report as handouts: an HTML page with one printed page for each provider.

use askama::Template;

use crate::html::report::attrition::{self, AttritionChart};
use crate::html::report::providers::{ProviderBar, RateAxis};
use crate::html::report::trends::{self, TrendCard};
use crate::html::report::{LabeledValue, inputs, meta, period, provider_rows, rules};
use crate::{RenderError, words};
use mucalc_core::domain::over_time::Trend;
use mucalc_core::domain::report::Report;
use mucalc_core::domain::rule_set_text::RuleSetText;
use mucalc_core::domain::text::{escape_control, pluralize, printable_lines};

/// Renders a report as handouts, in the order of the report.
///
/// # Errors
/// If the page cannot be rendered, which is a bug.
pub fn handouts(report: &Report, book: &RuleSetText) -> Result<Vec<u8>, RenderError> {
    let measure = &report.measure;
    let axis = RateAxis::new(measure);
    let mut rows = provider_rows(report, &axis, None);
    rows.sort_by(|one, other| one.provider_id.cmp(&other.provider_id));
    let practice = report.head.practice.as_ref().and_then(|practice| practice.name.as_deref());
    let page = HandoutPage {
        heading: practice.map_or_else(|| rules::program(book), escape_control),
        measure: measure.edition.title.clone(),
        meta: meta(report),
        has_error: report.error.is_some(),
        error: inputs::error(report),
        counting: words::action_text(measure.edition.numerator_of),
        sheets: rows.into_iter().map(|row| sheet(report, row)).collect(),
        axis,
        tool: inputs::tool(report),
        edition_id: measure.edition.id.clone(),
        edition_sha256: measure.edition.sha256.clone(),
    };
    Ok(printable_lines(&page.render()?).into_bytes())
}

#[derive(Template)]
#[template(path = "handouts.html")]
struct HandoutPage {
    heading: String,
    measure: String,
    meta: Vec<LabeledValue>,
    has_error: bool,
    error: String,
    counting: &'static str,
    axis: RateAxis,
    sheets: Vec<Handout>,
    tool: String,
    edition_id: String,
    edition_sha256: String,
}

/// The page of a provider.
struct Handout {
    bar: ProviderBar,
    card: Option<TrendCard>,
    funnel: Option<AttritionChart>,
    /// Why patients are unresolved, each with the number of patients.
    unresolved: Vec<LabeledValue>,
    has_unresolved: bool,
}

fn sheet(report: &Report, row: ProviderBar) -> Handout {
    let trend = report.over_time.as_ref();
    let providers = &report.measure.providers;
    let at = providers.binary_search_by(|of| of.provider_id.as_str().cmp(&row.provider_id)).ok();
    let card = |trend: &Trend| trends::card(trend, &report.measure, &row, period(report));
    let unresolved = trend.zip(at).map_or_else(Vec::new, |(trend, at)| unresolved(trend, at));
    let funnel = trend.zip(at).and_then(|(trend, at)| {
        attrition::patients(*trend.funnels.get(at)?, report.measure.edition.numerator_of)
    });
    Handout {
        card: trend.map(card),
        funnel: funnel.map(|funnel| AttritionChart { id: format!("{}f", row.anchor), ..funnel }),
        has_unresolved: !unresolved.is_empty(),
        unresolved,
        bar: row,
    }
}

fn unresolved(trend: &Trend, at: usize) -> Vec<LabeledValue> {
    let Some(of) = trend.providers.get(at) else { return Vec::new() };
    let group = |group: &mucalc_core::domain::progress::UnresolvedGroup| {
        LabeledValue::new(
            &pluralize(group.patients, "patient", "patients"),
            format!("{} ({})", group.why, group.rule),
        )
    };
    of.undecided.iter().map(group).collect()
}
