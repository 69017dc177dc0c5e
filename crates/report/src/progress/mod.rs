//! Renders the progress of the measure as tables with small charts, Markdown, CSV, JSON, and a workbook.

mod sentences;
mod weeks;

use std::fmt::Write;

use crate::html::document;
use crate::table::{Column, Table, Value};
use crate::terminal::findings;
use crate::{RenderError, SpreadsheetFormat, TerminalStyle, beside, safe, words, workbook};
use mucalc_core::domain::forecast::{ForecastEstimate, ForecastOutcome, NoForecastReason};
use mucalc_core::domain::progress::{GroupProgress, ProgressReport, ProviderProgress, WeeklySeries};
use mucalc_core::domain::text::{escape_control, with_commas};
use sentences::chance;
use weeks::{sparkline, week_table, weeks};

pub use sentences::{about_forecast, chances, headline, provider_label, rules, sentences, status};

/// Renders the progress in a format. As a table and as Markdown, it includes the weeks of the providers in `named`.
///
/// # Errors
/// If the document cannot be rendered.
pub fn render(
    of: &ProgressReport,
    named: &[String],
    format: SpreadsheetFormat,
    screen: TerminalStyle,
) -> Result<Vec<u8>, RenderError> {
    Ok(match format {
        SpreadsheetFormat::Table => screen.paragraphs(table(of, named, screen)).into_bytes(),
        SpreadsheetFormat::Md => md(of, named).into_bytes(),
        SpreadsheetFormat::Html => document::progress::page(of)?,
        SpreadsheetFormat::Csv => csv(of)?,
        SpreadsheetFormat::Json => super::json::pretty(of)?,
        SpreadsheetFormat::Xlsx => workbook::progress(of)?,
    })
}

const HEADER: [&str; 6] =
    ["Provider", "Result so far", "Rate", "Still needed", "Weekly rate", "At period end"];

/// The maximum number of providers with sentences below the table.
const SENTENCES: usize = 12;

fn table(of: &ProgressReport, named: &[String], screen: TerminalStyle) -> String {
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
    if of.providers.is_empty() {
        let _ = writeln!(text, "The encounters up to this day name no provider.\n");
        about(&mut text, of, screen);
        return text;
    }
    let _ = writeln!(text, "{}", providers(of).terminal(screen));
    let _ = writeln!(text, "{}\n", legend(of));
    if of.providers.len() <= SENTENCES {
        for provider in &of.providers {
            for sentence in sentences(of, provider) {
                let _ = writeln!(text, "{}: {sentence}", escape_control(&provider_label(provider)));
            }
        }
        text.push('\n');
    }
    weeks(&mut text, "Practice total", of, &of.group.course, screen);
    let is_named = |provider: &&ProviderProgress| named.contains(&provider.to_date.provider_id);
    for provider in of.providers.iter().filter(is_named) {
        weeks(&mut text, &escape_control(&provider_label(provider)), of, &provider.course, screen);
    }
    about(&mut text, of, screen);
    text
}

/// Writes the lines below the tables.
fn about(text: &mut String, of: &ProgressReport, screen: TerminalStyle) {
    for sentence in about_forecast(of) {
        let _ = writeln!(text, "{sentence}");
    }
    let _ =
        writeln!(text, "{}", beside::basis_lines(of, &of.edition, of.credit, &of.policies, screen.verbose));
    findings(text, &of.findings, screen);
}

/// Returns how to read the small charts.
fn legend(of: &ProgressReport) -> String {
    let half =
        of.edition.more_than_percent.map_or(String::new(), |percent| format!("; half height is {percent}%"));
    format!("Weekly rate: the higher the bar, the higher the rate at the end of the week{half}.")
}

