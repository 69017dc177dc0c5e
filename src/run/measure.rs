//! Builds the measure from a ledger: the figures of each provider, of the practice, and of clinicians with several provider ids.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::run::beside_verdict::{BesideVerdict, InputsTell};
use crate::run::settings::RunConfig;
use mucalc_analysis::clinicians::{self, Clinician};
use mucalc_analysis::summary::{LedgerSummary, summary};
use mucalc_core::domain::exclusion::ExclusionStatus;
use mucalc_core::domain::membership::{DenominatorStatus, NumeratorStatus};
use mucalc_core::domain::npi;
use mucalc_core::domain::provider::{ExclusionSummary, PointsSummary, ProviderResult};
use mucalc_core::domain::rate;
use mucalc_core::domain::report::{
    Attrition, ClinicianResult, FractionRange, GroupResult, MatchedIds, MeasureResult, NamedIds,
    ProviderAttrition,
};
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::score::{MembershipCounts, Regrouped};
use mucalc_core::domain::verdict::Verdict;
use mucalc_core::edition::model::Exclusion;
use mucalc_core::ledger::{Adjudications, Ledger, Matched, Named, RuleCounts, UnusableByProvider};
use mucalc_engine::{MeasureConfig, MeasureRun};

/// Returns the measure under one measure configuration.
///
/// # Errors
/// If the ledger cannot be summed up, which would be a defect of the program.
pub fn measure(
    settings: &RunConfig,
    ruling: &MeasureConfig,
    judged: &MeasureRun,
    roster: Option<&Roster>,
    decided: &Adjudications<'_>,
    tell: InputsTell,
) -> anyhow::Result<MeasureResult> {
    let MeasureRun { law, ledger, seen, wrote, unusable, matched, .. } = judged;
    let mut summary = summary(ledger, settings.task.threads);
    allow_for_unusable(&mut summary, ledger, unusable);
    let beside = BesideVerdict { settings, ruling, judged, tell };
    let persons = roster.map_or_else(Vec::new, |roster| persons_of(roster, judged));
    let mut providers = providers(&beside, roster, &persons, &summary);
    providers.iter_mut().for_each(|provider| provider.reviews = decided.shares(&provider.provider_id));
    let met = providers.iter().filter(|provider| provider.verdict == Verdict::Met).count();
    let buckets = wrote.buckets(&law.numerator);
    let (messages, accesses) = match ruling.counts_messages() {
        true => (buckets, Vec::new()),
        false => (Vec::new(), buckets),
    };
    Ok(MeasureResult {
        group: Some(GroupResult {
            denominator: summary.group.denominator(),
            numerator: summary.group.numerator_of_group(),
            unusable: summary.group.unusable,
            summed: sum_ranges(&summary),
            providers_met: met as u64,
            providers: providers.len() as u64,
        }),
        combined: roster.map_or_else(Vec::new, |roster| combined(&beside, roster, persons, &summary)),
        matched: Some(matched_ids(matched)),
        providers,
        waterfall: Some(Attrition {
            encounters: seen.buckets(&law.denominator),
            messages,
            accesses,
            providers: attrition_by_provider(ruling, judged),
        }),
        ..empty_measure(settings, ruling)
    })
}

/// Returns the counts of each provider with a row, by provider number, widened by unusable rows.
///
/// # Errors
/// If the ledger cannot be summed up, which would be a defect of the program.
pub fn scores(settings: &RunConfig, judged: &MeasureRun) -> anyhow::Result<BTreeMap<u32, MembershipCounts>> {
    let mut summary = summary(&judged.ledger, settings.task.threads);
    allow_for_unusable(&mut summary, &judged.ledger, &judged.unusable);
    Ok(summary.scores)
}

