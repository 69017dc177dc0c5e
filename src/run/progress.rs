//! `mucalc progress`: shows the results so far, the patients still needed, and the projected result.

use crate::error::{self, ErrorCode, Exit};
use crate::run::cautions;
use crate::run::open::PageToOpen;
use crate::run::output::refuse_workbook_on_terminal;
use crate::run::practices::{PracticeArgs, for_each};
use crate::run::provider_trends::ProviderTrends;
use crate::run::settings::{RunConfig, resolve_for};
use crate::run::to_date::{self, InterimMeasure, to_date};
use crate::run::write_outputs::write_outputs;
use mucalc_analysis::timelines::ProviderTimelines;
use mucalc_core::domain::forecast::ForecastOutcome;
use mucalc_core::domain::inclusion::Inclusion;
use mucalc_core::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::progress::{GroupProgress, MAX_DAYS, ProgressReport, weeks};
use mucalc_core::domain::rate;
use mucalc_core::domain::score::{MembershipCounts, Threshold};
use mucalc_engine::last_helpful_day;
use mucalc_options::{CommonArgs, ConfigArgs, Written, one_of};
use mucalc_report::{SpreadsheetFormat, progress};

/// The arguments of `mucalc progress`.
#[derive(clap::Args, Clone)]
#[command(after_help = "\
Examples:
  mucalc progress    # inputs and period from mucalc.toml
  mucalc progress --as-of 2014-08-15 --provider DR-2
  mucalc progress --format xlsx -o progress.xlsx

The forecast assumes that the trend of the past weeks continues. `mucalc codes forecast` explains it.")]
pub struct ProgressArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Use the rows up to this day [default: the last day on which anything is recorded]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Measure")]
    as_of: Option<Written<Day>>,

    /// Also show the weeks of this provider
    #[arg(long, value_name = "ID", help_heading = "Output")]
    provider: Vec<String>,
    /// Format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<SpreadsheetFormat>(), help_heading = "Output")]
    format: Option<SpreadsheetFormat>,
    /// Write the result to this file instead of standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    /// Write the result as a page and open it in the browser; without --output, the page is mucalc-progress.html
    #[arg(long, help_heading = "Output")]
    open: bool,
}

impl PracticeArgs for ProgressArgs {
    const COMMAND: &'static str = "progress";

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

/// Shows the results so far, and the projected result.
///
/// # Errors
/// If options contradict each other, the period is longer than three years, a provider is unknown, or an input or output cannot be used.
pub fn progress(args: ProgressArgs) -> anyhow::Result<Exit> {
    for_each(args, |args| progress_of_one(args).map(Into::into))
}

fn progress_of_one(mut args: ProgressArgs) -> anyhow::Result<Exit> {
    let page = PageToOpen::prepare(
        args.open,
        "progress",
        &[SpreadsheetFormat::Html],
        &mut args.format,
        &mut args.output,
    )?;
    let settings = resolve_for("progress", args.common, args.output)?;
    let format = args.format.unwrap_or_default();
    refuse_workbook_on_terminal(format == SpreadsheetFormat::Xlsx, settings.output.as_deref())?;
    let Period { first, last } = settings.task.period;
    if last.days_since(first) >= MAX_DAYS {
        let message =
            "progress tells a period in weeks, and this one is longer than three years; name a shorter one";
        return Err(error::usage(ErrorCode::Period, message));
    }
    let until = to_date::day(&settings, args.as_of.as_deref().copied())?;
    let exit = write_outputs(&settings, |sources| {
        let to_date = to_date(&settings, sources, until, false)?;
        to_date::check_providers(&to_date.measure().providers, &args.provider)?;
        let document = document(&settings, to_date, until.is_some());
        let screen = settings.style(settings.output.is_some());
        cautions::tell(&settings, &document, [&document.edition]);
        progress::render(&document, &args.provider, format, screen).map_err(error::from_render_error)
    })?;
    page.open();
    Ok(exit)
}

fn document(settings: &RunConfig, to_date: InterimMeasure, as_of_given: bool) -> ProgressReport {
    let period = settings.task.period;
    let threshold = settings.task.primary_measure().threshold;
    let until = to_date.as_of.map_or(period.first, |as_of| as_of.min(period.last));
    let mut trends = ProviderTrends::new(settings, &to_date.judged, &to_date.names, to_date.as_of);
    let providers = to_date.measure().providers.iter().map(|provider| trends.take(provider)).collect();
    let group = group(&to_date, threshold, &trends.practice, trends.practice_outlook());
    let counts_until = last_helpful_day(&to_date.judged.law, Inclusion::is_possible);
    let InterimMeasure { report, as_of, recorded_until, passed, .. } = to_date;
    ProgressReport {
        head: report.head,
        as_of,
        as_of_given,
        recorded_until,
        days_left: as_of.map_or(0, |as_of| period.last.days_since(as_of).max(0)).unsigned_abs(),
        counts_until,
        later_rows: passed.later,
        edition: report.measure.edition,
        credit: report.measure.credit,
        policies: report.measure.policies,
        weeks: weeks(period, until)
            .iter()
            .map(|week| PeriodDates { first: week.first, last: week.last })
            .collect(),
        providers,
        group,
        inputs: report.inputs,
        findings: report.findings,
        basis: report.basis,
    }
}

fn group(
    to_date: &InterimMeasure,
    threshold: Threshold,
    all: &ProviderTimelines,
    outlook: ForecastOutcome,
) -> GroupProgress {
    let group = to_date.measure().group;
    let (denominator, numerator) =
        group.map_or_else(Default::default, |group| (group.denominator, group.numerator));
    let hopeful = all.hopeful.len() as u64;
    GroupProgress {
        denominator,
        numerator,
        rate_percent: rate::format_rate(numerator.least, denominator.most, threshold),
        rate_percent_most: rate::format_rate(numerator.most, hopeful, threshold),
        needed: as_one(denominator.most, numerator.least).patients_needed(threshold),
        providers_met: group.map_or(0, |group| group.providers_met),
        providers: group.map_or(0, |group| group.providers),
        course: all.course.clone(),
        outlook,
    }
}

/// Returns membership counts without unresolved patients: `patients` in the denominator, `count` of them also in the numerator.
fn as_one(patients: u64, count: u64) -> MembershipCounts {
    let mut score = MembershipCounts::default();
    let seen = |numerator| Membership { denominator: DenominatorStatus::Certain, numerator };
    score.add(seen(NumeratorStatus::Certain), count);
    score.add(seen(NumeratorStatus::None), patients - count);
    score
}
