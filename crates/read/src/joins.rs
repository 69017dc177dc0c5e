//! Joins further tables to the rows of exports, such as the recipients of messages, as layouts define (see [`JoinLayout`]).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ReadContext;
use crate::ahead::exported_names;
use crate::diagnostics::Diagnostics;
use crate::error::{InputError, InputErrorKind};
use crate::header::ColumnHeader;
use crate::id::{IdRules, IdText};
use crate::joined::{JoinProvider, JoinTable};
use crate::layout::join::JoinLayout;
use crate::layout::names::{folded, recognized};
use crate::layout::separators::guarded;
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

/// What was read, by role and name of the layout: the tables, and for each of them the file.
type TablesRead = BTreeMap<(InputRole, String), (Arc<Vec<JoinTable>>, Vec<FileRead>)>;

/// A file that was read.
#[derive(Clone, Debug)]
struct FileRead {
    source: InputSource,
    summary: ReadSummary,
}

impl Joins {
    /// Creates the joins of some files.
    pub fn new(sources: Vec<InputSource>) -> Self {
        Self { sources, read: Arc::default() }
    }

    /// Checks that each file completes exports of some layout.
    ///
    /// # Errors
    /// If a file does not have the columns of any join of these layouts, or cannot be read.
    pub fn check(&self, layouts: &[&Layout], reading: &ReadContext<'_>) -> Result<(), InputError> {
        let joins: Vec<JoinLayout> = layouts
            .iter()
            .flat_map(|layout| InputRole::EXPORTS.map(|role| layout.input(role)))
            .flat_map(EntityLayout::joins)
            .cloned()
            .collect();
        for source in &self.sources {
            let names = exported_names(source, reading, &recognition_layout(&joins), InputRole::Joined)?;
            if !joins.iter().any(|join| fits(join, &names)) {
                // The same layout may be named for several kinds of exports.
                let mut wanted: Vec<String> = Vec::new();
                for columns in joins.iter().map(JoinLayout::listed) {
                    if !wanted.contains(&columns) {
                        wanted.push(columns);
                    }
                }
                let reason = InputErrorKind::NoJoin { wanted };
                return Err(InputError { place: SourceLocation::file(&*source.name), reason });
            }
        }
        Ok(())
    }

    /// Returns every table that was read, in the order of the files, each file once, with its digest if that was asked for.
    pub fn tables(&self, digest: bool) -> Vec<JoinTableRead> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let all: Vec<(&JoinTable, &FileRead)> =
            read.values().flat_map(|(tables, files)| tables.iter().zip(files)).collect();
        let of_source = |source: &InputSource| {
            let same = || all.iter().filter(|(_, file)| file.source == *source);
            let (_, first) = same().next()?;
            // A row is used if any export uses it.
            let unused = same().map(|(table, _)| table.unused());
            let unused = unused.min_by_key(|unused| unused.map(|(rows, _)| rows)).flatten();
            let sha256 = first.summary.sha256.clone().filter(|_| digest);
            let summary = ReadSummary { sha256, ..first.summary.clone() };
            Some(JoinTableRead { source: first.source.clone(), summary, unused })
        };
        self.sources.iter().filter_map(of_source).collect()
    }
}

impl JoinProvider for Joins {
    fn tables_for_role(
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
        if let Some((known, _)) = read.get(&key) {
            return Ok(Arc::clone(known));
        }
        // A table is read once, whether or not its digest is asked for at first.
        let reading = ReadContext { joins: None, places: false, digest: true, ..*reading };
        let (mut tables, mut files) = (Vec::new(), Vec::new());
        for source in &self.sources {
            let names = exported_names(source, &reading, &recognition_layout(joins), InputRole::Joined)?;
            for join in joins.iter().filter(|join| fits(join, &names)) {
                let (table, file) = read_table(source, join, &reading)?;
                tables.push(table);
                files.push(file);
            }
        }
        let tables = Arc::new(tables);
        read.insert(key, (Arc::clone(&tables), files));
        Ok(tables)
    }
}

/// Returns whether a file with these columns completes exports of a layout.
pub fn completes(layout: &Layout, names: &[String]) -> bool {
    InputRole::EXPORTS.into_iter().any(|role| joined_columns(layout, role, names).next().is_some())
}

/// Returns the columns that a file with these columns adds to the exports of a role.
pub fn joined_columns<'l>(
    layout: &'l Layout,
    role: InputRole,
    names: &[String],
) -> impl Iterator<Item = &'l String> {
    layout.input(role).joins().iter().filter(|join| fits(join, names)).flat_map(|join| &join.columns)
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
fn recognition_layout(joins: &[JoinLayout]) -> Layout {
    let names = joins
        .iter()
        .flat_map(|join| std::iter::once(join.joined_key()).chain(join.columns.iter().map(String::as_str)));
    Layout::canonical().with_joined_columns(names)
}

fn fits(join: &JoinLayout, names: &[String]) -> bool {
    let has = |wanted: &str| names.iter().any(|name| folded(name) == folded(wanted));
    has(join.joined_key()) && join.columns.iter().all(|column| has(column))
}

fn read_table(
    source: &InputSource,
    join: &JoinLayout,
    reading: &ReadContext<'_>,
) -> Result<(JoinTable, FileRead), InputError> {
    let layout = recognition_layout(std::slice::from_ref(join));
    let plan = ReadPlan { layout: &layout, role: InputRole::Joined, raw: true };
    let reader = JoinReader { join, rules: reading.id_rules, rows: Mutex::default() };
    let summary = parallel::read(source, reading, &plan, &reader)?;
    let mut lines = reader.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    lines.sort_by_key(|row: &JoinRow| row.line);
    let rows = lines.into_iter().map(|JoinRow { line, key, cells }| (line, key, cells));
    Ok((JoinTable::new(join.clone(), rows), FileRead { source: source.clone(), summary }))
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
