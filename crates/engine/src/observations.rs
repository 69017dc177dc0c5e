//! What is noticed of rows as they pass: those of later days than are looked at, the last day, appointments that lie ahead.

use crate::correspondence::Correspondence;
use mucalc_core::domain::event::Encounter;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::words::EncounterStatus;

/// What a run keeps beside the figures.
#[derive(Clone, Copy, Debug, Default)]
pub struct CollectWants {
    /// What the rows of the ledgers rest on.
    pub evidence: bool,
    /// On which days patients were seen, and up to which day the data go.
    pub days: bool,
    /// Appointments.
    pub appointments: bool,
    /// Who wrote to whom, and when.
    pub correspondence: bool,
    /// Whether the figures are meant to be those to date, and not those of a period that is over.
    pub to_date: bool,
    /// The day up to which is looked: rows of later days are left out.
    pub until: Option<Day>,
}

impl CollectWants {
    /// The ledger with what its rows rest on.
    pub const LEDGER: CollectWants = CollectWants {
        evidence: true,
        days: false,
        appointments: false,
        correspondence: false,
        to_date: false,
        until: None,
    };

    /// Whether a row of a day is looked at.
    pub fn is_in_time(&self, day: Option<Day>) -> bool {
        day.zip(self.until).is_none_or(|(day, until)| day <= until)
    }

    /// Whether messages are asked for more than their rules do: their days, or who wrote.
    pub fn asks_messages(&self) -> bool {
        self.days || self.correspondence || self.until.is_some()
    }
}

/// An encounter that is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpcomingVisit {
    /// Whom it is with.
    pub provider: Box<str>,
    /// Whose it is.
    pub patient: Box<str>,
    /// When.
    pub day: Day,
}

/// What was noticed.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// The last day of a row of the numerator on which it may count.
    pub last: Option<Day>,
    /// Rows of later days, which were left out.
    pub later: u64,
    /// Encounters that are planned, of all days.
    pub appointments: Vec<UpcomingVisit>,
    /// From the first to the last day of an encounter that took place, or may have.
    pub encounters: Option<Period>,
    /// Who wrote to whom, and when.
    pub correspondence: Correspondence,
}

impl Observations {
    /// Whether an encounter is to be judged; notices it if it is planned.
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
            self.encounters = hull(self.encounters, Some(Period { first: day, last: day }));
        }
        self.is_in_time(wants, encounter.day)
    }

    /// Whether a row of the numerator is to be judged; notices its day, if it lies in the window or the row `may_count` elsewhere.
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

    /// Adds what a part noticed.
    pub fn merge(&mut self, part: Observations) {
        self.last = self.last.max(part.last);
        self.later += part.later;
        self.appointments.extend(part.appointments);
        self.encounters = hull(self.encounters, part.encounters);
        self.correspondence.merge(part.correspondence);
    }

    #[inline]
    fn is_in_time(&mut self, wants: &CollectWants, day: Option<Day>) -> bool {
        let is_in_time = wants.is_in_time(day);
        self.later += u64::from(!is_in_time);
        is_in_time
    }
}

/// The span of days that holds both.
fn hull(one: Option<Period>, other: Option<Period>) -> Option<Period> {
    match (one, other) {
        (Some(one), Some(other)) => {
            Some(Period { first: one.first.min(other.first), last: one.last.max(other.last) })
        }
        (one, other) => one.or(other),
    }
}
