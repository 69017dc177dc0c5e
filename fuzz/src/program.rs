//! Runs the program in this process, on files in its own folder.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Output};

use mucalc::run::Exit;
use tempfile::TempDir;

/// A folder with the inputs of one run, in memory if the computer has an in-memory file system.
pub struct Folder(TempDir);

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Folder {
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        Self(if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.path().join(name), bytes).unwrap();
        self
    }

    /// Runs the program in the folder with an output file. Returns the exit code and the output.
    pub fn answer(&self, words: &[&str]) -> (Exit, Vec<u8>) {
        std::env::set_current_dir(self.path()).unwrap();
        let words = ["mucalc"].iter().chain(words).chain(&["--output", "answer"]).map(Into::into);
        let exit = mucalc::cli::answer(words);
        let written = std::fs::read("answer").unwrap_or_default();
        let _ = std::fs::remove_file("answer");
        (exit, written)
    }

    /// Runs the program in the folder without an output file. Returns the exit code.
    pub fn end(&self, words: &[&str]) -> Exit {
        std::env::set_current_dir(self.path()).unwrap();
        mucalc::cli::answer(["mucalc"].iter().chain(words).map(Into::into))
    }

    /// Runs [`Self::answer`], and returns the result in the form of a process output.
    pub fn run(&self, words: &[&str]) -> Output {
        let (exit, stdout) = self.answer(words);
        Output { status: ExitStatus::from_raw(i32::from(exit as u8) << 8), stdout, stderr: Vec::new() }
    }
}

/// Returns the arguments of `report --format json` on the usual files.
pub fn report_words<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let mut all =
        vec!["report", "--format", "json", "--encounters", "encounters.csv", "--messages", "messages.csv"];
    all.extend(words);
    all
}
