//! Reads small inputs at once: the texts of some columns of every row, with its line.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use crate::diagnostics::Diagnostics;
use crate::error::InputError;
use crate::header::ColumnHeader;
use crate::layout::Layout;
use crate::parallel::{self, BoxedInputError, ReadPlan, ReadSummary, SourceRow};
use crate::row_reader::RowReader;
use crate::source::InputSource;
use crate::{IdRules, ReadContext, normalize};
use mucalc_core::domain::input::InputRole;

/// A row: its line, and the text of each requested column without surrounding blanks; `None` if the text is empty or absent.
pub type SmallTableRow<const COLUMNS: usize> = (u64, [Option<String>; COLUMNS]);

/// Reads every row, in the order of the file.
///
/// # Errors
/// If the input cannot be used: the first reason, in the order of the input.
pub fn read<const COLUMNS: usize>(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
    columns: [&'static str; COLUMNS],
) -> Result<(Vec<SmallTableRow<COLUMNS>>, ReadSummary), InputError> {
    let how = ReadPlan { layout, role, raw: false };
    let lines = Lines { columns, rules: reading.id_rules, rows: Mutex::default() };
    let summary = parallel::read(source, reading, &how, &lines)?;
    let mut rows = lines.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|(line, _): &SmallTableRow<COLUMNS>| *line);
    Ok((rows, summary))
}

struct Lines<'a, const COLUMNS: usize> {
    columns: [&'static str; COLUMNS],
    rules: &'a IdRules,
    rows: Mutex<Vec<SmallTableRow<COLUMNS>>>,
}

impl<const COLUMNS: usize> RowReader for Lines<'_, COLUMNS> {
    type Columns = [Option<usize>; COLUMNS];
    type Batch = Vec<SmallTableRow<COLUMNS>>;
    type Memory = ();

    fn columns(&self, header: &ColumnHeader) -> Self::Columns {
        self.columns.map(|name| header.position(name))
    }

    fn batch(&self) -> Self::Batch {
        Vec::new()
    }

    fn memory(&self) {}

    fn row(
        &self,
        at: &Self::Columns,
        row: &SourceRow<'_>,
        _memory: &mut (),
        batch: &mut Self::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let (first, rules) = (at.first().copied().flatten(), self.rules);
        if normalize::is_furniture(row, &normalize::id_cell(row, first, rules)?, first, None)? {
            notes.skip_furniture(row.line.number());
            return Ok(());
        }
        let mut texts = [const { None }; COLUMNS];
        for ((text, column), name) in texts.iter_mut().zip(at).zip(self.columns) {
            let owned = |id: Cow<'_, [u8]>| String::from_utf8_lossy(&id).into_owned();
            *text = match name {
                "patient_id" | "provider_id" | "supervisor_id" => {
                    normalize::id(row, *column, rules, notes)?.map(owned)
                }
                "message_id" | "group_id" => normalize::record_id(row, *column, rules, notes)?.map(owned),
                _ => normalize::text(row, *column, rules, notes)?,
            };
        }
        batch.push((row.line.number(), texts));
        Ok(())
    }

    fn merge(&self, batch: Self::Batch) {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).extend(batch);
    }
}
