//! The main job without its output: inputs and settings in, ledger and report model out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::analyse::summary::{Summary, summary};
use crate::domain::event::{Encounter, Message};
use crate::domain::finding::{Code, Finding};
use crate::domain::place::Place;
use crate::domain::rate;
use crate::domain::report::{
    EditionRef, Failure, Group, Input, PeriodDays, Provider, Report, Role, SCHEMA_VERSION, Tool, Waterfall,
};
use crate::domain::score::{Score, Threshold};
use crate::domain::text::printable;
use crate::domain::verdict::Verdict;
use crate::layout::Columns;
use crate::read::{FileSummary, Limits, Reading, Roster, Source, encounters, messages, roster};
use crate::run::failed::Failed;
use crate::run::inputs::Sources;
use crate::run::settings::Settings;
use crate::run::{interrupt, progress};
use crate::tally::{Crediting, Law, Ledger, Seeing, SeenPart, Tally, Writing, WrotePart};

/// What came out of a run.
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// The ledger that it derives from.
    pub ledger: Ledger,
    /// The rules that made it.
    pub law: Law,
}

/// Reads the inputs and computes the measure. `evidence` says whether the ledger is to keep what its rows rest on.
///
/// # Errors
/// When an input cannot be used.
pub fn compute(settings: &Settings, sources: &Sources, evidence: bool) -> Result<Outcome, Failed> {
    let law = Law::new(&settings.edition, &settings.choices, settings.period, settings.channels.clone());
    let bar = progress::bar(sources.all(), settings.quiet);
    let step = |step| bar.step(step);
    let reading = Reading {
        threads: settings.threads,
        limits: Limits::default(),
        places: false,
        digest: settings.digest,
        encoding: settings.encoding,
        zone: settings.zone,
        progress: &step,
        cancelled: interrupt::flag(sources.wait()),
    };

    let mut inputs = Inputs::default();
    let roster = match &sources.roster {
        Some(source) => {
            let (roster, summary) = roster::read(source, &reading, &settings.layout)?;
            Some((roster, summary, source))
        }
        None => None,
    };
    let lines = roster.as_ref().map(|(lines, ..)| lines);
    let (mut ledger, seen) =
        read_encounters(settings, sources, &reading, &law, evidence, lines, &mut inputs)?;
    let wrote = read_messages(settings, sources, &reading, &law, lines, &mut ledger, &mut inputs)?;
    if let Some((_, summary, source)) = &roster {
        inputs.add(Role::Roster, source, summary, &settings.layout.roster.columns);
    }
    bar.finish();
    interrupt::reading_is_done();
    interrupt::check()?;

    let summary = summary(&ledger).map_err(|_| Failed::internal("the ledger cannot be summed up"))?;
    let providers = providers(settings, lines, &ledger, &summary);
    let met = providers.iter().filter(|provider| provider.verdict == Verdict::Met).count();
    let report = Report {
        group: Some(Group {
            denominator: summary.denominator,
            numerator: summary.numerator,
            providers_met: met as u64,
            providers: providers.len() as u64,
        }),
        providers,
        waterfall: Some(Waterfall {
            encounters: seen.buckets(&law.denominator),
            messages: wrote.buckets(&law.numerator),
        }),
        findings: inputs.findings(),
        inputs: inputs.read,
        ..without_result(settings)
    };
    Ok(Outcome { report, ledger, law })
}

/// The report of a run that failed.
pub fn failed(settings: &Settings, failure: Failure) -> Report {
    Report { error: Some(failure), ..without_result(settings) }
}

/// The program.
pub fn tool() -> Tool {
    Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
}

/// What was read of an input.
pub fn input(role: Role, source: &Source, summary: &FileSummary, columns: &Columns) -> Input {
    let notes = &summary.notes;
    let is_absent = |name: &&&str| {
        summary.header.position(name).is_none() || summary.never.iter().any(|never| never == **name)
    };
    let absent = columns.telling.iter().filter(is_absent);
    Input {
        role,
        path: source.name.clone(),
        bytes: summary.bytes,
        sha256: summary.sha256.clone(),
        rows: notes.rows,
        rejected: notes.rejected,
        aside: notes.aside,
        absent: absent.map(|name| (*name).to_owned()).collect(),
    }
}

fn without_result(settings: &Settings) -> Report {
    let Threshold::MoreThanPercent(more_than_percent) = settings.edition.threshold;
    let choices = settings.choices.iter();
    Report {
        schema_version: SCHEMA_VERSION,
        tool: tool(),
        edition: EditionRef {
            id: settings.edition.id.clone(),
            sha256: settings.edition.sha256.clone(),
            title: settings.edition.title.clone(),
            more_than_percent,
        },
        period: PeriodDays { first: settings.period.first, last: settings.period.last },
        timezone: settings.zone.map(|zone| zone.name().to_owned()),
        credit: settings.credit,
        policies: choices.map(|(name, choice)| (name.clone(), choice.word().to_owned())).collect(),
        layout: settings.layout.name.clone(),
        inputs: Vec::new(),
        providers: Vec::new(),
        group: None,
        waterfall: None,
        findings: Vec::new(),
        error: None,
    }
}

