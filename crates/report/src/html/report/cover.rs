//! The cover sheet of an evidence pack: one page for an auditor.

use std::collections::BTreeSet;

use askama::Template;

use crate::html::report::providers::{self, LISTED, RateAxis, left_out};
use crate::html::report::{LabeledValue, attestation, capitalize, inputs, period, rules};
use crate::next_action::ActionContext;
use crate::{RenderError, beside, words};
use mucalc_core::domain::calendar::{day_text, period_text};
use mucalc_core::domain::exclusion::ExclusionStatus;
use mucalc_core::domain::report::{MeasureResult, Report};
use mucalc_core::domain::rule_set_text::RuleSetText;
use mucalc_core::domain::small_cells;
use mucalc_core::domain::subject::NumeratorSubject;
use mucalc_core::domain::text::{pluralize, printable_lines, with_commas};

/// What a cover sheet shows in addition to the report.
#[derive(Clone, Debug, Default)]
pub struct CoverSheet {
    /// The files in the pack: name and description.
    pub parts: Vec<(String, String)>,
    /// How to verify the pack: each command, and what it shows.
    pub commands: Vec<(String, String)>,
    /// How the pack treats patients' data.
    pub privacy: Vec<PackPrivacy>,
    /// Counts from 1 to this number are withheld; 0 if all counts are shown.
    pub withheld: u64,
}

/// How the pack treats one kind of patients' data.
#[derive(Clone, Debug)]
pub struct PackPrivacy {
    /// The label: which data.
    pub label: String,
    /// What was done with these data, as a sentence.
    pub text: String,
}

#[derive(Template)]
#[template(path = "cover.html")]
struct Sheet {
    title: String,
    period: String,
    days: String,
    facts: Vec<LabeledValue>,
    has_error: bool,
    error: String,
    has_providers: bool,
    providers: Vec<providers::ProviderBar>,
    tally: String,
    has_settings: bool,
    settings: Vec<inputs::SettingRow>,
    no_settings: &'static str,
    has_inputs: bool,
    inputs: Vec<inputs::InputRow>,
    parts: Vec<Part>,
    commands: Vec<Part>,
    privacy: Vec<LabeledValue>,
    practice: Vec<LabeledValue>,
    sheets: Vec<attestation::AttestationSheet>,
    tool: String,
    edition_id: String,
    edition_sha256: String,
}

/// A file in the pack, or a command.
struct Part {
    path: String,
    what: String,
}

/// Renders the cover sheet of a pack.
///
/// # Errors
/// If the sheet cannot be rendered, which is a bug.
pub fn cover(report: &Report, book: &RuleSetText, cover: &CoverSheet) -> Result<Vec<u8>, RenderError> {
    let MeasureResult { edition, group, .. } = &report.measure;
    let settings = inputs::settings(report);
    let parts = |all: &[(String, String)]| {
        all.iter().map(|(path, what)| Part { path: path.clone(), what: what.clone() }).collect()
    };
    let days = report.head.period.last.days_since(report.head.period.first) + 1;
    let tally = group.as_ref().filter(|_| cover.withheld == 0);
    let withheld = small_cells::withheld(report, cover.withheld);
    let sheet = Sheet {
        title: edition.title.clone(),
        period: period_text(period(report)),
        days: with_commas(u64::from(days.unsigned_abs())),
        facts: facts(report, book, cover.withheld),
        has_error: report.error.is_some(),
        error: inputs::error(report),
        has_providers: !report.measure.providers.is_empty(),
        providers: rows(&report.measure, &withheld),
        tally: [
            tally.map_or(String::new(), |group| words::group_text(group, edition)),
            left_out(&report.measure),
        ]
        .join(" ")
        .trim()
        .to_owned(),
        has_settings: !settings.is_empty(),
        settings,
        no_settings: match edition.numerator_of {
            NumeratorSubject::Accesses => {
                "The configuration names no product. The log of accesses was taken as that of certified technology."
            }
            _ => {
                "The configuration names no product. The channel ehr-portal was taken as certified, and no other."
            }
        },
        has_inputs: !report.inputs.is_empty(),
        inputs: inputs(report, cover.withheld),
        parts: parts(&cover.parts),
        commands: parts(&cover.commands),
        privacy: cover
            .privacy
            .iter()
            .map(|privacy| LabeledValue::new(&privacy.label, privacy.text.clone()))
            .collect(),
        practice: practice(report),
        sheets: attestation::sheets(report, book, cover.withheld > 0, &withheld),
        tool: inputs::tool(report),
        edition_id: edition.id.clone(),
        edition_sha256: edition.sha256.clone(),
    };
    // Escapes control characters from outside. The template itself contains none except line feeds, which are kept.
    Ok(printable_lines(&sheet.render()?).into_bytes())
}

