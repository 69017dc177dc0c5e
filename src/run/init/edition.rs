//! The edition of a draft: the one that is named, or that of the period's year.

use std::fmt::Write as _;

use crate::error;
use crate::run::options::Options;
use crate::run::settings::RunConfig;
use crate::run::terminal::say;
use mucalc_core::domain::period::Period;
use mucalc_core::edition;

use super::{InitRequest, ask, quoted};

/// Writes the edition, and why it is that one; returns its id, if it is known.
pub(super) fn edition_of(asked: &InitRequest, text: &mut String) -> Option<String> {
    let year = period_year(asked);
    let by_year = year.and_then(edition::of_year);
    let id = asked.edition.clone().or(by_year.map(str::to_owned));
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

/// The year of the reporting period, if it is known.
pub(super) fn period_year(asked: &InitRequest) -> Option<i32> {
    Some(Period::parse(asked.period.as_deref()?).ok()?.program_year())
}

/// Asks which edition is meant until the answer names one; offers that of the period's year.
pub(super) fn ask_for_edition(asked: &mut InitRequest) -> anyhow::Result<Option<String>> {
    loop {
        asked.edition = ask_once(asked)?;
        match edition_named(asked) {
            // What was offered is known, so the end of the input is not asked again.
            Err(error) if asked.edition.is_some() => say(error::text(&error)),
            named => return named,
        }
    }
}

fn ask_once(asked: &InitRequest) -> anyhow::Result<Option<String>> {
    let Some(year) = period_year(asked) else {
        return ask("Edition of the measure (empty: that of the period's year)", "");
    };
    if let Some(of_year) = edition::of_year(year) {
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

/// Returns the id of the edition that was named by its id or by a year.
///
/// # Errors
/// When there is no such edition, or it is not for the year of the period.
pub(super) fn edition_named(asked: &InitRequest) -> anyhow::Result<Option<String>> {
    let Some(named) = &asked.edition else { return Ok(None) };
    let options = Options {
        edition: vec![named.clone()],
        period: asked.period.clone(),
        any_year: Some(asked.any_year),
        ..Options::default()
    };
    Ok(Some(RunConfig::of(options)?.task.first_ruling().edition.id.clone()))
}

/// Returns that the program does not allow the reporting period, if so.
pub(super) fn period_note(asked: &InitRequest) -> Option<String> {
    let options = Options {
        edition: asked.edition.iter().cloned().collect(),
        period: Some(asked.period.clone()?),
        any_year: Some(asked.any_year),
        ..Options::default()
    };
    let settings = RunConfig::of(options).ok()?;
    settings.task.first_ruling().period_note(settings.task.period)
}
