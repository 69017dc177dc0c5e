//! Rows with the same record id are versions of one record: which of them is the record, and what is open where nobody can tell.

use std::collections::BTreeMap;

use super::chains::Answers;
use super::world::Open;

/// A row as it was read, with the id of its record and the time of its last change.
#[derive(Clone, Debug)]
pub struct Version<R> {
    pub id: Option<String>,
    pub updated: Option<String>,
    pub row: R,
}

/// What is known of the rows.
#[derive(Debug)]
pub struct Resolved<R> {
    /// Rows that are the record.
    pub records: Vec<R>,
    /// The versions of records of which none is known to be the record.
    pub open: Vec<Vec<R>>,
}

/// Resolves rows, in the order of the inputs. `last` says that the last one is the record, where nothing else says it.
pub fn resolve<R: Clone + PartialEq>(rows: Vec<Version<R>>, last: bool) -> Resolved<R> {
    let mut resolved = Resolved { records: Vec::new(), open: Vec::new() };
    let mut by_id: BTreeMap<String, Vec<Version<R>>> = BTreeMap::new();
    for version in rows {
        match version.id.clone() {
            // Whatever has no id is a record of its own.
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
    // The one that was changed last is the record, if all say when they were changed and no other one was changed as late.
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

/// What a record that is open may be worth to somebody, given what each of its rows is worth; nothing where a row is worth nothing.
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
