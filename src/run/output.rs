//! Output files: checked before the work, written under a temporary name, and renamed at the end, so that no output is incomplete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, PersistError};

use crate::error::{self, ErrorCode};
use crate::run::interrupt;

/// A file to write.
pub struct OutputFile {
    name: String,
    path: PathBuf,
    /// Whether only its owner may read it. Windows has no such mode: there, the permissions are those of the folder.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there are no file modes"))]
    private: bool,
}

/// An output that is written and waits for its final name.
pub enum PendingOutput {
    /// A temporary file in the folder of the output, the final path, and the name that the user gave.
    Aside(NamedTempFile, PathBuf, String),
    /// An output that is not a regular file: a device or a pipe.
    Through,
}

impl OutputFile {
    /// Checks that a file can be written. A `private` file contains patient rows, so only its owner may read it.
    ///
    /// # Errors
    /// If it is an input, a directory, or an open stream, or if it cannot be written.
    pub fn check<'p>(
        name: &str,
        private: bool,
        inputs: impl Iterator<Item = &'p Path>,
    ) -> anyhow::Result<Self> {
        let refuse = |cause, message: String| error::file(cause, message, name);
        let path = resolved(Path::new(name));
        let same = |input: &Path| fs::canonicalize(input).is_ok_and(|input| input == path);
        if inputs.into_iter().any(same) {
            let message = "this output is an input, and inputs are never modified; name another file";
            return Err(refuse(ErrorCode::OutputIsInput, message.to_owned()));
        }
        if is_standard_stream(Path::new(name)) || is_standard_stream(&path) {
            let message = "this output is a stream that is open already; name a file of its own";
            return Err(error::usage(ErrorCode::Outputs, message));
        }
        if path.is_symlink() {
            return Err(refuse(
                ErrorCode::Unwritable,
                "cannot be written: its links lead in a circle".to_owned(),
            ));
        }
        if path.is_dir() {
            return Err(refuse(
                ErrorCode::OutputIsDirectory,
                "this output is a directory; name a file".to_owned(),
            ));
        }
        let output = Self { name: name.to_owned(), path, private };
        if output.is_regular() {
            // Creates and drops a temporary file, so that an unwritable folder is reported before the work.
            drop(output.aside()?);
        }
        Ok(output)
    }

    /// Returns whether both name the same file.
    pub fn is_same(&self, other: &OutputFile) -> bool {
        self.path == other.path
    }

    /// Returns the folder of the file.
    pub fn folder(&self) -> &Path {
        folder(&self.path)
    }

    /// Writes bytes under a temporary name.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn write(&self, bytes: &[u8]) -> anyhow::Result<PendingOutput> {
        self.write_with(|file| file.write_all(bytes))
    }

    /// Writes what `write` writes under a temporary name, or directly to a device or a pipe.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_with(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<PendingOutput> {
        let written = |file: &mut dyn Write| {
            let mut buffer = io::BufWriter::with_capacity(1 << 16, file);
            write(&mut buffer)?;
            buffer.flush()
        };
        if !self.is_regular() {
            let mut file =
                OpenOptions::new().append(true).open(&self.path).map_err(|error| self.failed(&error))?;
            return match written(&mut file) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(self.failed(&error)),
                _ => Ok(PendingOutput::Through),
            };
        }
        let mut file = self.aside()?;
        written(&mut file).and_then(|()| file.as_file().sync_all()).map_err(|error| self.failed(&error))?;
        Ok(PendingOutput::Aside(file, self.path.clone(), self.name.clone()))
    }

    /// Returns whether the output is, or will be, a regular file and not a device or a pipe.
    fn is_regular(&self) -> bool {
        self.path.metadata().map_or(true, |metadata| metadata.is_file())
    }

    fn aside(&self) -> anyhow::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".mucalc-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = if self.private { 0o600 } else { 0o666 };
            // If other users cannot read the file that is replaced, they cannot read the new one either.
            let mode = match self.path.metadata() {
                Ok(replaced) if replaced.is_file() => mode & (replaced.permissions().mode() | 0o600),
                _ => mode,
            };
            builder.permissions(fs::Permissions::from_mode(mode));
        }
        let file = builder.tempfile_in(folder(&self.path)).map_err(|error| self.failed(&error))?;
        interrupt::note_aside(file.path());
        Ok(file)
    }

    /// Returns the error for a full disk.
    pub fn disk_full_error(&self) -> anyhow::Error {
        self.failed(&io::ErrorKind::StorageFull.into())
    }

    fn failed(&self, error: &io::Error) -> anyhow::Error {
        let message = format!("cannot be written: {}", plain(error));
        error::file(ErrorCode::Unwritable, message, &self.name)
    }
}

impl PendingOutput {
    /// Gives the file its final name.
    ///
    /// # Errors
    /// If the file cannot be renamed.
    pub fn commit(self) -> anyhow::Result<()> {
        self.commit_by(NamedTempFile::persist)
    }

