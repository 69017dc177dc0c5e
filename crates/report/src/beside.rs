//! The context of the numbers in every document: unusable and missing rows, assumptions, and choices.

use std::collections::BTreeMap;

use crate::words;
use mucalc_core::domain::assumption::{Assumption, ChoiceMade, LayoutFileRef};
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::basis::Basis;
use mucalc_core::domain::edition_ref::EditionRef;
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
use mucalc_core::domain::text::{escape_control, pluralize, with_commas};
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::what_if::WhatIfReport;

/// The parts of a document that give its numbers their context.
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

/// Returns the lines above the numbers: the practice, and what a reader must know before relying on them.
pub fn above<'a>(of: impl Into<DocumentContext<'a>>) -> Vec<String> {
    let of = of.into();
    words::practice_lines(of.head).into_iter().chain(cautions(of)).collect()
}

/// Returns the same as [`above`] with a label for each line, for a sheet of two columns.
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

/// Returns what a reader must know before relying on the numbers.
pub fn cautions<'a>(of: impl Into<DocumentContext<'a>>) -> Vec<String> {
    let of = of.into();
    [unusable(of), missing(of), assumed(of)].into_iter().flatten().collect()
}

/// The maximum number of choices that are listed. Programs can generate configurations with very many values.
const MAX_TOLD: usize = 200;

/// Returns the assumptions that are not acknowledged, in one line; `None` if there are none.
pub fn assumed<'a>(of: impl Into<DocumentContext<'a>>) -> Option<String> {
    line(of.into(), |assumption| match assumption.rows {
        1 => "the only one is".to_owned(),
        rows => format!("all {} are", with_commas(rows)),
    })
}

/// Returns that the exports end before the period does, so that the results are not final; `None` if they do not.
pub fn not_final(report: &Report) -> Option<&'static str> {
    let code = FindingCode::EndsBeforePeriod.slug();
    let ends_early = report.findings.iter().any(|finding| finding.code == code);
    ends_early.then_some("The encounters end before the reporting period does, so the results are not final")
}

/// Returns how many rows were unusable, and the location of the first, in one line; `None` if all were usable.
pub fn unusable<'a>(of: impl Into<DocumentContext<'a>>) -> Option<String> {
    let of = of.into();
    let named = counted_by_role(of, InputSummary::unusable)?;
    let first = first_unusable(of).map_or_else(String::new, |place| format!(" (first: {place})"));
    Some(format!("{named} could not be used{first}; {}", effect(of)))
}

/// Returns how many rows are missing from the exports by their own count, in one line; `None` if none are missing.
pub fn missing<'a>(of: impl Into<DocumentContext<'a>>) -> Option<String> {
    let of = of.into();
    let named = counted_by_role(of, |input| input.missing)?;
    Some(format!("By their own count, the exports are missing {named} (incomplete-answer); {}", effect(of)))
}

/// Returns the number of such rows by role, such as `3 encounters and 1 message`; `None` if there are none.
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
        .map(|(role, one)| pluralize(count(role), one, role.word()))
        .collect();
    (!named.is_empty()).then(|| named.join(" and "))
}

/// Returns the effect of unusable and missing rows on the results.
fn effect(of: DocumentContext<'_>) -> &'static str {
    match of.basis.unusable_rows {
        UnusableChoice::Bound => "the results allow for them",
        UnusableChoice::Ignore => "the results leave them out, as chosen",
    }
}

/// Returns that some rows were unusable, without their number, for documents that withhold small counts; `None` if all were usable.
pub fn unusable_without_rows(report: &Report) -> Option<String> {
    let lacks = report.inputs.iter().any(|input| input.unusable() > 0);
    lacks.then(|| format!("some rows could not be used; {}", effect(report.into())))
}

/// Returns that rows are missing, without their number, for documents that withhold small counts; `None` if none are missing.
pub fn missing_without_rows(report: &Report) -> Option<String> {
    let lacks = report.inputs.iter().any(|input| input.missing > 0);
    lacks.then(|| format!("by their own count, the exports are missing some rows; {}", effect(report.into())))
}

/// Returns the location of the first unusable row, in the order of the inputs.
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
    Some(format!("{}{line}", escape_control(file)))
}

