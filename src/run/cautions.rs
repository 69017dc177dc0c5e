//! Cautions on standard error about the figures of a document, printed for every format.

use crate::run::settings::RunConfig;
use crate::run::terminal::print_note;
use mucalc_core::domain::edition_ref::EditionRef;
use mucalc_report::beside::{DocumentContext, cautions};

/// Prints which rows are unusable, what is assumed, and whether a program does not allow the reporting period. Prints nothing if `quiet` is
/// set.
pub fn tell<'a>(
    settings: &RunConfig,
    of: impl Into<DocumentContext<'a>>,
    editions: impl IntoIterator<Item = &'a EditionRef>,
) {
    let not_allowed = editions.into_iter().find_map(not_allowed);
    let told: Vec<String> = cautions(of).into_iter().chain(not_allowed).collect();
    if !told.is_empty() && !settings.quiet {
        print_note(told.join(". "));
    }
}

/// Returns a caution if the program of the rule set does not allow the reporting period.
fn not_allowed(edition: &EditionRef) -> Option<String> {
    let period = edition.reporting_period.as_ref()?;
    let nearest = period.nearest.first()?;
    Some(format!(
        "The program does not allow this reporting period (period-not-allowed); the nearest allowed one is {}..{}",
        nearest.first, nearest.last
    ))
}
