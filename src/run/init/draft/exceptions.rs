//! Columns beside the one that is read that say that a visit or a message is not what that one says: `No Show`, `Cancel Date`, `Visit Mode`.

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::text::bare;
use mucalc_read::layout::Layout;
use mucalc_read::profile::ColumnProfile;
use mucalc_read::proposals::columns::{is_kind_name, withdrawal};
use mucalc_read::proposals::terms::is_ehr_term;
use mucalc_read::proposals::values::meaning;

use super::contents::is_of_statuses;
use super::table::RoleTable;
use crate::run::look::dates;

/// A column that is read before the others, for some of its values.
pub(in crate::run::init) struct ExceptionDraft {
    /// The column of the export.
    pub from: String,
    /// Its values, each with the canonical value; empty for those that say nothing.
    pub words: Vec<(String, &'static str)>,
    /// The canonical value of every text in the column, if there are no values to tell apart.
    pub filled: Option<&'static str>,
}

/// Returns the exceptions to a canonical column among the columns of an export that are not read for anything.
pub(super) fn exceptions(
    table: &RoleTable<'_>,
    column: &str,
    chosen: &[String],
    is_free: impl Fn(usize) -> bool,
) -> Vec<ExceptionDraft> {
    let others = (0..table.header.len()).filter(|at| is_free(*at) && !chosen.contains(&table.header[*at]));
    let found = |at: usize| {
        let (name, profile) = (&table.header[at], &table.columns[at]);
        match (table.role, column) {
            (InputRole::Encounters, "kind") => of_kinds(name, profile),
            (_, "status") => of_flags(table.role, name, profile, rows_of(table)),
            _ => None,
        }
        .or_else(|| match (table.role, column) {
            (InputRole::Encounters, "status") if is_of_statuses(profile) => {
                of_words(name, profile, "status", &["cancelled", "no-show", "entered-in-error"])
            }
            _ => None,
        })
    };
    others.filter_map(found).collect()
}

fn rows_of(table: &RoleTable<'_>) -> u64 {
    table.exports.iter().map(|it| it.inspection.rows).sum()
}

/// Another column of visit types, in which some visits are of a kind that makes nobody seen.
fn of_kinds(name: &str, profile: &ColumnProfile) -> Option<ExceptionDraft> {
    const KINDS: [&str; 4] = ["telephone", "ancillary", "inpatient", "emergency"];
    let exception = of_words(name, profile, "kind", &KINDS).filter(|_| is_kind_name(name))?;
    exception.words.iter().any(|(_, ours)| !ours.is_empty()).then_some(exception)
}

/// Reads the values of a column that have one of some meanings, and leaves the others to the next column. `None` if a value may be about a
/// patient, since all of them are written into the layout.
fn of_words(name: &str, profile: &ColumnProfile, column: &str, meant: &[&str]) -> Option<ExceptionDraft> {
    let vocabulary = Layout::canonical().vocabulary;
    let ours = |word: &str| {
        let own = vocabulary.means(InputRole::Encounters, column, word).flatten();
        own.or_else(|| meaning(InputRole::Encounters, column, word))
    };
    let is_plain = |word: &String| ours(word).is_some() || is_ehr_term(word);
    if profile.is_free || !profile.words.keys().all(is_plain) {
        return None;
    }
    let of_word =
        |word: &String| (word.clone(), ours(word).filter(|ours| meant.contains(ours)).unwrap_or_default());
    let words = profile.words.keys().map(of_word).collect();
    Some(ExceptionDraft { from: name.to_owned(), words, filled: None })
}

/// A column whose name says that a record was withdrawn, with yes or no, or with a day or a person where it was.
fn of_flags(role: InputRole, name: &str, profile: &ColumnProfile, rows: u64) -> Option<ExceptionDraft> {
    let ours = withdrawal(role, name)?;
    let is = |word: &str, all: &[&str]| all.contains(&bare(word).as_str());
    const YES: [&str; 6] = ["y", "yes", "true", "1", "x", "t"];
    const NO: [&str; 5] = ["n", "no", "false", "0", "f"];
    let words: Vec<&String> = profile.words.keys().collect();
    if !profile.is_free && !words.is_empty() && words.iter().all(|word| is(word, &YES) || is(word, &NO)) {
        let said = |word: &&String| ((*word).clone(), if is(word, &YES) { ours } else { "" });
        return Some(ExceptionDraft {
            from: name.to_owned(),
            words: words.iter().map(said).collect(),
            filled: None,
        });
    }
    let is_day = dates(name, profile, None).is_some();
    (is_day && profile.filled < rows).then(|| ExceptionDraft {
        from: name.to_owned(),
        words: Vec::new(),
        filled: Some(ours),
    })
}
