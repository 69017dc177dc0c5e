//! The main job without its output: inputs and settings in, ledgers and report model out.

mod encounters;
mod numerators;

use std::collections::HashMap;

use crate::run::account::{Account, PERIOD};
use crate::run::beside::Beside;
use crate::run::beside_verdict::InputsTell;
use crate::run::failed::Failed;
use crate::run::head::head;
use crate::run::inputs::Sources;
use crate::run::judged::Judged;
use crate::run::last_day::last_helpful_day;
use crate::run::measure::{measure, without_figures};
use crate::run::noticed::{Noticed, Wants};
use crate::run::ruling::Ruling;
use crate::run::settings::{Falls, Settings};
use crate::run::stamp::stamp;
use crate::run::{bar, interrupt};
use mucalc_core::domain::activity::{Activity, FirstAndLast, MessageOn};
use mucalc_core::domain::adjudication::{About, Adjudicated, Adjudication};
use mucalc_core::domain::answer::Answer;
use mucalc_core::domain::basis::Basis;
use mucalc_core::domain::finding::Code;
use mucalc_core::domain::look_alike::look_alikes;
use mucalc_core::domain::place::Place;
use mucalc_core::domain::report::{Failure, Measure, Report};
use mucalc_core::domain::score::Threshold;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::tally::{AllSeen, Decided, FateOf, Law, RowKey};
use mucalc_read::{Reading, Source};

/// What came out of a run.
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// What each ruling made of the inputs, in their order.
    pub judged: Vec<Judged>,
    /// The decisions of people.
    pub decisions: Vec<Adjudication>,
    /// What was noticed of rows as they passed.
    pub passed: Noticed,
    /// Whether patients have an account of the portal, as far as it is known.
    pub enrollment: HashMap<String, bool>,
}

/// Reads the inputs once and computes the measure under every ruling of the settings.
///
/// # Errors
/// When an input cannot be used.
pub fn compute(settings: &Settings, sources: &Sources, wants: Wants) -> Result<Outcome, Failed> {
    let (outcome, measures) = compute_under(settings, &settings.rulings, sources, wants)?;
    let mut measures = measures.into_iter();
    let measure = measures.next().ok_or_else(|| Failed::internal("a run without an edition"))?;
    let report = Report { measure, alongside: measures.collect(), ..outcome.report };
    Ok(Outcome { report, ..outcome })
}

/// The same under other rulings than those of the settings, whose measures are told apart from the report.
///
/// # Errors
/// When an input cannot be used.
pub fn compute_under(
    settings: &Settings,
    rulings: &[Ruling],
    sources: &Sources,
    wants: Wants,
) -> Result<(Outcome, Vec<Measure>), Failed> {
    // What is attested with yes or no needs evidence that the function was in use.
    let is_attested = rulings.iter().any(|ruling| ruling.threshold == Threshold::Attested);
    let wants = Wants { correspondence: wants.correspondence || is_attested, ..wants };
    let bar = bar::bar(sources.all(), settings.quiet);
    let step = |step| bar.step(step);
    let reading = settings.reading(sources, &step);

    let laws: Vec<Law> =
        rulings.iter().map(|ruling| settings.law(ruling, sources.counties.is_some())).collect();
    let run = Run { settings, sources, reading: &reading, rulings, laws: &laws, wants };

    let mut account = Account::default();
    let mut passed = Noticed::default();
    let layout = &settings.layout;
    let beside = Beside::read(sources, &reading, settings)?;
    let decided: Vec<Decided<'_>> = rulings.iter().map(|_| Decided::new(beside.decisions())).collect();

    let (mut seen, mut unusable) = encounters::judged(&run, &beside, &mut account, &mut passed)?;
    seen.iter_mut().zip(&decided).for_each(|(seen, decided)| decided.settle_seen(&mut seen.ledger));
    let roster = beside.roster();
    let wrote =
        numerators::judged(&run, roster, &mut seen, &mut unusable, &decided, &mut account, &mut passed)?;
    seen.iter_mut().zip(&decided).for_each(|(seen, decided)| decided.settle_wrote(&mut seen.ledger));
    beside.account(sources, layout, &mut account);
    bar.finish();
    interrupt::reading_is_done();
    interrupt::check()?;

    let judged: Vec<Judged> =
        laws.into_iter()
            .zip(seen)
            .zip(wrote)
            .zip(unusable)
            .map(|(((law, AllSeen { ledger, tally: seen, held, days }), (wrote, matched)), unusable)| {
                Judged { law, ledger, seen, wrote, held, days, unusable, matched }
            })
            .collect();
    strangers(sources, &judged, &mut account);
    only_minimal_services(sources, &judged, &mut account);
    nearly_matching(sources, &judged, &mut account);
    look_alike(sources, &judged, &mut account);
    account.check_period(settings);
    if !wants.to_date {
        other_days(settings, sources, &passed, &mut account);
    }
    unexported_window(settings, &judged, &mut account);
    let tell =
        InputsTell { counties: sources.counties.is_some(), whole_period: reach_over(settings, &passed) };
    let measures: Vec<Measure> = rulings
        .iter()
        .zip(&judged)
        .zip(&decided)
        .map(|((ruling, judged), decided)| measure(settings, ruling, judged, beside.roster(), decided, tell))
        .collect::<Result<_, _>>()?;
    let measures = rulings.iter().zip(measures).map(|(ruling, mut measure)| {
        for provider in measure.providers.iter_mut().filter(|_| ruling.threshold == Threshold::Attested) {
            let spans = passed.correspondence.of_provider(&provider.provider_id);
            provider.activity = Some(activity(sources, spans));
        }
        measure
    });
    let measures: Vec<Measure> = measures.collect();
    let adjudications = match &sources.adjudications {
        Some(source) => adjudicated(source, rulings, &decided, &mut account),
        None => Vec::new(),
    };
    let assumptions = account.settle(settings.acknowledged);
    let report = Report {
        adjudications,
        basis: Basis { assumptions, ..basis(settings) },
        findings: account.findings(),
        inputs: account.read,
        ..without_result(settings)
    };
    let (decisions, enrollment) = (beside.decisions().to_vec(), beside.enrollment());
    Ok((Outcome { report, judged, decisions, passed, enrollment }, measures))
}

