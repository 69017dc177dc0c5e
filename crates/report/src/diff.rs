//! Renders the comparison of two runs as tables, Markdown, CSV, and JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::html::document;
use crate::safe::markdown;
use crate::table::{Column, Table, Value};
use crate::{RenderError, TerminalStyle, TextFormat};
use mucalc_core::domain::diff::{
    Diff, MatchStatus, MembershipChange, MembershipSnapshot, PatientChange, ProviderCounts, RowChange,
};
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{escape_control, pluralize, with_commas};

/// The maximum number of patients that the table lists; the other formats list all.
const TOLD: usize = 40;

/// Renders the differences in a format.
///
/// # Errors
/// If the document cannot be rendered, which is a bug.
pub fn render(of: &Diff, format: TextFormat, screen: TerminalStyle) -> Result<Vec<u8>, RenderError> {
    Ok(match format {
        TextFormat::Table => screen.paragraphs(table(of, screen)).into_bytes(),
        TextFormat::Md => md(of).into_bytes(),
        TextFormat::Html => document::diff::page(of)?,
        TextFormat::Csv => csv(of)?,
        TextFormat::Json => super::json::pretty(of)?,
    })
}

/// The name of a table, its columns, and its rows.
type NamedTable = (&'static str, &'static [&'static str], Vec<Vec<String>>);

/// Returns all differences as tables; tables without rows are omitted. `told` is the maximum number of patients.
pub(crate) fn tables(of: &Diff, told: usize) -> Vec<Table<'static>> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let settings =
        of.settings.iter().map(|change| vec![change.what.clone(), text(&change.a), text(&change.b)]);
    let inputs = of.inputs.iter().map(|input| {
        let same = match input.same {
            MatchStatus::Same => "the same",
            MatchStatus::Changed => "changed",
            MatchStatus::NotKnown => "unknown; the reports have no checksums",
        };
        let rows = |rows: Option<u64>| rows.map_or("withheld".to_owned(), with_commas);
        vec![input.role.clone(), rows(input.rows_a), rows(input.rows_b), same.to_owned()]
    });
    let figures = |of: &Option<ProviderCounts>| {
        of.as_ref().map_or("–".to_owned(), |of| {
            format!("{} of {}: {}", of.numerator, of.denominator, of.verdict.replace('-', " "))
        })
    };
    let providers = of.providers.iter().map(|change| {
        let verdict = if change.verdict_changed { "result changed" } else { "" };
        vec![change.provider_id.clone(), figures(&change.a), figures(&change.b), verdict.to_owned()]
    });
    let patients = of.patients.iter().take(told).map(|change| {
        vec![
            change.provider_id.clone(),
            change.patient_id.clone(),
            change.change.phrase().to_owned(),
            stood(&change.a),
            stood(&change.b),
            because(change, of.tried),
        ]
    });
    let all: [NamedTable; 4] = [
        ("Settings that differ", &["Setting", "A", "B"], settings.collect()),
        ("Inputs", &["Input", "Rows in A", "Rows in B", "Bytes"], inputs.collect()),
        ("Providers", &["Provider", "A", "B", "Change"], providers.collect()),
        ("Patients", &["Provider", "Patient", "Change", "In A", "In B", "Cause"], patients.collect()),
    ];
    let table = |(title, headings, rows): (&'static str, &[&'static str], Vec<Vec<String>>)| {
        let rows = rows.into_iter().map(|row| row.into_iter().map(Value::Text).collect());
        Table::new(title, Column::names(headings.iter().copied()), rows)
    };
    all.into_iter().filter(|(.., rows)| !rows.is_empty()).map(table).collect()
}

/// Returns a membership in few words.
fn stood(of: &Option<MembershipSnapshot>) -> String {
    let Some(of) = of else { return "not in the denominator".to_owned() };
    let seen = if of.denominator == "certain" { "seen" } else { "possibly seen" };
    let counts = match of.numerator.as_str() {
        "certain" => "in the numerator",
        "possible" => "possibly in the numerator",
        _ => "not in the numerator",
    };
    format!("{seen}, {counts} ({})", of.reason)
}

