//! Errors of the reader that divides an input into chunks.

use crate::ReadContext;
use crate::blocks::BlockError;
use crate::decompress::DecompressionBomb;
use crate::error::{InputError, InputErrorKind};
use crate::source::InputSource;
use mucalc_core::domain::source_location::SourceLocation;

/// Why no further chunk can be returned.
pub enum ChunkError {
    /// Text cannot be cut into records.
    Split(BlockError),
    /// The input cannot be used.
    Reason(InputErrorKind),
    /// The input cannot be used, with the location of the problem.
    Input(Box<InputError>),
}

impl From<BlockError> for ChunkError {
    fn from(error: BlockError) -> Self {
        Self::Split(error)
    }
}

impl From<InputErrorKind> for ChunkError {
    fn from(reason: InputErrorKind) -> Self {
        Self::Reason(reason)
    }
}

impl ChunkError {
    /// Returns the error with its location in the input.
    pub fn into_input(self, source: &InputSource, reading: &ReadContext<'_>) -> InputError {
        let at = |line, reason| InputError { place: SourceLocation::line(&*source.name, line), reason };
        let whole = |reason| InputError { place: SourceLocation::file(&*source.name), reason };
        match self {
            Self::Input(error) => *error,
            Self::Reason(reason) => whole(reason),
            Self::Split(BlockError::Io(error)) => {
                let is_bomb = error.get_ref().is_some_and(|error| error.is::<DecompressionBomb>());
                if is_bomb { whole(InputErrorKind::Bomb) } else { source.read_error(&error, reading) }
            }
            Self::Split(BlockError::Unclosed { line }) => at(line, InputErrorKind::UnclosedQuote),
            Self::Split(BlockError::TooLong { carriage_returns: true, .. }) => {
                whole(InputErrorKind::CarriageReturns)
            }
            Self::Split(BlockError::TooLong { line, quote_line, .. }) => {
                at(line, InputErrorKind::RecordTooLong { bytes: reading.limits.record_bytes, quote_line })
            }
        }
    }
}
