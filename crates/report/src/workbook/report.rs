//! Renders a report as a workbook: summary, providers, attrition, findings, and, on request, patients.

use std::path::Path;

use crate::html::report as page;
use crate::next_action::{ActionContext, next_action, until};
use crate::table::{Column, Table, Value};
use crate::waterfall::{AttritionTable, attrition_tables};
use crate::workbook::charts::{self, RateColumns};
use crate::workbook::summary::SummarySheet;
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
use mucalc_core::domain::score::CountRange;
use mucalc_core::domain::verdict::Verdict;
use rust_xlsxwriter::Chart;

/// Renders a report as a workbook without patients.
///
/// # Errors
/// If the workbook cannot be written, which is a bug.
pub fn render_without_patients(report: &Report, books: &[RuleSetText]) -> Result<Vec<u8>, RenderError> {
    render(report, books, None::<std::iter::Empty<(&str, std::iter::Empty<LedgerRow<'_>>)>>, None)
}

/// Renders a report as a workbook.
///
/// `rule_set_texts` are the rule set texts of the report's measures, in the same order. `patients` are the ledger rows of each rule set, with its
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
    let first = books.first().cloned().unwrap_or_default();
    book.summary(summary(report, &first), rates_chart(report))?;
    let providers = report.measures().flat_map(providers);
    book.sheet(Table::new("Providers", Column::sheet(&PROVIDERS), providers).fixed(3))?;
    if let Some(patients) = patients {
        let rows = patients
            .into_iter()
            .flat_map(|(edition, records)| records.map(move |one| patient(edition, &one)));
        book.long_sheet(Table::new("Patients", Column::sheet(&PATIENTS), rows).fixed(3))?;
    }
    book.sheet(
        Table::new("Attestation", Column::sheet(&ATTESTATION), attestation(report, &first).into_iter())
            .fixed(1),
    )?;
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
    let basis = basis(report).into_iter().map(pair);
    book.sheet(Table::new("Rules and inputs", Column::sheet(&SUMMARY), basis))?;
    Ok(book.finish()?)
}

const ATTESTATION: [(&str, u16); 3] = [("Eligible professional", 28), ("Item", 32), ("To attest", 90)];

/// Returns what each professional attests, in the order of CMS's attestation.
fn attestation(report: &Report, book: &RuleSetText) -> Vec<Vec<Value>> {
    let sheets = page::attestation(report, book);
    let lines = |(name, facts): &(String, Vec<(String, String)>)| -> Vec<Vec<Value>> {
        let line =
            |(label, text): &(String, String)| vec![Value::text(name), Value::text(label), Value::text(text)];
        facts.iter().map(line).collect()
    };
    sheets.iter().flat_map(lines).collect()
}

/// Returns the chart of the rates in the sheet of providers; `None` if there is no rate.
fn rates_chart(report: &Report) -> Option<Chart> {
    let rows = report.measure.providers.len() as u32;
    let has_rates = report.measure.providers.iter().any(|of| of.rate_percent.is_some());
    let has_names = report.measure.providers.iter().all(|of| of.name.is_some());
    has_rates.then(|| {
        charts::rates(&RateColumns {
            sheet: "Providers",
            rows,
            names: if has_names { 2 } else { 1 },
            lowest: 8,
            highest: 9,
            threshold: report.measure.edition.more_than_percent.map(|_| 10),
        })
    })
}

const RESULTS: [(&str, u16); 6] = [
    ("Numerator", 0),
    ("Denominator", 0),
    ("Lowest rate", 0),
    ("Highest rate", 0),
    ("Result", 0),
    ("Next action", 0),
];

/// Returns the first sheet.
fn summary<'s>(report: &Report, book: &RuleSetText) -> SummarySheet<'s> {
    let measure = &report.measure;
    let practice = report.head.practice.as_ref().and_then(|practice| practice.name.clone());
    let mut facts: Vec<(String, String)> = Vec::new();
    facts.extend(report.error.iter().map(|error| ("No result".to_owned(), error.message.clone())));
    facts.extend(beside::not_final(report).map(|text| ("Not final".to_owned(), format!("{text}."))));
    facts.extend(practice.is_some().then(|| ("Measure".to_owned(), measure.edition.title.clone())));
    facts.push(("Program".to_owned(), book.program.clone()));
    facts.extend(page::meta(report).into_iter().map(|fact| fact.into_pair()));
    facts.extend(
        beside::labeled(report)
            .into_iter()
            .filter(|(label, _)| !["Practice", "Prepared"].contains(label))
            .map(|(label, text)| (label.to_owned(), text)),
    );
    facts.extend(
        measure
            .group
            .iter()
            .map(|group| ("Practice total".to_owned(), words::group_counts_text(group, &measure.edition))),
    );
    facts.extend(measure.edition.notes.iter().map(|note| ("Note".to_owned(), note.clone())));
    facts.retain(|(_, text)| !text.is_empty());
    let count = |of: CountRange| match of.least == of.most {
        true => Value::Count(of.least),
        false => Value::Number(words::range_text(of)),
    };
    let context = ActionContext { until: until(report), ..ActionContext::default() };
    let row = |at: usize| {
        let of = &measure.providers[at];
        vec![
            Value::Text(words::provider_label(of)),
            count(of.numerator),
            count(of.denominator),
            Value::Percent(of.rate_percent.clone()),
            Value::Percent(of.rate_percent_most.clone()),
            Value::Result(of.verdict, words::result_text(of.verdict).to_owned()),
            Value::Text(next_action(of, &measure.edition, context)),
        ]
    };
    let mut columns = vec![Column::text(words::participant(&measure.edition))];
    columns.extend(Column::sheet(&RESULTS));
    SummarySheet {
        title: practice.unwrap_or_else(|| measure.edition.title.clone()),
        facts,
        columns,
        rows: page::order(measure).into_iter().map(row).collect(),
        headline: if report.error.is_some() { String::new() } else { page::headline(measure) },
    }
}

const PROVIDERS: [(&str, u16); 15] = [
    ("Rule set", 16),
    ("Provider", 14),
    ("Name", 28),
    ("NPI", 13),
    ("Patients seen, lowest", 10),
    ("Patients seen, highest", 10),
    ("In the numerator, lowest", 10),
    ("In the numerator, highest", 10),
    ("Lowest rate", 10),
    ("Highest rate", 10),
    ("Threshold to exceed", 11),
    ("Result", 15),
    ("Patients still needed", 10),
    ("Fewest reviews that can meet", 13),
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

/// Returns the rules, settings, and inputs of the report.
fn basis(report: &Report) -> Vec<(&'static str, String)> {
    let mut rows = beside::labeled(report);
    let matched = report.measures().filter_map(|measure| beside::matched(measure.matched.as_ref()?));
    rows.extend(matched.map(|matched| ("ID check", matched)));
    for measure in report.measures() {
        let edition = &measure.edition;
        rows.push(("Measure", edition.title.clone()));
        rows.push(("Rule set", format!("{} (SHA-256 {})", edition.id, edition.sha256)));
        rows.push(("Threshold for each provider", words::threshold_text(edition)));
        if let Some(group) = &measure.group {
            rows.push(("Result", words::group_text(group, edition)));
        }
        rows.extend(edition.notes.iter().map(|note| ("Note", note.clone())));
        rows.extend(
            measure
                .combined
                .iter()
                .map(|person| ("Clinician with several ids", words::clinician_text(person))),
        );
        rows.push((
            "Rules",
            words::rules_text(&report.head, &measure.edition, measure.credit, &measure.policies),
        ));
    }
    rows.extend(beside::choices(report).into_iter().map(|choice| ("Setting", choice)));
    rows.extend(words::certified_lines(report).into_iter().map(|said| ("Certified technology", said)));
    rows.extend(report.inputs.iter().map(|input| ("Read", words::input_text(input))));
    rows.extend(
        report.adjudications.iter().map(|decision| ("Review decision", words::decision_text(decision))),
    );
    rows.extend(report.stamp.iter().map(|stamp| ("Calculated", words::provenance_text(stamp))));
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
            Value::Percent(measure.edition.more_than_percent.map(|percent| percent.to_string())),
            Value::Result(of.verdict, words::result_text(of.verdict).to_owned()),
            Value::Maybe(Some(of.needed).filter(|_| of.verdict != Verdict::NotCalculable)),
            Value::Maybe(of.adjudicate),
            Value::Text(words::meaning_text(of, &measure.edition)),
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
    for fall in attrition_tables(report, measure) {
        lines.push(line(&fall, "(rows read)", fall.read, fall.read, None));
        lines.push(line(&fall, "(unusable)", fall.rejected, fall.read - fall.rejected, None));
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
            Value::text(of.provider_id.as_deref().unwrap_or("(no provider)")),
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
