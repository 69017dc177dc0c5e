//! The page of `mucalc diff`.

use crate::diff::{sentences, tables};
use crate::html::chart::figure;
use crate::html::chart::slope::slope;
use crate::html::document::{Card, Document, PageTable, Section};
use crate::{RenderError, words};
use mucalc_core::domain::diff::{Diff, ProviderChange};
use mucalc_core::domain::text::escape_control;

/// The maximum number of providers with a chart, and of patients in the table. A longer page would be too long to read.
const CARDS: usize = 100;
const PATIENTS: usize = 1000;

/// Renders the differences as a page.
///
/// # Errors
/// If the page cannot be rendered, which is a bug.
pub fn page(of: &Diff) -> Result<Vec<u8>, RenderError> {
    let cards = of.providers.iter().take(CARDS).enumerate();
    let cards: Result<Vec<Card>, RenderError> = cards.map(|(at, change)| card(change, at)).collect();
    let more = match of.patients.len().saturating_sub(PATIENTS) {
        0 => None,
        more => Some(format!("{more} more patients; the format csv has all.")),
    };
    let mut page = Document::new_without_period("Comparison of two runs")
        .fact("A", escape_control(&of.a))
        .fact("B", escape_control(&of.b))
        .section(Section {
            id: "changes".to_owned(),
            title: "Changes".to_owned(),
            text: sentences(of)
                .into_iter()
                .chain(more)
                .map(|line| escape_control(&words::without_backticks(&line)))
                .collect(),
            cards: cards?,
            ..Section::default()
        });
    for (at, table) in tables(of, PATIENTS).into_iter().enumerate() {
        let title = table.title.to_string();
        page = page.section(Section {
            id: format!("t{at}"),
            table: Some(PageTable::new(title.clone(), table)),
            title,
            ..Section::default()
        });
    }
    page.render_page(&of.tool)
}

fn card(change: &ProviderChange, at: usize) -> Result<Card, RenderError> {
    let anchor = format!("p{at}");
    let name = escape_control(&change.provider_id);
    let chart = slope(&name, change.a.as_ref(), change.b.as_ref());
    let verdict = |of: &Option<mucalc_core::domain::diff::ProviderCounts>| {
        of.as_ref().map_or("not in this run".to_owned(), |of| of.verdict.replace('-', " "))
    };
    Ok(Card {
        title: name.clone(),
        chart: chart.map(|chart| figure::slope(&chart, &anchor)).transpose()?.unwrap_or_default(),
        text: vec![format!("A: {}. B: {}.", verdict(&change.a), verdict(&change.b))],
        anchor,
        ..Card::default()
    })
}
