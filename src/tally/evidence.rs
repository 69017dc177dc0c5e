//! What a ledger row rests on: counts, days and the rows of the exports that decided it.

use crate::domain::answer::Answer;
use crate::domain::period::Day;

/// What a ledger row rests on. Whatever order rows come in, the evidence is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Encounters that are, or may be, in.
    pub encounters: u32,
    /// The first known day of these.
    pub first_seen: Option<Day>,
    /// The last known day of these.
    pub last_seen: Option<Day>,
    /// The earliest encounter that certainly is in.
    pub certain_encounter: Option<RowKey>,
    /// The earliest encounter that may be in.
    pub possible_encounter: Option<RowKey>,
    /// Messages that certainly count.
    pub counted_messages: u32,
    /// Messages that may count.
    pub uncertain_messages: u32,
    /// The earliest message that certainly counts.
    pub certain_message: Option<RowKey>,
    /// The earliest message that may count.
    pub possible_message: Option<RowKey>,
    /// The rule by which a message counts.
    pub counted_by: Option<u8>,
    /// The last rule that a message which does not count came to.
    pub nearest_out: Option<u8>,
    /// The last rule that left a message open, and whether its addressee alone did.
    pub nearest_uncertain: Option<(u8, bool)>,
}

/// A row of an export, ordered by day (unknown last), file and line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowKey {
    day: Reckoned,
    /// The position of the file among those given.
    pub file: u32,
    /// The line on which the record starts.
    pub line: u64,
}

/// A day that may be unknown; unknown comes after every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reckoned {
    Known(Day),
    Unknown,
}

impl RowKey {
    /// The key of a row.
    pub fn new(day: Option<Day>, file: u32, line: u64) -> Self {
        Self { day: day.map_or(Reckoned::Unknown, Reckoned::Known), file, line }
    }

    /// The day of the row, if known.
    pub fn day(&self) -> Option<Day> {
        match self.day {
            Reckoned::Known(day) => Some(day),
            Reckoned::Unknown => None,
        }
    }
}

impl Evidence {
    /// Adds an encounter that is not certainly out.
    pub fn add_encounter(&mut self, answer: Answer, key: RowKey) {
        self.encounters += 1;
        if let Some(day) = key.day() {
            self.first_seen = Some(self.first_seen.map_or(day, |known| known.min(day)));
            self.last_seen = Some(self.last_seen.map_or(day, |known| known.max(day)));
        }
        earliest(&mut self.possible_encounter, key);
        if answer.must_be_in() {
            earliest(&mut self.certain_encounter, key);
        }
    }

    /// Adds a message about the patient that reaches the provider; `weakened` where its addressee is not known.
    pub fn add_message(&mut self, rule: u8, answer: Answer, weakened: bool, key: RowKey) {
        match answer {
            Answer::In => {
                self.counted_messages += 1;
                self.counted_by = self.counted_by.max(Some(rule));
                earliest(&mut self.certain_message, key);
            }
            Answer::Uncertain => {
                self.uncertain_messages += 1;
                earliest(&mut self.possible_message, key);
                self.nearest_uncertain = self.nearest_uncertain.max(Some((rule, weakened)));
            }
            Answer::Out => self.nearest_out = self.nearest_out.max(Some(rule)),
        }
    }
}

fn earliest(known: &mut Option<RowKey>, key: RowKey) {
    *known = Some(known.map_or(key, |known| known.min(key)));
}
