//! What a ledger row rests on: counts, days and the rows of the exports that decided it.

use crate::domain::inclusion::Inclusion;
use crate::domain::period::Day;

/// In place of a rule where somebody decided; no section has so many rules.
pub const ADJUDICATED: u8 = u8::MAX;

/// What makes a message uncertain that would count by the rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weakening {
    /// Nothing, or the rules do.
    #[default]
    None,
    /// It names no provider.
    Unattributed,
    /// The id of its patient, or of its provider, only nearly matches.
    IdNearlyMatches,
    /// Another version of it says something else.
    ContradictingVersions,
}

/// What a ledger row rests on. Whatever order rows come in, the evidence is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Encounters that are, or may be, in.
    pub encounters: u32,
    /// Messages that certainly count.
    pub counted_messages: u32,
    /// Messages that may count.
    pub uncertain_messages: u32,
    /// The first known day of the encounters.
    pub first_seen: Option<Day>,
    /// The last known day of these.
    pub last_seen: Option<Day>,
    /// The encounter that decided.
    pub encounter: Option<DecidingRow>,
    /// The message that decided.
    pub message: Option<DecidingRow>,
    /// The rule by which a message counts.
    pub counted_by: Option<u8>,
    /// The last rule that a message which does not count came to.
    pub nearest_out: Option<u8>,
    /// The last rule that left a message open, and what else did, without which it would count.
    pub nearest_uncertain: Option<(u8, Weakening)>,
}

/// A row that decided: the earliest that certainly is in or, where there is none, the earliest that may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecidingRow {
    /// Whether the row is in only perhaps; certain rows come first.
    pub perhaps: bool,
    /// The row.
    pub row: RowKey,
}

/// A row of an export, ordered by day (unknown last), file and line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowKey {
    day: Day,
    /// The position of the file among those given.
    pub file: u32,
    /// The line on which the record starts.
    pub line: u64,
}

impl RowKey {
    /// The key of a row.
    pub fn new(day: Option<Day>, file: u32, line: u64) -> Self {
        Self { day: day.unwrap_or(Day::NEVER), file, line }
    }

    /// The day of the row, if known.
    pub fn day(&self) -> Option<Day> {
        Some(self.day).filter(|day| *day != Day::NEVER)
    }
}

impl Evidence {
    /// Adds an encounter that is not certainly out.
    pub fn add_encounter(&mut self, answer: Inclusion, row: RowKey) {
        self.encounters += 1;
        if let Some(day) = row.day() {
            self.first_seen = Some(self.first_seen.map_or(day, |known| known.min(day)));
            self.last_seen = Some(self.last_seen.map_or(day, |known| known.max(day)));
        }
        decide(&mut self.encounter, answer, row);
    }

    /// Forgets all messages.
    pub(super) fn forget_messages(&mut self) {
        let Self { encounters, first_seen, last_seen, encounter, .. } = *self;
        *self = Self { encounters, first_seen, last_seen, encounter, ..Self::default() };
    }

    /// Adds a message about the patient that reaches the provider; `weakened` says what but the rules makes it uncertain.
    pub fn add_message(&mut self, rule: u8, answer: Inclusion, weakened: Weakening, row: RowKey) {
        match answer {
            Inclusion::In => {
                self.counted_messages += 1;
                self.counted_by = self.counted_by.max(Some(rule));
            }
            Inclusion::Uncertain => {
                self.uncertain_messages += 1;
                self.nearest_uncertain = self.nearest_uncertain.max(Some((rule, weakened)));
            }
            Inclusion::Out => {
                self.nearest_out = self.nearest_out.max(Some(rule));
                return;
            }
        }
        decide(&mut self.message, answer, row);
    }
}

fn decide(known: &mut Option<DecidingRow>, answer: Inclusion, row: RowKey) {
    let new = DecidingRow { perhaps: !answer.must_be_in(), row };
    *known = Some(known.map_or(new, |known| known.min(new)));
}
