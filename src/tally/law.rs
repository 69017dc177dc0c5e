//! The law of one run: decision tables, window and channels, asked of one row at a time.

use crate::domain::channel::Channels;
use crate::domain::event::{Encounter, Message};
use crate::domain::period::{Day, Period};
use crate::domain::words::{Certified, DayIn};
use crate::edition::model::Choices;
use crate::edition::{Cell, DecisionTable, Edition};

/// An edition under the choices of a run.
pub struct Law {
    /// What makes a patient seen.
    pub denominator: DecisionTable,
    /// What makes a message count.
    pub numerator: DecisionTable,
    /// The window of both, both days included.
    pub period: Period,
    /// Which channels are certified, and when.
    pub channels: Channels,
    /// The certification of each channel, by code, where it is the same on every day.
    always: Vec<Option<Certified>>,
}

impl Law {
    /// Compiles an edition under the choices of a run.
    pub fn new(edition: &Edition, choices: &Choices, period: Period, channels: Channels) -> Self {
        Self {
            denominator: DecisionTable::compile(&edition.denominator, choices),
            numerator: DecisionTable::compile(&edition.numerator, choices),
            period,
            always: channels.codes().map(|channel| channels.always(channel)).collect(),
            channels,
        }
    }

    /// What the denominator's rules say of an encounter.
    #[inline]
    pub fn encounter(&self, encounter: &Encounter<'_>) -> Cell {
        self.denominator.cell([
            encounter.status.code(),
            self.day_in(encounter.day).code(),
            encounter.kind.code(),
            encounter.seen_by.code(),
        ])
    }

    /// What the numerator's rules say of a message.
    #[inline]
    pub fn message(&self, message: &Message<'_>) -> Cell {
        let cell = |day: DayIn, certified: Certified| {
            self.numerator.cell([
                message.status.code(),
                message.sender.code(),
                day.code(),
                certified.code(),
                message.recipient.code(),
                message.topic.code(),
                message.patient_included.code(),
            ])
        };
        match message.day {
            Some(day) => {
                let always = self.always[message.channel.0 as usize];
                let certified = always.unwrap_or_else(|| self.channels.on(message.channel, day));
                cell(self.day_in(Some(day)), certified)
            }
            // Whether a channel is certified can hang on the day, so the two unknowns are completed together.
            None => {
                let inside = cell(DayIn::Inside, self.channels.over(message.channel, self.period));
                let outside = cell(DayIn::Outside, self.channels.outside(message.channel, self.period));
                inside.or(outside)
            }
        }
    }

    #[inline]
    fn day_in(&self, day: Option<Day>) -> DayIn {
        match day {
            None => DayIn::Unknown,
            Some(day) if self.period.contains(day) => DayIn::Inside,
            Some(_) => DayIn::Outside,
        }
    }
}
