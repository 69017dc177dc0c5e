//! What stands beside the figures: what is taken for a fact, and what was chosen.

use crate::words;
use mucalc_core::domain::assumption::{Assumption, ChoiceMade, LayoutFileRef};
use mucalc_core::domain::basis::Basis;
use mucalc_core::domain::explanation::Explanation;
use mucalc_core::domain::finding::{Finding, FindingCode};
use mucalc_core::domain::head::DocumentHeader;
use mucalc_core::domain::input::{InputRole, InputSummary};
use mucalc_core::domain::outreach::OutreachList;
use mucalc_core::domain::practice::Practice;
use mucalc_core::domain::progress::ProgressReport;
use mucalc_core::domain::report::{MatchedIds, NamedIds, Report};
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::sweep::SweepReport;
use mucalc_core::domain::text::{counted, printable, thousands};
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::what_if::WhatIfReport;

/// What of a document stands beside its figures.
#[derive(Clone, Copy)]
pub struct DocumentContext<'a> {
    head: &'a DocumentHeader,
    inputs: &'a [InputSummary],
    findings: &'a [Finding],
    basis: &'a Basis,
}

macro_rules! have_it_beside {
    ($($document:ty),*) => {$(
        impl<'a> From<&'a $document> for DocumentContext<'a> {
            fn from(of: &'a $document) -> Self {
                DocumentContext { head: &of.head, inputs: &of.inputs, findings: &of.findings, basis: &of.basis }
            }
        }
    )*};
}

have_it_beside!(Report, SweepReport, WhatIfReport, ProgressReport, OutreachList);

impl<'a, R> From<&'a Explanation<R>> for DocumentContext<'a> {
    fn from(of: &'a Explanation<R>) -> Self {
        DocumentContext { head: &of.head, inputs: &of.inputs, findings: &of.findings, basis: &of.basis }
    }
}

/// Returns what stands above the figures: the practice, and what a reader has to know before relying on them.
pub fn above<'a>(of: impl Into<DocumentContext<'a>>) -> Vec<String> {
    let of = of.into();
    words::practice_lines(of.head).into_iter().chain(cautions(of)).collect()
}

/// Returns the same with a label each, for a sheet of two columns.
pub fn labeled<'a>(of: impl Into<DocumentContext<'a>>) -> Vec<(&'static str, String)> {
    let of = of.into();
    let without_label =
        |line: String| line.split_once(": ").map_or(line.clone(), |(_, rest)| rest.to_owned());
    let practice = of.head.practice.as_ref();
    let lines = [
        ("Practice", practice.and_then(Practice::line)),
        ("Prepared", practice.and_then(Practice::prepared)),
        ("Unusable rows", unusable(of)),
        ("Missing rows", missing(of)),
        ("Assumed", assumed(of).map(without_label)),
    ];
    lines.into_iter().filter_map(|(label, line)| Some((label, line?))).collect()
}

/// Returns what a reader has to know before relying on the figures.
pub fn cautions<'a>(of: impl Into<DocumentContext<'a>>) -> Vec<String> {
    let of = of.into();
    [unusable(of), missing(of), assumed(of)].into_iter().flatten().collect()
}

/// So many choices are told one by one; configurations of many words are made by programs.
const MOST_TOLD: usize = 200;

/// Returns what is taken for a fact and not acknowledged, in one line; `None` if nothing is.
pub fn assumed<'a>(of: impl Into<DocumentContext<'a>>) -> Option<String> {
    line(of.into(), |assumption| match assumption.rows {
        1 => "the only one is".to_owned(),
        rows => format!("all {} are", thousands(rows)),
    })
}

/// Returns how many rows could not be used, and where the first is, in one line; `None` if all could.
pub fn unusable<'a>(of: impl Into<DocumentContext<'a>>) -> Option<String> {
    let of = of.into();
    let named = counted_by_role(of, InputSummary::unusable)?;
    let first = first_unusable(of).map_or_else(String::new, |place| format!(" (first: {place})"));
    Some(format!("{named} could not be used{first}; {}", effect(of)))
}

/// Returns how many rows the exports lack by their own account, in one line; `None` if they lack none.
pub fn missing<'a>(of: impl Into<DocumentContext<'a>>) -> Option<String> {
    let of = of.into();
    let named = counted_by_role(of, |input| input.missing)?;
    Some(format!("By their own count, the exports are missing {named} (incomplete-answer); {}", effect(of)))
}

/// Returns how many rows of each role there are of a kind, such as `3 encounters and 1 message`; `None` if there are none.
fn counted_by_role(of: DocumentContext<'_>, rows: impl Fn(&InputSummary) -> u64) -> Option<String> {
    let roles = [
        (InputRole::Encounters, "encounter"),
        (InputRole::Messages, "message"),
        (InputRole::Accesses, "access"),
    ];
    let count =
        |role: InputRole| -> u64 { of.inputs.iter().filter(|input| input.role == role).map(&rows).sum() };
    let named: Vec<String> = roles
        .into_iter()
        .filter(|(role, _)| count(*role) > 0)
        .map(|(role, one)| counted(count(role), one, role.word()))
        .collect();
    (!named.is_empty()).then(|| named.join(" and "))
}

