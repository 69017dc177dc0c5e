//! A report as a workbook: summary, providers, waterfall, findings and, for those who ask, patients.

use std::path::Path;

use crate::waterfall::{AttritionTable, falls};
use crate::workbook::{CellValue, SUMMARY, SheetColumn, WorkbookWriter, pair, with_room};
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

/// A report as a workbook, without patients.
///
/// # Errors
/// When it cannot be written, which would be a defect of the program.
pub fn without_patients(report: &Report, books: &[RuleSetText]) -> Result<Vec<u8>, RenderError> {
    render(report, books, None::<std::iter::Empty<(&str, std::iter::Empty<LedgerRow<'_>>)>>, None)
}

/// A report as a workbook. The books are those of the report's measures, in their order; `patients` are the rows of the
/// ledger of each edition, named by its id, for those who ask for them.
///
/// # Errors
/// When it cannot be written.
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
    book.sheet("Summary", &SUMMARY, summary(report).into_iter().map(pair))?;
    book.sheet("Providers", &PROVIDERS, report.measures().flat_map(providers))?;
    if let Some(patients) = patients {
        let rows = patients
            .into_iter()
            .flat_map(|(edition, records)| records.map(move |one| patient(edition, &one)));
        book.long_sheet("Patients", &PATIENTS, rows)?;
    }
    let none = RuleSetText::default();
    let measures = || report.measures().zip(books.iter().chain(std::iter::repeat(&none)));
    book.sheet(
        "Waterfall",
        &WATERFALL,
        measures().flat_map(|(measure, book)| waterfall(report, measure, book)),
    )?;
    if report.measures().any(|measure| !by_provider(measure).is_empty()) {
        let rows = report.measures().flat_map(|measure| {
            by_provider(measure).iter().flat_map(|of| waterfall_of(&measure.edition.id, of))
        });
        book.long_sheet("Waterfall by provider", &WATERFALL_OF, rows)?;
    }
    book.sheet("Findings", &FINDINGS, findings(report).into_iter())?;
    Ok(book.finish()?)
}

const PROVIDERS: [SheetColumn; 14] = [
    SheetColumn("Edition", 16),
    SheetColumn("Provider", 14),
    SheetColumn("Name", 28),
    SheetColumn("NPI", 13),
    SheetColumn("Patients seen (denominator)", 14),
    SheetColumn("Patients seen, at most", 10),
    SheetColumn("Patients who count (numerator)", 14),
    SheetColumn("Patients who count, at most", 10),
    SheetColumn("Rate in percent", 9),
    SheetColumn("Rate, at most", 10),
    SheetColumn("Verdict", 15),
    SheetColumn("Patients still needed", 10),
    SheetColumn("Decisions in favour that are enough", 13),
    SheetColumn("In words", 90),
];

const PATIENTS: [SheetColumn; 14] = [
    SheetColumn("Edition", 16),
    SheetColumn("Provider", 14),
    SheetColumn("Patient", 18),
    SheetColumn("In the denominator", 13),
    SheetColumn("In the numerator", 13),
    SheetColumn("Encounters", 11),
    SheetColumn("First seen", 12),
    SheetColumn("Last seen", 12),
    SheetColumn("Messages that count", 10),
    SheetColumn("Unclear messages", 10),
    SheetColumn("First counted on", 12),
    SheetColumn("Reason", 22),
    SheetColumn("Row of the encounter", 32),
    SheetColumn("Row of the message", 32),
];

const WATERFALL: [SheetColumn; 8] = [
    SheetColumn("Edition", 16),
    SheetColumn("Export", 12),
    SheetColumn("Rule", 26),
    SheetColumn("What it says", 70),
    SheetColumn("Rows", 12),
    SheetColumn("Counted", 12),
    SheetColumn("Unclear", 12),
    SheetColumn("Rows left", 12),
];

const WATERFALL_OF: [SheetColumn; 7] = [
    SheetColumn("Edition", 16),
    SheetColumn("Provider", 14),
    SheetColumn("Export", 12),
    SheetColumn("Rule", 26),
    SheetColumn("Rows", 12),
    SheetColumn("Counted", 12),
    SheetColumn("Unclear", 12),
];

const FINDINGS: [SheetColumn; 8] = [
    SheetColumn("Severity", 10),
    SheetColumn("Code", 24),
    SheetColumn("Places", 10),
    SheetColumn("First file", 32),
    SheetColumn("Line", 10),
    SheetColumn("Column", 18),
    SheetColumn("What it means", 70),
    SheetColumn("What to do", 70),
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
        "Reporting period",
        format!("{} to {}, both days included", report.head.period.first, report.head.period.last),
    ));
    for measure in report.measures() {
        let edition = &measure.edition;
        rows.push(("Measure", edition.title.clone()));
        rows.push(("Edition", format!("{} (SHA-256 {})", edition.id, edition.sha256)));
        rows.push(("Threshold for each provider", words::threshold(edition)));
        if let Some(group) = &measure.group {
            rows.push(("Result", words::group(group, edition)));
        }
        rows.extend(edition.notes.iter().map(|note| ("Note", note.clone())));
        rows.extend(
            measure.combined.iter().map(|person| ("Person with several ids", words::combined(person))),
        );
        rows.push(("Rules", words::rules(&report.head, &measure.edition, measure.credit, &measure.policies)));
    }
    rows.extend(beside::choices(report).into_iter().map(|choice| ("Choice", choice)));
    rows.extend(words::certified(report).into_iter().map(|said| ("Certified technology", said)));
    rows.extend(report.inputs.iter().map(|input| ("Read", words::input(input))));
    rows.extend(report.adjudications.iter().map(|decision| ("Decided", words::decision(decision))));
    rows.extend(report.stamp.iter().map(|stamp| ("Computed", words::stamp(stamp))));
    rows.push(("Made by", format!("{} {}", report.head.tool.name, report.head.tool.version)));
    rows
}

