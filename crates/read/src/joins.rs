//! Joins further tables to the rows of exports, such as the recipients of messages, as layouts define (see [`JoinLayout`]).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::ReadContext;
use crate::ahead::exported_names;
use crate::diagnostics::Diagnostics;
use crate::error::{InputError, InputErrorKind};
use crate::header::ColumnHeader;
use crate::id::{IdRules, IdText};
use crate::layout::join::JoinLayout;
use crate::layout::names::{folded, recognized};
use crate::layout::separators::{ELEMENT, guarded};
use crate::layout::translate::MAX_ROWS;
use crate::layout::{EntityLayout, Layout};
use crate::normalize;
use crate::parallel::{self, BoxedInputError, ReadPlan, ReadSummary, SourceRow};
use crate::row_reader::RowReader;
use crate::source::InputSource;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::source_location::SourceLocation;

/// The files that are joined to exports. Each is read when the first export is that it completes.
#[derive(Clone, Debug, Default)]
pub struct Joins {
    /// The files.
    pub sources: Vec<InputSource>,
    read: Arc<Mutex<TablesRead>>,
}

/// The tables that were read, by role and name of the layout.
type TablesRead = BTreeMap<(InputRole, String), Arc<Vec<JoinTable>>>;

/// A table that was read, by the key that its rows share with rows of the export.
#[derive(Debug)]
pub struct JoinTable {
    /// The file.
    pub source: InputSource,
    /// The result of reading it.
    pub summary: ReadSummary,
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

impl Joins {
    /// Creates the joins of some files.
    pub fn new(sources: Vec<InputSource>) -> Self {
        Self { sources, read: Arc::default() }
    }

    /// Returns the tables that complete exports of a role, which are read now unless they were before.
    ///
    /// # Errors
    /// If a table cannot be read.
    pub fn of_role(
        &self,
        role: InputRole,
        layout: &Layout,
        reading: &ReadContext<'_>,
    ) -> Result<Arc<Vec<JoinTable>>, InputError> {
        let joins = layout.input(role).joins();
        if self.sources.is_empty() || joins.is_empty() {
            return Ok(Arc::default());
        }
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (role, layout.name.clone());
        if let Some(known) = read.get(&key) {
            return Ok(Arc::clone(known));
        }
        // A table is read once, whether or not its digest is asked for at first.
        let reading = ReadContext { joins: None, places: false, digest: true, ..*reading };
        let mut tables = Vec::new();
        for source in &self.sources {
            let names = exported_names(source, &reading, &of_table(joins), InputRole::Joined)?;
            for join in joins.iter().filter(|join| fits(join, &names)) {
                tables.push(JoinTable::read(source, join, &reading)?);
            }
        }
        let tables = Arc::new(tables);
        read.insert(key, Arc::clone(&tables));
        Ok(tables)
    }

    /// Checks that each file completes exports of some layout.
    ///
    /// # Errors
    /// If a file has not the columns of any join of these layouts, or cannot be read.
    pub fn check(&self, layouts: &[&Layout], reading: &ReadContext<'_>) -> Result<(), InputError> {
        let joins: Vec<JoinLayout> = layouts
            .iter()
            .flat_map(|layout| InputRole::EXPORTS.map(|role| layout.input(role)))
            .flat_map(EntityLayout::joins)
            .cloned()
            .collect();
        for source in &self.sources {
            let names = exported_names(source, reading, &of_table(&joins), InputRole::Joined)?;
            if !joins.iter().any(|join| fits(join, &names)) {
                let reason =
                    InputErrorKind::NoJoin { wanted: joins.iter().map(JoinLayout::listed).collect() };
                return Err(InputError { place: SourceLocation::file(&*source.name), reason });
            }
        }
        Ok(())
    }

    /// Returns every table that was read, in the order of the files, each file once, with its digest if that was asked for.
    pub fn tables(&self, digest: bool) -> Vec<JoinTableRead> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let all: Vec<&JoinTable> = read.values().flat_map(|tables| tables.iter()).collect();
        let of_source = |source: &InputSource| {
            let same: Vec<&&JoinTable> = all.iter().filter(|table| table.source == *source).collect();
            let first = same.first()?;
            // A row is used if any export uses it.
            let unused =
                same.iter().map(|table| table.unused()).min_by_key(|unused| unused.map(|(rows, _)| rows));
            let unused = unused.flatten();
            let sha256 = first.summary.sha256.clone().filter(|_| digest);
            let summary = ReadSummary { sha256, ..first.summary.clone() };
            Some(JoinTableRead { source: first.source.clone(), summary, unused })
        };
        self.sources.iter().filter_map(of_source).collect()
    }
}

/// Returns whether a file with these columns completes exports of a layout.
pub fn completes(layout: &Layout, names: &[String]) -> bool {
    InputRole::EXPORTS.into_iter().flat_map(|role| layout.input(role).joins()).any(|join| fits(join, names))
}

/// What is to be said about a table that was read.
pub struct JoinTableRead {
    /// The file.
    pub source: InputSource,
    /// The result of reading it.
    pub summary: ReadSummary,
    /// How many rows belong to no row of an export, and the line of the first one.
    pub unused: Option<(u64, u64)>,
}

