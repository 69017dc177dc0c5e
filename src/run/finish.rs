//! The end of a report: its gates, and the document of a failed report.

use crate::error::{CommandError, Exit};
use crate::run::compute::failed;
use crate::run::output::{OutputFile, PendingOutput, to_stdout};
use crate::run::settings::RunConfig;
use crate::run::terminal::say;
use mucalc_core::domain::report::Report;
use mucalc_report::ReportFormat;

/// Prints the gates that failed, and returns the exit status.
pub fn gates(settings: &RunConfig, report: &Report) -> Exit {
    let failing: Vec<_> = settings.gates.iter().filter_map(|gate| gate.fails(report)).collect();
    for why in &failing {
        say(format!("failed on {why}"));
    }
    if failing.is_empty() { Exit::Success } else { Exit::Gate }
}

/// Writes the report of a failed run, so that every run leaves one complete document. It goes to `output` if that is known to be safe,
/// otherwise to standard output.
pub fn document(settings: &RunConfig, error: CommandError, output: Option<OutputFile>) {
    let report = failed(settings, error.failure);
    let Ok(bytes) = ReportFormat::Json.render(&report, Default::default(), &[]) else { return };
    let to_file = output.is_some_and(|output| output.write(&bytes).and_then(PendingOutput::commit).is_ok());
    if !to_file {
        // If standard output fails too, the exit code and standard error still report the error.
        let _ = to_stdout(&bytes);
    }
}
