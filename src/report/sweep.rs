//! The windows of `mucalc sweep`, as a table with a small picture, Markdown, CSV and JSON.

use std::fmt::Write;

use comfy_table::{Cell, CellAlignment};

use crate::domain::report::{PeriodDays, Role};
use crate::domain::sweep::{Family, Figures, Sweep, Swept, Window};
use crate::domain::text::{counted, printable};
use crate::domain::verdict::Verdict;
use crate::report::table::findings;
use crate::report::{RenderError, Screen, TextFormat, safe, words};

/// The windows in a format.
///
/// # Errors
/// When they cannot be written out, which would be a defect of the program.
pub fn render(of: &Sweep, format: TextFormat, screen: Screen) -> Result<Vec<u8>, RenderError> {
    Ok(match format {
        TextFormat::Table => screen.paragraphs(table(of, screen)).into_bytes(),
        TextFormat::Md => md(of).into_bytes(),
        TextFormat::Csv => csv(of)?,
        TextFormat::Json => super::json::line(of)?,
    })
}

const HEADER: [&str; 6] = ["Provider", "Windows met", "Best", "Worst", "First met", "Through the year"];

/// So many signs the picture has.
const WIDTH: usize = 46;

fn table(of: &Sweep, screen: Screen) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}", of.edition.title);
    let _ = writeln!(text, "{}\n", headline(of));
    for note in &of.edition.notes {
        let _ = writeln!(text, "{note}\n");
    }
    if of.providers.is_empty() {
        let _ = writeln!(text, "No provider is named in the encounters.");
        return text;
    }
    let mut table = screen.table();
    let columns = if has_days(of) { HEADER.len() } else { HEADER.len() - 1 };
    table.set_header(&HEADER[..columns]);
    for provider in &of.providers {
        let [who, met, best, worst, first, picture] = row(of, provider, printable);
        let met = Cell::new(met).set_alignment(CellAlignment::Right);
        let cells =
            [Cell::new(who), met, Cell::new(best), Cell::new(worst), Cell::new(first), Cell::new(picture)];
        table.add_row(cells.into_iter().take(columns));
    }
    let _ = writeln!(text, "{}\n", screen.fitted(table, None));
    if has_days(of) {
        let _ = writeln!(text, "{LEGEND}\n");
    }
    let _ = writeln!(text, "Rules: {}.", rules(of));
    for input in &of.inputs {
        let _ = writeln!(text, "Read: {}.", words::input(input));
    }
    if has_decisions(of) {
        let _ = writeln!(text, "{DECISIONS}");
    }
    findings(&mut text, &of.findings);
    text
}

fn has_days(of: &Sweep) -> bool {
    of.windows.iter().any(|window| window.family == Family::Days)
}

fn has_decisions(of: &Sweep) -> bool {
    of.inputs.iter().any(|input| input.role == Role::Adjudications)
}

const DECISIONS: &str =
    "Decisions are laid over every window; `mucalc report` of a window tells what became of each in it.";

const LEGEND: &str = "Through the year: the windows of continuous days by their first day; # met, + met in some, ? open, . not met, blank not calculable.";

fn md(of: &Sweep) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "# {}\n\n{}\n", safe::markdown(&of.edition.title), headline(of));
    for note in &of.edition.notes {
        let _ = writeln!(text, "{}\n", safe::markdown(note));
    }
    let _ = writeln!(text, "| {} |\n| --- | ---: | --- | --- | --- | --- |", HEADER.join(" | "));
    for provider in &of.providers {
        let [who, met, best, worst, first, picture] = row(of, provider, safe::markdown);
        let cells = [who, met, best, worst, first].map(|cell| cell.replace('\n', "<br>"));
        let picture = if picture.is_empty() { picture } else { format!("`{picture}`") };
        let _ = writeln!(text, "| {} | {picture} |", cells.join(" | "));
    }
    if has_days(of) {
        let _ = writeln!(text, "\n{LEGEND}");
    }
    let _ = writeln!(text, "\n- Rules: {}.", safe::markdown(&rules(of)));
    for input in &of.inputs {
        let _ = writeln!(text, "- Read: {}.", safe::markdown(&words::input(input)));
    }
    if has_decisions(of) {
        let _ = writeln!(text, "- {DECISIONS}");
    }
    text
}

