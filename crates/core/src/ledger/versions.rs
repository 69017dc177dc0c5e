//! Decides which of several versions of a record is the record.
//!
//! Rows of one kind of export with the same record id are versions of the record. Versions with the same content are one record. Otherwise
//! the version that was changed last is the record, if the export has this time. If not, the last version in the order of the inputs is the
//! record if the practice chose so; without this choice the record is unresolved.

use std::collections::HashMap;

use crate::domain::unusable_row::LostVersion;
use crate::domain::unusable_row::{Unusable, UnusableRow};
use crate::domain::versions::{RowVersion, UpdatedAt, VersionsChoice};
use crate::ledger::retained_rows::{AmongVersions, Row, RowOrigin};

/// Rows of records that may have several versions, collected while the exports are read.
pub struct Versions<R> {
    rows: Vec<Held<R>>,
}

/// A part of a version: a row, or the readable part of an unusable one.
struct Held<R> {
    at: RowOrigin,
    version: RowVersion,
    row: Result<R, UnusableRow>,
}

/// The resolved and the unresolved records.
pub struct Resolved<R> {
    /// The records whose content is known.
    pub records: Vec<KnownRecord<R>>,
    /// The records whose content is unknown.
    pub unresolved: Vec<Unresolved<R>>,
    /// Rows that a later version replaces.
    pub superseded: Vec<R>,
    /// Unusable rows that no later version replaces.
    pub lost: Unusable,
    /// The origin of the second version of each unresolved record, sorted.
    pub contradictions: RowPlaces,
}

/// Origins of rows: file and line.
pub type RowPlaces = Vec<(u32, u64)>;

/// A record whose content is known: its rows, and duplicates of these.
pub struct KnownRecord<R> {
    /// The rows that one record of the export produces: usually one.
    pub rows: Vec<R>,
    /// Rows of versions with the same content.
    pub duplicates: Vec<R>,
}

/// A record with several versions when it is unknown which one is the record.
pub struct Unresolved<R> {
    /// The rows of all versions.
    pub rows: Vec<VersionRow<R>>,
    /// The number of versions, including those without a usable row.
    pub versions: u32,
}

