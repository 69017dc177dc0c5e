//! Annotations for a GitHub workflow, and the summary of its step.

use std::fmt::Write;

use crate::safe::markdown;
use mucalc_core::domain::finding::Severity;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{counted, printable, printable_lines};
use mucalc_core::domain::validation::{FindingGroup, ValidationReport};

/// So many annotations of a kind are shown for a step.
const SHOWN: usize = 10;

/// Workflow commands, the worst first: one a place, as many as are shown.
pub fn render(validation: &ValidationReport) -> String {
    let mut text = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let mut left = SHOWN;
        for fault in validation.findings.iter().filter(|fault| fault.severity == severity) {
            // One of each code before a second of any: the rest are in the summary.
            for place in fault.places.iter().take(left.min(3)) {
                let mut properties = format!("file={}", property(&place.file));
                if let Some(line) = place.line {
                    let _ = write!(properties, ",line={line}");
                }
                let _ = write!(properties, ",title={}", property(&format!("mucalc {}", fault.code)));
                let command = if severity == Severity::Note { "notice" } else { severity.word() };
                let column =
                    place.column.as_ref().map_or(String::new(), |column| format!("column {column}: "));
                let _ = writeln!(
                    text,
                    "::{command} {properties}::{}",
                    data(&format!("{column}{}", super::message(fault)))
                );
                left -= 1;
            }
        }
    }
    if let Some(error) = &validation.error {
        let _ = writeln!(text, "::error title=mucalc {}::{}", property(&error.code), data(&error.message));
    }
    text
}

/// The summary in Markdown.
pub fn summary(validation: &ValidationReport) -> String {
    let mut text = String::from("## mucalc: what was found in the exports\n\n");
    if validation.findings.is_empty() {
        text.push_str("Nothing.\n");
        return text;
    }
    text.push_str("| | Code | How often | First place | What it means |\n| --- | --- | ---: | --- | --- |\n");
    for FindingGroup { severity, code, count, places, meaning, .. } in &validation.findings {
        // A name of a sheet or a file is shown as it is, and calls nobody.
        let shown = |place: &SourceLocation| markdown(&place.to_string()).replace('@', "&#64;");
        let place = places.first().map_or(String::new(), shown);
        let _ = writeln!(
            text,
            "| {} | `{code}` | {} | {place} | {} |",
            severity.word(),
            counted(*count, "time", "times"),
            cell(meaning)
        );
    }
    text
}

fn cell(text: &str) -> String {
    printable(text).replace('|', "\\|").replace('<', "&lt;")
}

/// The message of a command. The older form of commands is found anywhere in a line, so it is broken.
fn data(text: &str) -> String {
    printable_lines(text).replace('%', "%25").replace('\n', "%0A").replace("##[", "## [")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
