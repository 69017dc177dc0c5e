//! Renders the alternative settings of `mucalc what-if` as a table, Markdown, CSV, and JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::html::document;
use crate::table::{Column, Table, Value};
use crate::terminal::findings;
use crate::{RenderError, TerminalStyle, TextFormat, beside, safe, words};
use mucalc_core::domain::report::MeasureResult;
use mucalc_core::domain::text::{escape_control, pluralize};
use mucalc_core::domain::verdict::Verdict;
use mucalc_core::domain::what_if::{Scenario, WhatIfReport};

/// Renders the alternative settings in a format.
///
/// # Errors
/// If the document cannot be rendered, which is a bug.
pub fn render(of: &WhatIfReport, format: TextFormat, screen: TerminalStyle) -> Result<Vec<u8>, RenderError> {
    Ok(match format {
        TextFormat::Table => screen.paragraphs(table(of, screen)).into_bytes(),
        TextFormat::Md => md(of).into_bytes(),
        TextFormat::Html => document::what_if::page(of)?,
        TextFormat::Csv => csv(of)?,
        TextFormat::Json => super::json::pretty(of)?,
    })
}

/// The maximum number of changed results that are listed one by one.
const TOLD: usize = 6;

const HEADER: [&str; 5] = ["Setting", "Numerator", "Denominator", "Providers met", "Changed results"];

fn table(of: &WhatIfReport, screen: TerminalStyle) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}", of.base.edition.title);
    for line in beside::above(of) {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(
        text,
        "{}\n\n{}\n",
        words::period_line(&of.head, &of.base.edition),
        rows(of).terminal(screen)
    );
    for note in &of.base.edition.notes {
        let _ = writeln!(text, "{note}\n");
    }
    let _ = writeln!(text, "{}", conclusion(of));
    if let Some(choices) = beside::choices_line(of) {
        let _ = writeln!(text, "{choices}");
    }
    findings(&mut text, &of.findings, screen);
    text
}

fn md(of: &WhatIfReport) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "# {}\n", safe::markdown(&of.base.edition.title));
    for line in beside::above(of) {
        let _ = writeln!(text, "{}\n", safe::markdown(&line));
    }
    let _ = writeln!(text, "{}\n", words::period_line(&of.head, &of.base.edition));
    text.push_str(&rows(of).markdown());
    for note in &of.base.edition.notes {
        let _ = writeln!(text, "\n{}", safe::markdown(note));
    }
    let choices = beside::choices(of).into_iter().map(|choice| format!("Choice: {choice}."));
    for line in conclusion(of).lines().map(str::to_owned).chain(choices) {
        let _ = writeln!(text, "\n{}", safe::markdown(&line));
    }
    text
}

/// Returns one row for the current settings, and one per alternative setting.
pub(crate) fn rows(of: &WhatIfReport) -> Table<'_> {
    let row = |name: &str, measure: &MeasureResult, changes: String| {
        let group = measure.group.as_ref();
        let bounds =
            |of: fn(&mucalc_core::domain::report::GroupResult) -> mucalc_core::domain::score::CountRange| {
                group.map_or(String::new(), |group| words::range_text(of(group)))
            };
        let met =
            group.map_or(String::new(), |group| format!("{} of {}", group.providers_met, group.providers));
        let numbers = [bounds(|group| group.numerator), bounds(|group| group.denominator), met];
        let numbers = numbers.map(Value::Number);
        [Value::text(name)].into_iter().chain(numbers).chain([Value::Text(changes)]).collect()
    };
    let base = row("as applied", &of.base, String::new());
    let alternative = move |one: &Scenario| row(&one.name, &one.measure, changes(one));
    let [name, numbers @ .., changed] = HEADER;
    let columns = [Column::text(name)].into_iter().chain(numbers.map(Column::number));
    let columns = columns.chain([Column::text(changed)]).collect();
    Table::new("", columns, std::iter::once(base).chain(of.alternatives.iter().map(alternative)))
}

fn changes(of: &Scenario) -> String {
    let from_to =
        |from: Verdict, to: Verdict| format!("{} → {}", words::result_text(from), words::result_text(to));
    if of.changes.len() <= TOLD {
        let one = |change: &mucalc_core::domain::what_if::VerdictChange| {
            format!("{}: {}", escape_control(&change.provider_id), from_to(change.from, change.to))
        };
        return if of.changes.is_empty() {
            "none".to_owned()
        } else {
            of.changes.iter().map(one).collect::<Vec<_>>().join("\n")
        };
    }
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for change in &of.changes {
        *counts.entry(from_to(change.from, change.to)).or_default() += 1;
    }
    let told = counts
        .iter()
        .map(|(change, count)| format!("{}: {change}", pluralize(*count, "provider", "providers")));
    told.collect::<Vec<_>>().join("\n")
}

pub(crate) fn conclusion(of: &WhatIfReport) -> String {
    let deciding: Vec<&str> =
        of.alternatives.iter().filter(|one| !one.changes.is_empty()).map(|one| one.name.as_str()).collect();
    let choices = words::choices_text(&of.base.policies);
    let chosen = format!("Applied: attribution {}; policy settings {choices}.", of.base.credit.word());
    match deciding.as_slice() {
        [] => format!("No alternative setting changes a result.\n{chosen}"),
        names => format!(
            "Settings that change a result: {}. A setting applies to all patients, the whole period, and all measures. Choose it because your program allows it, not for its result, and record why.\n{chosen}",
            names.join("; ")
        ),
    }
}

fn csv(of: &WhatIfReport) -> Result<Vec<u8>, csv::Error> {
    let columns = Column::names([
        "alternative",
        "provider_id",
        "denominator_least",
        "denominator_most",
        "numerator_least",
        "numerator_most",
        "verdict",
        "verdict_as_chosen",
    ]);
    let alternatives = of.alternatives.iter().map(|one| (one.name.as_str(), &one.measure));
    let all = std::iter::once(("as chosen", &of.base)).chain(alternatives);
    let rows = all.flat_map(|(name, measure)| {
        measure.providers.iter().zip(&of.base.providers).map(move |(provider, chosen)| {
            vec![
                Value::text(name),
                Value::text(&provider.provider_id),
                Value::Count(provider.denominator.least),
                Value::Count(provider.denominator.most),
                Value::Count(provider.numerator.least),
                Value::Count(provider.numerator.most),
                Value::text(provider.verdict.word()),
                Value::text(chosen.verdict.word()),
            ]
        })
    });
    Table::new("", columns, rows).csv()
}
