//! Outputs: checked before the work, written aside and renamed after it, never half there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, PersistError};

use crate::error::{self, ErrorCode};
use crate::run::interrupt;

/// A file to be written.
pub struct OutputFile {
    name: String,
    path: PathBuf,
    private: bool,
}

/// A file that is written aside and waits to get its name.
pub enum PendingOutput {
    /// Beside its final place.
    Aside(NamedTempFile, PathBuf, String),
    /// Into something that is no regular file: a device or a pipe.
    Through,
}

impl OutputFile {
    /// Checks that a file can be written. A `private` one holds patient rows: nobody else may read it.
    ///
    /// # Errors
    /// When it names an input, a directory, or a place that cannot be written.
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
            // Made and dropped again: a folder that cannot be written is told now, not after the work.
            drop(output.aside()?);
        }
        Ok(output)
    }

    /// Whether both name the same file.
    pub fn is_same(&self, other: &OutputFile) -> bool {
        self.path == other.path
    }

    /// The folder that it is in.
    pub fn folder(&self) -> &Path {
        folder(&self.path)
    }

    /// Writes bytes aside.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, bytes: &[u8]) -> anyhow::Result<PendingOutput> {
        self.write_with(|file| file.write_all(bytes))
    }

    /// Writes aside whatever `write` writes.
    ///
    /// # Errors
    /// When it cannot be written.
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

    /// Whether it is, or will be, a file of its own, and not a device or a pipe.
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
            // A file that is replaced may have been closed to others by somebody.
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

    /// That there was no room for it.
    pub fn without_room(&self) -> anyhow::Error {
        self.failed(&io::ErrorKind::StorageFull.into())
    }

    fn failed(&self, error: &io::Error) -> anyhow::Error {
        let message = format!("cannot be written: {}", plain(error));
        error::file(ErrorCode::Unwritable, message, &self.name)
    }
}

impl PendingOutput {
    /// Gives the file its name.
    ///
    /// # Errors
    /// When that cannot be done.
    pub fn commit(self) -> anyhow::Result<()> {
        self.commit_by(NamedTempFile::persist)
    }

    /// The same where no file may have the name yet.
    ///
    /// # Errors
    /// When one has, or it cannot be done.
    pub fn commit_new(self) -> anyhow::Result<()> {
        self.commit_by(NamedTempFile::persist_noclobber)
    }

    fn commit_by(
        self,
        persist: impl FnOnce(NamedTempFile, PathBuf) -> Result<File, PersistError>,
    ) -> anyhow::Result<()> {
        let PendingOutput::Aside(file, path, name) = self else { return Ok(()) };
        let _naming = interrupt::naming();
        persist(file, path).map(|_| ()).map_err(|error| {
            error::file(ErrorCode::Unwritable, format!("cannot be written: {}", plain(&error.error)), &name)
        })
    }
}

/// Refuses to write a workbook, which is no text, to a terminal.
///
/// # Errors
/// When it would go there.
pub fn refuse_workbook_on_terminal(is_workbook: bool, output: Option<&str>) -> anyhow::Result<()> {
    if is_workbook && output.is_none() && io::stdout().is_terminal() {
        let message = "a workbook is no text for a terminal; name a file, for example -o report.xlsx";
        return Err(error::usage(ErrorCode::Outputs, message));
    }
    Ok(())
}

/// The file behind a path, where links lead there: that file is to be replaced and not the link. A file that is not
/// there yet is found by its folder.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = fs::canonicalize(path) {
        return path;
    }
    // Links whose file is not there yet; so many the system would follow too.
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

/// Whether a path is another name of a stream that is open already: what is written there by name would be mixed with,
/// or lie over, what is written to the stream.
fn is_standard_stream(path: &Path) -> bool {
    // The file that standard output was redirected to has a name too.
    let is_redirected =
        |stream: &&str| fs::canonicalize(stream).is_ok_and(|file| file == path && file.is_file());
    if ["/dev/stdout", "/dev/stderr"].iter().any(is_redirected) {
        return true;
    }
    ["/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd", "/proc/self/fd"]
        .iter()
        .any(|s| path.starts_with(s))
}

/// Writes files, named by their paths from there, into a folder that is not there yet or is empty.
///
/// # Errors
/// When the folder holds something, or cannot be written.
pub fn to_folder(folder: &Path, files: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
    let name = folder.to_string_lossy();
    let refuse = |message: String| error::file(ErrorCode::Unwritable, message, &name);
    if fs::read_dir(folder).is_ok_and(|mut inside| inside.next().is_some()) {
        let message = "this folder holds something already; name one that is empty or not there yet";
        return Err(refuse(message.to_owned()));
    }
    into_folder(folder, files)
}

/// The same into a folder that may hold other files, and earlier ones of the same names.
///
/// # Errors
/// When the folder cannot be written.
pub fn into_folder(folder: &Path, files: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
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

/// Adds text to the end of a file that others write to as well.
///
/// # Errors
/// When it cannot be written.
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

/// Writes to standard output. A reader that went away is no error.
///
/// # Errors
/// When standard output cannot be written.
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

/// What went wrong, without the name of the temporary file.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        kind => kind.to_string(),
    }
}
