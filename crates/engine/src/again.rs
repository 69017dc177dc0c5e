//! Reads the inputs of a kind a second time if they may contain a record several times. Nearly always, once is enough.

use std::collections::BTreeMap;

use crate::input_log::check_usable;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::unusable_row::LostVersion;
use mucalc_core::domain::unusable_row::UnusableRow;
use mucalc_core::domain::versions::VersionsChoice;
use mucalc_core::ledger::retained_rows::{RetainedAccess, RetainedMessage, Row};
use mucalc_core::ledger::{Resolved, Versions};
use mucalc_read::format::answer::Answers;
use mucalc_read::layout::Layout;
use mucalc_read::{IdSet, InputError, InputSource, ReadContext, ReadSummary, RecordIds, Times};

/// The record ids that were read, by kind of input.
pub struct MetIds<'l> {
    layout: &'l Layout,
    kinds: BTreeMap<InputRole, Vec<RecordIds>>,
}

/// The repeated record ids, by kind of input: those of each file, or of all files together.
pub struct Repeated<'l> {
    layout: &'l Layout,
    kinds: BTreeMap<InputRole, Vec<IdSet>>,
}

/// Reads inputs once, and if record ids are repeated, a second time with these ids.
///
/// # Errors
/// If reading fails.
pub fn once_or_twice<'l, T>(
    mut read: impl FnMut(Option<&Repeated<'l>>) -> Result<(T, MetIds<'l>), InputError>,
) -> Result<T, InputError> {
    let (came, met) = read(None)?;
    match met.repeated() {
        None => Ok(came),
        Some(repeated) => Ok(read(Some(&repeated))?.0),
    }
}

impl<'l> MetIds<'l> {
    /// Returns an empty collection, for exports with a layout.
    pub fn new(layout: &'l Layout) -> Self {
        Self { layout, kinds: BTreeMap::new() }
    }

    /// Adds the ids of the next file of a kind.
    pub fn add(&mut self, role: InputRole, ids: RecordIds) {
        let files = self.kinds.entry(role).or_default();
        match files.last_mut().filter(|_| !self.layout.input(role).has_ids_within_file()) {
            Some(all) => all.merge(ids),
            None => files.push(ids),
        }
    }

    fn repeated(self) -> Option<Repeated<'l>> {
        let set = |ids: RecordIds| ids.repeated().unwrap_or_default();
        let sets = |(role, files): (InputRole, Vec<RecordIds>)| (role, files.into_iter().map(set).collect());
        let kinds: BTreeMap<InputRole, Vec<IdSet>> = self.kinds.into_iter().map(sets).collect();
        let is_any = kinds.values().flatten().any(|ids| !ids.is_empty());
        is_any.then_some(Repeated { layout: self.layout, kinds })
    }
}

impl Repeated<'_> {
    /// Returns the repeated ids of a file of a kind, by its position. `None` if no id is repeated.
    fn ids_of_file(&self, role: InputRole, file: usize) -> Option<&IdSet> {
        let file = if self.layout.input(role).has_ids_within_file() { file } else { 0 };
        self.kinds.get(&role)?.get(file).filter(|ids| !ids.is_empty())
    }
}

/// The result of reading files, in their order.
pub struct FilesRead<'l> {
    /// Ids of their records.
    pub met: MetIds<'l>,
    /// Result of reading each file.
    pub summaries: Vec<(InputRole, ReadSummary)>,
    /// Unusable rows that may be versions of records, with the position of the file.
    lost: Vec<(InputRole, LostVersion, u32)>,
}

impl<'l> FilesRead<'l> {
    /// Returns the result of reading no files.
    pub fn new(layout: &'l Layout) -> Self {
        Self { met: MetIds::new(layout), summaries: Vec::new(), lost: Vec::new() }
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

/// Determines which of several versions are the records. `versions` is empty if no ids are repeated.
pub fn resolved<R: Row>(
    repeated: Option<&Repeated<'_>>,
    role: InputRole,
    versions: Versions<R>,
    choice: VersionsChoice,
) -> Resolved<R> {
    let is_within_file = repeated.is_some_and(|repeated| repeated.layout.input(role).has_ids_within_file());
    versions.resolve(choice, is_within_file)
}

/// Returns how to read a file of a kind, by its position: with the repeated record ids, if it may have several versions.
pub fn reading<'r>(
    reading: &ReadContext<'r>,
    repeated: Option<&'r Repeated<'_>>,
    role: InputRole,
    file: usize,
) -> ReadContext<'r> {
    let times = if repeated.is_some() { Times::Again } else { Times::First };
    let repeated = repeated.and_then(|repeated| repeated.ids_of_file(role, file));
    ReadContext { ids: reading.ids || repeated.is_some(), repeated, times, ..*reading }
}
