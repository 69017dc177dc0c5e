//! Charts of the attrition: how many rows each rule decided, each chart with its table.

use crate::html::report::called;
use crate::waterfall::{self, AttritionTable, attrition_tables};
use mucalc_core::domain::funnel::PatientFunnel;
use mucalc_core::domain::report::{MeasureResult, Report};
use mucalc_core::domain::subject::NumeratorSubject;
use mucalc_core::domain::text::{escape_control, pluralize, with_commas};

/// A chart of one kind of export.
pub struct AttritionChart {
    pub id: String,
    pub title: String,
    pub desc: String,
    pub sentence: String,
    pub height: u64,
    pub steps: Vec<ChartStep>,
}

/// The rows of each provider, by the rules that decided them.
pub struct AttritionGrid {
    pub title: String,
    pub rules: Vec<String>,
    pub rows: Vec<AttritionGridRow>,
}

/// The rows of one provider.
pub struct AttritionGridRow {
    pub name: String,
    pub numbers: Vec<String>,
}

/// A row of the chart and of its table.
pub struct ChartStep {
    pub y: u64,
    /// The class in the style sheet: `read`, `out`, `uncertain` or `in`.
    pub kind: &'static str,
    pub label: String,
    pub outcome: &'static str,
    pub rows: String,
    pub left: String,
    pub x: u64,
    pub width: u64,
    /// The width of the rows that remain after the step, in units of the chart.
    pub rest: u64,
}

/// Returns a chart for each kind of export that the measure uses.
pub fn charts(report: &Report) -> Vec<AttritionChart> {
    attrition_tables(report, &report.measure).iter().map(|fall| chart(fall, report)).collect()
}

/// Returns the rows of each provider, by the rules that decided them; empty if they were not counted by provider.
pub fn grids(measure: &MeasureResult) -> Vec<AttritionGrid> {
    let row =
        |(name, numbers): (String, Vec<String>)| AttritionGridRow { name: escape_control(&name), numbers };
    let grid = |(title, rules, rows): waterfall::ProviderGrid| AttritionGrid {
        title,
        rules,
        rows: rows.into_iter().map(row).collect(),
    };
    waterfall::by_provider(measure).into_iter().map(grid).collect()
}

/// Returns the chart of patients, from those seen to those in the numerator; `None` if no patient was seen.
pub fn patients(of: PatientFunnel, about: NumeratorSubject) -> Option<AttritionChart> {
    let seen = of.seen();
    if seen == 0 {
        return None;
    }
    let (silent, channel, use_of_portal) = match about {
        NumeratorSubject::MessagesFromPatients => (
            "No message from the patient",
            "Only other channels, such as ordinary email",
            "Portal messages that do not qualify",
        ),
        NumeratorSubject::MessagesToPatients | NumeratorSubject::MessagesEitherWay => (
            "No message with the patient",
            "Only other channels, such as ordinary email",
            "Portal messages that do not qualify",
        ),
        NumeratorSubject::Accesses => {
            ("Did not use the portal", "Used only other technology", "Uses of the portal that do not qualify")
        }
    };
    let mut drawing = Drawing { read: seen, standing: seen, left: seen, counted: 0, steps: Vec::new() };
    drawing.step("read", "Unique patients seen", seen);
    let losses = [
        ("out", silent, of.silent),
        ("out", channel, of.other_channel),
        ("out", use_of_portal, of.not_qualifying),
        ("uncertain", "Unresolved", of.unresolved),
        ("in", "In the numerator", of.numerator),
    ];
    for (kind, label, patients) in losses.into_iter().filter(|(_, _, patients)| *patients > 0) {
        drawing.step(kind, label, patients);
    }
    let sentence = format!(
        "Of {} seen, {} in the numerator and {} unresolved. {}",
        pluralize(seen, "unique patient", "unique patients"),
        pluralize(of.numerator, "is", "are"),
        pluralize(of.unresolved, "is", "are"),
        "Each patient is in one group, the one that comes closest to qualifying."
    );
    let steps: Vec<ChartStep> =
        drawing.steps.into_iter().map(|step| ChartStep { outcome: "", ..step }).collect();
    let told = steps.iter().skip(1).map(|step| format!("{}: {}", step.label, step.rows));
    Some(AttritionChart {
        id: "funnel".to_owned(),
        title: "From seen to the numerator, in patients".to_owned(),
        desc: format!("{sentence} {}.", told.collect::<Vec<_>>().join("; ")),
        sentence,
        height: HIGH * steps.len() as u64,
        steps,
    })
}

