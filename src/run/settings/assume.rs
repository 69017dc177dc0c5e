//! Checks the assumptions that the configuration acknowledges, and converts its settings for times.

use crate::error::{self, ErrorCode};
use mucalc_core::domain::assumption::{Acknowledged, Assumed};
use mucalc_options::{AssumeOptions, DaysOptions};
use mucalc_read::Days;

/// Returns the acknowledged assumptions.
///
/// # Errors
/// If a value is not what an absent column is assumed to contain.
pub(super) fn acknowledged(options: &AssumeOptions) -> anyhow::Result<Acknowledged> {
    let has = |assumed: Assumed| match options.acknowledged(assumed) {
        None => Ok(false),
        Some(word) if word == assumed.reading() => Ok(true),
        Some(_) => {
            let message = format!(
                "[assume] {}: an absent column {} is taken as `{}`, and nothing else can be acknowledged; map the column in a layout if its rows say other things",
                assumed.key(),
                assumed.column(),
                assumed.reading()
            );
            Err(error::usage(ErrorCode::Configuration, message))
        }
    };
    Ok(Acknowledged {
        encounter_status: has(Assumed::EncounterStatus)?,
        seen_by: has(Assumed::SeenBy)?,
        message_status: has(Assumed::MessageStatus)?,
    })
}

/// Returns what the times of each kind of export mean.
pub(super) fn days(options: &DaysOptions) -> Days {
    Days { encounters: options.started_at, messages: options.sent_at, accesses: options.accessed_at }
}
