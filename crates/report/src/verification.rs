//! Renders the verification of an evidence pack as text and JSON.

use std::fmt::Write;

use crate::{RenderError, TerminalStyle, TextFormat, ViewFormat, diff};
use mucalc_core::domain::text::escape_control;
use mucalc_core::domain::verification::{CheckOutcome, VerificationReport};

/// Renders the verification of an evidence pack in a format.
///
/// # Errors
/// If the document cannot be rendered, which is a bug.
pub fn render(
    of: &VerificationReport,
    format: ViewFormat,
    screen: TerminalStyle,
) -> Result<Vec<u8>, RenderError> {
    if format == ViewFormat::Json {
        return Ok(super::json::pretty(of)?);
    }
    let mut text = String::new();
    let redacted = if of.redacted { ", redacted" } else { "" };
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "{} (made by version {}{redacted})\n",
        escape_control(&of.pack),
        escape_control(&of.made_by)
    );
    for check in &of.checks {
        let _ =
            writeln!(text, "{:12} {}: {}", check.outcome.phrase(), check.what, escape_control(&check.detail));
    }
    for (at, choice) in of.choices.iter().enumerate() {
        let label = if at == 0 { "\nChoices of the pack, which a reader has to agree with:\n" } else { "" };
        let _ = writeln!(text, "{label}  {}", escape_control(choice));
    }
    if let Some(difference) = &of.difference {
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(&diff::render(difference, TextFormat::Table, screen)?));
    }
    let whole = match (of.has_failures(), of.leaves_open()) {
        (true, _) => "This pack failed verification",
        (false, true) => "All checks that this version can make passed",
        (false, false) => "All checks passed",
    };
    let left = of.checks.iter().filter(|check| check.outcome == CheckOutcome::NotChecked);
    let left: Vec<&str> = left.map(|check| check.what.as_str()).collect();
    let left = if left.is_empty() { String::new() } else { format!(" (not checked: {})", left.join(", ")) };
    let _ = writeln!(text, "\n{whole}{left}.");
    Ok(text.into_bytes())
}
