//! `mucalc report`: calculates the measure, and writes the report and the ledger.

use std::time::Instant;

use crate::error::{self, ErrorCode, Exit, catch_defects, explained};
use crate::run::cautions;
use crate::run::compute::{RunOutcome, run_measures};
use crate::run::engine::{EngineArgs, report_by_engine};
use crate::run::finish::{document, gates};
use crate::run::ledger;
use crate::run::open::PageToOpen;
use crate::run::output::{OutputFile, PendingOutput, refuse_workbook_on_terminal};
use crate::run::over_time::over_time;
use crate::run::practices::{PracticeArgs, PracticeOutcome, for_each};
use crate::run::settings::RunConfig;
use crate::run::terminal::print_note;
use crate::run::write_outputs::{check_distinct, check_outputs, write};
use mucalc_analysis::ledger_rows::{RowLabels, ledger_rows};
use mucalc_core::domain::report::Report;
use mucalc_core::domain::roll_up::PracticeCounts;
use mucalc_core::domain::text::pluralize;
use mucalc_engine::{CollectWants, InputSet};
use mucalc_options::{CommonArgs, ConfigArgs, ReportOptions};
use mucalc_report::{RenderError, ReportFormat, TerminalStyle, render, workbook};

/// The arguments of `mucalc report`.
#[derive(clap::Args, Clone)]
#[command(after_help = "\
Examples:
  mucalc report    # inputs and period from mucalc.toml
  mucalc report --period 2014Q3 \\
         --encounters encounters.csv --messages messages.csv
  mucalc report --period 2014Q3 --roster roster.csv --ledger ledger.csv \\
         --encounters 'exports/enc*.csv' --messages 'exports/msg*.csv'
  mucalc report --format json --fail-on not-met

Exit codes:
  0    calculated; no condition of --fail-on is true
  1    a condition of --fail-on is true
  2    wrong usage or configuration
  3    an input cannot be read, or an output cannot be written
  70   internal error
  130  interrupted")]
pub struct ReportArgs {
    #[command(flatten)]
    common: CommonArgs,
    #[command(flatten)]
    report: ReportOptions,
    #[command(flatten)]
    engine: EngineArgs,
    /// Write the report as a page and open it in the browser; without --output, the page is mucalc-report.html
    #[arg(long, help_heading = "Output")]
    open: bool,
}

impl PracticeArgs for ReportArgs {
    const COMMAND: &'static str = "report";

    fn config(&mut self) -> &mut ConfigArgs {
        self.common.config()
    }

    fn output(&mut self) -> &mut Option<String> {
        &mut self.report.output
    }

    fn format(&self) -> Option<&'static str> {
        self.report.format.map(Into::into)
    }

    fn of_one_practice(&self) -> Option<&'static str> {
        let ledger = self.report.ledger.as_ref().map(|_| "--ledger");
        self.common.of_one_practice().or(ledger).or(self.open.then_some("--open"))
    }
}

/// Calculates the measure, and writes the report and the ledger.
///
/// # Errors
/// If options contradict each other, or an input or output cannot be used. With `--format json`, an error after the options are checked is
/// also written as a report.
pub fn report(args: ReportArgs) -> anyhow::Result<Exit> {
    for_each(args, report_of_one)
}

fn report_of_one(mut args: ReportArgs) -> anyhow::Result<PracticeOutcome> {
    let started = Instant::now();
    let is_asked = args.report.patients;
    let pages = [ReportFormat::Html, ReportFormat::Handouts];
    let (format, output) = (&mut args.report.format, &mut args.report.output);
    let page = PageToOpen::prepare(args.open, "report", &pages, format, output)?;
    let (mut flags, config) = args.common.split();
    flags.report = args.report;
    let mut settings = RunConfig::resolve(flags, &config)?;
    if !args.engine.is_local() {
        return report_by_engine(settings, args.engine).map(Into::into);
    }
    // The configuration may request patients in a workbook while a flag requests another format.
    settings.patients &= settings.format == ReportFormat::Xlsx;
    if is_asked && !settings.patients {
        let message =
            "--patients adds a sheet to a workbook (--format xlsx); --ledger writes the patients as CSV";
        return Err(error::usage(ErrorCode::Choice, message));
    }
    refuse_workbook_on_terminal(settings.format == ReportFormat::Xlsx, settings.output.as_deref())?;
    // The reasons of review decisions are about patients too.
    settings.private = settings.patients || settings.named.adjudications.is_some();
    let settings = settings;
    match attempt(&settings) {
        Ok((exit, report)) => {
            if settings.verbose {
                let took = started.elapsed().as_secs_f64();
                let rows = report.inputs.iter().map(|input| input.rows).sum();
                print_note(format!(
                    "{} in {took:.2} s on {}",
                    pluralize(rows, "row", "rows"),
                    pluralize(settings.task.threads as u64, "thread", "threads")
                ));
            }
            page.open();
            Ok(PracticeOutcome { exit, counts: PracticeCounts::from_report(&report) })
        }
        Err(attempt) => {
            let Attempt { error, output } = *attempt;
            let told = explained(&error);
            if settings.format == ReportFormat::Json && told.exit != Exit::Interrupted {
                document(&settings, told, output);
            }
            Err(error)
        }
    }
}

