//! Renders a report as one HTML page, which needs no script, network, or other file, and prints well.

mod attestation;
mod attrition;
mod comparison;
mod cover;
mod handouts;
mod inputs;
mod providers;
mod rules;
mod trends;

use std::collections::HashMap;

use askama::Template;

use crate::html::chart::calendar::{Calendar, calendar};
use crate::html::chart::columns::{WeekColumns, week_columns};
use crate::next_action::{self, ActionContext};
use crate::{RenderError, beside, words};
use mucalc_core::domain::calendar::day_text;
use mucalc_core::domain::glossary::{GlossaryTerm, TERMS};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::over_time::Trend;
use mucalc_core::domain::period::Period;
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::report::{MeasureResult, Report};
use mucalc_core::domain::rule_set_text::RuleSetText;
use mucalc_core::domain::text::{capitalize, escape_control, pluralize, printable_lines, with_commas};
use mucalc_core::domain::verdict::Verdict;

pub use cover::{CoverSheet, PackPrivacy, cover};
pub use handouts::handouts;
pub(crate) use providers::order;

/// Renders a report as a page. `rule_set_texts` are the rule set texts of the report's measures, in the same order.
///
/// # Errors
/// If the page cannot be rendered, which is a bug.
pub fn render(report: &Report, books: &[RuleSetText]) -> Result<Vec<u8>, RenderError> {
    let none = RuleSetText::default();
    // Escapes control characters from outside. The template itself contains none except line feeds, which are kept.
    Ok(printable_lines(&page(report, books.first().unwrap_or(&none)).render()?).into_bytes())
}

/// The values of the template. All numbers, texts, and chart coordinates are computed before.
#[derive(Template)]
#[template(path = "report.html")]
struct HtmlPage {
    /// The program with its years, and the practice or the measure.
    program: String,
    heading: String,
    has_practice: bool,
    measure: String,
    period: String,
    /// The measure in the words of its source.
    has_statement: bool,
    statement: String,
    statement_source: String,
    meta: Vec<LabeledValue>,
    has_error: bool,
    error: String,
    /// Unusable and missing rows, and assumptions.
    cautions: Vec<String>,
    notes: Vec<String>,
    contents: Vec<Link>,
    has_providers: bool,
    headline: String,
    /// The results with the number of providers, each with its identifier as the label.
    results: Vec<LabeledValue>,
    participant: &'static str,
    counting: &'static str,
    threshold: String,
    axis: providers::RateAxis,
    has_tools: bool,
    providers: Vec<providers::ProviderBar>,
    tally: String,
    has_cards: bool,
    has_fans: bool,
    trend_sentence: String,
    cards: Vec<trends::TrendCard>,
    has_more_cards: bool,
    more_cards: String,
    calendar: Option<Calendar>,
    has_sides: bool,
    side_heads: Vec<comparison::ComparisonHead>,
    sides: Vec<comparison::ComparisonRow>,
    funnel: Option<attrition::AttritionChart>,
    columns: Option<WeekColumns>,
    quality: Vec<LabeledValue>,
    findings_sentence: String,
    has_findings: bool,
    findings: Vec<inputs::FindingRow>,
    has_pictures: bool,
    pictures: Vec<attrition::AttritionChart>,
    grids: Vec<attrition::AttritionGrid>,
    has_decisions: bool,
    decisions: Vec<inputs::DecisionRow>,
    has_combined: bool,
    combined: Vec<inputs::ClinicianRow>,
    has_exclusions: bool,
    exclusions: Vec<rules::ExclusionRow>,
    facts: Vec<LabeledValue>,
    rule_tables: Vec<rules::RuleTable>,
    has_policies: bool,
    policies: Vec<rules::PolicyRow>,
    has_settings: bool,
    settings: Vec<inputs::SettingRow>,
    has_inputs: bool,
    inputs: Vec<inputs::InputRow>,
    glossary: &'static [GlossaryTerm],
    tool: String,
    edition_id: String,
    edition_sha256: String,
}

/// An entry of the table of contents.
struct Link {
    id: &'static str,
    text: &'static str,
}

/// A label with a text.
pub struct LabeledValue {
    label: String,
    text: String,
}

impl LabeledValue {
    fn new(label: &str, text: impl Into<String>) -> Self {
        Self { label: label.to_owned(), text: text.into() }
    }

    /// Returns the label and the text.
    pub(crate) fn into_pair(self) -> (String, String) {
        (self.label, self.text)
    }
}

/// The label and the text of each item of an attestation.
pub(crate) type AttestationItems = Vec<(String, String)>;

