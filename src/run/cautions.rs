//! What is said on standard error before figures are relied on, whatever the format.

use crate::run::settings::RunConfig;
use crate::run::terminal::say;
use mucalc_core::domain::edition_ref::EditionRef;
use mucalc_report::beside::{DocumentContext, cautions};

/// Prints which rows could not be used, what is assumed, and whether the program of an edition does not allow the reporting period.
pub fn tell<'a>(
    settings: &RunConfig,
    of: impl Into<DocumentContext<'a>>,
    editions: impl IntoIterator<Item = &'a EditionRef>,
) {
    let not_allowed = editions.into_iter().find_map(not_allowed);
    let told: Vec<String> = cautions(of).into_iter().chain(not_allowed).collect();
    if !told.is_empty() && !settings.quiet {
        say(told.join(". "));
    }
}

/// Returns that the program does not allow the reporting period, if so.
fn not_allowed(edition: &EditionRef) -> Option<String> {
    let period = edition.reporting_period.as_ref()?;
    let nearest = period.nearest.first()?;
    Some(format!(
        "The program does not allow this reporting period (period-not-allowed); the nearest allowed one is {}..{}",
        nearest.first, nearest.last
    ))
}
