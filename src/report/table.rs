//! For a terminal: one row a provider, a sentence for each, and the findings.

use std::fmt::Write;

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};

use crate::domain::report::{Provider, Report};
use crate::domain::text::{counted, printable};
use crate::domain::verdict::Verdict;
use crate::report::{Screen, words};

/// How many providers get a sentence each; above that their verdicts are counted. (Markdown has all sentences.)
const SENTENCES: usize = 12;

/// A report as text.
pub fn render(report: &Report, screen: Screen) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}", report.edition.title);
    let _ = writeln!(text, "Reporting period {} to {}\n", report.period.first, report.period.last);
    if let Some(error) = &report.error {
        let place = error
            .place
            .as_ref()
            .map_or(String::new(), |place| format!("{}: ", printable(&place.to_string())));
        let _ = writeln!(text, "No result. {place}{}", error.message);
        return text;
    }
    if report.providers.is_empty() {
        let _ = writeln!(text, "No provider is named in the encounters.");
    } else {
        let _ = writeln!(text, "{}\n", providers(report, screen));
    }
    if report.providers.len() > SENTENCES {
        let _ = writeln!(text, "{}", words::verdicts(&report.providers));
    } else {
        for provider in &report.providers {
            let sentence = words::sentence(provider, report.edition.more_than_percent);
            let _ = writeln!(text, "{}: {sentence}", who(provider));
        }
    }
    if let Some(group) = report.group.as_ref().filter(|group| group.providers > 1) {
        let _ = writeln!(text, "{}", words::group(group));
    }
    let _ = writeln!(text, "\nRules: {}.", words::rules(report));
    for input in &report.inputs {
        let _ = writeln!(text, "Read: {}.", words::input(input));
    }
    findings(&mut text, report);
    text
}

/// An empty table that suits the screen.
pub fn styled(screen: Screen) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).force_no_tty();
    if let Some(width) = screen.width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
}

fn providers(report: &Report, screen: Screen) -> Table {
    let has_names = report.providers.iter().any(|provider| provider.name.is_some());
    let mut table = styled(screen);
    if screen.colour {
        table.enforce_styling();
    }
    let mut header = vec!["Provider", "Numerator", "Denominator", "Rate", "Verdict", "Still needed"];
    if has_names {
        header.insert(1, "Name");
    }
    table.set_header(header);
    for provider in &report.providers {
        let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let mut row = vec![
            Cell::new(printable(&provider.provider_id)),
            number(words::bounds(provider.numerator)),
            number(words::bounds(provider.denominator)),
            number(words::rate(provider)),
            verdict(provider.verdict),
            number(words::needed(provider)),
        ];
        if has_names {
            row.insert(1, Cell::new(provider.name.as_deref().map(printable).unwrap_or_default()));
        }
        table.add_row(row);
    }
    table
}

fn verdict(verdict: Verdict) -> Cell {
    let colour = match verdict {
        Verdict::Met => Color::Green,
        Verdict::NotMet => Color::Red,
        Verdict::Indeterminate => Color::Yellow,
        Verdict::NotCalculable => Color::Grey,
    };
    Cell::new(words::verdict(verdict)).fg(colour).add_attribute(Attribute::Bold)
}

fn who(provider: &Provider) -> String {
    let id = printable(&provider.provider_id);
    provider.name.as_deref().map_or(id.clone(), |name| format!("{} ({id})", printable(name)))
}

fn findings(text: &mut String, report: &Report) {
    if report.findings.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nFindings (`mucalc codes CODE` explains each):");
    for finding in &report.findings {
        let _ = writeln!(
            text,
            "  {:7} {}: {}, first at {}",
            finding.severity.word(),
            finding.code,
            counted(finding.count, "place", "places"),
            printable(&finding.first.to_string())
        );
    }
}
