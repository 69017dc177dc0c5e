//! The page of `mucalc what-if`.

use crate::html::chart::dumbbell::dumbbell;
use crate::html::chart::figure;
use crate::html::document::{Card, Document, PageTable, Section};
use crate::what_if::{conclusion, rows};
use crate::{RenderError, words};
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::text::escape_control;
use mucalc_core::domain::what_if::{Scenario, WhatIfReport};

/// The maximum number of providers with a chart. A longer page would be too long to read.
const CARDS: usize = 100;

/// Renders the alternative settings as a page.
///
/// # Errors
/// If the page cannot be rendered, which is a bug.
pub fn page(of: &WhatIfReport) -> Result<Vec<u8>, RenderError> {
    let providers = of.base.providers.iter().take(CARDS).enumerate();
    let cards: Result<Vec<Card>, RenderError> = providers.map(|(at, base)| card(of, base, at)).collect();
    let rules = words::rules_text(&of.head, &of.base.edition, of.base.credit, &of.base.policies);
    Document::new("Alternative policy settings", &of.head, &of.base.edition, of)
        .section(Section {
            id: "providers".to_owned(),
            title: "Rate under each setting".to_owned(),
            text: conclusion(of).lines().map(str::to_owned).collect(),
            cards: cards?,
            ..Section::default()
        })
        .section(Section {
            id: "settings".to_owned(),
            title: "Settings".to_owned(),
            table: Some(PageTable::new(
                "Practice total under each setting, and results that it changes",
                rows(of),
            )),
            ..Section::default()
        })
        .basis(rules, &of.inputs, &of.findings)
        .render_page(&of.head.tool)
}

/// Returns the card of a provider: the applied settings, and every alternative with other counts or another result.
fn card(of: &WhatIfReport, base: &ProviderResult, at: usize) -> Result<Card, RenderError> {
    let other = |scenario: &'_ Scenario| -> Option<(String, ProviderResult)> {
        let result = scenario.measure.provider(&base.provider_id)?;
        let is_other = (result.numerator, result.denominator, result.verdict)
            != (base.numerator, base.denominator, base.verdict);
        is_other.then(|| (scenario.name.clone(), result.clone()))
    };
    let others: Vec<(String, ProviderResult)> = of.alternatives.iter().filter_map(other).collect();
    let applied = std::iter::once(("as applied".to_owned(), base));
    let all: Vec<(String, &ProviderResult)> =
        applied.chain(others.iter().map(|(name, result)| (name.clone(), result))).collect();
    let anchor = format!("p{at}");
    let name = escape_control(base.name.as_deref().unwrap_or(&base.provider_id));
    let chart = dumbbell(&name, &all, of.base.edition.more_than_percent);
    let text = match others.is_empty() {
        true => vec!["No alternative setting changes the counts.".to_owned()],
        false => Vec::new(),
    };
    Ok(Card {
        title: words::provider_label(base),
        verdict: (base.verdict.word().to_owned(), words::result_text(base.verdict).to_owned()),
        chart: chart.map(|chart| figure::dumbbell(&chart, &anchor)).transpose()?.unwrap_or_default(),
        text,
        anchor,
    })
}
