//! Rows of exports that are kept, to be judged and explained one by one.

use std::sync::Arc;

use hashbrown::HashSet;

use crate::domain::event::{Encounter, EncounterCodes, Message, MessageCodes, NumeratorEvent, PortalAccess};
use crate::domain::folding::Folding;
use crate::domain::lines::LazyLine;
use crate::domain::period::Day;
use crate::domain::words::{Action, Cehrt, Party};

/// Rows of the exports, in the order of files and lines.
#[derive(Clone, Debug, Default)]
pub struct RetainedRows {
    /// The encounters.
    pub encounters: Vec<RetainedEncounter>,
    /// The messages.
    pub messages: Vec<RetainedMessage>,
    /// The accesses to the portal.
    pub accesses: Vec<RetainedAccess>,
}

/// Some patients, by id.
pub struct PatientFilter {
    ids: HashSet<Box<[u8]>>,
    /// What is left of the ids without any difference of spelling, where ids that nearly match are asked for too.
    folded: HashSet<String>,
}

/// Where a row stands, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowOrigin {
    /// The position of its file among those of its kind.
    pub file: u32,
    /// The line on which the record starts.
    pub line: u64,
    /// Its id, if it has one.
    pub id: Option<Box<[u8]>>,
    patient: Arc<[u8]>,
    provider: Option<Arc<[u8]>>,
    /// What the row is among those with the id of its record.
    pub among: AmongVersions,
}

/// What a row is among the versions of its record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AmongVersions {
    /// It is the record.
    #[default]
    Record,
    /// It says the same as the row that is the record.
    Duplicate,
    /// A later version replaces it.
    Superseded,
    /// It is one of several versions, and it is not known which one is the record.
    Unresolved {
        /// The number of the record.
        record: u32,
        /// The number of the version.
        version: u32,
        /// How many versions there are.
        versions: u32,
    },
}

/// A row that is kept.
pub trait Row {
    /// Where it stands.
    fn at(&self) -> &RowOrigin;
    /// The same, to be changed.
    fn at_mut(&mut self) -> &mut RowOrigin;
    /// Returns whether another row says the same, wherever it stands.
    fn says_the_same_as(&self, other: &Self) -> bool;
}

/// A row of the numerator that is kept.
pub trait ActRow: Row {
    /// For whom it is, and when.
    fn act(&self) -> NumeratorEvent<'_>;
}

/// An encounter that is kept.
#[derive(Clone, Debug)]
pub struct RetainedEncounter {
    /// Where it stands.
    pub at: RowOrigin,
    day: Option<Day>,
    words: EncounterCodes,
    cehrt: Cehrt,
    short_county: Option<bool>,
}

/// A message that is kept.
#[derive(Clone, Debug)]
pub struct RetainedMessage {
    /// Where it stands.
    pub at: RowOrigin,
    day: Option<Day>,
    words: MessageCodes,
}

/// An access that is kept.
#[derive(Clone, Debug)]
pub struct RetainedAccess {
    /// Where it stands.
    pub at: RowOrigin,
    day: Option<Day>,
    action: Action,
    actor: Party,
}

impl PatientFilter {
    /// The patients with these ids.
    pub fn new<'i>(ids: impl Iterator<Item = &'i [u8]>) -> Self {
        Self { ids: ids.map(Box::from).collect(), folded: HashSet::new() }
    }

    /// Builds the set of patients with these ids, or with ids that differ only in spelling.
    pub fn with_near<'i>(ids: impl Iterator<Item = &'i [u8]> + Clone) -> Self {
        let folded = ids.clone().map(|id| Folding::ALL.fold(&String::from_utf8_lossy(id))).collect();
        Self { folded, ..Self::new(ids) }
    }

    /// Whether a patient is among them.
    #[inline]
    pub fn contains(&self, id: &[u8]) -> bool {
        self.ids.contains(id) || !self.folded.is_empty() && self.has_near(id)
    }
}

impl PatientFilter {
    fn has_near(&self, id: &[u8]) -> bool {
        self.folded.contains(&Folding::ALL.fold(&String::from_utf8_lossy(id)))
    }
}

impl RetainedRows {
    /// Where each of them stands.
    pub fn all(&self) -> impl Iterator<Item = &RowOrigin> {
        let encounters = self.encounters.iter().map(|row| &row.at);
        let messages = self.messages.iter().map(|row| &row.at);
        encounters.chain(messages).chain(self.accesses.iter().map(|row| &row.at))
    }

    /// Keeps an encounter.
    pub fn add_encounter(&mut self, row: RetainedEncounter) {
        add(&mut self.encounters, row);
    }

