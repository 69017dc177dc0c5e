//! Settings of a command other than `report`.

use crate::error::{self, ErrorCode};
use crate::run::settings::RunConfig;
use mucalc_options::CommonArgs;

/// Resolves the settings of a command that takes one rule set and writes to `output`. `output` in the configuration is for the report.
///
/// # Errors
/// If options contradict each other, or there are several rule sets.
pub fn resolve_for(command: &str, common: CommonArgs, output: Option<String>) -> anyhow::Result<RunConfig> {
    let (flags, config) = common.split();
    let mut settings = RunConfig::resolve(flags, &config)?;
    settings.output = output.filter(|path| path != "-");
    if settings.task.rulings.len() > 1 {
        let message = format!(
            "{command} is about one edition; name one, or let mucalc report show several side by side"
        );
        return Err(error::usage(ErrorCode::Edition, message));
    }
    Ok(settings)
}
