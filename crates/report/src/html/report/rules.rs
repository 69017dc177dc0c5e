//! The section on the rules that were applied, with their sources.

use std::collections::BTreeMap;

use crate::html::report::providers::LISTED;
use crate::html::report::{DASH, LabeledValue, capitalize};
use crate::{beside, words};
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::calendar::day_text;
use mucalc_core::domain::exclusion::ExclusionStatus;
use mucalc_core::domain::report::{AttritionStep, MeasureResult, Report};
use mucalc_core::domain::rule_set_text::{PeriodText, RuleSetText, RuleText};
use mucalc_core::domain::text::{pluralize, with_commas};

/// The rules of the denominator or the numerator.
pub struct RuleTable {
    pub title: String,
    pub rules: Vec<RuleRow>,
}

/// A row of a table of rules.
pub struct RuleRow {
    pub number: usize,
    pub id: String,
    pub asks: String,
    pub decides: String,
    pub why: String,
    pub source: String,
    pub confidence: &'static str,
    /// The number of rows that the rule decided.
    pub rows: String,
}

/// A policy setting.
pub struct PolicyRow {
    pub id: String,
    pub question: String,
    pub choice: String,
    pub choices: String,
    pub why: String,
    pub source: String,
    pub confidence: &'static str,
}

/// An exclusion, with the providers grouped by whether it applies.
pub struct ExclusionRow {
    pub id: String,
    pub text: String,
    pub source: String,
    pub confidence: &'static str,
    pub answers: Vec<ExclusionAnswer>,
}

/// Whether the exclusion applies by the encounters, and to which providers.
pub struct ExclusionAnswer {
    pub answer: &'static str,
    pub who: String,
}

/// Returns facts about the rule set and the settings of the run.
pub fn facts(report: &Report, book: &RuleSetText) -> Vec<LabeledValue> {
    let MeasureResult { edition, credit, .. } = &report.measure;
    let credit = match credit {
        AttributionMode::Strict => "strict: for the provider whom it is addressed to",
        AttributionMode::Group => "group: for every provider of the same group who saw the patient",
    };
    let source = match book.source.cite.as_str() {
        "" => String::new(),
        cite => format!("{cite} ({})", book.source.confidence),
    };
    let mut facts = vec![
        LabeledValue::new("Rule set", format!("{}: {}", edition.id, edition.title)),
        LabeledValue::new("Program", program(book)),
        LabeledValue::new("Source", source),
        LabeledValue::new("Allowed reporting periods", allowed_periods(book)),
        LabeledValue::new("Threshold", capitalize(&words::threshold_text(edition))),
        LabeledValue::new("Attribution of messages", credit),
        LabeledValue::new("Layout of the inputs", report.head.layout.clone()),
        LabeledValue::new("Settings", beside::choices(report).join("; ")),
        LabeledValue::new(
            "Time zone",
            report.head.timezone.clone().unwrap_or_else(|| "not given".to_owned()),
        ),
        LabeledValue::new("Attestation date", report.head.attested.map_or("not given".to_owned(), day_text)),
        LabeledValue::new("SHA-256 of the rule set", edition.sha256.clone()),
    ];
    facts.retain(|fact| !fact.text.is_empty());
    facts
}

/// Returns the program of a rule set with its years.
pub fn program(book: &RuleSetText) -> String {
    match book.years.as_str() {
        "" => book.program.clone(),
        years if years.contains(" to ") => format!("{}, program years {years}", book.program),
        year => format!("{}, program year {year}", book.program),
    }
}

/// Returns the reporting periods that the program allows, each with its source.
fn allowed_periods(book: &RuleSetText) -> String {
    let one = |period: &PeriodText| {
        let PeriodText { participants, allowed, source, .. } = period;
        format!("{participants}: {allowed} ({}, {})", source.cite, source.confidence)
    };
    book.periods.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Returns the rules of the denominator and the numerator, with the number of rows that each decided.
pub fn tables(measure: &MeasureResult, book: &RuleSetText) -> Vec<RuleTable> {
    let waterfall = measure.waterfall.clone().unwrap_or_default();
    let numerator = [waterfall.messages, waterfall.accesses].concat();
    [
        ("Denominator rules, for each encounter", &book.denominator, &waterfall.encounters),
        ("Numerator rules, for each message or access", &book.numerator, &numerator),
    ]
    .into_iter()
    .filter(|(_, rules, _)| !rules.is_empty())
    .map(|(title, rules, buckets)| table(title, rules, buckets))
    .collect()
}

fn table(title: &str, rules: &[RuleText], buckets: &[AttritionStep]) -> RuleTable {
    let judged: BTreeMap<&str, u64> =
        buckets.iter().map(|bucket| (bucket.rule.as_str(), bucket.rows)).collect();
    let rule = |(at, rule): (usize, &RuleText)| RuleRow {
        number: at + 1,
        id: rule.id.clone(),
        asks: rule.asks.clone(),
        decides: rule.decides.clone(),
        why: rule.why.clone(),
        source: rule.source.cite.clone(),
        confidence: rule.source.confidence,
        rows: judged.get(rule.id.as_str()).map_or(DASH.to_owned(), |rows| with_commas(*rows)),
    };
    RuleTable { title: title.to_owned(), rules: rules.iter().enumerate().map(rule).collect() }
}

/// Returns the policies, with the settings that were applied.
pub fn policies(measure: &MeasureResult, book: &RuleSetText) -> Vec<PolicyRow> {
    let policy = |policy: &mucalc_core::domain::rule_set_text::PolicyText| PolicyRow {
        id: policy.name.clone(),
        question: policy.asks.clone(),
        choice: measure.policies.get(&policy.name).unwrap_or(&policy.choice).clone(),
        choices: policy.choices.clone(),
        why: policy.why.clone(),
        source: policy.source.cite.clone(),
        confidence: policy.source.confidence,
    };
    book.policies.iter().map(policy).collect()
}

/// Returns the exclusions, and whether each applies to each provider by the encounters.
pub fn exclusions(measure: &MeasureResult, book: &RuleSetText) -> Vec<ExclusionRow> {
    let answers = [
        (ExclusionStatus::Yes, "Applies according to the encounters"),
        (ExclusionStatus::No, "Does not apply according to the encounters"),
        (ExclusionStatus::Unclear, "Unresolved"),
        (ExclusionStatus::NotComputed, "Not calculated: the inputs do not show it"),
    ];
    let exclusion = |exclusion: &mucalc_core::domain::rule_set_text::ExclusionText| {
        let answer = |(applies, answer): (ExclusionStatus, &'static str)| {
            let is_so = |of: &&mucalc_core::domain::provider::ProviderResult| {
                of.exclusions.iter().any(|one| one.id == exclusion.id && one.applies == applies)
            };
            let who: Vec<&str> = measure
                .providers
                .iter()
                .filter(is_so)
                .map(|provider| provider.provider_id.as_str())
                .collect();
            let all = who.len() > 1 && who.len() == measure.providers.len();
            let told = match who.len() {
                _ if all => "all providers".to_owned(),
                0..=LISTED => who.join(", "),
                count => pluralize(count as u64, "provider", "providers"),
            };
            (!who.is_empty()).then_some(ExclusionAnswer { answer, who: told })
        };
        ExclusionRow {
            id: exclusion.id.clone(),
            text: exclusion.text.clone(),
            source: exclusion.source.cite.clone(),
            confidence: exclusion.source.confidence,
            answers: answers.into_iter().filter_map(answer).collect(),
        }
    };
    book.exclusions.iter().map(exclusion).collect()
}
