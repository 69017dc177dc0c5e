//! Errors of what hands an input out in pieces.

use crate::ReadContext;
use crate::blocks::BlockError;
use crate::decompress::DecompressionBomb;
use crate::error::{InputError, InputErrorKind};
use crate::source::InputSource;
use mucalc_core::domain::source_location::SourceLocation;

/// Why nothing more can be handed out.
pub enum ChunkError {
    /// Text cannot be cut.
    Split(BlockError),
    /// The input cannot be used.
    Reason(InputErrorKind),
    /// The same, with its place.
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
    /// The error, with its place in an input.
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
