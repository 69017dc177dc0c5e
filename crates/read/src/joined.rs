//! The tables that are joined to the rows of an export, in memory.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::ReadContext;
use crate::error::InputError;
use crate::header::ColumnHeader;
use crate::id::{IdRules, IdText};
use crate::layout::Layout;
use crate::layout::join::JoinLayout;
use crate::layout::separators::ELEMENT;
use crate::layout::translate::MAX_ROWS;
use mucalc_core::domain::input::InputRole;

/// Supplies the tables that complete exports.
pub trait JoinProvider: Sync {
    /// Returns the tables that complete exports of a role. They are read now unless they were before.
    ///
    /// # Errors
    /// If a table cannot be read.
    fn tables_for_role(
        &self,
        role: InputRole,
        layout: &Layout,
        reading: &ReadContext<'_>,
    ) -> Result<Arc<Vec<JoinTable>>, InputError>;
}

/// A table that was read, by the key that its rows share with rows of the export.
#[derive(Debug)]
pub struct JoinTable {
    layout: JoinLayout,
    rows: HashMap<Box<str>, JoinedRows>,
}

/// The rows with a key.
#[derive(Debug)]
struct JoinedRows {
    /// For each column of the join, the cells of all rows, separated by [`ELEMENT`].
    cells: Vec<String>,
    count: usize,
    first_line: u64,
    /// Whether a row of the export has the key.
    is_met: AtomicBool,
}

impl JoinTable {
    /// Creates a table from its rows, in their order: the line of each, its key, and its cells in the columns of the join.
    pub fn new(layout: JoinLayout, lines: impl Iterator<Item = (u64, Box<str>, Vec<String>)>) -> Self {
        let mut rows: HashMap<Box<str>, JoinedRows> = HashMap::new();
        for (line, key, cells) in lines {
            match rows.get_mut(&key) {
                Some(known) => {
                    known.count += 1;
                    for (known, cell) in known.cells.iter_mut().zip(cells) {
                        known.push(ELEMENT);
                        known.push_str(&cell);
                    }
                }
                None => {
                    let is_met = AtomicBool::new(false);
                    rows.insert(key, JoinedRows { cells, count: 1, first_line: line, is_met });
                }
            }
        }
        Self { layout, rows }
    }

    /// Returns the columns that the table supplies.
    pub fn columns(&self) -> &[String] {
        &self.layout.columns
    }

    /// Returns the name of the key in the export.
    pub fn key(&self) -> &str {
        self.layout.own_key()
    }

    /// Returns how many rows belong to no row of an export, and the line of the first one.
    pub fn unused(&self) -> Option<(u64, u64)> {
        let unused = || self.rows.values().filter(|rows| !rows.is_met.load(Ordering::Relaxed));
        let first = unused().map(|rows| rows.first_line).min()?;
        Some((unused().map(|rows| rows.count as u64).sum(), first))
    }

    fn find(&self, key: &str, rules: &IdRules) -> Option<&JoinedRows> {
        let IdText::Id(key) = rules.read_exactly(key) else { return None };
        let found = self.rows.get(&*key)?;
        found.is_met.store(true, Ordering::Relaxed);
        Some(found)
    }
}

/// Completes rows of an export with the cells of joined tables.
pub struct JoinedCells {
    tables: Arc<Vec<JoinTable>>,
    /// For each table, the column of the key in the export; `None` if the export does not have it.
    keys: Vec<Option<usize>>,
}

impl JoinedCells {
    /// Prepares to complete rows under a header. `None` without tables.
    pub fn new(tables: Arc<Vec<JoinTable>>, header: &ColumnHeader) -> Option<Self> {
        let keys = tables.iter().map(|table| header.position(table.key())).collect();
        (!tables.is_empty()).then_some(Self { tables, keys })
    }

    /// Returns whether a column of the export is the key of a table.
    pub fn has_key(&self, column: usize) -> bool {
        self.keys.contains(&Some(column))
    }

    /// Adds the cells of the joined tables to those of a row: one element for each combination of their rows. Returns whether a table lacks
    /// the key of the row.
    pub fn add(&self, cells: &mut Vec<Cow<'_, str>>, rules: &IdRules) -> bool {
        let found: Vec<Option<&JoinedRows>> = self
            .tables
            .iter()
            .zip(&self.keys)
            .map(|(table, key)| table.find(cells.get((*key)?)?, rules))
            .collect();
        let count = |rows: &Option<&JoinedRows>| rows.map_or(1, |rows| rows.count);
        let all = found.iter().map(count).fold(1usize, usize::saturating_mul);
        let mut before = 1;
        for (table, rows) in self.tables.iter().zip(&found) {
            // Each element of this table goes with each of the tables before and after it.
            let own = count(rows);
            for column in 0..table.columns().len() {
                let cell = rows.map_or("", |rows| rows.cells[column].as_str());
                cells.push(Cow::Owned(match () {
                    () if all > MAX_ROWS => ELEMENT.to_string().repeat(MAX_ROWS),
                    () if all == own => cell.to_owned(),
                    () => repeat_elements(cell, before, all / (before * own)),
                }));
            }
            before *= own;
        }
        found.iter().any(Option::is_none)
    }
}

/// Repeats each element of a cell `each` times, and the whole `times` times.
fn repeat_elements(cell: &str, times: usize, each: usize) -> String {
    let elements: Vec<&str> =
        cell.split(ELEMENT).flat_map(|element| std::iter::repeat_n(element, each)).collect();
    vec![elements.join(&ELEMENT.to_string()); times].join(&ELEMENT.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_several_tables_make_every_combination() {
        let split = |text: &str| text.replace('|', &ELEMENT.to_string());
        assert_eq!(repeat_elements(&split("a|b"), 1, 3), split("a|a|a|b|b|b"));
        assert_eq!(repeat_elements(&split("x|y|z"), 2, 1), split("x|y|z|x|y|z"));
        assert_eq!(repeat_elements("", 1, 2), split("|"));
    }
}
