//! Renders the results of several practices as a table, with one row for each.

use crate::table::{Column, Table, Value};
use crate::{RenderError, TerminalStyle, words};
use mucalc_core::domain::roll_up::{PracticeRun, RollUp};
use mucalc_core::domain::text::pluralize;

/// A format of the results of several practices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollUpFormat {
    /// For a terminal.
    Table,
    /// The complete document as JSON.
    Json,
}

/// Renders the results of several practices.
///
/// # Errors
/// If the document cannot be rendered, which is a bug.
pub fn render(of: &RollUp, format: RollUpFormat, screen: TerminalStyle) -> Result<Vec<u8>, RenderError> {
    match format {
        RollUpFormat::Json => Ok(crate::json::compact(of)?),
        RollUpFormat::Table => Ok(screen.paragraphs(text(of, screen)).into_bytes()),
    }
}

fn text(of: &RollUp, screen: TerminalStyle) -> String {
    let failed = of.practices.iter().filter(|run| run.error.is_some()).count() as u64;
    let all = pluralize(of.practices.len() as u64, "practice", "practices");
    let mut text = format!("{all}\n\n{}\n", table(of).terminal(screen));
    if failed > 0 {
        text.push_str(&format!("\n{} without a result.\n", pluralize(failed, "practice", "practices")));
    }
    text
}

fn table(of: &RollUp) -> Table<'_> {
    let has_counts = of.practices.iter().any(|run| run.result.is_some());
    let mut columns = vec![Column::text("Practice")];
    if has_counts {
        columns.extend(
            ["Numerator", "Denominator", "Providers", "Met", "Not met", "Indeterminate"].map(Column::number),
        );
    }
    columns.push(Column::number("Exit code"));
    let has_documents = of.practices.iter().any(|run| run.document.is_some());
    if has_documents {
        columns.push(Column::text("Document"));
    }
    let row = move |run: &PracticeRun| {
        let mut row = vec![Value::Text(run.name.clone())];
        if has_counts {
            let counts = run.result.as_ref();
            let number = |value: Option<u64>| Value::Maybe(value);
            let range =
                |value: Option<_>| Value::Number(value.map_or_else(|| "–".to_owned(), words::range_text));
            row.extend([
                range(counts.map(|counts| counts.numerator)),
                range(counts.map(|counts| counts.denominator)),
                number(counts.map(|counts| counts.providers)),
                number(counts.map(|counts| counts.met)),
                number(counts.map(|counts| counts.not_met)),
                number(counts.map(|counts| counts.indeterminate)),
            ]);
        }
        row.push(Value::Count(u64::from(run.exit_code)));
        if has_documents {
            row.push(Value::Text(run.document.clone().unwrap_or_default()));
        }
        row
    };
    Table::new("Practices", columns, of.practices.iter().map(row))
}
