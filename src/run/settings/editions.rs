//! From the words of a run to the rules of its editions.

use crate::domain::credit::Credit;
use crate::domain::period::{Day, Period};
use crate::domain::text::did_you_mean;
use crate::edition::{self, Edition, model::Choice, model::Choices};
use crate::run::failed::{Cause, Failed};
use crate::run::options::Options;
use crate::run::ruling::Ruling;
use crate::run::words::day;
use std::collections::BTreeSet;

/// The edition with an id, or the default one.
///
/// # Errors
/// When there is none with it.
pub fn find_edition(id: Option<&str>) -> Result<Edition, Failed> {
    let id = id.unwrap_or(edition::DEFAULT);
    edition::find(id).ok_or_else(|| {
        let known: Vec<&str> = edition::ids().collect();
        let hint = did_you_mean(id, known.iter().copied());
        let message = format!("there is no edition `{id}`; known are {}{hint}", known.join(", "));
        Failed::usage(Cause::Edition, message)
    })
}

/// The rules of each edition that is named, or of the default one.
pub(super) fn rulings(options: &Options, credit: Credit, period: Period) -> Result<Vec<Ruling>, Failed> {
    let named = options.edition.iter().flat_map(|list| list.split(',')).map(str::trim);
    let mut ids: Vec<&str> = named.filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        ids.push(edition::DEFAULT);
    }
    if let Some(again) = ids.iter().enumerate().find(|(at, id)| ids[..*at].contains(id)) {
        let message = format!("edition {} is named twice", again.1);
        return Err(Failed::usage(Cause::Edition, message));
    }
    let editions = ids.iter().map(|id| find_edition(Some(id))).collect::<Result<Vec<_>, _>>()?;
    let policies = || editions.iter().flat_map(|edition| edition.policies.keys()).map(String::as_str);
    for name in options.policy.keys() {
        if !policies().any(|known| known == name) {
            let known: BTreeSet<&str> = policies().collect();
            let known: Vec<&str> = known.into_iter().collect();
            let hint = did_you_mean(name, known.iter().copied());
            let message = format!(
                "edition {} has no policy `{name}`; it has {}{hint}",
                ids.join(", "),
                known.join(", ")
            );
            return Err(Failed::usage(Cause::Policy, message));
        }
    }
    let year = period.program_year();
    let ruling = |edition: Edition| {
        let choices = choices(&edition, options, year)?;
        Ok(Ruling { threshold: edition.threshold(year).threshold, choices, credit, edition })
    };
    editions.into_iter().map(ruling).collect()
}

/// The day of attestation.
pub(super) fn attested(
    text: Option<&str>,
    period: Period,
    period_given: bool,
) -> Result<Option<Day>, Failed> {
    let Some(text) = text else { return Ok(None) };
    let day = day(Cause::Choice, "attested", text)?;
    if period_given && day < period.last {
        let message = format!(
            "attested: {day} lies before the period ends ({}); it is attested when it is over",
            period.last
        );
        return Err(Failed::usage(Cause::Choice, message));
    }
    Ok(Some(day))
}

pub(super) fn choices(edition: &Edition, options: &Options, year: i32) -> Result<Choices, Failed> {
    let mut choices = edition.default_choices(year);
    for (name, word) in &options.policy {
        let Some(policy) = edition.policies.get(name) else { continue };
        let choice =
            Choice::parse(word).filter(|choice| policy.choices.contains(choice)).ok_or_else(|| {
                let known: Vec<&str> = policy.choices.iter().map(|choice| choice.word()).collect();
                let hint = did_you_mean(word, known.iter().copied());
                let message =
                    format!("policy `{name}` has no choice `{word}`; it has {}{hint}", known.join(", "));
                Failed::usage(Cause::Policy, message)
            })?;
        choices.insert(name.clone(), choice);
    }
    Ok(choices)
}
