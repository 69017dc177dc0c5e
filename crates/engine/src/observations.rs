//! Observes rows while they are read: rows after the last day of interest, the last day of the data, planned encounters.

use crate::correspondence::Correspondence;
use mucalc_core::domain::event::Encounter;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::words::EncounterStatus;

/// What a run collects in addition to counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct CollectWants {
    /// Deciding records of each ledger row.
    pub evidence: bool,
    /// With evidence: the rule that came nearest to counting a patient without a message that counts.
    pub nearest: bool,
    /// Days on which patients were seen, and the last day of the data.
    pub days: bool,
    /// Appointments.
    pub appointments: bool,
    /// Who wrote to whom, and when.
    pub correspondence: bool,
    /// Whether figures are as of a day, not those of a period that is over.
    pub to_date: bool,
    /// Last day of interest. Rows of later days are ignored.
    pub until: Option<Day>,
}

impl CollectWants {
    /// The ledger with the deciding records of its rows.
    pub const LEDGER: CollectWants = CollectWants {
        evidence: true,
        nearest: true,
        days: false,
        appointments: false,
        correspondence: false,
        to_date: false,
        until: None,
    };

    /// Returns whether a row of a day is of interest.
    pub fn is_in_time(&self, day: Option<Day>) -> bool {
        day.zip(self.until).is_none_or(|(day, until)| day <= until)
    }

    /// Returns whether messages are needed for more than their rules: for their days, or for who wrote.
    pub fn asks_messages(&self) -> bool {
        self.days || self.correspondence || self.until.is_some()
    }
}

/// A planned encounter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpcomingVisit {
    /// Provider.
    pub provider: Box<str>,
    /// Patient.
    pub patient: Box<str>,
    /// Day of the appointment.
    pub day: Day,
}

/// What was observed while rows were read.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// Last day of a numerator row that may qualify.
    pub last: Option<Day>,
    /// Rows of later days, which were ignored.
    pub later: u64,
    /// Planned encounters, of all days.
    pub appointments: Vec<UpcomingVisit>,
    /// First to last day of the encounters that took place, or may have.
    pub encounters: Option<Period>,
    /// Who wrote to whom, and when.
    pub correspondence: Correspondence,
}

impl Observations {
    /// Returns whether to evaluate an encounter, and records it if it is planned.
    #[inline(always)]
    pub fn encounter(&mut self, wants: &CollectWants, encounter: &Encounter<'_>) -> bool {
        if wants.appointments && encounter.words.status == EncounterStatus::Scheduled {
            self.appointments.extend(encounter.day.map(|day| UpcomingVisit {
                provider: String::from_utf8_lossy(encounter.provider).into(),
                patient: String::from_utf8_lossy(encounter.patient).into(),
                day,
            }));
        }
        if let Some(day) = encounter.day.filter(|_| encounter.words.status.may_have_been_held()) {
            self.encounters = span(self.encounters, Some(Period { first: day, last: day }));
        }
        self.is_in_time(wants, encounter.day)
    }

    /// Returns whether to evaluate a numerator row. Records its day if it is in the window, or if the row `may_count` elsewhere.
    pub fn act(
        &mut self,
        wants: &CollectWants,
        window: Period,
        day: Option<Day>,
        may_count: impl Fn() -> bool,
    ) -> bool {
        let is_in_time = self.is_in_time(wants, day);
        if is_in_time {
            self.last = self.last.max(day.filter(|day| window.contains(*day) || may_count()));
        }
        is_in_time
    }

    /// Adds the observations of another part.
    pub fn merge(&mut self, part: Observations) {
        self.last = self.last.max(part.last);
        self.later += part.later;
        self.appointments.extend(part.appointments);
        self.encounters = span(self.encounters, part.encounters);
        self.correspondence.merge(part.correspondence);
    }

    #[inline]
    fn is_in_time(&mut self, wants: &CollectWants, day: Option<Day>) -> bool {
        let is_in_time = wants.is_in_time(day);
        self.later += u64::from(!is_in_time);
        is_in_time
    }
}

/// Returns the span of days that includes both.
fn span(one: Option<Period>, other: Option<Period>) -> Option<Period> {
    match (one, other) {
        (Some(one), Some(other)) => {
            Some(Period { first: one.first.min(other.first), last: one.last.max(other.last) })
        }
        (one, other) => one.or(other),
    }
}
