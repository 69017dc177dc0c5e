//! Unusable rows, counted by what can still be read of them. Results allow for each of them.

use std::collections::HashMap;

use crate::domain::event::{EncounterCodes, MessageCodes};
use crate::domain::period::Day;
use crate::domain::versions::RowVersion;
use crate::domain::words::{CehrtLocation, MessageParty, PortalAction};

/// What can still be read of an unusable row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UnusableRow {
    /// Nothing: the cells of the row could not be separated.
    Unreadable,
    /// A row that the layout skips. It is no loss, but as a version of a record it means that the record does not exist.
    Skipped,
    /// An encounter without a patient, or without a provider.
    Encounter {
        /// The provider's id; `None` if it cannot be read.
        provider: Option<Box<[u8]>>,
        /// The local day; `None` if it cannot be read.
        day: Option<Day>,
        /// The values of columns with closed lists.
        words: EncounterCodes,
        /// Whether certified EHR technology keeps the records of the location.
        cehrt: CehrtLocation,
        /// Whether the county lacks broadband; `None` if unknown.
        short_county: Option<bool>,
    },
    /// A message without a patient.
    Message {
        /// The provider's id; `None` if it cannot be read.
        provider: Option<Box<[u8]>>,
        /// The local day; `None` if it cannot be read.
        day: Option<Day>,
        /// The values of columns with closed lists.
        words: MessageCodes,
    },
    /// A portal access without a patient.
    Access {
        /// The provider's id; `None` if it cannot be read.
        provider: Option<Box<[u8]>>,
        /// The local day; `None` if it cannot be read.
        day: Option<Day>,
        /// The action.
        action: PortalAction,
        /// Who acted.
        actor: MessageParty,
    },
}

impl UnusableRow {
    /// Returns the id of the provider that the row names; `None` if it cannot be read.
    pub fn provider(&self) -> Option<&[u8]> {
        match self {
            Self::Unreadable | Self::Skipped => None,
            Self::Encounter { provider, .. }
            | Self::Message { provider, .. }
            | Self::Access { provider, .. } => provider.as_deref(),
        }
    }

    /// Returns the local day of the row; `None` if it cannot be read.
    pub fn day(&self) -> Option<Day> {
        match self {
            Self::Unreadable | Self::Skipped => None,
            Self::Encounter { day, .. } | Self::Message { day, .. } | Self::Access { day, .. } => *day,
        }
    }
}

/// An unusable row with the id of a record that also has other rows.
#[derive(Clone, Debug)]
pub struct LostVersion {
    /// The id of the record.
    pub id: Box<[u8]>,
    /// What distinguishes the row from others with the id.
    pub version: RowVersion,
    /// The line on which the row starts.
    pub line: u64,
    /// What can still be read of the row.
    pub row: UnusableRow,
}

/// The unusable rows of one or more inputs, grouped by what can still be read of them.
#[derive(Clone, Debug, Default)]
pub struct Unusable {
    rows: HashMap<UnusableRow, u64>,
}

impl Unusable {
    /// Adds rows of which the same can be read, but not rows that the layout skips.
    pub fn add(&mut self, row: UnusableRow, count: u64) {
        if row == UnusableRow::Skipped {
            return;
        }
        *self.rows.entry(row).or_default() += count;
    }

    /// Adds the rows of another part.
    pub fn merge(&mut self, other: Self) {
        match self.rows.is_empty() {
            true => *self = other,
            false => other.rows.into_iter().for_each(|(row, count)| self.add(row, count)),
        }
    }

    /// Keeps only the rows for which `is_kept` returns true.
    pub fn retain(&mut self, is_kept: impl Fn(&UnusableRow) -> bool) {
        self.rows.retain(|row, _| is_kept(row));
    }

    /// Returns whether there are no unusable rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Iterates over the different rows with their numbers, in no particular order.
    pub fn rows(&self) -> impl Iterator<Item = (&UnusableRow, u64)> {
        self.rows.iter().map(|(row, count)| (row, *count))
    }
}
