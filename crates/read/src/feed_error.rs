//! Errors of what hands an input out in pieces.

use crate::Reading;
use crate::error::{InputError, Reason};
use crate::source::Source;
use crate::split::SplitError;
use crate::unpack::Bomb;
use mucalc_core::domain::place::Place;

/// Why nothing more can be handed out.
pub enum FeedError {
    /// Text cannot be cut.
    Split(SplitError),
    /// The input cannot be used.
    Reason(Reason),
    /// The same, with its place.
    Input(Box<InputError>),
}

impl From<SplitError> for FeedError {
    fn from(error: SplitError) -> Self {
        Self::Split(error)
    }
}

impl From<Reason> for FeedError {
    fn from(reason: Reason) -> Self {
        Self::Reason(reason)
    }
}

impl FeedError {
    /// The error, with its place in an input.
    pub fn into_input(self, source: &Source, reading: &Reading<'_>) -> InputError {
        let at = |line, reason| InputError { place: Place::line(&*source.name, line), reason };
        let whole = |reason| InputError { place: Place::file(&*source.name), reason };
        match self {
            Self::Input(error) => *error,
            Self::Reason(reason) => whole(reason),
            Self::Split(SplitError::Io(error)) => {
                let is_bomb = error.get_ref().is_some_and(|error| error.is::<Bomb>());
                if is_bomb { whole(Reason::Bomb) } else { source.read_error(&error, reading) }
            }
            Self::Split(SplitError::Unclosed { line }) => at(line, Reason::UnclosedQuote),
            Self::Split(SplitError::TooLong { carriage_returns: true, .. }) => whole(Reason::CarriageReturns),
            Self::Split(SplitError::TooLong { line, quote_line, .. }) => {
                at(line, Reason::RecordTooLong { bytes: reading.limits.record_bytes, quote_line })
            }
        }
    }
}
