//! Locations in the inputs: file, line, and column, but never the value.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::text::escape_control;

/// A location in an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Place")]
pub struct SourceLocation {
    /// The path as the user gave it, with the sheet of a workbook (`e.xlsx#Visits`); `-` is standard input.
    pub file: String,
    /// The line on which the record starts, counted from 1; null if the location is the whole file.
    pub line: Option<u64>,
    /// The name of the column; null if the location is the whole row.
    pub column: Option<String>,
}

impl SourceLocation {
    /// Returns the location of a whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None }
    }

    /// Returns the location of a whole row.
    pub fn line(file: impl Into<String>, line: u64) -> Self {
        Self { file: file.into(), line: Some(line), column: None }
    }

    /// Returns the location of one cell.
    pub fn cell(file: impl Into<String>, line: u64, column: impl Into<String>) -> Self {
        Self { file: file.into(), line: Some(line), column: Some(column.into()) }
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, " ({column})")?;
        }
        Ok(())
    }
}

/// Returns the name of a file, with the name of a sheet if one is given: `e.xlsx#Visits`.
pub fn with_sheet(file: &str, sheet: Option<&str>) -> String {
    match sheet {
        Some(sheet) => format!("{file}#{}", escape_control(sheet)),
        None => file.to_owned(),
    }
}
