//! `mucalc sweep`: calculates every reporting period that a year allows, in one pass over the data.

use crate::error::{self, ErrorCode, Exit};
use crate::run::cautions;
use crate::run::compute::basis;
use crate::run::head::head;
use crate::run::measure::providers_to_report;
use crate::run::open::PageToOpen;
use crate::run::practices::{PracticeArgs, for_each};
use crate::run::settings::{RunConfig, resolve_for};
use crate::run::write_outputs::write_outputs;
use crate::run::{interrupt, progress_bar};
use mucalc_core::domain::allowance::Allowance;
use mucalc_core::domain::basis::Basis;
use mucalc_core::domain::period::Period;
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::rate;
use mucalc_core::domain::score::{MembershipCounts, Threshold};
use mucalc_core::domain::sweep::{
    CandidatePeriod, PeriodFamily, PeriodResult, ProviderSweep, SweepReport, WindowVerdict,
};
use mucalc_core::edition::periods::{PeriodForm, PeriodRule, allowance};
use mucalc_core::ledger::sweep::WindowSet;
use mucalc_engine::sweep::Scored;
use mucalc_engine::{InputSet, MeasureConfig};
use mucalc_options::{CommonArgs, ConfigArgs, one_of};
use mucalc_report::{TextFormat, sweep};

/// The arguments of `mucalc sweep`.
#[derive(clap::Args, Clone)]
#[command(after_help = "\
Examples:
  mucalc sweep --period 2014    # inputs from mucalc.toml
  mucalc sweep --period 2014 \\
         --encounters encounters.csv --messages messages.csv
  mucalc sweep --period 2015 --windows days --format csv -o windows.csv

The list contains the reporting periods that the program allows. --participant restricts it to those of one program.")]
pub struct SweepArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Candidate reporting periods: continuous days, quarters, or all of --period as one [default: all of them]
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        value_parser = one_of::<PeriodFamily>(),
        help_heading = "Measure"
    )]
    windows: Vec<PeriodFamily>,
    /// Length in days of the candidate reporting periods of continuous days [default: 90]
    #[arg(long, value_name = "N", help_heading = "Measure")]
    days: Option<i32>,
    /// Include periods that the program does not allow
    #[arg(long, help_heading = "Measure")]
    all_windows: bool,

    /// Format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<TextFormat>(), help_heading = "Output")]
    format: Option<TextFormat>,
    /// Write the result to this file instead of standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    /// Write the result as a page and open it in the browser; without --output, the page is mucalc-sweep.html
    #[arg(long, help_heading = "Output")]
    open: bool,
}

impl PracticeArgs for SweepArgs {
    const COMMAND: &'static str = "sweep";

    fn config(&mut self) -> &mut ConfigArgs {
        self.common.config()
    }

    fn output(&mut self) -> &mut Option<String> {
        &mut self.output
    }

    fn format(&self) -> Option<&'static str> {
        self.format.map(Into::into)
    }

    fn of_one_practice(&self) -> Option<&'static str> {
        self.common.of_one_practice().or(self.open.then_some("--open"))
    }
}

/// Calculates the measure for every candidate reporting period of a span.
///
/// # Errors
/// If options contradict each other, or an input or output cannot be used.
pub fn sweep(args: SweepArgs) -> anyhow::Result<Exit> {
    for_each(args, |args| sweep_one(args).map(Into::into))
}