/// Returns what each professional attests, by name, in the order of CMS's attestation.
pub(crate) fn attestation(report: &Report, book: &RuleSetText) -> Vec<(String, AttestationItems)> {
    let sheets = attestation::sheets(report, book, false, &std::collections::BTreeSet::new());
    let items = |sheet: attestation::AttestationSheet| {
        (sheet.name, sheet.facts.into_iter().map(LabeledValue::into_pair).collect())
    };
    sheets.into_iter().map(items).collect()
}

/// The text for a missing value.
const DASH: &str = "–";

/// The page has search and sort controls if there are more providers than this.
const MANY: usize = 5;

fn page(report: &Report, book: &RuleSetText) -> HtmlPage {
    let measure = &report.measure;
    let MeasureResult { edition, group, .. } = measure;
    let trend = report.over_time.as_ref();
    let axis = providers::RateAxis::new(measure);
    let calendar = trend
        .and_then(|trend| trend.windows.as_ref())
        .map(|of| calendar(of, period(report).first, Some(period(report))));
    let rows = provider_rows(report, &axis, calendar.as_ref());
    let cards = trend.map_or_else(Vec::new, |trend| trends::cards(trend, measure, &rows, period(report)));
    let left_out = Some(providers::left_out(measure)).filter(|note| !note.is_empty());
    let pictures = attrition::charts(report);
    let settings = inputs::settings(report);
    let (policies, exclusions) = (rules::policies(measure, book), rules::exclusions(measure, book));
    let sides = comparison::rows(report);
    let practice = report.head.practice.as_ref().and_then(|practice| practice.name.as_deref());
    let more_cards = trends::left_out(&rows, cards.len());
    HtmlPage {
        contents: contents(report, calendar.is_some(), !cards.is_empty(), !sides.is_empty(), &exclusions),
        program: rules::program(book),
        heading: practice.map_or_else(|| edition.title.clone(), escape_control),
        has_practice: practice.is_some(),
        measure: edition.title.clone(),
        period: words::period_line(&report.head, edition),
        has_statement: !book.statement.text.is_empty(),
        statement: book.statement.text.clone(),
        statement_source: book.statement.cite.clone(),
        meta: meta(report),
        has_error: report.error.is_some(),
        error: inputs::error(report),
        cautions: beside::not_final(report)
            .map(str::to_owned)
            .into_iter()
            .chain(beside::cautions(report))
            .map(|line| words::without_backticks(&line))
            .collect(),
        notes: edition.notes.iter().cloned().chain(left_out).collect(),
        has_providers: !rows.is_empty(),
        headline: match trend.is_some_and(|trend| trend.days_left > 0) {
            true => format!("So far, {}", headline(measure)),
            false => headline(measure),
        },
        results: results(measure),
        participant: words::participant(edition),
        counting: words::action_text(edition.numerator_of),
        threshold: words::threshold_text(edition),
        axis,
        has_tools: rows.len() > MANY,
        providers: rows,
        tally: group.as_ref().map_or(String::new(), |group| words::group_text(group, edition)),
        has_cards: !cards.is_empty(),
        has_fans: trends::have_forecasts(&cards),
        trend_sentence: trend.map_or_else(String::new, |trend| trends::sentence(trend, period(report).last)),
        cards,
        has_more_cards: !more_cards.is_empty(),
        more_cards,
        calendar,
        has_sides: !sides.is_empty(),
        side_heads: comparison::comparison_heads(report),
        sides,
        funnel: trend.and_then(|trend| attrition::patients(trend.funnel, edition.numerator_of)),
        columns: trend.and_then(|trend| columns(trend, period(report))),
        quality: inputs::quality(report),
        findings_sentence: inputs::findings_sentence(report),
        has_findings: !report.findings.is_empty(),
        findings: inputs::findings(report),
        has_pictures: !pictures.is_empty(),
        pictures,
        grids: attrition::grids(measure),
        has_decisions: !report.adjudications.is_empty(),
        decisions: inputs::decisions(report),
        has_combined: !measure.combined.is_empty(),
        combined: inputs::persons(measure),
        has_exclusions: !exclusions.is_empty(),
        exclusions,
        facts: rules::facts(report, book),
        rule_tables: rules::tables(measure, book),
        has_policies: !policies.is_empty(),
        policies,
        has_settings: !settings.is_empty(),
        settings,
        has_inputs: !report.inputs.is_empty(),
        inputs: inputs::inputs(report),
        glossary: TERMS,
        tool: inputs::tool(report),
        edition_id: edition.id.clone(),
        edition_sha256: edition.sha256.clone(),
    }
}

fn period(report: &Report) -> Period {
    report.head.period.into()
}

