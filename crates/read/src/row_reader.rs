//! The interface between rows and what is made of them: events, lines of a small table, a profile of the columns.

use crate::diagnostics::Diagnostics;
use crate::fast_rows::ColumnRows;
use crate::header::ColumnHeader;
use crate::row::{BoxedInputError, SourceRow};

/// A consumer of the rows of an input, on several threads.
pub trait RowReader: Sync {
    /// Positions of the columns that rows are read from.
    type Columns: Sync;
    /// The result of one chunk of the input.
    type Batch: Send;
    /// What a thread remembers from row to row.
    type Memory;

    /// Returns whether a canonical column is read. Other columns need not be translated.
    fn asks_for(&self, _name: &str) -> bool {
        true
    }
    /// Finds the columns. The required ones exist.
    fn columns(&self, header: &ColumnHeader) -> Self::Columns;
    /// Returns the column of the record ids, if these are only recorded and not needed otherwise.
    fn noted_ids(&self, _columns: &Self::Columns) -> Option<usize> {
        None
    }
    /// Returns an empty batch.
    fn batch(&self) -> Self::Batch;
    /// Returns the memory of a thread that has read nothing.
    fn memory(&self) -> Self::Memory;
    /// Reads a row into a batch.
    ///
    /// # Errors
    /// If the input cannot be used because of this row.
    fn row(
        &self,
        columns: &Self::Columns,
        row: &SourceRow<'_>,
        memory: &mut Self::Memory,
        batch: &mut Self::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError>;
    /// Reads the rows of a batch by its columns, as far as their cells are as usual. Returns the other rows, which [`Self::row`] must read.
    fn fast_rows(
        &self,
        _columns: &Self::Columns,
        rows: &ColumnRows<'_>,
        _memory: &mut Self::Memory,
        _batch: &mut Self::Batch,
        _notes: &mut Diagnostics,
    ) -> Vec<usize> {
        (0..rows.len()).collect()
    }
    /// Takes a finished batch. Batches come from several threads in any order, so the result must not depend on it.
    fn merge(&self, batch: Self::Batch);
}
