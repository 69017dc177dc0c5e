//! The main job without its output: inputs and settings in, ledgers and report model out.

use std::sync::{Mutex, PoisonError};

use crate::domain::adjudication::{About, Adjudicated, Adjudication};
use crate::domain::event::{Access, Encounter, Message, MessageWords};
use crate::domain::finding::Code;
use crate::domain::look_alike::look_alikes;
use crate::domain::period::Period;
use crate::domain::place::Place;
use crate::domain::report::{Failure, Measure, Report, Role};
use crate::domain::unusable::UnusableChoice;
use crate::read::FileSummary;
use crate::read::unusable::{Unusable, UnusableRow};
use crate::read::{Reading, Roster, Source, accesses, encounters, messages};
use crate::run::account::{Account, check_usable};
use crate::run::beside::Beside;
use crate::run::failed::Failed;
use crate::run::head::head;
use crate::run::inputs::Sources;
use crate::run::measure::{Judged, measure, without_figures};
use crate::run::noticed::{Noticed, Wants};
use crate::run::ruling::Ruling;
use crate::run::settings::{Falls, Settings};
use crate::run::stamp::stamp;
use crate::run::{bar, interrupt};
use crate::tally::{
    AllSeen, ByWords, Crediting, Decided, FateOf, Keep, Law, Ledger, Matched, Matching, Seeing, SeenPart,
    Tally, UnseenWriters, UnusableByProvider, Writing, Written, WrotePart, encounter_may_be_in,
    message_may_count,
};

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
    let bar = bar::bar(sources.all(), settings.quiet);
    let step = |step| bar.step(step);
    let reading = settings.reading(sources, &step);

    let laws: Vec<Law> =
        rulings.iter().map(|ruling| ruling.law(settings, sources.counties.is_some())).collect();
    let run = Run { settings, sources, reading: &reading, rulings, laws: &laws, wants };

    let mut account = Account::default();
    let mut passed = Noticed::default();
    let layout = &settings.layout;
    let beside = Beside::read(sources, &reading, layout)?;
    let decided: Vec<Decided<'_>> = rulings.iter().map(|_| Decided::new(beside.decisions())).collect();

    let (mut seen, mut unusable) = run.encounters(&beside, &mut account, &mut passed)?;
    seen.iter_mut().zip(&decided).for_each(|(seen, decided)| decided.settle_seen(&mut seen.ledger));
    let roster = beside.roster();
    let wrote = run.numerators(roster, &mut seen, &mut unusable, &decided, &mut account, &mut passed)?;
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
    nearly_matching(sources, &judged, &mut account);
    look_alike(sources, &judged, &mut account);
    if !wants.to_date {
        other_days(settings.period, sources, &passed, &mut account);
    }
    let measures: Vec<Measure> = rulings
        .iter()
        .zip(&judged)
        .map(|(ruling, judged)| {
            measure(settings, ruling, judged, beside.roster(), sources.counties.is_some())
        })
        .collect::<Result<_, _>>()?;
    let adjudications = match &sources.adjudications {
        Some(source) => adjudicated(source, rulings, &decided, &mut account),
        None => Vec::new(),
    };
    let assumptions = account.settle(settings.acknowledged);
    let report = Report {
        adjudications,
        assumptions,
        findings: account.findings(),
        inputs: account.read,
        ..without_result(settings)
    };
    let decisions = beside.decisions().to_vec();
    Ok((Outcome { report, judged, decisions, passed }, measures))
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

