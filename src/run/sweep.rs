//! `mucalc sweep`: every reporting period that a year allows, in one pass over the data.

use std::collections::{BTreeSet, HashMap};

use crate::domain::event::{Access, Encounter, Message};
use crate::domain::period::{Day, Period};
use crate::domain::rate;
use crate::domain::report::Role;
use crate::domain::score::Score;
use crate::domain::sweep::{Family, Figures, Sweep, Swept, Window};
use crate::domain::unusable::UnusableChoice;
use crate::read::places::Places;
use crate::read::unusable::Unusable;
use crate::read::{FileSummary, Roster, accesses, encounters, messages};
use crate::report::{TextFormat, sweep};
use crate::run::account::{Account, check_usable};
use crate::run::beside::Beside;
use crate::run::config::Config;
use crate::run::emit::emit;
use crate::run::failed::{Cause, Exit, Failed};
use crate::run::head::head;
use crate::run::inputs::Sources;
use crate::run::measure::{listed, without_figures};
use crate::run::options::Options;
use crate::run::settings::{Settings, of_command};
use crate::run::words::meaning_of;
use crate::run::{bar, interrupt};
use crate::tally::sweep::{
    Frames, Notebook, Sweeping, SweptPart, UnseenNotes, UnusableInWindows, WritersInWindows, scores,
};
use crate::tally::{AllSeen, Crediting, Decided, Keep, Ledger, Seeing, SeenPart};

/// What `mucalc sweep` is asked for, beside what a report is.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The sorts of windows; all of them without any.
    pub windows: Vec<String>,
    /// How many days the windows of continuous days have.
    pub days: Option<i32>,
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
    let frames = Frames::new(families.iter().map(|family| family.windows(within, days)).collect());
    if frames.windows.is_empty() {
        return Err(usage(format!("no such window lies in {within}")));
    }
    let windows: Vec<Window> = families
        .iter()
        .flat_map(|family| family.windows(within, days).into_iter().map(|period| (*family, period)))
        .map(|(family, period)| Window { family, period: period.into() })
        .collect();
    emit(&settings, |sources| {
        let scored = scored(&settings, sources, within, &frames)?;
        let ruling = settings.first_ruling();
        let chosen = without_figures(&settings, ruling);
        let document = Sweep {
            head: head(&settings),
            days,
            edition: chosen.edition,
            credit: chosen.credit,
            policies: chosen.policies,
            providers: scored.providers(&settings, windows.len()),
            windows,
            findings: scored.account.findings(),
            inputs: scored.account.read,
        };
        let screen = settings.colour.screen(settings.output.is_some());
        sweep::render(&document, format, screen).map_err(|error| Failed::internal(error.to_string()))
    })
}

/// What came of every window.
pub struct Scored {
    account: Account,
    ledger: Ledger,
    /// The scores of each provider, by number.
    scores: HashMap<u32, Vec<Score>>,
    saw_patients: BTreeSet<u32>,
    beside: Beside,
    /// The first and the last day of an encounter that may count.
    pub recorded: Option<(Day, Day)>,
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
    let law = ruling.law_in(within, settings, false);
    let beside = Beside::read(sources, &reading, layout)?;
    let lines = beside.roster();
    // Exclusions are not swept, so counties are checked as in a report and asked for nothing.
    let places = Places { counties: None, ..beside.places(settings) };
    let mut account = Account::default();
    let lose = |lost: &mut Unusable, summary: FileSummary| {
        if settings.unusable == UnusableChoice::Bound {
            lost.merge(summary.notes.unusable);
        }
    };

    let seeing = Seeing::new(&law, Keep { days: true, ..Keep::default() });
    lines.into_iter().flat_map(Roster::keys).for_each(|provider| seeing.name(provider));
    let mut lost = Unusable::default();
    for (file, source) in sources.encounters.iter().enumerate() {
        let take = |part: &mut SeenPart, encounter: &Encounter<'_>| part.take(&law, false, encounter);
        let collect = |part| seeing.collect(part, file as u32);
        let part = || seeing.part(&law);
        let summary = encounters::read(source, &reading, layout, &places, part, take, collect)?;
        check_usable(source, &summary)?;
        account.add(Role::Encounters, source, &summary, layout);
        account.miss_places(&summary, &places);
        lose(&mut lost, summary);
    }
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
    let mut lost = Unusable::default();
    let notebook = Notebook::default();
    let collect = |part: SweptPart| part.reach(&sweeping, &notebook);
    for source in &sources.messages {
        let take = |part: &mut SweptPart, message: &Message<'_>| part.message(&sweeping, message);
        let summary = messages::read(source, &reading, layout, channels, SweptPart::new, take, collect)?;
        check_usable(source, &summary)?;
        account.add(Role::Messages, source, &summary, layout);
        if ruling.counts_messages() {
            lose(&mut lost, summary);
        }
    }
    for source in &sources.accesses {
        let take = |part: &mut SweptPart, access: &Access<'_>| part.access(&sweeping, access);
        let summary = accesses::read(source, &reading, layout, SweptPart::new, take, collect)?;
        check_usable(source, &summary)?;
        account.add(Role::Accesses, source, &summary, layout);
        if !ruling.counts_messages() {
            lose(&mut lost, summary);
        }
    }
    for role in [Role::Encounters, Role::Messages, Role::Accesses] {
        account.check_not_all_skipped(role)?;
    }
    beside.account(sources, layout, &mut account);
    account.settle(settings.acknowledged);
    unusable.add_messages(&lost, &sweeping);
    let (mut scores, of_pairs) = scores(&sweeping, &ledger, &days, notebook, settings.threads);
    let saw_patients: BTreeSet<u32> = scores.keys().copied().chain(unusable.seers()).collect();
    let writers = WritersInWindows::new(&unseen, of_pairs, &sweeping);
    unusable.widen(&mut scores, &sweeping, &writers);
    bar.finish();
    interrupt::reading_is_done();
    interrupt::check()?;
    let seen_on = || days.iter().filter_map(|seen| seen.day);
    let recorded = seen_on().min().zip(seen_on().max());
    Ok(Scored { account, ledger, scores, saw_patients, beside, recorded })
}

impl Scored {
    /// Every provider to be listed, sorted by id, as in a report.
    pub fn providers(&self, settings: &Settings, windows: usize) -> Vec<Swept> {
        let Self { ledger, scores, saw_patients, .. } = self;
        let roster = self.beside.roster();
        let ids = &ledger.pairs.providers;
        let codes = listed(ledger, roster, |code| saw_patients.contains(&code));
        let threshold = settings.first_ruling().threshold;
        let nobody = vec![Score::default(); windows];
        let figures = |score: &Score| Figures {
            denominator: score.denominator(),
            numerator: score.numerator(),
            rate_percent: rate::cautious(score, threshold),
            rate_percent_most: rate::hopeful(score, threshold),
            verdict: score.verdict(threshold),
        };
        let provider = |code: u32| {
            let id = ids.get(code);
            let name = roster.and_then(|roster| roster.get(id)).and_then(|line| line.name.clone());
            let scores = scores.get(&code).unwrap_or(&nobody);
            Swept::new(id.to_owned(), name, scores.iter().map(figures).collect())
        };
        codes.into_iter().map(provider).collect()
    }
}
