//! Finds the wrong value in the configuration, so that an error names the file, the line, and the column.

use std::path::Path;

use crate::error::{CommandError, Exit, explained};
use crate::run::config;
use mucalc_options::Configuration;

/// Maximum number of entries to try. Larger configurations are written by programs, and trying each entry would take too long.
const MAX_ENTRIES: usize = 300;

/// Adds to an error the location of the value in the configuration that causes it, if the configuration causes it without any flag.
///
/// The cause is the entry without which `resolve` succeeds or fails differently. So no check of a value must know where the value comes
/// from.
pub fn located(
    error: anyhow::Error,
    path: &Path,
    resolve: impl Fn(Configuration) -> Result<(), String>,
) -> anyhow::Error {
    let told = explained(&error);
    let fails_alike = |keys: &[String]| {
        let options = config::read_without(path, keys);
        options.and_then(|options| resolve(options).err()).is_some_and(|left| left == told.failure.message)
    };
    if told.exit != Exit::Usage {
        return error;
    }
    let entries = config::entries(path);
    if entries.len() > MAX_ENTRIES || !fails_alike(&[]) {
        return error;
    }
    let causes = entries.iter().filter(|entry| !fails_alike(&entry.keys));
    // A value is more precise than its table. Of two values that contradict each other, the one in the message is the better answer.
    let best = causes.max_by_key(|entry| {
        let is_named = entry.text.as_ref().is_some_and(|text| told.failure.message.contains(text.as_str()));
        (entry.keys.len(), is_named, std::cmp::Reverse(entry.line))
    });
    let Some(entry) = best else { return error };
    let message = format!("{}:{}:{}: {}", path.display(), entry.line, entry.column, told.failure.message);
    CommandError::new(told.exit, &told.failure.code, message, told.failure.place).into()
}
