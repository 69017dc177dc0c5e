//! Outputs of a calculation: files that are never inputs and get their names at the end, or standard output.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{self, ErrorCode, Exit};
use crate::run::interrupt;
use crate::run::output::{OutputFile, PendingOutput, to_stdout};
use crate::run::settings::RunConfig;
use mucalc_engine::InputSet;

/// Finds the inputs, makes the output from them, and writes it.
///
/// # Errors
/// If `make` fails, an input is not found, or the output cannot be written.
pub fn write_outputs(
    settings: &RunConfig,
    make: impl FnOnce(&InputSet) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<Exit> {
    let sources = settings.named.find(settings.needs())?;
    settings.note_unused_inputs(&sources);
    let output = check_outputs(settings, Some(&sources), settings.output.as_deref(), settings.private)?;
    let bytes = make(&sources)?;
    write(output.as_ref(), &bytes, None)?;
    Ok(Exit::Success)
}

/// Finds the inputs, and lets `make` write the output in pieces: to its file, or directly to standard output.
///
/// # Errors
/// If `make` fails, an input is not found, or the output cannot be written.
pub fn emit_into(
    settings: &RunConfig,
    make: impl FnOnce(&InputSet, &mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<Exit> {
    let sources = settings.named.find(settings.needs())?;
    settings.note_unused_inputs(&sources);
    let output = check_outputs(settings, Some(&sources), settings.output.as_deref(), settings.private)?;
    let Some(output) = output else {
        let mut stdout = BufWriter::new(io::stdout().lock());
        make(&sources, &mut stdout)?;
        return match stdout.flush() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error::file(
                ErrorCode::Unwritable,
                format!("cannot be written: {}", error.kind()),
                "standard output",
            )),
            _ => Ok(Exit::Success),
        };
    };
    let mut made = Ok(());
    let written = output.write_with(|file| {
        made = make(&sources, file);
        Ok(())
    });
    made?;
    let written = written?;
    let _naming = interrupt::naming();
    interrupt::check()?;
    written.commit()?;
    Ok(Exit::Success)
}

/// Returns the output file with this name, after checking that the run does not read it. `None` without a name.
///
/// # Errors
/// If the file is an input or cannot be written.
pub fn check_outputs(
    settings: &RunConfig,
    sources: Option<&InputSet>,
    name: Option<&str>,
    private: bool,
) -> anyhow::Result<Option<OutputFile>> {
    // Standard input may be redirected from a file.
    let stdin = sources.is_none_or(InputSet::reads_stdin).then_some(Path::new("/dev/stdin"));
    let own = settings.own_files.iter().map(PathBuf::as_path).chain(stdin);
    name.map(|name| {
        OutputFile::check(name, private, sources.into_iter().flat_map(InputSet::files).chain(own))
    })
    .transpose()
}

/// Checks that `--output` and another flag name different files.
///
/// # Errors
/// If they name the same file.
pub fn check_distinct(
    output: Option<&OutputFile>,
    flag: &str,
    other: Option<&OutputFile>,
) -> anyhow::Result<()> {
    if output.zip(other).is_some_and(|(output, other)| output.is_same(other)) {
        let message = format!("--output and {flag} name the same file; name two");
        return Err(error::usage(ErrorCode::Outputs, message));
    }
    Ok(())
}

/// Writes the output to its file, or to standard output if it has none. Both it and `written` are complete under temporary names before
/// either gets its final name.
///
/// # Errors
/// If an output cannot be written, or the run was interrupted.
pub fn write(
    output: Option<&OutputFile>,
    bytes: &[u8],
    written: Option<PendingOutput>,
) -> anyhow::Result<()> {
    let aside = output.map(|output| output.write(bytes)).transpose()?;
    let _naming = interrupt::naming();
    interrupt::check()?;
    for written in [written, aside].into_iter().flatten() {
        written.commit()?;
    }
    match output {
        Some(_) => Ok(()),
        None => to_stdout(bytes),
    }
}
