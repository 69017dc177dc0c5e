//! From a computation to its one output: a file that is no input and gets its name at the end, or standard output.

use std::path::{Path, PathBuf};

use crate::run::failed::{Exit, Failed};
use crate::run::inputs::Sources;
use crate::run::interrupt;
use crate::run::output::{Output, to_stdout};
use crate::run::settings::Settings;

/// Finds the inputs, makes the bytes of the output from them and writes these.
///
/// # Errors
/// Those of `make`, and when an input is not found or the output cannot be written.
pub fn emit(
    settings: &Settings,
    make: impl FnOnce(&Sources) -> Result<Vec<u8>, Failed>,
) -> Result<Exit, Failed> {
    let sources = settings.named.find(settings.needs())?;
    settings.tell_unread(&sources);
    // Standard input may be a file too.
    let stdin = sources.reads_stdin().then_some(Path::new("/dev/stdin"));
    let inputs = sources.files().chain(stdin).chain(settings.own_files.iter().map(PathBuf::as_path));
    let output =
        settings.output.as_deref().map(|name| Output::check(name, settings.private, inputs)).transpose()?;
    let bytes = make(&sources)?;
    interrupt::check()?;
    match output {
        Some(output) => output.write(&bytes)?.commit()?,
        None => to_stdout(&bytes)?,
    }
    Ok(Exit::Success)
}
