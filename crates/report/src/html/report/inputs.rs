//! The inputs, settings, findings, and review decisions of a run.

use crate::html::report::{DASH, LabeledValue, called};
use crate::{beside, words};
use mucalc_core::domain::calendar::day_text;
use mucalc_core::domain::finding::{FindingCode, Severity};
use mucalc_core::domain::report::{FractionRange, MeasureResult, Report};
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{escape_control, pluralize, with_commas};
use mucalc_core::domain::verdict::Verdict;

/// A row of the inputs.
pub struct InputRow {
    pub role: &'static str,
    pub path: String,
    pub rows: String,
    pub rejected: String,
    pub aside: String,
    pub size: String,
    pub sha256: String,
    pub note: String,
}

/// A channel or a location of the configuration.
pub struct SettingRow {
    pub kind: &'static str,
    pub name: String,
    pub certified: &'static str,
    pub product: String,
    pub chpl_id: String,
    pub days: String,
}

/// A row of the findings.
pub struct FindingRow {
    pub severity: &'static str,
    pub code: &'static str,
    pub text: &'static str,
    pub number: String,
    pub place: String,
}

/// A review decision.
pub struct DecisionRow {
    pub about: &'static str,
    pub decision: String,
    pub by: String,
    pub on: String,
    pub reason: String,
    pub settled: String,
    pub place: String,
}

/// A clinician with several provider ids.
pub struct ClinicianRow {
    pub name: String,
    pub ids: String,
    pub systems: String,
    pub summed: String,
    pub summed_verdict: &'static str,
    pub summed_word: &'static str,
    pub once: String,
    pub once_verdict: &'static str,
    pub once_word: &'static str,
}

/// Returns the name and version of the program, and the provenance if it is known.
pub fn tool(report: &Report) -> String {
    let stamp =
        report.stamp.as_ref().map_or(String::new(), |stamp| format!(". {}", words::provenance_text(stamp)));
    format!("{} {}{stamp}", report.head.tool.name, report.head.tool.version)
}

/// Returns why there is no result; empty if there is one.
pub fn error(report: &Report) -> String {
    report.error.as_ref().map_or(String::new(), |error| {
        let place = error.place.as_ref().map_or(String::new(), |place| format!(" ({})", self::place(place)));
        format!("{}: {}{place}", error.code, error.message)
    })
}

/// Returns the inputs that were read.
pub fn inputs(report: &Report) -> Vec<InputRow> {
    let row = |input: &mucalc_core::domain::input::InputSummary| InputRow {
        role: input.role.word(),
        path: if input.path == "-" { "standard input".to_owned() } else { escape_control(&input.label()) },
        rows: with_commas(input.rows),
        rejected: with_commas(input.rejected),
        aside: with_commas(input.aside),
        size: with_commas(input.bytes),
        sha256: input.sha256.clone().unwrap_or_else(|| "not computed".to_owned()),
        note: match input.absent.as_slice() {
            [] => String::new(),
            absent => {
                format!("Missing columns: {}. Their values are unknown for every row.", absent.join(", "))
            }
        },
    };
    report.inputs.iter().map(row).collect()
}

/// Returns which channels and locations the configuration certifies.
pub fn settings(report: &Report) -> Vec<SettingRow> {
    let certified = |certified: bool| if certified { "certified" } else { "not certified" };
    let channel = |channel: &mucalc_core::domain::report::ChannelSummary| {
        let from = channel.from.map(|day| format!("from {}", day_text(day)));
        let until = channel.until.map(|day| format!("until {}", day_text(day)));
        let days: Vec<String> = from.into_iter().chain(until).collect();
        SettingRow {
            kind: "channel",
            name: escape_control(&channel.name),
            certified: certified(channel.certified),
            product: dash(&channel.product),
            chpl_id: dash(&channel.chpl_id),
            days: if days.is_empty() { "whole period".to_owned() } else { days.join(" ") },
        }
    };
    let location = |(name, is_certified): (&String, &bool)| SettingRow {
        kind: "location",
        name: escape_control(name),
        certified: certified(*is_certified),
        product: DASH.to_owned(),
        chpl_id: DASH.to_owned(),
        days: "whole period".to_owned(),
    };
    report.channels.iter().map(channel).chain(report.locations.iter().map(location)).collect()
}

