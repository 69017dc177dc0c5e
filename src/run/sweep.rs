//! `mucalc sweep`: every reporting period that a year allows, in one pass over the data.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::run::account::Account;
use crate::run::again::{self, ActVersions, FilesRead, Repeated};
use crate::run::beside::Beside;
use crate::run::cautions;
use crate::run::compute::basis;
use crate::run::config::Config;
use crate::run::emit::emit;
use crate::run::failed::{Cause, Exit, Failed};
use crate::run::head::head;
use crate::run::inputs::Sources;
use crate::run::measure::listed;
use crate::run::options::Options;
use crate::run::ruling::Ruling;
use crate::run::settings::{Settings, of_command};
use crate::run::words::meaning_of;
use crate::run::{bar, interrupt};
use mucalc_core::domain::allowance::Allowance;
use mucalc_core::domain::assumption::Assumption;
use mucalc_core::domain::basis::Basis;
use mucalc_core::domain::coverage::RecordedDays;
use mucalc_core::domain::event::{Access, Encounter, Message};
use mucalc_core::domain::input::Role;
use mucalc_core::domain::period::Period;
use mucalc_core::domain::period_days::PeriodDays;
use mucalc_core::domain::rate;
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::score::Score;
use mucalc_core::domain::sweep::{Family, Figures, Sweep, Swept, Window, WindowVerdict};
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::edition::periods::{PeriodForm, PeriodRule, allowance};
use mucalc_core::tally::kept::{KeptAccess, KeptEncounter, KeptMessage};
use mucalc_core::tally::sweep::{
    DaySet, Frames, Notebook, Sweeping, SweptPart, UnseenNotes, UnusableInWindows, WritersInWindows, scores,
};
use mucalc_core::tally::{
    AllSeen, Crediting, Decided, Keep, Known, Ledger, OneRecord, Seeing, SeenPart, Versions,
};
use mucalc_read::places::Places;
use mucalc_read::{accesses, encounters, messages};
use mucalc_report::{TextFormat, sweep};

/// What `mucalc sweep` is asked for, beside what a report is.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The sorts of windows; all of them without any.
    pub windows: Vec<String>,
    /// How many days the windows of continuous days have.
    pub days: Option<i32>,
    /// Whether windows that the program does not allow are swept too.
    pub all_windows: bool,
}

/// Computes the measure for every window of a span.
///
/// # Errors
/// When a word is none of ours, or an input or output cannot be used.
pub fn sweep(flags: Options, config: &Config, asked: &Asked) -> Result<Exit, Failed> {
    let (settings, format) = of_command("sweep", flags, config, &TextFormat::WORDS, TextFormat::parse)?;
    let usage = |message: String| Failed::usage(Cause::Choice, message);
    let within = settings.period;
    if within.first.year_begin() != within.last.year_begin() {
        let message = "sweep looks at periods of one calendar year; name the year, for example --period 2014";
        return Err(Failed::usage(Cause::Period, message));
    }
    let days = asked.days.unwrap_or(90);
    if !(1..=366).contains(&days) {
        return Err(usage(format!("--days takes a number of days from 1 to 366, not {days}")));
    }
    let mut families = Vec::new();
    for word in asked.windows.iter().map(|word| word.trim()) {
        families.push(meaning_of("a word of windows", word, &Family::WORDS, Family::parse)?);
    }
    let families: Vec<Family> =
        Family::ALL.into_iter().filter(|family| families.is_empty() || families.contains(family)).collect();
    let ruling = settings.first_ruling();
    let offered = |family: &Family| {
        let windows = family.windows(within, days);
        if asked.all_windows { windows } else { allowed_windows(ruling, *family, windows) }
    };
    let frames = Frames::new(families.iter().map(offered).collect());
    let has_days = frames.windows.iter().any(|window| window.days() == days);
    if frames.windows.is_empty() || asked.days.is_some() && families.contains(&Family::Days) && !has_days {
        let has_some = families.iter().any(|family| !family.windows(within, days).is_empty());
        return Err(usage(match has_some {
            true => format!(
                "the program allows none of these periods. Allowed: {}. Add --all-windows to look at the others",
                ruling.allowed_periods_text(within)
            ),
            false => format!("no such period is within {within}; widen --period or shorten --days"),
        }));
    }
    let families: Vec<(Family, Period)> = families
        .iter()
        .flat_map(|family| offered(family).into_iter().map(|period| (*family, period)))
        .collect();
    emit(&settings, |sources| {
        let scored = scored(&settings, sources, within, &frames)?;
        let edition = ruling.reference(within, settings.attested);
        let window = |(family, period): &(Family, Period)| Window {
            family: *family,
            period: (*period).into(),
            allowance: ruling.period_standing(*period),
            coverage: scored.recorded.coverage(*period),
        };
        let document = Sweep {
            head: head(&settings),
            days,
            all_windows: asked.all_windows,
            recorded: scored.recorded.span().map(PeriodDays::from),
            edition,
            credit: ruling.credit,
            policies: ruling.policies(),
            providers: scored.providers(&settings, &frames.windows),
            windows: families.iter().map(window).collect(),
            findings: scored.account.findings(),
            inputs: scored.account.read,
            basis: Basis { assumptions: scored.assumptions, ..basis(&settings) },
        };
        let screen = settings.colour.screen(settings.output.is_some());
        cautions::tell(&settings, &document, None);
        sweep::render(&document, format, screen).map_err(|error| Failed::internal(error.to_string()))
    })
}

