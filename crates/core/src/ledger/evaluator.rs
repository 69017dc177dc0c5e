//! Evaluates one row at a time under the decision tables, windows, and channels of a run.

use crate::domain::channel::{ChannelCertifications, ChannelCode};
use crate::domain::event::{Encounter, Message, MessageCodes, PortalAccess};
use crate::domain::period::{Day, Period};
use crate::domain::words::{CehrtLocation, Certified, DayRelation};
use crate::edition::model::{ExclusionTest, PolicyChoices, RuleList};
use crate::edition::window::CountingWindow;
use crate::edition::{DecisionTable, Edition, TableCell};

/// The possible interpretations of a row of an export, as rows of a decision table. Any code may be that of `unknown`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpretations {
    /// One row for each possible relation of its day to the period.
    pub rows: Vec<Vec<u8>>,
    /// The row if its day was in the reporting period: any of these.
    pub inside: Vec<Vec<u8>>,
}

/// The decisions for messages with the same values, by the code of the day's relation to the period; see [`CompiledMeasure::cells_for`].
pub type CellsByDay = Option<[TableCell; PLACES.len()]>;

/// The relations of a day to the period, by code. A known day is never `Unknown`, but a power of two makes the index cheap.
const PLACES: [DayRelation; 4] =
    [DayRelation::Inside, DayRelation::Around, DayRelation::Outside, DayRelation::Unknown];

const _: () = assert!(
    PLACES[0].code() == 0 && PLACES[1].code() == 1 && PLACES[2].code() == 2 && PLACES[3].code() == 3,
    "places stand by code"
);

/// The rows that an exclusion or the location requirement counts.
pub struct Question {
    /// The rules that select encounters.
    pub table: DecisionTable,
    /// The property that is counted among these encounters.
    pub mark: Mark,
}

/// A property of an encounter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The county lacks broadband.
    ShortCounty,
    /// The location has certified EHR technology.
    CertifiedLocation,
}

/// The data that a run has about the places of encounters.
#[derive(Clone, Copy, Debug, Default)]
pub struct KnownInputs {
    /// Whether it knows which counties lack broadband.
    pub counties: bool,
    /// Whether it knows which locations have certified EHR technology.
    pub locations: bool,
}

impl Mark {
    /// Returns whether an encounter has this property; `None` if it is unknown.
    pub fn value(self, encounter: &Encounter<'_>) -> Option<bool> {
        match (self, encounter.cehrt) {
            (Mark::ShortCounty, _) => encounter.short_county,
            (Mark::CertifiedLocation, CehrtLocation::Yes) => Some(true),
            (Mark::CertifiedLocation, CehrtLocation::No) => Some(false),
            (Mark::CertifiedLocation, CehrtLocation::Unknown) => None,
        }
    }
}

/// A rule set compiled under the policy settings of a run.
pub struct CompiledMeasure {
    /// The rules that decide whether an encounter puts its patient in the denominator.
    pub denominator: DecisionTable,
    /// The rules that decide whether a row of the numerator qualifies.
    pub numerator: DecisionTable,
    /// The question of each exclusion, in the order of the rule set, followed by that of the location requirement (B41); `None` if it
    /// cannot be computed.
    pub questions: Vec<Option<Question>>,
    /// The reporting period, and the extended window.
    pub windows: CountingWindow,
    /// Which channels are certified, and when.
    pub channels: ChannelCertifications,
    /// The certification of each channel, by code; `None` if it depends on the day.
    always: Vec<Option<Certified>>,
}

