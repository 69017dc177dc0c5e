//! The interface to an engine that has the data and runs the query.

/// An engine that runs SQL.
pub trait QueryEngine {
    /// Returns the columns of a table.
    ///
    /// # Errors
    /// If the table does not exist, or the engine cannot be reached.
    fn columns(&self, table: &str) -> Result<Vec<String>, EngineError>;

    /// Returns the rows of a query result as texts, while they arrive.
    ///
    /// # Errors
    /// If the engine rejects the query or cannot be reached.
    fn rows(&self, sql: &str) -> Result<ResultRows<'_>, EngineError>;
}

/// The rows of a query result.
pub type ResultRows<'e> = Box<dyn Iterator<Item = Result<Vec<String>, EngineError>> + 'e>;

/// Why an engine returned no result. The text never has a value of a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The engine cannot be reached, or denies access.
    #[error("{0}")]
    Unreachable(String),
    /// The engine rejects the query: a table or a column does not exist, or may not be read.
    #[error("{0}")]
    Refused(String),
    /// The engine failed while it ran the query.
    #[error("{0}")]
    Failed(String),
    /// The result is not what the query returns.
    #[error("the answer is not what was asked for")]
    Odd,
    /// The user canceled the run.
    #[error("interrupted")]
    Interrupted,
}
