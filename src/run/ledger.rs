//! Writes the ledgers of a run row by row.

use mucalc_core::ledger::CompiledMeasure;
use mucalc_read::InputSource;
use std::io::{self, Write};

use crate::run::compute::RunOutcome;
use crate::run::settings::RunConfig;
use mucalc_analysis::ledger_rows::{RowLabels, ledger_rows, pseudonymous_rows};
use mucalc_core::domain::record::LedgerRow;
use mucalc_engine::InputSet;
use mucalc_report::ledger;

/// How a redacted pack hides patients in the ledger.
pub struct Pseudonyms<'d> {
    /// Pseudonym of a patient id.
    pub alias: &'d dyn Fn(&str) -> String,
    /// Redacted form of a ledger row.
    pub line: &'d dyn for<'l> Fn(LedgerRow<'l>) -> LedgerRow<'l>,
}

/// Writes the ledger of each rule set.
///
/// # Errors
/// If it cannot be written.
pub fn write(
    settings: &RunConfig,
    sources: &InputSet,
    outcome: &RunOutcome,
    disguise: Option<&Pseudonyms<'_>>,
    output: &mut dyn Write,
) -> io::Result<()> {
    let names: Vec<RowLabels> = outcome.judged.iter().map(|judged| names(sources, &judged.law)).collect();
    let editions: Vec<&str> = settings.task.rulings.iter().map(|ruling| ruling.edition.id.as_str()).collect();
    let all = editions.iter().zip(outcome.judged.iter().zip(&names));
    match disguise {
        None => ledger::write(
            all.map(|(edition, (judged, names))| (*edition, ledger_rows(&judged.ledger, names))),
            output,
        ),
        Some(Pseudonyms { alias, line }) => ledger::write(
            all.map(|(edition, (judged, names))| {
                (*edition, pseudonymous_rows(&judged.ledger, names, alias).map(line))
            }),
            output,
        ),
    }
}

/// Returns the rule ids and file names that numbers in a ledger refer to.
pub fn names(sources: &InputSet, law: &CompiledMeasure) -> RowLabels {
    let files = |sources: &[InputSource]| sources.iter().map(InputSource::label).collect::<Vec<_>>();
    RowLabels {
        rules: law.numerator.rules().to_vec(),
        encounter_files: files(&sources.encounters),
        // The numbers count the files of messages before those of accesses.
        message_files: [files(&sources.messages), files(&sources.accesses)].concat(),
    }
}
