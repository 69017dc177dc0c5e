//! Rows of exports that are kept in memory, to be evaluated and explained one by one.

use std::sync::Arc;

use hashbrown::HashSet;

use crate::domain::event::{Encounter, EncounterCodes, Message, MessageCodes, NumeratorEvent, PortalAccess};
use crate::domain::folding::Folding;
use crate::domain::line_index::LazyLine;
use crate::domain::period::Day;
use crate::domain::words::{CehrtLocation, MessageParty, PortalAction};

/// Rows of exports, in the order of files and lines.
#[derive(Clone, Debug, Default)]
pub struct RetainedRows {
    /// The encounters.
    pub encounters: Vec<RetainedEncounter>,
    /// The messages.
    pub messages: Vec<RetainedMessage>,
    /// The portal accesses.
    pub accesses: Vec<RetainedAccess>,
}

/// A set of patients, by id.
pub struct PatientFilter {
    ids: HashSet<Box<[u8]>>,
    /// The ids without any difference in spelling; empty if ids that nearly match are not wanted.
    folded: HashSet<String>,
    folding: Folding,
}

/// The origin of a row: its file and line, and the ids of the record, the patient, and the provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowOrigin {
    /// The position of the file among those of its kind.
    pub file: u32,
    /// The line on which the record starts.
    pub line: u64,
    /// The id of the record; `None` if it has none.
    pub id: Option<Box<[u8]>>,
    patient: Arc<[u8]>,
    provider: Option<Arc<[u8]>>,
    /// The role of the row among the rows with the id of its record.
    pub among: AmongVersions,
}

/// The role of a row among the versions of its record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AmongVersions {
    /// The row is the record.
    #[default]
    Record,
    /// The row has the same content as the row that is the record.
    Duplicate,
    /// A later version replaces the row.
    Superseded,
    /// The row is one of several versions, and it is unknown which one is the record.
    Unresolved {
        /// The number of the record.
        record: u32,
        /// The number of the version.
        version: u32,
        /// The number of versions.
        versions: u32,
    },
}

/// A retained row.
pub trait Row {
    /// Returns the origin of the row.
    fn origin(&self) -> &RowOrigin;
    /// Returns the origin of the row, mutably.
    fn at_mut(&mut self) -> &mut RowOrigin;
    /// Returns whether another row has the same content, whatever its file and line.
    fn says_the_same_as(&self, other: &Self) -> bool;
}

/// A retained row of the numerator.
pub trait ActRow: Row {
    /// Returns the patient, the provider, and the day of the row.
    fn act(&self) -> NumeratorEvent<'_>;
}

/// A retained encounter.
#[derive(Clone, Debug)]
pub struct RetainedEncounter {
    /// The origin of the row.
    pub at: RowOrigin,
    day: Option<Day>,
    words: EncounterCodes,
    cehrt: CehrtLocation,
    short_county: Option<bool>,
}

/// A retained message.
#[derive(Clone, Debug)]
pub struct RetainedMessage {
    /// The origin of the row.
    pub at: RowOrigin,
    day: Option<Day>,
    words: MessageCodes,
}

/// A retained portal access.
#[derive(Clone, Debug)]
pub struct RetainedAccess {
    /// The origin of the row.
    pub at: RowOrigin,
    day: Option<Day>,
    action: PortalAction,
    actor: MessageParty,
}

impl PatientFilter {
    /// Returns a filter for the patients with these ids.
    pub fn new<'i>(ids: impl Iterator<Item = &'i [u8]>) -> Self {
        Self { ids: ids.map(Box::from).collect(), folded: HashSet::new(), folding: Folding::default() }
    }

    /// Returns a filter for the patients with these ids, and with ids that differ only in spelling. `declared` are differences that do not
    /// count.
    pub fn with_near<'i>(ids: impl Iterator<Item = &'i [u8]> + Clone, declared: Folding) -> Self {
        let folding = Folding::ACCIDENTAL.and(declared);
        let folded = ids.clone().map(|id| folding.fold(&String::from_utf8_lossy(id))).collect();
        Self { folded, folding, ..Self::new(ids) }
    }

    /// Returns whether the filter includes a patient.
    #[inline]
    pub fn contains(&self, id: &[u8]) -> bool {
        self.ids.contains(id) || !self.folded.is_empty() && self.has_near(id)
    }
}

