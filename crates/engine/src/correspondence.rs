//! Records who wrote to whom and when, if a command needs it: the first and last messages of each provider, and unanswered messages of
//! patients.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use mucalc_core::domain::event::Message;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::words::{MessageParty, MessageStatus};
use mucalc_core::ledger::RowKey;

/// The messages that were recorded.
#[derive(Clone, Debug, Default)]
pub struct Correspondence {
    /// For each provider (`""` for the practice): the first and the last message from patients, and to patients.
    providers: BTreeMap<Box<str>, [Option<(RowKey, RowKey)>; 2]>,
    patients: HashMap<Box<str>, Newest>,
}

/// The newest messages from and to a patient.
#[derive(Clone, Debug, Default)]
struct Newest {
    /// Last message from the patient, with the provider that it names.
    from: Option<(RowKey, Box<str>)>,
    /// Day of the last message to the patient.
    to: Option<Day>,
}

/// A message from a patient that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Provider that it names; `""` for the practice.
    pub provider: Box<str>,
    /// Row of the message.
    pub row: RowKey,
}

/// What the rules determine about a message to record.
#[derive(Clone, Copy, Debug)]
pub struct Noted {
    /// Whether its channel may be the certified messaging function.
    pub may_be_certified: bool,
    /// Whether an answer to it, about the same topic, may qualify.
    pub answer_may_count: bool,
}

/// The direction of a message.
#[derive(Clone, Copy)]
enum Direction {
    FromPatient,
    ToPatient,
}

impl Correspondence {
    /// Records a message that was sent in a span of days.
    pub fn note(&mut self, message: &Message<'_>, noted: Noted, within: Period, file: u32) {
        let Some(day) = message.act.day.filter(|day| within.contains(*day)) else { return };
        let Some(direction) = direction(message) else { return };
        if message.words.status != MessageStatus::Sent || !noted.may_be_certified {
            return;
        }
        let row = RowKey::new(Some(day), file, message.act.line.number());
        let text = |id: &[u8]| -> Box<str> { String::from_utf8_lossy(id).into() };
        let provider = message.act.provider.map_or_else(Box::default, text);
        let span = &mut self.providers.entry(provider.clone()).or_default()[direction as usize];
        *span = Some(span.map_or((row, row), |(first, last)| (first.min(row), later(last, row))));
        let Newest { from, to } = self.patients.entry(text(message.act.patient)).or_default();
        match direction {
            Direction::FromPatient if !noted.answer_may_count => {}
            Direction::FromPatient => {
                let newest = (row, provider);
                *from = Some(from.take().map_or(newest.clone(), |known| known.max(newest)));
            }
            Direction::ToPatient => *to = (*to).max(Some(day)),
        }
    }

    /// Adds the messages of another part.
    pub fn merge(&mut self, part: Self) {
        for (provider, spans) in part.providers {
            let known = self.providers.entry(provider).or_default();
            for (known, more) in known.iter_mut().zip(spans) {
                *known = match (*known, more) {
                    (Some((first, last)), Some((other_first, other_last))) => {
                        Some((first.min(other_first), later(last, other_last)))
                    }
                    (known, more) => known.or(more),
                };
            }
        }
        for (patient, Newest { from, to }) in part.patients {
            let known = self.patients.entry(patient).or_default();
            known.from = known.from.take().max(from);
            known.to = known.to.max(to);
        }
    }

    /// Returns the first and the last message from patients, and to patients, of a provider.
    pub fn rows_for_provider(&self, provider: &str) -> [Option<(RowKey, RowKey)>; 2] {
        self.providers.get(provider).copied().unwrap_or_default()
    }

    /// Returns the last message of each patient that was not answered on the same day or later.
    pub fn unanswered(&self) -> impl Iterator<Item = (&str, Unanswered)> {
        self.patients.iter().filter_map(|(patient, Newest { from, to })| {
            let (row, provider) = from.as_ref()?;
            let is_open = to.is_none_or(|to| row.day().is_none_or(|day| to < day));
            is_open.then(|| (&**patient, Unanswered { provider: provider.clone(), row: *row }))
        })
    }
}

/// Returns the row of the later day. On the same day, returns the first row, so that a repeated row is one message.
fn later(one: RowKey, other: RowKey) -> RowKey {
    match one.day().cmp(&other.day()) {
        Ordering::Equal => one.min(other),
        Ordering::Greater => one,
        Ordering::Less => other,
    }
}

/// Returns the direction of a message. `None` if a patient is at neither end, or at both.
fn direction(message: &Message<'_>) -> Option<Direction> {
    let is_patients =
        |party: MessageParty| matches!(party, MessageParty::Patient | MessageParty::Representative);
    match (is_patients(message.words.sender), is_patients(message.words.recipient)) {
        (true, false) => Some(Direction::FromPatient),
        (false, true) => Some(Direction::ToPatient),
        _ => None,
    }
}
