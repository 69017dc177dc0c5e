//! Messages and accesses under each ruling: whose numerator they put patients into.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::account::InputLog;
use crate::again::{self, ActVersions, FilesRead, MetIds, Repeated};
use crate::context::Context;
use crate::correspondence::Noted;
use crate::noticed::Observations;
use mucalc_core::domain::event::{Message, MessageCodes, NumeratorEvent, PortalAccess};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::domain::words::{Certified, DayIn, MessageStatus, Party};
use mucalc_core::edition::TableCell;
use mucalc_core::ledger::retained_rows::{ActRow, RetainedAccess, RetainedMessage};
use mucalc_core::ledger::{
    Adjudications, Attribution, CellsByDay, CompiledMeasure, DenominatorResult, Ledger, Matched, Matching,
    NumeratorBatch, NumeratorContext, NumeratorState, OneRecord, Resolved, RowPlaces, RuleCounts,
    UnseenWriters, UnusableByProvider, VersionRow, message_may_count,
};
use mucalc_read::entity::{accesses, messages};
use mucalc_read::{InputError, ReadContext, ReadSummary};

/// Puts messages and accesses to the ledgers, and tells the rows that each rule judged.
///
/// # Errors
/// When an export cannot be used.
pub(super) fn judged(
    run: &Context<'_>,
    roster: Option<&Roster>,
    seen: &mut [DenominatorResult],
    unusable: &mut [UnusableByProvider],
    decided: &[Adjudications<'_>],
    account: &mut InputLog,
    passed: &mut Observations,
) -> Result<Vec<(RuleCounts, Matched)>, InputError> {
    let Context { task, sources, rulings, laws, .. } = *run;
    let crediting: Vec<Attribution> = rulings
        .iter()
        .zip(&*seen)
        .map(|(ruling, seen)| {
            Attribution::new(ruling.credit, ruling.edition.counts_for, &seen.ledger.pairs, roster)
        })
        .collect();
    for ((seen, crediting), unusable) in seen.iter_mut().zip(&crediting).zip(&mut *unusable) {
        let Ledger { pairs, written } = &mut seen.ledger;
        pairs.make_ready(task.threads);
        unusable.know(pairs, crediting);
        if unusable.may_regroup() {
            written.keep_named();
        }
    }
    // Both are judged anew where one of them has records that are repeated.
    let came = again::once_or_twice(|repeated| {
        let files = Files { run, crediting: &crediting, decided, repeated };
        files.judge(seen, unusable)
    })?;
    let Judged {
        tallies,
        matched,
        writers,
        lost,
        lost_accesses,
        summaries,
        passed: noticed,
        contradictory_messages,
        contradictory_accesses,
    } = came;
    passed.merge(noticed);
    for (role, column, sources, of) in [
        (InputRole::Messages, "message_id", &sources.messages, &contradictory_messages),
        (InputRole::Accesses, "access_id", &sources.accesses, &contradictory_accesses),
    ] {
        let summaries = summaries.iter().filter(|(of, _)| *of == role);
        for (source, (_, summary)) in sources.iter().zip(summaries) {
            account.add(role, source, summary, &task.layout);
        }
        // The files of messages come before those of accesses.
        account.contradict(column, run.sources.messages.iter().chain(&run.sources.accesses), of);
        account.check_not_all_skipped(role)?;
    }
    let all = unusable.iter_mut().zip(&writers).zip(&*seen).zip(&crediting).zip(laws.iter().zip(rulings));
    for ((((unusable, writers), seen), crediting), (law, ruling)) in all {
        let (rows, pairs) =
            (if ruling.counts_messages() { &lost } else { &lost_accesses }, &seen.ledger.pairs);
        unusable.add_messages(rows, pairs, crediting, |row| message_may_count(law, row));
        if let Some(writers) = writers {
            unusable.add_writers(writers, pairs, crediting);
        }
    }
    Ok(tallies.into_iter().zip(matched).collect())
}

/// What came of reading messages and accesses.
struct Judged {
    tallies: Vec<RuleCounts>,
    matched: Vec<Matched>,
    writers: Vec<Option<UnseenWriters>>,
    lost: Unusable,
    lost_accesses: Unusable,
    summaries: Vec<(InputRole, ReadSummary)>,
    passed: Observations,
    contradictory_messages: RowPlaces,
    contradictory_accesses: RowPlaces,
}

/// A part of the messages and accesses under each ruling.
#[derive(Default)]
struct Part {
    parts: Vec<NumeratorBatch>,
    aside: Aside,
}

/// What is not judged at once.
#[derive(Default)]
struct Aside {
    passed: Observations,
    versions: ActVersions,
}

/// The results of each ruling, to which parts are put from several threads.
type Results<'w> = Vec<Mutex<(&'w mut NumeratorState, RuleCounts)>>;

