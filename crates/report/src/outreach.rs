//! Renders the outreach list as tables, Markdown, CSV, JSON, and a workbook.

use std::fmt::Write;

use crate::html::document;
use crate::table::{Column, Table, Value};
use crate::terminal::findings;
use crate::{RenderError, SpreadsheetFormat, TerminalStyle, beside, safe, words, workbook};
use mucalc_core::domain::calendar::{day_text, numeric_text};
use mucalc_core::domain::outreach::{
    ListLimit, OutreachCandidate, OutreachList, OutreachReason, ProviderOutreach,
};
use mucalc_core::domain::period::Day;
use mucalc_core::domain::text::{capitalize, escape_control, pluralize, with_commas};
use mucalc_core::domain::verdict::Verdict;

/// Renders the list in a format.
///
/// # Errors
/// If the document cannot be rendered, which is a bug.
pub fn render(
    of: &OutreachList,
    format: SpreadsheetFormat,
    screen: TerminalStyle,
) -> Result<Vec<u8>, RenderError> {
    Ok(match format {
        SpreadsheetFormat::Table => screen.paragraphs(table(of, screen)).into_bytes(),
        SpreadsheetFormat::Md => md(of).into_bytes(),
        SpreadsheetFormat::Html => document::outreach::page(of)?,
        SpreadsheetFormat::Csv => csv(of)?,
        SpreadsheetFormat::Json => super::json::pretty(of)?,
        SpreadsheetFormat::Xlsx => workbook::outreach(of)?,
    })
}

const HEADER: [&str; 8] =
    ["#", "Patient", "Next step", "Criterion", "Visits", "Last visit", "Next visit", "Reason"];

fn table(of: &OutreachList, screen: TerminalStyle) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}", of.edition.title);
    for line in beside::above(of) {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "{}\n", headline(of));
    for note in &of.edition.notes {
        let _ = writeln!(text, "{note}\n");
    }
    for provider in &of.providers {
        let _ = writeln!(text, "{}: {}", who(provider, escape_control), sentence(provider, of.listed));
        if let Some(line) = unanswered_line(provider) {
            let _ = writeln!(text, "{}", escape_control(&line));
        }
        if provider.patients.is_empty() {
            text.push('\n');
            continue;
        }
        let _ = writeln!(text, "{}\n", patients(provider).terminal(screen));
    }
    for sentence in criteria(of) {
        let _ = writeln!(text, "{sentence}");
    }
    let _ = writeln!(text, "{ORDER}");
    let _ =
        writeln!(text, "{}", beside::basis_lines(of, &of.edition, of.credit, &of.policies, screen.verbose));
    findings(&mut text, &of.findings, screen);
    text
}

fn md(of: &OutreachList) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "# {}\n", safe::markdown(&of.edition.title));
    for line in beside::above(of) {
        let _ = writeln!(text, "{}\n", safe::markdown(&line));
    }
    let _ = writeln!(text, "{}\n", headline(of));
    for note in &of.edition.notes {
        let _ = writeln!(text, "{}\n", safe::markdown(note));
    }
    for provider in &of.providers {
        let _ = writeln!(
            text,
            "## {}\n\n{}\n",
            who(provider, safe::markdown),
            capitalize(&sentence(provider, of.listed))
        );
        if let Some(line) = unanswered_line(provider) {
            let _ = writeln!(text, "{}\n", safe::markdown(&line));
        }
        if provider.patients.is_empty() {
            continue;
        }
        text.push_str(&patients(provider).markdown());
        text.push('\n');
    }
    for sentence in criteria(of) {
        let _ = writeln!(text, "- {}", safe::markdown(&sentence));
    }
    let _ = writeln!(text, "- {ORDER}\n- Rules: {}.", safe::markdown(&rules(of)));
    for choice in beside::choices(of) {
        let _ = writeln!(text, "- Choice: {}.", safe::markdown(&choice));
    }
    for input in &of.inputs {
        let _ = writeln!(text, "- Read: {}.", safe::markdown(&words::input_text(input)));
    }
    for finding in &of.findings {
        let _ = writeln!(text, "- Finding: {}.", safe::markdown(&words::finding_text(finding)));
    }
    text
}

/// Returns the rule set and settings that were applied.
pub fn rules(of: &OutreachList) -> String {
    words::rules_text(&of.head, &of.edition, of.credit, &of.policies)
}

/// The order of the list, as a sentence.
pub const ORDER: &str = "Within a criterion those with the soonest visit planned within the period come first, then those with most visits, then those seen last.";

/// Returns the period, and the lines of the list's status.
pub fn headline(of: &OutreachList) -> String {
    format!("{}, {}", words::period_line(&of.head, &of.edition), status(of).join("\n"))
}

/// Returns which rows are used, how many patients are listed, and until when messages qualify, each as a line without a period.
pub fn status(of: &OutreachList) -> Vec<String> {
    let as_of = words::as_of_text(of.as_of, of.as_of_given);
    let over = match (of.is_over, of.asking_helps_until) {
        (true, Some(last)) => Some(format!(
            "The period is over: a message after {} does not certainly qualify. Only unresolved records are listed (`mucalc review`)",
            day_text(last)
        )),
        (false, Some(last)) if last != of.head.period.last => {
            Some(format!("A message certainly qualifies until {}", day_text(last)))
        }
        _ => None,
    };
    let listed = match of.listed {
        ListLimit::Needed { margin_percent: 0 } => "as many patients as are still needed".to_owned(),
        ListLimit::Needed { margin_percent } => {
            format!("as many patients as are still needed, and {margin_percent}% more")
        }
        ListLimit::AtMost(most) => format!("at most {} per provider", pluralize(most, "patient", "patients")),
        ListLimit::All => "all patients seen who are not in the numerator".to_owned(),
    };
    [Some(format!("{as_of}; {listed}")), over].into_iter().flatten().collect()
}

