//! The inputs of a run.

use std::path::{Path, PathBuf};

use mucalc_read::{Begun, InputSource, Joins};

/// The inputs that were found.
#[derive(Clone, Debug, Default)]
pub struct InputSet {
    /// Encounter exports.
    pub encounters: Vec<InputSource>,
    /// Message exports.
    pub messages: Vec<InputSource>,
    /// Portal access logs.
    pub accesses: Vec<InputSource>,
    /// Tables that are joined to exports.
    pub joins: Joins,
    /// Roster.
    pub roster: Option<InputSource>,
    /// Table of counties.
    pub counties: Option<InputSource>,
    /// Review decisions.
    pub adjudications: Option<InputSource>,
    /// Patients with a portal account.
    pub enrollment: Option<InputSource>,
    /// Inputs that were named but are not needed. They are neither read nor overwritten.
    pub unread: Vec<InputSource>,
    /// Pipes whose beginning was read before their turn.
    pub begun: Begun,
}

impl InputSet {
    /// Returns all inputs that are read, in the order of the report.
    pub fn all(&self) -> impl Iterator<Item = &InputSource> {
        let small =
            self.roster.iter().chain(&self.counties).chain(&self.adjudications).chain(&self.enrollment);
        let exports = self.encounters.iter().chain(&self.messages).chain(&self.accesses);
        exports.chain(&self.joins.sources).chain(small)
    }

    /// Changes the names of inputs in a folder to their paths relative to it.
    pub fn name_from(&mut self, folder: &Path) {
        let exports = self.encounters.iter_mut().chain(&mut self.messages).chain(&mut self.accesses);
        let small = self.roster.iter_mut().chain(&mut self.counties).chain(&mut self.adjudications);
        let small = small.chain(&mut self.enrollment);
        for source in exports.chain(&mut self.joins.sources).chain(small) {
            let name = Path::new(&source.name);
            // `./x` also becomes `x`.
            let name: PathBuf = name.strip_prefix(folder).unwrap_or(name).components().collect();
            let name = name.strip_prefix(".").unwrap_or(&name);
            source.name = name.to_string_lossy().into_owned();
        }
    }

    /// Returns whether an input may keep a reader waiting: standard input, or a pipe.
    pub fn wait(&self) -> bool {
        self.all().any(InputSource::is_pipe)
    }

    /// Returns whether an input is standard input.
    pub fn reads_stdin(&self) -> bool {
        self.all().any(|source| source.path.is_none())
    }

    /// Returns the paths of all files, including those that are not read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.all().chain(&self.unread).filter_map(|source| source.path.as_deref())
    }
}
