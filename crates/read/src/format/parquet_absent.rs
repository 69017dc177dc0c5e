//! Takes the place of the Parquet reader in a build without it: no value of these types exists.

use std::convert::Infallible;
use std::fs::File;

use crate::error::InputErrorKind;
use crate::format::text_batch::RowBatch;

/// An open Parquet file.
pub struct ParquetReader {
    /// Names of the columns.
    pub header: Vec<String>,
    never: Infallible,
}

/// A row group.
pub struct RowGroup {
    /// Size in the file, in bytes.
    pub bytes: u64,
    never: Infallible,
}

const ABSENT: InputErrorKind =
    InputErrorKind::Foreign("a Parquet file, which this build does not read", "export the rows as CSV");

impl ParquetReader {
    /// Returns that the build lacks Parquet.
    pub fn open(_file: File) -> Result<Self, InputErrorKind> {
        Err(ABSENT)
    }

    /// Returns that the build lacks Parquet.
    pub fn open_bytes(_bytes: Vec<u8>) -> Result<Self, InputErrorKind> {
        Err(ABSENT)
    }

    /// Returns nothing, since no value exists.
    pub fn next(&mut self) -> Option<RowGroup> {
        match self.never {}
    }
}

impl RowGroup {
    /// Reads nothing, since no value exists.
    pub fn read<E>(
        &self,
        _wanted: &[bool],
        _have_zone: &[bool],
        _fail: impl Fn(InputErrorKind, u64) -> E,
        _each: impl FnMut(RowBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.never {}
    }
}