/// Tells where the encounters are of other days than the reporting period, or end before it: the figures are right then, and
/// may not be those that are wanted.
fn other_days(period: Period, sources: &Sources, passed: &Noticed, account: &mut Account) {
    let Some((days, source)) = passed.encounters.zip(sources.encounters.first()) else { return };
    let place = Place::file(&*source.name);
    if days.last < period.first || period.last < days.first {
        account.find(Code::NothingInPeriod, 1, place);
    } else if period.last.after(days.last) > ABOUT_A_WEEK {
        account.find(Code::EndsBeforePeriod, 1, place);
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
        unusable_rows: settings.unusable,
        adjudications: Vec::new(),
        findings: Vec::new(),
        alongside: Vec::new(),
        over_time: None,
        stamp: settings.stamp.then(stamp),
        error: None,
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

/// A part of the encounters under each ruling.
struct SeenUnder {
    parts: Vec<SeenPart>,
    passed: Noticed,
}

/// The same of rows of the numerators.
struct WroteUnder {
    parts: Vec<WrotePart>,
    passed: Noticed,
}

impl Run<'_> {
    /// Who was seen under each ruling.
    fn encounters(
        &self,
        beside: &Beside,
        account: &mut Account,
        passed: &mut Noticed,
    ) -> Result<(Vec<AllSeen>, Vec<UnusableByProvider>), Failed> {
        let (laws, wants, layout) = (self.laws, self.wants, &self.settings.layout);
        let keep = Keep { evidence: wants.evidence, days: wants.days, by_provider: self.by_provider() };
        let places = beside.places(self.settings);
        let seeing: Vec<Seeing> = laws.iter().map(|law| Seeing::new(law, keep)).collect();
        let all_passed = Mutex::new(std::mem::take(passed));
        let mut lost = Unusable::default();
        let (ignores, mut leaves_out) = (self.settings.unusable == UnusableChoice::Ignore, false);
        for provider in beside.roster().into_iter().flat_map(Roster::keys) {
            seeing.iter().for_each(|seeing| seeing.name(provider));
        }
        for (file, source) in self.sources.encounters.iter().enumerate() {
            let part = || SeenUnder {
                parts: seeing.iter().zip(laws).map(|(seeing, law)| seeing.part(law)).collect(),
                passed: Noticed::default(),
            };
            let take = |under: &mut SeenUnder, encounter: &Encounter<'_>| {
                if under.passed.encounter(&wants, encounter) {
                    let parts = under.parts.iter_mut().zip(laws);
                    parts.for_each(|(part, law)| part.take(law, wants.evidence, encounter));
                }
            };
            let collect = |SeenUnder { parts, passed }: SeenUnder| {
                parts.into_iter().zip(&seeing).for_each(|(part, seeing)| seeing.collect(part, file as u32));
                merge(&all_passed, passed);
            };
            let summary =
                encounters::read_quickly(source, self.reading, layout, &places, part, take, collect)?;
            check_usable(source, &summary)?;
            account.add(Role::Encounters, source, &summary, layout);
            account.miss_places(&summary, &places);
            leaves_out |= ignores && summary.notes.unusable.rows().next().is_some();
            self.lose(&mut lost, summary);
        }
        account.check_not_all_skipped(Role::Encounters)?;
        *passed = all_passed.into_inner().unwrap_or_else(PoisonError::into_inner);
        let finished = seeing.into_iter().zip(laws).map(|(seeing, law)| {
            let may_be_in = |row: &UnusableRow| encounter_may_be_in(law, row);
            // A provider is listed for being named, also by an encounter that names no patient.
            let named = lost.rows().filter_map(|(row, _)| row.provider());
            named.for_each(|provider| seeing.name(&String::from_utf8_lossy(provider)));
            let seen = seeing.finish(self.settings.threads);
            let mut unusable = UnusableByProvider::default();
            unusable.add_encounters(&lost, &seen.ledger.pairs, may_be_in);
            unusable.leaves_out_encounters = leaves_out;
            (seen, unusable)
        });
        Ok(finished.unzip())
    }

    /// Keeps the unusable rows of a file that a result has to allow for.
    fn lose(&self, lost: &mut Unusable, summary: FileSummary) {
        if self.settings.unusable == UnusableChoice::Bound {
            let mut unusable = summary.notes.unusable;
            unusable.retain(|row| row.day().zip(self.wants.until).is_none_or(|(day, until)| day <= until));
            lost.merge(unusable);
        }
    }

    /// Whether rows are counted for each provider.
    fn by_provider(&self) -> bool {
        self.settings.waterfall == Some(Falls::Providers)
    }

    /// An empty tally of the numerator's rules.
    fn tally(&self, law: &Law) -> Tally {
        let new = if self.by_provider() { Tally::by_provider } else { Tally::new };
        new(&law.numerator)
    }

    /// Puts messages and accesses to the ledgers, and tells the rows that each rule judged.
    fn numerators(
        &self,
        roster: Option<&Roster>,
        seen: &mut [AllSeen],
        unusable: &mut [UnusableByProvider],
        decided: &[Decided<'_>],
        account: &mut Account,
        passed: &mut Noticed,
    ) -> Result<Vec<(Tally, Matched)>, Failed> {
        let Self { settings, sources, reading, rulings, laws, wants } = *self;
        let window = laws.first().map_or(settings.period, |law| law.windows.hull());
        let layout = &settings.layout;
        let decides = sources.adjudications.is_some();
        let crediting: Vec<Crediting> = rulings
            .iter()
            .zip(&*seen)
            .map(|(ruling, seen)| {
                Crediting::new(ruling.credit, ruling.edition.counts_for, &seen.ledger.pairs, roster)
            })
            .collect();
        let matching: Vec<Matching> = seen
            .iter()
            .map(|AllSeen { ledger, .. }| Matching::new(ledger.len(), ledger.pairs.providers.len()))
            .collect();
        // Who wrote without being seen is asked only where an unusable encounter may be theirs.
        let writers: Vec<Option<UnseenWriters>> =
            unusable.iter().map(|of| (of.all.encounters > 0).then(UnseenWriters::default)).collect();
        let mut results = Vec::new();
        let mut writings = Vec::new();
        let asides = matching.iter().zip(&writers).zip(&mut *unusable);
        for (((seen, law), (crediting, decided)), ((matching, writers), unusable)) in
            seen.iter_mut().zip(laws).zip(crediting.iter().zip(decided)).zip(asides)
        {
            let Ledger { pairs, written } = &mut seen.ledger;
            pairs.make_ready(settings.threads);
            unusable.know(pairs, crediting);
            if unusable.may_regroup() {
                written.keep_named();
            }
            let decided = decides.then_some(decided);
            writings.push(Writing {
                crediting,
                pairs,
                all: written.keeps_evidence(),
                decided,
                matching: Some(matching),
                writers: writers.as_ref(),
            });
            results.push(Mutex::new((written, self.tally(law))));
        }
        // The files of messages come before those of accesses.
        let part = || WroteUnder {
            parts: laws
                .iter()
                .zip(&writings)
                .map(|(law, writing)| WrotePart::new(self.tally(law), writing))
                .collect(),
            passed: Noticed::default(),
        };
        let all_passed = Mutex::new(std::mem::take(passed));
        let (mut lost, mut lost_accesses) = (Unusable::default(), Unusable::default());
        let collect = |WroteUnder { parts, passed }: WroteUnder, file: usize| {
            for ((part, writing), result) in parts.into_iter().zip(&writings).zip(&results) {
                put(part, writing, result, file);
            }
            merge(&all_passed, passed);
        };
        for (file, source) in sources.messages.iter().enumerate() {
            let channels = &settings.channels;
            let summary = match (laws, &writings[..]) {
                // The usual case by itself: so the compiler sees through it.
                ([law], [writing]) if !wants.asks_days() => {
                    let part = || WrotePart::new(self.tally(law), writing);
                    let by_words = |words: &MessageWords| law.by_words(words);
                    let take = |part: &mut WrotePart, message: &Message<'_>, by_words: &ByWords| {
                        part.message_by(writing, law, message, by_words);
                    };
                    let collect = |part| put(part, writing, &results[0], file);
                    messages::read_by_words(source, reading, layout, channels, by_words, part, take, collect)?
                }
                _ => {
                    let take = |under: &mut WroteUnder, message: &Message<'_>| {
                        let may_count = || laws.iter().any(|law| law.message(message).answer.may_be_in());
                        if !under.passed.act(&wants, window, message.act.day, may_count) {
                            return;
                        }
                        let all = under.parts.iter_mut().zip(laws).zip(&writings).zip(rulings);
                        for (((part, law), writing), _) in all.filter(|(_, ruling)| ruling.counts_messages())
                        {
                            part.message(writing, law, message);
                        }
                    };
                    let collect = |parts| collect(parts, file);
                    messages::read(source, reading, layout, channels, part, take, collect)?
                }
            };
            check_usable(source, &summary)?;
            account.add(Role::Messages, source, &summary, layout);
            self.lose(&mut lost, summary);
        }
        for (file, source) in sources.accesses.iter().enumerate() {
            let take = |under: &mut WroteUnder, access: &Access<'_>| {
                let may_count = || laws.iter().any(|law| law.access(access).answer.may_be_in());
                if !under.passed.act(&wants, window, access.act.day, may_count) {
                    return;
                }
                let all = under.parts.iter_mut().zip(laws).zip(&writings).zip(rulings);
                for (((part, law), writing), _) in all.filter(|(_, ruling)| !ruling.counts_messages()) {
                    part.access(writing, law, access);
                }
            };
            let collect = |parts| collect(parts, sources.messages.len() + file);
            let summary = accesses::read(source, reading, layout, part, take, collect)?;
            check_usable(source, &summary)?;
            account.add(Role::Accesses, source, &summary, layout);
            self.lose(&mut lost_accesses, summary);
        }
        account.check_not_all_skipped(Role::Messages)?;
        account.check_not_all_skipped(Role::Accesses)?;
        *passed = all_passed.into_inner().unwrap_or_else(PoisonError::into_inner);
        let tally = |result: Mutex<(_, Tally)>| result.into_inner().unwrap_or_else(PoisonError::into_inner).1;
        let tallies: Vec<Tally> = results.into_iter().map(tally).collect();
        let all = unusable.iter_mut().zip(&writers).zip(&writings).zip(laws.iter().zip(rulings));
        for (((unusable, writers), Writing { pairs, crediting, .. }), (law, ruling)) in all {
            let rows = if ruling.counts_messages() { &lost } else { &lost_accesses };
            unusable.add_messages(rows, pairs, crediting, |row| message_may_count(law, row));
            if let Some(writers) = writers {
                unusable.add_writers(writers, pairs, crediting);
            }
        }
        Ok(tallies.into_iter().zip(matching.into_iter().map(Matching::finish)).collect())
    }
}

/// Adds what a part noticed of rows as they passed.
fn merge(all: &Mutex<Noticed>, part: Noticed) {
    all.lock().unwrap_or_else(PoisonError::into_inner).merge(part);
}

/// Puts a part of a file to the ledger.
fn put(mut part: WrotePart, writing: &Writing<'_>, result: &Mutex<(&mut Written, Tally)>, file: usize) {
    part.reach(writing, file as u32, |part| {
        let mut result = result.lock().unwrap_or_else(PoisonError::into_inner);
        let (written, tally) = &mut *result;
        part.apply(written, tally, file as u32);
    });
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