impl PatientFilter {
    fn has_near(&self, id: &[u8]) -> bool {
        self.folded.contains(&self.folding.fold(&String::from_utf8_lossy(id)))
    }
}

impl RetainedRows {
    /// Returns the origin of each row.
    pub fn all(&self) -> impl Iterator<Item = &RowOrigin> {
        let encounters = self.encounters.iter().map(|row| &row.at);
        let messages = self.messages.iter().map(|row| &row.at);
        encounters.chain(messages).chain(self.accesses.iter().map(|row| &row.at))
    }

    /// Adds an encounter.
    pub fn add_encounter(&mut self, row: RetainedEncounter) {
        add(&mut self.encounters, row);
    }

    /// Adds a message.
    pub fn add_message(&mut self, row: RetainedMessage) {
        add(&mut self.messages, row);
    }

    /// Adds a portal access.
    pub fn add_access(&mut self, row: RetainedAccess) {
        add(&mut self.accesses, row);
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.encounters.is_empty() && self.messages.is_empty() && self.accesses.is_empty()
    }

    /// Frees unused capacity.
    pub fn shrink(&mut self) {
        self.encounters.shrink_to_fit();
        self.messages.shrink_to_fit();
        self.accesses.shrink_to_fit();
    }

    /// Concatenates parts, with exactly the capacity that they need.
    pub fn from_parts(parts: Vec<Self>) -> Self {
        let count = |of: fn(&Self) -> usize| parts.iter().map(of).sum();
        let mut all = Self {
            encounters: Vec::with_capacity(count(|part| part.encounters.len())),
            messages: Vec::with_capacity(count(|part| part.messages.len())),
            accesses: Vec::with_capacity(count(|part| part.accesses.len())),
        };
        // Free each part before the next one is copied.
        for part in parts {
            all.encounters.extend(part.encounters);
            all.messages.extend(part.messages);
            all.accesses.extend(part.accesses);
        }
        all
    }

    /// Sorts the rows by file and line. Threads may have added them in another order.
    pub fn sort(&mut self) {
        // A stable sort would need memory for a copy, too much for very many rows. Rows with equal origins may therefore change places.
        self.encounters.sort_unstable_by(|one, other| one.at.cmp(&other.at));
        self.messages.sort_unstable_by(|one, other| one.at.cmp(&other.at));
        self.accesses.sort_unstable_by(|one, other| one.at.cmp(&other.at));
    }
}

fn add<R: Row>(rows: &mut Vec<R>, mut row: R) {
    if let Some(last) = rows.last() {
        row.at_mut().share(last.origin());
    }
    rows.push(row);
}

impl RowOrigin {
    fn new(
        file: u32,
        line: LazyLine<'_>,
        id: Option<&[u8]>,
        patient: &[u8],
        provider: Option<&[u8]>,
    ) -> Self {
        Self {
            file,
            line: line.number(),
            id: id.map(Box::from),
            patient: patient.into(),
            provider: provider.map(Arc::from),
            among: AmongVersions::Record,
        }
    }

    /// Shares the ids of patient and provider with another row that has the same ones, since a patient can have very many rows.
    pub fn share(&mut self, other: &Self) {
        if self.patient == other.patient {
            self.patient = Arc::clone(&other.patient);
        }
        if let (Some(own), Some(others)) = (&mut self.provider, &other.provider)
            && own == others
        {
            *own = Arc::clone(others);
        }
    }

    /// Returns the origin of a row of which only the id of the record is known.
    pub(super) fn from_record(file: u32, line: u64, id: Box<[u8]>) -> Self {
        Self {
            file,
            line,
            id: Some(id),
            patient: Arc::default(),
            provider: None,
            among: AmongVersions::Record,
        }
    }

    fn names_the_same_as(&self, other: &Self) -> bool {
        self.patient == other.patient && self.provider == other.provider
    }

    fn from_event(file: u32, act: &NumeratorEvent<'_>) -> Self {
        Self::new(file, act.line, act.id, act.patient, act.provider)
    }