    /// Gives the file its final name, unless a file has that name already.
    ///
    /// # Errors
    /// If a file has the name, or the file cannot be renamed.
    pub fn commit_if_absent(self) -> anyhow::Result<()> {
        self.commit_by(NamedTempFile::persist_noclobber)
    }

    fn commit_by(
        self,
        persist: impl FnOnce(NamedTempFile, PathBuf) -> Result<File, PersistError>,
    ) -> anyhow::Result<()> {
        let PendingOutput::Aside(file, path, name) = self else { return Ok(()) };
        let _naming = interrupt::naming();
        let holder = folder(&path).to_owned();
        persist(file, path).map_err(|error| {
            error::file(ErrorCode::Unwritable, format!("cannot be written: {}", plain(&error.error)), &name)
        })?;
        sync_names(&holder);
        Ok(())
    }
}

/// Writes the names of the files in a folder to the disk, so that a power failure does not undo a renaming. Where the system cannot do that,
/// the files are complete nevertheless.
fn sync_names(folder: &Path) {
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).unwrap_or_default();
    }
}

/// Checks that a workbook, which is not text, does not go to a terminal.
///
/// # Errors
/// If it would.
pub fn refuse_workbook_on_terminal(is_workbook: bool, output: Option<&str>) -> anyhow::Result<()> {
    if is_workbook && output.is_none() && io::stdout().is_terminal() {
        let message = "a workbook is no text for a terminal; name a file, for example -o report.xlsx";
        return Err(error::usage(ErrorCode::Outputs, message));
    }
    Ok(())
}

/// Returns the file that a path leads to through links, so that the file is replaced and not the link. A file that does not exist yet is
/// resolved through its folder.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = fs::canonicalize(path) {
        return path;
    }
    // Follows links whose target does not exist yet, as many as the system would follow.
    let mut path = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = folder(&path).join(target),
            Err(_) => break,
        }
    }
    match (fs::canonicalize(folder(&path)), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.clone(),
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns whether a path is another name of an open stream. Output written to that name would mix with, or overwrite, the output to the
/// stream.
fn is_standard_stream(path: &Path) -> bool {
    // A file that standard output is redirected to has a name too.
    let is_redirected =
        |stream: &&str| fs::canonicalize(stream).is_ok_and(|file| file == path && file.is_file());
    if ["/dev/stdout", "/dev/stderr"].iter().any(is_redirected) {
        return true;
    }
    ["/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd", "/proc/self/fd"]
        .iter()
        .any(|s| path.starts_with(s))
}

/// Writes files into a folder that does not exist yet or is empty. The files are named by their paths from the folder.
///
/// # Errors
/// If the folder is not empty or cannot be written.
pub fn write_new_folder(folder: &Path, files: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
    let name = folder.to_string_lossy();
    let refuse = |message: String| error::file(ErrorCode::Unwritable, message, &name);
    if fs::read_dir(folder).is_ok_and(|mut inside| inside.next().is_some()) {
        let message = "this folder holds something already; name one that is empty or not there yet";
        return Err(refuse(message.to_owned()));
    }
    write_into_folder(folder, files)
}

/// Writes files into a folder that may contain other files. Replaces files with the same names.
///
/// # Errors
/// If the folder cannot be written.
pub fn write_into_folder(folder: &Path, files: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
    let name = folder.to_string_lossy();
    let refuse = |message: String| error::file(ErrorCode::Unwritable, message, &name);
    for (file, bytes) in files {
        let path = folder.join(file);
        fs::create_dir_all(self::folder(&path))
            .map_err(|error| refuse(format!("cannot be written: {}", plain(&error))))?;
        OutputFile::check(&path.to_string_lossy(), false, std::iter::empty())?.write(bytes)?.commit()?;
    }
    Ok(())
}

/// Appends text to a file that other programs also write to.
///
/// # Errors
/// If it cannot be written.
pub fn append(path: &str, text: &str) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path);
    let written = file
        .as_mut()
        .map_err(|error| io::Error::from(error.kind()))
        .and_then(|file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        error::file(ErrorCode::Unwritable, format!("cannot be written: {}", plain(&error)), path)
    })
}

/// Writes to standard output. A closed pipe is not an error.
///
/// # Errors
/// If standard output cannot be written.
pub fn to_stdout(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error::file(
            ErrorCode::Unwritable,
            format!("cannot be written: {}", plain(&error)),
            "standard output",
        )),
        _ => Ok(()),
    }
}

/// Describes an error without the name of the temporary file.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        io::ErrorKind::PermissionDenied if cfg!(windows) => {
            "permission denied; if another program has the file open, for example Excel, close it there"
                .to_owned()
        }
        kind => kind.to_string(),
    }
}