/// Widens the counts of each provider, and of the practice, by the unusable rows that may concern them.
fn allow_for_unusable(summary: &mut LedgerSummary, ledger: &Ledger, unusable: &UnusableByProvider) {
    if unusable.all.is_empty() {
        return;
    }
    let regrouped = if unusable.may_regroup() { regrouped(ledger) } else { ByProvider::default() };
    for provider in 0..ledger.pairs.providers.len() as u32 {
        let (rows, elsewhere) = (unusable.for_provider(provider), unusable.elsewhere(provider));
        if !rows.is_empty() || elsewhere > 0 {
            let score = summary.scores.entry(provider).or_default();
            (score.unusable, score.unseen_writers) = (rows, unusable.writers_of(provider));
            score.elsewhere = elsewhere;
            score.regrouped = regrouped.providers.get(&provider).copied().unwrap_or_default();
        }
    }
    let group = &mut summary.group;
    group.unusable = unusable.all;
    group.unseen_writers =
        unusable.all_writers().filter(|patient| ledger.wrote(patient) == NumeratorStatus::None).count()
            as u64;
    if unusable.may_regroup() {
        group.elsewhere = unusable.all.encounters;
        group.regrouped.certain = regrouped.all;
    }
}

/// Patients who are certainly in the numerator only because of messages that name no provider.
#[derive(Default)]
struct ByProvider {
    /// Counts by provider number.
    providers: BTreeMap<u32, Regrouped>,
    /// Patients who are certainly in the numerator of some providers, and with each of them only because of such messages.
    all: u64,
}

/// Counts the patients who are certainly in the numerator only because of messages that name no provider.
fn regrouped(ledger: &Ledger) -> ByProvider {
    let mut counted = ByProvider::default();
    // The rows of a patient are adjacent. Tracks whether some row is certainly in the numerator, and whether one is because of a message
    // that names a provider.
    let mut patient: Option<(u32, bool, bool)> = None;
    let mut end = |patient: Option<(u32, bool, bool)>| {
        counted.all += u64::from(matches!(patient, Some((_, true, false))));
    };
    for (pair, standing, is_unnamed) in ledger.rows_by_unnamed() {
        let is_certain = standing.denominator == DenominatorStatus::Certain;
        if is_unnamed {
            let of = counted.providers.entry(pair.provider).or_default();
            if is_certain { of.certain += 1 } else { of.possible += 1 }
        }
        if patient.is_none_or(|(known, ..)| known != pair.patient) {
            end(patient.replace((pair.patient, false, false)));
        }
        if let Some((_, counts, is_named)) = patient.as_mut().filter(|_| is_certain) {
            *counts |= standing.numerator == NumeratorStatus::Certain;
            *is_named |= standing.numerator == NumeratorStatus::Certain && !is_unnamed;
        }
    }
    end(patient);
    counted
}

/// Converts the result of matching ids to its form in the report.
fn matched_ids(matched: &Matched) -> MatchedIds {
    let ids = |Named { named, found, near }: Named| NamedIds { named, found, near };
    MatchedIds {
        patients: ids(matched.patients),
        providers: ids(matched.providers),
        fold: matched.folds.iter().map(|fold| fold.word()).collect(),
    }
}

/// Adds up the figures of all providers. An unusable row that may concern several providers counts as one patient of one of them.
pub fn sum_ranges(summary: &LedgerSummary) -> FractionRange {
    let mut all = MembershipCounts::default();
    summary.scores.values().for_each(|score| all.merge(score));
    all.unusable = summary.group.unusable;
    FractionRange { denominator: all.denominator(), numerator: all.numerator() }
}

/// Returns how many rows of each provider each rule decided, if rows were counted by provider.
fn attrition_by_provider(ruling: &MeasureConfig, judged: &MeasureRun) -> Vec<ProviderAttrition> {
    let MeasureRun { law, seen, wrote, .. } = judged;
    // Named providers sort before rows that name none.
    let mut all: BTreeMap<(bool, Option<&str>), ProviderAttrition> = BTreeMap::new();
    let empty = |provider: Option<&str>| ProviderAttrition {
        provider_id: provider.map(str::to_owned),
        encounters: RuleCounts::new(&law.denominator).buckets_like(seen, &law.denominator),
        ..ProviderAttrition::default()
    };
    for (provider, tally) in seen.providers() {
        let of = all.entry((provider.is_none(), provider)).or_insert_with(|| empty(provider));
        of.encounters = tally.buckets_like(seen, &law.denominator);
    }
    for (provider, tally) in wrote.providers() {
        let of = all.entry((provider.is_none(), provider)).or_insert_with(|| empty(provider));
        let buckets = tally.buckets_like(wrote, &law.numerator);
        match ruling.counts_messages() {
            true => of.messages = buckets,
            false => of.accesses = buckets,
        }
    }
    all.into_values().collect()
}

