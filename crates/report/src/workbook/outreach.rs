//! Renders the outreach list as a workbook.

use crate::outreach::{ORDER, criteria, headline, rules, sentence, unanswered_line};
use crate::table::{Column, Table, Value};
use crate::workbook::{SUMMARY, WorkbookWriter, pair};
use crate::{RenderError, beside, words};
use mucalc_core::domain::outreach::{OutreachCandidate, OutreachList, ProviderOutreach};

/// Renders the outreach list as a workbook.
///
/// # Errors
/// If the workbook cannot be written.
pub fn outreach(of: &OutreachList) -> Result<Vec<u8>, RenderError> {
    let mut book = WorkbookWriter::new(of.as_of.unwrap_or(of.head.period.last), None)?;
    let patients =
        of.providers.iter().flat_map(|provider| provider.patients.iter().map(move |one| line(provider, one)));
    let title = if of.is_over { "Records to review" } else { "Patients to contact" };
    book.sheet(Table::new(title, Column::sheet(&PATIENTS), patients).fixed(4))?;
    let mut said = vec![("Measure", of.edition.title.clone())];
    said.extend(beside::labeled(of));
    said.push(("List", headline(of).replace('\n', "; ")));
    said.extend(of.edition.notes.iter().map(|note| ("Note", note.clone())));
    for provider in &of.providers {
        let name = provider.name.as_deref().unwrap_or(&provider.provider_id);
        said.push(("Provider", format!("{name}: {}", sentence(provider, of.listed))));
        said.extend(unanswered_line(provider).map(|line| ("Unanswered", format!("{name}: {line}"))));
    }
    said.extend(criteria(of).into_iter().map(|text| ("Criterion", text)));
    said.push(("Order", ORDER.to_owned()));
    said.push(("Rules", rules(of)));
    said.extend(beside::choices(of).into_iter().map(|choice| ("Setting", choice)));
    said.extend(of.findings.iter().map(|finding| ("Finding", words::finding_text(finding))));
    said.extend(of.inputs.iter().map(|input| ("Read", words::input_text(input))));
    book.sheet(Table::new("About this list", Column::sheet(&SUMMARY), said.into_iter().map(pair)))?;
    Ok(book.finish()?)
}

const PATIENTS: [(&str, u16); 15] = [
    ("Provider", 14),
    ("Name", 28),
    ("Rank", 9),
    ("Patient", 18),
    ("Next step", 20),
    ("Criterion", 13),
    ("Visits", 8),
    ("Last visit", 12),
    ("Next visit", 12),
    ("Unresolved messages", 10),
    ("Reason", 22),
    ("Explanation", 70),
    ("First unresolved row", 32),
    ("Unanswered since", 12),
    ("Portal account", 9),
];

fn line(provider: &ProviderOutreach, of: &OutreachCandidate) -> Vec<Value> {
    vec![
        Value::text(&provider.provider_id),
        Value::text(provider.name.as_deref().unwrap_or_default()),
        Value::Count(of.rank),
        Value::text(&of.patient_id),
        Value::text(of.next_step.text()),
        Value::text(of.criterion.word()),
        Value::Count(of.visits.into()),
        Value::Day(of.last_visit),
        Value::Day(of.next_visit),
        Value::Count(of.unclear.into()),
        Value::text(&of.reason),
        Value::text(&of.why),
        Value::text(&of.unclear_ref),
        Value::Day(of.unanswered_since),
        Value::text(of.portal_enrolled.map_or("", |is_enrolled| if is_enrolled { "yes" } else { "no" })),
    ]
}
