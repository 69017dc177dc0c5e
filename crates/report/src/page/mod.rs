//! Renders a report as one HTML page, which needs no script, network, or other file, and prints well.

mod attestation;
mod cover;
mod fall;
mod law;
mod providers;
mod run;
mod sides;
mod time;

use askama::Template;

use crate::{RenderError, beside, words};
use mucalc_core::domain::glossary::{GlossaryTerm, TERMS};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::report::{MeasureResult, Report};
use mucalc_core::domain::rule_set_text::RuleSetText;
use mucalc_core::domain::text::{capital, counted, printable_lines, thousands};
use mucalc_core::domain::verdict::Verdict;

pub use cover::{CoverSheet, PackPrivacy, cover};

/// Renders a report as a page. `books` are the rule set texts of the report's measures, in the same order.
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
    title: String,
    period: String,
    has_error: bool,
    error: String,
    /// The practice, and who prepared the report.
    practice: Vec<String>,
    /// Unusable and missing rows, and assumptions.
    cautions: Vec<String>,
    notes: Vec<String>,
    contents: Vec<Link>,
    figures: Vec<LabeledValue>,
    counting: &'static str,
    threshold: String,
    has_threshold: bool,
    threshold_x: u64,
    ticks: Vec<providers::Tick>,
    has_providers: bool,
    has_tools: bool,
    providers: Vec<providers::ProviderBar>,
    tally: String,
    has_sides: bool,
    side_heads: Vec<sides::ComparisonHead>,
    sides: Vec<sides::ComparisonRow>,
    has_charts: bool,
    charts: Vec<time::TrendChart>,
    has_strips: bool,
    strips_sentence: String,
    strips_caption: String,
    strips: Vec<time::StripRow>,
    has_pictures: bool,
    pictures: Vec<fall::AttritionChart>,
    grids: Vec<fall::AttritionGrid>,
    findings_sentence: String,
    has_findings: bool,
    findings: Vec<run::FindingRow>,
    has_decisions: bool,
    decisions: Vec<run::DecisionRow>,
    has_combined: bool,
    combined: Vec<run::ClinicianRow>,
    has_exclusions: bool,
    exclusions: Vec<law::ExclusionRow>,
    facts: Vec<LabeledValue>,
    rule_tables: Vec<law::RuleTable>,
    has_policies: bool,
    policies: Vec<law::PolicyRow>,
    has_settings: bool,
    settings: Vec<run::SettingRow>,
    has_inputs: bool,
    inputs: Vec<run::InputRow>,
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

/// A label with a text and a note.
pub struct LabeledValue {
    label: String,
    text: String,
    note: String,
}

impl LabeledValue {
    fn new(label: &str, text: impl Into<String>) -> Self {
        Self { label: label.to_owned(), text: text.into(), note: String::new() }
    }
}

/// The text for a missing value.
const DASH: &str = "–";

/// The page has search and sort controls if there are more providers than this.
const MANY: usize = 5;

