//! Says whether the contents of a column suit a canonical one, whatever its name.

use mucalc_core::domain::input::InputRole;
use mucalc_read::layout::Layout;
use mucalc_read::layout::vocabulary::list_of;
use mucalc_read::profile::ColumnProfile;
use mucalc_read::proposals::columns::sort_of;
use mucalc_read::proposals::names::ColumnSort;
use mucalc_read::proposals::terms::is_ehr_term;
use mucalc_read::proposals::values::meaning;

use crate::run::inspection::dates;

/// Returns whether the contents of a column suit a canonical one, whose name it has. An empty column suits any. A column of values suits even if
/// none of them is known: its values are then unknown, which is better than an assumption.
pub(super) fn suits(role: InputRole, column: &str, name: &str, profile: &ColumnProfile) -> bool {
    if profile.filled == 0 {
        return true;
    }
    let is_list = column == "channel" || list_of(role, column).is_some();
    match sort_of(role, column) {
        ColumnSort::Day => dates(name, profile, None).is_some(),
        _ if is_list => !profile.is_free || DECISIVE.contains(&column),
        ColumnSort::Id if column == "patient_id" => !is_of_names(profile) && !is_of_days(name, profile),
        ColumnSort::Person => !is_of_parties(profile) && !is_of_days(name, profile),
        ColumnSort::Id if RECORD_IDS.contains(&column) => profile.ids.distinct() * 2 > profile.filled,
        _ => true,
    }
}

/// The columns with ids of records, most of which occur once.
const RECORD_IDS: [&str; 3] = ["encounter_id", "message_id", "access_id"];

/// The columns whose absence would cause an assumption, so that even a column of free text is read.
const DECISIVE: [&str; 3] = ["status", "kind", "seen_by"];

/// Returns the canonical value for a value of an export: its own meaning, or else the usual one. `None` if neither is known.
pub(super) fn known_meaning(role: InputRole, column: &str, value: &str) -> Option<&'static str> {
    let own = Layout::canonical().vocabulary.look_up(role, column, value).flatten();
    own.or_else(|| meaning(role, column, value))
}

/// Returns whether a column has values of a short list: the meaning of at least one is known, or one is a common term.
pub(super) fn has_values_of(role: InputRole, column: &str, profile: &ColumnProfile) -> bool {
    let is_known = |value: &String| known_meaning(role, column, value).is_some() || is_ehr_term(value);
    !profile.is_free && profile.words.keys().any(is_known)
}

/// Returns whether the meaning of the value is known in at least half of the rows of a column.
pub(super) fn has_known_values(role: InputRole, column: &str, profile: &ColumnProfile) -> bool {
    let is_known = |value: &str| known_meaning(role, column, value).is_some();
    let known: u64 = profile.words.iter().filter(|(value, _)| is_known(value)).map(|(_, rows)| rows).sum();
    !profile.is_free && known * 2 >= profile.filled && known > 0
}

/// Returns whether a column shows which visits did not take place: most values are statuses of visits, and one is a no-show or a cancellation.
pub(super) fn has_statuses(profile: &ColumnProfile) -> bool {
    let role = InputRole::Encounters;
    let is_not_held =
        |value: &String| matches!(known_meaning(role, "status", value), Some("cancelled" | "no-show"));
    has_known_values(role, "status", profile) && profile.words.keys().any(is_not_held)
}

/// Returns whether most texts of a column have a blank between letters, as names of people have.
fn is_of_names(profile: &ColumnProfile) -> bool {
    let is_name = |shape: &str| shape.contains("A ") || shape.contains(" A") || shape.contains(',');
    let names: u64 = profile.shapes.iter().filter(|(shape, _)| is_name(shape)).map(|(_, rows)| rows).sum();
    let all: u64 = profile.shapes.values().sum();
    all > 0 && names * 2 > all
}

/// Returns whether a column says what kind of person somebody is, and not who.
fn is_of_parties(profile: &ColumnProfile) -> bool {
    let is_party = |word: &&String| {
        ["sender", "recipient"].iter().any(|column| meaning(InputRole::Messages, column, word).is_some())
    };
    let parties = profile.words.keys().filter(is_party).count();
    parties > 0 && parties * 2 >= profile.words.len()
}

fn is_of_days(name: &str, profile: &ColumnProfile) -> bool {
    let is_number = |form: &String| {
        form == "serial" || form == "epoch" || form == "epoch-ms" || form == "fileman" || form == "YYYYMMDD"
    };
    dates(name, profile, None).is_some_and(|dates| !dates.forms.iter().any(is_number))
}

/// Returns the columns with days that may be those of records. Everybody has a day of birth, and it is never one of these.
pub(super) fn day_columns(header: &[String], columns: &[ColumnProfile]) -> Vec<usize> {
    let is_birth = |name: &str| ["birth", "dob"].iter().any(|part| name.to_lowercase().contains(part));
    (0..header.len())
        .filter(|at| !is_birth(&header[*at]) && dates(&header[*at], &columns[*at], None).is_some())
        .collect()
}
