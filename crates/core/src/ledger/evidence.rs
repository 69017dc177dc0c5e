//! The evidence of a ledger row: counts, days, and the rows of exports that decided it.

use crate::domain::inclusion::Inclusion;
use crate::domain::period::Day;

/// The rule number of a review decision. No rule list has this many rules.
pub const ADJUDICATED: u8 = u8::MAX;

/// The reason why a message that would qualify under the rules is uncertain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weakening {
    /// No reason apart from the rules.
    #[default]
    None,
    /// The message names no provider.
    Unattributed,
    /// The id of the patient or of the provider only nearly matches.
    IdNearlyMatches,
    /// Another version of the message has different content.
    ContradictingVersions,
}

/// The evidence of a ledger row. It does not depend on the order in which rows are added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Encounters that qualify or may qualify.
    pub encounters: u32,
    /// Messages that certainly qualify.
    pub counted_messages: u32,
    /// Messages that may qualify.
    pub uncertain_messages: u32,
    /// The first known day of the encounters.
    pub first_seen: Option<Day>,
    /// The last known day of the encounters.
    pub last_seen: Option<Day>,
    /// The deciding encounter.
    pub encounter: Option<DecidingRow>,
    /// The deciding message.
    pub message: Option<DecidingRow>,
    /// The last rule by which a message qualifies.
    pub counted_by: Option<u8>,
    /// The last rule that decided a message that does not qualify.
    pub nearest_out: Option<u8>,
    /// The last rule that decided an uncertain message, with the reason, apart from the rules, why it is uncertain.
    pub nearest_uncertain: Option<(u8, Weakening)>,
}

/// A deciding row: the earliest that certainly qualifies or, if there is none, the earliest that may qualify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecidingRow {
    /// Whether the row only may qualify. Rows that certainly qualify sort first.
    pub perhaps: bool,
    /// The row.
    pub row: RowKey,
}

/// A row of an export, ordered by day (unknown days last), file, and line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowKey {
    day: Day,
    /// The position of the file.
    pub file: u32,
    /// The line on which the record starts.
    pub line: u64,
}

impl RowKey {
    /// Returns the key of a row.
    pub fn new(day: Option<Day>, file: u32, line: u64) -> Self {
        Self { day: day.unwrap_or(Day::NEVER), file, line }
    }

    /// Returns the day of the row; `None` if it is unknown.
    pub fn day(&self) -> Option<Day> {
        Some(self.day).filter(|day| *day != Day::NEVER)
    }
}

impl Evidence {
    /// Adds an encounter that qualifies or may qualify.
    pub fn add_encounter(&mut self, answer: Inclusion, row: RowKey) {
        self.encounters += 1;
        if let Some(day) = row.day() {
            self.first_seen = Some(self.first_seen.map_or(day, |known| known.min(day)));
            self.last_seen = Some(self.last_seen.map_or(day, |known| known.max(day)));
        }
        decide(&mut self.encounter, answer, row);
    }

    /// Removes the evidence from messages.
    pub(super) fn forget_messages(&mut self) {
        let Self { encounters, first_seen, last_seen, encounter, .. } = *self;
        *self = Self { encounters, first_seen, last_seen, encounter, ..Self::default() };
    }

    /// Adds a message that reaches the pair. `weakened` is the reason, apart from the rules, why the outcome is uncertain.
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
    let new = DecidingRow { perhaps: !answer.is_certain(), row };
    *known = Some(known.map_or(new, |known| known.min(new)));
}
