//! Renders a report as a workbook: summary, providers, attrition, findings, and, on request, patients.

use std::path::Path;

use crate::table::{Column, Table, Value};
use crate::waterfall::{AttritionTable, falls};
use crate::workbook::{SUMMARY, WorkbookWriter, pair, with_room};
use crate::{RenderError, beside, words};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::record::LedgerRow;
use mucalc_core::domain::report::{
    AttritionStep, MeasureResult, ProviderAttrition, Report, SUPERSEDED, SUPERSEDED_MEANS,
};
use mucalc_core::domain::rule_set_text::RuleSetText;
use mucalc_core::domain::verdict::Verdict;

/// Renders a report as a workbook without patients.
///
/// # Errors
/// If the workbook cannot be written, which is a bug.
pub fn without_patients(report: &Report, books: &[RuleSetText]) -> Result<Vec<u8>, RenderError> {
    render(report, books, None::<std::iter::Empty<(&str, std::iter::Empty<LedgerRow<'_>>)>>, None)
}

/// Renders a report as a workbook.
///
/// `books` are the rule set texts of the report's measures, in the same order. `patients` are the ledger rows of each rule set, with its
/// id; `None` if they were not requested.
///
/// # Errors
/// If the workbook cannot be written, for example because `scratch` has no room.
pub fn render<'r, R: Iterator<Item = LedgerRow<'r>>>(
    report: &Report,
    books: &[RuleSetText],
    patients: Option<impl Iterator<Item = (&'r str, R)>>,
    scratch: Option<&Path>,
) -> Result<Vec<u8>, RenderError> {
    with_room(|| made(report, books, patients, scratch))
}

fn made<'r, R: Iterator<Item = LedgerRow<'r>>>(
    report: &Report,
    books: &[RuleSetText],
    patients: Option<impl Iterator<Item = (&'r str, R)>>,
    scratch: Option<&Path>,
) -> Result<Vec<u8>, RenderError> {
    let mut book = WorkbookWriter::new(report.head.period.last, scratch)?;
    book.sheet(Table::new("Summary", Column::sheet(&SUMMARY), summary(report).into_iter().map(pair)))?;
    book.sheet(Table::new("Providers", Column::sheet(&PROVIDERS), report.measures().flat_map(providers)))?;
    if let Some(patients) = patients {
        let rows = patients
            .into_iter()
            .flat_map(|(edition, records)| records.map(move |one| patient(edition, &one)));
        book.long_sheet(Table::new("Patients", Column::sheet(&PATIENTS), rows))?;
    }
    let none = RuleSetText::default();
    let measures = || report.measures().zip(books.iter().chain(std::iter::repeat(&none)));
    book.sheet(Table::new(
        "Attrition",
        Column::sheet(&WATERFALL),
        measures().flat_map(|(measure, book)| waterfall(report, measure, book)),
    ))?;
    if report.measures().any(|measure| !by_provider(measure).is_empty()) {
        let rows = report.measures().flat_map(|measure| {
            by_provider(measure).iter().flat_map(|of| waterfall_of(&measure.edition.id, of))
        });
        book.long_sheet(Table::new("Attrition by provider", Column::sheet(&WATERFALL_OF), rows))?;
    }
    book.sheet(Table::new("Findings", Column::sheet(&FINDINGS), findings(report).into_iter()))?;
    Ok(book.finish()?)
}

const PROVIDERS: [(&str, u16); 14] = [
    ("Rule set", 16),
    ("Provider", 14),
    ("Name", 28),
    ("NPI", 13),
    ("Patients seen (denominator)", 14),
    ("Patients seen, highest", 10),
    ("In the numerator", 14),
    ("In the numerator, highest", 10),
    ("Rate in percent", 9),
    ("Rate, highest", 10),
    ("Result", 15),
    ("Patients still needed", 10),
    ("Reviews needed to meet", 13),
    ("Explanation", 90),
];

const PATIENTS: [(&str, u16); 14] = [
    ("Rule set", 16),
    ("Provider", 14),
    ("Patient", 18),
    ("In the denominator", 13),
    ("In the numerator", 13),
    ("Encounters", 11),
    ("First seen", 12),
    ("Last seen", 12),
    ("Qualifying messages", 10),
    ("Unresolved messages", 10),
    ("First qualifying message", 12),
    ("Reason", 22),
    ("Row of the encounter", 32),
    ("Row of the message", 32),
];

const WATERFALL: [(&str, u16); 8] = [
    ("Rule set", 16),
    ("Export", 12),
    ("Rule", 26),
    ("Rule text", 70),
    ("Rows", 12),
    ("Qualify", 12),
    ("Unresolved", 12),
    ("Rows left", 12),
];

const WATERFALL_OF: [(&str, u16); 7] = [
    ("Rule set", 16),
    ("Provider", 14),
    ("Export", 12),
    ("Rule", 26),
    ("Rows", 12),
    ("Qualify", 12),
    ("Unresolved", 12),
];

const FINDINGS: [(&str, u16); 8] = [
    ("Severity", 10),
    ("Code", 24),
    ("Count", 10),
    ("First file", 32),
    ("Line", 10),
    ("Column", 18),
    ("Meaning", 70),
    ("What to do", 70),
];

fn summary(report: &Report) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if let Some(error) = &report.error {
        rows.push(("No result", error.message.clone()));
    }
    rows.extend(beside::labeled(report));
    let matched = report.measures().filter_map(|measure| beside::matched(measure.matched.as_ref()?));
    rows.extend(matched.map(|matched| ("Ids", matched)));
    rows.push((
        words::period_name(&report.measure.edition),
        format!("{} to {}, including both days", report.head.period.first, report.head.period.last),
    ));
    for measure in report.measures() {
        let edition = &measure.edition;
        rows.push(("Measure", edition.title.clone()));
        rows.push(("Rule set", format!("{} (SHA-256 {})", edition.id, edition.sha256)));
        rows.push(("Threshold for each provider", words::threshold(edition)));
        if let Some(group) = &measure.group {
            rows.push(("Result", words::group(group, edition)));
        }
        rows.extend(edition.notes.iter().map(|note| ("Note", note.clone())));
        rows.extend(
            measure.combined.iter().map(|person| ("Clinician with several ids", words::combined(person))),
        );
        rows.push(("Rules", words::rules(&report.head, &measure.edition, measure.credit, &measure.policies)));
    }
    rows.extend(beside::choices(report).into_iter().map(|choice| ("Setting", choice)));
    rows.extend(words::certified(report).into_iter().map(|said| ("Certified technology", said)));
    rows.extend(report.inputs.iter().map(|input| ("Read", words::input(input))));
    rows.extend(report.adjudications.iter().map(|decision| ("Review decision", words::decision(decision))));
    rows.extend(report.stamp.iter().map(|stamp| ("Calculated", words::stamp(stamp))));
    rows.push(("Program", format!("{} {}", report.head.tool.name, report.head.tool.version)));
    rows
}

fn providers(measure: &MeasureResult) -> impl Iterator<Item = Vec<Value>> + '_ {
    let optional = |text: &Option<String>| Value::text(text.as_deref().unwrap_or_default());
    let row = move |of: &ProviderResult| {
        vec![
            Value::text(&measure.edition.id),
            Value::text(&of.provider_id),
            optional(&of.name),
            optional(&of.npi),
            Value::Count(of.denominator.least),
            Value::Count(of.denominator.most),
            Value::Count(of.numerator.least),
            Value::Count(of.numerator.most),
            Value::Percent(of.rate_percent.clone()),
            Value::Percent(of.rate_percent_most.clone()),
            Value::text(words::verdict(of.verdict)),
            Value::Maybe(Some(of.needed).filter(|_| of.verdict != Verdict::NotCalculable)),
            Value::Maybe(of.adjudicate),
            Value::Text(words::meaning(of, &measure.edition)),
        ]
    };
    measure.providers.iter().map(row)
}

fn patient(edition: &str, of: &LedgerRow<'_>) -> Vec<Value> {
    vec![
        Value::text(edition),
        Value::text(of.provider_id),
        Value::text(&*of.patient_id),
        Value::text(of.standing.denominator.word()),
        Value::text(of.standing.numerator.word()),
        Value::Count(of.encounters.into()),
        Value::Day(of.first_seen),
        Value::Day(of.last_seen),
        Value::Count(of.counted_messages.into()),
        Value::Count(of.uncertain_messages.into()),
        Value::Day(of.first_counted),
        Value::text(of.reason),
        Value::text(&*of.encounter_ref),
        Value::text(&*of.message_ref),
    ]
}

fn waterfall(report: &Report, measure: &MeasureResult, book: &RuleSetText) -> Vec<Vec<Value>> {
    let line =
        |fall: &AttritionTable<'_>, rule: &str, rows: u64, left: u64, counted: Option<&AttritionStep>| {
            let rules = if fall.role == InputRole::Encounters { &book.denominator } else { &book.numerator };
            let told = rules.iter().find(|told| told.id == rule);
            vec![
                Value::text(&measure.edition.id),
                Value::text(fall.role.word()),
                Value::text(rule),
                Value::text(
                    told.map_or(if rule == SUPERSEDED { SUPERSEDED_MEANS } else { "" }, |told| &told.why),
                ),
                Value::Count(rows),
                Value::Maybe(counted.map(|bucket| bucket.counted)),
                Value::Maybe(counted.map(|bucket| bucket.uncertain)),
                Value::Count(left),
            ]
        };
    let mut lines = Vec::new();
    for fall in falls(report, measure) {
        lines.push(line(&fall, "(rows read)", fall.read, fall.read, None));
        lines.push(line(&fall, "(rejected)", fall.rejected, fall.read - fall.rejected, None));
        for step in &fall.steps {
            lines.push(line(&fall, &step.bucket.rule, step.bucket.rows, step.left, Some(step.bucket)));
        }
    }
    lines
}

fn by_provider(measure: &MeasureResult) -> &[ProviderAttrition] {
    measure.waterfall.as_ref().map_or(&[], |waterfall| &waterfall.providers)
}

fn waterfall_of<'w>(edition: &'w str, of: &'w ProviderAttrition) -> impl Iterator<Item = Vec<Value>> + 'w {
    let exports = [("encounters", &of.encounters), ("messages", &of.messages), ("accesses", &of.accesses)];
    let line = move |export: &str, bucket: &AttritionStep| {
        vec![
            Value::text(edition),
            Value::text(of.provider_id.as_deref().unwrap_or("(names no provider)")),
            Value::text(export),
            Value::text(&bucket.rule),
            Value::Count(bucket.rows),
            Value::Count(bucket.counted),
            Value::Count(bucket.uncertain),
        ]
    };
    exports
        .into_iter()
        .flat_map(move |(export, buckets)| buckets.iter().map(move |bucket| line(export, bucket)))
}

fn findings(report: &Report) -> Vec<Vec<Value>> {
    let finding = |of: &mucalc_core::domain::finding::Finding| {
        let code = FindingCode::parse(of.code);
        vec![
            Value::text(of.severity.word()),
            Value::text(of.code),
            Value::Count(of.count),
            Value::text(&of.first.file),
            Value::Maybe(of.first.line),
            Value::text(of.first.column.as_deref().unwrap_or_default()),
            Value::text(code.map_or("", FindingCode::meaning)),
            Value::text(code.map_or("", FindingCode::remedy)),
        ]
    };
    report.findings.iter().map(finding).collect()
}