/// The width of a bar for all rows, and the height of a row, in units of the chart.
const WIDE: u64 = 400;
const HIGH: u64 = 34;

/// A chart that is being built.
struct Drawing {
    read: u64,
    /// Rows that may still qualify.
    standing: u64,
    /// Rows that no rule has decided yet.
    left: u64,
    counted: u64,
    steps: Vec<ChartStep>,
}

fn chart(fall: &AttritionTable<'_>, report: &Report) -> AttritionChart {
    let read = fall.read;
    let mut drawing = Drawing { read, standing: read, left: read, counted: 0, steps: Vec::new() };
    drawing.step("read", "Rows read", read);
    if fall.rejected > 0 {
        drawing.step("out", "Unusable", fall.rejected);
    }
    let mut uncertain = 0;
    for step in &fall.steps {
        let bucket = step.bucket;
        uncertain += bucket.uncertain;
        let out = bucket.rows - bucket.uncertain - bucket.counted;
        for (kind, rows) in [("uncertain", bucket.uncertain), ("out", out), ("in", bucket.counted)] {
            if rows > 0 {
                drawing.step(kind, &bucket.rule, rows);
            }
        }
    }
    let kept = drawing.counted;
    let mut sentence = format!(
        "Of {} read, {}, {}, {}.",
        pluralize(read, "row", "rows"),
        pluralize(kept, "qualifies", "qualify"),
        pluralize(uncertain, "is unresolved", "are unresolved"),
        pluralize(read - kept - uncertain, "does not qualify", "do not qualify")
    );
    let aside: u64 =
        report.inputs.iter().filter(|input| input.role == fall.role).map(|input| input.aside).sum();
    if aside > 0 {
        let rows = pluralize(aside, "further row was", "further rows were");
        sentence.push_str(&format!(" {rows} skipped by the layout."));
    }
    if !report.adjudications.is_empty() {
        sentence.push_str(" The review decisions come after these rules and are not in this chart.");
    }
    let steps = drawing.steps;
    let told = steps.iter().skip(1).map(|step| format!("{}: {} {}", step.label, step.rows, step.outcome));
    AttritionChart {
        id: format!("w-{}", fall.role.word()),
        title: format!("{}: rows decided by each rule", called(fall.role)),
        desc: format!("{sentence} {}.", told.collect::<Vec<_>>().join("; ")),
        sentence,
        height: HIGH * steps.len() as u64,
        steps,
    }
}

impl Drawing {
    fn units(&self, rows: u64) -> u64 {
        if self.read == 0 { 0 } else { (u128::from(WIDE) * u128::from(rows) / u128::from(self.read)) as u64 }
    }

    /// Returns the width of a bar, wide enough to be visible for any number of rows.
    fn bar(&self, rows: u64) -> u64 {
        if rows == 0 { 0 } else { self.units(rows).max(2) }
    }

    fn step(&mut self, kind: &'static str, label: &str, rows: u64) {
        let width = self.bar(rows);
        let (x, rest) = match kind {
            "read" => (0, 0),
            "in" => {
                let x = self.units(self.counted);
                self.counted += rows;
                (x, self.units(self.standing))
            }
            _ => {
                self.standing -= rows;
                let rest = self.units(self.standing);
                (rest.min(WIDE - width), rest)
            }
        };
        if kind != "read" {
            self.left -= rows;
        }
        let outcome = match kind {
            "read" => "",
            "in" => "counted",
            other => other,
        };
        self.steps.push(ChartStep {
            y: HIGH * self.steps.len() as u64,
            kind,
            label: label.to_owned(),
            outcome,
            rows: with_commas(rows),
            left: with_commas(self.left),
            x,
            width,
            rest,
        });
    }
}