/// Returns what such rows do to the results.
fn effect(of: DocumentContext<'_>) -> &'static str {
    match of.basis.unusable_rows {
        UnusableChoice::Bound => "the results allow for them",
        UnusableChoice::Ignore => "the results leave them out, as chosen",
    }
}

/// Returns that rows could not be used, without their number, where small counts are withheld; `None` if all could.
pub fn unusable_without_rows(report: &Report) -> Option<String> {
    report
        .inputs
        .iter()
        .any(|input| input.unusable() > 0)
        .then(|| "some rows could not be used; the results allow for them".to_owned())
}

/// Returns that the exports lack rows, without their number, where small counts are withheld; `None` if they lack none.
pub fn missing_without_rows(report: &Report) -> Option<String> {
    let lacks = report.inputs.iter().any(|input| input.missing > 0);
    lacks.then(|| {
        "by their own count, the exports are missing some rows; the results allow for them".to_owned()
    })
}

/// Returns the first row that could not be used, in the order of the inputs.
fn first_unusable(of: DocumentContext<'_>) -> Option<String> {
    let input_of = |place: &SourceLocation| {
        let is_of = |input: &InputSummary| {
            let rest = place.file.strip_prefix(&input.path);
            input.unusable() > 0 && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
        };
        of.inputs.iter().position(is_of)
    };
    let unusable = of
        .findings
        .iter()
        .filter(|finding| FindingCode::parse(finding.code).is_some_and(FindingCode::makes_unusable));
    let places = unusable.filter_map(|finding| Some((input_of(&finding.first)?, &finding.first)));
    let (_, SourceLocation { file, line, .. }) = places.min_by_key(|(input, place)| (*input, place.line))?;
    let line = line.map_or_else(String::new, |line| format!(":{line}"));
    Some(format!("{}{line}", printable(file)))
}

/// Returns how many of the patients and providers in messages are among those of the encounters, and what to do about ids that nearly
/// match; `None` if no message may qualify.
pub fn matched(matched: &MatchedIds) -> Option<String> {
    let MatchedIds { patients, providers, fold } = matched;
    if patients.named == 0 {
        return None;
    }
    let of = |ids: &NamedIds, one: &str, many: &str| {
        format!("{} of {}", thousands(ids.found), counted(ids.named, one, many))
    };
    let found = format!(
        "{} and {} in messages that may qualify are among those of the encounters",
        of(patients, "patient", "patients"),
        of(providers, "provider", "providers")
    );
    let near = patients.near + providers.near;
    if near == 0 {
        return Some(found);
    }
    let ids = counted(near, "more id differs", "more ids differ");
    let folds: Vec<String> = fold.iter().map(|fold| format!("\"{fold}\"")).collect();
    Some(format!(
        "{found}; {ids} only in spelling: if they are the same, add `fold = [{}]` under [ids] in mucalc.toml",
        folds.join(", ")
    ))
}

/// Returns the same without numbers of rows, where these are withheld.
pub fn assumed_without_rows(report: &Report) -> Option<String> {
    line(report.into(), |_| "all are".to_owned())
}

/// Returns what was chosen for the run beside its policies, one sentence each: words of the export that the configuration
/// translates, what times stand for, what was acknowledged, and the layout files.
pub fn all_choices<'a>(of: impl Into<DocumentContext<'a>>) -> Vec<String> {
    let basis = of.into().basis;
    let made = |made: &ChoiceMade| match &made.of {
        Some(of) => format!("[{}] {} = {}", made.key, printable(of), printable(&made.value)),
        None => format!("{} = {}", made.key, printable(&made.value)),
    };
    let file =
        |file: &LayoutFileRef| format!("layout file {} (SHA-256 {})", printable(&file.path), file.sha256);
    // Words come last: there may be very many of them.
    let (words, others): (Vec<&ChoiceMade>, Vec<&ChoiceMade>) =
        basis.choices.iter().partition(|made| made.of.is_some());
    basis.layout_files.iter().map(file).chain(others.into_iter().chain(words).map(made)).collect()
}

/// Returns the same, but for the last ones of very many.
pub fn choices<'a>(of: impl Into<DocumentContext<'a>>) -> Vec<String> {
    let mut told = all_choices(of);
    if let Some(more @ 1..) = told.len().checked_sub(MOST_TOLD) {
        told.truncate(MOST_TOLD);
        told.push(format!("and {} more, which `--format json` lists", thousands(more as u64)));
    }
    told
}

/// Returns the same in one line; `None` if nothing was chosen.
pub fn choices_line<'a>(of: impl Into<DocumentContext<'a>>) -> Option<String> {
    let told = choices(of);
    (!told.is_empty()).then(|| format!("Choices: {}.", told.join("; ")))
}

fn line(of: DocumentContext<'_>, rows: impl Fn(&Assumption) -> String) -> Option<String> {
    let open = of.basis.assumptions.iter().filter(|assumption| !assumption.acknowledged);
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
        (InputRole::Encounters, "seen_by") => "seen by an eligible professional".to_owned(),
        _ => assumption.reading.to_owned(),
    }
}