fn providers(measure: &MeasureResult) -> impl Iterator<Item = Vec<CellValue>> + '_ {
    let optional = |text: &Option<String>| CellValue::text(text.as_deref().unwrap_or_default());
    let row = move |of: &ProviderResult| {
        vec![
            CellValue::text(&measure.edition.id),
            CellValue::text(&of.provider_id),
            optional(&of.name),
            optional(&of.npi),
            CellValue::Count(of.denominator.least),
            CellValue::Count(of.denominator.most),
            CellValue::Count(of.numerator.least),
            CellValue::Count(of.numerator.most),
            CellValue::Percent(of.rate_percent.clone()),
            CellValue::Percent(of.rate_percent_most.clone()),
            CellValue::text(words::verdict(of.verdict)),
            CellValue::Maybe(Some(of.needed).filter(|_| of.verdict != Verdict::NotCalculable)),
            CellValue::Maybe(of.adjudicate),
            CellValue::Text(words::meaning(of, &measure.edition)),
        ]
    };
    measure.providers.iter().map(row)
}

fn patient(edition: &str, of: &LedgerRow<'_>) -> Vec<CellValue> {
    vec![
        CellValue::text(edition),
        CellValue::text(of.provider_id),
        CellValue::text(&*of.patient_id),
        CellValue::text(of.standing.denominator.word()),
        CellValue::text(of.standing.numerator.word()),
        CellValue::Count(of.encounters.into()),
        CellValue::Day(of.first_seen),
        CellValue::Day(of.last_seen),
        CellValue::Count(of.counted_messages.into()),
        CellValue::Count(of.uncertain_messages.into()),
        CellValue::Day(of.first_counted),
        CellValue::text(of.reason),
        CellValue::text(&*of.encounter_ref),
        CellValue::text(&*of.message_ref),
    ]
}

fn waterfall(report: &Report, measure: &MeasureResult, book: &RuleSetText) -> Vec<Vec<CellValue>> {
    let line =
        |fall: &AttritionTable<'_>, rule: &str, rows: u64, left: u64, counted: Option<&AttritionStep>| {
            let rules = if fall.role == InputRole::Encounters { &book.denominator } else { &book.numerator };
            let told = rules.iter().find(|told| told.id == rule);
            vec![
                CellValue::text(&measure.edition.id),
                CellValue::text(fall.role.word()),
                CellValue::text(rule),
                CellValue::text(
                    told.map_or(if rule == SUPERSEDED { SUPERSEDED_MEANS } else { "" }, |told| &told.why),
                ),
                CellValue::Count(rows),
                CellValue::Maybe(counted.map(|bucket| bucket.counted)),
                CellValue::Maybe(counted.map(|bucket| bucket.uncertain)),
                CellValue::Count(left),
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

fn waterfall_of<'w>(
    edition: &'w str,
    of: &'w ProviderAttrition,
) -> impl Iterator<Item = Vec<CellValue>> + 'w {
    let exports = [("encounters", &of.encounters), ("messages", &of.messages), ("accesses", &of.accesses)];
    let line = move |export: &str, bucket: &AttritionStep| {
        vec![
            CellValue::text(edition),
            CellValue::text(of.provider_id.as_deref().unwrap_or("(names no provider)")),
            CellValue::text(export),
            CellValue::text(&bucket.rule),
            CellValue::Count(bucket.rows),
            CellValue::Count(bucket.counted),
            CellValue::Count(bucket.uncertain),
        ]
    };
    exports
        .into_iter()
        .flat_map(move |(export, buckets)| buckets.iter().map(move |bucket| line(export, bucket)))
}

fn findings(report: &Report) -> Vec<Vec<CellValue>> {
    let finding = |of: &mucalc_core::domain::finding::Finding| {
        let code = FindingCode::parse(of.code);
        vec![
            CellValue::text(of.severity.word()),
            CellValue::text(of.code),
            CellValue::Count(of.count),
            CellValue::text(&of.first.file),
            CellValue::Maybe(of.first.line),
            CellValue::text(of.first.column.as_deref().unwrap_or_default()),
            CellValue::text(code.map_or("", FindingCode::meaning)),
            CellValue::text(code.map_or("", FindingCode::remedy)),
        ]
    };
    report.findings.iter().map(finding).collect()
}