/// What is needed to judge the files of messages and accesses.
struct Files<'a, 'l> {
    run: &'a Context<'l>,
    crediting: &'a [Attribution],
    decided: &'a [Adjudications<'a>],
    /// The ids of records that are put aside, and judged when it is known which are the records.
    repeated: Option<&'a Repeated<'l>>,
}

impl<'l> Files<'_, 'l> {
    /// Judges all files.
    fn judge(
        &self,
        seen: &mut [DenominatorResult],
        unusable: &[UnusableByProvider],
    ) -> Result<(Judged, MetIds<'l>), InputError> {
        let Context { sources, laws, wants, task, .. } = *self.run;
        let matching: Vec<Matching> = seen
            .iter()
            .map(|DenominatorResult { ledger, .. }| Matching::new(&ledger.pairs, &ledger.written))
            .collect();
        // Who wrote without being seen is asked only where an unusable encounter may be theirs.
        let writers: Vec<Option<UnseenWriters>> =
            unusable.iter().map(|of| (of.all.encounters > 0).then(UnseenWriters::default)).collect();
        let decides = sources.adjudications.is_some();
        let (mut writings, mut results): (Vec<NumeratorContext<'_>>, Results<'_>) = (Vec::new(), Vec::new());
        let asides = matching.iter().zip(&writers).zip(self.crediting.iter().zip(self.decided));
        for ((seen, law), ((matching, writers), (crediting, decided))) in
            seen.iter_mut().zip(laws).zip(asides)
        {
            let Ledger { pairs, written } = &mut seen.ledger;
            if self.repeated.is_some() {
                written.forget_messages();
                decided.forget_messages();
            }
            writings.push(NumeratorContext {
                crediting,
                pairs,
                all: written.keeps_evidence(),
                decided: decides.then_some(decided),
                matching: Some(matching),
                writers: writers.as_ref(),
            });
            results.push(Mutex::new((written, self.run.tally(law))));
        }
        let part = || Part {
            parts: laws
                .iter()
                .zip(&writings)
                .map(|(law, writing)| NumeratorBatch::new(self.run.tally(law), writing))
                .collect(),
            aside: Aside::default(),
        };
        let all_aside = Mutex::new(Aside::default());
        let collect = |Part { parts, aside }: Part, file: u32| {
            for ((part, writing), result) in parts.into_iter().zip(&writings).zip(&results) {
                put(part, writing, result, file);
            }
            let mut all = locked(&all_aside);
            all.passed.merge(aside.passed);
            all.versions.merge(aside.versions);
        };
        let judge = |part: &mut Part,
                     role: InputRole,
                     act: &NumeratorEvent<'_>,
                     cell: &dyn Fn(&CompiledMeasure) -> TableCell| {
            if self.run.is_to_be_judged(&mut part.aside.passed, act, cell) {
                for (part, ruling) in
                    part.parts.iter_mut().zip(0..).filter(|(_, at)| self.run.asks(role, *at))
                {
                    part.take(&writings[ruling], cell(&laws[ruling]), *act);
                }
            }
        };
        // Rows of later days are left out as if they were not there, also as versions.
        let is_aside = |reading: &ReadContext<'_>, act: &NumeratorEvent<'_>| {
            reading.may_repeat(act.id) && wants.is_in_time(act.day)
        };
        let mut read = FilesRead::new(&task.layout);
        for (file, source) in (0..).zip(&sources.messages) {
            let reading = again::reading(self.run.reading, self.repeated, InputRole::Messages, file as usize);
            let (layout, channels) = (&task.layout, &task.channels);
            let summary = match (laws, &writings[..]) {
                // The usual case by itself: so the compiler sees through it.
                ([law], [writing]) if !wants.asks_messages() && reading.repeated.is_none() => {
                    let part = || NumeratorBatch::new(self.run.tally(law), writing);
                    let by_words = |words: &MessageCodes| law.by_words(words);
                    let take = |part: &mut NumeratorBatch, message: &Message<'_>, by_words: &CellsByDay| {
                        part.message_by(writing, law, message, by_words);
                    };
                    let collect = |part| put(part, writing, &results[0], file);
                    messages::read_by_words(
                        source, &reading, layout, channels, by_words, part, take, collect,
                    )?
                }
                _ => {
                    let take = |part: &mut Part, message: &Message<'_>| {
                        self.note(&mut part.aside.passed, message, file);
                        match is_aside(&reading, &message.act) {
                            true => {
                                let aside = &mut part.aside.versions.messages;
                                aside.add(RetainedMessage::new(file, message), message.act.version);
                            }
                            false => {
                                judge(part, InputRole::Messages, &message.act, &|law| law.message(message))
                            }
                        }
                    };
                    messages::read(source, &reading, layout, channels, part, take, |part| {
                        collect(part, file)
                    })?
                }
            };
            read.add(InputRole::Messages, source, summary, file)?;
        }
        for (own_file, source) in sources.accesses.iter().enumerate() {
            let reading = again::reading(self.run.reading, self.repeated, InputRole::Accesses, own_file);
            // The files of messages come before those of accesses.
            let file = (sources.messages.len() + own_file) as u32;
            let take = |part: &mut Part, access: &PortalAccess<'_>| match is_aside(&reading, &access.act) {
                true => {
                    part.aside.versions.accesses.add(RetainedAccess::new(file, access), access.act.version)
                }
                false => judge(part, InputRole::Accesses, &access.act, &|law| law.access(access)),
            };
            let collect = |part| collect(part, file);
            let summary = accesses::read(source, &reading, &task.layout, part, take, collect)?;
            read.add(InputRole::Accesses, source, summary, file)?;
        }
        [InputRole::Messages, InputRole::Accesses].into_iter().for_each(|role| read.close(role));
        let mut versions = std::mem::take(&mut locked(&all_aside).versions);
        let in_time = read.lost_versions().filter(|(_, lost, _)| wants.is_in_time(lost.row.day()));
        in_time.for_each(|(role, lost, file)| versions.add_lost(role, lost, file));
        let FilesRead { met, summaries, .. } = read;
        let (mut lost, mut lost_accesses) = (Unusable::default(), Unusable::default());
        for (role, summary) in &summaries {
            let lost = if *role == InputRole::Messages { &mut lost } else { &mut lost_accesses };
            self.run.lose(lost, summary.notes.unusable.clone());
        }
        let ActVersions { messages, accesses } = versions;
        let messages = again::resolved(self.repeated, InputRole::Messages, messages, task.versions);
        let accesses = again::resolved(self.repeated, InputRole::Accesses, accesses, task.versions);
        let (judge, part): (Judge<'_>, MakePart<'_>) = (&judge, &part);
        let cell = |law: &CompiledMeasure, row: &RetainedMessage| law.message(&row.event());
        let parts = self.judge_versions(&messages, InputRole::Messages, &writings, part, judge, cell);
        parts.into_iter().for_each(|(file, part)| collect(part, file));
        let cell = |law: &CompiledMeasure, row: &RetainedAccess| law.access(&row.event());
        let parts = self.judge_versions(&accesses, InputRole::Accesses, &writings, part, judge, cell);
        parts.into_iter().for_each(|(file, part)| collect(part, file));
        self.run.lose(&mut lost, messages.lost);
        self.run.lose(&mut lost_accesses, accesses.lost);
        let (contradictory_messages, contradictory_accesses) =
            (messages.contradictions, accesses.contradictions);
        let tallies = results.into_iter().map(|result| {
            let (_, tally) = result.into_inner().unwrap_or_else(PoisonError::into_inner);
            tally
        });
        let tallies = tallies.collect();
        let matched = matching
            .iter()
            .zip(&writings)
            .map(|(matching, writing)| matching.finish(writing.pairs))
            .collect();
        let passed = all_aside.into_inner().unwrap_or_else(PoisonError::into_inner).passed;
        Ok((
            Judged {
                tallies,
                matched,
                writers,
                lost,
                lost_accesses,
                summaries,
                passed,
                contradictory_messages,
                contradictory_accesses,
            },
            met,
        ))
    }

    /// Notes who wrote to whom, if that is asked.
    fn note(&self, passed: &mut Observations, message: &Message<'_>, file: u32) {
        let Context { wants, laws, .. } = *self.run;
        let Some(law) = laws.first().filter(|_| wants.correspondence && wants.is_in_time(message.act.day))
        else {
            return;
        };
        let day = message.act.day;
        let certified = day.map(|day| law.channels.on(message.words.channel, day));
        let may_be_certified = certified.is_none_or(|certified| certified != Certified::No);
        // An answer is about what the message is about: one about a bill may count for nothing.
        let words = MessageCodes {
            status: MessageStatus::Sent,
            sender: Party::Provider,
            recipient: Party::Patient,
            ..message.words
        };
        let answer = law.message_at(&Message { words, ..*message }, DayIn::Inside).answer;
        let noted = Noted { may_be_certified, answer_may_count: answer.may_be_in() };
        passed.correspondence.note(message, noted, law.windows.hull(), file);
    }

    /// Judges records of which the exports may have several versions; returns the parts by the position of their files.
    fn judge_versions<R: ActRow>(
        &self,
        resolved: &Resolved<R>,
        role: InputRole,
        writings: &[NumeratorContext<'_>],
        make: MakePart<'_>,
        judge: Judge<'_>,
        cell: impl Fn(&CompiledMeasure, &R) -> TableCell,
    ) -> BTreeMap<u32, Part> {
        let laws = self.run.laws;
        let rulings = || (0..laws.len()).filter(|ruling| self.run.asks(role, *ruling));
        let mut parts: BTreeMap<u32, Part> = BTreeMap::new();
        for record in resolved.all() {
            let part = parts.entry(record.file()).or_insert_with(make);
            match record {
                OneRecord::Known(row) => judge(part, role, &row.act(), &|law| cell(law, row)),
                OneRecord::Duplicate(row) => rulings()
                    .for_each(|at| part.parts[at].take_duplicate(row.act().provider, cell(&laws[at], row))),
                OneRecord::Superseded(row) => {
                    rulings().for_each(|at| part.parts[at].take_superseded(row.act().provider));
                }
                OneRecord::Unresolved(record) => {
                    let rows = record.each(|row| row);
                    for one in &rows {
                        let cell = |law: &CompiledMeasure| cell(law, one.row);
                        self.run.is_to_be_judged(&mut part.aside.passed, &one.row.act(), &cell);
                    }
                    for at in rulings() {
                        let judged = rows.iter().map(|VersionRow { version, file, row }| VersionRow {
                            version: *version,
                            file: *file,
                            row: (row.act(), cell(&laws[at], row)),
                        });
                        let judged: Vec<_> = judged.collect();
                        part.parts[at].take_unresolved(&writings[at], record.versions, &judged);
                    }
                }
            }
        }
        parts
    }
}

