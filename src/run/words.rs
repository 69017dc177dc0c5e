//! The words that flags take, for completions.

use crate::domain::finding::Code;
use crate::domain::sweep::Family;
use crate::edition;
use crate::layout::Layout;
use crate::report::{BookFormat, Format, SheetFormat, explanation};
use crate::run::diff;
use crate::run::engine::ENGINES;
use crate::run::gate::Gate;
use crate::run::pack::SMALL_CELLS;
use crate::run::settings::Falls;
use crate::run::terminal::ColourChoice;
use crate::warehouse::{Asked, Dialect};

/// The words of a flag or argument of a command; none where anything may stand.
pub fn words_of(command: &str, name: &str) -> Option<Vec<String>> {
    let owned = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    match name {
        "format" => owned(match command {
            "report" => &Format::WORDS,
            "validate" => &["table", "json", "junit", "sarif", "github"],
            "progress" | "outreach" => &BookFormat::WORDS,
            "sweep" | "what-if" | "diff" => &SheetFormat::WORDS,
            _ => &explanation::Format::WORDS,
        }),
        "edition" => Some(edition::ids().map(str::to_owned).collect()),
        "layout" => Some(Layout::names()),
        "credit" => owned(&["strict", "group"]),
        "color" => owned(&ColourChoice::WORDS),
        "waterfall" => owned(&Falls::WORDS),
        "windows" => owned(&Family::WORDS),
        "dialect" => owned(&Dialect::WORDS),
        "result" => owned(&Asked::WORDS),
        "engine" => owned(&ENGINES),
        "small-cells" => owned(&SMALL_CELLS),
        "fail-on" => owned(match command {
            "diff" => &diff::GATES,
            "validate" => &["finding:error", "finding:warning", "finding:note"],
            _ => &Gate::WORDS,
        }),
        "code" => Some(Code::ALL.iter().map(|code| code.slug().to_owned()).collect()),
        _ => None,
    }
}
