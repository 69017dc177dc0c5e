//! Outputs: checked before the work, written aside and renamed after it, never half there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::run::failed::Failed;

/// A file to be written.
pub struct Output {
    name: String,
    path: PathBuf,
    private: bool,
}

/// A file that is written aside and waits to get its name.
pub enum Written {
    /// Beside its final place.
    Aside(NamedTempFile, PathBuf, String),
    /// Into something that is no regular file: a device or a pipe.
    Through,
}

impl Output {
    /// Checks that a file can be written. A `private` one holds patient rows: nobody else may read it.
    ///
    /// # Errors
    /// When it names an input, a directory, or a place that cannot be written.
    pub fn check<'p>(
        name: &str,
        private: bool,
        inputs: impl Iterator<Item = &'p Path>,
    ) -> Result<Self, Failed> {
        let refuse = |code: &str, message: String| Failed::output(code, message, name);
        // A link is followed, so that the file behind it is replaced and not the link; but `/dev/stdout` stays what it
        // is, since another program opened the file behind it.
        let device = name.starts_with("/dev/") || name.starts_with("/proc/");
        let path = PathBuf::from(name);
        let path = if device { path } else { fs::canonicalize(&path).unwrap_or(path) };
        let same = |input: &Path| fs::canonicalize(input).is_ok_and(|input| input == path);
        if inputs.into_iter().any(same) {
            let message = "this output is an input, and inputs are never modified; name another file";
            return Err(refuse("output-is-input", message.to_owned()));
        }
        if path.is_dir() {
            return Err(refuse("is-a-directory", "this output is a directory; name a file".to_owned()));
        }
        let output = Self { name: name.to_owned(), path, private };
        if output.is_regular() {
            // Made and dropped again: a folder that cannot be written is told now, not after the work.
            drop(output.aside()?);
        }
        Ok(output)
    }

    /// Whether both name the same file.
    pub fn is_same(&self, other: &Output) -> bool {
        self.path == other.path
    }

    /// Writes the bytes aside.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, bytes: &[u8]) -> Result<Written, Failed> {
        if !self.is_regular() {
            let mut file =
                OpenOptions::new().append(true).open(&self.path).map_err(|error| self.failed(&error))?;
            return match file.write_all(bytes) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(self.failed(&error)),
                _ => Ok(Written::Through),
            };
        }
        let mut file = self.aside()?;
        file.write_all(bytes)
            .and_then(|()| file.as_file().sync_all())
            .map_err(|error| self.failed(&error))?;
        Ok(Written::Aside(file, self.path.clone(), self.name.clone()))
    }

    fn is_regular(&self) -> bool {
        !self.path.starts_with("/dev")
            && !self.path.starts_with("/proc")
            && self.path.metadata().map_or(true, |metadata| metadata.is_file())
    }

    fn aside(&self) -> Result<NamedTempFile, Failed> {
        let folder =
            self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".mucalc-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = if self.private { 0o600 } else { 0o666 };
            builder.permissions(fs::Permissions::from_mode(mode));
        }
        builder.tempfile_in(folder).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> Failed {
        let message = format!("cannot be written: {}", plain(error));
        Failed::output("unwritable", message, &self.name)
    }
}

impl Written {
    /// Gives the file its name.
    ///
    /// # Errors
    /// When that cannot be done.
    pub fn commit(self) -> Result<(), Failed> {
        match self {
            Written::Through => Ok(()),
            Written::Aside(file, path, name) => file.persist(path).map(|_: File| ()).map_err(|error| {
                Failed::output("unwritable", format!("cannot be written: {}", plain(&error.error)), &name)
            }),
        }
    }
}

/// Writes to standard output. A reader that went away is no error.
///
/// # Errors
/// When standard output cannot be written.
pub fn to_stdout(bytes: &[u8]) -> Result<(), Failed> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failed::output(
            "unwritable",
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