fn page(report: &Report, book: &RuleSetText) -> HtmlPage {
    let MeasureResult { edition, group, .. } = &report.measure;
    let axis = providers::RateAxis::new(&report.measure);
    let rows = providers::rows(&report.measure, &axis);
    let left_out = Some(providers::left_out(&report.measure)).filter(|note| !note.is_empty());
    let pictures = fall::pictures(report);
    let settings = run::settings(report);
    let (policies, exclusions) =
        (law::policies(&report.measure, book), law::exclusions(&report.measure, book));
    let sides = sides::rows(report);
    let (has_sides, has_decisions) = (!sides.is_empty(), !report.adjudications.is_empty());
    let has_combined = !report.measure.combined.is_empty();
    let over_time = report.over_time.as_ref();
    let charts = over_time.map_or_else(Vec::new, |over_time| time::charts(over_time, &report.measure));
    let windows = over_time.and_then(|over_time| over_time.windows.as_ref());
    let strips = windows.map_or_else(Vec::new, time::strips);
    let empty = [
        ("charts", charts.is_empty()),
        ("windows", strips.is_empty()),
        ("editions", !has_sides),
        ("rows", pictures.is_empty()),
        ("decisions", !has_decisions),
        ("combined", !has_combined),
        ("exclusions", exclusions.is_empty()),
    ];
    let is_there = |(id, _): &(&str, &str)| !empty.contains(&(*id, true));
    let contents = CONTENTS.into_iter().filter(is_there).map(|(id, text)| Link { id, text }).collect();
    HtmlPage {
        contents,
        title: edition.title.clone(),
        period: words::period_line(&report.head, &report.measure.edition),
        has_error: report.error.is_some(),
        error: run::error(report),
        practice: words::practice_lines(&report.head),
        cautions: beside::cautions(report),
        notes: edition.notes.iter().cloned().chain(left_out).collect(),
        figures: figures(report),
        counting: words::did(edition.numerator_of),
        threshold: words::threshold(edition),
        has_threshold: axis.threshold.is_some(),
        threshold_x: axis.threshold.unwrap_or_default(),
        has_providers: !rows.is_empty(),
        has_tools: rows.len() > MANY,
        providers: rows,
        ticks: axis.ticks,
        tally: group.as_ref().map_or(String::new(), |group| words::group(group, edition)),
        has_sides,
        side_heads: sides::heads(report),
        sides,
        has_charts: !charts.is_empty(),
        charts,
        has_strips: !strips.is_empty(),
        strips_sentence: windows.map_or_else(String::new, time::strips_sentence),
        strips_caption: windows.map_or_else(String::new, time::strips_caption),
        strips,
        has_pictures: !pictures.is_empty(),
        pictures,
        grids: fall::grids(&report.measure),
        findings_sentence: run::findings_sentence(report),
        has_findings: !report.findings.is_empty(),
        findings: run::findings(report),
        has_decisions,
        decisions: run::decisions(report),
        has_combined,
        combined: run::persons(&report.measure),
        has_exclusions: !exclusions.is_empty(),
        exclusions,
        facts: law::facts(report, book),
        rule_tables: law::tables(&report.measure, book),
        has_policies: !policies.is_empty(),
        policies,
        has_settings: !settings.is_empty(),
        settings,
        has_inputs: !report.inputs.is_empty(),
        inputs: run::inputs(report),
        glossary: TERMS,
        tool: run::tool(report),
        edition_id: edition.id.clone(),
        edition_sha256: edition.sha256.clone(),
    }
}

const CONTENTS: [(&str, &str); 12] = [
    ("providers", "Providers"),
    ("editions", "Comparison of rule sets"),
    ("charts", "Weekly trend"),
    ("windows", "Other reporting periods"),
    ("rows", "How rows were counted"),
    ("findings", "Data quality findings"),
    ("decisions", "Review decisions"),
    ("combined", "Clinicians with several provider ids"),
    ("exclusions", "Exclusions"),
    ("rules", "Rules and sources"),
    ("inputs", "Inputs"),
    ("glossary", "Glossary"),
];

/// Returns the key figures at the top of the page.
fn figures(report: &Report) -> Vec<LabeledValue> {
    let MeasureResult { edition, group, providers, .. } = &report.measure;
    let Some(group) = group else { return Vec::new() };
    let verdicts =
        [Verdict::Met, Verdict::NotMet, Verdict::Indeterminate, Verdict::NotCalculable].map(|verdict| {
            let count = providers.iter().filter(|provider| provider.verdict == verdict).count() as u64;
            (count > 0).then(|| format!("{} {}", thousands(count), words::verdict(verdict)))
        });
    let verdicts: Vec<String> = verdicts.into_iter().flatten().collect();
    let limit = edition.more_than_percent.map(|percent| format!("exactly {percent}% is not enough"));
    let days = report.head.period.last.after(report.head.period.first) + 1;
    vec![
        LabeledValue {
            label: "Providers who meet the measure".to_owned(),
            text: format!("{} of {}", thousands(group.providers_met), thousands(group.providers)),
            note: verdicts.join(", "),
        },
        LabeledValue {
            label: "Practice total".to_owned(),
            text: format!("{} of {}", words::bounds(group.numerator), words::bounds(group.denominator)),
            note: format!("unique patients seen who {}", words::did(edition.numerator_of)),
        },
        LabeledValue {
            label: "Threshold for each provider".to_owned(),
            text: capital(&words::threshold(edition)),
            note: limit.unwrap_or_default(),
        },
        LabeledValue {
            label: "Length of the reporting period".to_owned(),
            text: counted(u64::from(days.unsigned_abs()), "day", "days"),
            note: "including the first and the last day".to_owned(),
        },
    ]
}

/// Returns the name of a kind of export, capitalized.
fn called(role: InputRole) -> String {
    capital(role.word())
}
