//! Finds columns that make exceptions to the one that is read as `status` or `kind`, such as `No Show`, `Cancel Date`, and `Visit Mode`.

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::text::normalize_key;
use mucalc_read::profile::ColumnProfile;
use mucalc_read::proposals::columns::{is_kind_name, withdrawal};
use mucalc_read::proposals::terms::is_ehr_term;

use super::contents::{has_statuses, known_meaning};
use super::table::RoleTable;
use crate::run::inspection::dates;

/// A column that is read before the others, for some of its values.
pub(in crate::run::init) struct ExceptionDraft {
    /// The column of the export.
    pub from: String,
    /// Its values, each with the canonical value. An empty canonical value leaves the row to the next column.
    pub words: Vec<(String, &'static str)>,
    /// The canonical value for any value, if the column is filled only for exceptions.
    pub filled: Option<&'static str>,
}

/// Returns the exceptions to a canonical column among the columns that are not taken for another one.
pub(super) fn exceptions(table: &RoleTable<'_>, column: &str, taken: &[usize]) -> Vec<ExceptionDraft> {
    let exception = |at: usize| {
        let (name, profile) = (&table.header[at], &table.columns[at]);
        match (table.role, column) {
            (InputRole::Encounters, "kind") => kind_exception(name, profile),
            (InputRole::Encounters, "status") if has_statuses(profile) => {
                value_exception(name, profile, "status", &["cancelled", "no-show", "entered-in-error"])
            }
            (role, "status") => flag_exception(role, name, profile, table.rows()),
            _ => None,
        }
    };
    (0..table.header.len()).filter(|at| !taken.contains(at)).filter_map(exception).collect()
}

/// Returns the exceptions of a further column of visit types, in which some visits do not qualify.
fn kind_exception(name: &str, profile: &ColumnProfile) -> Option<ExceptionDraft> {
    const KINDS: [&str; 4] = ["telephone", "ancillary", "inpatient", "emergency"];
    let exception = value_exception(name, profile, "kind", &KINDS).filter(|_| is_kind_name(name))?;
    exception.words.iter().any(|(_, ours)| !ours.is_empty()).then_some(exception)
}

/// Returns the exceptions of a column whose values have some of these meanings. `None` if a value may be about a patient, because the layout
/// lists all values.
fn value_exception(
    name: &str,
    profile: &ColumnProfile,
    column: &str,
    meanings: &[&str],
) -> Option<ExceptionDraft> {
    let meaning = |value: &str| known_meaning(InputRole::Encounters, column, value);
    let is_plain = |value: &String| meaning(value).is_some() || is_ehr_term(value);
    if profile.is_free || !profile.words.keys().all(is_plain) {
        return None;
    }
    let exception = |value: &str| meaning(value).filter(|ours| meanings.contains(ours)).unwrap_or_default();
    let words = profile.words.keys().map(|value| (value.clone(), exception(value))).collect();
    Some(ExceptionDraft { from: name.to_owned(), words, filled: None })
}

/// Returns the exceptions of a column whose name shows a withdrawal, with yes and no, or with the day of the withdrawal.
fn flag_exception(role: InputRole, name: &str, profile: &ColumnProfile, rows: u64) -> Option<ExceptionDraft> {
    const YES: [&str; 6] = ["y", "yes", "true", "1", "x", "t"];
    const NO: [&str; 5] = ["n", "no", "false", "0", "f"];
    let status = withdrawal(role, name)?;
    let is_in = |value: &str, list: &[&str]| list.contains(&normalize_key(value).as_str());
    let is_flag = |value: &String| is_in(value, &YES) || is_in(value, &NO);
    let from = name.to_owned();
    if !profile.is_free && !profile.words.is_empty() && profile.words.keys().all(is_flag) {
        let ours = |value: &str| if is_in(value, &YES) { status } else { "" };
        let words = profile.words.keys().map(|value| (value.clone(), ours(value))).collect();
        return Some(ExceptionDraft { from, words, filled: None });
    }
    let is_day = dates(name, profile, None).is_some() && profile.filled < rows;
    is_day.then(|| ExceptionDraft { from, words: Vec::new(), filled: Some(status) })
}
