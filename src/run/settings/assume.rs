//! What the configuration acknowledges, and what it says of times: words, checked.

use crate::error::{self, ErrorCode};
use crate::options::{AssumeOptions, DaysOptions};
use mucalc_core::domain::assumption::{Acknowledged, Assumed};
use mucalc_read::Days;

/// Returns what is acknowledged.
///
/// # Errors
/// For another word than the one that absent columns are taken to say.
pub(super) fn acknowledged(options: &AssumeOptions) -> anyhow::Result<Acknowledged> {
    let has = |assumed: Assumed| match options.of(assumed) {
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

/// Returns what the times of each kind of export stand for.
pub(super) fn days(options: &DaysOptions) -> Days {
    Days { encounters: options.started_at, messages: options.sent_at, accesses: options.accessed_at }
}
