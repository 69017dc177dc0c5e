//! Renders as text and JSON why a patient is in the numerator or not.

use std::fmt::Write as _;
use std::io::Write;

use serde::Serialize;

use crate::html::document;
use crate::{PageFormat, RenderError, TerminalStyle, beside, words};
use mucalc_core::domain::calendar::numeric_text;
use mucalc_core::domain::explanation::{
    AdjudicationNote, AttributedProvider, AttributionBasis, Blocker, ColumnValue, ExplainedRow, Explanation,
    PatientExplanation, ProviderMembership, Rows, RuleMatch, VersionStatus,
};
use mucalc_core::domain::text::{escape_control, pluralize};

/// Writes an explanation in a format.
///
/// `every` includes the rules that do not match. As JSON, rows are written one at a time, since a patient may have very many.
///
/// # Errors
/// If the explanation cannot be written.
pub fn write<R: Rows + Serialize>(
    of: &Explanation<R>,
    format: PageFormat,
    every: bool,
    screen: TerminalStyle,
    to: &mut dyn Write,
) -> Result<(), RenderError> {
    match format {
        PageFormat::Table => {
            to.write_all(screen.paragraphs(text(of, every, screen)).as_bytes()).map_err(RenderError::Io)
        }
        PageFormat::Json => super::json::write_pretty(of, to).map_err(RenderError::Io),
        PageFormat::Html => to.write_all(&document::explanation::page(of)?).map_err(RenderError::Io),
    }
}

fn text<R: Rows>(of: &Explanation<R>, every: bool, screen: TerminalStyle) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}", of.edition.title);
    beside::above(of).iter().for_each(|line| {
        let _ = writeln!(text, "{line}");
    });
    let _ = writeln!(text, "{}", words::period_line(&of.head, &of.edition));
    for patient in &of.patients {
        self::patient(&mut text, patient, every, screen);
    }
    let basis = beside::basis_lines(of, &of.edition, of.credit, &of.policies, screen.verbose);
    let _ = writeln!(text, "\n{basis}");
    of.edition.notes.iter().for_each(|line| {
        let _ = writeln!(text, "{line}");
    });
    of.channels.iter().for_each(|channel| {
        let _ = writeln!(text, "{}.", words::channel_text(channel));
    });
    crate::terminal::findings(&mut text, &of.findings, screen);
    if !every && !of.patients.is_empty() {
        text.push_str(
            "`--every-rule` shows the condition of every rule; `mucalc codes RULE` explains a rule.\n",
        );
    }
    text
}

/// The maximum number of rows of each kind that the text shows.
pub(crate) const SHOWN: usize = 100;

/// The maximum number of providers that the text shows for a row.
const REACHED: usize = 50;

/// The maximum number of near misses that the text shows.
const NEAREST: usize = 20;

fn patient<R: Rows>(text: &mut String, of: &PatientExplanation<R>, every: bool, screen: TerminalStyle) {
    let _ = writeln!(text, "\nPatient {}\n", escape_control(&of.patient_id));
    for standing in &of.standings {
        let _ = writeln!(text, "  {}", self::standing(standing));
    }
    for (title, rows) in
        [("Encounters", &of.encounters), ("Messages", &of.messages), ("Accesses", &of.accesses)]
    {
        let is_out = if title == "Encounters" { "not in the denominator" } else { "does not count" };
        let mut count = 0;
        rows.each(true, &mut |row| {
            if count == 0 {
                let _ = writeln!(text, "\n{title}");
            }
            if count < SHOWN {
                self::row(text, row, every, is_out, screen);
            }
            count += 1;
        });
        if count > SHOWN {
            let more = pluralize((count - SHOWN) as u64, "more row", "more rows");
            let _ = writeln!(text, "\n  {more}; `--format json` has them all.");
        }
    }
    nearest(text, of);
    if !of.decisions.is_empty() {
        text.push_str("\nReview decisions\n");
        of.decisions.iter().for_each(|decision| {
            let _ = writeln!(text, "  {}", self::decision(decision));
        });
    }
}

pub(crate) fn standing(of: &ProviderMembership) -> String {
    let name = of.name.as_ref().map_or(String::new(), |name| format!(" ({})", escape_control(name)));
    let seen = match of.denominator {
        "certain" => "in the denominator",
        "possible" => "possibly in the denominator",
        _ => "not in the denominator: no encounter qualifies",
    };
    let by = |what: &str, place: &Option<mucalc_core::domain::source_location::SourceLocation>| {
        place
            .as_ref()
            .map_or(String::new(), |place| format!(" ({what} {})", escape_control(&place.to_string())))
    };
    let counts = match (of.denominator, of.numerator) {
        ("certain" | "possible", "certain") => format!("; in the numerator{}", by("by", &of.message)),
        ("certain" | "possible", "possible") => {
            format!("; possibly in the numerator{}", by("by", &of.message))
        }
        ("certain" | "possible", _) => "; not in the numerator".to_owned(),
        _ => String::new(),
    };
    let reason = of.reason.as_ref().map_or(String::new(), |reason| format!("; reason `{reason}`"));
    format!("{}{name}: {seen}{}{counts}{reason}.", escape_control(&of.provider_id), by("by", &of.encounter))
}

