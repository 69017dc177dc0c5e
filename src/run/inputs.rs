//! Finds the files that paths and patterns name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{self, ErrorCode};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_engine::InputSet;
use mucalc_read::{Begun, InputError, InputErrorKind, InputRules, InputSource, Joins};

/// The inputs as the user named them.
#[derive(Clone, Debug, Default)]
pub struct InputPaths {
    /// Paths and patterns of encounter exports.
    pub encounters: Vec<String>,
    /// Paths and patterns of message exports.
    pub messages: Vec<String>,
    /// Paths and patterns of portal access logs.
    pub accesses: Vec<String>,
    /// Paths and patterns of tables that are joined to exports.
    pub join: Vec<String>,
    /// Path of the roster.
    pub roster: Option<String>,
    /// Path of the table of counties.
    pub counties: Option<String>,
    /// Path of the review decisions.
    pub adjudications: Option<String>,
    /// Path of the table of patients with a portal account.
    pub enrollment: Option<String>,
    /// Exports that are described one by one.
    pub entries: Vec<NamedEntry>,
}

/// Exports that an entry of the configuration describes by themselves.
#[derive(Clone, Debug)]
pub struct NamedEntry {
    /// Their role.
    pub role: InputRole,
    /// Their paths and patterns.
    pub paths: Vec<String>,
    /// What holds for them alone.
    pub rules: Arc<InputRules>,
}

/// The inputs that numerators are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequiredInputs {
    /// Whether messages are needed.
    pub messages: bool,
    /// Whether portal accesses are needed.
    pub accesses: bool,
}

impl InputPaths {
    /// Finds the inputs. Messages or accesses that are not needed are listed as unread.
    ///
    /// # Errors
    /// If a path or pattern matches nothing, a needed input is not named, or standard input is named twice.
    pub fn find(&self, needs: RequiredInputs) -> anyhow::Result<InputSet> {
        let one = |path: &Option<String>| path.as_deref().map(source).transpose();
        let mut unread = Vec::new();
        let all = |role: InputRole, named: &[String]| -> anyhow::Result<Vec<InputSource>> {
            let entries = || self.entries.iter().filter(|entry| entry.role == role);
            let is_described = named.is_empty() && entries().next().is_some();
            let mut found = if is_described { Vec::new() } else { expand(role.word(), named)? };
            for entry in entries() {
                let described = expand(role.word(), &entry.paths)?.into_iter();
                found.extend(described.map(|source| source.with_rules(Arc::clone(&entry.rules))));
            }
            Ok(found)
        };
        let mut if_needed = |needed: bool, role: InputRole, named: &[String]| {
            let is_named = !named.is_empty() || self.entries.iter().any(|entry| entry.role == role);
            let found = if needed || is_named { all(role, named)? } else { Vec::new() };
            if needed {
                return Ok(found);
            }
            unread.extend(found);
            Ok::<_, anyhow::Error>(Vec::new())
        };
        let sources = InputSet {
            encounters: all(InputRole::Encounters, &self.encounters)?,
            messages: if_needed(needs.messages, InputRole::Messages, &self.messages)?,
            accesses: if_needed(needs.accesses, InputRole::Accesses, &self.accesses)?,
            joins: Joins::new(match self.join.as_slice() {
                [] => Vec::new(),
                named => expand("join", named)?,
            }),
            roster: one(&self.roster)?,
            counties: one(&self.counties)?,
            adjudications: one(&self.adjudications)?,
            enrollment: one(&self.enrollment)?,
            unread,
            begun: Begun::default(),
        };
        if sources.all().filter(|source| source.path.is_none()).count() > 1 {
            let message = "`-` (standard input) can be given once; name a file for the other input";
            return Err(error::usage(ErrorCode::StandardInput, message));
        }
        Ok(sources)
    }
}

impl InputPaths {
    /// Gives the inputs of a pack what holds for each of them alone. The entries of a pack name files.
    pub fn describe(&self, sources: &mut InputSet) {
        let InputSet { encounters, messages, accesses, .. } = sources;
        for (role, sources) in [
            (InputRole::Encounters, encounters),
            (InputRole::Messages, messages),
            (InputRole::Accesses, accesses),
        ] {
            for source in sources.iter_mut() {
                let is_meant = |entry: &&NamedEntry| entry.role == role && entry.paths.contains(&source.name);
                if let Some(entry) = self.entries.iter().find(is_meant) {
                    *source = source.clone().with_rules(Arc::clone(&entry.rules));
                }
            }
        }
    }
}

/// Returns the files that paths and patterns name.
///
/// # Errors
/// If the list is empty, or a path or pattern matches nothing.
pub fn expand(role: &str, patterns: &[String]) -> anyhow::Result<Vec<InputSource>> {
    if patterns.is_empty() {
        let message =
            format!("no {role} are named; add --{role} PATH, or `{role} = [\"...\"]` to mucalc.toml");
        return Err(error::usage(ErrorCode::InputNeeded, message));
    }
    let mut sources = Vec::new();
    for pattern in patterns {
        let is_pattern = pattern.contains(['*', '?', '[']) && !PathBuf::from(pattern).exists();
        if !is_pattern {
            sources.push(source(pattern)?);
            continue;
        }
        let Ok(paths) = glob::glob_with(pattern, NOT_HIDDEN) else {
            // An invalid pattern is treated as a path that contains a bracket.
            sources.push(source(pattern)?);
            continue;
        };
        let before = sources.len();
        // The paths are sorted. A path that cannot be read is reported when it is opened.
        for path in paths {
            let path = path.unwrap_or_else(|error| error.path().to_owned());
            if !path.is_dir() && !is_shadow(&path) {
                sources.push(InputSource::new(path.to_string_lossy().into_owned(), Some(path)));
            }
        }
        if sources.len() == before {
            return Err(
                InputError { place: SourceLocation::file(pattern), reason: InputErrorKind::NoMatch }.into()
            );
        }
    }
    Ok(sources)
}

/// A folder whose name begins with a dot matches only if the pattern spells out the dot.
const NOT_HIDDEN: glob::MatchOptions = glob::MatchOptions {
    require_literal_leading_dot: true,
    case_sensitive: true,
    require_literal_separator: false,
};

/// Returns whether a file is one that other programs create next to an export, which a pattern does not mean: macOS metadata (`._e.csv`),
/// an Excel lock file (`~$e.xlsx`), and other hidden files.
fn is_shadow(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.as_encoded_bytes();
        name.starts_with(b".") || name.starts_with(b"~$")
    })
}

/// Returns every file that paths and patterns name, even if it does not exist. No output may overwrite any of them.
pub fn named_files<'n>(names: impl Iterator<Item = &'n String>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for name in names {
        files.push(PathBuf::from(name));
        files.extend(glob::glob(name).into_iter().flatten().flatten());
    }
    files
}

/// Returns the input with this path. Checks that it exists, so that a mistyped path is reported before a long run.
fn source(path: &str) -> anyhow::Result<InputSource> {
    if path == "-" {
        return Ok(InputSource::new(path, None));
    }
    let file = PathBuf::from(path);
    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            Err(InputError::io(path, &std::io::ErrorKind::IsADirectory.into()).into())
        }
        Ok(_) => Ok(InputSource::new(path, Some(file))),
        Err(error) => Err(InputError::io(path, &error).into()),
    }
}
