//! Renders the candidate reporting periods of `mucalc sweep` as a table with a small chart, Markdown, CSV, and JSON.

use std::fmt::Write;

use crate::html::document;
use crate::table::{Column, Table, Value, ascii_blocks};
use crate::terminal::findings;
use crate::{RenderError, TerminalStyle, TextFormat, beside, safe, words};
use mucalc_core::domain::allowance::Allowance;
use mucalc_core::domain::calendar::{day_text, numeric_text, period_text};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::Period;
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::sweep::{
    CandidatePeriod, PeriodFamily, PeriodResult, ProviderSweep, SweepReport, WindowVerdict,
};
use mucalc_core::domain::text::{pluralize, with_commas};

/// Renders the candidate periods in a format.
///
/// # Errors
/// If the document cannot be rendered, which is a bug.
pub fn render(of: &SweepReport, format: TextFormat, screen: TerminalStyle) -> Result<Vec<u8>, RenderError> {
    Ok(match format {
        TextFormat::Table => screen.paragraphs(table(of, screen)).into_bytes(),
        TextFormat::Md => md(of).into_bytes(),
        TextFormat::Html => document::sweep::page(of)?,
        TextFormat::Csv => csv(of)?,
        TextFormat::Json => super::json::compact(of)?,
    })
}

const HEADER: [&str; 6] = ["Provider", "Periods met", "Best", "Worst", "First met", "Over the year"];

/// The maximum width of the chart, in characters.
const WIDTH: usize = 46;

fn table(of: &SweepReport, screen: TerminalStyle) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}", of.edition.title);
    for line in beside::above(of).into_iter().chain(head_lines(of)) {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text);
    if of.providers.is_empty() {
        let _ = writeln!(text, "The encounters name no provider.");
        return text;
    }
    let _ = writeln!(text, "{}\n", providers(of, has_days(of)).terminal(screen));
    for line in legend(of).into_iter().chain(foot_lines(of)) {
        let line = if screen.ascii { ascii_blocks(&line) } else { line };
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    let _ =
        writeln!(text, "{}", beside::basis_lines(of, &of.edition, of.credit, &of.policies, screen.verbose));
    findings(&mut text, &of.findings, screen);
    text
}

fn md(of: &SweepReport) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "# {}\n", safe::markdown(&of.edition.title));
    for line in beside::above(of).into_iter().chain(head_lines(of)) {
        let _ = writeln!(text, "{}\n", safe::markdown(&line));
    }
    text.push_str(&providers(of, true).markdown());
    for line in legend(of).into_iter().chain(foot_lines(of)) {
        let _ = writeln!(text, "\n{line}");
    }
    let _ = writeln!(text, "\n- Rules: {}.", safe::markdown(&rules(of)));
    for choice in beside::choices(of) {
        let _ = writeln!(text, "- Choice: {}.", safe::markdown(&choice));
    }
    for input in &of.inputs {
        let _ = writeln!(text, "- Read: {}.", safe::markdown(&words::input_text(input)));
    }
    text
}

fn has_days(of: &SweepReport) -> bool {
    of.windows.iter().any(|window| window.family == PeriodFamily::Days)
}

/// Returns which periods were compared, which days the exports cover, and what else a reader must know.
pub(crate) fn head_lines(of: &SweepReport) -> Vec<String> {
    let PeriodDates { first, last } = of.head.period;
    let count =
        |family: PeriodFamily| of.windows.iter().filter(|window| window.family == family).count() as u64;
    let of_days = |noun: &str| format!("{}-day {noun}", of.days);
    let counts = [
        (count(PeriodFamily::Days), of_days("period"), of_days("periods")),
        (count(PeriodFamily::Quarters), "quarter".to_owned(), "quarters".to_owned()),
    ];
    let counts = counts.iter().filter(|(count, ..)| *count > 0);
    let counts = counts.map(|(count, one, many)| pluralize(*count, one, many));
    let whole = (count(PeriodFamily::Whole) > 0).then(|| "the whole span".to_owned());
    let counts: Vec<String> = counts.chain(whole).collect();
    let not_allowed =
        of.windows.iter().filter(|window| window.allowance == Some(Allowance::NotAllowed)).count() as u64;
    let not_allowed = match not_allowed {
        0 => String::new(),
        count => format!(" (the program does not allow {})", with_commas(count)),
    };
    let not_covered = of.windows.iter().filter(|window| !window.coverage.covered).count() as u64;
    let covers = of.recorded.map_or("The exports have no encounters.".to_owned(), |PeriodDates { first, last }| {
        let span = format!("{} to {}", day_text(first), day_text(last));
        match not_covered {
            0 => format!("The exports have encounters from {span} and cover every period."),
            count => format!(
                "The exports have encounters from {span}; {} not covered, so they have no result. If you exported more days, declare \
                 them with --exported.",
                pluralize(count, "period is", "periods are")
            ),
        }
    });
    let within = period_text(Period { first, last });
    let compared = format!("Candidate reporting periods within {within}: {}{not_allowed}", counts.join(", "));
    [compared, covers].into_iter().chain(of.edition.notes.iter().cloned()).collect()
}

/// Returns how to read the chart of characters; `None` if the table has no chart.
fn legend(of: &SweepReport) -> Option<String> {
    let legend = "Over the year: the periods of continuous days, by first day. █ met, ▅ some met, ▒ indeterminate, . not met, - not \
                  covered by the exports, blank not calculable.";
    has_days(of).then(|| legend.to_owned())
}

