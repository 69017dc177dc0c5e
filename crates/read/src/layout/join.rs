//! The model of a join in a layout file: a second table of the export that completes the rows of the first, such as the recipients of messages.

use serde::Deserialize;

use crate::layout::one_or_more::OneOrMore;

/// A table that is joined to the rows of an export: one row of the export may have several rows of this table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct JoinLayout {
    /// The export's name for this table: the file to request.
    pub source: Option<String>,
    /// Column with which rows belong together: its name in both tables, or first its name in the export and then that in this table.
    pub key: OneOrMore,
    /// Columns of this table with which the rows of the export are completed.
    pub columns: Vec<String>,
}

impl JoinLayout {
    /// Returns the name of the key in the export.
    pub fn own_key(&self) -> &str {
        self.key.0.first().map_or("", String::as_str)
    }

    /// Returns the name of the key in this table.
    pub fn joined_key(&self) -> &str {
        self.key.0.last().map_or("", String::as_str)
    }

    /// Returns the columns of this table that are read, the key first, as they are listed in messages.
    pub fn listed(&self) -> String {
        let columns = std::iter::once(self.joined_key()).chain(self.columns.iter().map(String::as_str));
        columns.collect::<Vec<_>>().join(", ")
    }

    /// Checks what the type cannot: the number of names in the key, and that at least one column is listed.
    ///
    /// # Errors
    /// The text describes what is missing.
    pub fn check(&self) -> Result<(), String> {
        match (self.key.0.len(), self.columns.is_empty()) {
            (1 | 2, false) => Ok(()),
            (1 | 2, true) => Err("`columns` names no column; name those that the rows lack".into()),
            _ => Err("`key` is the column that both tables have, or [\"its name here\", \"its name there\"]"
                .into()),
        }
    }
}