/// Returns how many patients a provider needs, and how many are listed, as a sentence.
pub fn sentence(of: &ProviderOutreach, listed: ListLimit) -> String {
    let is_attested = matches!((of.needed, of.verdict), (0, Verdict::NotCalculable));
    let needed = match of.needed {
        _ if is_attested => "no number of patients is required".to_owned(),
        _ if of.verdict == Verdict::NotCalculable && of.candidates == 0 => {
            return "no unique patient was seen.".to_owned();
        }
        0 => "no more patients are needed".to_owned(),
        1 => "1 more patient is needed".to_owned(),
        needed => format!("{} more patients are needed", with_commas(needed)),
    };
    let candidates = pluralize(
        of.candidates,
        "patient seen is not in the numerator",
        "patients seen are not in the numerator",
    );
    let unclear = of.patients.iter().filter(|patient| patient.criterion == OutreachReason::Unclear).count();
    let (decide, ask) = (with_commas(unclear as u64), with_commas((of.patients.len() - unclear) as u64));
    let shown = match listed {
        _ if of.candidates == 0 => String::new(),
        ListLimit::Needed { .. } if of.patients.is_empty() => " (--list all lists them)".to_owned(),
        _ if of.patients.is_empty() => String::new(),
        _ if unclear == 0 => format!("; listed: {ask} to contact"),
        _ if unclear == of.patients.len() => format!("; listed: {decide} to review"),
        _ => format!("; listed: {decide} to review, {ask} to contact"),
    };
    format!("{needed}; {candidates}{shown}.")
}

/// Returns the unanswered messages of patients in one line; `None` if there are none.
pub fn unanswered_line(of: &ProviderOutreach) -> Option<String> {
    let shown = of.unanswered.iter().take(MAX_UNANSWERED);
    let shown: Vec<String> = shown
        .map(|one| format!("{} on {} ({})", one.patient_id, numeric_text(one.sent_on), one.message_ref))
        .collect();
    let more = match of.unanswered.len().saturating_sub(MAX_UNANSWERED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    (!shown.is_empty()).then(|| format!("Unanswered patient messages: {}{more}.", shown.join(", ")))
}

/// The maximum number of unanswered messages in the line; the JSON document has all.
const MAX_UNANSWERED: usize = 20;

pub(crate) fn who(of: &ProviderOutreach, safe: impl Fn(&str) -> String) -> String {
    let id = safe(&of.provider_id);
    of.name.as_deref().map_or(id.clone(), |name| format!("{} ({id})", safe(name)))
}

/// Returns the patients of a provider, in the order of the list.
fn patients(of: &ProviderOutreach) -> Table<'_> {
    let [rank, patient, step, criterion, visits, last, next, reason] = HEADER;
    let columns = [Column::number(rank), Column::text(patient), Column::text(step)].into_iter();
    let columns = columns.chain([Column::text(criterion).spare(), Column::number(visits)]);
    let columns = columns.chain([last, next, reason].map(Column::text));
    let row = |of: &OutreachCandidate| {
        vec![
            Value::Number(of.rank.to_string()),
            Value::text(&of.patient_id),
            Value::text(of.next_step.text()),
            Value::text(of.criterion.word()),
            Value::Number(of.visits.to_string()),
            Value::Text(day(of.last_visit)),
            Value::Text(day(of.next_visit)),
            Value::text(&of.reason),
        ]
    };
    Table::new("", columns.collect(), of.patients.iter().map(row))
}

fn day(day: Option<Day>) -> String {
    day.map_or("–".to_owned(), numeric_text)
}

/// Returns the outreach reasons that occur in the list, each explained.
pub fn criteria(of: &OutreachList) -> Vec<String> {
    let listed = || of.providers.iter().flat_map(|provider| &provider.patients);
    let has = |criterion: &OutreachReason| listed().any(|candidate| candidate.criterion == *criterion);
    let sentence = |criterion: OutreachReason| format!("{}: {}.", criterion.word(), criterion.meaning());
    OutreachReason::ALL.into_iter().filter(has).map(sentence).collect()
}

fn csv(of: &OutreachList) -> Result<Vec<u8>, csv::Error> {
    let columns = Column::names([
        "provider_id",
        "name",
        "needed",
        "rank",
        "patient_id",
        "criterion",
        "reason",
        "why",
        "visits",
        "last_visit",
        "next_visit",
        "unclear",
        "unclear_ref",
        "next_step",
        "unanswered_since",
        "unanswered_ref",
        "portal_enrolled",
    ]);
    let rows = of.providers.iter().flat_map(|provider| {
        provider.patients.iter().map(move |candidate| {
            let enrolled = candidate.portal_enrolled;
            vec![
                Value::text(&provider.provider_id),
                Value::text(provider.name.as_deref().unwrap_or_default()),
                Value::Count(provider.needed),
                Value::Count(candidate.rank),
                Value::text(&candidate.patient_id),
                Value::text(candidate.criterion.word()),
                Value::text(&candidate.reason),
                Value::text(&candidate.why),
                Value::Count(candidate.visits.into()),
                Value::Day(candidate.last_visit),
                Value::Day(candidate.next_visit),
                Value::Count(candidate.unclear.into()),
                Value::text(&candidate.unclear_ref),
                Value::text(candidate.next_step.word()),
                Value::Day(candidate.unanswered_since),
                Value::text(&candidate.unanswered_ref),
                Value::text(enrolled.map_or("", |is_enrolled| if is_enrolled { "yes" } else { "no" })),
            ]
        })
    });
    Table::new("", columns, rows).csv()
}