/// Returns how to read the other columns of the table.
pub(crate) fn foot_lines(of: &SweepReport) -> Vec<String> {
    let best = "Best: a covered period with the best result and the most patients to spare.";
    let decisions =
        "Review decisions apply to every period; `mucalc report` of a period shows what each decided.";
    let has_decisions = of.inputs.iter().any(|input| input.role == InputRole::Adjudications);
    std::iter::once(best).chain(has_decisions.then_some(decisions)).map(str::to_owned).collect()
}

pub(crate) fn rules(of: &SweepReport) -> String {
    words::rules_text(&of.head, &of.edition, of.credit, &of.policies)
}

/// Returns one row per provider; the last column is a chart of the periods of continuous days.
pub(crate) fn providers(of: &SweepReport, has_picture: bool) -> Table<'_> {
    let [who, met, others @ ..] = HEADER;
    let columns = [Column::text(who), Column::number(met)].into_iter().chain(others.map(Column::text));
    let count = if has_picture { HEADER.len() } else { HEADER.len() - 1 };
    let rows = of.providers.iter().map(move |provider| row(of, provider).into_iter().take(count).collect());
    Table::new("", columns.take(count).collect(), rows)
}

fn row(of: &SweepReport, provider: &ProviderSweep) -> [Value; 6] {
    let id = &provider.provider_id;
    let who = provider.name.as_deref().map_or(id.clone(), |name| format!("{name} ({id})"));
    let window = |at: Option<usize>| {
        Value::Text(at.map_or("–".to_owned(), |at| shown(&of.windows[at], &provider.figures[at])))
    };
    let covered = of.windows.len() - provider.not_covered;
    [
        Value::Text(who),
        Value::Number(format!("{} of {covered}", provider.met)),
        window(provider.best),
        window(provider.worst),
        window(provider.first_met),
        Value::Picture(picture(of, provider)),
    ]
}

fn shown(window: &CandidatePeriod, figures: &PeriodResult) -> String {
    let PeriodDates { first, last } = window.period;
    let rate = match figures.rate_percent.as_deref() {
        None => String::new(),
        least => format!(" ({})", words::rate_of(least, figures.rate_percent_most.as_deref())),
    };
    let not_allowed = match window.allowance {
        Some(Allowance::NotAllowed) => ", not allowed",
        Some(Allowance::Longer | Allowance::Allowed) | None => "",
    };
    let without = pluralize(window.coverage.days_without_rows, "day", "days");
    format!(
        "{} to {}{not_allowed}\n{} of {}{rate}: {}\n{}{without} without visits",
        numeric_text(first),
        numeric_text(last),
        words::range_text(figures.numerator),
        words::range_text(figures.denominator),
        words::window_verdict_text(figures.verdict),
        margin(figures.margin),
    )
}

/// Returns by how many patients a period meets or misses the threshold, as a line.
fn margin(margin: Option<i64>) -> String {
    match margin {
        None => String::new(),
        Some(margin @ 0..) => {
            format!("{} to spare\n", pluralize(margin.unsigned_abs(), "patient", "patients"))
        }
        Some(margin) => format!("{} still needed\n", pluralize(margin.unsigned_abs(), "patient", "patients")),
    }
}

/// Returns the results of the periods of continuous days, several to a character.
fn picture(of: &SweepReport, provider: &ProviderSweep) -> String {
    let days =
        of.windows.iter().zip(&provider.figures).filter(|(window, _)| window.family == PeriodFamily::Days);
    let verdicts: Vec<WindowVerdict> = days.map(|(_, figures)| figures.verdict).collect();
    let sign = |part: &[WindowVerdict]| {
        let has = |verdict| part.contains(&verdict);
        let all = |verdict| part.iter().all(|one| *one == verdict);
        match () {
            () if all(WindowVerdict::Met) => '█',
            () if has(WindowVerdict::Met) => '▅',
            () if has(WindowVerdict::Indeterminate) => '▒',
            () if all(WindowVerdict::NotCalculable) => ' ',
            () if has(WindowVerdict::NotMet) => '.',
            () => '-',
        }
    };
    verdicts.chunks(verdicts.len().div_ceil(WIDTH).max(1)).map(sign).collect()
}

fn csv(of: &SweepReport) -> Result<Vec<u8>, csv::Error> {
    let columns = Column::names([
        "provider_id",
        "windows",
        "first",
        "last",
        "denominator_least",
        "denominator_most",
        "numerator_least",
        "numerator_most",
        "rate_percent",
        "rate_percent_most",
        "verdict",
        "margin",
        "allowance",
        "rows_first",
        "rows_last",
        "days_without_rows",
    ]);
    let rows = of.providers.iter().flat_map(|provider| {
        of.windows.iter().zip(&provider.figures).map(|(window, figures)| {
            let CandidatePeriod { period: PeriodDates { first, last }, coverage, .. } = window;
            vec![
                Value::text(&provider.provider_id),
                Value::text(window.family.word()),
                Value::Day(Some(*first)),
                Value::Day(Some(*last)),
                Value::Count(figures.denominator.least),
                Value::Count(figures.denominator.most),
                Value::Count(figures.numerator.least),
                Value::Count(figures.numerator.most),
                Value::Percent(figures.rate_percent.clone()),
                Value::Percent(figures.rate_percent_most.clone()),
                Value::text(figures.verdict.word()),
                Value::Number(figures.margin.map_or(String::new(), |margin| margin.to_string())),
                Value::text(window.allowance.map_or("", Allowance::word)),
                Value::Day(coverage.first),
                Value::Day(coverage.last),
                Value::Count(coverage.days_without_rows),
            ]
        })
    });
    Table::new("", columns, rows).csv()
}
