//! Renders a report for a terminal: one row per provider, a sentence for each, and the findings.

use std::fmt::Write;

use crate::table::{Column, Table, Value};
use crate::{TerminalStyle, beside, waterfall, words};
use mucalc_core::domain::finding::{Finding, FindingCode};
use mucalc_core::domain::report::{MatchedIds, MeasureResult, Report};
use mucalc_core::domain::text::{escape_control, first_sentence, pluralize};

/// The maximum number of providers with a sentence each. If there are more, only their results are counted; Markdown has all sentences.
const SENTENCES: usize = 12;

/// Renders a report as text.
pub fn render(report: &Report, screen: TerminalStyle) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    for measure in report.measures() {
        let _ = writeln!(text, "{}", measure.edition.title);
    }
    for line in beside::above(report) {
        let _ = writeln!(text, "{line}");
    }
    let so_far = beside::not_final(report).map_or(String::new(), |caution| format!("\n{caution}."));
    let _ = writeln!(text, "{}{so_far}\n", words::period_line(&report.head, &report.measure.edition));
    if let Some(error) = &report.error {
        let place = error
            .place
            .as_ref()
            .map_or(String::new(), |place| format!("{}: ", escape_control(&place.to_string())));
        let _ = writeln!(text, "No result. {place}{}", error.message);
        return text;
    }
    if report.measure.providers.is_empty() {
        let _ = writeln!(text, "The encounters name no provider.");
    } else if report.alongside.is_empty() {
        let _ = writeln!(text, "{}\n", providers(&report.measure).terminal(screen));
    } else {
        let _ = writeln!(text, "{}\n", side_by_side(report).terminal(screen));
    }
    for measure in report.measures() {
        if !report.alongside.is_empty() {
            let _ = writeln!(text, "{}", measure.edition.id);
        }
        sentences(&mut text, measure, screen.verbose);
        if !report.alongside.is_empty() {
            text.push('\n');
        }
    }
    if report.alongside.is_empty() {
        text.push('\n');
    }
    for measure in report.measures().filter(|_| screen.waterfall) {
        if !report.alongside.is_empty() {
            let _ = writeln!(text, "{}", measure.edition.id);
        }
        for table in waterfall::tables(report, measure) {
            let _ = writeln!(text, "{}", table.title);
            let _ = writeln!(text, "{}\n", table.terminal(screen));
        }
    }
    for measure in report.measures() {
        let rules = if screen.verbose { words::rules_text } else { words::short_rules_text };
        let rules = rules(&report.head, &measure.edition, measure.credit, &measure.policies);
        let _ = writeln!(text, "Rules: {rules}.{}", words::numerator_source_text(measure));
    }
    if let Some(choices) = beside::choices_line(report) {
        let _ = writeln!(text, "{choices}");
    }
    for sentence in words::certified_lines(report) {
        let _ = writeln!(text, "{sentence}.");
    }
    for line in words::input_lines(&report.inputs, screen.verbose) {
        let _ = writeln!(text, "{line}");
    }
    let is_told = |matched: &&MatchedIds| screen.verbose || !beside::is_complete(matched);
    let matched = report.measures().filter_map(|measure| measure.matched.as_ref()).filter(is_told);
    for matched in matched.filter_map(beside::matched) {
        let _ = writeln!(text, "ID check: {matched}.");
    }
    for decision in &report.adjudications {
        let _ = writeln!(text, "Decided: {}.", words::decision_text(decision));
    }
    if let Some(stamp) = &report.stamp {
        let _ = writeln!(text, "{}.", words::provenance_text(stamp));
    }
    findings(&mut text, &report.findings, screen);
    text
}

/// Returns the results of each provider; names and points are columns if any provider has them.
pub fn providers(measure: &MeasureResult) -> Table<'_> {
    let has_names = measure.providers.iter().any(|provider| provider.name.is_some());
    let has_points = measure.providers.iter().any(|provider| provider.points.is_some());
    let mut columns = vec![
        Column::text("Provider"),
        Column::number("Numerator"),
        Column::number("Denominator"),
        Column::number("Rate"),
        Column::text("Result"),
        Column::number("Still needed"),
    ];
    if has_names {
        // The sentences contain the names too.
        columns.insert(1, Column::text("Name").spare());
    }
    if has_points {
        columns.push(Column::number("Points"));
    }
    let rows = measure.providers.iter().map(move |provider| {
        let mut row = vec![
            Value::text(&provider.provider_id),
            Value::Number(words::range_text(provider.numerator)),
            Value::Number(words::range_text(provider.denominator)),
            Value::Number(words::rate_text(provider)),
            Value::Result(provider.verdict, words::result_text(provider.verdict).to_owned()),
            Value::Number(words::patients_needed_text(provider)),
        ];
        if has_names {
            row.insert(1, Value::text(provider.name.as_deref().unwrap_or_default()));
        }
        if has_points {
            row.push(Value::Number(provider.points.as_ref().map_or_else(String::new, words::points_text)));
        }
        row
    });
    Table::new("", columns, rows)
}

/// Returns the results of each provider under each rule set.
pub fn side_by_side(report: &Report) -> Table<'_> {
    let rule_sets = report.measures().map(|measure| Column::text(measure.edition.id.as_str()));
    let columns = [Column::text("Provider")].into_iter().chain(rule_sets).collect();
    let rows = report.measures().next().into_iter().flat_map(|first| &first.providers).map(|provider| {
        let value = |measure: &MeasureResult| match measure.provider(&provider.provider_id) {
            Some(provider) => Value::Result(provider.verdict, words::at_a_glance(provider)),
            None => Value::text("–"),
        };
        [Value::Text(words::provider_label(provider))]
            .into_iter()
            .chain(report.measures().map(value))
            .collect()
    });
    Table::new("", columns, rows)
}

fn sentences(text: &mut String, measure: &MeasureResult, is_verbose: bool) {
    for note in &measure.edition.notes {
        let _ = writeln!(text, "{note}");
    }
    if measure.providers.len() > SENTENCES {
        let _ = writeln!(text, "{}", words::results_text(&measure.providers, &measure.edition));
    } else {
        for provider in measure.providers.iter().filter(|of| is_verbose || !words::is_simple_result(of)) {
            let sentence = words::result_sentence(provider, &measure.edition);
            let _ = writeln!(text, "{}: {sentence}", words::provider_label_with_npi(provider));
        }
    }
    if let Some(group) = measure.group.as_ref().filter(|group| group.providers > 1) {
        let _ = writeln!(text, "{}", words::group_text(group, &measure.edition));
    }
    for combined in &measure.combined {
        let _ = writeln!(text, "{}", escape_control(&words::clinician_text(combined)));
    }
}

/// Writes the findings.
pub fn findings(text: &mut String, findings: &[Finding], screen: TerminalStyle) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nFindings (`mucalc codes CODE` explains what to do):");
    for finding in findings {
        let place = screen.place(&finding.first);
        let more = match finding.count {
            1 => String::new(),
            count => format!(" and {}", pluralize(count - 1, "other place", "other places")),
        };
        // The first sentence of the meaning describes what was found.
        let meaning = FindingCode::parse(finding.code).map_or("", FindingCode::meaning);
        let seen = first_sentence(meaning);
        let _ = writeln!(text, "  {:7} {} at {place}{more}: {seen}.", finding.severity.word(), finding.code);
    }
}
