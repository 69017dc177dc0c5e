//! Rule sets: from a TOML file to a decision table.

pub mod compile;
pub mod condition;
mod document;
pub mod explanation;
mod lint;
pub mod model;
mod nearest;
mod order;
mod parse;
pub mod periods;
mod problem;
pub mod rule_text;
mod rules;
mod sources;
pub mod trace;
pub mod window;
pub mod wording;
pub mod years;

use std::sync::OnceLock;

pub use compile::{DecisionTable, TableCell};
pub use model::Edition;
pub use nearest::nearest;
pub use problem::EditionError;

/// The rule set that applies if neither a rule set nor a period is given.
pub const DEFAULT: &str = "stage2-core17";

/// The secure messaging rule sets that apply if none is given, by the year of the period. From 2018 on the programs differ, so the user
/// must name a rule set.
const OF_YEARS: [(i32, &str); 4] =
    [(2014, DEFAULT), (2015, "modstage2-2015"), (2016, "modstage2-2016"), (2017, "modstage2-2017")];

/// Returns the id of the default rule set for a program year; `None` if no rule set covers the year, or if programs differ.
pub fn id_for_year(year: i32) -> Option<&'static str> {
    OF_YEARS.iter().find(|(of, _)| *of == year).map(|(_, id)| *id)
}

/// Returns the ids of the rule sets for a program year, without those that describe other programs.
pub fn ids_for(year: i32) -> Vec<String> {
    all()
        .into_iter()
        .filter(|edition| !edition.peer && edition.years.contains(year))
        .map(|of| of.id)
        .collect()
}

/// The built-in rule sets, in the order in which they are listed: one line each.
const BUILT_IN: &[(&str, &str)] = &[
    ("stage2-core17", include_str!("../../editions/stage2-core17.toml")),
    ("modstage2-2015", include_str!("../../editions/modstage2-2015.toml")),
    ("modstage2-2016", include_str!("../../editions/modstage2-2016.toml")),
    ("modstage2-2017", include_str!("../../editions/modstage2-2017.toml")),
    ("stage3-o6m2", include_str!("../../editions/stage3-o6m2.toml")),
    ("mips-trans-sm1", include_str!("../../editions/mips-trans-sm1.toml")),
    ("mips-cctpe2", include_str!("../../editions/mips-cctpe2.toml")),
    ("stage2-core7m2", include_str!("../../editions/stage2-core7m2.toml")),
    ("modstage2-o8m2", include_str!("../../editions/modstage2-o8m2.toml")),
    ("stage3-o6m1", include_str!("../../editions/stage3-o6m1.toml")),
    ("like-openemr", include_str!("../../editions/like-openemr.toml")),
    ("like-open-dental", include_str!("../../editions/like-open-dental.toml")),
    ("like-open-dental-2017", include_str!("../../editions/like-open-dental-2017.toml")),
    ("like-rpms", include_str!("../../editions/like-rpms.toml")),
    ("like-rpms-2017", include_str!("../../editions/like-rpms-2017.toml")),
];

/// Returns all built-in rule sets, in the order in which they are listed.
pub fn all() -> Vec<Edition> {
    ids().filter_map(find).collect()
}

/// Returns the ids of the built-in rule sets.
pub fn ids() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(id, _)| *id)
}

/// Returns the text of every built-in rule set.
pub fn texts() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(_, text)| *text)
}

/// Returns the ids and texts that make up a built-in rule set: its own, that of the rule set that it extends, and so on.
pub fn texts_of(id: &str) -> Vec<(&'static str, &'static str)> {
    let known = |id: &str| BUILT_IN.iter().find(|(known, _)| *known == id).copied();
    let base = |(id, _): &(&'static str, &'static str)| known(find(id)?.extends.as_deref()?);
    std::iter::successors(known(id), base).collect()
}

/// Returns the built-in rule set with this id.
///
/// # Panics
/// If the built-in file is invalid; a test parses all of them.
pub fn find(id: &str) -> Option<Edition> {
    let at = BUILT_IN.iter().position(|(known, _)| *known == id)?;
    let parse = || match parse::edition(BUILT_IN[at].1, &find) {
        (Some(edition), _) => edition,
        (None, problems) => panic!("a built-in edition does not read: {problems:?}"),
    };
    Some(PARSED[at].get_or_init(parse).clone())
}

/// The built-in rule sets that were parsed. Many extend another one, and a report asks for some of them several times.
static PARSED: [OnceLock<Edition>; BUILT_IN.len()] = [const { OnceLock::new() }; BUILT_IN.len()];

/// Parses and lints a rule set, which may extend a built-in one.
///
/// # Errors
/// If the file is invalid: all problems at once, in the order of the file.
pub fn parse(text: &str) -> Result<Edition, Vec<EditionError>> {
    let (edition, mut problems) = parse::edition(text, &find);
    if let Some(edition) = &edition {
        problems.extend(lint::edition(edition, text));
    }
    problems.sort_by_key(|problem| (problem.line, problem.column));
    match edition {
        Some(edition) if problems.is_empty() => Ok(edition),
        _ => Err(problems),
    }
}
