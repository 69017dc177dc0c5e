//! Which rule judged how many rows: from the rows read down to those that are in.

use std::fmt::Write;

use comfy_table::{Cell, CellAlignment};

use crate::TerminalStyle;
use crate::safe::markdown;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::report::{AttritionStep, MeasureResult, ProviderAttrition, Report};
use mucalc_core::domain::text::{printable, thousands};

/// The way of the rows of one kind of export.
pub struct AttritionTable<'r> {
    /// What they are.
    pub role: InputRole,
    /// Rows read.
    pub read: u64,
    /// Of these, rows that could not be judged.
    pub rejected: u64,
    /// The rules, in order.
    pub steps: Vec<AttritionLine<'r>>,
}

/// One rule.
pub struct AttritionLine<'r> {
    /// The rows that it judged.
    pub bucket: &'r AttritionStep,
    /// Rows that are left for the rules after it.
    pub left: u64,
}

/// The way of the rows of every kind of export that the measure asks.
pub fn falls<'r>(report: &Report, measure: &'r MeasureResult) -> Vec<AttritionTable<'r>> {
    let Some(waterfall) = &measure.waterfall else { return Vec::new() };
    let fall = |(role, buckets): (InputRole, &'r Vec<AttritionStep>)| {
        let inputs = || report.inputs.iter().filter(|input| input.role == role);
        let read = inputs().map(|input| input.rows).sum();
        let rejected = inputs().map(|input| input.rejected).sum();
        let mut left = read - rejected;
        let step = |bucket: &'r AttritionStep| {
            left -= bucket.rows;
            AttritionLine { bucket, left }
        };
        AttritionTable { role, read, rejected, steps: buckets.iter().map(step).collect() }
    };
    [
        (InputRole::Encounters, &waterfall.encounters),
        (InputRole::Messages, &waterfall.messages),
        (InputRole::Accesses, &waterfall.accesses),
    ]
    .into_iter()
    .filter(|(_, buckets)| !buckets.is_empty())
    .map(fall)
    .collect()
}

const HEADER: [&str; 5] = ["Rule", "Rows", "Counted", "Uncertain", "Left"];

impl AttritionTable<'_> {
    /// The lines of a table, under [`HEADER`].
    fn lines(&self) -> Vec<[String; 5]> {
        let beginning = |name: &str, rows: u64, left: u64| {
            [name.to_owned(), thousands(rows), String::new(), String::new(), thousands(left)]
        };
        let mut lines = vec![
            beginning("(rows read)", self.read, self.read),
            beginning("(rejected)", self.rejected, self.read - self.rejected),
        ];
        lines.extend(self.steps.iter().map(|AttritionLine { bucket, left }| {
            let numbers = [bucket.rows, bucket.counted, bucket.uncertain, *left].map(thousands);
            let [rows, counted, uncertain, left] = numbers;
            [bucket.rule.clone(), rows, counted, uncertain, left]
        }));
        lines
    }

    fn title(&self) -> String {
        let mut title = self.role.word().to_owned();
        title[..1].make_ascii_uppercase();
        format!("{title} by the rule that judged them")
    }
}

/// For a terminal.
pub fn table(text: &mut String, report: &Report, measure: &MeasureResult, screen: TerminalStyle) {
    for fall in falls(report, measure) {
        let mut table = screen.table();
        table.set_header(HEADER);
        for line in fall.lines() {
            let [rule, numbers @ ..] = line;
            let numbers = numbers.map(|number| Cell::new(number).set_alignment(CellAlignment::Right));
            table.add_row([Cell::new(rule)].into_iter().chain(numbers));
        }
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}\n{}\n", fall.title(), screen.fitted(table, None));
    }
    for (title, rules, rows) in by_provider(measure) {
        let mut table = screen.table();
        table.set_header(["Provider".to_owned()].into_iter().chain(rules));
        for (provider, numbers) in rows {
            let number = |number| Cell::new(number).set_alignment(CellAlignment::Right);
            table.add_row(
                [Cell::new(printable(&provider))].into_iter().chain(numbers.into_iter().map(number)),
            );
        }
        let _ = writeln!(text, "{title}\n{}\n", screen.fitted(table, None));
    }
}

/// As Markdown.
pub fn md(text: &mut String, report: &Report, measure: &MeasureResult) {
    for fall in falls(report, measure) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n## {}\n", fall.title());
        let _ = writeln!(text, "| {} |\n| --- | ---: | ---: | ---: | ---: |", HEADER.join(" | "));
        for line in fall.lines() {
            let _ = writeln!(text, "| {} |", line.join(" | "));
        }
    }
    for (title, rules, rows) in by_provider(measure) {
        let _ = writeln!(text, "\n## {title}\n\n| Provider | {} |", rules.join(" | "));
        let _ = writeln!(text, "| --- |{}", " ---: |".repeat(rules.len()));
        for (provider, numbers) in rows {
            let _ = writeln!(text, "| {} | {} |", markdown(&provider), numbers.join(" | "));
        }
    }
}

/// A title, the rules of all rows, and those of a provider.
type Kind<'r> = (&'static str, &'r Vec<AttritionStep>, fn(&ProviderAttrition) -> &Vec<AttritionStep>);

/// A title, the rules that judged any row, and the rows of each provider by these.
pub type ProviderGrid = (String, Vec<String>, Vec<(String, Vec<String>)>);

/// The rows of each provider by the rules that judged them; none unless these were counted.
pub fn by_provider(measure: &MeasureResult) -> Vec<ProviderGrid> {
    let Some(waterfall) = measure.waterfall.as_ref().filter(|waterfall| !waterfall.providers.is_empty())
    else {
        return Vec::new();
    };
    let grid = |(what, all, of): Kind<'_>| {
        let used: Vec<usize> = (0..all.len()).filter(|at| all[*at].rows > 0).collect();
        let row = |provider: &ProviderAttrition| {
            let name = provider.provider_id.clone().unwrap_or_else(|| "(names none)".to_owned());
            let rows = |at: &usize| of(provider).get(*at).map_or(0, |bucket| bucket.rows);
            (name, used.iter().map(|at| thousands(rows(at))).collect())
        };
        let has_rows =
            |of_provider: &&ProviderAttrition| of(of_provider).iter().any(|bucket| bucket.rows > 0);
        let rules = used.iter().map(|at| all[*at].rule.clone()).collect();
        let rows = waterfall.providers.iter().filter(has_rows).map(row).collect();
        (format!("{what} of each provider by the rule that judged them"), rules, rows)
    };
    let all: [Kind<'_>; 3] = [
        ("Encounters", &waterfall.encounters, |of| &of.encounters),
        ("Messages", &waterfall.messages, |of| &of.messages),
        ("Accesses", &waterfall.accesses, |of| &of.accesses),
    ];
    all.into_iter().filter(|(_, buckets, _)| !buckets.is_empty()).map(grid).collect()
}
