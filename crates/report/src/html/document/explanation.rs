//! The page of `mucalc explain`: a timeline and a table of rows for each patient.

use crate::explanation::{SHOWN, decision, in_the_way, is_decided, said_answer, standing};
use crate::html::chart::figure;
use crate::html::chart::timeline::timeline;
use crate::html::document::{Document, PageTable, Section};
use crate::table::{Column, Table, Value};
use crate::{RenderError, words};
use mucalc_core::domain::explanation::{ExplainedRow, Explanation, PatientExplanation, Rows, RuleMatch};
use mucalc_core::domain::period::Period;
use mucalc_core::domain::text::{escape_control, pluralize};

/// Renders an explanation as a page.
///
/// # Errors
/// If the page cannot be rendered, which is a bug.
pub fn page<R: Rows>(of: &Explanation<R>) -> Result<Vec<u8>, RenderError> {
    let mut page = Document::new("Explanation", &of.head, &of.edition, of);
    for (at, patient) in of.patients.iter().enumerate() {
        page = page.section(section(patient, of.head.period.into(), at)?);
    }
    let rules = words::rules_text(&of.head, &of.edition, of.credit, &of.policies);
    page.basis(rules, &of.inputs, &of.findings).render_page(&of.head.tool)
}

fn section<R: Rows>(of: &PatientExplanation<R>, period: Period, at: usize) -> Result<Section, RenderError> {
    let kinds = [("Encounters", &of.encounters), ("Messages", &of.messages), ("Accesses", &of.accesses)];
    let kinds = kinds.map(|(kind, rows)| (kind, first_rows(rows)));
    let lanes: Vec<(&str, Vec<&ExplainedRow>)> =
        kinds.iter().map(|(kind, (rows, _))| (*kind, rows.iter().collect())).collect();
    let lanes: Vec<(&str, &[&ExplainedRow])> =
        lanes.iter().map(|(kind, rows)| (*kind, rows.as_slice())).collect();
    let chart = timeline(&of.patient_id, &lanes, period);
    let anchor = format!("p{at}");
    let more: u64 = kinds.iter().map(|(_, (_, more))| more).sum();
    let more = (more > 0)
        .then(|| format!("{} not shown; the format json has all.", pluralize(more, "row is", "rows are")));
    let standings = of.standings.iter().map(|of| words::without_backticks(&standing(of)));
    let decisions = of.decisions.iter().map(|of| format!("Review decision: {}", decision(of)));
    let rows = kinds.iter().flat_map(|(kind, (rows, _))| rows.iter().map(move |of| row(kind, of)));
    let columns = ["Row", "Day", "Provider", "Outcome", "Values", "Deciding rule", "Not met"];
    let table = Table::new("", columns.map(Column::text).into(), rows);
    Ok(Section {
        title: format!("Patient {}", escape_control(&of.patient_id)),
        text: standings.chain(decisions).chain(more).collect(),
        key: if chart.is_some() { KEY } else { "" },
        chart: chart.map(|chart| figure::timeline(&chart, &anchor)).transpose()?.unwrap_or_default(),
        table: Some(PageTable::new("Rows of the exports about the patient", table)),
        id: anchor,
        ..Section::default()
    })
}

const KEY: &str = "<ul class=\"key\" aria-label=\"How to read the timeline\">\
<li><svg viewBox=\"0 0 36 16\" aria-hidden=\"true\"><circle class=\"in\" cx=\"18\" cy=\"8\" r=\"7\"/></svg>qualifies</li>\
<li><svg viewBox=\"0 0 36 16\" aria-hidden=\"true\"><circle class=\"uncertain\" cx=\"18\" cy=\"8\" r=\"7\"/></svg>unresolved</li>\
<li><svg viewBox=\"0 0 36 16\" aria-hidden=\"true\"><circle class=\"out\" cx=\"18\" cy=\"8\" r=\"7\"/></svg>does not qualify</li>\
<li><svg viewBox=\"0 0 36 16\" aria-hidden=\"true\"><rect class=\"track\" width=\"36\" height=\"16\"/></svg>reporting period</li></ul>";

/// Returns the first rows, and the number of the others.
fn first_rows<R: Rows>(rows: &R) -> (Vec<ExplainedRow>, u64) {
    let (mut first, mut more) = (Vec::new(), 0);
    rows.each(true, &mut |row| match first.len() < SHOWN {
        true => first.push(row.clone()),
        false => more += 1,
    });
    (first, more)
}

fn row(kind: &str, of: &ExplainedRow) -> Vec<Value> {
    let is_out = if kind == "Encounters" { "not in the denominator" } else { "does not qualify" };
    let values: Vec<String> = of.says.iter().map(|of| format!("{} {}", of.column, of.said)).collect();
    let step = of.steps.iter().find(|step| matches!(step.fits, RuleMatch::Yes | RuleMatch::Perhaps));
    let why = step.map_or(String::new(), |step| format!("\n{}", step.why));
    let blockers = if is_decided(of) { Vec::new() } else { in_the_way(of) };
    vec![
        Value::Text(format!("{}{}", of.place, of.id.as_ref().map_or(String::new(), |id| format!("\n{id}")))),
        Value::Day(of.day),
        Value::Text(of.provider_id.clone().unwrap_or_else(|| "–".to_owned())),
        Value::text(said_answer(of.answer, is_out)),
        Value::Text(values.join(", ")),
        Value::Text(format!("{}{why}", of.rule)),
        Value::Text(blockers.join("; or ")),
    ]
}
