//! What times with a zone stand for, where somebody has said it: moments, or days that a program wrote as midnight in UTC.

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use mucalc_core::domain::input::InputRole;

/// What the times of a column stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Stands {
    /// For days: the day in UTC is the day.
    UtcDay,
    /// For moments: the day is that of the practice's clocks.
    Local,
}

/// What the times of each kind of export stand for; `None` if nothing was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// Those of `started_at`.
    pub encounters: Option<Stands>,
    /// Those of `sent_at`.
    pub messages: Option<Stands>,
    /// Those of `accessed_at`.
    pub accesses: Option<Stands>,
}

impl Days {
    /// Returns what was said of the times of a kind of export.
    pub fn of(&self, role: InputRole) -> Option<Stands> {
        match role {
            InputRole::Encounters => self.encounters,
            InputRole::Messages => self.messages,
            InputRole::Accesses => self.accesses,
            InputRole::Roster | InputRole::Counties | InputRole::Adjudications | InputRole::Enrollment => {
                None
            }
        }
    }

    /// Returns the zone in which the times of a kind of export are days, for a practice in a zone.
    pub fn zone(&self, role: InputRole, practice: Option<Tz>) -> Option<Tz> {
        match self.of(role) {
            Some(Stands::UtcDay) => Some(Tz::UTC),
            Some(Stands::Local) | None => practice,
        }
    }
}
