//! Reads some records of an export verbatim, in the columns that the layout reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use crate::ReadContext;
use crate::diagnostics::Diagnostics;
use crate::error::InputError;
use crate::header::ColumnHeader;
use crate::layout::names::recognized;
use crate::layout::{EntityLayout, Layout};
use crate::parallel::{self, BoxedInputError, ReadPlan, SourceRow};
use crate::row_reader::RowReader;
use crate::sniff::FileFormat;
use crate::source::InputSource;
use mucalc_core::domain::input::InputRole;

/// The cells of a record, as column and text, in the order of the export.
pub type RawRecord = Vec<(String, String)>;

/// Canonical columns that are never shown: private free text, which does not affect any result.
const NOT_SHOWN: [&str; 2] = ["subject", "thread_id"];

/// Reads the records that start on some lines.
///
/// # Errors
/// If the input cannot be read: the first reason, in the order of the input.
pub fn read(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
    lines: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, RawRecord>, InputError> {
    let all = Mutex::new(BTreeMap::new());
    let take =
        |batch: Vec<(u64, RawRecord)>| all.lock().unwrap_or_else(PoisonError::into_inner).extend(batch);
    let layout = source.layout_or(layout);
    let format = each(source, reading, layout, role, &|line| lines.contains(&line), &take)?;
    if !can_be_shown(format, layout.input(role)) {
        return Ok(BTreeMap::new());
    }
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Reads the records that start on wanted lines, and passes them to `take` in parts. With one thread, the parts are in the order of the
/// input. Returns the format of the input.
///
/// # Errors
/// If the input cannot be read: the first reason, in the order of the input.
pub fn each(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
    is_wanted: &(dyn Fn(u64) -> bool + Sync),
    take: &(dyn Fn(Vec<(u64, RawRecord)>) + Sync),
) -> Result<FileFormat, InputError> {
    let layout = source.layout_or(layout);
    let how = ReadPlan { layout, role, raw: true };
    let look = Look { input: layout.input(role), is_wanted, take };
    Ok(parallel::read(source, reading, &how, &look)?.nature.format)
}

/// Returns whether a line identifies the cells of a record. It does not if an object may make rows about several patients, because its
/// lists are not split here. Neither does it if several objects of a document may be on one line.
pub fn can_be_shown(format: FileFormat, input: &EntityLayout) -> bool {
    format != FileFormat::Json && (input.table.is_none() || format != FileFormat::Ndjson)
}

struct Look<'a> {
    input: &'a EntityLayout,
    is_wanted: &'a (dyn Fn(u64) -> bool + Sync),
    take: &'a (dyn Fn(Vec<(u64, RawRecord)>) + Sync),
}

impl RowReader for Look<'_> {
    type Columns = Vec<(usize, String)>;
    type Batch = Vec<(u64, RawRecord)>;
    type Memory = ();

    fn columns(&self, header: &ColumnHeader) -> Self::Columns {
        let asked = shown(self.input);
        let columns = (0..header.width()).map(|column| (column, header.name(column).to_owned()));
        let wanted: Vec<&str> = asked.iter().copied().filter(|_| self.input.takes_spellings()).collect();
        let spelled = recognized(header.names(), &wanted).unwrap_or_default();
        let is_spelled = |column: usize| spelled.get(column).is_some_and(Option::is_some);
        columns.filter(|(column, name)| asked.contains(name.as_str()) || is_spelled(*column)).collect()
    }

    fn batch(&self) -> Self::Batch {
        Vec::new()
    }

    fn memory(&self) {}

    fn row(
        &self,
        columns: &Self::Columns,
        row: &SourceRow<'_>,
        _memory: &mut (),
        batch: &mut Self::Batch,
        _notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let line = row.line.number();
        if (self.is_wanted)(line) {
            let cell = |(column, name): &(usize, String)| {
                // An earlier read reported text that is not UTF-8.
                let text = row.text(*column).map(|text| String::from_utf8_lossy(&text).into_owned());
                (name.clone(), text.unwrap_or_default())
            };
            batch.push((line, columns.iter().map(cell).collect()));
        }
        Ok(())
    }

    fn merge(&self, batch: Self::Batch) {
        if !batch.is_empty() {
            (self.take)(batch);
        }
    }
}

/// Returns the columns of the export that are shown: the sources of the canonical columns, except free text.
fn shown(input: &EntityLayout) -> BTreeSet<&str> {
    let Some(table) = &input.table else {
        return input.columns.all().filter(|name| !NOT_SHOWN.contains(name)).collect();
    };
    let sources = |wanted: fn(&str) -> bool| {
        let readings =
            table.columns.iter().filter(move |(ours, _)| wanted(ours)).flat_map(|(_, readings)| &readings.0);
        readings.flat_map(|reading| reading.from.0.iter().map(String::as_str))
    };
    let free: BTreeSet<&str> = sources(|ours| NOT_SHOWN.contains(&ours)).collect();
    sources(|ours| !NOT_SHOWN.contains(&ours)).filter(|name| !free.contains(name)).collect()
}