fn read_encounters(
    settings: &Settings,
    sources: &Sources,
    reading: &Reading<'_>,
    law: &Law,
    evidence: bool,
    roster: Option<&Roster>,
    inputs: &mut Inputs,
) -> Result<(Ledger, Tally), Failed> {
    let seeing = Seeing::new(law, evidence);
    for provider in roster.into_iter().flat_map(Roster::keys) {
        seeing.name(provider);
    }
    for (file, source) in sources.encounters.iter().enumerate() {
        let part = || seeing.part(law);
        let take = |part: &mut SeenPart, encounter: &Encounter<'_>| part.take(law, evidence, encounter);
        let collect = |part| seeing.collect(part, file as u32);
        let summary = encounters::read(source, reading, &settings.layout, part, take, collect)?;
        inputs.add(Role::Encounters, source, &summary, &settings.layout.encounters.columns);
    }
    Ok(seeing.finish())
}

fn read_messages(
    settings: &Settings,
    sources: &Sources,
    reading: &Reading<'_>,
    law: &Law,
    roster: Option<&Roster>,
    ledger: &mut Ledger,
    inputs: &mut Inputs,
) -> Result<Tally, Failed> {
    let Ledger { pairs, written } = ledger;
    let crediting = Crediting::new(settings.credit, pairs, roster);
    let writing = Writing { law, crediting: &crediting, pairs, all: written.keeps_evidence() };
    let result = Mutex::new((written, Tally::new(&law.numerator)));
    for (file, source) in sources.messages.iter().enumerate() {
        let part = || WrotePart::new(law);
        let take = |part: &mut WrotePart, message: &Message<'_>| part.take(&writing, message);
        let put = |part: &mut WrotePart| {
            let mut result = result.lock().unwrap_or_else(PoisonError::into_inner);
            let (written, tally) = &mut *result;
            part.apply(written, tally, file as u32);
        };
        let collect = |mut part: WrotePart| part.reach(&writing, put);
        let summary = messages::read(source, reading, &settings.layout, &law.channels, part, take, collect)?;
        inputs.add(Role::Messages, source, &summary, &settings.layout.messages.columns);
    }
    Ok(result.into_inner().unwrap_or_else(PoisonError::into_inner).1)
}

/// Every provider to be listed, sorted by id: those on the roster and those who saw patients; without a roster, all
/// who are named in the encounters.
fn providers(
    settings: &Settings,
    roster: Option<&Roster>,
    ledger: &Ledger,
    summary: &Summary,
) -> Vec<Provider> {
    let ids = &ledger.pairs.providers;
    let is_listed = |code: &u32| match roster {
        Some(roster) => roster.contains_key(ids.get(*code)) || summary.scores.contains_key(code),
        None => true,
    };
    let mut codes: Vec<u32> = (0..ids.len() as u32).filter(is_listed).collect();
    codes.sort_unstable_by_key(|code| ids.get(*code));
    let threshold = settings.edition.threshold;
    codes
        .into_iter()
        .map(|code| {
            let id = ids.get(code);
            let line = roster.and_then(|roster| roster.get(id));
            let score = summary.scores.get(&code).copied().unwrap_or_else(Score::default);
            Provider {
                provider_id: id.to_owned(),
                name: line.and_then(|line| line.name.clone()),
                npi: line.and_then(|line| line.npi.clone()),
                denominator: score.denominator(),
                numerator: score.numerator(),
                rate_percent: rate::cautious(&score, threshold),
                rate_percent_most: rate::hopeful(&score, threshold),
                verdict: score.verdict(threshold),
                needed: score.needed(threshold),
                adjudicate: score.adjudicate(threshold),
            }
        })
        .collect()
}

/// What was read, in the order in which it was given.
#[derive(Default)]
struct Inputs {
    read: Vec<Input>,
    findings: BTreeMap<Code, (u64, Place)>,
}

impl Inputs {
    fn add(&mut self, role: Role, source: &Source, summary: &FileSummary, columns: &Columns) {
        let notes = &summary.notes;
        self.read.push(input(role, source, summary, columns));
        for (code, noticed) in notes.findings() {
            let place = match noticed.column {
                Some(column) => {
                    Place::cell(&*source.name, noticed.line, printable(summary.header.name(column)))
                }
                None => Place::line(&*source.name, noticed.line),
            };
            self.find(code, noticed.count, place);
        }
        for name in &summary.near_misses {
            let place = Place::cell(&*source.name, summary.header.line(), printable(name));
            self.find(Code::NearMissColumn, 1, place);
        }
        if notes.rows == 0 {
            self.find(Code::NoRows, 1, Place::file(&*source.name));
        }
    }

    /// Adds findings; the first place stays that of the input which comes first.
    fn find(&mut self, code: Code, count: u64, place: Place) {
        self.findings.entry(code).or_insert((0, place)).0 += count;
    }

    fn findings(&self) -> Vec<Finding> {
        let finding = |(code, (count, first)): (&Code, &(u64, Place))| Finding {
            code: code.slug(),
            severity: code.severity(),
            count: *count,
            first: first.clone(),
        };
        self.findings.iter().map(finding).collect()
    }
}
