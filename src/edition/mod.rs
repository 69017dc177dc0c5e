//! Floor 1: a measure edition, from its TOML file to a decision table.

pub mod compile;
pub mod condition;
mod lint;
pub mod model;
mod parse;
mod problem;
mod tree;

pub use compile::{Cell, DecisionTable};
pub use model::Edition;
pub use problem::Problem;

/// The edition that is applied where none is named.
pub const DEFAULT: &str = "stage2-core17";

/// The editions that the program knows: one line each.
const BUILT_IN: &[&str] = &[include_str!("../editions/stage2-core17.toml")];

/// Every built-in edition, in the order of the program years.
pub fn all() -> Vec<Edition> {
    BUILT_IN
        .iter()
        .map(|text| match parse::edition(text) {
            (Some(edition), _) => edition,
            // Cannot happen in a released program: a test reads and lints every built-in edition.
            (None, problems) => panic!("a built-in edition does not read: {problems:?}"),
        })
        .collect()
}

/// The text of every built-in edition.
pub fn texts() -> &'static [&'static str] {
    BUILT_IN
}

/// The built-in edition with this id.
pub fn find(id: &str) -> Option<Edition> {
    all().into_iter().find(|edition| edition.id == id)
}

/// Reads an edition and lints it.
///
/// # Errors
/// Everything that is wrong with it at once, in the order of the file.
pub fn parse(text: &str) -> Result<Edition, Vec<Problem>> {
    let (edition, mut problems) = parse::edition(text);
    if let Some(edition) = &edition {
        problems.extend(lint::edition(edition, text));
    }
    problems.sort_by_key(|problem| (problem.line, problem.column));
    match edition {
        Some(edition) if problems.is_empty() => Ok(edition),
        _ => Err(problems),
    }
}