/// Returns the first and the last message in each direction, with their rows.
fn activity(sources: &Sources, spans: [Option<(RowKey, RowKey)>; 2]) -> Activity {
    let message = |row: RowKey| {
        let source = sources.messages.get(row.file as usize)?;
        Some(MessageOn { day: row.day()?, place: Place::line(source.label(), row.line) })
    };
    let span =
        |(first, last): (RowKey, RowKey)| Some(FirstAndLast { first: message(first)?, last: message(last)? });
    let [from_patients, to_patients] = spans.map(|both| both.and_then(span));
    Activity { from_patients, to_patients }
}

/// The report of a run that failed.
pub fn failed(settings: &Settings, failure: Failure) -> Report {
    Report { error: Some(failure), ..without_result(settings) }
}

/// Tells where messages and encounters have no patient in common, so that a 0 is not taken for what it may not be.
fn strangers(sources: &Sources, judged: &[Judged], account: &mut Account) {
    let apart = judged.iter().find(|judged| {
        let met = judged.ledger.written.met;
        !judged.ledger.is_empty() && met.may > 0 && met.seen == 0
    });
    let first = sources.messages.first().or(sources.accesses.first());
    if let Some((judged, source)) = apart.zip(first) {
        account.find(Code::NoPatientInBoth, judged.ledger.written.met.may, Place::file(&*source.name));
    }
}

/// Reports a run in which no patient is seen since all who could be had minimal services only (B43).
fn only_minimal_services(sources: &Sources, judged: &[Judged], account: &mut Account) {
    let rows = |judged: &Judged| {
        let buckets = judged.seen.buckets(&judged.law.denominator);
        buckets.iter().find(|bucket| bucket.rule == MINIMAL_SERVICE).map_or(0, |bucket| bucket.rows)
    };
    let rows = judged.iter().filter(|judged| judged.ledger.is_empty()).map(rows).max().unwrap_or(0);
    if let Some(source) = sources.encounters.first().filter(|_| rows > 0) {
        account.find(Code::OnlyMinimalServices, rows, Place::file(&*source.name));
    }
}

/// The rule of telephone calls and ancillary services in the editions of the regulations.
const MINIMAL_SERVICE: &str = "minimal-service";

/// Reports ids of messages that only nearly match those of the encounters.
fn nearly_matching(sources: &Sources, judged: &[Judged], account: &mut Account) {
    let all = judged.iter().map(|judged| &judged.matched);
    let most = all.max_by_key(|matched| matched.patients.near + matched.providers.near);
    let Some((matched, file)) = most.and_then(|matched| Some((matched, matched.first_file?))) else { return };
    let files = || sources.messages.iter().chain(&sources.accesses);
    if let Some(source) = files().nth(file as usize) {
        let column = if matched.patients.near > 0 { "patient_id" } else { "provider_id" };
        let place = Place { column: Some(column.to_owned()), ..Place::file(&*source.name) };
        account.find(Code::IdNearlyMatches, matched.patients.near + matched.providers.near, place);
    }
}

/// Reports providers whose ids look alike.
fn look_alike(sources: &Sources, judged: &[Judged], account: &mut Account) {
    let Some(Judged { ledger, .. }) = judged.first() else { return };
    let ids = &ledger.pairs.providers;
    let count = look_alikes((0..ids.len() as u32).map(|code| ids.get(code)));
    if let Some(source) = sources.encounters.first().filter(|_| count > 0) {
        let place = Place { column: Some("provider_id".to_owned()), ..Place::file(&*source.name) };
        account.find(Code::LookAlikeId, count, place);
    }
}

