//! The cover sheet of an evidence pack: one page for an auditor.

use askama::Template;

use crate::domain::lawbook::Lawbook;
use crate::domain::report::{Measure, Report};
use crate::domain::text::thousands;
use crate::report::page::providers::{self, Axis};
use crate::report::page::{Fact, capital, law, run};
use crate::report::{RenderError, words};

/// What a cover sheet says beside the report.
#[derive(Clone, Debug, Default)]
pub struct Cover {
    /// The parts of the pack: name, and what it is.
    pub parts: Vec<(String, String)>,
    /// How to check it: command, and what it shows.
    pub commands: Vec<(String, String)>,
    /// What became of patients' data: label and sentence.
    pub privacy: Vec<Privacy>,
    /// Counts from 1 to this are not shown; 0 where all are.
    pub withheld: u64,
}

/// What became of some of the patients' data.
#[derive(Clone, Debug)]
pub struct Privacy {
    /// What it is about.
    pub label: String,
    /// What became of it.
    pub text: String,
}

#[derive(Template)]
#[template(path = "cover.html")]
struct Sheet {
    title: String,
    period: String,
    days: String,
    facts: Vec<Fact>,
    has_error: bool,
    error: String,
    has_providers: bool,
    providers: Vec<providers::Row>,
    tally: String,
    has_settings: bool,
    settings: Vec<run::Setting>,
    has_inputs: bool,
    inputs: Vec<run::InputRow>,
    parts: Vec<Part>,
    commands: Vec<Part>,
    privacy: Vec<Fact>,
    tool: String,
    edition_id: String,
    edition_sha256: String,
}

/// A part of the pack, or a command.
struct Part {
    path: String,
    what: String,
}

/// The cover sheet of a pack.
///
/// # Errors
/// When it cannot be written out, which would be a defect of the program.
pub fn cover(report: &Report, book: &Lawbook, cover: &Cover) -> Result<Vec<u8>, RenderError> {
    let Measure { edition, group, .. } = &report.measure;
    let mut settings = run::settings(report);
    settings.retain(|setting| setting.kind == "channel");
    let parts = |all: &[(String, String)]| {
        all.iter().map(|(path, what)| Part { path: path.clone(), what: what.clone() }).collect()
    };
    let days = report.period.last.after(report.period.first) + 1;
    let tally = group.as_ref().filter(|_| cover.withheld == 0);
    let sheet = Sheet {
        title: edition.title.clone(),
        period: format!("{} to {}", report.period.first, report.period.last),
        days: thousands(u64::from(days.unsigned_abs())),
        facts: facts(report, book),
        has_error: report.error.is_some(),
        error: run::error(report),
        has_providers: !report.measure.providers.is_empty(),
        providers: rows(&report.measure, cover.withheld),
        tally: tally.map_or(String::new(), |group| words::group(group, edition)),
        has_settings: !settings.is_empty(),
        settings,
        has_inputs: !report.inputs.is_empty(),
        inputs: run::inputs(report),
        parts: parts(&cover.parts),
        commands: parts(&cover.commands),
        privacy: cover
            .privacy
            .iter()
            .map(|privacy| Fact::new(&privacy.label, privacy.text.clone()))
            .collect(),
        tool: run::tool(report),
        edition_id: edition.id.clone(),
        edition_sha256: edition.sha256.clone(),
    };
    Ok(sheet.render()?.into_bytes())
}

/// The providers; where small counts are withheld, without them and without what they could be worked out from.
fn rows(measure: &Measure, withheld: u64) -> Vec<providers::Row> {
    let mut rows = providers::rows(measure, &Axis::new(measure));
    for (row, provider) in rows.iter_mut().zip(&measure.providers) {
        let is_small = |of: crate::domain::score::Bounds| {
            [of.least, of.most].into_iter().any(|count| (1..=withheld).contains(&count))
        };
        let (numerator, denominator) = (is_small(provider.numerator), is_small(provider.denominator));
        let small = format!("1–{withheld}");
        if numerator || denominator {
            row.rate = "withheld".to_owned();
            if numerator {
                row.numerator.clone_from(&small);
            }
            if denominator {
                row.denominator = small;
            }
        }
    }
    rows
}

fn facts(report: &Report, book: &Lawbook) -> Vec<Fact> {
    let Measure { edition, credit, policies, .. } = &report.measure;
    let computed = format!(
        "{}. For each provider: of the unique patients seen in the reporting period (denominator), how many {} (numerator).",
        edition.title,
        words::did(edition.numerator_of)
    );
    let source = match book.source.cite.as_str() {
        "" => String::new(),
        cite => format!(". Source: {cite} ({})", book.source.confidence),
    };
    let zone = report.timezone.as_ref().map_or(String::new(), |zone| format!("; time zone {zone}"));
    let choices = words::choices(policies);
    let threshold = law::facts(report, book).into_iter().find(|fact| fact.label == "Threshold");
    let mut facts = vec![
        Fact::new("Computed", computed),
        Fact::new("Day of attestation", report.attested.map_or(String::new(), |day| day.to_string())),
        Fact::new(
            "Threshold",
            threshold.map_or_else(|| capital(&words::threshold(edition)), |fact| fact.text),
        ),
        Fact::new("Rules", format!("Edition {}{source}", edition.id)),
        Fact::new(
            "Choices",
            format!("Credit {}; policies {choices}; layout {}{zone}", credit.word(), report.layout),
        ),
        Fact::new("Note", edition.notes.join(" ")),
        Fact::new("SHA-256 of the edition", edition.sha256.clone()),
    ];
    facts.retain(|fact| !fact.text.is_empty());
    facts
}