/// Returns the measure of a run without figures.
pub fn empty_measure(settings: &RunConfig, ruling: &MeasureConfig) -> MeasureResult {
    let mut edition = ruling.reference(settings.task.period, settings.task.attested);
    edition.reporting_period =
        ruling.period_allowance(settings.task.period).filter(|_| settings.task.period_given);
    edition.notes.extend(ruling.period_note(settings.task.period).filter(|_| settings.task.period_given));
    MeasureResult {
        edition,
        credit: ruling.credit,
        policies: ruling.policies(),
        providers: Vec::new(),
        combined: Vec::new(),
        group: None,
        matched: None,
        waterfall: None,
    }
}

/// Returns the numbers of the providers to list, sorted by id: those on the roster and those who saw patients. Without a roster, all who
/// are named in the encounters.
pub fn providers_to_report(
    ledger: &Ledger,
    roster: Option<&Roster>,
    saw_patients: impl Fn(u32) -> bool,
) -> Vec<u32> {
    let ids = &ledger.pairs.providers;
    let is_listed = |code: &u32| match roster {
        Some(roster) => roster.contains_key(ids.get(*code)) || saw_patients(*code),
        None => true,
    };
    let mut codes: Vec<u32> = (0..ids.len() as u32).filter(is_listed).collect();
    codes.sort_unstable_by_key(|code| ids.get(*code));
    codes
}

/// Returns whether a provider saw patients, or may have because an encounter names the provider and no patient.
pub fn saw_patients(summary: &LedgerSummary, unusable: &UnusableByProvider, code: u32) -> bool {
    let has_rows = summary.scores.get(&code).is_some_and(|score| score.has_patients());
    has_rows || unusable.is_seen_by(code)
}

fn providers(
    beside: &BesideVerdict<'_>,
    roster: Option<&Roster>,
    persons: &[Clinician],
    summary: &LedgerSummary,
) -> Vec<ProviderResult> {
    let MeasureRun { ledger, unusable, .. } = beside.judged;
    let ids = &ledger.pairs.providers;
    let codes = providers_to_report(ledger, roster, |code| saw_patients(summary, unusable, code));
    let person_of: HashMap<u32, &Clinician> =
        persons.iter().flat_map(|person| person.codes.iter().map(move |code| (*code, person))).collect();
    let provider = |code: u32| {
        let id = ids.get(code);
        // Items attested in addition to the measure concern the clinician, under all provider ids.
        let alone = [code];
        let person = person_of.get(&code).map_or(&alone[..], |person| &person.codes);
        let line = roster.and_then(|roster| roster.get(id));
        let score = summary.scores.get(&code).copied().unwrap_or_default();
        ProviderResult {
            name: line.and_then(|line| line.name.clone()),
            npi: line.and_then(|line| line.npi.clone()),
            exclusions: beside.exclusions(person),
            cehrt_locations: beside.cehrt_locations(person),
            ..provider_result(beside.ruling, id, &score)
        }
    };
    codes.into_iter().map(provider).collect()
}

/// Returns a provider with these counts and no other data.
pub fn provider_result(ruling: &MeasureConfig, id: &str, score: &MembershipCounts) -> ProviderResult {
    let not_computed = |exclusion: &Exclusion| ExclusionSummary {
        id: exclusion.id.clone(),
        applies: ExclusionStatus::NotComputed,
    };
    ProviderResult {
        provider_id: id.to_owned(),
        name: None,
        npi: None,
        denominator: score.denominator(),
        numerator: score.numerator(),
        unusable: score.unusable,
        rate_percent: rate::lowest_rate(score, ruling.threshold),
        rate_percent_most: rate::highest_rate(score, ruling.threshold),
        verdict: score.verdict(ruling.threshold),
        needed: score.patients_needed(ruling.threshold),
        adjudicate: score.decisions_needed(ruling.threshold),
        points: points(ruling, score),
        exclusions: ruling.edition.exclusions.iter().map(not_computed).collect(),
        cehrt_locations: None,
        reviews: Vec::new(),
        activity: None,
        unresolved: score.unresolved(),
    }
}

