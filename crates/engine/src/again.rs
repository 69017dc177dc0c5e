//! Reads the inputs of a kind a second time if they may contain a record several times. Nearly always, once is enough.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::input_log::check_usable;
use crate::sources::InputSet;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::unusable_row::LostVersion;
use mucalc_core::domain::unusable_row::UnusableRow;
use mucalc_core::domain::versions::VersionsChoice;
use mucalc_core::ledger::retained_rows::{RetainedAccess, RetainedMessage, Row};
use mucalc_core::ledger::{Resolved, Versions};
use mucalc_read::format::answer::Answers;
use mucalc_read::layout::Layout;
use mucalc_read::{IdSet, InputError, InputSource, ReadContext, ReadSummary, RecordIds, Times};

/// For each kind of input, which of its files have their record ids in common: files with the same number. Exports of two systems may both
/// count from 1.
#[derive(Clone, Debug, Default)]
pub struct IdScopes(BTreeMap<InputRole, Vec<u32>>);

impl IdScopes {
    /// Returns the scopes of the exports of a run.
    pub fn new(sources: &InputSet, layout: &Layout) -> Self {
        let of_role = |role: InputRole, sources: &[InputSource]| {
            let layouts: Vec<&Layout> = sources.iter().map(|source| source.layout_or(layout)).collect();
            let scope = |(at, own): (usize, &&Layout)| match own.input(role).has_ids_within_file() {
                true => at as u32,
                false => layouts.iter().position(|other| other.name == own.name).unwrap_or(at) as u32,
            };
            (role, layouts.iter().enumerate().map(scope).collect())
        };
        Self(BTreeMap::from([
            of_role(InputRole::Encounters, &sources.encounters),
            of_role(InputRole::Messages, &sources.messages),
            of_role(InputRole::Accesses, &sources.accesses),
        ]))
    }

    /// Returns the scope of a file, by its position among those of its kind.
    pub fn scope(&self, role: InputRole, file: usize) -> u32 {
        self.0.get(&role).and_then(|scopes| scopes.get(file)).copied().unwrap_or_default()
    }
}

/// The record ids that were read, by kind of input and scope.
pub struct MetIds {
    scopes: IdScopes,
    kinds: BTreeMap<InputRole, (usize, BTreeMap<u32, RecordIds>)>,
}

/// The repeated record ids, by kind of input and scope.
pub struct Repeated {
    scopes: IdScopes,
    kinds: BTreeMap<InputRole, BTreeMap<u32, IdSet>>,
}

/// Reads inputs once, and if record ids are repeated, a second time with these ids.
///
/// # Errors
/// If reading fails.
pub fn once_or_twice<T>(
    mut read: impl FnMut(Option<&Repeated>) -> Result<(T, MetIds), InputError>,
) -> Result<T, InputError> {
    let (came, met) = read(None)?;
    match met.repeated() {
        None => Ok(came),
        Some(repeated) => Ok(read(Some(&repeated))?.0),
    }
}

impl MetIds {
    /// Returns an empty collection, for exports with these scopes of ids.
    pub fn new(scopes: IdScopes) -> Self {
        Self { scopes, kinds: BTreeMap::new() }
    }

    /// Adds the ids of the next file of a kind.
    pub fn add(&mut self, role: InputRole, ids: RecordIds) {
        let (files, scopes) = self.kinds.entry(role).or_default();
        let scope = self.scopes.scope(role, *files);
        *files += 1;
        match scopes.entry(scope) {
            Entry::Occupied(mut known) => known.get_mut().merge(ids),
            Entry::Vacant(new) => drop(new.insert(ids)),
        }
    }

    fn repeated(self) -> Option<Repeated> {
        let set = |(scope, ids): (u32, RecordIds)| (scope, ids.repeated().unwrap_or_default());
        let sets = |(role, (_, scopes)): (InputRole, (usize, BTreeMap<u32, RecordIds>))| {
            (role, scopes.into_iter().map(set).collect())
        };
        let kinds: BTreeMap<InputRole, BTreeMap<u32, IdSet>> = self.kinds.into_iter().map(sets).collect();
        let is_any = kinds.values().flat_map(BTreeMap::values).any(|ids| !ids.is_empty());
        is_any.then_some(Repeated { scopes: self.scopes, kinds })
    }
}

