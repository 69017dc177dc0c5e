//! A report for a terminal: one row a provider, a sentence for each, and the findings.

use std::fmt::Write;

use comfy_table::{Attribute, Cell, CellAlignment, Color, Table};

use crate::{TerminalStyle, beside, waterfall, words};
use mucalc_core::domain::finding::{Finding, FindingCode};
use mucalc_core::domain::report::{MeasureResult, Report};
use mucalc_core::domain::text::{counted, first_sentence, printable};
use mucalc_core::domain::verdict::Verdict;

/// How many providers get a sentence each; above that their verdicts are counted. (Markdown has all sentences.)
const SENTENCES: usize = 12;

/// A report as text.
pub fn render(report: &Report, screen: TerminalStyle) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    for measure in report.measures() {
        let _ = writeln!(text, "{}", measure.edition.title);
    }
    for line in beside::above(report) {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "Reporting period {} to {}\n", report.head.period.first, report.head.period.last);
    if let Some(error) = &report.error {
        let place = error
            .place
            .as_ref()
            .map_or(String::new(), |place| format!("{}: ", printable(&place.to_string())));
        let _ = writeln!(text, "No result. {place}{}", error.message);
        return text;
    }
    if report.measure.providers.is_empty() {
        let _ = writeln!(text, "No provider is named in the encounters.");
    } else if report.alongside.is_empty() {
        let _ = writeln!(text, "{}\n", providers(&report.measure, screen));
    } else {
        let _ = writeln!(text, "{}\n", side_by_side(report, screen));
    }
    for measure in report.measures() {
        if !report.alongside.is_empty() {
            let _ = writeln!(text, "{}", measure.edition.id);
        }
        sentences(&mut text, measure);
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
        waterfall::table(&mut text, report, measure, screen);
    }
    for measure in report.measures() {
        let _ = writeln!(
            text,
            "Rules: {}.{}",
            words::rules(&report.head, &measure.edition, measure.credit, &measure.policies),
            words::counted_elsewhere(measure)
        );
    }
    if let Some(choices) = beside::choices_line(report) {
        let _ = writeln!(text, "{choices}");
    }
    for sentence in words::certified(report) {
        let _ = writeln!(text, "{sentence}.");
    }
    for input in &report.inputs {
        let _ = writeln!(text, "Read: {}.", words::input(input));
    }
    for matched in report.measures().filter_map(|measure| beside::matched(measure.matched.as_ref()?)) {
        let _ = writeln!(text, "Ids: {matched}.");
    }
    for decision in &report.adjudications {
        let _ = writeln!(text, "Decided: {}.", words::decision(decision));
    }
    if let Some(stamp) = &report.stamp {
        let _ = writeln!(text, "{}.", words::stamp(stamp));
    }
    findings(&mut text, &report.findings);
    text
}

fn providers(measure: &MeasureResult, screen: TerminalStyle) -> Table {
    let has_names = measure.providers.iter().any(|provider| provider.name.is_some());
    let has_points = measure.providers.iter().any(|provider| provider.points.is_some());
    let mut table = screen.table();
    let mut header = vec!["Provider", "Numerator", "Denominator", "Rate", "Verdict", "Still needed"];
    if has_names {
        header.insert(1, "Name");
    }
    if has_points {
        header.push("Points");
    }
    table.set_header(header);
    for provider in &measure.providers {
        let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let mut row = vec![
            Cell::new(printable(&provider.provider_id)),
            number(words::bounds(provider.numerator)),
            number(words::bounds(provider.denominator)),
            number(words::rate(provider)),
            verdict(provider.verdict, words::verdict(provider.verdict).to_owned()),
            number(words::needed(provider)),
        ];
        if has_names {
            row.insert(1, Cell::new(provider.name.as_deref().map(printable).unwrap_or_default()));
        }
        if let Some(points) = &provider.points {
            row.push(number(words::points(points)));
        }
        table.add_row(row);
    }
    // Names stand in the sentences too.
    screen.fitted(table, has_names.then_some(1))
}

/// One row a provider, one column an edition.
fn side_by_side(report: &Report, screen: TerminalStyle) -> Table {
    let mut table = screen.table();
    let editions = report.measures().map(|measure| measure.edition.id.as_str());
    table.set_header(["Provider"].into_iter().chain(editions));
    for provider in &report.measure.providers {
        let cell = |measure: &MeasureResult| {
            measure.provider(&provider.provider_id).map_or_else(
                || Cell::new("–"),
                |provider| verdict(provider.verdict, words::at_a_glance(provider)),
            )
        };
        let id = Cell::new(words::who(provider));
        table.add_row([id].into_iter().chain(report.measures().map(cell)));
    }
    screen.fitted(table, None)
}

fn verdict(verdict: Verdict, text: String) -> Cell {
    let colour = match verdict {
        Verdict::Met => Color::Green,
        Verdict::NotMet => Color::Red,
        Verdict::Indeterminate => Color::Yellow,
        Verdict::NotCalculable => Color::Grey,
    };
    Cell::new(text).fg(colour).add_attribute(Attribute::Bold)
}

fn sentences(text: &mut String, measure: &MeasureResult) {
    for note in &measure.edition.notes {
        let _ = writeln!(text, "{note}");
    }
    if measure.providers.len() > SENTENCES {
        let _ = writeln!(text, "{}", words::verdicts(&measure.providers, &measure.edition));
    } else {
        for provider in &measure.providers {
            let sentence = words::sentence(provider, &measure.edition);
            let _ = writeln!(text, "{}: {sentence}", words::who_with_npi(provider));
        }
    }
    if let Some(group) = measure.group.as_ref().filter(|group| group.providers > 1) {
        let _ = writeln!(text, "{}", words::group(group, &measure.edition));
    }
    for combined in &measure.combined {
        let _ = writeln!(text, "{}", printable(&words::combined(combined)));
    }
}

/// What is wrong with the data.
pub fn findings(text: &mut String, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nFindings (`mucalc codes CODE` says what to do):");
    for finding in findings {
        let place = printable(&finding.first.to_string());
        let more = match finding.count {
            1 => String::new(),
            count => format!(" and {}", counted(count - 1, "place more", "places more")),
        };
        // What it means begins with what was seen.
        let meaning = FindingCode::parse(finding.code).map_or("", FindingCode::meaning);
        let seen = first_sentence(meaning);
        let _ = writeln!(text, "  {:7} {} at {place}{more}: {seen}.", finding.severity.word(), finding.code);
    }
}