    /// Returns the id of the patient.
    pub fn patient(&self) -> &[u8] {
        &self.patient
    }

    /// Returns the id of the provider; `None` if the row names no provider.
    pub fn provider(&self) -> Option<&[u8]> {
        self.provider.as_deref()
    }

    fn act(&self, day: Option<Day>) -> NumeratorEvent<'_> {
        NumeratorEvent {
            line: LazyLine::Known(self.line),
            id: self.id.as_deref(),
            version: None,
            patient: &self.patient,
            provider: self.provider(),
            day,
        }
    }
}

impl RetainedEncounter {
    /// Copies an encounter.
    pub fn new(file: u32, of: &Encounter<'_>) -> Self {
        let at = RowOrigin::new(file, of.line, of.id, of.patient, Some(of.provider));
        Self { at, day: of.day, words: of.words, cehrt: of.cehrt, short_county: of.short_county }
    }

    /// Returns the encounter.
    pub fn event(&self) -> Encounter<'_> {
        Encounter {
            line: LazyLine::Known(self.at.line),
            id: self.at.id.as_deref(),
            version: None,
            patient: self.at.patient(),
            provider: self.at.provider().unwrap_or_default(),
            day: self.day,
            words: self.words,
            cehrt: self.cehrt,
            short_county: self.short_county,
        }
    }
}

impl RetainedMessage {
    /// Copies a message.
    pub fn new(file: u32, of: &Message<'_>) -> Self {
        Self { at: RowOrigin::from_event(file, &of.act), day: of.act.day, words: of.words }
    }

    /// Returns the message.
    pub fn event(&self) -> Message<'_> {
        Message { act: self.at.act(self.day), words: self.words }
    }
}

impl RetainedAccess {
    /// Copies a portal access.
    pub fn new(file: u32, of: &PortalAccess<'_>) -> Self {
        Self { at: RowOrigin::from_event(file, &of.act), day: of.act.day, action: of.action, actor: of.actor }
    }

    /// Returns the portal access.
    pub fn event(&self) -> PortalAccess<'_> {
        PortalAccess { act: self.at.act(self.day), action: self.action, actor: self.actor }
    }
}

impl Row for RetainedEncounter {
    fn origin(&self) -> &RowOrigin {
        &self.at
    }

    fn at_mut(&mut self) -> &mut RowOrigin {
        &mut self.at
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        let said = |row: &Self| (row.day, row.words, row.cehrt, row.short_county);
        self.at.names_the_same_as(&other.at) && said(self) == said(other)
    }
}

impl Row for RetainedMessage {
    fn origin(&self) -> &RowOrigin {
        &self.at
    }

    fn at_mut(&mut self) -> &mut RowOrigin {
        &mut self.at
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        self.at.names_the_same_as(&other.at) && (self.day, self.words) == (other.day, other.words)
    }
}

impl Row for RetainedAccess {
    fn origin(&self) -> &RowOrigin {
        &self.at
    }

    fn at_mut(&mut self) -> &mut RowOrigin {
        &mut self.at
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        let said = |row: &Self| (row.day, row.action, row.actor);
        self.at.names_the_same_as(&other.at) && said(self) == said(other)
    }
}

impl ActRow for RetainedMessage {
    fn act(&self) -> NumeratorEvent<'_> {
        self.at.act(self.day)
    }
}

impl ActRow for RetainedAccess {
    fn act(&self) -> NumeratorEvent<'_> {
        self.at.act(self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threads collect rows in any order, but explanations list them in the order of the files.
    #[test]
    fn rows_are_put_in_the_order_of_files_and_lines() {
        let at = |(file, line)| RowOrigin::new(file, LazyLine::Known(line), None, b"P", None);
        let access = |place| RetainedAccess {
            at: at(place),
            day: None,
            action: PortalAction::View,
            actor: MessageParty::Patient,
        };
        let mut kept = RetainedRows::default();
        kept.accesses.extend([(1, 2), (0, 9), (0, 3), (1, 1)].map(access));
        kept.sort();
        let places: Vec<(u32, u64)> = kept.all().map(|at| (at.file, at.line)).collect();
        assert_eq!(places, [(0, 3), (0, 9), (1, 1), (1, 2)]);
    }
}