fn sweep_one(mut args: SweepArgs) -> anyhow::Result<Exit> {
    let page =
        PageToOpen::prepare(args.open, "sweep", &[TextFormat::Html], &mut args.format, &mut args.output)?;
    let settings = resolve_for("sweep", args.common, args.output)?;
    let format = args.format.unwrap_or_default();
    let usage = |message: String| error::usage(ErrorCode::Choice, message);
    let within = settings.task.period;
    if within.first.first_of_year() != within.last.first_of_year() {
        let message = "sweep looks at periods of one calendar year; name the year, for example --period 2014";
        return Err(error::usage(ErrorCode::Period, message));
    }
    let days = args.days.unwrap_or(90);
    if !(1..=366).contains(&days) {
        return Err(usage(format!("--days takes a number of days from 1 to 366, not {days}")));
    }
    let families: Vec<PeriodFamily> = PeriodFamily::ALL
        .into_iter()
        .filter(|family| args.windows.is_empty() || args.windows.contains(family))
        .collect();
    let ruling = settings.task.primary_measure();
    let offered = |family: &PeriodFamily| {
        let windows = family.windows(within, days);
        if args.all_windows { windows } else { allowed_windows(ruling, *family, windows) }
    };
    let frames = WindowSet::new(families.iter().map(offered).collect());
    let has_days = frames.windows.iter().any(|window| window.days() == days);
    if frames.windows.is_empty() || args.days.is_some() && families.contains(&PeriodFamily::Days) && !has_days
    {
        let has_some = families.iter().any(|family| !family.windows(within, days).is_empty());
        return Err(usage(match has_some {
            true => format!(
                "the program allows none of these periods. Allowed: {}. Add --all-windows to look at the others",
                ruling.allowed_periods_text(within)
            ),
            false => format!("no such period is within {within}; widen --period or shorten --days"),
        }));
    }
    let families: Vec<(PeriodFamily, Period)> = families
        .iter()
        .flat_map(|family| offered(family).into_iter().map(|period| (*family, period)))
        .collect();
    let exit = write_outputs(&settings, |sources| {
        let scored = scored(&settings, sources, within, &frames)?;
        let edition = ruling.reference(within, settings.task.attested);
        let window = |(family, period): &(PeriodFamily, Period)| CandidatePeriod {
            family: *family,
            period: (*period).into(),
            allowance: ruling.period_standing(*period),
            coverage: scored.recorded.coverage(*period),
        };
        let document = SweepReport {
            head: head(&settings),
            days,
            all_windows: args.all_windows,
            recorded: scored.recorded.span().map(PeriodDates::from),
            edition,
            credit: ruling.credit,
            policies: ruling.policies(),
            providers: providers(&scored, ruling.threshold, &frames.windows),
            windows: families.iter().map(window).collect(),
            findings: settings.allowing(scored.account.findings()),
            inputs: scored.account.read,
            basis: Basis { assumptions: scored.assumptions, ..basis(&settings) },
        };
        let screen = settings.style(settings.output.is_some());
        cautions::tell(&settings, &document, None);
        sweep::render(&document, format, screen).map_err(error::from_render_error)
    })?;
    page.open();
    Ok(exit)
}

/// Returns the candidate periods of a family that the program allows. Where it allows only quarters, a quarter of the requested length is
/// in the family of quarters, and not in that of continuous days.
pub fn allowed_windows(
    ruling: &MeasureConfig,
    family: PeriodFamily,
    mut windows: Vec<Period>,
) -> Vec<Period> {
    windows.retain(|window| {
        let rules = ruling.period_rules(*window);
        let of_family: Vec<&PeriodRule> = rules
            .iter()
            .copied()
            .filter(|rule| family != PeriodFamily::Days || rule.form != PeriodForm::Quarter)
            .collect();
        rules.is_empty() || !of_family.is_empty() && allowance(&of_family, *window) == Allowance::Allowed
    });
    windows
}

/// Reads the inputs once, and scores every provider in every candidate period of a span.
///
/// # Errors
/// If an input cannot be used.
pub fn scored(
    settings: &RunConfig,
    sources: &InputSet,
    within: Period,
    frames: &WindowSet,
) -> anyhow::Result<Scored> {
    let bar = progress_bar::bar(sources.all(), settings.quiet);
    let step = |step| bar.step(step);
    let reading = settings.reading(sources, &step);
    let scored = mucalc_engine::sweep::scored(&settings.task, sources, &reading, within, frames)?;
    bar.finish();
    interrupt::reading_is_done();
    interrupt::check()?;
    Ok(scored)
}

/// Returns every provider to list, sorted by id as in a report, with the figures of each candidate period.
pub fn providers(scored: &Scored, threshold: Threshold, windows: &[Period]) -> Vec<ProviderSweep> {
    let Scored { ledger, scores, saw_patients, .. } = scored;
    let roster = scored.beside.roster();
    let ids = &ledger.pairs.providers;
    let codes = providers_to_report(ledger, roster, |code| saw_patients.contains(&code));
    let nobody = vec![MembershipCounts::default(); windows.len()];
    let covered: Vec<bool> = windows.iter().map(|window| scored.recorded.coverage(*window).covered).collect();
    let figures = |(score, covered): (&MembershipCounts, &bool)| PeriodResult {
        denominator: score.denominator(),
        numerator: score.numerator(),
        rate_percent: rate::lowest_rate(score, threshold),
        rate_percent_most: rate::highest_rate(score, threshold),
        margin: score.patients_to_spare(threshold),
        verdict: WindowVerdict::new(score.verdict(threshold), *covered),
    };
    let provider = |code: u32| {
        let id = ids.get(code);
        let name = roster.and_then(|roster| roster.get(id)).and_then(|line| line.name.clone());
        let scores = scores.get(&code).unwrap_or(&nobody);
        ProviderSweep::new(id.to_owned(), name, scores.iter().zip(&covered).map(figures).collect())
    };
    codes.into_iter().map(provider).collect()
}
