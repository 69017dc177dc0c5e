//! Rows that could not be attributed, counted by what can still be read of them: a result allows for each.

use std::collections::HashMap;

use crate::domain::event::{EncounterCodes, MessageCodes};
use crate::domain::period::Day;
use crate::domain::versions::RowVersion;
use crate::domain::words::{Action, Cehrt, Party};

/// What can still be read of a row that could not be attributed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UnusableRow {
    /// Nothing: its cells could not be told apart.
    Unreadable,
    /// A row that the layout skips. It loses nothing, but as a version of a record it says that there is none.
    Skipped,
    /// An encounter without a patient, or without a provider.
    Encounter {
        /// The provider's id, if it can be read.
        provider: Option<Box<[u8]>>,
        /// The local day, if it can be read.
        day: Option<Day>,
        /// What its columns with words say.
        words: EncounterCodes,
        /// Whether certified EHR technology keeps the records of the place.
        cehrt: Cehrt,
        /// Whether the county is short of broadband.
        short_county: Option<bool>,
    },
    /// A message without a patient.
    Message {
        /// The provider's id, if it can be read.
        provider: Option<Box<[u8]>>,
        /// The local day, if it can be read.
        day: Option<Day>,
        /// What its columns with words say.
        words: MessageCodes,
    },
    /// An access without a patient.
    Access {
        /// The provider's id, if it can be read.
        provider: Option<Box<[u8]>>,
        /// The local day, if it can be read.
        day: Option<Day>,
        /// What was done.
        action: Action,
        /// Who did it.
        actor: Party,
    },
}

impl UnusableRow {
    /// Returns the id of the provider whom the row names, if it can be read.
    pub fn provider(&self) -> Option<&[u8]> {
        match self {
            Self::Unreadable | Self::Skipped => None,
            Self::Encounter { provider, .. }
            | Self::Message { provider, .. }
            | Self::Access { provider, .. } => provider.as_deref(),
        }
    }

    /// Returns the local day of the row, if it can be read.
    pub fn day(&self) -> Option<Day> {
        match self {
            Self::Unreadable | Self::Skipped => None,
            Self::Encounter { day, .. } | Self::Message { day, .. } | Self::Access { day, .. } => *day,
        }
    }
}

/// An unusable row with the id of a record that has other rows too.
#[derive(Clone, Debug)]
pub struct LostVersion {
    /// The id of the record.
    pub id: Box<[u8]>,
    /// What tells the row from others with the id.
    pub version: RowVersion,
    /// The line on which it starts.
    pub line: u64,
    /// What can still be read of it.
    pub row: UnusableRow,
}

/// The unusable rows of an input, or of several, by what they still say.
#[derive(Clone, Debug, Default)]
pub struct Unusable {
    rows: HashMap<UnusableRow, u64>,
}

impl Unusable {
    /// Adds rows that say the same, unless nothing is lost by them.
    pub fn add(&mut self, row: UnusableRow, count: u64) {
        if row == UnusableRow::Skipped {
            return;
        }
        *self.rows.entry(row).or_default() += count;
    }

    /// Adds those of another part.
    pub fn merge(&mut self, other: Self) {
        match self.rows.is_empty() {
            true => *self = other,
            false => other.rows.into_iter().for_each(|(row, count)| self.add(row, count)),
        }
    }

    /// Keeps only the rows that are asked for.
    pub fn retain(&mut self, is_kept: impl Fn(&UnusableRow) -> bool) {
        self.rows.retain(|row, _| is_kept(row));
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Iterates over what rows say, with the number of rows that say it, in no order.
    pub fn rows(&self) -> impl Iterator<Item = (&UnusableRow, u64)> {
        self.rows.iter().map(|(row, count)| (row, *count))
    }
}
