//! A problem in a rule-set file, with its position.

use std::fmt;

/// A problem in a rule-set file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditionError {
    /// The line; the first line is 1.
    pub line: usize,
    /// The column, in characters; the first column is 1.
    pub column: usize,
    /// The message: what is wrong, and what to do.
    pub message: String,
}

impl EditionError {
    /// Returns a problem at a byte offset of the file.
    pub fn new(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

impl fmt::Display for EditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}
