//! Reports findings about the exports as a whole, once all rows were evaluated.

use crate::input_log::{InputLog, PERIOD};
use crate::last_day::last_helpful_day;
use crate::measure_run::MeasureRun;
use crate::observations::Observations;
use crate::sources::InputSet;
use crate::task::Task;
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::inclusion::Inclusion;
use mucalc_core::domain::look_alike::look_alikes;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::edition::model::AttributionScope;

/// Adds the findings about the exports as a whole.
pub(super) fn find(
    task: &Task,
    sources: &InputSet,
    judged: &[MeasureRun],
    passed: &Observations,
    is_to_date: bool,
    account: &mut InputLog,
) {
    warn_no_common_patients(sources, judged, account);
    stranger_providers(task, sources, judged, account);
    only_minimal_services(sources, judged, account);
    nearly_matching(sources, judged, account);
    look_alike(sources, judged, account);
    account.check_period(task);
    if !is_to_date {
        warn_period_mismatch(task, sources, passed, account);
    }
    unexported_window(task, judged, account);
}

/// Reports messages and encounters without a common patient, so that a numerator of 0 is not misunderstood.
fn warn_no_common_patients(sources: &InputSet, judged: &[MeasureRun], account: &mut InputLog) {
    let apart = judged.iter().find(|judged| {
        let met = judged.ledger.written.met;
        !judged.ledger.is_empty() && met.may > 0 && met.seen == 0
    });
    let first = sources.messages.first().or(sources.accesses.first());
    if let Some((judged, source)) = apart.zip(first) {
        account.find(
            FindingCode::NoPatientInBoth,
            judged.ledger.written.met.may,
            SourceLocation::file(&*source.name),
        );
    }
}

/// Reports messages and encounters without a common provider, if a message counts only for the provider that it names.
fn stranger_providers(task: &Task, sources: &InputSet, judged: &[MeasureRun], account: &mut InputLog) {
    let apart = task.rulings.iter().zip(judged).find(|(ruling, judged)| {
        // With a roster, several ids may be those of one person.
        let may_be_same = match ruling.edition.counts_for {
            AttributionScope::Anybody => true,
            AttributionScope::NamedOrSameNpi => sources.roster.is_some(),
            AttributionScope::Named | AttributionScope::NamedOrAll => false,
        };
        let providers = judged.matched.providers;
        ruling.credit == AttributionMode::Strict
            && !may_be_same
            && !judged.ledger.is_empty()
            && providers.named > 0
            && providers.found == 0
    });
    let first = sources.messages.first().or(sources.accesses.first());
    if let Some(((_, judged), source)) = apart.zip(first) {
        let place =
            SourceLocation { column: Some("provider_id".to_owned()), ..SourceLocation::file(&*source.name) };
        account.find(FindingCode::NoProviderInBoth, judged.matched.providers.named, place);
    }
}

/// Reports a run in which no patient was seen, because all encounters that could qualify were minimal services (B43).
fn only_minimal_services(sources: &InputSet, judged: &[MeasureRun], account: &mut InputLog) {
    let rows = |judged: &MeasureRun| {
        let buckets = judged.seen.buckets(&judged.law.denominator);
        buckets.iter().find(|bucket| bucket.rule == MINIMAL_SERVICE).map_or(0, |bucket| bucket.rows)
    };
    let rows = judged.iter().filter(|judged| judged.ledger.is_empty()).map(rows).max().unwrap_or(0);
    if let Some(source) = sources.encounters.first().filter(|_| rows > 0) {
        account.find(FindingCode::OnlyMinimalServices, rows, SourceLocation::file(&*source.name));
    }
}

/// The rule about telephone calls and ancillary services in the rule sets of the regulations.
const MINIMAL_SERVICE: &str = "minimal-service";

/// Reports ids of messages that almost match ids of the encounters.
fn nearly_matching(sources: &InputSet, judged: &[MeasureRun], account: &mut InputLog) {
    let all = judged.iter().map(|judged| &judged.matched);
    let most = all.max_by_key(|matched| matched.patients.near + matched.providers.near);
    let Some((matched, file)) = most.and_then(|matched| Some((matched, matched.first_file?))) else { return };
    let files = || sources.messages.iter().chain(&sources.accesses);
    if let Some(source) = files().nth(file as usize) {
        let column = if matched.patients.near > 0 { "patient_id" } else { "provider_id" };
        let place = SourceLocation { column: Some(column.to_owned()), ..SourceLocation::file(&*source.name) };
        account.find(FindingCode::IdNearlyMatches, matched.patients.near + matched.providers.near, place);
    }
}

/// Reports providers whose ids look alike.
fn look_alike(sources: &InputSet, judged: &[MeasureRun], account: &mut InputLog) {
    let Some(MeasureRun { ledger, .. }) = judged.first() else { return };
    let ids = &ledger.pairs.providers;
    let count = look_alikes((0..ids.len() as u32).map(|code| ids.get(code)));
    if let Some(source) = sources.encounters.first().filter(|_| count > 0) {
        let place =
            SourceLocation { column: Some("provider_id".to_owned()), ..SourceLocation::file(&*source.name) };
        account.find(FindingCode::LookAlikeId, count, place);
    }
}

/// Reports days on which messages or accesses may qualify, if the exports do not cover them according to the user.
fn unexported_window(task: &Task, judged: &[MeasureRun], account: &mut InputLog) {
    let Some(exported) = task.exported.filter(|_| task.period_given) else { return };
    let lies_outside = |judged: &&MeasureRun| {
        let hull = judged.law.windows.span();
        let counts_around = last_helpful_day(&judged.law, Inclusion::is_possible) != Some(task.period.last);
        counts_around && !(exported.contains(hull.first) && exported.contains(hull.last))
    };
    if judged.iter().any(|judged| lies_outside(&judged)) {
        account.find(FindingCode::WindowNotExported, 1, SourceLocation::file(PERIOD));
    }
}

/// Reports encounters that are all outside the reporting period, or that end before it does. The figures are then correct, but may not be
/// the intended ones.
fn warn_period_mismatch(task: &Task, sources: &InputSet, passed: &Observations, account: &mut InputLog) {
    let Some((days, source)) = passed.encounters.zip(sources.encounters.first()) else { return };
    let place = SourceLocation::file(&*source.name);
    let period = task.period;
    let is_covered = task.exported.is_some_and(|exported| exported.contains(period.last));
    if days.last < period.first || period.last < days.first {
        account.find(FindingCode::NothingInPeriod, 1, place);
    } else if period.last.days_since(days.last) > ABOUT_A_WEEK && !is_covered {
        account.find(FindingCode::EndsBeforePeriod, 1, place);
    }
}

/// Returns whether the encounter exports cover the reporting period, except for about a week at either end.
pub fn reach_over(task: &Task, passed: &Observations) -> bool {
    let period = task.period;
    match (task.exported, passed.encounters) {
        (Some(exported), _) => exported.contains(period.first) && exported.contains(period.last),
        (None, Some(days)) => {
            days.first.days_since(period.first) <= ABOUT_A_WEEK
                && period.last.days_since(days.last) <= ABOUT_A_WEEK
        }
        (None, None) => false,
    }
}

/// How many days without an encounter are plausible at the end of a period that is over: holidays, and a weekend.
const ABOUT_A_WEEK: i32 = 8;
