//! Renders findings as annotations of a GitHub workflow, and as the summary of its step.

use std::fmt::Write;

use crate::safe::markdown;
use mucalc_core::domain::finding::Severity;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{escape_control, pluralize, printable_lines};
use mucalc_core::domain::validation::{FindingGroup, ValidationReport};

/// The maximum number of annotations of each severity that GitHub shows for a step.
const SHOWN: usize = 10;

/// Returns the workflow commands, the most severe first: one per location, at most `SHOWN` per severity.
pub fn render(validation: &ValidationReport) -> String {
    let mut text = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let mut left = SHOWN;
        for fault in validation.findings.iter().filter(|fault| fault.severity == severity) {
            // At most three locations of a code, so that other codes have room too. The rest are in the summary.
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

/// Returns the summary in Markdown.
pub fn summary(validation: &ValidationReport) -> String {
    let mut text = String::from("## mucalc: what was found in the exports\n\n");
    if validation.findings.is_empty() {
        text.push_str("Nothing.\n");
        return text;
    }
    text.push_str("| | Code | How often | First place | What it means |\n| --- | --- | ---: | --- | --- |\n");
    for FindingGroup { severity, code, count, places, meaning, .. } in &validation.findings {
        // `@` is escaped, so that the name of a file or a sheet does not mention a GitHub user.
        let shown = |place: &SourceLocation| markdown(&place.to_string()).replace('@', "&#64;");
        let place = places.first().map_or(String::new(), shown);
        let _ = writeln!(
            text,
            "| {} | `{code}` | {} | {place} | {} |",
            severity.word(),
            pluralize(*count, "time", "times"),
            cell(meaning)
        );
    }
    text
}

fn cell(text: &str) -> String {
    escape_control(text).replace('|', "\\|").replace('<', "&lt;")
}

/// Escapes the message of a command. GitHub also runs the older form of commands anywhere in a line, so it is broken up.
fn data(text: &str) -> String {
    printable_lines(text).replace('%', "%25").replace('\n', "%0A").replace("##[", "## [")
}

/// Escapes a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
