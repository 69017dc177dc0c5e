//! What becomes of the rows of an input.

use crate::diagnostics::Diagnostics;
use crate::header::ColumnHeader;
use crate::row::{BoxedInputError, SourceRow};

/// What is done with the rows of an input, and with what came of them.
pub trait RowSink: Sync {
    /// The columns that the rows are asked for.
    type Columns: Sync;
    /// What comes of some rows.
    type Part: Send;
    /// What a thread remembers from row to row.
    type Memory;

    /// Whether a column of ours is looked at; what is not need not be translated.
    fn asks_for(&self, _name: &str) -> bool {
        true
    }
    /// Finds the columns; those that are required are there.
    fn columns(&self, header: &ColumnHeader) -> Self::Columns;
    /// The column with the ids of records, if these are noted and not wanted for anything else.
    fn noted_ids(&self, _columns: &Self::Columns) -> Option<usize> {
        None
    }
    /// An empty part.
    fn part(&self) -> Self::Part;
    /// The memory of a thread.
    fn memory(&self) -> Self::Memory;
    /// Takes a row in.
    fn row(
        &self,
        columns: &Self::Columns,
        row: &SourceRow<'_>,
        memory: &mut Self::Memory,
        part: &mut Self::Part,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError>;
}