/// The error of a failed run, and the file for its report if that is known not to be an input.
struct Attempt {
    error: anyhow::Error,
    output: Option<OutputFile>,
}

impl From<anyhow::Error> for Box<Attempt> {
    fn from(error: anyhow::Error) -> Self {
        Box::new(Attempt { error, output: None })
    }
}

fn attempt(settings: &RunConfig) -> Result<(Exit, Report), Box<Attempt>> {
    let sources = settings.named.find(settings.needs())?;
    settings.note_unused_inputs(&sources);
    let output = check_outputs(settings, Some(&sources), settings.output.as_deref(), settings.private)?;
    match catch_defects(|| {
        let ledger = check_outputs(settings, Some(&sources), settings.ledger.as_deref(), true)?;
        check_distinct(output.as_ref(), "--ledger", ledger.as_ref())?;
        compute_and_write(settings, &sources, output.as_ref(), ledger.as_ref())
    }) {
        Ok(done) => Ok(done),
        Err(error) => Err(Box::new(Attempt { error, output })),
    }
}

fn compute_and_write(
    settings: &RunConfig,
    sources: &InputSet,
    output: Option<&OutputFile>,
    ledger: Option<&OutputFile>,
) -> anyhow::Result<(Exit, Report)> {
    let is_page = matches!(settings.format, ReportFormat::Html | ReportFormat::Handouts);
    let evidence = ledger.is_some() || settings.patients || is_page;
    let wants = CollectWants { evidence, nearest: evidence, days: is_page, ..CollectWants::default() };
    let mut outcome = run_measures(settings, sources, wants)?;
    if is_page {
        outcome.report.over_time = over_time(settings, sources, &outcome)?;
    }
    let screen = settings.style(output.is_some());
    let screen = TerminalStyle { waterfall: settings.waterfall.is_some(), ..screen };
    let report = match settings.patients {
        true => workbook_with_patients(settings, sources, &outcome, output),
        false => render(settings.format, &outcome.report, screen, &settings.rule_set_texts()),
    };
    let report = report.map_err(|error| match (error, output) {
        (RenderError::NoRoom, Some(output)) => output.disk_full_error(),
        (error, _) => error::from_render_error(error),
    })?;
    let ledger = ledger.map(|ledger| write_ledger(ledger, settings, sources, &outcome)).transpose()?;
    write(output, &report, ledger)?;
    let report = &outcome.report;
    cautions::tell(settings, report, report.measures().map(|measure| &measure.edition));
    Ok((gates(settings, report), outcome.report))
}

/// Renders the report as a workbook with a sheet of patients. Until the workbook is complete, its rows are in the folder of the output.
fn workbook_with_patients(
    settings: &RunConfig,
    sources: &InputSet,
    outcome: &RunOutcome,
    output: Option<&OutputFile>,
) -> Result<Vec<u8>, RenderError> {
    let names: Vec<RowLabels> =
        outcome.judged.iter().map(|judged| ledger::names(sources, &judged.law)).collect();
    let editions = settings.task.rulings.iter().map(|ruling| ruling.edition.id.as_str());
    let all = outcome.judged.iter().zip(&names);
    let patients = editions.zip(all.map(|(judged, names)| ledger_rows(&judged.ledger, names)));
    workbook::render(
        &outcome.report,
        &settings.rule_set_texts(),
        Some(patients),
        output.map(OutputFile::folder),
    )
}

fn write_ledger(
    to: &OutputFile,
    settings: &RunConfig,
    sources: &InputSet,
    outcome: &RunOutcome,
) -> anyhow::Result<PendingOutput> {
    if settings.verbose {
        let rows: usize = outcome.judged.iter().map(|judged| judged.ledger.len()).sum();
        print_note(format!("{} in the ledger", pluralize(rows as u64, "row", "rows")));
    }
    to.write_with(|file| ledger::write(settings, sources, outcome, None, file))
}
