//! Errors of commands: maps every error to an exit code, an error code for scripts, and a message for people.

use mucalc_core::domain::report::ReportError;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_read::{InputError, InputErrorKind};
use mucalc_report::RenderError;

macro_rules! exits {
    ($($variant:ident = $code:literal, $meaning:literal;)+) => {
        /// An exit code. Scripts rely on these numbers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Exit {
            $(#[doc = $meaning] $variant = $code,)+
        }

        impl Exit {
            /// All exit codes.
            pub const ALL: &[Exit] = &[$(Exit::$variant),+];

            /// Returns the number that a script sees.
            pub fn code(self) -> u8 {
                self as u8
            }

            /// Returns what the exit code means.
            pub fn meaning(self) -> &'static str {
                match self { $(Exit::$variant => $meaning,)+ }
            }
        }
    };
}

exits! {
    Success = 0, "Calculated; no condition of `--fail-on` is true.";
    Gate = 1, "A condition of `--fail-on` is true.";
    Usage = 2, "The command line or the configuration is wrong.";
    Input = 3, "An input cannot be found, read, or used, or an output cannot be written.";
    Internal = 70, "A defect of the program.";
    Interrupted = 130, "Ended by Ctrl-C or SIGTERM.";
}

macro_rules! causes {
    ($($variant:ident = $code:literal, $meaning:literal;)+) => {
        /// The reason a command failed, if no input caused the failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $(#[doc = $meaning] $variant,)+
        }

        impl ErrorCode {
            /// All error codes.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$variant),+];

            /// Returns the code for scripts.
            pub fn code(self) -> &'static str {
                match self { $(ErrorCode::$variant => $code,)+ }
            }

            /// Returns what the error code means.
            pub fn meaning(self) -> &'static str {
                match self { $(ErrorCode::$variant => $meaning,)+ }
            }
        }
    };
}

causes! {
    Configuration = "configuration", "The configuration cannot be read, or has an invalid value.";
    Period = "period", "The reporting period is missing or invalid.";
    Edition = "unknown-edition", "No rule set has this id.";
    EditionYear = "edition-year", "The rule set does not apply to the year of the reporting period, or the year has several rule sets.";
    Policy = "unknown-policy", "The rule set has no such policy setting, or the setting no such value.";
    Layout = "unknown-layout", "No layout has this name.";
    Choice = "unknown-choice", "An option does not accept this value.";
    Code = "unknown-code", "No code has this name.";
    PastRun = "not-a-run", "A run to compare is not a report, a folder with a report, or an evidence pack, or its ledger belongs to another run.";
    Key = "unusable-key", "A key cannot be read or created, or is not a key.";
    NotAPack = "not-a-pack", "The file cannot be read, or is not an evidence pack.";
    NotFound = "not-found", "A file or folder was not found.";
    NotInExports = "not-in-exports", "The patient, row, or provider is not in the exports.";
    Warehouse = "not-as-sql", "The run cannot be written as SQL.";
    Engine = "unknown-engine", "No engine has this name, its address is missing, or this build does not include it.";
    EngineUnreachable = "engine-unreachable", "The engine cannot be reached, or rejects the login.";
    EngineRefused = "engine-refused", "The engine rejects the query: a table or column does not exist, or cannot be read.";
    EngineFailed = "engine-failed", "The engine failed during the calculation.";
    EngineTimezone = "engine-timezone-needed", "A table has times with a zone, and the time zone of the practice is missing.";
    InputNeeded = "input-needed", "No encounters or no messages are named.";
    StandardInput = "standard-input", "Standard input or a pipe is used where the input must be read again, or standard input is named twice.";
    Outputs = "outputs", "Two outputs conflict, for example because they are the same file.";
    OutputIsInput = "output-is-input", "An output is an input. Inputs are never modified.";
    OutputIsDirectory = "output-is-a-directory", "An output is a directory.";
    Unwritable = "unwritable", "An output cannot be written.";
    Memory = "too-little-memory", "The process does not have the memory that a run needs to start.";
    Limits = "too-tight-limits", "The process cannot open the files, or start the threads, that a run needs.";
    Internal = "internal-error", "A defect of the program; please report it.";
}

/// The failure of a command.
#[derive(Clone, Debug)]
pub struct CommandError {
    /// Exit status of the process.
    pub exit: Exit,
    /// Error code, message, and location, for scripts and people.
    pub failure: ReportError,
}

/// Returns an error for a wrong command line or configuration.
pub fn usage(cause: ErrorCode, message: impl Into<String>) -> anyhow::Error {
    CommandError::new(Exit::Usage, cause.code(), message, None).into()
}

/// Returns an error for a file, the user's or the program's, that cannot be read or written.
pub fn file(cause: ErrorCode, message: impl Into<String>, path: &str) -> anyhow::Error {
    CommandError::new(Exit::Input, cause.code(), message, Some(SourceLocation::file(path))).into()
}

