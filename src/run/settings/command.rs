//! The settings of a command that tells of the measure otherwise than `report` does.

use crate::error::{self, ErrorCode};
use crate::run::config::ConfigSource;
use crate::run::options::Options;
use crate::run::settings::RunConfig;
use crate::run::words::meaning_of;

/// The settings, and what the word of the format means: `table` without one. Format and output come from the flags alone,
/// since those of the configuration are the report's; and it is about one edition.
///
/// # Errors
/// For anything that is no word of ours, and for several editions.
pub fn of_command<F>(
    command: &str,
    mut flags: Options,
    config: &ConfigSource,
    formats: &[&str],
    parse: fn(&str) -> Option<F>,
) -> anyhow::Result<(RunConfig, F)> {
    let (format, output) = (flags.format.take(), flags.output.take());
    let mut settings = RunConfig::resolve(flags, config)?;
    settings.output = output.filter(|path| path != "-");
    let format = format.as_deref().unwrap_or("table");
    let format = meaning_of(&format!("a format of {command}"), format, formats, parse)?;
    if settings.task.rulings.len() > 1 {
        let message = format!(
            "{command} is about one edition; name one, or let mucalc report show several side by side"
        );
        return Err(error::usage(ErrorCode::Edition, message));
    }
    Ok((settings, format))
}