/// A row, or all rows of an unresolved record, to evaluate.
pub enum OneRecord<'r, R> {
    /// A row of the record.
    Known(&'r R),
    /// A row with the same content as another one.
    Duplicate(&'r R),
    /// A row that a later version replaces.
    Superseded(&'r R),
    /// The rows of all versions.
    Unresolved(&'r Unresolved<R>),
}

/// A row of one of several versions of a record.
#[derive(Clone, Debug)]
pub struct VersionRow<T> {
    /// The number of the version.
    pub version: u32,
    /// The position of the file with the row.
    pub file: u32,
    /// The row.
    pub row: T,
}

impl<T> VersionRow<T> {
    /// Returns another row of the same version and file.
    pub fn like<O>(&self, row: O) -> VersionRow<O> {
        VersionRow { version: self.version, file: self.file, row }
    }
}

/// Returns whether each of `versions` versions has a row for which `alike` is true.
pub fn in_all<T>(versions: u32, rows: &[VersionRow<T>], alike: impl Fn(&T) -> bool) -> bool {
    (0..versions).all(|version| rows.iter().any(|one| one.version == version && alike(&one.row)))
}

/// One version of a record.
struct Version<R> {
    /// The file, the line, and the piece of the first row, by which versions are ordered.
    place: (u32, u64, u64),
    updated: Option<UpdatedAt>,
    rows: Vec<R>,
    lost: Vec<UnusableRow>,
}

impl<R: Row> VersionRow<R> {
    fn new(version: u32, row: R) -> Self {
        Self { version, file: row.origin().file, row }
    }
}

impl<R> Unresolved<R> {
    /// Returns the rows, each mapped by `event`.
    pub fn each<'r, E>(&'r self, event: impl Fn(&'r R) -> E) -> Vec<VersionRow<E>> {
        let event = |one: &'r VersionRow<R>| VersionRow {
            version: one.version,
            file: one.file,
            row: event(&one.row),
        };
        self.rows.iter().map(event).collect()
    }
}

impl<R: Row> OneRecord<'_, R> {
    /// Returns the position of the file with the row; for several rows, with the first one.
    pub fn file(&self) -> u32 {
        match self {
            Self::Known(row) | Self::Duplicate(row) | Self::Superseded(row) => row.origin().file,
            Self::Unresolved(unresolved) => unresolved.rows.first().map_or(0, |one| one.file),
        }
    }
}

impl<R> Default for Versions<R> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<R: Row> Versions<R> {
    /// Adds a row, with what distinguishes it from other rows of its record.
    pub fn add(&mut self, row: R, version: Option<&RowVersion>) {
        let version = version.copied().unwrap_or_default();
        self.rows.push(Held { at: row.origin().clone(), version, row: Ok(row) });
    }

    /// Adds an unusable row of a file, given by its position among those of its kind.
    pub fn add_lost(&mut self, lost: LostVersion, file: u32) {
        let at = RowOrigin::from_record(file, lost.line, lost.id);
        self.rows.push(Held { at, version: lost.version, row: Err(lost.row) });
    }

    /// Adds the rows of another part. Rows of one line keep their order.
    pub fn merge(&mut self, other: Self) {
        self.rows.extend(other.rows);
    }

    /// Decides which versions are the records. All versions of a record are in files of the same `scope`.
    pub fn resolve(self, choice: VersionsChoice, scope: impl Fn(u32) -> u32) -> Resolved<R> {
        let mut rows = self.rows;
        rows.sort_by_key(|held| (held.at.file, held.at.line, held.version.piece));
        let mut all: Vec<Vec<Version<R>>> = Vec::new();
        let mut known: HashMap<(u32, Box<[u8]>), usize> = HashMap::new();
        for held in rows {
            let Some(id) = held.at.id.clone() else { continue };
            let key = (scope(held.at.file), id);
            let record = *known.entry(key).or_insert_with(|| {
                all.push(Vec::new());
                all.len() - 1
            });
            add_to(&mut all[record], held);
        }
        let mut resolved = Resolved {
            records: Vec::new(),
            unresolved: Vec::new(),
            superseded: Vec::new(),
            lost: Unusable::default(),
            contradictions: Vec::new(),
        };
        all.into_iter().for_each(|versions| resolved.add(versions, choice));
        resolved.contradictions.sort_unstable();
        resolved
    }
}

/// Adds a row to the versions of its record: to the last version if it is a further part of the same record of the export, otherwise as a
/// new version.
fn add_to<R>(versions: &mut Vec<Version<R>>, held: Held<R>) {
    let Held { at, version, row } = held;
    let place = (at.file, at.line, version.piece);
    let is_further = version.part > 0 && versions.last().is_some_and(|last| last.place == place);
    if !is_further {
        versions.push(Version { place, updated: version.updated, rows: Vec::new(), lost: Vec::new() });
    }
    if let Some(last) = versions.last_mut() {
        match row {
            Ok(row) => last.rows.push(row),
            Err(lost) => last.lost.push(lost),
        }
    }
}

impl<R: Row> Version<R> {
    fn says_the_same_as(&self, other: &Self) -> bool {
        self.updated == other.updated && self.says_what(other)
    }

    /// Returns whether another version has the same content, regardless of when it was changed.
    fn says_what(&self, other: &Self) -> bool {
        self.lost == other.lost
            && self.rows.len() == other.rows.len()
            && self.rows.iter().zip(&other.rows).all(|(one, other)| one.says_the_same_as(other))
    }
}

impl<R: Row> Resolved<R> {
    /// Returns all rows and unresolved records.
    pub fn all(&self) -> impl Iterator<Item = OneRecord<'_, R>> {
        let known = self.records.iter().flat_map(|record| {
            let rows = record.rows.iter().map(OneRecord::Known);
            rows.chain(record.duplicates.iter().map(OneRecord::Duplicate))
        });
        let superseded = self.superseded.iter().map(OneRecord::Superseded);
        known.chain(superseded).chain(self.unresolved.iter().map(OneRecord::Unresolved))
    }

    /// Returns the rows, each with its role among the versions of its record.
    pub fn into_rows(self) -> impl Iterator<Item = R> {
        let known = self.records.into_iter().flat_map(|record| {
            let duplicates = record.duplicates.into_iter().map(|row| among(row, AmongVersions::Duplicate));
            record.rows.into_iter().chain(duplicates)
        });
        let superseded = self.superseded.into_iter().map(|row| among(row, AmongVersions::Superseded));
        let unresolved = (0..).zip(self.unresolved).flat_map(|(record, Unresolved { rows, versions })| {
            rows.into_iter().map(move |VersionRow { version, row, .. }| {
                among(row, AmongVersions::Unresolved { record, version, versions })
            })
        });
        known.chain(superseded).chain(unresolved)
    }

    /// Adds the versions of one record, which are in the order of the inputs.
    fn add(&mut self, all: Vec<Version<R>>, choice: VersionsChoice) {
        // Keep each distinct version once, at its last position, and the duplicates of each.
        let mut versions: Vec<Version<R>> = Vec::new();
        let mut duplicates: Vec<(usize, R)> = Vec::new();
        for version in all {
            match versions.iter_mut().position(|known| known.says_the_same_as(&version)) {
                Some(at) => {
                    duplicates.extend(version.rows.into_iter().map(|row| (at, row)));
                    versions[at].place = versions[at].place.max(version.place);
                }
                None => versions.push(version),
            }
        }
        let latest = latest(&versions);
        // If versions differ only in when they were changed, and these times have no order, it does not matter which one is the record.
        let are_one = latest.is_none() && versions.iter().all(|version| version.says_what(&versions[0]));
        if are_one {
            duplicates.extend(versions.drain(1..).flat_map(|version| version.rows).map(|row| (0, row)));
            duplicates.iter_mut().for_each(|(at, _)| *at = 0);
        }
        let last = || (0..versions.len()).max_by_key(|at| versions[*at].place);
        let is_it = match choice {
            _ if are_one => Some(0),
            VersionsChoice::Last => latest.or_else(last),
            VersionsChoice::Uncertain => latest,
        };
        let Some(is_it) = is_it else {
            let mut places: Vec<(u32, u64)> =
                versions.iter().map(|version| (version.place.0, version.place.1)).collect();
            places.sort_unstable();
            self.contradictions.extend(places.get(1));
            let count = versions.len() as u32;
            let mut rows = Vec::new();
            for (number, version) in (0..).zip(versions) {
                version.lost.into_iter().for_each(|row| self.lost.add(row, 1));
                rows.extend(version.rows.into_iter().map(|row| VersionRow::new(number, row)));
            }
            // The duplicates of a version are part of it.
            rows.extend(duplicates.into_iter().map(|(at, row)| VersionRow::new(at as u32, row)));
            return self.unresolved.push(Unresolved { rows, versions: count });
        };
        let (same, older): (Vec<_>, Vec<_>) = duplicates.into_iter().partition(|(at, _)| *at == is_it);
        let record = versions.swap_remove(is_it);
        record.lost.into_iter().for_each(|row| self.lost.add(row, 1));
        self.records.push(KnownRecord {
            rows: record.rows,
            duplicates: same.into_iter().map(|(_, row)| row).collect(),
        });
        self.superseded.extend(versions.into_iter().flat_map(|version| version.rows));
        self.superseded.extend(older.into_iter().map(|(_, row)| row));
    }
}

fn among<R: Row>(mut row: R, among: AmongVersions) -> R {
    row.at_mut().among = among;
    row
}

/// Returns the version that was changed last; `None` if the export does not have this information.
fn latest<R>(versions: &[Version<R>]) -> Option<usize> {
    let is_latest = |at: &usize| {
        let others = versions.iter().enumerate().filter(|(other, _)| other != at);
        others.into_iter().all(|(_, other)| {
            versions[*at].updated.zip(other.updated).is_some_and(|(one, other)| one > other)
        })
    };
    (0..versions.len()).find(is_latest)
}
