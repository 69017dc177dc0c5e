//! The inputs of a run.

use std::path::{Path, PathBuf};

use mucalc_read::{Begun, InputSource};

/// The inputs, found.
#[derive(Clone, Debug, Default)]
pub struct InputSet {
    /// Encounter exports.
    pub encounters: Vec<InputSource>,
    /// Message exports.
    pub messages: Vec<InputSource>,
    /// Logs of accesses to the portal.
    pub accesses: Vec<InputSource>,
    /// The roster.
    pub roster: Option<InputSource>,
    /// The table of counties.
    pub counties: Option<InputSource>,
    /// The decisions of people.
    pub adjudications: Option<InputSource>,
    /// The patients with an account of the portal.
    pub enrollment: Option<InputSource>,
    /// What is named and not asked for: nothing is read of it, and nothing is written over it.
    pub unread: Vec<InputSource>,
    /// Pipes of which the beginning was looked at before their turn.
    pub begun: Begun,
}

impl InputSet {
    /// All of them, in the order of the report.
    pub fn all(&self) -> impl Iterator<Item = &InputSource> {
        let small =
            self.roster.iter().chain(&self.counties).chain(&self.adjudications).chain(&self.enrollment);
        self.encounters.iter().chain(&self.messages).chain(&self.accesses).chain(small)
    }

    /// Names the files in a folder as they are called from there.
    pub fn name_from(&mut self, folder: &Path) {
        let exports = self.encounters.iter_mut().chain(&mut self.messages).chain(&mut self.accesses);
        let small = self.roster.iter_mut().chain(&mut self.counties).chain(&mut self.adjudications);
        let small = small.chain(&mut self.enrollment);
        for source in exports.chain(small) {
            let name = Path::new(&source.name);
            // Also `./x` is `x`.
            let name: PathBuf = name.strip_prefix(folder).unwrap_or(name).components().collect();
            let name = name.strip_prefix(".").unwrap_or(&name);
            source.name = name.to_string_lossy().into_owned();
        }
    }

    /// Whether one of them may keep a reader waiting: standard input, or a pipe.
    pub fn wait(&self) -> bool {
        self.all().any(InputSource::waits)
    }

    /// Whether one of them is standard input.
    pub fn reads_stdin(&self) -> bool {
        self.all().any(|source| source.path.is_none())
    }

    /// The files among them, also those that are not read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.all().chain(&self.unread).filter_map(|source| source.path.as_deref())
    }
}
