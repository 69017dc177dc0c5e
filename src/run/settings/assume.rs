//! What the configuration acknowledges, and what it says of times: words, checked.

use crate::error::{self, ErrorCode};
use crate::run::options::{AssumeOptions, DaysOptions};
use crate::run::words::unknown_word;
use mucalc_core::domain::assumption::{Acknowledged, Assumed};
use mucalc_read::{Days, Stands};

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
///
/// # Errors
/// For an unknown word.
pub(super) fn days(options: &DaysOptions) -> anyhow::Result<Days> {
    let stands = |(_, word): (&str, Option<&str>)| {
        let parse = |word: &str| {
            Stands::parse(word).ok_or_else(|| unknown_word("a word of [days]", word, &Stands::WORDS))
        };
        word.map(parse).transpose()
    };
    let [started, sent, accessed] = options.all();
    Ok(Days { encounters: stands(started)?, messages: stands(sent)?, accesses: stands(accessed)? })
}
