//! The page of `mucalc progress`.

use crate::html::chart::figure;
use crate::html::chart::trajectory::trajectory;
use crate::html::document::{Card, Document, PageTable, Section};
use crate::progress::{about_forecast, provider_label, providers, rules, sentences, status};
use crate::{RenderError, words};
use mucalc_core::domain::progress::{ProgressReport, ProviderProgress};
use mucalc_core::domain::text::escape_control;

/// The maximum number of providers with a chart. A longer page would be too long to read.
const CARDS: usize = 100;

/// Renders the progress as a page.
///
/// # Errors
/// If the page cannot be rendered, which is a bug.
pub fn page(of: &ProgressReport) -> Result<Vec<u8>, RenderError> {
    let cards = of.providers.iter().take(CARDS).enumerate();
    let cards: Result<Vec<Card>, RenderError> = cards.map(|(at, provider)| card(of, provider, at)).collect();
    Document::new("Progress", &of.head, &of.edition, of)
        .lead(&status(of))
        .section(Section {
            id: "results".to_owned(),
            title: "Results so far".to_owned(),
            table: Some(PageTable::new(
                "Each professional meets the measure or not. The practice total has no result of its own",
                providers(of),
            )),
            ..Section::default()
        })
        .section(Section {
            id: "trend".to_owned(),
            title: "Rate by week".to_owned(),
            cards: cards?,
            items: about_forecast(of),
            ..Section::default()
        })
        .basis(rules(of), &of.inputs, &of.findings)
        .render_page(&of.head.tool)
}

fn card(of: &ProgressReport, provider: &ProviderProgress, at: usize) -> Result<Card, RenderError> {
    let anchor = format!("p{at}");
    let name = escape_control(provider.to_date.name.as_deref().unwrap_or(&provider.to_date.provider_id));
    let chart = trajectory(provider, &of.weeks, of.head.period.into(), of.edition.more_than_percent);
    let verdict = provider.to_date.verdict;
    Ok(Card {
        title: escape_control(&provider_label(provider)),
        verdict: (verdict.word().to_owned(), words::result_text(verdict).to_owned()),
        chart: chart.map(|chart| figure::trajectory(&chart, &anchor, &name)).transpose()?.unwrap_or_default(),
        text: sentences(of, provider).iter().map(|line| words::without_backticks(line)).collect(),
        anchor,
    })
}