/// Reports days on which messages or accesses may count and for which the exports were not made, where the user said for which they were.
fn unexported_window(settings: &Settings, judged: &[Judged], account: &mut Account) {
    let Some(exported) = settings.exported.filter(|_| settings.period_given) else { return };
    let lies_outside = |judged: &&Judged| {
        let hull = judged.law.windows.hull();
        let counts_around = last_helpful_day(&judged.law, Answer::may_be_in) != Some(settings.period.last);
        counts_around && !(exported.contains(hull.first) && exported.contains(hull.last))
    };
    if judged.iter().any(|judged| lies_outside(&judged)) {
        account.find(Code::WindowNotExported, 1, Place::file(PERIOD));
    }
}

/// Tells where the encounters are of other days than the reporting period, or end before it: the figures are right then, and
/// may not be those that are wanted.
fn other_days(settings: &Settings, sources: &Sources, passed: &Noticed, account: &mut Account) {
    let Some((days, source)) = passed.encounters.zip(sources.encounters.first()) else { return };
    let place = Place::file(&*source.name);
    let period = settings.period;
    let is_covered = settings.exported.is_some_and(|exported| exported.contains(period.last));
    if days.last < period.first || period.last < days.first {
        account.find(Code::NothingInPeriod, 1, place);
    } else if period.last.after(days.last) > ABOUT_A_WEEK && !is_covered {
        account.find(Code::EndsBeforePeriod, 1, place);
    }
}

/// Returns whether the encounter exports reach over the reporting period, but for about a week at either end.
fn reach_over(settings: &Settings, passed: &Noticed) -> bool {
    let period = settings.period;
    match (settings.exported, passed.encounters) {
        (Some(exported), _) => exported.contains(period.first) && exported.contains(period.last),
        (None, Some(days)) => {
            days.first.after(period.first) <= ABOUT_A_WEEK && period.last.after(days.last) <= ABOUT_A_WEEK
        }
        (None, None) => false,
    }
}

/// So many days without an encounter may lie at the end of a period that is over: holidays, and a weekend.
const ABOUT_A_WEEK: i32 = 8;

/// The report of a run that has no figures yet.
pub fn without_result(settings: &Settings) -> Report {
    Report {
        head: head(settings),
        vocabulary_sha256: settings.vocabulary.clone(),
        channels: settings.named_channels.clone(),
        locations: settings.locations.clone(),
        measure: without_figures(settings, settings.first_ruling()),
        inputs: Vec::new(),
        adjudications: Vec::new(),
        findings: Vec::new(),
        alongside: Vec::new(),
        over_time: None,
        stamp: settings.stamp.then(stamp),
        error: None,
        basis: basis(settings),
    }
}

/// Returns what the settings say that figures rest on; what is assumed, the inputs tell.
pub fn basis(settings: &Settings) -> Basis {
    Basis {
        unusable_rows: settings.unusable,
        assumptions: Vec::new(),
        choices: settings.choices.clone(),
        layout_files: settings.layout_files.clone(),
    }
}

/// What all readers of a run need.
struct Run<'a> {
    settings: &'a Settings,
    sources: &'a Sources,
    reading: &'a Reading<'a>,
    rulings: &'a [Ruling],
    laws: &'a [Law],
    wants: Wants,
}

impl Run<'_> {
    /// Keeps the unusable rows of a file that a result has to allow for.
    fn lose(&self, lost: &mut Unusable, mut unusable: Unusable) {
        if self.settings.unusable == UnusableChoice::Bound {
            unusable.retain(|row| self.wants.is_in_time(row.day()));
            lost.merge(unusable);
        }
    }

    /// Whether rows are counted for each provider.
    fn by_provider(&self) -> bool {
        self.settings.waterfall == Some(Falls::Providers)
    }
}

/// The decisions as the report lists them, and what is to be found fault with.
///
/// Under several editions a decision is told by the first in which it meets something: one about a message meets nothing
/// where accesses are counted.
fn adjudicated(
    source: &Source,
    rulings: &[Ruling],
    decided: &[Decided<'_>],
    account: &mut Account,
) -> Vec<Adjudicated> {
    let fates: Vec<Vec<(&Adjudication, FateOf)>> =
        decided.iter().map(|decided| decided.fates().collect()).collect();
    let mut listed = Vec::new();
    for at in 0..fates.first().map_or(0, Vec::len) {
        let ruling = fates.iter().position(|fates| fates[at].1.met()).unwrap_or_default();
        let (decision, fate) = fates[ruling][at];
        let place = Place::line(&*source.name, decision.line);
        let mut find = |code, count: u64| {
            if count > 0 {
                account.find(code, 1, place.clone());
            }
        };
        find(Code::AdjudicationContradicts, fate.contradicted);
        if fate.settled == 0 && fate.contradicted == 0 {
            find(Code::AdjudicationNeedless, fate.needless);
            find(Code::AdjudicationUnmet, u64::from(fate.needless == 0));
        }
        listed.push(Adjudicated {
            about: match decision.about {
                About::Message(_) if !rulings[ruling].counts_messages() => "access",
                About::Message(_) => "message",
                About::Patient(_) => "patient",
            },
            decision: decision.decision,
            by: decision.by.clone(),
            on: decision.on.clone(),
            reason: decision.reason.clone(),
            settled: fate.settled,
            place,
        });
    }
    listed
}
