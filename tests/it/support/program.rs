//! Runs the program on files in a folder of its own.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A temporary folder with the inputs of one case.
pub struct Folder(pub TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// Writes a file that only its owner can read, as keys require.
    pub fn write_secret(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        self.write(name, bytes);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let closed = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(self.path().join(name), closed).unwrap();
        }
        self
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Runs the program in the folder.
    pub fn run(&self, words: &[&str]) -> Output {
        run(self.path(), words)
    }

    /// Runs `report --format json` on `encounters.csv` and `messages.csv`. Panics if it fails.
    pub fn report(&self, words: &[&str]) -> Value {
        let output = self.run(&report_words(words));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// Returns a file of review decisions, each of which states who decided, when, and why.
pub fn signed(text: &str) -> String {
    let lines = text.lines().enumerate().map(|(at, line)| match at {
        0 => format!("{line},by,on,reason\n"),
        _ => format!("{line},Office manager,2014-10-10,looked at the record\n"),
    });
    lines.collect()
}

/// Runs the program in a folder.
pub fn run(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mucalc"))
        .args(words)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Returns the arguments of `report --format json` for the usual files.
pub fn report_words<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let mut all =
        vec!["report", "--format", "json", "--encounters", "encounters.csv", "--messages", "messages.csv"];
    all.extend(words);
    all
}