/// Makes an empty part.
type MakePart<'a> = &'a dyn Fn() -> Part;

/// Puts a row of a kind to a part, given what each law says of it.
type Judge<'a> =
    &'a dyn Fn(&mut Part, InputRole, &NumeratorEvent<'_>, &dyn Fn(&CompiledMeasure) -> TableCell);

impl Context<'_> {
    /// Whether a ruling asks for rows of a kind.
    fn asks(&self, role: InputRole, ruling: usize) -> bool {
        self.rulings[ruling].counts_messages() == (role == InputRole::Messages)
    }

    /// Whether a row is to be judged, by its day; `cell` is what a law says of it.
    fn is_to_be_judged(
        &self,
        passed: &mut Observations,
        act: &NumeratorEvent<'_>,
        cell: &dyn Fn(&CompiledMeasure) -> TableCell,
    ) -> bool {
        let window = self.laws.first().map_or(self.task.period, |law| law.windows.hull());
        let may_count = || self.laws.iter().any(|law| cell(law).answer.may_be_in());
        passed.act(&self.wants, window, act.day, may_count)
    }

    /// An empty tally of the numerator's rules.
    fn tally(&self, law: &CompiledMeasure) -> RuleCounts {
        let new = if self.by_provider() { RuleCounts::by_provider } else { RuleCounts::new };
        new(&law.numerator)
    }
}

/// Puts a part of a file to the ledger.
fn put(
    mut part: NumeratorBatch,
    writing: &NumeratorContext<'_>,
    result: &Mutex<(&mut NumeratorState, RuleCounts)>,
    file: u32,
) {
    part.reach(writing, file, |part| {
        let mut result = result.lock().unwrap_or_else(PoisonError::into_inner);
        let (written, tally) = &mut *result;
        part.apply(written, tally, file);
    });
}

fn locked(aside: &Mutex<Aside>) -> MutexGuard<'_, Aside> {
    aside.lock().unwrap_or_else(PoisonError::into_inner)
}
