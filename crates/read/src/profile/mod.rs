//! Profiles the columns of an export, whatever it is: values, forms of dates and times, and how many cells are filled.

mod column;
pub mod date_forms;
pub mod id_sample;
mod shape;

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

pub use column::ColumnProfile;
use date_forms::ShapeForms;

use crate::ReadContext;
use crate::chunks::{ChunkReader, PathSelection};
use crate::diagnostics::Diagnostics;
use crate::error::InputError;
use crate::format::sheet::SheetSeen;
use crate::furniture;
use crate::header::ColumnHeader;
use crate::layout::datetime_format::DateTimeFormat;
use crate::layout::matching::{MatchScore, rank_layouts};
use crate::layout::{EntityLayout, Layout};
use crate::parallel::{self, BoxedInputError, ReadPlan, ReadSummary, SourceRow};
use crate::row_reader::RowReader;
use crate::sniff::{InputFormat, OpenInput, open, sheets_of};
use crate::source::InputSource;
use crate::wanted::SniffHints;
use mucalc_core::domain::input::InputRole;

/// The profile of an export.
pub struct ExportProfile {
    /// Result of reading the export.
    pub summary: ReadSummary,
    /// One entry per column of the export.
    pub columns: Vec<ColumnProfile>,
}

/// What the beginning of an export reveals.
pub struct SniffResult {
    /// Format of the export.
    pub nature: InputFormat,
    /// Names of its columns.
    pub header: Vec<String>,
    /// Line of the header.
    pub line: u64,
    /// Layouts that match it, best first.
    pub fits: Vec<MatchScore>,
}

/// Recognizes an export by its beginning.
///
/// # Errors
/// If the export cannot be opened, or its format is not supported.
pub fn sniff_file(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layouts: &[Layout],
) -> Result<SniffResult, InputError> {
    let wanted = wanted_by(layouts);
    let paths: Vec<&str> = wanted.names.iter().map(String::as_str).collect();
    let OpenInput { body, nature, .. } = open(source, reading, &wanted, reading.encoding)?;
    let (header, _) = ChunkReader::start(source, reading, &paths, PathSelection::Any, body, nature)?;
    let fits = rank_layouts(header.names(), layouts, nature.format.is_json());
    Ok(SniffResult { nature, header: header.names().to_vec(), line: header.line(), fits })
}

/// Lists the sheets of a workbook, each with its header and its number of rows. `None` if the export is not a workbook.
///
/// # Errors
/// If the export cannot be opened or read.
pub fn sheets(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layouts: &[Layout],
) -> Result<Option<Vec<SheetSeen>>, InputError> {
    sheets_of(source, reading, &wanted_by(layouts))
}

fn wanted_by(layouts: &[Layout]) -> SniffHints {
    SniffHints::by_any(
        layouts.iter().flat_map(|layout| InputRole::ALL.map(|role| layout.input(role).clone())).collect(),
    )
}

/// Reads every row of an export and profiles it.
///
/// # Errors
/// If the export cannot be read: the first reason, in the order of the input.
pub fn profile_export(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
) -> Result<ExportProfile, InputError> {
    let how = ReadPlan { layout, role, raw: true };
    let look = Look { input: layout.input(role), whole: Mutex::default() };
    let summary = parallel::read(source, reading, &how, &look)?;
    let mut columns = look.whole.into_inner().unwrap_or_else(PoisonError::into_inner);
    columns.resize(summary.header.width(), ColumnProfile::default());
    Ok(ExportProfile { summary, columns })
}

struct Look<'a> {
    input: &'a EntityLayout,
    whole: Mutex<Vec<ColumnProfile>>,
}

impl RowReader for Look<'_> {
    /// For each column, the date formats that the layout declares.
    type Columns = Vec<Vec<DateTimeFormat>>;
    type Batch = Vec<ColumnProfile>;
    type Memory = ShapeForms;

    fn columns(&self, header: &ColumnHeader) -> Vec<Vec<DateTimeFormat>> {
        let translation = self.input.translation(header.names());
        (0..header.width()).map(|column| translation.forms(column)).collect()
    }

    fn batch(&self) -> Vec<ColumnProfile> {
        Vec::new()
    }

    fn memory(&self) -> ShapeForms {
        ShapeForms::default()
    }

    fn row(
        &self,
        forms: &Vec<Vec<DateTimeFormat>>,
        row: &SourceRow<'_>,
        memory: &mut ShapeForms,
        batch: &mut Vec<ColumnProfile>,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let names = row.header().names();
        let cells: Vec<Cow<'_, [u8]>> = (0..row.width()).map(|column| row.lossy(column)).collect();
        let texts: Vec<Cow<'_, str>> = cells.iter().map(|cell| String::from_utf8_lossy(cell)).collect();
        if furniture::is_furniture(texts.iter().map(|text| &**text), names) {
            notes.skip_furniture(row.line.number());
            return Ok(());
        }
        batch.resize(forms.len(), ColumnProfile::default());
        for (at, (column, forms)) in batch.iter_mut().zip(forms).enumerate() {
            match row.text(at) {
                Ok(bytes) => column.see(String::from_utf8_lossy(&bytes), forms, memory),
                Err(_) => {
                    column.filled += 1;
                    column.not_utf8 += 1;
                }
            }
        }
        Ok(())
    }

    fn merge(&self, batch: Vec<ColumnProfile>) {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let width = batch.len().max(whole.len());
        whole.resize(width, ColumnProfile::default());
        whole.iter_mut().zip(batch).for_each(|(column, more)| column.merge(more));
    }
}
