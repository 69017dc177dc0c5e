//! Renders a report as Markdown, for a ticket, a wiki, or a summary in CI.

use std::fmt::Write;

use crate::safe::markdown;
use crate::table::{Column, Table, Value};
use crate::{beside, terminal, waterfall, words};
use mucalc_core::domain::report::{MeasureResult, Report};

/// Renders a report as Markdown.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "# {}\n", markdown(&report.measure.edition.title));
    for line in words::practice_lines(&report.head) {
        let _ = writeln!(text, "{}\n", markdown(&line));
    }
    for line in beside::cautions(report) {
        let _ = writeln!(text, "**{}.**\n", markdown(&line));
    }
    let _ = writeln!(text, "{}\n", words::period_line(&report.head, &report.measure.edition));
    if let Some(error) = &report.error {
        let place =
            error.place.as_ref().map_or(String::new(), |place| format!("{}: ", markdown(&place.to_string())));
        let _ = writeln!(text, "**No result.** {place}{}", markdown(&error.message));
        return text;
    }
    if !report.alongside.is_empty() {
        let _ = writeln!(text, "{}", terminal::side_by_side(report).markdown());
    }
    for (position, measure) in report.measures().enumerate() {
        if position > 0 {
            let _ = writeln!(text, "\n# {}\n", markdown(&measure.edition.title));
        }
        figures(&mut text, measure);
        for table in waterfall::tables(report, measure) {
            let _ = write!(text, "\n## {}\n\n", table.title);
            text.push_str(&table.markdown());
        }
    }
    findings(&mut text, report);
    let _ = writeln!(text, "\n## How it was calculated\n");
    for measure in report.measures() {
        let _ = writeln!(
            text,
            "- Rules: {}.{}",
            markdown(&words::rules_text(&report.head, &measure.edition, measure.credit, &measure.policies)),
            words::numerator_source_text(measure)
        );
    }
    for choice in beside::choices(report) {
        let _ = writeln!(text, "- Choice: {}.", markdown(&choice));
    }
    for result_sentence in words::certified_lines(report) {
        let _ = writeln!(text, "- {}.", markdown(&result_sentence));
    }
    for input in &report.inputs {
        let _ = writeln!(text, "- Read: {}.", markdown(&words::input_text(input)));
    }
    for matched in report.measures().filter_map(|measure| beside::matched(measure.matched.as_ref()?)) {
        let _ = writeln!(text, "- ID check: {}.", markdown(&matched));
    }
    for decision in &report.adjudications {
        let _ = writeln!(text, "- Decided: {}.", markdown(&words::decision_text(decision)));
    }
    if let Some(stamp) = &report.stamp {
        let _ = writeln!(text, "- {}.", markdown(&words::provenance_text(stamp)));
    }
    text
}

fn figures(text: &mut String, measure: &MeasureResult) {
    for note in &measure.edition.notes {
        let _ = writeln!(text, "{}\n", markdown(note));
    }
    text.push_str(&terminal::providers(measure).markdown());
    let _ = writeln!(text);
    for provider in &measure.providers {
        let sentence = words::result_sentence(provider, &measure.edition);
        let _ = writeln!(text, "- {}: {sentence}", markdown(&words::provider_label_with_npi(provider)));
    }
    if let Some(group) = &measure.group {
        let _ = writeln!(text, "\n{}", words::group_text(group, &measure.edition));
    }
    for combined in &measure.combined {
        let _ = writeln!(text, "\n{}", markdown(&words::clinician_text(combined)));
    }
}

fn findings(text: &mut String, report: &Report) {
    if report.findings.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## Findings\n");
    let columns =
        vec![Column::text("Severity"), Column::text("Code"), Column::number("Places"), Column::text("First")];
    let rows = report.findings.iter().map(|finding| {
        let severity = Value::text(finding.severity.word());
        vec![
            severity,
            Value::text(finding.code),
            Value::Count(finding.count),
            Value::Text(finding.first.to_string()),
        ]
    });
    text.push_str(&Table::new("", columns, rows).markdown());
}