fn row(text: &mut String, of: &ExplainedRow, every: bool, is_out: &str, screen: TerminalStyle) {
    let id = of.id.as_ref().map_or(String::new(), |id| format!("  {}", escape_control(id)));
    let day = of.day.map_or("day unknown".to_owned(), numeric_text);
    let provider = of.provider_id.as_ref().map_or("no provider named".to_owned(), |id| escape_control(id));
    let _ = writeln!(
        text,
        "\n  {}{id}  {day}  {provider}: {}",
        screen.place(&of.place),
        said_answer(of.answer, is_out)
    );
    let version = match of.version {
        None => "",
        Some(VersionStatus::Duplicate) => "a duplicate of another row with the same id; not counted again",
        Some(VersionStatus::Superseded) => "a later row with the same id replaces it; not used",
        Some(VersionStatus::Agreeing) => {
            "other rows with the same id differ, but each of them puts the patient in the denominator"
        }
        Some(VersionStatus::Contradicting) => {
            "another row with the same id differs, so values that only this row has are possible"
        }
    };
    if !version.is_empty() {
        let _ = writeln!(text, "    versions     {version}");
    }
    if !of.record.is_empty() {
        let _ = writeln!(text, "    export       {}", join_column_values(&of.record, "="));
    }
    let _ = writeln!(text, "    read as      {}", join_column_values(&of.says, " "));
    if every {
        of.steps.iter().for_each(|step| every_step(text, step));
    } else {
        let passed: Vec<&str> = of
            .steps
            .iter()
            .filter(|step| step.fits == RuleMatch::No)
            .map(|step| step.rule.as_str())
            .collect();
        if !passed.is_empty() {
            let _ = writeln!(text, "    no match     {}", passed.join(", "));
        }
        let decided = of.steps.iter().filter(|step| matches!(step.fits, RuleMatch::Yes | RuleMatch::Perhaps));
        decided.for_each(|step| every_step(text, step));
    }
    if of.reaches.is_empty() && of.answer == "counts" {
        text.push_str("    not attributed: none of its providers saw the patient\n");
    }
    // That a row does not qualify is shown per provider only if the rules are not the reason.
    let told =
        |reach: &&AttributedProvider| reach.answer != "out" || reach.because != AttributionBasis::Rules;
    for reach in of.reaches.iter().filter(told).take(REACHED) {
        let _ = writeln!(text, "    {}", self::reach(reach));
    }
    if let Some(more @ 1..) = of.reaches.iter().filter(told).count().checked_sub(REACHED) {
        let more = pluralize(more as u64, "more provider", "more providers");
        let _ = writeln!(text, "    for {more}; `--format json` has them all");
    }
}

fn every_step(text: &mut String, step: &mucalc_core::domain::explanation::RuleStep) {
    let fits = match step.fits {
        RuleMatch::NotAsked => "not applied",
        RuleMatch::No => "no match",
        RuleMatch::Perhaps => "may match",
        RuleMatch::Yes => "matches",
    };
    let _ = writeln!(text, "    {fits:12} {}: {}: {}.", step.rule, step.asks, step.decides);
    if matches!(step.fits, RuleMatch::Yes | RuleMatch::Perhaps) {
        let _ = writeln!(text, "                 {}\n                 Source: {}.", step.why, step.cite);
    }
}

pub(crate) fn said_answer<'a>(answer: &'a str, is_out: &'a str) -> &'a str {
    match answer {
        "in" => "in the denominator",
        "out" => is_out,
        "counts" => "qualifies under the rules",
        _ => "unresolved under the rules",
    }
}

