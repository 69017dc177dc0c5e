//! The law of one run: decision tables, windows and channels, asked of one row at a time.

use crate::domain::channel::{ChannelCertifications, ChannelCode};
use crate::domain::event::{Encounter, Message, MessageCodes, PortalAccess};
use crate::domain::period::{Day, Period};
use crate::domain::words::{Cehrt, Certified, DayIn};
use crate::edition::model::{ExclusionTest, PolicyChoices, RuleList};
use crate::edition::window::CountingWindow;
use crate::edition::{DecisionTable, Edition, TableCell};

/// What a row of an export may be, as rows of a decision table; any code may be that of `unknown`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpretations {
    /// One row for each place in which its day may lie.
    pub rows: Vec<Vec<u8>>,
    /// What it could be if its day lay inside the reporting period: any of these.
    pub inside: Vec<Vec<u8>>,
}

/// What the numerator's rules say of messages with the same words, by the code of the place in which the day lies; see
/// [`CompiledMeasure::by_words`].
pub type CellsByDay = Option<[TableCell; PLACES.len()]>;

/// Where a day can lie, by code. Of a known day it is known; the fourth makes the number of places a power of two.
const PLACES: [DayIn; 4] = [DayIn::Inside, DayIn::Around, DayIn::Outside, DayIn::Unknown];

const _: () = assert!(
    PLACES[0].code() == 0 && PLACES[1].code() == 1 && PLACES[2].code() == 2 && PLACES[3].code() == 3,
    "places stand by code"
);

/// What an exclusion, or the gate, asks of encounters.
pub struct Question {
    /// Which encounters it is about.
    pub table: DecisionTable,
    /// What it asks of each.
    pub mark: Mark,
}

/// What may be true of an encounter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Its county is short of broadband.
    ShortCounty,
    /// It was at a location with certified EHR technology.
    CertifiedLocation,
}

/// What a run knows of the places of encounters.
#[derive(Clone, Copy, Debug, Default)]
pub struct KnownInputs {
    /// Which counties are short of broadband.
    pub counties: bool,
    /// Which locations have certified EHR technology.
    pub locations: bool,
}

impl Mark {
    /// Returns whether it is true of an encounter; `None` if that is not known.
    pub fn of(self, encounter: &Encounter<'_>) -> Option<bool> {
        match (self, encounter.cehrt) {
            (Mark::ShortCounty, _) => encounter.short_county,
            (Mark::CertifiedLocation, Cehrt::Yes) => Some(true),
            (Mark::CertifiedLocation, Cehrt::No) => Some(false),
            (Mark::CertifiedLocation, Cehrt::Unknown) => None,
        }
    }
}

/// An edition under the choices of a run.
pub struct CompiledMeasure {
    /// What makes a patient seen.
    pub denominator: DecisionTable,
    /// What makes a row of the numerator count.
    pub numerator: DecisionTable,
    /// What each exclusion asks of encounters, in the order of the edition, and last what the gate asks (B41); `None` where it is not
    /// computed.
    pub questions: Vec<Option<Question>>,
    /// The reporting period, and the window around it.
    pub windows: CountingWindow,
    /// Which channels are certified, and when.
    pub channels: ChannelCertifications,
    /// The certification of each channel, by code, where it is the same on every day.
    always: Vec<Option<Certified>>,
}