impl CompiledMeasure {
    /// Compiles a rule set under the policy settings of a run. `attested` is the attestation date; `None` if it is unknown. Questions about
    /// places are compiled only if `known` has the data for them.
    pub fn new(
        edition: &Edition,
        choices: &PolicyChoices,
        period: Period,
        attested: Option<Day>,
        channels: ChannelCertifications,
        known: KnownInputs,
    ) -> Self {
        let question =
            |section: &RuleList, mark| Question { table: DecisionTable::compile(section, choices), mark };
        let test = |test: &ExclusionTest| match test {
            ExclusionTest::HalfInShortCounties(..) if !known.counties => None,
            ExclusionTest::None(section) | ExclusionTest::HalfInShortCounties(section, _) => {
                Some(question(section, Mark::ShortCounty))
            }
        };
        let exclusions = edition.exclusions.iter().map(|one| one.test.as_ref().and_then(test));
        let gate = edition.gate.as_ref().filter(|_| known.locations);
        let gate = gate.map(|gate| question(&gate.section, Mark::CertifiedLocation));
        Self {
            denominator: DecisionTable::compile(&edition.denominator, choices),
            numerator: DecisionTable::compile(&edition.numerator, choices),
            questions: exclusions.chain([gate]).collect(),
            windows: CountingWindow::new(period, edition.numerator.window, attested),
            always: channels.codes().map(|channel| channels.constant_status(channel)).collect(),
            channels,
        }
    }

    /// Returns the decision of the denominator rules for an encounter.
    #[inline]
    pub fn encounter(&self, encounter: &Encounter<'_>) -> TableCell {
        self.encounter_cell(&self.denominator, encounter)
    }

    /// Returns the decision of rules about encounters.
    #[inline]
    pub fn encounter_cell(&self, table: &DecisionTable, encounter: &Encounter<'_>) -> TableCell {
        // Rules about encounters use only the reporting period (B13), so the distance of a day outside it does not matter.
        let day = match encounter.day {
            None => DayRelation::Unknown,
            Some(day) if self.windows.period.contains(day) => DayRelation::Inside,
            Some(_) => DayRelation::Outside,
        };
        table.cell(encounter_row(encounter, day))
    }

    /// Returns the decisions for messages with these values; `None` if it depends on the day whether the channel is certified.
    pub fn cells_for(&self, words: &MessageCodes) -> CellsByDay {
        let certified = self.always[words.channel.0 as usize]?;
        Some(PLACES.map(|place| self.numerator.cell(message_row(words, place, certified))))
    }

    /// Returns the decision for a message, given the decisions for its values and its day; `None` if this requires [`Self::message`].
    #[inline(always)]
    pub fn message_by(&self, by_words: &CellsByDay, day: Option<Day>) -> Option<TableCell> {
        let (cells, place) = (by_words.as_ref()?, self.windows.relation(day?)?);
        Some(cells[usize::from(place.code()) % PLACES.len()])
    }

    /// Returns the decision of the numerator rules for a message.
    #[inline(always)]
    pub fn message(&self, message: &Message<'_>) -> TableCell {
        match message.act.day {
            Some(day) => {
                let certified = self.certified(message.words.channel, day);
                self.windows.evaluate(day, |day| self.message_on(message, day, certified))
            }
            None => self.evaluate_undated(message, &self.windows),
        }
    }

    /// Returns the decision for a message whose day has this relation to the period.
    #[inline]
    pub fn message_at(&self, message: &Message<'_>, place: DayRelation) -> TableCell {
        let certified =
            message.act.day.map_or(Certified::Unknown, |day| self.certified(message.words.channel, day));
        self.message_on(message, place, certified)
    }

    /// Returns the decision for a message without a day, for these windows.
    ///
    /// The certification of a channel can depend on the day, so both unknowns are resolved together.
    #[cold]
    pub fn evaluate_undated(&self, message: &Message<'_>, windows: &CountingWindow) -> TableCell {
        let judged = |(day, spans): (DayRelation, Vec<Period>)| {
            self.message_on(message, day, self.channels.over_periods(message.words.channel, &spans))
        };
        union(windows.regions().map(judged))
    }

    #[inline(always)]
    fn message_on(&self, message: &Message<'_>, day: DayRelation, certified: Certified) -> TableCell {
        self.numerator.cell(message_row(&message.words, day, certified))
    }

    /// Returns the decision of the numerator rules for a portal access.
    #[inline]
    pub fn access(&self, access: &PortalAccess<'_>) -> TableCell {
        match access.act.day {
            Some(day) => self.windows.evaluate(day, |day| self.access_at(access, day)),
            None => self.undated_access(access, &self.windows),
        }
    }