fn join_column_values(said: &[ColumnValue], between: &str) -> String {
    let one = |said: &ColumnValue| {
        let empty = if said.said.trim().is_empty() { "(empty)" } else { &said.said };
        format!("{}{between}{}", said.column, escape_control(empty))
    };
    said.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn reach(of: &AttributedProvider) -> String {
    let because = match of.because {
        AttributionBasis::Rules => "",
        AttributionBasis::Unattributed => " (no provider named, so it may be for another provider)",
        AttributionBasis::IdNearlyMatches => {
            ", because an id matches only after leading zeros, letter case, `.0`, or a prefix are ignored"
        }
        AttributionBasis::ContradictingVersions => ", because another row with the same id differs",
        AttributionBasis::Adjudicated => ", by a review decision",
    };
    format!(
        "for {:9} {}{because}",
        escape_control(&of.provider_id),
        if of.answer == "out" { "does not qualify" } else { of.answer }
    )
}

/// Writes what blocks the rows that do not certainly qualify, the nearest first.
fn nearest<R: Rows>(text: &mut String, of: &PatientExplanation<R>) {
    let mut nearest: Vec<(u64, String)> = Vec::new();
    let mut count = 0;
    let mut look = |row: &ExplainedRow| {
        let ways = if is_decided(row) { Vec::new() } else { in_the_way(row) };
        if ways.is_empty() {
            return;
        }
        count += 1;
        let things = things(row);
        // Among equally near rows, the first ones are shown.
        let at = nearest.partition_point(|(others, _)| *others <= things);
        if at < NEAREST {
            let steps = pluralize(things, "condition", "conditions");
            let (place, ways) = (escape_control(&row.place.to_string()), ways.join("; or "));
            nearest.insert(at, (things, format!("  {place}: {steps} not met: {ways}")));
            nearest.truncate(NEAREST);
        }
    };
    [&of.encounters, &of.messages, &of.accesses].into_iter().for_each(|rows| rows.each(false, &mut look));
    if nearest.is_empty() {
        return;
    }
    text.push_str("\nWhy it does not certainly qualify\n");
    let more = (count - nearest.len()) as u64;
    for (_, line) in nearest {
        let _ = writeln!(text, "{line}");
    }
    if more > 0 {
        let _ = writeln!(text, "  {}, farther from qualifying", pluralize(more, "more row", "more rows"));
    }
}

/// Returns whether review decisions settle a row for every provider to whom it is attributed, so that nothing blocks it any more.
pub(crate) fn is_decided(of: &ExplainedRow) -> bool {
    !of.reaches.is_empty() && of.reaches.iter().all(|reach| reach.because == AttributionBasis::Adjudicated)
}

/// Returns how many conditions block a row.
fn things(of: &ExplainedRow) -> u64 {
    let columns = of.would_count_if.first().map_or(0, Vec::len);
    (columns + usize::from(misses(of).is_some())) as u64
}

/// Returns the alternatives for what blocks a row: changing any one of them would be enough.
pub(crate) fn in_the_way(of: &ExplainedRow) -> Vec<String> {
    let missed = misses(of);
    let way = |set: &Vec<Blocker>| {
        let clauses: Vec<String> = set.iter().map(blocker_text).chain(missed.map(str::to_owned)).collect();
        clauses.join(" and ")
    };
    match of.would_count_if.as_slice() {
        [] => missed.map(str::to_owned).into_iter().collect(),
        sets => sets.iter().map(way).collect(),
    }
}

/// Returns the problem with the addressee of a row; `None` if there is none.
fn misses(of: &ExplainedRow) -> Option<&'static str> {
    let is_of_numerator = of.answer != "in" && !of.says.iter().any(|said| said.column == "seen_by");
    if is_of_numerator && of.reaches.is_empty() {
        return Some("no provider of the message saw the patient");
    }
    of.reaches.iter().any(|reach| reach.unattributed).then_some("it is addressed to no provider")
}

/// Returns what blocks a row, as a clause.
pub fn blocker_text(of: &Blocker) -> String {
    let said = of.said.as_str();
    let is_unknown = said == "unknown";
    match (of.column.as_str(), of.days_off) {
        ("day", Some(days)) if days != 0 => {
            let off = pluralize(days.unsigned_abs(), "day", "days");
            format!("{off} {} the reporting period", if days > 0 { "after" } else { "before" })
        }
        ("day", Some(_)) => "on a day on which the channel is not certified".to_owned(),
        ("day", None) => "the day is unknown".to_owned(),
        ("certified", _) if is_unknown => "it is unknown whether the channel is certified".to_owned(),
        ("certified", _) => "the channel is not certified".to_owned(),
        ("recipient", _) if is_unknown => "the recipient is unknown".to_owned(),
        ("recipient", _) => format!("sent to {said}"),
        ("sender" | "actor", _) if is_unknown => "the sender is unknown".to_owned(),
        ("sender", _) => format!("sent by {said}"),
        ("seen_by", _) if is_unknown => "it is unknown who saw the patient".to_owned(),
        ("seen_by", _) => format!("seen by {said}"),
        ("cehrt", _) if is_unknown => {
            "it is unknown whether the location has certified EHR technology".to_owned()
        }
        ("cehrt", _) => "the location has no certified EHR technology".to_owned(),
        ("patient_included", _) if is_unknown => "it is unknown whether the patient is included".to_owned(),
        ("patient_included", _) => "the patient is not included".to_owned(),
        (column, _) if is_unknown => format!("the {column} is unknown"),
        (column, _) => format!("the {column} is {said}"),
    }
}

pub(crate) fn decision(of: &AdjudicationNote) -> String {
    let said = |word: &str, text: &Option<String>| {
        text.as_ref().map_or(String::new(), |text| format!("{word}{}", escape_control(text)))
    };
    format!(
        "{} ({}{}{}): {}{}{}{}",
        escape_control(&of.place.to_string()),
        of.about,
        said(" ", &of.id),
        said(", for ", &of.provider_id),
        of.decision,
        said(" by ", &of.by),
        said(" on ", &of.on),
        said(": ", &of.reason)
    )
}