/// Returns the windows of a family that the program allows. A calendar quarter that has as many days as the others is one of the family
/// of quarters, and not of continuous days, where only quarters are allowed.
pub fn allowed_windows(ruling: &Ruling, family: Family, mut windows: Vec<Period>) -> Vec<Period> {
    windows.retain(|window| {
        let rules = ruling.period_rules(*window);
        let of_family: Vec<&PeriodRule> = rules
            .iter()
            .copied()
            .filter(|rule| family != Family::Days || rule.form != PeriodForm::Quarter)
            .collect();
        rules.is_empty() || !of_family.is_empty() && allowance(&of_family, *window) == Allowance::Allowed
    });
    windows
}

/// What came of every window.
pub struct Scored {
    account: Account,
    /// What is taken for a fact about the exports.
    assumptions: Vec<Assumption>,
    ledger: Ledger,
    /// The scores of each provider, by number.
    scores: HashMap<u32, Vec<Score>>,
    saw_patients: BTreeSet<u32>,
    beside: Beside,
    /// The days on which the encounter exports have rows.
    pub recorded: RecordedDays,
}

/// Reads the inputs once, and scores every provider in every window of a span of days.
///
/// # Errors
/// When an input cannot be used.
pub fn scored(
    settings: &Settings,
    sources: &Sources,
    within: Period,
    frames: &Frames,
) -> Result<Scored, Failed> {
    let bar = bar::bar(sources.all(), settings.quiet);
    let step = |step| bar.step(step);
    let reading = settings.reading(sources, &step);
    let (layout, ruling) = (&settings.layout, settings.first_ruling());
    let channels = &settings.channels;
    // Exclusions and the gate are no matter of a sweep.
    let law = settings.law_in(ruling, within, Known::default());
    let beside = Beside::read(sources, &reading, settings)?;
    let lines = beside.roster();
    // Exclusions are not swept, so counties are checked as in a report and asked for nothing.
    let places = Places { counties: None, ..beside.places(settings, &settings.rulings) };
    let mut account = Account::default();
    let lose = |lost: &mut Unusable, unusable: Unusable| {
        if settings.unusable == UnusableChoice::Bound {
            lost.merge(unusable);
        }
    };

    let keep = Keep { days: true, ..Keep::default() };
    let with_rows = Mutex::new(DaySet::default());
    let judge_encounters = |repeated: Option<&Repeated<'_>>| {
        let seeing = Seeing::new(&law, keep);
        lines.into_iter().flat_map(Roster::keys).for_each(|provider| seeing.list(provider));
        let (mut read, versions) = (FilesRead::new(layout), Mutex::new(Versions::default()));
        for (file, source) in (0..).zip(&sources.encounters) {
            let reading = again::reading(&reading, repeated, Role::Encounters, file as usize);
            let take = |(part, versions, days): &mut EncounterPart, encounter: &Encounter<'_>| {
                // Appointments that lie ahead cover no day.
                if encounter.words.status.may_have_been_held() {
                    encounter.day.into_iter().for_each(|day| days.add(day));
                }
                match reading.may_repeat(encounter.id) {
                    true => versions.add(KeptEncounter::new(file, encounter), encounter.version),
                    false => part.take(&law, false, encounter),
                }
            };
            let collect = |(part, more, days): EncounterPart| {
                seeing.collect(part, file);
                locked(&versions).merge(more);
                locked(&with_rows).merge(&days);
            };
            let part = || (seeing.part(&law), Versions::default(), DaySet::default());
            let summary = encounters::read(source, &reading, layout, &places, part, take, collect)?;
            read.add(Role::Encounters, source, summary, file)?;
        }
        read.close(Role::Encounters);
        let mut versions = std::mem::take(&mut *locked(&versions));
        read.lost_versions().for_each(|(_, lost, file)| versions.add_lost(lost, file));
        let resolved = again::resolved(repeated, Role::Encounters, versions, settings.versions);
        for record in resolved.all() {
            let mut part = seeing.part(&law);
            let file = record.file();
            match record {
                OneRecord::Known(row) => part.take(&law, false, &row.event()),
                OneRecord::Duplicate(row) => part.take_duplicate(&law, &row.event()),
                OneRecord::Superseded(row) => part.take_superseded(&row.event()),
                OneRecord::Unresolved(record) => {
                    part.take_unresolved(&law, false, record.versions, &record.each(KeptEncounter::event));
                }
            }
            seeing.collect(part, file);
        }
        Ok(((seeing, read.summaries, resolved), read.met))
    };
    let (seeing, summaries, resolved) = again::once_or_twice(judge_encounters)?;
    let mut lost = Unusable::default();
    for (source, (_, summary)) in sources.encounters.iter().zip(summaries) {
        account.add(Role::Encounters, source, &summary, layout);
        account.miss_places(&summary, &places);
        lose(&mut lost, summary.notes.unusable);
    }
    account.contradict("encounter_id", sources.encounters.iter(), &resolved.contradictions);
    lose(&mut lost, resolved.lost);
    // A provider is listed for being named, also by an encounter that names no patient.
    let named = lost.rows().filter_map(|(row, _)| row.provider());
    named.for_each(|provider| seeing.name(&String::from_utf8_lossy(provider)));
    let AllSeen { mut ledger, days, .. } = seeing.finish(settings.threads);
    let decided = Decided::new(beside.decisions());
    decided.settle_everywhere(&mut ledger);

    let crediting = Crediting::new(ruling.credit, ruling.edition.counts_for, &ledger.pairs, lines);
    let decides = sources.adjudications.is_some().then_some(&decided);
    let mut unusable = UnusableInWindows::new(&lost, &law, &ledger.pairs, frames);
    let unseen = UnseenNotes::default();
    let asks_unseen = unusable.has_encounters().then_some(&unseen);
    let sweeping = Sweeping::new(&law, &crediting, &ledger.pairs, decides, frames, asks_unseen);
    let notebook = Notebook::default();
    let judge_acts = |repeated: Option<&Repeated<'_>>| {
        // Whatever was noted before is noted anew.
        notebook.forget();
        unseen.forget();
        let (mut read, versions) = (FilesRead::new(layout), Mutex::new(ActVersions::default()));
        let collect = |(part, more): (SweptPart, ActVersions)| {
            part.reach(&sweeping, &notebook);
            locked(&versions).merge(more);
        };
        let part = || (SweptPart::new(), ActVersions::default());
        for (file, source) in (0..).zip(&sources.messages) {
            let reading = again::reading(&reading, repeated, Role::Messages, file as usize);
            let take = |part: &mut (SweptPart, ActVersions), message: &Message<'_>| match reading
                .may_repeat(message.act.id)
            {
                true => part.1.messages.add(KeptMessage::new(file, message), message.act.version),
                false => part.0.message(&sweeping, message),
            };
            let summary = messages::read(source, &reading, layout, channels, part, take, collect)?;
            read.add(Role::Messages, source, summary, file)?;
        }
        for (file, source) in (0..).zip(&sources.accesses) {
            let reading = again::reading(&reading, repeated, Role::Accesses, file as usize);
            let take = |part: &mut (SweptPart, ActVersions), access: &Access<'_>| match reading
                .may_repeat(access.act.id)
            {
                true => part.1.accesses.add(KeptAccess::new(file, access), access.act.version),
                false => part.0.access(&sweeping, access),
            };
            let summary = accesses::read(source, &reading, layout, part, take, collect)?;
            read.add(Role::Accesses, source, summary, file)?;
        }
        [Role::Messages, Role::Accesses].into_iter().for_each(|role| read.close(role));
        let mut versions = std::mem::take(&mut *locked(&versions));
        read.lost_versions().for_each(|(role, lost, file)| versions.add_lost(role, lost, file));
        let ActVersions { messages, accesses } = versions;
        let messages = again::resolved(repeated, Role::Messages, messages, settings.versions);
        let accesses = again::resolved(repeated, Role::Accesses, accesses, settings.versions);
        for record in messages.all() {
            let mut part = SweptPart::new();
            match record {
                OneRecord::Known(row) => part.message(&sweeping, &row.event()),
                OneRecord::Unresolved(record) => {
                    part.unresolved_messages(&sweeping, record.versions, &record.each(KeptMessage::event));
                }
                OneRecord::Duplicate(_) | OneRecord::Superseded(_) => {}
            }
            part.reach(&sweeping, &notebook);
        }
        for record in accesses.all() {
            let mut part = SweptPart::new();
            match record {
                OneRecord::Known(row) => part.access(&sweeping, &row.event()),
                OneRecord::Unresolved(record) => {
                    part.unresolved_accesses(&sweeping, record.versions, &record.each(KeptAccess::event));
                }
                OneRecord::Duplicate(_) | OneRecord::Superseded(_) => {}
            }
            part.reach(&sweeping, &notebook);
        }
        Ok(((read.summaries, messages, accesses), read.met))
    };
    let (summaries, of_messages, of_accesses) = again::once_or_twice(judge_acts)?;
    let mut lost = Unusable::default();
    let files = sources.messages.iter().chain(&sources.accesses);
    for (source, (role, summary)) in files.zip(summaries) {
        account.add(role, source, &summary, layout);
        if ruling.counts_messages() == (role == Role::Messages) {
            lose(&mut lost, summary.notes.unusable);
        }
    }
    account.contradict("message_id", sources.messages.iter(), &of_messages.contradictions);
    account.contradict("access_id", sources.accesses.iter(), &of_accesses.contradictions);
    lose(&mut lost, if ruling.counts_messages() { of_messages.lost } else { of_accesses.lost });
    for role in [Role::Encounters, Role::Messages, Role::Accesses] {
        account.check_not_all_skipped(role)?;
    }
    beside.account(sources, layout, &mut account);
    let assumptions = account.settle(settings.acknowledged);
    unusable.add_messages(&lost, &sweeping);
    let (mut scores, of_pairs) = scores(&sweeping, &ledger, &days, notebook, settings.threads);
    let saw_patients: BTreeSet<u32> = scores.keys().copied().chain(unusable.seers()).collect();
    let writers = WritersInWindows::new(&unseen, of_pairs, &sweeping);
    unusable.widen(&mut scores, &sweeping, &writers);
    bar.finish();
    interrupt::reading_is_done();
    interrupt::check()?;
    let recorded = RecordedDays::new(locked(&with_rows).to_days(), settings.exported);
    Ok(Scored { account, assumptions, ledger, scores, saw_patients, beside, recorded })
}

