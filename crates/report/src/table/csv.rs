//! Renders tables as CSV.

use super::{Table, Value};
use crate::safe;

impl Table<'_> {
    /// Renders the table as CSV: numbers as digits, days as `YYYY-MM-DD`, and texts escaped so that no spreadsheet runs them.
    ///
    /// # Errors
    /// If the table cannot be written, which is a bug.
    pub fn csv(self) -> Result<Vec<u8>, ::csv::Error> {
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| column.heading.as_bytes()))?;
        for row in self.rows {
            writer.write_record(row.iter().map(field))?;
        }
        writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))
    }
}

fn field(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Result(_, text) => safe::cell(text).into_owned(),
        Value::Count(count) | Value::Maybe(Some(count)) => count.to_string(),
        other => other.shown().into_owned(),
    }
}
