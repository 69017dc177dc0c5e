//! Small inputs, read whole: the texts of some columns of every row, with the line.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use crate::diagnostics::Diagnostics;
use crate::error::InputError;
use crate::header::ColumnHeader;
use crate::layout::Layout;
use crate::parallel::{self, BoxedInputError, ReadPlan, ReadSummary, SourceRow};
use crate::row_sink::RowSink;
use crate::source::InputSource;
use crate::{IdRules, ReadContext, normalize};
use mucalc_core::domain::input::InputRole;

/// A row: the line, and the text of each column that was asked for, trimmed; none where it is empty or absent.
pub type SmallTableRow<const COLUMNS: usize> = (u64, [Option<String>; COLUMNS]);

/// Reads every row, in the order of the file.
///
/// # Errors
/// The first reason, in the order of the input, why it cannot be used.
pub fn read<const COLUMNS: usize>(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
    columns: [&'static str; COLUMNS],
) -> Result<(Vec<SmallTableRow<COLUMNS>>, ReadSummary), InputError> {
    let rows = Mutex::new(Vec::new());
    let collect = |part: Vec<_>| rows.lock().unwrap_or_else(PoisonError::into_inner).extend(part);
    let how = ReadPlan { layout, role, raw: false };
    let summary =
        parallel::read(source, reading, &how, &Lines { columns, rules: reading.id_rules }, collect)?;
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|(line, _): &SmallTableRow<COLUMNS>| *line);
    Ok((rows, summary))
}

struct Lines<'a, const COLUMNS: usize> {
    columns: [&'static str; COLUMNS],
    rules: &'a IdRules,
}

impl<const COLUMNS: usize> RowSink for Lines<'_, COLUMNS> {
    type Columns = [Option<usize>; COLUMNS];
    type Part = Vec<SmallTableRow<COLUMNS>>;
    type Memory = ();

    fn columns(&self, header: &ColumnHeader) -> Self::Columns {
        self.columns.map(|name| header.position(name))
    }

    fn part(&self) -> Self::Part {
        Vec::new()
    }

    fn memory(&self) {}

    fn row(
        &self,
        at: &Self::Columns,
        row: &SourceRow<'_>,
        _memory: &mut (),
        part: &mut Self::Part,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let (first, rules) = (at.first().copied().flatten(), self.rules);
        if normalize::is_furniture(row, &normalize::id_cell(row, first, rules)?, first)? {
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
        part.push((row.line.number(), texts));
        Ok(())
    }
}
