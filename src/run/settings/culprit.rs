//! Where in the configuration a wrong value is: an error names the file, the line and the column.

use std::path::Path;

use crate::error::{CommandError, Exit, explained};
use crate::run::config;
use crate::run::options::Options;

/// Adds to an error where in the configuration the value is that causes it, if it is there and not among the flags.
///
/// The cause is the entry without which `resolve` succeeds or fails otherwise. So no check of a value has to know where the value is from.
pub fn located(
    error: anyhow::Error,
    path: &Path,
    flags: &Options,
    resolve: impl Fn(Options) -> Result<(), String>,
) -> anyhow::Error {
    let told = explained(&error);
    if told.exit != Exit::Usage {
        return error;
    }
    let without = |keys: &[&str]| {
        let options = config::read_without(path, keys)?;
        Some(resolve(flags.clone().over(options)).err())
    };
    let is_cause = |keys: &[&str]| {
        without(keys).is_some_and(|left| left.is_none_or(|left| left != told.failure.message))
    };
    let entries = config::entries(path);
    let causes = entries.iter().filter(|entry| {
        let keys: Vec<&str> = entry.keys.iter().map(String::as_str).collect();
        is_cause(&keys)
    });
    // Of two values that contradict one another the message names one.
    let best = causes.max_by_key(|entry| {
        let is_named =
            entry.text.as_ref().is_some_and(|text| told.failure.message.contains(&format!("`{text}`")));
        (is_named, entry.keys.len(), std::cmp::Reverse(entry.line))
    });
    match best {
        Some(entry) => {
            let message =
                format!("{}:{}:{}: {}", path.display(), entry.line, entry.column, told.failure.message);
            CommandError::new(told.exit, &told.failure.code, message, told.failure.place).into()
        }
        None => error,
    }
}