/// Returns the layout by which a file with the columns of one of these joins is recognized.
fn of_table(joins: &[JoinLayout]) -> Layout {
    let names = joins
        .iter()
        .flat_map(|join| std::iter::once(join.joined_key()).chain(join.columns.iter().map(String::as_str)));
    Layout::canonical().with_joined_columns(names)
}

fn fits(join: &JoinLayout, names: &[String]) -> bool {
    let has = |wanted: &str| names.iter().any(|name| folded(name) == folded(wanted));
    has(join.joined_key()) && join.columns.iter().all(|column| has(column))
}

impl JoinTable {
    fn read(source: &InputSource, join: &JoinLayout, reading: &ReadContext<'_>) -> Result<Self, InputError> {
        let layout = of_table(std::slice::from_ref(join));
        let plan = ReadPlan { layout: &layout, role: InputRole::Joined, raw: true };
        let reader = JoinReader { join, rules: reading.id_rules, rows: Mutex::default() };
        let summary = parallel::read(source, reading, &plan, &reader)?;
        let mut lines = reader.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        lines.sort_by_key(|row: &JoinRow| row.line);
        let mut rows: HashMap<Box<str>, JoinedRows> = HashMap::new();
        for JoinRow { line, key, cells } in lines {
            match rows.get_mut(&key) {
                Some(known) => {
                    known.count += 1;
                    for (known, cell) in known.cells.iter_mut().zip(cells) {
                        known.push(ELEMENT);
                        known.push_str(&cell);
                    }
                }
                None => {
                    let first =
                        JoinedRows { cells, count: 1, first_line: line, is_met: AtomicBool::new(false) };
                    rows.insert(key, first);
                }
            }
        }
        Ok(Self { source: source.clone(), summary, layout: join.clone(), rows })
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
    fn unused(&self) -> Option<(u64, u64)> {
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
                    () => repeated(cell, before, all / (before * own)),
                }));
            }
            before *= own;
        }
        found.iter().any(Option::is_none)
    }
}

/// Repeats each element of a cell `each` times, and the whole `times` times.
fn repeated(cell: &str, times: usize, each: usize) -> String {
    let elements: Vec<&str> =
        cell.split(ELEMENT).flat_map(|element| std::iter::repeat_n(element, each)).collect();
    vec![elements.join(&ELEMENT.to_string()); times].join(&ELEMENT.to_string())
}

struct JoinReader<'a> {
    join: &'a JoinLayout,
    rules: &'a IdRules,
    rows: Mutex<Vec<JoinRow>>,
}

struct JoinRow {
    line: u64,
    key: Box<str>,
    cells: Vec<String>,
}

/// Where the key and the columns of a join are.
struct JoinColumns {
    key: Option<usize>,
    cells: Vec<Option<usize>>,
}

impl RowReader for JoinReader<'_> {
    type Columns = JoinColumns;
    type Batch = Vec<JoinRow>;
    type Memory = ();

    fn columns(&self, header: &ColumnHeader) -> JoinColumns {
        let wanted: Vec<&str> = std::iter::once(self.join.joined_key())
            .chain(self.join.columns.iter().map(String::as_str))
            .collect();
        let spelled = recognized(header.names(), &wanted).unwrap_or_default();
        let position = |name: &str| {
            header.position(name).or_else(|| spelled.iter().position(|meant| *meant == Some(name)))
        };
        JoinColumns {
            key: position(self.join.joined_key()),
            cells: self.join.columns.iter().map(|name| position(name)).collect(),
        }
    }

    fn batch(&self) -> Self::Batch {
        Vec::new()
    }

    fn memory(&self) {}

    fn row(
        &self,
        columns: &JoinColumns,
        row: &SourceRow<'_>,
        _memory: &mut (),
        batch: &mut Self::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let text = |column: Option<usize>| {
            column
                .map_or(Ok(Cow::Borrowed(&b""[..])), |column| row.text(column))
                .map(|text| String::from_utf8_lossy(&text).trim().to_owned())
        };
        let furniture = normalize::is_furniture(
            row,
            &normalize::id_cell(row, columns.key, self.rules)?,
            columns.key,
            None,
        )?;
        let key = text(columns.key)?;
        // A row without a key belongs to nothing.
        let key = match self.rules.read_exactly(&key) {
            IdText::Id(key) if !furniture => key,
            _ => {
                notes.skip_furniture(row.line.number());
                return Ok(());
            }
        };
        let cells = columns.cells.iter().map(|column| Ok(guarded(&text(*column)?).into_owned()));
        let cells = cells.collect::<Result<_, BoxedInputError>>()?;
        batch.push(JoinRow { line: row.line.number(), key: (*key).into(), cells });
        Ok(())
    }

    fn merge(&self, batch: Self::Batch) {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).extend(batch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_several_tables_make_every_combination() {
        let split = |text: &str| text.replace('|', &ELEMENT.to_string());
        assert_eq!(repeated(&split("a|b"), 1, 3), split("a|a|a|b|b|b"));
        assert_eq!(repeated(&split("x|y|z"), 2, 1), split("x|y|z|x|y|z"));
        assert_eq!(repeated("", 1, 2), split("|"));
    }
}
