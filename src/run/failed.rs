//! Why a command failed, and with which exit code.

use crate::domain::place::Place;
use crate::domain::report::Failure;
use crate::read::{InputError, Reason};

/// The exit codes; part of the contract with scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Computed, and every gate passed.
    Success = 0,
    /// A gate of `--fail-on` failed.
    Gate = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// An input cannot be found or read or is not what it says, or an output cannot be written.
    Input = 3,
    /// A defect of the program.
    Internal = 70,
    /// Ended by Ctrl-C or SIGTERM.
    Interrupted = 130,
}

/// Why a command failed.
#[derive(Clone, Debug)]
pub struct Failed {
    /// How the process ends.
    pub exit: Exit,
    /// What scripts and people are told.
    pub failure: Failure,
}

impl Failed {
    /// A wrong command line or configuration.
    pub fn usage(code: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, code, message, None)
    }

    /// An output that cannot be written.
    pub fn output(code: &str, message: impl Into<String>, path: &str) -> Self {
        Self::new(Exit::Input, code, message, Some(Place::file(path)))
    }

    /// A defect of the program.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Exit::Internal, "internal-error", message, None)
    }

    fn new(exit: Exit, code: &str, message: impl Into<String>, place: Option<Place>) -> Self {
        Self { exit, failure: Failure { code: code.to_owned(), message: message.into(), place } }
    }
}

impl From<InputError> for Failed {
    fn from(error: InputError) -> Self {
        let exit = match error.reason {
            Reason::ZoneNeeded => Exit::Usage,
            Reason::Interrupted => Exit::Interrupted,
            _ => Exit::Input,
        };
        Self::new(exit, error.code(), error.advice(), Some(error.place))
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(place) = &self.failure.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.failure.message)
    }
}
