//! Decisions of people, laid over what the law leaves open.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::adjudication::{About, Adjudication};
use crate::domain::answer::Answer;
use crate::domain::event::Act;
use crate::tally::ledger::Ledger;

/// The decisions of a run, and what became of each.
pub struct Decided<'a> {
    decisions: &'a [Adjudication],
    /// The first decision about each message, by its id.
    messages: HashMap<&'a [u8], usize>,
    fates: Vec<Fate>,
}

/// What became of a decision.
#[derive(Default)]
struct Fate {
    settled: AtomicU64,
    needless: AtomicU64,
    contradicted: AtomicU64,
}

/// What became of a decision, in numbers of messages or of pairs of patient and provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FateOf {
    /// Uncertain ones that it settled.
    pub settled: u64,
    /// Certain ones that say the same.
    pub needless: u64,
    /// Certain ones that say the opposite, and stay as they are.
    pub contradicted: u64,
}

impl<'a> Decided<'a> {
    /// Decisions of which nothing has become yet. Of two about one message the first is taken.
    pub fn new(decisions: &'a [Adjudication]) -> Self {
        let mut messages = HashMap::new();
        let fates: Vec<Fate> = decisions.iter().map(|_| Fate::default()).collect();
        for (at, decision) in decisions.iter().enumerate() {
            let About::Message(id) = &decision.about else { continue };
            let first = *messages.entry(id.as_bytes()).or_insert(at);
            if first != at {
                fates[at].note(decisions[first].decision.answer(), decision.decision.answer());
            }
        }
        Self { decisions, messages, fates }
    }

    /// The answer of a row of the numerator, and the provider whom it counts for.
    pub fn message<'x>(&'x self, act: &Act<'x>, answer: Answer) -> (Answer, Option<&'x [u8]>) {
        let Some(at) = act.id.and_then(|id| self.messages.get(id)) else { return (answer, act.provider) };
        let decision = &self.decisions[*at];
        let wanted = decision.decision.answer();
        // Who is meant by a message that names nobody is uncertain too.
        let provider = act.provider.or(decision.provider.as_deref().map(str::as_bytes));
        let names = wanted == Answer::In && act.provider.is_none() && provider.is_some();
        if names && answer == Answer::In {
            self.fates[*at].settled.fetch_add(1, Ordering::Relaxed);
            return (answer, provider);
        }
        let settled = self.fates[*at].note(answer, wanted);
        (settled, if settled == wanted { provider } else { act.provider })
    }

    /// Settles who was seen, before messages are put to the ledger.
    pub fn settle_seen(&self, ledger: &mut Ledger) {
        self.settle(false, |patient, provider, answer, fate| {
            ledger.settle_seen(patient, provider, |known| fate.note(known, answer));
        });
    }

    /// Settles who counts, when all messages are put to the ledger.
    pub fn settle_wrote(&self, ledger: &mut Ledger) {
        self.settle(true, |patient, provider, answer, fate| {
            ledger.settle_wrote(patient, provider, |known| fate.note(known, answer));
        });
    }

    /// Keeps what is decided of patients for every window of a sweep.
    pub fn settle_everywhere(&self, ledger: &mut Ledger) {
        for numerator in [false, true] {
            self.settle(numerator, |patient, provider, answer, _| {
                ledger.settle_everywhere(patient, provider, numerator, answer);
            });
        }
    }

    /// What became of each decision, in their order.
    pub fn fates(&self) -> impl Iterator<Item = (&'a Adjudication, FateOf)> + '_ {
        let fate = |fate: &Fate| FateOf {
            settled: fate.settled.load(Ordering::Relaxed),
            needless: fate.needless.load(Ordering::Relaxed),
            contradicted: fate.contradicted.load(Ordering::Relaxed),
        };
        self.decisions.iter().zip(self.fates.iter().map(fate))
    }

    fn settle(&self, numerator: bool, mut with: impl FnMut(&str, Option<&str>, Answer, &Fate)) {
        for (decision, fate) in self.decisions.iter().zip(&self.fates) {
            if let About::Patient(patient) = &decision.about
                && decision.decision.is_of_numerator() == numerator
            {
                with(patient, decision.provider.as_deref(), decision.decision.answer(), fate);
            }
        }
    }
}

impl Fate {
    /// Notes what became of a decision over a known answer, and tells the answer that holds.
    fn note(&self, known: Answer, wanted: Answer) -> Answer {
        let (count, answer) = match known {
            Answer::Uncertain => (&self.settled, wanted),
            certain if certain == wanted => (&self.needless, certain),
            certain => (&self.contradicted, certain),
        };
        count.fetch_add(1, Ordering::Relaxed);
        answer
    }
}
