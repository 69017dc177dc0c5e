//! Whom to ask first, as a workbook.

use crate::outreach::{ORDER, criteria, headline, rules, sentence, unanswered_line};
use crate::workbook::{CellValue, SUMMARY, SheetColumn, WorkbookWriter, pair};
use crate::{RenderError, beside, words};
use mucalc_core::domain::outreach::{OutreachCandidate, OutreachList, ProviderOutreach};

/// The list as a workbook.
///
/// # Errors
/// When it cannot be written.
pub fn outreach(of: &OutreachList) -> Result<Vec<u8>, RenderError> {
    let mut book = WorkbookWriter::new(of.as_of.unwrap_or(of.head.period.last), None)?;
    let patients =
        of.providers.iter().flat_map(|provider| provider.patients.iter().map(move |one| line(provider, one)));
    let title = if of.is_over { "Records to review" } else { "Patients to ask" };
    book.sheet(title, &PATIENTS, patients)?;
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
    said.extend(beside::choices(of).into_iter().map(|choice| ("Choice", choice)));
    said.extend(of.findings.iter().map(|finding| ("Finding", words::finding(finding))));
    said.extend(of.inputs.iter().map(|input| ("Read", words::input(input))));
    book.sheet("About this list", &SUMMARY, said.into_iter().map(pair))?;
    Ok(book.finish()?)
}

const PATIENTS: [SheetColumn; 15] = [
    SheetColumn("Provider", 14),
    SheetColumn("Name", 28),
    SheetColumn("Place in the list", 9),
    SheetColumn("Patient", 18),
    SheetColumn("Next step", 20),
    SheetColumn("Criterion", 13),
    SheetColumn("Visits", 8),
    SheetColumn("Last visit", 12),
    SheetColumn("Next visit", 12),
    SheetColumn("Unclear messages", 10),
    SheetColumn("Reason", 22),
    SheetColumn("In words", 70),
    SheetColumn("First unclear row", 32),
    SheetColumn("Unanswered since", 12),
    SheetColumn("Portal account", 9),
];

fn line(provider: &ProviderOutreach, of: &OutreachCandidate) -> Vec<CellValue> {
    vec![
        CellValue::text(&provider.provider_id),
        CellValue::text(provider.name.as_deref().unwrap_or_default()),
        CellValue::Count(of.rank),
        CellValue::text(&of.patient_id),
        CellValue::text(of.next_step.text()),
        CellValue::text(of.criterion.word()),
        CellValue::Count(of.visits.into()),
        CellValue::Day(of.last_visit),
        CellValue::Day(of.next_visit),
        CellValue::Count(of.unclear.into()),
        CellValue::text(&of.reason),
        CellValue::text(&of.why),
        CellValue::text(&of.unclear_ref),
        CellValue::Day(of.unanswered_since),
        CellValue::text(of.portal_enrolled.map_or("", |is_enrolled| if is_enrolled { "yes" } else { "no" })),
    ]
}