/// Returns the practice and who prepared the pack, with blanks to fill in for values that the configuration does not have.
fn practice(report: &Report) -> Vec<LabeledValue> {
    let practice = report.head.practice.clone().unwrap_or_default();
    let told = |value: Option<String>| value.unwrap_or_else(|| "____________________".to_owned());
    vec![
        LabeledValue::new("Practice", told(practice.name.clone())),
        LabeledValue::new("TIN", told(practice.tin.clone())),
        LabeledValue::new("CMS EHR Certification ID", told(practice.cehrt_id.clone())),
        LabeledValue::new("Prepared", told(practice.prepared())),
    ]
}

/// Returns the providers; those in `withheld` have neither their counts nor the rate, from which the counts could be derived.
fn rows(measure: &MeasureResult, withheld: &BTreeSet<String>) -> Vec<providers::ProviderBar> {
    let mut rows = providers::rows(measure, &RateAxis::new(measure), |_| ActionContext::default());
    for (row, provider) in rows.iter_mut().zip(&measure.providers) {
        if withheld.contains(&provider.provider_id) {
            for figure in [&mut row.rate, &mut row.numerator, &mut row.denominator] {
                *figure = "withheld".to_owned();
            }
        }
    }
    rows
}

fn facts(report: &Report, book: &RuleSetText, withheld: u64) -> Vec<LabeledValue> {
    let MeasureResult { edition, credit, policies, .. } = &report.measure;
    let computed = format!(
        "{}. For each provider: of the unique patients seen in the reporting period (denominator), how many {} (numerator).",
        edition.title,
        words::action_text(edition.numerator_of)
    );
    let source = match book.source.cite.as_str() {
        "" => String::new(),
        cite => format!(". Source: {cite} ({})", book.source.confidence),
    };
    let zone = report.head.timezone.as_ref().map_or(String::new(), |zone| format!("; time zone {zone}"));
    let choices = words::choices_text(policies);
    let threshold = rules::facts(report, book).into_iter().find(|fact| fact.label == "Threshold");
    let assumed = if withheld == 0 { beside::assumed(report) } else { beside::assumed_without_rows(report) };
    let made: String = beside::all_choices(report).iter().map(|choice| format!("; {choice}")).collect();
    let unusable =
        if withheld == 0 { beside::unusable(report) } else { beside::unusable_without_rows(report) };
    let missing = if withheld == 0 { beside::missing(report) } else { beside::missing_without_rows(report) };
    let mut facts = vec![
        LabeledValue::new("Unusable rows", unusable.unwrap_or_default()),
        LabeledValue::new("Missing rows", missing.unwrap_or_default()),
        LabeledValue::new(
            "Assumed",
            assumed.as_deref().and_then(|line| line.strip_prefix("Assumed: ")).unwrap_or_default(),
        ),
        LabeledValue::new("Measure", computed),
        LabeledValue::new("Attestation date", report.head.attested.map_or(String::new(), day_text)),
        LabeledValue::new(
            "Threshold",
            threshold.map_or_else(|| capitalize(&words::threshold_text(edition)), |fact| fact.text),
        ),
        LabeledValue::new("Rules", format!("Rule set {}{source}", edition.id)),
        LabeledValue::new(
            "Settings",
            format!(
                "Attribution {}; policy settings {choices}; layout {}{zone}{made}",
                credit.word(),
                report.head.layout
            ),
        ),
        LabeledValue::new("Note", edition.notes.join(" ")),
        LabeledValue::new("Other rule sets", beside(report, withheld)),
        LabeledValue::new("Locations with CEHRT", gates(report, withheld)),
        LabeledValue::new("Exclusions", exclusions(report)),
        LabeledValue::new("Review decisions", decisions(report, withheld)),
        LabeledValue::new("Data quality findings", findings(report, withheld)),
        LabeledValue::new("SHA-256 of the rule set", edition.sha256.clone()),
    ];
    facts.retain(|fact| !fact.text.is_empty());
    facts
}