/// Returns the causes of a change, with the changed rows if they are known.
fn because(of: &PatientChange, tried: bool) -> String {
    let place = |place: &Option<SourceLocation>| place.as_ref().map(ToString::to_string);
    let row = |row: &RowChange| {
        let places: Vec<String> = [place(&row.a), place(&row.b)].into_iter().flatten().collect();
        format!("{} ({})", row.what, places.join(" → "))
    };
    if !of.rows.is_empty() {
        let of_rows = |cause: &&String| of.rows.iter().any(|row| row.what == cause.as_str());
        let others = of.causes.iter().filter(|cause| !of_rows(cause)).cloned();
        return others.chain(of.rows.iter().map(row)).collect::<Vec<_>>().join(", ");
    }
    causes(of, tried)
}

fn causes(of: &PatientChange, tried: bool) -> String {
    match of.causes.as_slice() {
        [] => "not shown by the reports".to_owned(),
        [cause] => cause.clone(),
        causes if tried => causes.join(" and "),
        causes => format!("one of: {}", causes.join(", ")),
    }
}

/// Returns the summary in sentences.
pub(crate) fn sentences(of: &Diff) -> Vec<String> {
    let mut sentences = Vec::new();
    let verdicts = of.providers.iter().filter(|change| change.verdict_changed).count() as u64;
    sentences.push(match (of.providers.len() as u64, verdicts) {
        (0, _) => "No provider has a different result.".to_owned(),
        (figures, 0) => format!(
            "{} different counts; no result changed.",
            pluralize(figures, "provider has", "providers have")
        ),
        (figures, verdicts) => format!(
            "{} different counts; {}.",
            pluralize(figures, "provider has", "providers have"),
            pluralize(verdicts, "result changed", "results changed")
        ),
    });
    if !of.patients_compared {
        sentences.push(
            "Patients are not compared, because that requires both ledgers. Write them with `mucalc report --ledger ledger.csv`, next to \
             the report, or name them with --ledger-a and --ledger-b."
                .to_owned(),
        );
        return sentences;
    }
    let mut by_cause: BTreeMap<(MembershipChange, String), u64> = BTreeMap::new();
    for change in &of.patients {
        *by_cause.entry((change.change, causes(change, of.tried))).or_default() += 1;
    }
    if by_cause.is_empty() {
        sentences.push("No patient has a different status for any provider.".to_owned());
    }
    for ((change, causes), count) in by_cause {
        let pairs = pluralize(count, "pair of provider and patient", "pairs of provider and patient");
        sentences.push(format!("{pairs} {}: {causes}.", change.phrase()));
    }
    sentences
}

fn table(of: &Diff, screen: TerminalStyle) -> String {
    let mut text = format!("A: {}\nB: {}\n\n", escape_control(&of.a), escape_control(&of.b));
    for sentence in sentences(of) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", escape_control(&sentence));
    }
    for table in tables(of, TOLD) {
        let _ = write!(text, "\n{}\n", table.title);
        let _ = writeln!(text, "{}", table.terminal(screen));
    }
    if of.patients.len() > TOLD {
        let more = (of.patients.len() - TOLD) as u64;
        let _ =
            writeln!(text, "\n{} more; `--format csv` has them all.", pluralize(more, "patient", "patients"));
    }
    text
}

fn md(of: &Diff) -> String {
    let mut text = format!("# {} and {}\n", markdown(&of.a), markdown(&of.b));
    for sentence in sentences(of) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n{}", markdown(&sentence));
    }
    for table in tables(of, usize::MAX) {
        let _ = write!(text, "\n## {}\n\n", table.title);
        text.push_str(&table.markdown());
    }
    text
}

/// Renders one line per changed pair of provider and patient.
fn csv(of: &Diff) -> Result<Vec<u8>, csv::Error> {
    let columns = Column::names([
        "provider_id",
        "patient_id",
        "change",
        "causes",
        "denominator_a",
        "numerator_a",
        "reason_a",
        "encounter_ref_a",
        "message_ref_a",
        "denominator_b",
        "numerator_b",
        "reason_b",
        "encounter_ref_b",
        "message_ref_b",
    ]);
    let stood = |of: &Option<MembershipSnapshot>| match of {
        None => vec![String::new(); 5],
        Some(of) => vec![
            of.denominator.clone(),
            of.numerator.clone(),
            of.reason.clone(),
            of.encounter.clone(),
            of.message.clone(),
        ],
    };
    let rows = of.patients.iter().map(|change| {
        let mut record = vec![
            change.provider_id.clone(),
            change.patient_id.clone(),
            change.change.word().to_owned(),
            change.causes.join(if of.tried { " and " } else { " or " }),
        ];
        record.extend(stood(&change.a));
        record.extend(stood(&change.b));
        record.into_iter().map(Value::Text).collect()
    });
    Table::new("", columns, rows).csv()
}