    /// Keeps a message.
    pub fn add_message(&mut self, row: RetainedMessage) {
        add(&mut self.messages, row);
    }

    /// Keeps an access.
    pub fn add_access(&mut self, row: RetainedAccess) {
        add(&mut self.accesses, row);
    }

    /// Returns whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.encounters.is_empty() && self.messages.is_empty() && self.accesses.is_empty()
    }

    /// Gives back room that is not needed.
    pub fn shrink(&mut self) {
        self.encounters.shrink_to_fit();
        self.messages.shrink_to_fit();
        self.accesses.shrink_to_fit();
    }

    /// Puts parts together, without room for more.
    pub fn of_parts(parts: Vec<Self>) -> Self {
        let count = |of: fn(&Self) -> usize| parts.iter().map(of).sum();
        let mut all = Self {
            encounters: Vec::with_capacity(count(|part| part.encounters.len())),
            messages: Vec::with_capacity(count(|part| part.messages.len())),
            accesses: Vec::with_capacity(count(|part| part.accesses.len())),
        };
        // Each part is given back before the next is looked at.
        for part in parts {
            all.encounters.extend(part.encounters);
            all.messages.extend(part.messages);
            all.accesses.extend(part.accesses);
        }
        all
    }

    /// Puts the rows in the order of files and lines, in which they need not have come.
    pub fn sort(&mut self) {
        // Rows that are alike in all of this may change places; the room for a copy is not to be had for very many.
        self.encounters.sort_unstable_by(|one, other| one.at.cmp(&other.at));
        self.messages.sort_unstable_by(|one, other| one.at.cmp(&other.at));
        self.accesses.sort_unstable_by(|one, other| one.at.cmp(&other.at));
    }
}

fn add<R: Row>(rows: &mut Vec<R>, mut row: R) {
    if let Some(last) = rows.last() {
        row.at_mut().share(last.at());
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

    /// Shares the ids of patient and provider with another row that has the same: one patient may have very many rows.
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

    /// The place of a row of which only the id of the record is known.
    pub(super) fn of_record(file: u32, line: u64, id: Box<[u8]>) -> Self {
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

    fn of_act(file: u32, act: &NumeratorEvent<'_>) -> Self {
        Self::new(file, act.line, act.id, act.patient, act.provider)
    }

    /// The patient's id.
    pub fn patient(&self) -> &[u8] {
        &self.patient
    }

    /// The provider's id, if it names one.
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
    /// Keeps an encounter.
    pub fn new(file: u32, of: &Encounter<'_>) -> Self {
        let at = RowOrigin::new(file, of.line, of.id, of.patient, Some(of.provider));
        Self { at, day: of.day, words: of.words, cehrt: of.cehrt, short_county: of.short_county }
    }

    /// The encounter.
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
    /// Keeps a message.
    pub fn new(file: u32, of: &Message<'_>) -> Self {
        Self { at: RowOrigin::of_act(file, &of.act), day: of.act.day, words: of.words }
    }

    /// The message.
    pub fn event(&self) -> Message<'_> {
        Message { act: self.at.act(self.day), words: self.words }
    }
}

impl RetainedAccess {
    /// Keeps an access.
    pub fn new(file: u32, of: &PortalAccess<'_>) -> Self {
        Self { at: RowOrigin::of_act(file, &of.act), day: of.act.day, action: of.action, actor: of.actor }
    }

    /// The access.
    pub fn event(&self) -> PortalAccess<'_> {
        PortalAccess { act: self.at.act(self.day), action: self.action, actor: self.actor }
    }
}

impl Row for RetainedEncounter {
    fn at(&self) -> &RowOrigin {
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
    fn at(&self) -> &RowOrigin {
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
    fn at(&self) -> &RowOrigin {
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

    /// Threads collect rows in any order; explained they are in that of the files.
    #[test]
    fn rows_are_put_in_the_order_of_files_and_lines() {
        let at = |(file, line)| RowOrigin::new(file, LazyLine::Known(line), None, b"P", None);
        let access =
            |place| RetainedAccess { at: at(place), day: None, action: Action::View, actor: Party::Patient };
        let mut kept = RetainedRows::default();
        kept.accesses.extend([(1, 2), (0, 9), (0, 3), (1, 1)].map(access));
        kept.sort();
        let places: Vec<(u32, u64)> = kept.all().map(|at| (at.file, at.line)).collect();
        assert_eq!(places, [(0, 3), (0, 9), (1, 1), (1, 2)]);
    }
}
