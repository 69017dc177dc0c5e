//! The words that flags take: which there are, for completions, and what is said of one that is none.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::credit::Credit;
use crate::domain::finding::Code;
use crate::domain::period::Day;
use crate::domain::sweep::Family;
use crate::domain::text::did_you_mean;
use crate::edition;
use crate::layout::Layout;
use crate::report::{BookFormat, Format, TableOrJson, TextFormat};
use crate::run::diff;
use crate::run::engine::ENGINES;
use crate::run::failed::{Cause, Failed};
use crate::run::gate::Gate;
use crate::run::pack::SMALL_CELLS;
use crate::run::settings::Falls;
use crate::run::terminal::ColourChoice;
use crate::warehouse::{Dialect, Yields};

/// What a word means, or what is said where it is none of those that are known; `what` is for example `a format of sweep`.
///
/// # Errors
/// When it is none of them.
pub fn meaning_of<T>(
    what: &str,
    word: &str,
    known: &[&str],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Failed> {
    parse(word).ok_or_else(|| unknown_word(what, word, known))
}

/// The day that somebody wrote, for what.
///
/// # Errors
/// When it is none.
pub fn day(cause: Cause, what: &str, text: &str) -> Result<Day, Failed> {
    Day::parse(text.trim().as_bytes()).ok_or_else(|| {
        let message = format!(
            "{what}: `{text}` is not a day of the calendar; write it as YYYY-MM-DD, such as 2014-08-22"
        );
        Failed::usage(cause, message)
    })
}

/// Returns the current day, in UTC.
pub fn today() -> Day {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Day::from_epoch((seconds / 86_400) as i32)
}

/// What is said of a word that is none of those that are known.
pub fn unknown_word(what: &str, word: &str, known: &[&str]) -> Failed {
    let hint = did_you_mean(word, known.iter().copied());
    Failed::usage(Cause::Choice, format!("`{word}` is not {what}; it has {}{hint}", known.join(", ")))
}

/// The words of a flag or argument of a command; none where anything may stand.
pub fn words_of(command: &str, name: &str) -> Option<Vec<String>> {
    let owned = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    match name {
        "format" => owned(match command {
            "report" => &Format::WORDS,
            "validate" => &["table", "json", "junit", "sarif", "github"],
            "progress" | "outreach" => &BookFormat::WORDS,
            "sweep" | "what-if" | "diff" => &TextFormat::WORDS,
            _ => &TableOrJson::WORDS,
        }),
        "edition" => Some(edition::ids().map(str::to_owned).collect()),
        "layout" => Some(Layout::names()),
        "credit" => owned(&Credit::WORDS),
        "color" => owned(&ColourChoice::WORDS),
        "waterfall" => owned(&Falls::WORDS),
        "windows" => owned(&Family::WORDS),
        "dialect" => owned(&Dialect::WORDS),
        "result" => owned(&Yields::WORDS),
        "engine" => owned(&ENGINES),
        "small-cells" => owned(&SMALL_CELLS),
        "fail-on" => match command {
            "diff" => owned(&diff::GATES),
            "validate" => {
                let is_verdict = |word: &String| matches!(Gate::parse(word), Some(Gate::Verdict(_)));
                Some(Gate::all_words().into_iter().filter(|word| !is_verdict(word)).collect())
            }
            _ => Some(Gate::all_words()),
        },
        "code" => Some(Code::ALL.iter().map(|code| code.slug().to_owned()).collect()),
        _ => None,
    }
}
