//! Says whether the contents of a column suit a canonical one, whatever its name.

use mucalc_core::domain::input::InputRole;
use mucalc_read::layout::Layout;
use mucalc_read::layout::vocabulary::list_of;
use mucalc_read::profile::ColumnProfile;
use mucalc_read::proposals::columns::sort_of;
use mucalc_read::proposals::names::ColumnSort;
use mucalc_read::proposals::terms::is_ehr_term;
use mucalc_read::proposals::values::meaning;

use crate::run::look::dates;

/// Returns whether the contents of a column suit a canonical one. An empty column suits everything.
pub(super) fn suits(role: InputRole, column: &str, name: &str, profile: &ColumnProfile) -> bool {
    if profile.filled == 0 {
        return true;
    }
    let is_list = column == "channel" || list_of(role, column).is_some();
    match sort_of(role, column) {
        ColumnSort::Day => dates(name, profile).is_some(),
        _ if is_list => has_values_of(role, column, profile),
        ColumnSort::Id if column == "patient_id" => !is_of_names(profile) && !is_of_days(name, profile),
        ColumnSort::Id if column == "provider_id" => !is_of_parties(profile) && !is_of_days(name, profile),
        ColumnSort::Id if RECORD_IDS.contains(&column) => profile.ids.distinct() * 2 > profile.filled,
        _ => true,
    }
}

/// The columns with ids of records, most of which occur once.
const RECORD_IDS: [&str; 3] = ["encounter_id", "message_id", "access_id"];

/// Returns whether a column has values of a short list: at least one is known, or a common term.
fn has_values_of(role: InputRole, column: &str, profile: &ColumnProfile) -> bool {
    let vocabulary = Layout::canonical().vocabulary;
    let is_known = |word: &String| {
        meaning(role, column, word).is_some()
            || vocabulary.means(role, column, word).is_some_and(|meant| meant.is_some())
            || is_ehr_term(word)
    };
    !profile.is_free && profile.words.keys().any(is_known)
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
    let is_number =
        |form: &String| form == "serial" || form == "epoch" || form == "epoch-ms" || form == "YYYYMMDD";
    dates(name, profile).is_some_and(|dates| !dates.forms.iter().any(is_number))
}

/// Returns the columns with days that may be those of records. Everybody has a day of birth, and it is never one of these.
pub(super) fn day_columns(header: &[String], columns: &[ColumnProfile]) -> Vec<usize> {
    let is_birth = |name: &str| ["birth", "dob"].iter().any(|part| name.to_lowercase().contains(part));
    (0..header.len())
        .filter(|at| !is_birth(&header[*at]) && dates(&header[*at], &columns[*at]).is_some())
        .collect()
}
