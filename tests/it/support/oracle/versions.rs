//! Versions of records: rows with the same record id. Finds which version is the record, and what is unresolved if the data do not show it.

use std::collections::BTreeMap;

use super::chains::Answers;
use super::world::Open;

/// A row as read, with its record id and the time of its last change.
#[derive(Clone, Debug)]
pub struct Version<R> {
    pub id: Option<String>,
    pub updated: Option<String>,
    pub row: R,
}

/// The records of an input.
#[derive(Debug)]
pub struct Resolved<R> {
    /// Rows that are the record.
    pub records: Vec<R>,
    /// The versions of each record whose current version is unknown.
    pub open: Vec<Vec<R>>,
}

/// Resolves the versions of rows, in the order of the inputs. If `last`, the last version is the record unless the data show another.
pub fn resolve<R: Clone + PartialEq>(rows: Vec<Version<R>>, last: bool) -> Resolved<R> {
    let mut resolved = Resolved { records: Vec::new(), open: Vec::new() };
    let mut by_id: BTreeMap<String, Vec<Version<R>>> = BTreeMap::new();
    for version in rows {
        match version.id.clone() {
            // A row without an id is a record of its own.
            None => resolved.records.push(version.row),
            Some(id) => by_id.entry(id).or_default().push(version),
        }
    }
    for versions in by_id.into_values() {
        if let Some(record) = record(&versions, last) {
            resolved.records.push(record);
        } else {
            let mut different: Vec<R> = Vec::new();
            for version in versions {
                if !different.contains(&version.row) {
                    different.push(version.row);
                }
            }
            resolved.open.push(different);
        }
    }
    resolved
}

fn record<R: Clone + PartialEq>(versions: &[Version<R>], last: bool) -> Option<R> {
    let final_one = versions.last()?;
    if versions.iter().all(|version| version.row == final_one.row) {
        return Some(final_one.row.clone());
    }
    // The version with the latest change is the record, if all versions have a time of change and no different version has the same time.
    if versions.iter().all(|version| version.updated.is_some()) {
        let latest = versions.iter().map(|version| &version.updated).max()?;
        let mut late =
            versions.iter().filter(|version| version.updated == *latest).map(|version| &version.row);
        let one = late.next()?;
        if late.all(|other| other == one) {
            return Some(one.clone());
        }
    }
    last.then(|| final_one.row.clone())
}

/// Returns the answers of a record whose current version is unknown, given the answers of each of its rows. A row without answers does not
/// qualify.
pub fn worth(open: &Open, of_row: &dyn Fn(usize) -> Option<Answers>) -> Answers {
    let none = Answers { out: true, yes: false };
    let of_version = |version: usize| {
        let rows = open.rows.iter().filter(|(of, _)| *of == version).filter_map(|(_, row)| of_row(*row));
        // Any of its rows is enough.
        rows.fold(none, |all, one| Answers { out: all.out && one.out, yes: all.yes || one.yes })
    };
    let versions = (0..open.versions).map(of_version);
    versions.fold(Answers { out: false, yes: false }, |all, one| Answers {
        out: all.out || one.out,
        yes: all.yes || one.yes,
    })
}