impl CompiledMeasure {
    /// Compiles an edition under the choices of a run. `attested` is the day of attestation, if it is known; what asks about
    /// places is computed only where they are known.
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
            always: channels.codes().map(|channel| channels.always(channel)).collect(),
            channels,
        }
    }

    /// What the denominator's rules say of an encounter.
    #[inline]
    pub fn encounter(&self, encounter: &Encounter<'_>) -> TableCell {
        self.of_encounter(&self.denominator, encounter)
    }

    /// What rules about encounters say of one.
    #[inline]
    pub fn of_encounter(&self, table: &DecisionTable, encounter: &Encounter<'_>) -> TableCell {
        // Rules about encounters ask about the reporting period alone (B13), so it does not matter how far outside a day is.
        let day = match encounter.day {
            None => DayIn::Unknown,
            Some(day) if self.windows.period.contains(day) => DayIn::Inside,
            Some(_) => DayIn::Outside,
        };
        table.cell(encounter_row(encounter, day))
    }

    /// What the numerator's rules say of messages with these words; none where it hangs on the day whether the channel is
    /// certified.
    pub fn by_words(&self, words: &MessageCodes) -> CellsByDay {
        let certified = self.always[words.channel.0 as usize]?;
        Some(PLACES.map(|place| self.numerator.cell(message_row(words, place, certified))))
    }

    /// The same as [`Self::message`], from what the words alone say and the day; none where that does not tell it.
    #[inline(always)]
    pub fn message_by(&self, by_words: &CellsByDay, day: Option<Day>) -> Option<TableCell> {
        let (cells, place) = (by_words.as_ref()?, self.windows.place(day?)?);
        Some(cells[usize::from(place.code()) % PLACES.len()])
    }

    /// What the numerator's rules say of a message.
    #[inline(always)]
    pub fn message(&self, message: &Message<'_>) -> TableCell {
        match message.act.day {
            Some(day) => {
                let certified = self.certified(message.words.channel, day);
                self.windows.judge(day, |day| self.message_on(message, day, certified))
            }
            None => self.undated(message, &self.windows),
        }
    }

    /// What the numerator's rules say of a message on a known day, if that lies so.
    #[inline]
    pub fn message_at(&self, message: &Message<'_>, place: DayIn) -> TableCell {
        let certified =
            message.act.day.map_or(Certified::Unknown, |day| self.certified(message.words.channel, day));
        self.message_on(message, place, certified)
    }

    /// What the numerator's rules say of a message on a day that is not known, seen from some windows.
    ///
    /// Whether a channel is certified can hang on the day, so the two unknowns are completed together.
    #[cold]
    pub fn undated(&self, message: &Message<'_>, windows: &CountingWindow) -> TableCell {
        let judged = |(day, spans): (DayIn, Vec<Period>)| {
            self.message_on(message, day, self.channels.over_all(message.words.channel, &spans))
        };
        union(windows.regions().map(judged))
    }

    #[inline(always)]
    fn message_on(&self, message: &Message<'_>, day: DayIn, certified: Certified) -> TableCell {
        self.numerator.cell(message_row(&message.words, day, certified))
    }

    /// What the numerator's rules say of an access.
    #[inline]
    pub fn access(&self, access: &PortalAccess<'_>) -> TableCell {
        match access.act.day {
            Some(day) => self.windows.judge(day, |day| self.access_at(access, day)),
            None => self.undated_access(access, &self.windows),
        }
    }

    /// What the numerator's rules say of an access on a day that lies so.
    #[inline]
    pub fn access_at(&self, access: &PortalAccess<'_>, day: DayIn) -> TableCell {
        self.numerator.cell(access_row(access, day))
    }

    /// What the numerator's rules say of an access on a day that is not known, seen from some windows.
    pub fn undated_access(&self, access: &PortalAccess<'_>, windows: &CountingWindow) -> TableCell {
        union(windows.regions().map(|(day, _)| self.access_at(access, day)))
    }

    /// What an encounter may be, as rows of a decision table.
    pub fn readings_of_encounter(&self, encounter: &Encounter<'_>) -> Interpretations {
        let day = match encounter.day {
            None => DayIn::Unknown,
            Some(day) if self.windows.period.contains(day) => DayIn::Inside,
            Some(_) => DayIn::Outside,
        };
        Interpretations {
            rows: vec![encounter_row(encounter, day).to_vec()],
            inside: vec![encounter_row(encounter, DayIn::Inside).to_vec()],
        }
    }

    /// What a message may be: one row for each place in which its day may lie.
    pub fn readings_of_message(&self, message: &Message<'_>) -> Interpretations {
        let row = |day, certified| message_row(&message.words, day, certified).to_vec();
        let over = |spans: &[Period]| self.channels.over_all(message.words.channel, spans);
        let rows = match message.act.day {
            Some(day) => {
                let certified = self.certified(message.words.channel, day);
                self.windows.places(day).map(|place| row(place, certified)).collect()
            }
            None => self.windows.regions().map(|(place, spans)| row(place, over(&spans))).collect(),
        };
        // Where the channel is certified on some days of the period, one of these could be the day.
        let certified = match over(&[self.windows.period]) {
            Certified::Unknown if message.words.channel != self.channels.unknown() => Certified::Yes,
            certified => certified,
        };
        Interpretations { rows, inside: vec![row(DayIn::Inside, certified)] }
    }

    /// What an access may be: one row for each place in which its day may lie.
    pub fn readings_of_access(&self, access: &PortalAccess<'_>) -> Interpretations {
        let row = |day| access_row(access, day).to_vec();
        let rows = match access.act.day {
            Some(day) => self.windows.places(day).map(row).collect(),
            None => self.windows.regions().map(|(place, _)| row(place)).collect(),
        };
        Interpretations { rows, inside: vec![row(DayIn::Inside)] }
    }

    #[inline]
    fn certified(&self, channel: ChannelCode, day: Day) -> Certified {
        let always = self.always[channel.0 as usize];
        always.unwrap_or_else(|| self.channels.on(channel, day))
    }
}

/// The codes of an encounter, in the order of the columns that rules can ask.
#[inline(always)]
fn encounter_row(encounter: &Encounter<'_>, day: DayIn) -> [u8; 5] {
    [
        encounter.words.status.code(),
        day.code(),
        encounter.words.kind.code(),
        encounter.words.seen_by.code(),
        encounter.cehrt.code(),
    ]
}

/// The codes of a message.
#[inline(always)]
fn message_row(words: &MessageCodes, day: DayIn, certified: Certified) -> [u8; 7] {
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

/// The codes of an access.
#[inline(always)]
fn access_row(access: &PortalAccess<'_>, day: DayIn) -> [u8; 3] {
    [access.action.code(), access.actor.code(), day.code()]
}

fn union(cells: impl Iterator<Item = TableCell>) -> TableCell {
    // There always are days inside the period.
    cells
        .reduce(TableCell::or)
        .unwrap_or(TableCell { rule: 0, answer: crate::domain::inclusion::Inclusion::Uncertain })
}
