//! Where the measure stands, as tables with small pictures, Markdown, CSV, JSON and a workbook.

use std::fmt::Write;

use comfy_table::{Cell, CellAlignment};

use crate::domain::forecast::LEAST_DAYS;
use crate::domain::forecast::{Expected, Forecast, LookingBack, NoForecast, Outlook};
use crate::domain::progress::{Course, GroupProgress, Progress, ProviderProgress, Undecided};
use crate::domain::report::PeriodDays;
use crate::domain::text::{counted, printable, thousands};
use crate::domain::verdict::Verdict;
use crate::report::table::{findings, styled};
use crate::report::{BookFormat, RenderError, Screen, SheetFormat, safe, words, workbook};

/// Where the measure stands, in a format; a table shows the weeks of the providers that are named, too.
///
/// # Errors
/// When it cannot be written out, which would be a defect of the program.
pub fn render(
    of: &Progress,
    named: &[String],
    format: BookFormat,
    screen: Screen,
) -> Result<Vec<u8>, RenderError> {
    Ok(match format {
        BookFormat::Sheet(SheetFormat::Table) => table(of, named, screen).into_bytes(),
        BookFormat::Sheet(SheetFormat::Md) => md(of, named).into_bytes(),
        BookFormat::Sheet(SheetFormat::Csv) => csv(of)?,
        BookFormat::Sheet(SheetFormat::Json) => super::json::pretty(of)?,
        BookFormat::Xlsx => workbook::progress(of)?,
    })
}

const HEADER: [&str; 7] =
    ["Provider", "Verdict so far", "Count so far", "Rate", "Needed to date", "Rate by week", "At the end"];

/// So many signs the picture of a provider's weeks has at the most.
const WIDEST: usize = 53;

/// How many providers get sentences; of more, the table alone is shown.
const SENTENCES: usize = 12;

fn table(of: &Progress, named: &[String], screen: Screen) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}", of.edition.title);
    let _ = writeln!(text, "{}\n", headline(of));
    for note in &of.edition.notes {
        let _ = writeln!(text, "{note}\n");
    }
    if of.providers.is_empty() {
        let _ = writeln!(text, "No provider is named in the encounters up to that day.\n");
        about(&mut text, of);
        return text;
    }
    let mut table = styled(screen);
    table.set_header(HEADER);
    for cells in lines(of) {
        let [who, verdict, counts, rate, needed, picture, end] = cells.map(|cell| printable_lines(&cell));
        let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(who),
            Cell::new(verdict),
            number(counts),
            number(rate),
            number(needed),
            Cell::new(picture),
            Cell::new(end),
        ]);
    }
    let _ = writeln!(text, "{table}");
    let _ = writeln!(text, "{}\n", legend(of));
    if of.providers.len() <= SENTENCES {
        for provider in &of.providers {
            for sentence in sentences(of, provider) {
                let _ = writeln!(text, "{}: {sentence}", printable(&who(provider)));
            }
        }
        text.push('\n');
    }
    weeks(&mut text, "All providers together", of, &of.group.course, screen);
    let is_named = |provider: &&ProviderProgress| named.contains(&provider.to_date.provider_id);
    for provider in of.providers.iter().filter(is_named) {
        weeks(&mut text, &printable(&who(provider)), of, &provider.course, screen);
    }
    about(&mut text, of);
    text
}

/// What is said below the tables.
fn about(text: &mut String, of: &Progress) {
    for sentence in about_forecast(of) {
        let _ = writeln!(text, "{sentence}");
    }
    let _ = writeln!(text, "Rules: {}.", rules(of));
    for input in &of.inputs {
        let _ = writeln!(text, "Read: {}.", words::input(input));
    }
    findings(text, &of.findings);
}

/// How the small pictures are read.
fn legend(of: &Progress) -> String {
    let half = of
        .edition
        .more_than_percent
        .map_or(String::new(), |percent| format!("; half of the height is {percent} %"));
    format!("Rate by week: the higher a sign, the higher the rate at the end of the week{half}.")
}

fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

fn md(of: &Progress, named: &[String]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "# {}\n\n{}\n", safe::markdown(&of.edition.title), headline(of));
    for note in &of.edition.notes {
        let _ = writeln!(text, "{}\n", safe::markdown(note));
    }
    let _ = writeln!(text, "| {} |\n| --- | --- | ---: | ---: | ---: | --- | --- |", HEADER.join(" | "));
    for cells in lines(of) {
        let cells = cells.map(|cell| safe::markdown(&cell.replace('\n', " ")));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
    for provider in &of.providers {
        for sentence in sentences(of, provider) {
            let _ = writeln!(text, "- {}: {}", safe::markdown(&who(provider)), safe::markdown(&sentence));
        }
    }
    let mut weeks = |title: &str, course: &Course| {
        let _ = writeln!(text, "\n## Week by week: {title}\n");
        let _ = writeln!(text, "| {} |\n| --- | ---: | ---: | ---: | ---: |", WEEK_HEADER.join(" | "));
        for cells in week_lines(of, course) {
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
    };
    weeks("all providers together", &of.group.course);
    for provider in of.providers.iter().filter(|one| named.contains(&one.to_date.provider_id)) {
        weeks(&safe::markdown(&who(provider)), &provider.course);
    }
    text.push('\n');
    for sentence in about_forecast(of) {
        let _ = writeln!(text, "- {}", safe::markdown(&sentence));
    }
    let _ = writeln!(text, "- Rules: {}.", safe::markdown(&rules(of)));
    for input in &of.inputs {
        let _ = writeln!(text, "- Read: {}.", safe::markdown(&words::input(input)));
    }
    for finding in &of.findings {
        let _ = writeln!(text, "- Finding: {}.", safe::markdown(&words::finding(finding)));
    }
    text
}

/// What is looked at.
pub fn headline(of: &Progress) -> String {
    let period = format!("Reporting period {} to {}", of.period.first, of.period.last);
    let days = of.period.last.after(of.period.first) + 1;
    let left = match (of.as_of, of.days_left) {
        (None, _) => String::new(),
        (_, 0) => "; the period is over".to_owned(),
        (_, left) => format!("; {} of {days} to come", counted(u64::from(left), "day", "days")),
    };
    let later = match of.later_rows {
        0 => String::new(),
        1 => "\n1 row of a later day is left out".to_owned(),
        rows => format!("\n{} rows of later days are left out", thousands(rows)),
    };
    let short = match (of.as_of, of.recorded_until) {
        (Some(as_of), Some(last)) if last < as_of => {
            format!("\nNothing is recorded after {last}; is the export older than that day?")
        }
        _ => String::new(),
    };
    format!("{period}, {}{left}{later}{short}", words::as_of(of.as_of, of.as_of_given))
}

/// The rules that were applied.
pub fn rules(of: &Progress) -> String {
    let Progress { edition, layout, credit, timezone, attested, policies, .. } = of;
    words::rules_of(&edition.id, layout, *credit, timezone.as_deref(), *attested, policies)
}

/// The provider's name and id.
pub fn who(of: &ProviderProgress) -> String {
    let id = &of.to_date.provider_id;
    of.to_date.name.as_ref().map_or(id.clone(), |name| format!("{name} ({id})"))
}

/// A line a provider, and one for all together.
fn lines(of: &Progress) -> Vec<[String; 7]> {
    let provider = |one: &ProviderProgress| {
        let to_date = &one.to_date;
        [
            who(one),
            words::verdict(to_date.verdict).to_owned(),
            format!("{} of {}", words::bounds(to_date.numerator), words::bounds(to_date.denominator)),
            words::rate(to_date),
            words::needed(to_date),
            picture(&one.course, of.edition.more_than_percent),
            end(&one.outlook),
        ]
    };
    let mut lines: Vec<_> = of.providers.iter().map(provider).collect();
    let group = &of.group;
    if group.providers > 1 {
        lines.push([
            "All together".to_owned(),
            format!("{} of {} met", thousands(group.providers_met), thousands(group.providers)),
            format!("{} of {}", words::bounds(group.numerator), words::bounds(group.denominator)),
            group_rate(group),
            // The measure is met or not by each provider, not by all together.
            "–".to_owned(),
            picture(&group.course, of.edition.more_than_percent),
            end(&group.outlook).lines().next().unwrap_or_default().to_owned(),
        ]);
    }
    lines
}

fn group_rate(group: &GroupProgress) -> String {
    words::rate_of(group.rate_percent.as_deref(), group.rate_percent_most.as_deref())
}

/// What is expected at the end, in few words.
fn end(outlook: &Outlook) -> String {
    match outlook {
        Outlook::Forecast(forecast) => {
            let Expected { rate_percent, rate_percent_low: low, rate_percent_high: high, .. } =
                &forecast.cautious;
            format!("{rate_percent} % ({low}–{high})\nchance {}", chance(forecast))
        }
        Outlook::None(NoForecast::PeriodIsOver) => "over".to_owned(),
        Outlook::None(_) => "no forecast".to_owned(),
    }
}

/// The chance that the measure is met, in few words.
fn chance(of: &Forecast) -> String {
    match chances(of) {
        (least, Some(most)) if most != least => format!("{least} to {most}"),
        (least, _) => least,
    }
}

/// The chance if nothing that is unclear counts, and if all of it does.
pub fn chances(of: &Forecast) -> (String, Option<String>) {
    (cases(of.cautious.chance_percent), of.hopeful.as_ref().map(|hopeful| cases(hopeful.chance_percent)))
}

/// A chance as people should read it: the ends are not known so well.
fn cases(percent: u8) -> String {
    match percent {
        0..=4 => "under 5 %".to_owned(),
        96.. => "over 95 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

/// The rates at the ends of the weeks, as a row of bars. Half of the height is the threshold, where it is a percentage.
fn picture(course: &Course, more_than_percent: Option<u32>) -> String {
    let rates: Vec<f64> = rates(course);
    let greatest = rates.iter().copied().fold(0.0, f64::max);
    let top = more_than_percent.map_or(greatest, |percent| f64::from(percent) * 2.0).max(0.01);
    let bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bar = |rate: &f64| bars[((rate / top * 8.0).ceil() as usize).clamp(1, 8) - 1];
    // Of a long period some weeks share a sign, which is that of their last.
    rates.chunks(rates.len().div_ceil(WIDEST).max(1)).filter_map(<[f64]>::last).map(bar).collect()
}

fn rates(course: &Course) -> Vec<f64> {
    let rate = |week: &crate::domain::progress::Week| {
        week.rate_percent.as_deref().and_then(|rate| rate.parse().ok()).unwrap_or(0.0)
    };
    course.weeks.iter().map(rate).collect()
}

/// What is to be said of a provider beside the table.
pub fn sentences(of: &Progress, provider: &ProviderProgress) -> Vec<String> {
    let to_date = &provider.to_date;
    let mut sentences = vec![format!("{} {}", so_far(to_date.verdict), words::meaning(to_date, &of.edition))];
    if let Some(open) = undecided(&provider.undecided) {
        sentences.push(open);
    }
    match &provider.outlook {
        // That is said once, of all.
        Outlook::None(
            NoForecast::PeriodIsOver | NoForecast::NoThreshold | NoForecast::NoRows | NoForecast::TooFewDays,
        ) => {}
        Outlook::None(why) => sentences.push(no_forecast(*why, of)),
        Outlook::Forecast(forecast) => sentences.push(expectation(forecast, of, to_date.numerator.least)),
    }
    if let Outlook::Forecast(forecast) = &provider.outlook
        && let Some(back) = &forecast.looking_back
    {
        sentences.push(looking_back(back));
    }
    sentences
}

fn so_far(verdict: Verdict) -> String {
    let mut text = format!("{} so far.", words::verdict(verdict));
    text[..1].make_ascii_uppercase();
    text
}

fn expectation(of: &Forecast, progress: &Progress, counted_now: u64) -> String {
    let Expected { denominator, rate_percent, rate_percent_low, rate_percent_high, .. } = &of.cautious;
    let last = progress.period.last;
    let goal = progress.edition.more_than_percent.map(|percent| denominator * u64::from(percent) / 100 + 1);
    let missing = match goal.map(|goal| (goal, goal.saturating_sub(counted_now))) {
        Some((goal, missing)) if missing > 0 => {
            let (goal, missing) = (thousands(goal), thousands(missing));
            format!(" With so many patients {goal} must count, {missing} more than today.")
        }
        _ => String::new(),
    };
    let (least, most) = chances(of);
    let chance = match most {
        Some(most) if most != least => format!("{least} if nothing unclear counts, {most} if all of it does"),
        _ => least,
    };
    format!(
        "If it goes on like this, the rate on {last} is about {rate_percent} % of {} patients, four times out of five between \
         {rate_percent_low} and {rate_percent_high} %.{missing} Chance to meet the measure: {chance}.",
        thousands(*denominator)
    )
}

/// Why there is no forecast.
fn no_forecast(why: NoForecast, of: &Progress) -> String {
    match why {
        NoForecast::PeriodIsOver => "No forecast: the period is over.".to_owned(),
        NoForecast::TooFewDays => {
            let PeriodDays { first, last } = of.period;
            let days = (last.after(first) + 1).div_euclid(4) + i32::from((last.after(first) + 1) % 4 > 0);
            let earliest = first.plus(days.max(LEAST_DAYS) - 1);
            format!("No forecast yet: the first is possible as of {earliest}.")
        }
        NoForecast::TooFewPatients => "No forecast: fewer than 20 patients were seen.".to_owned(),
        NoForecast::TooFewCounted => {
            "No forecast: fewer than 5 patients of all providers count, which is too few to tell a pace."
                .to_owned()
        }
        NoForecast::NoThreshold => "No forecast: the measure is attested with yes or no.".to_owned(),
        NoForecast::NoRows => "No forecast: no row lies in the period.".to_owned(),
    }
}

fn looking_back(of: &LookingBack) -> String {
    let LookingBack { from, came_to_percent: came, within, .. } = of;
    let Expected { rate_percent_low: low, rate_percent_high: high, .. } = &of.expected;
    if *within {
        format!("On {from} the same model gave {low} to {high} % for now; it came to {came} %.")
    } else {
        format!(
            "Do not rely on this forecast: on {from} the same model gave {low} to {high} % for now, and it came to {came} %."
        )
    }
}

/// What is undecided; nothing where nothing of it could decide the verdict.
fn undecided(kinds: &[Undecided]) -> Option<String> {
    if kinds.is_empty() {
        return None;
    }
    let kind = |of: &Undecided| {
        let enough = match of.enough {
            Some(enough) if enough < of.patients => {
                format!("{} in favour would be enough", thousands(enough))
            }
            Some(1) => "would be enough".to_owned(),
            Some(_) => "enough if all turn out in favour".to_owned(),
            None if of.patients == 1 => "not enough by itself".to_owned(),
            None => "not enough by themselves".to_owned(),
        };
        format!(
            "{} by {} ({}; {enough})",
            counted(of.patients, "patient", "patients"),
            of.rule,
            of.why.trim_end_matches('.')
        )
    };
    let kinds: Vec<String> = kinds.iter().map(kind).collect();
    Some(format!("Unclear: {}.", kinds.join("; ")))
}

/// What a reader must know of the forecasts, or why there is none.
pub fn about_forecast(of: &Progress) -> Vec<String> {
    let has = |outlook: &Outlook| matches!(outlook, Outlook::Forecast(_));
    if !has(&of.group.outlook) && !of.providers.iter().any(|provider| has(&provider.outlook)) {
        return match &of.group.outlook {
            Outlook::None(why) => vec![no_forecast(*why, of)],
            Outlook::Forecast(_) => Vec::new(),
        };
    }
    vec![
        "Forecast: supposes that the weeks to come are like the last four; it knows of no holiday and no campaign to come \
         (docs/forecast.md)."
            .to_owned(),
    ]
}

const WEEK_HEADER: [&str; 5] =
    ["Week from", "Patients seen", "For the first time", "Began to count", "Rate at its end"];

/// So many characters the widest bar has.
const BAR: f64 = 30.0;

/// A table of weeks with bars; the threshold is marked where it is a percentage.
fn weeks(text: &mut String, title: &str, of: &Progress, course: &Course, screen: Screen) {
    let mut table = styled(screen);
    let limit = of.edition.more_than_percent.map(f64::from);
    let mut header: Vec<String> = WEEK_HEADER.iter().map(|head| (*head).to_owned()).collect();
    header.push(limit.map_or("Rate".to_owned(), |limit| format!("Rate; │ is {limit} %")));
    table.set_header(header);
    let rates = rates(course);
    let top = rates.iter().copied().chain(limit.map(|limit| limit * 1.25)).fold(0.01, f64::max);
    for (cells, rate) in week_lines(of, course).into_iter().zip(&rates) {
        let [week, seen, new, came, percent] = cells;
        let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let bar = bar(*rate / top, limit.map(|limit| limit / top));
        table.add_row([
            Cell::new(week),
            number(seen),
            number(new),
            number(came),
            number(percent),
            Cell::new(bar),
        ]);
    }
    // Writing to a string does not fail.
    let _ = writeln!(text, "Week by week: {title}\n{table}");
    let unknown = [
        (course.new_on_unknown_day, "patient was seen", "patients were seen"),
        (course.came_on_unknown_day, "patient came to count", "patients came to count"),
    ];
    for (count, one, many) in unknown.into_iter().filter(|(count, ..)| *count > 0) {
        let _ = writeln!(
            text,
            "{} on a day that is not known, and in the rates from the beginning.",
            counted(count, one, many)
        );
    }
    text.push('\n');
}

/// A bar, with a line where the threshold is; a rate that is over the line is drawn over it.
fn bar(share: f64, limit: Option<f64>) -> String {
    let width = |share: f64| (share * BAR).round() as usize;
    let (filled, line) = (width(share), limit.map(width));
    let sign = |at: usize| match line {
        Some(line) if at == line => '│',
        _ if at < filled => '█',
        _ => ' ',
    };
    let bar: String = (0..=BAR as usize).map(sign).collect();
    bar.trim_end().to_owned()
}

fn week_lines(of: &Progress, course: &Course) -> Vec<[String; 5]> {
    let line = |(span, week): (&PeriodDays, &crate::domain::progress::Week)| {
        let rate = week.rate_percent.as_ref().map_or("–".to_owned(), |rate| format!("{rate} %"));
        [span.first.to_string(), thousands(week.seen), thousands(week.new), thousands(week.came), rate]
    };
    of.weeks.iter().zip(&course.weeks).map(line).collect()
}

/// One line a provider and week, and last those of all together, without an id.
fn csv(of: &Progress) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["provider_id", "name", "first", "last", "seen", "new", "came", "rate_percent"])?;
    let mut write = |id: &str, name: &str, course: &Course| -> Result<(), csv::Error> {
        for (span, week) in of.weeks.iter().zip(&course.weeks) {
            writer.write_record([
                &*safe::cell(id),
                &*safe::cell(name),
                &span.first.to_string(),
                &span.last.to_string(),
                &week.seen.to_string(),
                &week.new.to_string(),
                &week.came.to_string(),
                week.rate_percent.as_deref().unwrap_or_default(),
            ])?;
        }
        Ok(())
    };
    for provider in &of.providers {
        let name = provider.to_date.name.as_deref().unwrap_or_default();
        write(&provider.to_date.provider_id, name, &provider.course)?;
    }
    write("", "", &of.group.course)?;
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
