//! Evaluates messages and accesses under each rule set: which patients they add to whose numerator.

use std::sync::{Mutex, PoisonError};

use crate::again::{self, FilesRead, MetIds, Repeated};
use crate::context::Context;
use crate::input_log::InputLog;
use crate::numerator_pass::{Pass, Results};
use crate::observations::Observations;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::ledger::{
    Adjudications, Attribution, DenominatorResult, Ledger, Matched, Matching, NumeratorContext, RowPlaces,
    RuleCounts, UnseenWriters, UnusableByProvider, message_may_count,
};
use mucalc_read::{InputError, ReadSummary};

/// Adds messages and accesses to the ledgers. Returns how many rows each rule decided, and to what extent they match the encounters.
///
/// # Errors
/// If an export cannot be used.
pub(super) fn evaluate_numerators(
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
        pairs.build_index(task.threads);
        unusable.set_attribution(pairs, crediting);
        if unusable.may_regroup() {
            written.keep_named();
        }
    }
    // Both kinds are read and evaluated again if one of them has repeated records.
    let came = again::once_or_twice(|repeated| {
        let rules = Rules { run, crediting: &crediting, decided };
        rules.evaluate_numerator(seen, unusable, repeated)
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
        // Access files are numbered after message files.
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

/// The result of reading messages and accesses.
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

/// The rules for messages and accesses, and the providers that these are attributed to.
struct Rules<'a, 'l> {
    run: &'a Context<'l>,
    crediting: &'a [Attribution],
    decided: &'a [Adjudications<'a>],
}

impl<'l> Rules<'_, 'l> {
    /// Evaluates all files. Rows whose record id is in `repeated` wait until it is known which version is the record.
    fn evaluate_numerator(
        &self,
        seen: &mut [DenominatorResult],
        unusable: &[UnusableByProvider],
        repeated: Option<&Repeated>,
    ) -> Result<(Judged, MetIds), InputError> {
        let run = self.run;
        let matching: Vec<Matching> = seen
            .iter()
            .map(|DenominatorResult { ledger, .. }| Matching::new(&ledger.pairs, &ledger.written))
            .collect();
        // Patients who wrote without being seen matter only if an unusable encounter may be theirs.
        let writers: Vec<Option<UnseenWriters>> =
            unusable.iter().map(|of| (of.all.encounters > 0).then(UnseenWriters::default)).collect();
        let (writings, results) = self.writings(seen, &matching, &writers, repeated.is_some());
        let pass = Pass::new(run, repeated, &writings, &results);
        let mut read = FilesRead::new(run.sources, &run.task.layout);
        pass.read_messages(&mut read)?;
        pass.read_accesses(&mut read)?;
        let [mut lost, mut lost_accesses] = [InputRole::Messages, InputRole::Accesses].map(|role| {
            read.close(role);
            let mut lost = Unusable::default();
            let summaries = read.summaries.iter().filter(|(of, _)| *of == role);
            summaries.for_each(|(_, summary)| run.lose(&mut lost, summary.notes.unusable.clone()));
            lost
        });
        let [messages, accesses] = pass.resolve(&mut read);
        run.lose(&mut lost, messages.lost);
        run.lose(&mut lost_accesses, accesses.lost);
        let passed = pass.finish();
        let matched = matching.iter().zip(&writings);
        let matched = matched.map(|(matching, writing)| matching.finish(writing.pairs)).collect();
        let tallies = results.into_iter().map(|result| {
            let (_, tally) = result.into_inner().unwrap_or_else(PoisonError::into_inner);
            tally
        });
        let judged = Judged {
            tallies: tallies.collect(),
            matched,
            writers,
            lost,
            lost_accesses,
            summaries: read.summaries,
            passed,
            contradictory_messages: messages.contradictions,
            contradictory_accesses: accesses.contradictions,
        };
        Ok((judged, read.met))
    }

    /// Returns what the rows of each rule set are added to, and where its results go. Discards what an earlier read left there.
    fn writings<'w>(
        &'w self,
        seen: &'w mut [DenominatorResult],
        matching: &'w [Matching],
        writers: &'w [Option<UnseenWriters>],
        is_again: bool,
    ) -> (Vec<NumeratorContext<'w>>, Results<'w>) {
        let decides = self.run.sources.adjudications.is_some();
        let (mut writings, mut results) = (Vec::new(), Vec::new());
        let asides = matching.iter().zip(writers).zip(self.crediting.iter().zip(self.decided));
        for ((seen, law), ((matching, writers), (crediting, decided))) in
            seen.iter_mut().zip(self.run.laws).zip(asides)
        {
            let Ledger { pairs, written } = &mut seen.ledger;
            if is_again {
                written.forget_messages();
                decided.forget_messages();
            }
            writings.push(NumeratorContext {
                crediting,
                pairs,
                evidence: written.keeps_evidence(),
                all: self.run.wants.nearest,
                decided: decides.then_some(decided),
                matching: Some(matching),
                writers: writers.as_ref(),
            });
            results.push(Mutex::new((written, self.run.tally(law))));
        }
        (writings, results)
    }
}
