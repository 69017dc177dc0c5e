//! The page of `mucalc outreach`: a work list to print, with a box to check for each patient.

use crate::RenderError;
use crate::html::document::{Document, PageTable, Section};
use crate::outreach::{rules, sentence, status, unanswered_line, who};
use crate::table::{Column, Table, Value};
use mucalc_core::domain::outreach::{OutreachCandidate, OutreachList, ProviderOutreach};
use mucalc_core::domain::text::{capitalize, escape_control, first_sentence};

/// Renders the list as a page, each provider on a printed page of its own.
///
/// # Errors
/// If the page cannot be rendered, which is a bug.
pub fn page(of: &OutreachList) -> Result<Vec<u8>, RenderError> {
    let mut page = Document::new("Outreach list", &of.head, &of.edition, of).lead(&status(of));
    for (at, provider) in of.providers.iter().enumerate() {
        page = page.section(section(of, provider, at));
    }
    page.basis(rules(of), &of.inputs, &of.findings).render_page(&of.head.tool)
}

fn section(of: &OutreachList, provider: &ProviderOutreach, at: usize) -> Section {
    let unanswered = unanswered_line(provider).map(|line| escape_control(&line));
    Section {
        id: format!("p{at}"),
        title: who(provider, escape_control),
        text: [capitalize(&sentence(provider, of.listed))].into_iter().chain(unanswered).collect(),
        table: (!provider.patients.is_empty())
            .then(|| PageTable::new("Work down the list from the top", patients(provider)).with_boxes()),
        is_sheet: true,
        ..Section::default()
    }
}

/// Returns the patients of a provider with the explanation of their status, and room for notes.
fn patients(of: &ProviderOutreach) -> Table<'_> {
    let texts = ["Patient", "Next step", "Status"].map(Column::text).into_iter();
    let columns = texts.chain([Column::number("Visits")]);
    let columns = columns.chain(["Last visit", "Next visit", "Notes"].map(Column::text));
    let row = |of: &OutreachCandidate| {
        vec![
            Value::text(&of.patient_id),
            Value::Text(capitalize(of.next_step.text())),
            Value::text(first_sentence(&of.why)),
            Value::Count(of.visits.into()),
            Value::Day(of.last_visit),
            Value::Day(of.next_visit),
            Value::text(""),
        ]
    };
    Table::new("", columns.collect(), of.patients.iter().map(row))
}
