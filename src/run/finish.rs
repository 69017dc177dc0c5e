//! Finishes a report: evaluates its gates, and writes the document of a run that failed.

use crate::error::{CommandError, Exit};
use crate::run::compute::error_report;
use crate::run::output::{OutputFile, PendingOutput, to_stdout};
use crate::run::settings::RunConfig;
use crate::run::terminal::print_note;
use mucalc_core::domain::report::Report;
use mucalc_report::{ReportFormat, render};

/// Prints which gates of `--fail-on` failed, and returns the exit status.
pub fn gates(settings: &RunConfig, report: &Report) -> Exit {
    let failing: Vec<_> =
        settings.gates.iter().filter_map(|gate| gate.fails(report, &settings.allowed)).collect();
    for why in &failing {
        print_note(format!("failed on {why}"));
    }
    if failing.is_empty() { Exit::Success } else { Exit::Gate }
}

/// Writes the JSON report of a failed run, so that every run leaves one complete document. `output` is `None` if it is not known to be safe
/// to write. Then, or if writing fails, the report goes to standard output.
pub fn document(settings: &RunConfig, error: CommandError, output: Option<OutputFile>) {
    let report = error_report(settings, error.failure);
    let Ok(bytes) = render(ReportFormat::Json, &report, Default::default(), &[]) else { return };
    let to_file = output.is_some_and(|output| output.write(&bytes).and_then(PendingOutput::commit).is_ok());
    if !to_file {
        // If standard output fails too, the exit code and standard error still report the error.
        let _ = to_stdout(&bytes);
    }
}
