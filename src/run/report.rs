//! `mucalc report`: the main job.

use std::time::Instant;

use crate::error::{self, CommandError, ErrorCode, Exit, explained, guarded};
use crate::run::cautions;
use crate::run::compute::{RunOutcome, compute, failed};
use crate::run::config::ConfigSource;
use crate::run::emit::{check_two, checked, write};
use crate::run::ledger;
use crate::run::options::Options;
use crate::run::output::{OutputFile, PendingOutput, refuse_workbook_on_terminal, to_stdout};
use crate::run::over_time::over_time;
use crate::run::settings::RunConfig;
use crate::run::terminal::say;
use mucalc_analysis::records::{RowLabels, records};
use mucalc_core::domain::report::Report;
use mucalc_core::domain::text::counted;
use mucalc_engine::{CollectWants, InputSet};
use mucalc_report::{RenderError, ReportFormat, TerminalStyle, workbook};

/// Computes the measure and writes report and ledger.
///
/// # Errors
/// Before anything is computed: for a wrong word or a missing input. What fails later is reported in the format that
/// was asked for and told by the exit code.
pub fn report(flags: Options, config: &ConfigSource) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let is_asked = flags.patients == Some(true);
    let mut settings = RunConfig::resolve(flags, config)?;
    // The configuration may ask for patients in a workbook while a flag asks for another format.
    settings.patients &= settings.format == ReportFormat::Xlsx;
    if is_asked && !settings.patients {
        let message =
            "--patients adds a sheet to a workbook (--format xlsx); --ledger writes the patients as CSV";
        return Err(error::usage(ErrorCode::Choice, message));
    }
    refuse_workbook_on_terminal(settings.format == ReportFormat::Xlsx, settings.output.as_deref())?;
    // Reasons of decisions are about patients too.
    settings.private = settings.patients || settings.named.adjudications.is_some();
    let settings = settings;
    match attempt(&settings) {
        Ok((exit, rows)) => {
            if settings.verbose {
                let took = started.elapsed().as_secs_f64();
                say(format!(
                    "{} in {took:.2} s on {}",
                    counted(rows, "row", "rows"),
                    counted(settings.task.threads as u64, "thread", "threads")
                ));
            }
            Ok(exit)
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

/// Why a run failed, and the file for its report where that was found to be no input.
struct Attempt {
    error: anyhow::Error,
    output: Option<OutputFile>,
}

impl From<anyhow::Error> for Box<Attempt> {
    fn from(error: anyhow::Error) -> Self {
        Box::new(Attempt { error, output: None })
    }
}

fn attempt(settings: &RunConfig) -> Result<(Exit, u64), Box<Attempt>> {
    let sources = settings.named.find(settings.needs())?;
    settings.tell_unread(&sources);
    let output = checked(settings, Some(&sources), settings.output.as_deref(), settings.private)?;
    match guarded(|| {
        let ledger = checked(settings, Some(&sources), settings.ledger.as_deref(), true)?;
        check_two(output.as_ref(), "--ledger", ledger.as_ref())?;
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
) -> anyhow::Result<(Exit, u64)> {
    let is_page = settings.format == ReportFormat::Html;
    let evidence = ledger.is_some() || settings.patients || is_page;
    let mut outcome =
        compute(settings, sources, CollectWants { evidence, days: is_page, ..CollectWants::default() })?;
    if is_page {
        outcome.report.over_time = over_time(settings, sources, &outcome)?;
    }
    let screen = settings.colour.screen(output.is_some());
    let screen = TerminalStyle { waterfall: settings.waterfall.is_some(), ..screen };
    let report = match settings.patients {
        true => workbook_with_patients(settings, sources, &outcome, output),
        false => settings.format.render(&outcome.report, screen, &settings.books()),
    };
    let report = report.map_err(|error| match (error, output) {
        (RenderError::NoRoom, Some(output)) => output.without_room(),
        (error, _) => error::internal(error.to_string()),
    })?;
    let ledger = ledger.map(|ledger| write_ledger(ledger, settings, sources, &outcome)).transpose()?;
    write(output, &report, ledger)?;
    let rows = outcome.report.inputs.iter().map(|input| input.rows).sum();
    let report = &outcome.report;
    cautions::tell(settings, report, report.measures().map(|measure| &measure.edition));
    Ok((gates(settings, &outcome.report), rows))
}

/// The report as a workbook with a sheet of patients, which are kept beside the output while it is made.
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
    let patients = editions.zip(all.map(|(judged, names)| records(&judged.ledger, names)));
    workbook::render(&outcome.report, &settings.books(), Some(patients), output.map(OutputFile::folder))
}

fn write_ledger(
    to: &OutputFile,
    settings: &RunConfig,
    sources: &InputSet,
    outcome: &RunOutcome,
) -> anyhow::Result<PendingOutput> {
    if settings.verbose {
        let rows: usize = outcome.judged.iter().map(|judged| judged.ledger.len()).sum();
        say(format!("{} in the ledger", counted(rows as u64, "row", "rows")));
    }
    to.write_with(|file| ledger::write(settings, sources, outcome, None, file))
}

/// The exit code that the gates of a run give it.
pub(super) fn gates(settings: &RunConfig, report: &Report) -> Exit {
    let failing: Vec<_> = settings.gates.iter().filter_map(|gate| gate.fails(report)).collect();
    for why in &failing {
        say(format!("failed on {why}"));
    }
    if failing.is_empty() { Exit::Success } else { Exit::Gate }
}

/// Even a run that failed leaves one whole document: where the report was to go if that is known to be safe, else on
/// standard output.
pub(super) fn document(settings: &RunConfig, error: CommandError, output: Option<OutputFile>) {
    let report = failed(settings, error.failure);
    let Ok(bytes) = ReportFormat::Json.render(&report, Default::default(), &[]) else { return };
    let to_file = output.is_some_and(|output| output.write(&bytes).and_then(PendingOutput::commit).is_ok());
    if !to_file {
        // If standard output fails too, the exit code and standard error still tell.
        let _ = to_stdout(&bytes);
    }
}
