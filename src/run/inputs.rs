//! From paths and patterns to the files they name.

use std::path::PathBuf;

use crate::read::{InputError, Source};
use crate::run::failed::Failed;
use crate::run::options::Options;

/// The encounters, messages and roster that the options name.
///
/// # Errors
/// When a path or pattern names nothing, or standard input is named twice.
pub fn find(options: &Options) -> Result<(Vec<Source>, Vec<Source>, Option<Source>), Failed> {
    let encounters = expand("encounters", &options.encounters)?;
    let messages = expand("messages", &options.messages)?;
    let roster = options.roster.as_deref().map(source).transpose()?;
    let all = || encounters.iter().chain(&messages).chain(&roster);
    if all().filter(|source| source.path.is_none()).count() > 1 {
        let message = "`-` (standard input) can be given once; name a file for the other input";
        return Err(Failed::usage("standard-input", message));
    }
    Ok((encounters, messages, roster))
}

fn expand(role: &str, patterns: &[String]) -> Result<Vec<Source>, Failed> {
    if patterns.is_empty() {
        let message =
            format!("no {role} are named; add --{role} PATH, or `{role} = [\"...\"]` to mucalc.toml");
        return Err(Failed::usage("input-needed", message));
    }
    let mut sources = Vec::new();
    for pattern in patterns {
        let is_pattern = pattern.contains(['*', '?', '[']) && !PathBuf::from(pattern).exists();
        if !is_pattern {
            sources.push(source(pattern)?);
            continue;
        }
        let paths = glob::glob(pattern)
            .map_err(|error| Failed::usage("pattern", format!("`{pattern}` is not a pattern: {error}")))?;
        let before = sources.len();
        // The paths come sorted; what cannot be looked at is told when it is opened.
        for path in paths {
            let path = path.unwrap_or_else(|error| error.path().to_owned());
            if !path.is_dir() {
                sources.push(Source {
                    name: path.to_string_lossy().into_owned(),
                    path: Some(path),
                });
            }
        }
        if sources.len() == before {
            return Err(InputError::io(pattern, &std::io::ErrorKind::NotFound.into()).into());
        }
    }
    Ok(sources)
}

/// One path, checked to be there, so that a slip is told before a long run and not after it.
fn source(path: &str) -> Result<Source, Failed> {
    if path == "-" {
        return Ok(Source {
            name: path.to_owned(),
            path: None,
        });
    }
    let file = PathBuf::from(path);
    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            Err(InputError::io(path, &std::io::ErrorKind::IsADirectory.into()).into())
        }
        Ok(_) => Ok(Source {
            name: path.to_owned(),
            path: Some(file),
        }),
        Err(error) => Err(InputError::io(path, &error).into()),
    }
}
