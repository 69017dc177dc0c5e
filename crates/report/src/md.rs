//! A report as Markdown, for a ticket, a wiki or a summary in CI.

use std::fmt::Write;

use crate::safe::markdown;
use crate::{beside, waterfall, words};
use mucalc_core::domain::report::{MeasureResult, Report};
use mucalc_core::domain::text::thousands;

/// A report as Markdown.
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
    let _ = writeln!(text, "Reporting period {} to {}.\n", report.head.period.first, report.head.period.last);
    if let Some(error) = &report.error {
        let place =
            error.place.as_ref().map_or(String::new(), |place| format!("{}: ", markdown(&place.to_string())));
        let _ = writeln!(text, "**No result.** {place}{}", markdown(&error.message));
        return text;
    }
    if !report.alongside.is_empty() {
        side_by_side(&mut text, report);
    }
    for (position, measure) in report.measures().enumerate() {
        if position > 0 {
            let _ = writeln!(text, "\n# {}\n", markdown(&measure.edition.title));
        }
        figures(&mut text, measure);
        waterfall::md(&mut text, report, measure);
    }
    findings(&mut text, report);
    let _ = writeln!(text, "\n## How it was calculated\n");
    for measure in report.measures() {
        let _ = writeln!(
            text,
            "- Rules: {}.{}",
            markdown(&words::rules(&report.head, &measure.edition, measure.credit, &measure.policies)),
            words::counted_elsewhere(measure)
        );
    }
    for choice in beside::choices(report) {
        let _ = writeln!(text, "- Choice: {}.", markdown(&choice));
    }
    for sentence in words::certified(report) {
        let _ = writeln!(text, "- {}.", markdown(&sentence));
    }
    for input in &report.inputs {
        let _ = writeln!(text, "- Read: {}.", markdown(&words::input(input)));
    }
    for matched in report.measures().filter_map(|measure| beside::matched(measure.matched.as_ref()?)) {
        let _ = writeln!(text, "- Ids: {}.", markdown(&matched));
    }
    for decision in &report.adjudications {
        let _ = writeln!(text, "- Decided: {}.", markdown(&words::decision(decision)));
    }
    if let Some(stamp) = &report.stamp {
        let _ = writeln!(text, "- {}.", markdown(&words::stamp(stamp)));
    }
    text
}

fn side_by_side(text: &mut String, report: &Report) {
    let editions: Vec<&str> = report.measures().map(|measure| measure.edition.id.as_str()).collect();
    let _ = writeln!(text, "| Provider | {} |", editions.join(" | "));
    let _ = writeln!(text, "| --- |{}", " --- |".repeat(editions.len()));
    for provider in &report.measure.providers {
        let cell = |measure: &MeasureResult| {
            measure.provider(&provider.provider_id).map_or("–".to_owned(), words::at_a_glance)
        };
        let cells: Vec<String> = report.measures().map(cell).collect();
        let _ = writeln!(text, "| {} | {} |", markdown(&provider.provider_id), cells.join(" | "));
    }
    text.push('\n');
}

fn figures(text: &mut String, measure: &MeasureResult) {
    for note in &measure.edition.notes {
        let _ = writeln!(text, "{}\n", markdown(note));
    }
    let _ = writeln!(text, "| Provider | Name | Numerator | Denominator | Rate | Verdict | Still needed |");
    let _ = writeln!(text, "| --- | --- | ---: | ---: | ---: | --- | ---: |");
    for provider in &measure.providers {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | **{}** | {} |",
            markdown(&provider.provider_id),
            provider.name.as_deref().map(markdown).unwrap_or_default(),
            words::bounds(provider.numerator),
            words::bounds(provider.denominator),
            words::rate(provider),
            words::verdict(provider.verdict),
            words::needed(provider)
        );
    }
    let _ = writeln!(text);
    for provider in &measure.providers {
        let sentence = words::sentence(provider, &measure.edition);
        let _ = writeln!(text, "- {}: {sentence}", markdown(&words::who_with_npi(provider)));
    }
    if let Some(group) = &measure.group {
        let _ = writeln!(text, "\n{}", words::group(group, &measure.edition));
    }
    for combined in &measure.combined {
        let _ = writeln!(text, "\n{}", markdown(&words::combined(combined)));
    }
}

fn findings(text: &mut String, report: &Report) {
    if report.findings.is_empty() {
        return;
    }
    let _ =
        writeln!(text, "\n## Findings\n\n| Severity | Code | Places | First |\n| --- | --- | ---: | --- |");
    for finding in &report.findings {
        let first = markdown(&finding.first.to_string());
        let (severity, count) = (finding.severity.word(), thousands(finding.count));
        let _ = writeln!(text, "| {severity} | {} | {count} | {first} |", finding.code);
    }
}