/// Returns the rows of the table of providers, closest to the threshold first.
fn provider_rows(
    report: &Report,
    axis: &providers::RateAxis,
    calendar: Option<&Calendar>,
) -> Vec<providers::ProviderBar> {
    let until = next_action::until(report);
    let strips = calendar.map_or(&[][..], |calendar| &calendar.strips);
    let other: HashMap<&str, &str> =
        strips.iter().map(|strip| (strip.id.as_str(), strip.nearest.as_str())).collect();
    let context = |of: &ProviderResult| ActionContext {
        until,
        other_period: other.get(of.provider_id.as_str()).copied().unwrap_or_default(),
    };
    let mut rows: Vec<Option<providers::ProviderBar>> =
        providers::rows(&report.measure, axis, context).into_iter().map(Some).collect();
    providers::order(&report.measure).into_iter().filter_map(|at| rows[at].take()).collect()
}

fn columns(trend: &Trend, period: Period) -> Option<WeekColumns> {
    let counts = || trend.course.weeks.iter().map(|week| week.seen);
    (counts().sum::<u64>() > 0).then(|| week_columns(&trend.weeks, counts(), period))
}

fn contents(
    report: &Report,
    has_calendar: bool,
    has_cards: bool,
    has_sides: bool,
    exclusions: &[rules::ExclusionRow],
) -> Vec<Link> {
    let parts = [
        ("trend", "Rate by week", has_cards),
        ("windows", "Reporting periods of the year", has_calendar),
        ("editions", "Comparison of rule sets", has_sides),
        ("quality", "Patients and data quality", true),
        ("rows", "Rows by rule", report.measure.waterfall.is_some()),
        ("decisions", "Review decisions", !report.adjudications.is_empty()),
        ("combined", "Clinicians with several provider ids", !report.measure.combined.is_empty()),
        ("exclusions", "Exclusions", !exclusions.is_empty()),
        ("rules", "Rules and sources", true),
        ("inputs", "Inputs", true),
        ("glossary", "Glossary", true),
    ];
    parts.into_iter().filter(|(.., is_there)| *is_there).map(|(id, text, _)| Link { id, text }).collect()
}

/// Returns the facts in the head of the page: period, last day with data, threshold, and who prepared the report.
pub(crate) fn meta(report: &Report) -> Vec<LabeledValue> {
    let edition = &report.measure.edition;
    let days = pluralize(u64::from(period(report).days().unsigned_abs()), "day", "days");
    let practice = report.head.practice.as_ref();
    let text = |value: Option<String>| value.map_or_else(String::new, |value| escape_control(&value));
    let mut meta = vec![
        LabeledValue::new(
            words::period_name(edition),
            format!("{} ({days})", mucalc_core::domain::calendar::period_text(period(report))),
        ),
        LabeledValue::new("Data through", report.over_time.as_ref().map_or_else(String::new, data_through)),
        LabeledValue::new(
            &format!("Threshold for each {}", words::participant_in_brief(edition)),
            capitalize(&words::threshold_text(edition)),
        ),
        LabeledValue::new("TIN", text(practice.and_then(|practice| practice.tin.clone()))),
        LabeledValue::new(
            "CMS EHR Certification ID",
            text(practice.and_then(|practice| practice.cehrt_id.clone())),
        ),
        LabeledValue::new("Prepared", text(practice.and_then(|practice| practice.prepared()))),
    ];
    meta.retain(|fact| !fact.text.is_empty());
    meta
}

fn data_through(trend: &Trend) -> String {
    let left = match trend.days_left {
        0 => "period complete".to_owned(),
        left => pluralize(u64::from(left), "day left", "days left"),
    };
    format!("{} ({left})", day_text(trend.until))
}

/// Returns how many providers meet the measure, as a sentence.
pub(crate) fn headline(measure: &MeasureResult) -> String {
    let edition = &measure.edition;
    if edition.more_than_percent.is_none() && edition.at_least.is_none() {
        return "The measure is attested with yes or no.".to_owned();
    }
    let all = measure.providers.len() as u64;
    let met = measure.providers.iter().filter(|of| of.verdict == Verdict::Met).count() as u64;
    let verb = if met == 1 { "meets" } else { "meet" };
    format!("{} of {} {verb} the measure.", with_commas(met), words::participants(edition, all))
}

/// Returns the results with the number of providers; results that no provider has are left out.
fn results(measure: &MeasureResult) -> Vec<LabeledValue> {
    let all = [Verdict::Met, Verdict::Indeterminate, Verdict::NotMet, Verdict::NotCalculable];
    let result = |verdict: Verdict| {
        let count = measure.providers.iter().filter(|provider| provider.verdict == verdict).count() as u64;
        let text = format!("{} {}", with_commas(count), words::result_text(verdict));
        (count > 0).then(|| LabeledValue::new(verdict.word(), text))
    };
    all.into_iter().filter_map(result).collect()
}

/// Returns the name of a kind of export, capitalized.
fn called(role: InputRole) -> String {
    capitalize(role.word())
}
