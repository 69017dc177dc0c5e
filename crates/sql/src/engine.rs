//! An engine that has the data and runs the text.

/// An engine that runs SQL.
pub trait QueryEngine {
    /// The columns of a table.
    ///
    /// # Errors
    /// When there is none, or the engine cannot be reached.
    fn columns(&self, table: &str) -> Result<Vec<String>, EngineError>;

    /// The rows of an answer, as texts, while they come.
    ///
    /// # Errors
    /// When the engine refuses the text or cannot be reached.
    fn rows(&self, sql: &str) -> Result<ResultRows<'_>, EngineError>;
}

/// The rows of an answer.
pub type ResultRows<'e> = Box<dyn Iterator<Item = Result<Vec<String>, EngineError>> + 'e>;

/// Why an engine gave no answer, without a value of any row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// It cannot be reached, or lets nobody in.
    #[error("{0}")]
    Unreachable(String),
    /// It refuses the text: a table or a column is not there, or may not be read.
    #[error("{0}")]
    Refused(String),
    /// It failed while it computed.
    #[error("{0}")]
    Failed(String),
    /// It answers something else than was asked for.
    #[error("the answer is not what was asked for")]
    Odd,
    /// The user wanted the run to end.
    #[error("interrupted")]
    Interrupted,
}