impl Scored {
    /// Every provider to be listed, sorted by id, as in a report, with the figures of each window.
    pub fn providers(&self, settings: &Settings, windows: &[Period]) -> Vec<Swept> {
        let Self { ledger, scores, saw_patients, .. } = self;
        let roster = self.beside.roster();
        let ids = &ledger.pairs.providers;
        let codes = listed(ledger, roster, |code| saw_patients.contains(&code));
        let threshold = settings.first_ruling().threshold;
        let nobody = vec![Score::default(); windows.len()];
        let covered: Vec<bool> =
            windows.iter().map(|window| self.recorded.coverage(*window).covered).collect();
        let figures = |(score, covered): (&Score, &bool)| Figures {
            denominator: score.denominator(),
            numerator: score.numerator(),
            rate_percent: rate::cautious(score, threshold),
            rate_percent_most: rate::hopeful(score, threshold),
            margin: score.patients_to_spare(threshold),
            verdict: WindowVerdict::new(score.verdict(threshold), *covered),
        };
        let provider = |code: u32| {
            let id = ids.get(code);
            let name = roster.and_then(|roster| roster.get(id)).and_then(|line| line.name.clone());
            let scores = scores.get(&code).unwrap_or(&nobody);
            Swept::new(id.to_owned(), name, scores.iter().zip(&covered).map(figures).collect())
        };
        codes.into_iter().map(provider).collect()
    }
}

/// What a thread makes of encounters: who was seen, versions of records, and the days with rows.
type EncounterPart = (SeenPart, Versions<KeptEncounter>, DaySet);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