/// Returns the points, if the rule set has a point scale.
fn points(ruling: &MeasureConfig, score: &MembershipCounts) -> Option<PointsSummary> {
    let of = ruling.edition.points.as_ref()?.of;
    let of = u64::from(of);
    // Points are rounded up, or the rate is rounded to a whole percent first. The source that decides between these readings has not been
    // read (B58).
    let readings = |numerator: u64, denominator: u64| -> [u64; 2] {
        if denominator == 0 || numerator == 0 {
            return [0, 0];
        }
        let percent = (200 * numerator + denominator) / (2 * denominator);
        [(numerator * of).div_ceil(denominator), (percent * of).div_ceil(100).max(1)]
            .map(|points| points.min(of))
    };
    let (least, most) = (|[one, other]: [u64; 2]| one.min(other), |[one, other]: [u64; 2]| one.max(other));
    Some(PointsSummary {
        of: of as u32,
        // A possible patient who is in the numerator if seen does not lower the points.
        least: least(readings(score.numerator().least, score.lowest_rate_denominator())),
        most: most(readings(score.numerator().most, score.highest_rate_denominator())),
    })
}

/// Returns the clinicians with several ids on the roster, by the National Provider Identifier.
fn persons_of(roster: &Roster, judged: &MeasureRun) -> Vec<Clinician> {
    let MeasureRun { ledger, .. } = judged;
    let mut ids_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, line) in roster {
        // An NPI that fails its check digit, such as `N/A` or all nines, identifies no clinician, so it joins no ids.
        if let Some(npi) = line.npi.as_ref().filter(|number| npi::is_valid(number)) {
            ids_of.entry(npi).or_default().push(id);
        }
    }
    ids_of
        .into_iter()
        .filter(|(_, ids)| ids.len() > 1)
        .map(|(number, ids)| Clinician {
            npi: number.to_owned(),
            codes: ids.iter().filter_map(|id| ledger.pairs.providers.find(id.as_bytes())).collect(),
            ids: ids.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}

/// Returns the results of clinicians with several ids on the roster, for example because they use several certified systems: their counts
/// simply added (B9a), and each patient counted once.
fn combined(
    beside: &BesideVerdict<'_>,
    roster: &Roster,
    persons: Vec<Clinician>,
    summary: &LedgerSummary,
) -> Vec<ClinicianResult> {
    let BesideVerdict { ruling, judged: MeasureRun { ledger, unusable, .. }, .. } = beside;
    let once = clinicians::clinician_counts(ledger, &persons);
    let figures = |score: &MembershipCounts| FractionRange {
        denominator: score.denominator(),
        numerator: score.numerator(),
    };
    let one = |(person, mut once): (Clinician, MembershipCounts)| {
        let mut summed = MembershipCounts::default();
        person.codes.iter().filter_map(|code| summary.scores.get(code)).for_each(|score| summed.merge(score));
        // An unusable row that may concern several ids of a clinician counts as one patient of one of them.
        let rows = unusable.rows_for_person(&person.codes);
        summed.unusable = rows;
        let writers = unusable.writers_of_person(&person.codes, &ledger.pairs);
        (once.unusable, once.unseen_writers) = (rows, writers);
        let lines = || person.ids.iter().filter_map(|id| roster.get(id));
        ClinicianResult {
            name: lines().find_map(|line| line.name.clone()),
            cehrt_ids: lines()
                .filter_map(|line| line.cehrt.clone())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            summed: figures(&summed),
            summed_verdict: summed.verdict(ruling.threshold),
            once: figures(&once),
            once_verdict: once.verdict(ruling.threshold),
            exclusions: beside.exclusions(&person.codes),
            cehrt_locations: beside.cehrt_locations(&person.codes),
            npi: person.npi,
            provider_ids: person.ids,
        }
    };
    persons.into_iter().zip(once).map(one).collect()
}