fn headline(of: &Sweep) -> String {
    let PeriodDays { first, last } = of.head.period;
    let count = |family: Family| of.windows.iter().filter(|window| window.family == family).count() as u64;
    let counts = [
        (count(Family::Days), format!("window of {} days", of.days), format!("windows of {} days", of.days)),
        (count(Family::Quarters), "quarter".to_owned(), "quarters".to_owned()),
        (count(Family::Whole), "time the whole".to_owned(), "times the whole".to_owned()),
    ];
    let told =
        counts.iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| counted(*count, one, many));
    format!("Reporting periods within {first} to {last}: {}", told.collect::<Vec<_>>().join(", "))
}

fn rules(of: &Sweep) -> String {
    words::rules(&of.head, &of.edition, of.credit, &of.policies)
}

fn row(of: &Sweep, provider: &Swept, safe: impl Fn(&str) -> String) -> [String; 6] {
    let id = safe(&provider.provider_id);
    let who = provider.name.as_deref().map_or(id.clone(), |name| format!("{} ({id})", safe(name)));
    let window =
        |at: Option<usize>| at.map_or("–".to_owned(), |at| shown(&of.windows[at], &provider.figures[at]));
    [
        who,
        format!("{} of {}", provider.met, of.windows.len()),
        window(provider.best),
        window(provider.worst),
        window(provider.first_met),
        picture(of, provider),
    ]
}

fn shown(window: &Window, figures: &Figures) -> String {
    let PeriodDays { first, last } = window.period;
    let rate = match figures.rate_percent.as_deref() {
        None => String::new(),
        least => format!(" ({})", words::rate_of(least, figures.rate_percent_most.as_deref())),
    };
    format!(
        "{first} to {last}\n{} of {}{rate}: {}",
        words::bounds(figures.numerator),
        words::bounds(figures.denominator),
        words::verdict(figures.verdict)
    )
}

/// The verdicts of the windows of continuous days, some to a sign.
fn picture(of: &Sweep, provider: &Swept) -> String {
    let days = of.windows.iter().zip(&provider.figures).filter(|(window, _)| window.family == Family::Days);
    let verdicts: Vec<Verdict> = days.map(|(_, figures)| figures.verdict).collect();
    let sign = |part: &[Verdict]| {
        let has = |verdict| part.contains(&verdict);
        let all = |verdict| part.iter().all(|one| *one == verdict);
        match () {
            () if all(Verdict::Met) => '#',
            () if has(Verdict::Met) => '+',
            () if has(Verdict::Indeterminate) => '?',
            () if all(Verdict::NotCalculable) => ' ',
            () => '.',
        }
    };
    verdicts.chunks(verdicts.len().div_ceil(WIDTH).max(1)).map(sign).collect()
}

fn csv(of: &Sweep) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
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
    ])?;
    let days: Vec<[String; 2]> = of
        .windows
        .iter()
        .map(|window| [window.period.first.to_string(), window.period.last.to_string()])
        .collect();
    for provider in &of.providers {
        let id = safe::cell(&provider.provider_id);
        for ((window, [first, last]), figures) in of.windows.iter().zip(&days).zip(&provider.figures) {
            writer.write_record([
                &*id,
                window.family.word(),
                first,
                last,
                &figures.denominator.least.to_string(),
                &figures.denominator.most.to_string(),
                &figures.numerator.least.to_string(),
                &figures.numerator.most.to_string(),
                figures.rate_percent.as_deref().unwrap_or_default(),
                figures.rate_percent_most.as_deref().unwrap_or_default(),
                figures.verdict.word(),
            ])?;
        }
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