impl Repeated {
    /// Returns the repeated ids of a file of a kind, by its position. `None` if no id is repeated.
    fn ids_of_file(&self, role: InputRole, file: usize) -> Option<&IdSet> {
        self.kinds.get(&role)?.get(&self.scopes.scope(role, file)).filter(|ids| !ids.is_empty())
    }
}

/// The result of reading files, in their order.
pub struct FilesRead {
    /// Ids of their records.
    pub met: MetIds,
    /// Result of reading each file.
    pub summaries: Vec<(InputRole, ReadSummary)>,
    /// Unusable rows that may be versions of records, with the position of the file.
    lost: Vec<(InputRole, LostVersion, u32)>,
}

impl FilesRead {
    /// Returns the result of reading no files of a run.
    pub fn new(sources: &InputSet, layout: &Layout) -> Self {
        Self { met: MetIds::new(IdScopes::new(sources, layout)), summaries: Vec::new(), lost: Vec::new() }
    }

    /// Adds a file. `file` is the position that identifies its rows.
    ///
    /// # Errors
    /// If none of its rows can be used.
    pub fn add(
        &mut self,
        role: InputRole,
        source: &InputSource,
        mut summary: ReadSummary,
        file: u32,
    ) -> Result<(), InputError> {
        check_usable(source, &summary)?;
        self.met.add(role, std::mem::take(&mut summary.notes.record_ids));
        self.lost.extend(summary.notes.lost_versions.drain(..).map(|lost| (role, lost, file)));
        self.summaries.push((role, summary));
        Ok(())
    }

    /// Adds the rows that files of a kind announce but lack, as API responses may, to the unusable rows of the last of these files.
    pub fn close(&mut self, role: InputRole) {
        let of_role = || self.summaries.iter().filter(|(of, _)| *of == role);
        let mut answers = Answers::default();
        of_role().for_each(|(_, summary)| answers.merge(&summary.notes.answers));
        let last = self.summaries.iter_mut().rfind(|(of, _)| *of == role);
        if let Some((_, summary)) = last.filter(|_| answers.missing() > 0) {
            summary.notes.missing = answers.missing();
            summary.notes.unusable.add(UnusableRow::Unreadable, answers.missing());
        }
    }

    /// Removes and returns the unusable rows that may be versions of records, each with the position of its file.
    pub fn lost_versions(&mut self) -> impl Iterator<Item = (InputRole, LostVersion, u32)> {
        std::mem::take(&mut self.lost).into_iter()
    }
}

/// Numerator rows that may be one of several versions.
#[derive(Default)]
pub struct ActVersions {
    /// Messages.
    pub messages: Versions<RetainedMessage>,
    /// Accesses.
    pub accesses: Versions<RetainedAccess>,
}

impl ActVersions {
    /// Adds the rows of another part.
    pub fn merge(&mut self, other: Self) {
        self.messages.merge(other.messages);
        self.accesses.merge(other.accesses);
    }

    /// Adds an unusable row of a kind.
    pub fn add_lost(&mut self, role: InputRole, lost: LostVersion, file: u32) {
        match role {
            InputRole::Messages => self.messages.add_lost(lost, file),
            _ => self.accesses.add_lost(lost, file),
        }
    }
}

/// Determines which of several versions are the records. `versions` is empty if no ids are repeated. `before` is the number of the first file
/// of the kind.
pub fn resolved<R: Row>(
    repeated: Option<&Repeated>,
    role: InputRole,
    before: usize,
    versions: Versions<R>,
    choice: VersionsChoice,
) -> Resolved<R> {
    let scope = |file: u32| {
        repeated.map_or(0, |repeated| repeated.scopes.scope(role, (file as usize).saturating_sub(before)))
    };
    versions.resolve(choice, scope)
}

/// Returns how to read a file of a kind, by its position: with the repeated record ids, if it may have several versions.
pub fn reading<'r>(
    reading: &ReadContext<'r>,
    repeated: Option<&'r Repeated>,
    role: InputRole,
    file: usize,
) -> ReadContext<'r> {
    let times = if repeated.is_some() { Times::Again } else { Times::First };
    let repeated = repeated.and_then(|repeated| repeated.ids_of_file(role, file));
    ReadContext { ids: reading.ids || repeated.is_some(), repeated, times, ..*reading }
}
