//! Calculates the measure as of a day, like a report of the rows through that day. `progress` and `outreach` use it.

use std::collections::HashMap;

use crate::error::{self, ErrorCode};
use crate::run::compute::run_measures;
use crate::run::ledger::names;
use crate::run::settings::RunConfig;
use mucalc_analysis::ledger_rows::RowLabels;
use mucalc_core::domain::inclusion::Inclusion;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::record::REASONS;
use mucalc_core::domain::report::{MeasureResult, Report};
use mucalc_core::domain::subject::NumeratorSubject;
use mucalc_core::domain::text::{did_you_mean, escape_control};
use mucalc_core::edition::model::{PolicyChoice, Rule, RuleEffect};
use mucalc_engine::{CollectWants, InputSet, MeasureRun, Observations};

/// The measure as of a day.
pub struct InterimMeasure {
    /// The report of the rows through the day.
    pub report: Report,
    /// The evaluation of the inputs under the first rule set.
    pub judged: MeasureRun,
    /// The names that the ledger's numbers refer to.
    pub names: RowLabels,
    /// Observations made while rows were read.
    pub passed: Observations,
    /// Whether a patient has a portal account, by patient id, as far as the inputs show.
    pub enrollment: HashMap<String, bool>,
    /// The day through which rows are used; `None` if no day was given and the period has no rows.
    pub as_of: Option<Day>,
    /// The last day with a recorded row, through `as_of`; `None` if the period has no rows.
    pub recorded_until: Option<Day>,
}

/// Checks the value of `--as-of`, and returns it.
///
/// # Errors
/// If the day is before the period.
pub fn day(settings: &RunConfig, as_of: Option<Day>) -> anyhow::Result<Option<Day>> {
    let Some(day) = as_of else { return Ok(None) };
    if day < settings.task.period.first {
        let message =
            format!("--as-of: {day} is before the first day of the period ({})", settings.task.period.first);
        return Err(error::usage(ErrorCode::Choice, message));
    }
    Ok(Some(day))
}

/// Calculates the measure from the rows through the day `until`, or from all rows if it is `None`. Then the as-of day is the last day with
/// a recorded row. `appointments` also collects planned visits and, where the practice has to write, unanswered messages.
///
/// # Errors
/// If an input cannot be used.
pub fn to_date(
    settings: &RunConfig,
    sources: &InputSet,
    until: Option<Day>,
    appointments: bool,
) -> anyhow::Result<InterimMeasure> {
    // An answer can qualify only under rule sets in which the practice has to write.
    let practice_writes = settings.task.primary_measure().subject() == NumeratorSubject::MessagesToPatients;
    let correspondence = appointments && practice_writes;
    let wants = CollectWants {
        evidence: true,
        // The list of patients to contact says why no message of theirs counts.
        nearest: appointments,
        days: true,
        appointments,
        correspondence,
        to_date: true,
        until,
    };
    let outcome = run_measures(settings, sources, wants)?;
    let judged = outcome.judged.into_iter().next();
    let judged = judged.ok_or_else(|| error::internal("a run without an edition"))?;
    let last_seen = judged.days.iter().filter_map(|seen| seen.day).max();
    let last = last_seen.max(outcome.passed.last).filter(|day| *day >= settings.task.period.first);
    Ok(InterimMeasure {
        as_of: until.or(last),
        recorded_until: last,
        names: names(sources, &judged.law),
        enrollment: outcome.enrollment,
        report: outcome.report,
        judged,
        passed: outcome.passed,
    })
}

impl InterimMeasure {
    /// Returns the result under the first rule set.
    pub fn measure(&self) -> &MeasureResult {
        &self.report.measure
    }
}

/// Returns the text of a ledger reason: a rule id of the numerator, or another code. Empty if the code is unknown.
///
/// `is_open` means that the row is unresolved. If the rule itself does not leave rows unresolved, the text states that the export does not
/// show whether the rule applies.
pub fn as_of_note(settings: &RunConfig, reason: &str, is_open: bool) -> String {
    let ruling = settings.task.primary_measure();
    let rule = ruling.edition.numerator.rules.iter().find(|known| known.id == reason);
    let leaves_open = |rule: &Rule| match &rule.decision {
        RuleEffect::Fixed(answer) => *answer == Inclusion::Uncertain,
        RuleEffect::ByPolicy(policy) => ruling.choices.get(policy) == Some(&PolicyChoice::Uncertain),
    };
    match rule {
        Some(rule) if is_open && !leaves_open(rule) => {
            format!("The export does not say enough to tell whether this is so: {}", rule.why.why)
        }
        Some(rule) => rule.why.why.clone(),
        None => {
            let known = REASONS.iter().find(|(known, _)| *known == reason);
            known.map_or_else(String::new, |(_, text)| (*text).to_owned())
        }
    }
}

/// Returns why it is unresolved whether the patient was seen, given the rule that decides the encounter.
pub fn why_seen(settings: &RunConfig, rule: &str) -> String {
    let known =
        settings.task.primary_measure().edition.denominator.rules.iter().find(|known| known.id == rule);
    match known {
        Some(known) if known.decision == RuleEffect::Fixed(Inclusion::Uncertain) => known.why.why.clone(),
        Some(known) => {
            format!("The export does not say enough to tell whether this is so: {}", known.why.why)
        }
        None => "Rows with the same record id say different things about the visit.".to_owned(),
    }
}

/// Checks that `all` contains every requested provider.
///
/// # Errors
/// If a requested id is unknown.
pub fn check_providers(all: &[ProviderResult], asked: &[String]) -> anyhow::Result<()> {
    let known = || all.iter().map(|provider| provider.provider_id.as_str());
    for id in asked {
        if !known().any(|known| known == id) {
            let hint = did_you_mean(id, known());
            let some: Vec<&str> = known().take(10).collect();
            let more = if all.len() > some.len() { ", ..." } else { "" };
            let (id, some) = (escape_control(id), escape_control(&some.join(", ")));
            let message = format!("no provider has the id `{id}`; there are {some}{more}{hint}");
            return Err(error::usage(ErrorCode::NotInExports, message));
        }
    }
    Ok(())
}