fn md(of: &ProgressReport, named: &[String]) -> String {
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
    text.push_str(&providers(of).markdown());
    text.push('\n');
    for provider in &of.providers {
        for sentence in sentences(of, provider) {
            let _ = writeln!(
                text,
                "- {}: {}",
                safe::markdown(&provider_label(provider)),
                safe::markdown(&sentence)
            );
        }
    }
    let mut weeks = |title: &str, course: &WeeklySeries| {
        let _ = writeln!(text, "\n## Weekly trend: {title}\n");
        text.push_str(&week_table(of, course, None).markdown());
    };
    weeks("practice total", &of.group.course);
    for provider in of.providers.iter().filter(|one| named.contains(&one.to_date.provider_id)) {
        weeks(&safe::markdown(&provider_label(provider)), &provider.course);
    }
    text.push('\n');
    for sentence in about_forecast(of) {
        let _ = writeln!(text, "- {}", safe::markdown(&sentence));
    }
    let _ = writeln!(text, "- Rules: {}.", safe::markdown(&rules(of)));
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

/// Returns one row per provider, and one for the practice if there are several providers.
pub(crate) fn providers(of: &ProgressReport) -> Table<'_> {
    let [who, verdict, rate, needed, weeks, end] = HEADER;
    let columns = vec![
        Column::text(who),
        Column::text(verdict),
        Column::number(rate),
        Column::number(needed),
        Column::text(weeks),
        Column::text(end).spare(),
    ];
    let practice = (of.group.providers > 1).then(|| practice(of));
    Table::new("", columns, of.providers.iter().map(|one| provider(of, one)).chain(practice))
}

fn provider(of: &ProgressReport, one: &ProviderProgress) -> Vec<Value> {
    let to_date = &one.to_date;
    let counts =
        format!("{} of {}", words::range_text(to_date.numerator), words::range_text(to_date.denominator));
    vec![
        Value::Text(provider_label(one)),
        Value::Result(to_date.verdict, words::result_text(to_date.verdict).to_owned()),
        Value::Number(format!("{}\n{counts}", words::rate_text(to_date))),
        Value::Number(words::patients_needed_text(to_date)),
        Value::Picture(sparkline(&one.course, of.edition.more_than_percent)),
        Value::Text(end(&one.outlook)),
    ]
}

fn practice(of: &ProgressReport) -> Vec<Value> {
    let group = &of.group;
    let counts =
        format!("{} of {}", words::range_text(group.numerator), words::range_text(group.denominator));
    vec![
        Value::text("Practice total"),
        Value::Text(format!("{} of {} met", with_commas(group.providers_met), with_commas(group.providers))),
        Value::Number(format!("{}\n{counts}", group_rate(group))),
        // Each provider meets the measure or not; the practice does not.
        Value::text("–"),
        Value::Picture(sparkline(&group.course, of.edition.more_than_percent)),
        Value::text(end(&group.outlook).lines().next().unwrap_or_default()),
    ]
}

fn group_rate(group: &GroupProgress) -> String {
    words::rate_of(group.rate_percent.as_deref(), group.rate_percent_most.as_deref())
}

/// Returns the forecast in few words.
fn end(outlook: &ForecastOutcome) -> String {
    match outlook {
        ForecastOutcome::Forecast(forecast) => {
            let ForecastEstimate { rate_percent, rate_percent_low: low, rate_percent_high: high, .. } =
                &forecast.cautious;
            format!("{rate_percent}% ({low}–{high})\nchance {}", chance(forecast))
        }
        ForecastOutcome::None(NoForecastReason::PeriodIsOver) => "period over".to_owned(),
        ForecastOutcome::None(_) => "no forecast".to_owned(),
    }
}

/// Renders one line per provider and week, and last the weeks of the practice, without an id.
fn csv(of: &ProgressReport) -> Result<Vec<u8>, csv::Error> {
    let columns =
        Column::names(["provider_id", "name", "first", "last", "seen", "new", "came", "rate_percent"]);
    let providers = of.providers.iter().map(|one| {
        let name = one.to_date.name.as_deref().unwrap_or_default();
        (one.to_date.provider_id.as_str(), name, &one.course)
    });
    let rows = providers.chain([("", "", &of.group.course)]).flat_map(|(id, name, course)| {
        of.weeks.iter().zip(&course.weeks).map(move |(span, week)| {
            vec![
                Value::text(id),
                Value::text(name),
                Value::Day(Some(span.first)),
                Value::Day(Some(span.last)),
                Value::Count(week.seen),
                Value::Count(week.new),
                Value::Count(week.came),
                Value::Percent(week.rate_percent.clone()),
            ]
        })
    });
    Table::new("", columns, rows).csv()
}
