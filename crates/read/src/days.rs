//! What times with a zone mean if the configuration states it: moments, or days that a program wrote as midnight in UTC.

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::Day;

/// What the times of a column mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Stands {
    /// Days: the day in UTC is the day.
    UtcDay,
    /// Moments: the day is the one in the practice time zone.
    Local,
}

/// What the times of each kind of export mean; `None` if not configured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// Times in `started_at`.
    pub encounters: Option<Stands>,
    /// Times in `sent_at`.
    pub messages: Option<Stands>,
    /// Times in `accessed_at`.
    pub accesses: Option<Stands>,
}

/// Days of rows: from one day until another, both included; without a bound if one is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayRange {
    /// First day.
    pub from: Option<Day>,
    /// Last day.
    pub until: Option<Day>,
}

impl DayRange {
    /// Returns whether a row of a day is not read. A row without a day may be of any.
    #[inline(always)]
    pub fn excludes(&self, day: Option<Day>) -> bool {
        day.is_some_and(|day| {
            self.from.is_some_and(|from| day < from) || self.until.is_some_and(|until| until < day)
        })
    }
}

impl Days {
    /// Returns what the times of a kind of export mean, if configured.
    pub fn meaning(&self, role: InputRole) -> Option<Stands> {
        match role {
            InputRole::Encounters => self.encounters,
            InputRole::Messages => self.messages,
            InputRole::Accesses => self.accesses,
            _ => None,
        }
    }

    /// Returns the zone that decides the day of the times of a kind of export, for a practice in a zone.
    pub fn zone(&self, role: InputRole, practice: Option<Tz>) -> Option<Tz> {
        match self.meaning(role) {
            Some(Stands::UtcDay) => Some(Tz::UTC),
            Some(Stands::Local) | None => practice,
        }
    }
}