/// Returns how many patients and providers in messages also occur in encounters, and what to do about ids that nearly match.
///
/// Returns `None` if no message may qualify.
pub fn matched(matched: &MatchedIds) -> Option<String> {
    let MatchedIds { patients, providers, fold } = matched;
    if patients.named == 0 {
        return None;
    }
    let of = |ids: &NamedIds, one: &str, many: &str| {
        format!("{} of {}", with_commas(ids.found), pluralize(ids.named, one, many))
    };
    let found = format!(
        "{} and {} named in messages that may qualify also appear in the encounters",
        of(patients, "patient", "patients"),
        of(providers, "provider", "providers")
    );
    let near = patients.near + providers.near;
    if near == 0 {
        return Some(found);
    }
    let ids = pluralize(near, "more id differs", "more ids differ");
    let folds: Vec<String> = fold.iter().map(|fold| format!("\"{fold}\"")).collect();
    Some(format!(
        "{found}; {ids} only in spelling: if they are the same, add `fold = [{}]` under [ids] in mucalc.toml",
        folds.join(", ")
    ))
}

/// Returns whether all ids of messages that may qualify are among those of the encounters.
pub fn is_complete(of: &MatchedIds) -> bool {
    of.patients.found == of.patients.named && of.providers.found == of.providers.named
}

/// Returns the same as [`assumed`] without numbers of rows, for documents that withhold small counts.
pub fn assumed_without_rows(report: &Report) -> Option<String> {
    line(report.into(), |_| "all are".to_owned())
}

/// Returns the choices of the run in addition to its policy settings, one sentence each.
///
/// These are values of the exports that the configuration maps, the meaning of times, acknowledged assumptions, and layout files.
pub fn all_choices<'a>(of: impl Into<DocumentContext<'a>>) -> Vec<String> {
    let basis = of.into().basis;
    let made = |made: &ChoiceMade| match &made.of {
        Some(of) => format!("[{}] {} = {}", made.key, escape_control(of), escape_control(&made.value)),
        None => format!("{} = {}", made.key, escape_control(&made.value)),
    };
    let file = |file: &LayoutFileRef| {
        format!("layout file {} (SHA-256 {})", escape_control(&file.path), file.sha256)
    };
    // Mapped values come last, since there may be very many of them.
    let (words, others): (Vec<&ChoiceMade>, Vec<&ChoiceMade>) =
        basis.choices.iter().partition(|made| made.of.is_some());
    basis.layout_files.iter().map(file).chain(others.into_iter().chain(words).map(made)).collect()
}

/// Returns the same as [`all_choices`], but if there are very many, only the first ones and the number of the others.
pub fn choices<'a>(of: impl Into<DocumentContext<'a>>) -> Vec<String> {
    let mut told = all_choices(of);
    if let Some(more @ 1..) = told.len().checked_sub(MAX_TOLD) {
        told.truncate(MAX_TOLD);
        told.push(format!("and {} more, which `--format json` lists", with_commas(more as u64)));
    }
    told
}

/// Returns the same as [`choices`] in one line; `None` if there are none.
pub fn choices_line<'a>(of: impl Into<DocumentContext<'a>>) -> Option<String> {
    let told = choices(of);
    (!told.is_empty()).then(|| format!("Choices: {}.", told.join("; ")))
}

/// Returns the lines below the results of a terminal: the rules, the choices of the run, and the inputs.
///
/// Policy settings are listed if they are not the defaults of the rule set, or if `is_verbose`. Then each input has a line of its own.
pub fn basis_lines<'a>(
    of: impl Into<DocumentContext<'a>>,
    edition: &EditionRef,
    credit: AttributionMode,
    policies: &BTreeMap<String, String>,
    is_verbose: bool,
) -> String {
    let of = of.into();
    let rules = match is_verbose {
        true => words::rules_text(of.head, edition, credit, policies),
        false => words::short_rules_text(of.head, edition, credit, policies),
    };
    let mut lines = vec![format!("Rules: {rules}.")];
    lines.extend(choices_line(of));
    lines.extend(words::input_lines(of.inputs, is_verbose));
    lines.join("\n")
}

fn line(of: DocumentContext<'_>, rows: impl Fn(&Assumption) -> String) -> Option<String> {
    let open = of.basis.assumptions.iter().filter(|assumption| !assumption.acknowledged);
    let told = |open: &Assumption| {
        let (role, column) = (open.role.word(), open.column);
        format!("no `{column}` column in {role}, so {} taken as {}", rows(open), assumed_value_text(open))
    };
    let told: Vec<String> = open.map(told).collect();
    (!told.is_empty()).then(|| format!("Assumed: {}", told.join("; ")))
}

/// Returns the assumed value of the rows, in plain words.
fn assumed_value_text(assumption: &Assumption) -> String {
    match (assumption.role, assumption.column) {
        (InputRole::Encounters, "seen_by") => "seen by an eligible professional".to_owned(),
        _ => assumption.reading.to_owned(),
    }
}
