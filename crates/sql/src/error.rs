//! Errors of runs that cannot be written as SQL.

/// Why a run cannot be written as SQL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// The layout reads nested data.
    #[error(
        "layout {layout} takes `{column}` out of a list or a reference, which a table of a warehouse has not; make a view with the columns of `canonical` and leave --layout away"
    )]
    Nested {
        /// Layout.
        layout: String,
        /// Canonical column.
        column: String,
    },
    /// The layout reads days in a format that text functions cannot rewrite.
    #[error(
        "layout {layout} reads `{column}` as `{form}`, which this text cannot; make a view with a date or an ISO time"
    )]
    Form {
        /// Layout.
        layout: String,
        /// Canonical column.
        column: String,
        /// Format, or zone.
        form: String,
    },
    /// A required column is missing.
    #[error(
        "table {table} has nothing for `{column}`: {from} would be it; name the columns of the table, or another layout"
    )]
    Missing {
        /// Table.
        table: String,
        /// Canonical column.
        column: String,
        /// Columns that it would be read from.
        from: String,
    },
    /// A value has a character that a literal should not have.
    #[error(
        "a word of the layout or the configuration holds a control character; it cannot be written as SQL"
    )]
    Character,
    /// The name of a column cannot be quoted.
    #[error(
        "a column that the layout names has a quotation mark, a backquote, a backslash, a semicolon or a control character in its name; make a view with another name"
    )]
    Name,
    /// Encounters would also count for supervisors.
    #[error(
        "under the policy supervised=count an encounter counts for the supervisor on the roster too, which this text cannot; use `mucalc report`, or a view with a row for each of the two; if the roster names no supervisors, list its columns with --roster-columns"
    )]
    Supervised,
    /// The expressions would not be exact.
    #[error(
        "the rules cannot be written exactly as SQL under these choices, for a row of the words {words}; use `mucalc report`, and please report it"
    )]
    Inexact {
        /// A combination of values for which the query would have another result.
        words: String,
    },
}