/// Returns the other rule sets that were applied.
fn beside(report: &Report, withheld: u64) -> String {
    let one = |measure: &MeasureResult| match &measure.group {
        Some(group) if withheld == 0 => {
            format!("{}: {}", measure.edition.id, words::group_text(group, &measure.edition))
        }
        _ => measure.edition.id.clone(),
    };
    report.alongside.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Returns which providers are not shown to have had half of their encounters at locations with certified EHR technology.
///
/// The text also covers the encounters that are counted on that condition (B40, B41).
fn gates(report: &Report, withheld: u64) -> String {
    let measure = &report.measure;
    let open = measure.providers.iter().filter_map(|provider| {
        let of = provider.cehrt_locations.as_ref().filter(|of| of.at_least_half != ExclusionStatus::Yes)?;
        let text = match (withheld, of.at_least_half) {
            (0, _) => words::cehrt_locations_text(of).trim().trim_end_matches('.').to_owned(),
            (_, applies) => words::cehrt_requirement_text(applies).to_owned(),
        };
        Some(format!("{}: {text}", provider.provider_id))
    });
    let open: Vec<String> = open.collect();
    let listed = match open.len() {
        0 => String::new(),
        1..=LISTED => format!("{}.", open.join("; ")),
        count => format!(
            "For {}, the separate requirement of 50% is not met or unresolved; report.json lists them.",
            pluralize(count as u64, "provider", "providers")
        ),
    };
    format!("{listed}{}", words::numerator_source_text(measure)).trim().to_owned()
}

/// Returns the exclusions that apply by the encounters; the professional claims them at attestation.
fn exclusions(report: &Report) -> String {
    let of = |provider: &mucalc_core::domain::provider::ProviderResult| {
        let applies =
            provider.exclusions.iter().filter(|exclusion| exclusion.applies == ExclusionStatus::Yes);
        let ids: Vec<&str> = applies.map(|exclusion| exclusion.id.as_str()).collect();
        (!ids.is_empty()).then(|| format!("{}: {}", provider.provider_id, ids.join(", ")))
    };
    let told: Vec<String> = report.measure.providers.iter().filter_map(of).collect();
    match told.len() {
        0 => String::new(),
        1..=LISTED => {
            format!("Apply if the exports are complete, and are claimed at attestation: {}", told.join("; "))
        }
        count => format!(
            "Apply if the exports are complete, and are claimed at attestation: for {}, which report.json lists",
            pluralize(count as u64, "provider", "providers")
        ),
    }
}

fn decisions(report: &Report, withheld: u64) -> String {
    match report.adjudications.len() as u64 {
        0 => String::new(),
        _ if withheld > 0 => "The counts include review decisions.".to_owned(),
        count => format!("The counts include {}.", pluralize(count, "review decision", "review decisions")),
    }
}

fn findings(report: &Report, withheld: u64) -> String {
    match withheld {
        0 => {
            inputs::findings_sentence(report).replace(" Only the first place of each kind is named here.", "")
        }
        _ => format!("{} of findings", pluralize(report.findings.len() as u64, "kind", "kinds")),
    }
}

/// Returns the inputs; without numbers of rows if small counts are withheld.
fn inputs(report: &Report, withheld: u64) -> Vec<inputs::InputRow> {
    let mut inputs = inputs::inputs(report);
    for input in inputs.iter_mut().filter(|_| withheld > 0) {
        for number in [&mut input.rows, &mut input.rejected, &mut input.aside, &mut input.size] {
            *number = "withheld".to_owned();
        }
    }
    inputs
}