    /// Returns the decision for a portal access whose day has this relation to the period.
    #[inline]
    pub fn access_at(&self, access: &PortalAccess<'_>, day: DayRelation) -> TableCell {
        self.numerator.cell(access_row(access, day))
    }

    /// Returns the decision for a portal access without a day, for these windows.
    pub fn undated_access(&self, access: &PortalAccess<'_>, windows: &CountingWindow) -> TableCell {
        union(windows.regions().map(|(day, _)| self.access_at(access, day)))
    }

    /// Returns what an encounter may be, as rows of a decision table.
    pub fn readings_of_encounter(&self, encounter: &Encounter<'_>) -> Interpretations {
        let day = match encounter.day {
            None => DayRelation::Unknown,
            Some(day) if self.windows.period.contains(day) => DayRelation::Inside,
            Some(_) => DayRelation::Outside,
        };
        Interpretations {
            rows: vec![encounter_row(encounter, day).to_vec()],
            inside: vec![encounter_row(encounter, DayRelation::Inside).to_vec()],
        }
    }

    /// Returns what a message may be: one row for each possible relation of its day to the period.
    pub fn readings_of_message(&self, message: &Message<'_>) -> Interpretations {
        let row = |day, certified| message_row(&message.words, day, certified).to_vec();
        let over = |spans: &[Period]| self.channels.over_periods(message.words.channel, spans);
        let rows = match message.act.day {
            Some(day) => {
                let certified = self.certified(message.words.channel, day);
                self.windows.possible_relations(day).map(|place| row(place, certified)).collect()
            }
            None => self.windows.regions().map(|(place, spans)| row(place, over(&spans))).collect(),
        };
        // If the channel is certified on some days of the period, the day could be one of them.
        let certified = match over(&[self.windows.period]) {
            Certified::Unknown if message.words.channel != self.channels.unknown_code() => Certified::Yes,
            certified => certified,
        };
        Interpretations { rows, inside: vec![row(DayRelation::Inside, certified)] }
    }

    /// Returns what a portal access may be: one row for each possible relation of its day to the period.
    pub fn readings_of_access(&self, access: &PortalAccess<'_>) -> Interpretations {
        let row = |day| access_row(access, day).to_vec();
        let rows = match access.act.day {
            Some(day) => self.windows.possible_relations(day).map(row).collect(),
            None => self.windows.regions().map(|(place, _)| row(place)).collect(),
        };
        Interpretations { rows, inside: vec![row(DayRelation::Inside)] }
    }

    #[inline]
    fn certified(&self, channel: ChannelCode, day: Day) -> Certified {
        let always = self.always[channel.0 as usize];
        always.unwrap_or_else(|| self.channels.certified_on(channel, day))
    }
}

/// Returns the codes of an encounter, in the order of the columns of its rules.
#[inline(always)]
fn encounter_row(encounter: &Encounter<'_>, day: DayRelation) -> [u8; 5] {
    [
        encounter.words.status.code(),
        day.code(),
        encounter.words.kind.code(),
        encounter.words.seen_by.code(),
        encounter.cehrt.code(),
    ]
}

/// Returns the codes of a message, likewise.
#[inline(always)]
fn message_row(words: &MessageCodes, day: DayRelation, certified: Certified) -> [u8; 7] {
    [
        words.status.code(),
        words.sender.code(),
        day.code(),
        certified.code(),
        words.recipient.code(),
        words.topic.code(),
        words.patient_included.code(),
    ]
}

/// Returns the codes of a portal access, likewise.
#[inline(always)]
fn access_row(access: &PortalAccess<'_>, day: DayRelation) -> [u8; 3] {
    [access.action.code(), access.actor.code(), day.code()]
}

fn union(cells: impl Iterator<Item = TableCell>) -> TableCell {
    // There always are cells, since every period has days.
    cells
        .reduce(TableCell::or)
        .unwrap_or(TableCell { rule: 0, answer: crate::domain::inclusion::Inclusion::Uncertain })
}
