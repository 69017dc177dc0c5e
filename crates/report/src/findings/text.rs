//! Renders findings for a terminal: each with its first location, letters and digits masked.

use std::fmt::Write;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::{TerminalStyle, words};
use mucalc_core::domain::finding::Severity;
use mucalc_core::domain::text::{escape_control, pluralize, with_commas};
use mucalc_core::domain::validation::{FindingGroup, ValidationReport};

/// The maximum number of locations listed for a finding, without the one in the excerpt.
const TOLD: usize = 5;

/// Renders findings as text.
pub fn render(validation: &ValidationReport, screen: TerminalStyle) -> String {
    let renderer = if screen.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = screen.width.map_or(renderer.clone(), |width| renderer.term_width(width.into()));
    let mut text = String::new();
    for fault in &validation.findings {
        let _ = writeln!(text, "{}\n", renderer.render(&[group(fault)]));
    }
    for input in &validation.inputs {
        let _ = writeln!(text, "Read: {}.", words::input_text(input));
    }
    let told: Vec<String> = [
        (Severity::Error, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Note, "note", "notes"),
    ]
    .into_iter()
    .filter(|(severity, ..)| validation.count(*severity) > 0)
    .map(|(severity, one, many)| pluralize(validation.count(severity), one, many))
    .collect();
    let _ = writeln!(
        text,
        "{}.",
        if told.is_empty() { "No problems were found".to_owned() } else { told.join(", ") }
    );
    text
}

fn group(fault: &FindingGroup) -> Group<'_> {
    let level = match fault.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(&*fault.meaning).id(&*fault.code));
    if let (Some(excerpt), Some(place)) = (&fault.excerpt, fault.places.first()) {
        let line = usize::try_from(place.line.unwrap_or(1)).unwrap_or(1);
        let label = place.column.as_deref().map_or("this row".to_owned(), escape_control);
        let mark = AnnotationKind::Primary.span(excerpt.span.clone()).label(label);
        let source = Snippet::source(&*excerpt.text).line_start(line).path(escape_control(&place.file));
        group = group.element(source.annotation(mark));
    }
    let shown = fault.places.iter().skip(usize::from(fault.excerpt.is_some())).take(TOLD);
    let places: Vec<String> = shown.map(|place| escape_control(&place.to_string())).collect();
    if !places.is_empty() {
        let also = if fault.excerpt.is_some() { "also " } else { "" };
        group = group.element(Level::NOTE.no_name().message(format!("{also}at {}", places.join(", "))));
    }
    let told = places.len() as u64 + u64::from(fault.excerpt.is_some());
    if fault.count > told && fault.detail.is_none() {
        group = group.element(Level::NOTE.no_name().message(format!("{} in all", with_commas(fault.count))));
    }
    if let Some(detail) = &fault.detail {
        group = group.element(Level::NOTE.no_name().message(escape_control(detail)));
    }
    group.element(Level::HELP.message(&*fault.remedy))
}
