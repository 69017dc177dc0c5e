//! Finds the rule sets of a run, and applies its policy settings to them.

use crate::error::{self, ErrorCode};
use crate::run::settings::ResolveContext;
use mucalc_core::domain::participant::Participant;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::text::did_you_mean;
use mucalc_core::edition::{self, Edition, model::PolicyChoices};
use mucalc_engine::MeasureConfig;
use mucalc_options::{MeasureOptions, RuleSetId};
use std::collections::BTreeSet;

/// Returns the rule set with this id, or the one for this program year.
///
/// # Errors
/// If no rule set has this id or year, or several programs have one for the year.
pub fn edition_named(text: &str) -> anyhow::Result<Edition> {
    let id: RuleSetId =
        text.parse().map_err(|error| error::usage(ErrorCode::Edition, format!("`{text}`: {error}")))?;
    find_edition(&id.0)
}

/// Returns the measure configuration of each named rule set, or of the one for the year.
///
/// # Errors
/// If a rule set is named twice or is for another year. If no rule set is for the year, or a policy setting is unknown.
pub(super) fn rulings(
    options: &MeasureOptions,
    context: &ResolveContext,
    period: Period,
) -> anyhow::Result<Vec<MeasureConfig>> {
    let mut ids: Vec<String> = options.edition.iter().map(|id| id.0.clone()).collect();
    let year = options.period.as_ref().map(|_| period.program_year());
    let is_named = !ids.is_empty();
    if !is_named {
        ids.push(match year {
            Some(year) if context.applies_no_rules => {
                edition::id_for_year(year).unwrap_or(edition::DEFAULT).to_owned()
            }
            Some(year) => {
                RuleSetId::from_year(year)
                    .map_err(|error| error::usage(ErrorCode::EditionYear, error.to_string()))?
                    .0
            }
            None => edition::DEFAULT.to_owned(),
        });
    }
    if let Some(again) = ids.iter().enumerate().find(|(at, id)| ids[..*at].contains(*id)) {
        let message = format!("edition {} is named twice", again.1);
        return Err(error::usage(ErrorCode::Edition, message));
    }
    let editions = ids.iter().map(|id| find_edition(id)).collect::<Result<Vec<_>, _>>()?;
    let takes_any_year = options.any_year || context.leaves_years_unchecked;
    if let Some(year) = year.filter(|_| is_named && !takes_any_year) {
        editions.iter().try_for_each(|edition| check_year(edition, year))?;
    }
    let participant = participant(options, context, &editions, year)?;
    let policies = || editions.iter().flat_map(|edition| edition.policies.keys()).map(String::as_str);
    for (name, _) in &options.policy {
        if !policies().any(|known| known == name) {
            let known: BTreeSet<&str> = policies().collect();
            let known: Vec<&str> = known.into_iter().collect();
            let hint = did_you_mean(name, known.iter().copied());
            let message = format!(
                "rule set {} has no policy `{name}`; it has {}{hint}",
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
        let credit = options.credit.unwrap_or_default();
        Ok(MeasureConfig { threshold, choices, credit, participant, edition })
    };
    editions.into_iter().map(ruling).collect()
}

/// Returns who attests.
///
/// # Errors
/// If no rule set has such participants in the year.
fn participant(
    options: &MeasureOptions,
    context: &ResolveContext,
    editions: &[Edition],
    year: Option<i32>,
) -> anyhow::Result<Option<Participant>> {
    let Some(participant) = options.participant else { return Ok(None) };
    let Some(year) = year.filter(|_| !context.applies_no_rules) else { return Ok(Some(participant)) };
    let all: Vec<_> = editions.iter().flat_map(|edition| edition.period_rules(year, None)).collect();
    if all.is_empty() || all.iter().any(|rule| rule.participant == participant) {
        return Ok(Some(participant));
    }
    let known: BTreeSet<&str> = all.iter().map(|rule| rule.participant.word()).collect();
    let known: Vec<&str> = known.into_iter().collect();
    let ids: Vec<&str> = editions.iter().map(|edition| edition.id.as_str()).collect();
    let message = format!(
        "rule set {} does not apply to `{}` in {year}; valid values of --participant are {}",
        ids.join(", "),
        participant.word(),
        known.join(", ")
    );
    Err(error::usage(ErrorCode::Choice, message))
}

/// Returns why no participant may use a reporting period, or `None` if one may. Applies those of the given rule sets that are for its year,
/// or every rule set for the year if none of them is.
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

/// Returns the rule set with a known id.
fn find_edition(id: &str) -> anyhow::Result<Edition> {
    edition::find(id).ok_or_else(|| error::internal("a rule set that is listed and not found"))
}

/// Checks that a rule set is for a program year.
fn check_year(edition: &Edition, year: i32) -> anyhow::Result<()> {
    if edition.years.contains(year) {
        return Ok(());
    }
    let others = match edition::ids_for(year).as_slice() {
        [] => format!("no rule set is for {year}"),
        ids => format!("for {year} there are {}", ids.join(", ")),
    };
    let message = format!(
        "rule set {} is for {}, and the reporting period begins in {year}; {others}. Name one of them with --edition, or add --any-year to apply the rules of another year",
        edition.id, edition.years
    );
    Err(error::usage(ErrorCode::EditionYear, message))
}

/// Returns the attestation date.
///
/// # Errors
/// If it is before the end of the period.
pub(super) fn attested(day: Option<Day>, period: Period, period_given: bool) -> anyhow::Result<Option<Day>> {
    let Some(day) = day else { return Ok(None) };
    if period_given && day < period.last {
        let message = format!(
            "attested: {day} is before the last day of the period ({}); attest after the period",
            period.last
        );
        return Err(error::usage(ErrorCode::Choice, message));
    }
    Ok(Some(day))
}

pub(super) fn choices(
    edition: &Edition,
    options: &MeasureOptions,
    year: i32,
) -> anyhow::Result<PolicyChoices> {
    let mut choices = edition.default_choices(year);
    for (name, word) in &options.policy {
        let Some(policy) = edition.policies.get(name) else { continue };
        let choice = word.parse().ok().filter(|choice| policy.choices.contains(choice)).ok_or_else(|| {
            let known: Vec<&str> = policy.choices.iter().map(|choice| choice.word()).collect();
            let hint = did_you_mean(word, known.iter().copied());
            let message = format!(
                "policy setting `{name}` cannot be `{word}`; valid values are {}{hint}",
                known.join(", ")
            );
            error::usage(ErrorCode::Policy, message)
        })?;
        choices.insert(name.clone(), choice);
    }
    Ok(choices)
}
