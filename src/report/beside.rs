//! What stands beside the figures: what is taken for a fact, and what was chosen.

use crate::domain::assumption::{Assumption, ChoiceMade, LayoutFileRef};
use crate::domain::report::{Report, Role};
use crate::domain::text::{printable, thousands};

/// So many choices are told one by one; configurations of many words are made by programs.
const MOST_TOLD: usize = 200;

/// Returns what is taken for a fact and not acknowledged, in one line; `None` if nothing is.
pub fn assumed(report: &Report) -> Option<String> {
    line(report, |assumption| match assumption.rows {
        1 => "the only one is".to_owned(),
        rows => format!("all {} are", thousands(rows)),
    })
}

/// Returns the same without numbers of rows, where these are withheld.
pub fn assumed_without_rows(report: &Report) -> Option<String> {
    line(report, |_| "all are".to_owned())
}

/// Returns what was chosen for the run beside its policies, one sentence each: words of the export that the configuration
/// translates, what times stand for, what was acknowledged, and the layout files.
pub fn choices(report: &Report) -> Vec<String> {
    let made = |made: &ChoiceMade| match &made.of {
        Some(of) => format!("[{}] {} = {}", made.key, printable(of), printable(&made.value)),
        None => format!("{} = {}", made.key, printable(&made.value)),
    };
    let file =
        |file: &LayoutFileRef| format!("layout file {} (SHA-256 {})", printable(&file.path), file.sha256);
    let mut told: Vec<String> = report.layout_files.iter().map(file).collect();
    told.extend(report.choices.iter().take(MOST_TOLD).map(made));
    if let Some(more @ 1..) = report.choices.len().checked_sub(MOST_TOLD) {
        told.push(format!("and {} more, which `--format json` lists", thousands(more as u64)));
    }
    told
}

fn line(report: &Report, rows: impl Fn(&Assumption) -> String) -> Option<String> {
    let open = report.assumptions.iter().filter(|assumption| !assumption.acknowledged);
    let told = |open: &Assumption| {
        let (role, column) = (open.role.word(), open.column);
        format!("no `{column}` column in {role}, so {} taken as {}", rows(open), said(open))
    };
    let told: Vec<String> = open.map(told).collect();
    (!told.is_empty()).then(|| format!("Assumed: {}", told.join("; ")))
}

/// What the rows are taken to say, as people say it.
fn said(assumption: &Assumption) -> String {
    match (assumption.role, assumption.column) {
        (Role::Encounters, "seen_by") => "seen by an eligible professional".to_owned(),
        _ => assumption.reading.to_owned(),
    }
}