/// Returns the rows of each kind of export, assumptions, and how the ids of messages match those of encounters.
pub fn quality(report: &Report) -> Vec<LabeledValue> {
    let input = |input: &mucalc_core::domain::input::InputSummary| {
        let parts = [(input.unusable(), "unusable"), (input.aside, "skipped by the layout")];
        let parts = parts.into_iter().filter(|(rows, _)| *rows > 0);
        let parts: String = parts.map(|(rows, what)| format!(", {} {what}", with_commas(rows))).collect();
        LabeledValue::new(&called(input.role), format!("{}{parts}", pluralize(input.rows, "row", "rows")))
    };
    let ids = report.measure.matched.as_ref().and_then(beside::matched);
    let ids = ids.map(|ids| LabeledValue::new("ID check", format!("{}.", words::without_backticks(&ids))));
    report.inputs.iter().map(input).chain(ids).collect()
}

/// Returns the findings, the most severe first.
pub fn findings(report: &Report) -> Vec<FindingRow> {
    let mut findings: Vec<&mucalc_core::domain::finding::Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let row = |finding: &mucalc_core::domain::finding::Finding| FindingRow {
        severity: finding.severity.word(),
        code: finding.code,
        text: FindingCode::parse(finding.code).map_or("", FindingCode::meaning),
        number: with_commas(finding.count),
        place: place(&finding.first),
    };
    findings.into_iter().map(row).collect()
}

/// Returns the findings in one sentence.
pub fn findings_sentence(report: &Report) -> String {
    let count = |severity: Severity| {
        report
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .map(|finding| finding.count)
            .sum::<u64>()
    };
    let all = [
        (Severity::Error, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Note, "note", "notes"),
    ];
    let told =
        all.map(|(severity, one, many)| (count(severity) > 0).then(|| pluralize(count(severity), one, many)));
    let told: Vec<String> = told.into_iter().flatten().collect();
    match told.as_slice() {
        [] if report.error.is_some() => "The run stopped before all data were checked.".to_owned(),
        [] => "No data quality findings.".to_owned(),
        told => format!(
            "{} in {}. Only the first place of each kind is named here.",
            told.join(", "),
            pluralize(report.findings.len() as u64, "kind", "kinds")
        ),
    }
}

/// Returns the review decisions.
pub fn decisions(report: &Report) -> Vec<DecisionRow> {
    let row = |decided: &mucalc_core::domain::adjudication::AppliedAdjudication| DecisionRow {
        about: decided.about,
        decision: decided.decision.word().replace('-', " "),
        by: dash(&decided.by),
        on: dash(&decided.on),
        reason: dash(&decided.reason),
        settled: with_commas(decided.settled),
        place: place(&decided.place),
    };
    report.adjudications.iter().map(row).collect()
}

/// Returns the clinicians with several provider ids.
pub fn persons(measure: &MeasureResult) -> Vec<ClinicianRow> {
    let both = |of: FractionRange| {
        format!("{} of {}", words::range_text(of.numerator), words::range_text(of.denominator))
    };
    let key = |verdict: Verdict| (verdict.word(), words::result_text(verdict));
    let person = |combined: &mucalc_core::domain::report::ClinicianResult| {
        let ((summed_verdict, summed_word), (once_verdict, once_word)) =
            (key(combined.summed_verdict), key(combined.once_verdict));
        ClinicianRow {
            name: escape_control(combined.name.as_ref().unwrap_or(&combined.npi)),
            ids: escape_control(&format!("{}, NPI {}", combined.provider_ids.join(", "), combined.npi)),
            systems: match combined.cehrt_ids.as_slice() {
                [] => DASH.to_owned(),
                systems => escape_control(&systems.join(", ")),
            },
            summed: both(combined.summed),
            summed_verdict,
            summed_word,
            once: both(combined.once),
            once_verdict,
            once_word,
        }
    };
    measure.combined.iter().map(person).collect()
}

/// Returns an escaped text from outside, or a dash if there is none.
fn dash(text: &Option<String>) -> String {
    text.as_deref().map_or(DASH.to_owned(), escape_control)
}

fn place(place: &SourceLocation) -> String {
    let line = place.line.map_or(String::new(), |line| format!(", line {}", with_commas(line)));
    let column = place.column.as_ref().map_or(String::new(), |column| format!(", column {column}"));
    escape_control(&format!("{}{line}{column}", place.file))
}