/// Returns an error for an unmet requirement of the environment that no file causes, such as a limit of the process.
pub fn requirement_error(cause: ErrorCode, message: impl Into<String>) -> anyhow::Error {
    CommandError::new(Exit::Input, cause.code(), message, None).into()
}

/// Returns the error for a run that the user interrupted.
pub fn interrupted() -> anyhow::Error {
    let at_end = from_input_error(&InputError {
        place: SourceLocation::file(""),
        reason: InputErrorKind::Interrupted,
    });
    CommandError { failure: ReportError { place: None, ..at_end.failure }, ..at_end }.into()
}

/// Returns an error for a defect of the program.
pub fn internal(message: impl Into<String>) -> anyhow::Error {
    CommandError::defect(message).into()
}

/// Returns the error for a document that cannot be rendered: a defect, unless the computer is the cause.
pub fn from_render_error(error: RenderError) -> anyhow::Error {
    match error {
        RenderError::Clock => requirement_error(ErrorCode::Unwritable, error.to_string()),
        error => internal(error.to_string()),
    }
}

/// Returns the error of a library that failed although its input was right: a defect, without the library's message.
pub fn defect<E>(_error: E) -> anyhow::Error {
    internal("a defect of the program; please report it")
}

impl CommandError {
    /// Creates an error from its parts; `code` is the error code for scripts.
    pub fn new(exit: Exit, code: &str, message: impl Into<String>, place: Option<SourceLocation>) -> Self {
        Self { exit, failure: ReportError { code: code.to_owned(), message: message.into(), place } }
    }

    fn defect(message: impl Into<String>) -> Self {
        Self::new(Exit::Internal, ErrorCode::Internal.code(), message, None)
    }
}

impl std::fmt::Display for CommandError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(place) = &self.failure.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.failure.message)
    }
}

impl std::error::Error for CommandError {}

/// Converts an error to its exit status, error code, and message. Only this function knows every kind of error.
pub fn explained(error: &anyhow::Error) -> CommandError {
    if let Some(error) = error.downcast_ref::<CommandError>() {
        return error.clone();
    }
    match error.downcast_ref::<InputError>() {
        Some(error) => from_input_error(error),
        // A message of a library could contain a value of an export.
        None => CommandError::defect("a defect of the program; please report it"),
    }
}

fn from_input_error(error: &InputError) -> CommandError {
    let exit = match error.reason {
        InputErrorKind::ZoneNeeded | InputErrorKind::IncompleteDecision => Exit::Usage,
        InputErrorKind::Interrupted => Exit::Interrupted,
        _ => Exit::Input,
    };
    CommandError::new(exit, error.code(), error.help(), Some(error.place.clone()))
}

/// Returns the error message for people: the problem, its location, and what the program was doing, if the error has this context.
pub fn text(error: &anyhow::Error) -> String {
    let mut text = explained(error).to_string();
    if let Some(doing) = error.downcast_ref::<While>() {
        text.push_str(&format!(" ({doing})"));
    }
    text
}

/// The action of the program when an error occurred, as context of the error: "recomputing the pack".
#[derive(Debug)]
pub struct While(pub &'static str);

impl std::fmt::Display for While {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "while {}", self.0)
    }
}

/// Runs `work`, and reports a panic as a defect. The panic message is dropped because it could contain a value of an export.
///
/// # Errors
/// If `work` fails or panics.
pub fn catch_defects<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(internal("a defect of the program; please report it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each kind of error keeps its exit code and its error code under any context, and the message shows the context.
    #[test]
    fn an_error_means_the_same_under_any_context() {
        let input = InputError { place: SourceLocation::line("e.csv", 3), reason: InputErrorKind::NotUtf8 };
        let plain = anyhow::Error::from(input.clone());
        let within = anyhow::Error::from(input).context(While("recomputing the pack")).context("more");
        for error in [&plain, &within] {
            let CommandError { exit, failure } = explained(error);
            assert_eq!((exit, failure.code.as_str()), (Exit::Input, "not-utf-8"));
            assert!(text(error).starts_with("e.csv:3: "), "{}", text(error));
        }
        assert_eq!(text(&within), format!("{} (while recomputing the pack)", text(&plain)));
        let wrong = usage(ErrorCode::Period, "no period").context("a");
        assert_eq!((explained(&wrong).exit, text(&wrong).as_str()), (Exit::Usage, "no period"));
    }

    /// A message of a third-party library is never shown, because it could contain a value of an export.
    #[test]
    fn an_error_of_a_library_is_a_defect_without_its_message() {
        let error = anyhow::anyhow!("P0001 is odd");
        assert_eq!(explained(&error).exit, Exit::Internal);
        assert!(!text(&error).contains("P0001"), "{}", text(&error));
        assert_eq!(explained(&interrupted()).exit, Exit::Interrupted);
    }
}
