//! From the words of a run to the rules of its editions.

use crate::error::{self, ErrorCode};
use crate::run::options::Options;
use crate::run::words::{day, meaning_of};
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::participant::Participant;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::text::did_you_mean;
use mucalc_core::edition::years::ProgramYears;
use mucalc_core::edition::{self, Edition, model::PolicyChoice, model::PolicyChoices};
use mucalc_engine::MeasureConfig;
use std::collections::BTreeSet;

/// The edition with an id, or the default one.
///
/// # Errors
/// When there is none with it.
pub fn find_edition(id: Option<&str>) -> anyhow::Result<Edition> {
    let id = id.unwrap_or(edition::DEFAULT);
    edition::find(id).ok_or_else(|| {
        let known: Vec<&str> = edition::ids().collect();
        let hint = did_you_mean(id, known.iter().copied());
        let message = format!("there is no edition `{id}`; known are {}{hint}", known.join(", "));
        error::usage(ErrorCode::Edition, message)
    })
}

/// Returns the edition that a word names: by its id, or by a program year.
///
/// # Errors
/// When there is none, or several programs have one in that year.
pub fn edition_named(word: &str) -> anyhow::Result<Edition> {
    find_edition(Some(&by_id_or_year(word.trim())?))
}

/// The rules of each edition that is named, or of the default one.
pub(super) fn rulings(
    options: &Options,
    credit: AttributionMode,
    period: Period,
) -> anyhow::Result<Vec<MeasureConfig>> {
    let named = options.edition.iter().flat_map(|list| list.split(',')).map(str::trim);
    let named = named.filter(|word| !word.is_empty()).map(by_id_or_year);
    let mut ids: Vec<String> = named.collect::<Result<_, _>>()?;
    let year = options.period.as_ref().map(|_| period.program_year());
    let is_named = !ids.is_empty();
    if !is_named {
        let of_year = match year {
            Some(year) if options.applies_no_rules => edition::of_year(year).unwrap_or(edition::DEFAULT),
            Some(year) => by_year(year)?,
            None => edition::DEFAULT,
        };
        ids.push(of_year.to_owned());
    }
    if let Some(again) = ids.iter().enumerate().find(|(at, id)| ids[..*at].contains(*id)) {
        let message = format!("edition {} is named twice", again.1);
        return Err(error::usage(ErrorCode::Edition, message));
    }
    let editions = ids.iter().map(|id| find_edition(Some(id))).collect::<Result<Vec<_>, _>>()?;
    if let Some(year) = year.filter(|_| is_named && !options.takes_any_year()) {
        editions.iter().try_for_each(|edition| check_year(edition, year))?;
    }
    let participant = participant(options, &editions, year)?;
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
            return Err(error::usage(ErrorCode::Policy, message));
        }
    }
    let year = period.program_year();
    let ruling = |edition: Edition| {
        let choices = choices(&edition, options, year)?;
        let threshold = edition.threshold(year).threshold;
        let edition = edition.in_year(year).arranged(&choices);
        Ok(MeasureConfig { threshold, choices, credit, participant, edition })
    };
    editions.into_iter().map(ruling).collect()
}

/// Reads who attests.
///
/// # Errors
/// If the word is unknown, or no edition is for such participants in the year.
fn participant(
    options: &Options,
    editions: &[Edition],
    year: Option<i32>,
) -> anyhow::Result<Option<Participant>> {
    let Some(word) = options.participant.as_deref() else { return Ok(None) };
    let participant =
        meaning_of("a word of participant", word.trim(), &Participant::WORDS, Participant::parse)?;
    let Some(year) = year.filter(|_| !options.applies_no_rules) else { return Ok(Some(participant)) };
    let all: Vec<_> = editions.iter().flat_map(|edition| edition.period_rules(year, None)).collect();
    if all.is_empty() || all.iter().any(|rule| rule.participant == participant) {
        return Ok(Some(participant));
    }
    let known: BTreeSet<&str> = all.iter().map(|rule| rule.participant.word()).collect();
    let known: Vec<&str> = known.into_iter().collect();
    let ids: Vec<&str> = editions.iter().map(|edition| edition.id.as_str()).collect();
    let message = format!(
        "edition {} has no participants `{}` in {year}; it has {}",
        ids.join(", "),
        participant.word(),
        known.join(", ")
    );
    Err(error::usage(ErrorCode::Choice, message))
}

