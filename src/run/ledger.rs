//! The ledgers of a run, written as they are made.

use std::io::{self, Write};

use crate::run::compute::Outcome;
use crate::run::inputs::Sources;
use crate::run::settings::Settings;
use mucalc_analysis::records::{Names, records, records_as};
use mucalc_core::domain::record::Record;
use mucalc_report::ledger;

/// How the lines of a ledger are written for those who are not to know the patients.
pub struct Disguise<'d> {
    /// What stands for a patient.
    pub alias: &'d dyn Fn(&str) -> String,
    /// What is left of a line.
    pub line: &'d dyn for<'l> Fn(Record<'l>) -> Record<'l>,
}

/// Writes the ledger of each edition.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    settings: &Settings,
    sources: &Sources,
    outcome: &Outcome,
    disguise: Option<&Disguise<'_>>,
    output: &mut dyn Write,
) -> io::Result<()> {
    let names: Vec<Names> = outcome.judged.iter().map(|judged| sources.names(&judged.law)).collect();
    let editions: Vec<&str> = settings.rulings.iter().map(|ruling| ruling.edition.id.as_str()).collect();
    let all = editions.iter().zip(outcome.judged.iter().zip(&names));
    match disguise {
        None => ledger::write(
            all.map(|(edition, (judged, names))| (*edition, records(&judged.ledger, names))),
            output,
        ),
        Some(Disguise { alias, line }) => ledger::write(
            all.map(|(edition, (judged, names))| {
                (*edition, records_as(&judged.ledger, names, alias).map(line))
            }),
            output,
        ),
    }
}
