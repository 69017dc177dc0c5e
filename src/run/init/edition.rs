//! The rule set of a drafted configuration: the one that was named, or the one for the year of the period.

use std::fmt::Write as _;

use crate::error;
use crate::run::settings::{ResolveContext, RunConfig};
use crate::run::terminal::print_note;
use mucalc_core::edition;
use mucalc_options::{Configuration, MeasureOptions};

use super::{InitArgs, ask, quoted};

/// Writes the rule set, and why it was chosen. Returns its id if it is known.
pub(super) fn edition_of(asked: &InitArgs, text: &mut String) -> Option<String> {
    let year = period_year(asked);
    let by_year = year.and_then(edition::id_for_year);
    let id = asked.edition.as_ref().map(|id| id.0.clone()).or(by_year.map(str::to_owned));
    let why = match (&id, year) {
        (Some(id), Some(year)) if by_year == Some(id.as_str()) => {
            let others: Vec<String> =
                edition::ids_for(year).into_iter().filter(|other| other != id).collect();
            let others = match others.as_slice() {
                [] => String::new(),
                others => format!(" Other programs and measures of {year}: {}.", others.join(", ")),
            };
            format!("The edition of the measure: the rules of {year}, the year of the period.{others}")
        }
        (Some(_), _) => "The edition of the measure, as it was named.".to_owned(),
        (None, Some(year)) => match edition::ids_for(year).as_slice() {
            [] => format!("NEEDED: the edition of the measure. None is for {year}."),
            ids => format!(
                "NEEDED: the edition of the measure. In {year} it depends on the program: {}.",
                ids.join(", ")
            ),
        },
        (None, None) => {
            "The edition of the measure, if it is not the one for the year of the period.".to_owned()
        }
    };
    let _ = writeln!(text, "# {why} The command mucalc editions lists them.");
    let _ = match &id {
        Some(id) => writeln!(text, "edition = {}", quoted(id)),
        None => writeln!(text, "# edition = \"...\""),
    };
    if asked.any_year {
        text.push_str(
            "# The edition is applied to a period of another year than its own.\nany-year = true\n",
        );
    }
    id
}

/// Returns the year of the reporting period, if it is known.
pub(super) fn period_year(asked: &InitArgs) -> Option<i32> {
    Some(asked.period.as_ref()?.program_year())
}

/// Returns whether the practice has to name the rule set: several are for the year of the period, or none is.
pub(super) fn needs_edition(asked: &InitArgs) -> bool {
    asked.edition.is_none() && period_year(asked).is_some_and(|year| edition::id_for_year(year).is_none())
}

/// Asks for the rule set until the answer is valid. Offers the one for the year of the period.
pub(super) fn ask_for_edition(asked: &mut InitArgs) -> anyhow::Result<()> {
    loop {
        let Some(answer) = ask_once(asked)? else { return Ok(()) };
        match answer.parse() {
            Ok(id) => asked.edition = Some(id),
            Err(error) => {
                print_note(format!("error: {error}"));
                continue;
            }
        }
        match check(asked) {
            // The end of the input accepts the offered rule set, which is valid. So this loop ends.
            Err(error) => print_note(error::text(&error)),
            Ok(()) => return Ok(()),
        }
    }
}

fn ask_once(asked: &InitArgs) -> anyhow::Result<Option<String>> {
    let Some(year) = period_year(asked) else {
        return ask("Edition of the measure (empty: that of the period's year)", "");
    };
    if let Some(of_year) = edition::id_for_year(year) {
        return ask("Edition of the measure", of_year);
    }
    match edition::ids_for(year).as_slice() {
        [] => Ok(None),
        ids => {
            let ids = ids.join(", ");
            ask(
                &format!("Edition of the measure; in {year} it depends on the program: {ids} (empty: later)"),
                "",
            )
        }
    }
}

/// Checks that the rule set is for the year of the period.
///
/// # Errors
/// If it is for other years.
pub(super) fn check(asked: &InitArgs) -> anyhow::Result<()> {
    if asked.edition.is_none() {
        return Ok(());
    }
    RunConfig::from_options(options(asked), &ResolveContext::default()).map(drop)
}

/// Returns a note if the program does not allow the reporting period.
pub(super) fn period_note(asked: &InitArgs) -> Option<String> {
    asked.period.as_ref()?;
    let settings = RunConfig::from_options(options(asked), &ResolveContext::default()).ok()?;
    settings.task.primary_measure().period_note(settings.task.period)
}

fn options(asked: &InitArgs) -> Configuration {
    let measure = MeasureOptions {
        edition: asked.edition.iter().cloned().collect(),
        period: asked.period.clone(),
        any_year: asked.any_year,
        ..MeasureOptions::default()
    };
    Configuration { measure, ..Configuration::default() }
}