/// Returns why no participant may use a reporting period, under the editions of some rulings that are for its year, or, if none is, under
/// every edition of the year; `None` if one may.
pub fn why_not_allowed(rulings: &[MeasureConfig], period: Period) -> Option<String> {
    let year = period.program_year();
    let of_year: Vec<&MeasureConfig> =
        rulings.iter().filter(|ruling| ruling.edition.years.contains(year)).collect();
    if let [first, ..] = of_year[..] {
        let is_allowed = of_year.iter().any(|ruling| ruling.allows(period));
        return first.period_note(period).filter(|_| !is_allowed);
    }
    let others: Vec<MeasureConfig> = edition::ids_for(year)
        .iter()
        .filter_map(|id| edition::find(id))
        .zip(rulings.iter().cycle())
        .map(|(edition, like)| MeasureConfig { edition, ..like.clone() })
        .collect();
    let is_allowed = others.iter().any(|ruling| ruling.allows(period));
    others.first().filter(|_| !is_allowed)?.period_note(period)
}

/// The id of the edition that a word names: by its id, or by a program year.
fn by_id_or_year(word: &str) -> anyhow::Result<String> {
    match ProgramYears::parse(word) {
        Some(years) if years.first == years.last => by_year(years.first).map(str::to_owned),
        _ => Ok(word.to_owned()),
    }
}

/// The id of the edition of a program year.
///
/// # Errors
/// When there is none, or several programs have one.
fn by_year(year: i32) -> anyhow::Result<&'static str> {
    edition::of_year(year).ok_or_else(|| {
        let message = match edition::ids_for(year).as_slice() {
            [] => format!("no edition is for {year}; `mucalc editions` lists the years of each"),
            ids => format!(
                "in {year} the measure depends on the program, so name an edition: add --edition with one of {}; `mucalc editions show ID` explains each",
                ids.join(", ")
            ),
        };
        error::usage(ErrorCode::EditionYear, message)
    })
}

/// Checks that a program year is one of an edition's.
fn check_year(edition: &Edition, year: i32) -> anyhow::Result<()> {
    if edition.years.contains(year) {
        return Ok(());
    }
    let others = match edition::ids_for(year).as_slice() {
        [] => format!("no edition is for {year}"),
        ids => format!("for {year} there are {}", ids.join(", ")),
    };
    let message = format!(
        "edition {} is for {}, and the reporting period begins in {year}; {others}. Name one of them with --edition, or add --any-year to apply the rules of another year",
        edition.id, edition.years
    );
    Err(error::usage(ErrorCode::EditionYear, message))
}

/// The day of attestation.
pub(super) fn attested(
    text: Option<&str>,
    period: Period,
    period_given: bool,
) -> anyhow::Result<Option<Day>> {
    let Some(text) = text else { return Ok(None) };
    let day = day(ErrorCode::Choice, "attested", text)?;
    if period_given && day < period.last {
        let message = format!(
            "attested: {day} lies before the period ends ({}); it is attested when it is over",
            period.last
        );
        return Err(error::usage(ErrorCode::Choice, message));
    }
    Ok(Some(day))
}

pub(super) fn choices(edition: &Edition, options: &Options, year: i32) -> anyhow::Result<PolicyChoices> {
    let mut choices = edition.default_choices(year);
    for (name, word) in &options.policy {
        let Some(policy) = edition.policies.get(name) else { continue };
        let choice =
            PolicyChoice::parse(word).filter(|choice| policy.choices.contains(choice)).ok_or_else(|| {
                let known: Vec<&str> = policy.choices.iter().map(|choice| choice.word()).collect();
                let hint = did_you_mean(word, known.iter().copied());
                let message =
                    format!("policy `{name}` has no choice `{word}`; it has {}{hint}", known.join(", "));
                error::usage(ErrorCode::Policy, message)
            })?;
        choices.insert(name.clone(), choice);
    }
    Ok(choices)
}
