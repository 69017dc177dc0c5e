//! From paths and patterns to the files they name.

use std::path::{Path, PathBuf};

use crate::error::{self, ErrorCode};
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_engine::InputSet;
use mucalc_read::{Begun, InputError, InputErrorKind, InputSource};

/// The inputs, as the user named them.
#[derive(Clone, Debug, Default)]
pub struct InputPaths {
    /// Paths and patterns of encounter exports.
    pub encounters: Vec<String>,
    /// Paths and patterns of message exports.
    pub messages: Vec<String>,
    /// Paths and patterns of logs of accesses to the portal.
    pub accesses: Vec<String>,
    /// The path of the roster.
    pub roster: Option<String>,
    /// The path of the table of counties.
    pub counties: Option<String>,
    /// The path of the decisions of people.
    pub adjudications: Option<String>,
    /// The patients with an account of the portal.
    pub enrollment: Option<String>,
}

/// From which inputs numerators come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequiredInputs {
    /// From messages.
    pub messages: bool,
    /// From accesses to the portal.
    pub accesses: bool,
}

impl InputPaths {
    /// Finds the inputs. Of messages and accesses those are left out that are not needed.
    ///
    /// # Errors
    /// When a path or pattern names nothing, one is needed and not named, or standard input is named twice.
    pub fn find(&self, needs: RequiredInputs) -> anyhow::Result<InputSet> {
        let one = |path: &Option<String>| path.as_deref().map(source).transpose();
        let mut unread = Vec::new();
        let mut if_needed = |needed: bool, role, named: &[String]| {
            let found = if needed || !named.is_empty() { expand(role, named)? } else { Vec::new() };
            if needed {
                return Ok(found);
            }
            unread.extend(found);
            Ok::<_, anyhow::Error>(Vec::new())
        };
        let sources = InputSet {
            encounters: expand("encounters", &self.encounters)?,
            messages: if_needed(needs.messages, "messages", &self.messages)?,
            accesses: if_needed(needs.accesses, "accesses", &self.accesses)?,
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

/// The files that paths and patterns name.
///
/// # Errors
/// When there is none, or one names nothing.
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
            // Not even a pattern: a path with a bracket in it.
            sources.push(source(pattern)?);
            continue;
        };
        let before = sources.len();
        // The paths come sorted; what cannot be looked at is told when it is opened.
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

/// A folder whose name begins with a dot is meant only where the pattern says so.
const NOT_HIDDEN: glob::MatchOptions = glob::MatchOptions {
    require_literal_leading_dot: true,
    case_sensitive: true,
    require_literal_separator: false,
};

/// Whether a file is one that other programs lay beside an export and that nobody means by a pattern: what macOS notes of a file
/// (`._e.csv`), what Excel locks it with (`~$e.xlsx`), and whatever else is hidden.
fn is_shadow(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.as_encoded_bytes();
        name.starts_with(b".") || name.starts_with(b"~$")
    })
}

/// Every file that paths and patterns name, whether or not it is there: nothing is written over it.
pub fn named_files<'n>(names: impl Iterator<Item = &'n String>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for name in names {
        files.push(PathBuf::from(name));
        files.extend(glob::glob(name).into_iter().flatten().flatten());
    }
    files
}

/// One path, checked to be there, so that a slip is told before a long run and not after it.
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
