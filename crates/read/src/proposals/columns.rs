//! Proposes which columns of an export are the canonical ones.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::names::{ColumnSort, NameForms, words};
use crate::layout::Layout;
use crate::layout::vocabulary::list_of;
use mucalc_core::domain::input::InputRole;

/// The columns of an export that may be a canonical one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnCandidates {
    /// The canonical column.
    pub column: &'static str,
    /// Positions of the export's columns, most telling name first.
    pub from: Vec<usize>,
}

/// The usual names by role and canonical column.
type UsualNames = BTreeMap<String, BTreeMap<String, Vec<String>>>;

static NAMES: LazyLock<UsualNames> = LazyLock::new(|| {
    // A test reads the file, so that a mistake in it is found.
    toml::from_str(include_str!("../../proposals/columns.toml")).unwrap_or_default()
});

/// Returns the candidates for each canonical column of a role that has any, in the order of the canonical columns.
pub fn candidates(role: InputRole, header: &[String]) -> Vec<ColumnCandidates> {
    let columns = Layout::canonical().input(role).columns;
    let of_column = |column: &'static str| ColumnCandidates { column, from: matching(role, column, header) };
    columns.all().map(of_column).filter(|candidates| !candidates.from.is_empty()).collect()
}

/// Returns what a canonical column holds.
pub fn sort_of(role: InputRole, column: &str) -> ColumnSort {
    let is_listed = column == "channel" || list_of(role, column).is_some();
    match column {
        "started_at" | "sent_at" | "accessed_at" | "updated_at" => ColumnSort::Day,
        "subject" | "name" => ColumnSort::Value,
        "provider_id" => ColumnSort::Person,
        _ if is_listed => ColumnSort::Value,
        _ => ColumnSort::Id,
    }
}

/// Returns whether the name of a column says that it holds days or times.
pub fn is_day_name(name: &str) -> bool {
    const WORDS: [&str; 12] = [
        "date",
        "time",
        "datetime",
        "timestamp",
        "day",
        "dos",
        "at",
        "on",
        "sent",
        "created",
        "received",
        "start",
    ];
    words(name).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Returns whether the name of a column says that its times are in UTC.
pub fn is_utc_name(name: &str) -> bool {
    words(name).iter().any(|word| ["utc", "gmt", "zulu"].contains(&word.as_str()))
}

/// Returns whether the name of a column says that it holds whom a message is addressed to.
pub fn is_address_name(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    has("to") || has("recipient") || has("addressed") || has("addressee")
}

/// Returns whether the name of a column says that a record was withdrawn, such as `Deleted` or `Cancel Date`.
pub fn is_withdrawal_name(name: &str) -> bool {
    const BEGINNINGS: [&str; 7] = ["delet", "cancel", "void", "draft", "retract", "inactiv", "noshow"];
    let words = words(name);
    let is_withdrawn = |word: &String| BEGINNINGS.iter().any(|beginning| word.starts_with(beginning));
    // `No` alone is read as `number`.
    words.iter().any(is_withdrawn)
        || words.windows(2).any(|two| two[0] == "number" && two[1] == "show")
        || words.concat().contains("error")
}

/// Returns the status of the records for which a column with this name says yes or has a day, such as `No Show` or `Deleted`. `None` if the name tells no status.
pub fn withdrawal(role: InputRole, name: &str) -> Option<&'static str> {
    if !is_withdrawal_name(name) {
        return None;
    }
    let words = words(name);
    let has = |beginning: &str| words.iter().any(|word| word.starts_with(beginning));
    match role {
        InputRole::Encounters if has("cancel") => Some("cancelled"),
        InputRole::Encounters if words.concat().contains("show") => Some("no-show"),
        InputRole::Encounters if !has("draft") => Some("entered-in-error"),
        InputRole::Messages if has("draft") => Some("draft"),
        InputRole::Messages if !has("cancel") => Some("deleted"),
        _ => None,
    }
}

/// Returns whether the name of a column says that it holds the kind or the way of a visit.
pub fn is_kind_name(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["type", "mode", "modality", "method", "class", "category", "kind", "setting", "format"];
    words(name).iter().any(|word| WORDS.contains(&word.as_str()))
}

fn matching(role: InputRole, column: &str, header: &[String]) -> Vec<usize> {
    let sort = sort_of(role, column);
    let usual = NAMES.get(role.word()).and_then(|names| names.get(column)).into_iter().flatten();
    let names: Vec<NameForms> = std::iter::once(column)
        .chain(usual.map(String::as_str))
        .map(|name| NameForms::new(name, sort))
        .collect();
    let rank = |name: &String| {
        let forms = NameForms::new(name, sort);
        let by_name = names.iter().enumerate().filter_map(|(at, known)| Some((known.distance(&forms)?, at)));
        by_name.min()
    };
    // An exact name goes before one with other words, whatever its place in the list, and columns of one rank stay in order.
    let mut ranked: Vec<((u8, usize), usize)> =
        header.iter().enumerate().filter_map(|(at, name)| Some((rank(name)?, at))).collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file names canonical columns, and no name twice for one column.
    #[test]
    fn the_usual_names_are_those_of_canonical_columns() {
        let all: UsualNames = toml::from_str(include_str!("../../proposals/columns.toml")).expect("a table");
        for (role, columns) in &all {
            let role = InputRole::ALL.into_iter().find(|known| known.word() == role).expect("a role");
            let canonical: Vec<&str> = Layout::canonical().input(role).columns.all().collect();
            for (column, names) in columns {
                assert!(canonical.contains(&column.as_str()), "{column}");
                let mut words: Vec<String> = names.iter().map(|name| words(name).concat()).collect();
                words.sort();
                let count = words.len();
                words.dedup();
                assert_eq!(words.len(), count, "{column}");
            }
        }
        for role in [InputRole::Encounters, InputRole::Messages, InputRole::Accesses, InputRole::Roster] {
            for required in Layout::canonical().input(role).columns.required {
                assert!(all[role.word()].contains_key(*required), "{required}");
            }
        }
    }

    #[test]
    fn columns_that_take_a_record_back_are_known_by_their_names() {
        for name in [
            "Deleted",
            "Cancel Date",
            "is_draft",
            "VoidedBy",
            "No Show",
            "Entered In Error",
            "CancelledReason",
        ] {
            assert!(is_withdrawal_name(name), "{name}");
        }
        for name in ["Delivery", "Avoid", "Status", "Number", "Show", "Candidate"] {
            assert!(!is_withdrawal_name(name), "{name}");
        }
    }

    #[test]
    fn columns_are_found_by_their_usual_names_most_telling_first() {
        for (role, header, expected) in [
            (
                InputRole::Encounters,
                "MRN|Date of Service| Rendering Provider|Visit Type|Room",
                "patient_id 0, provider_id 2, started_at 1, kind 3",
            ),
            (
                InputRole::Encounters,
                "Name|Acct #|MRN|DOS|Provider",
                "patient_id 2 1, provider_id 4, started_at 3",
            ),
            // An exact name goes first, wherever it stands.
            (
                InputRole::Encounters,
                "MRN|patient_id|Provider|Date",
                "patient_id 1 0, provider_id 2, started_at 3",
            ),
            (
                InputRole::Encounters,
                "person_id|visit_start_date|visit_start_datetime|provider_id",
                "patient_id 0, provider_id 3, started_at 1 2",
            ),
            (
                InputRole::Messages,
                "Message ID|Date/Time Sent|PT ID|From|To|Category|Msg Status",
                "sent_at 1, patient_id 2, message_id 0, provider_id 4, sender 3, recipient 4, topic 5, status 6",
            ),
            (InputRole::Messages, "x|y", ""),
        ] {
            let header: Vec<String> = header.split('|').map(str::to_owned).collect();
            let found: Vec<String> = candidates(role, &header)
                .iter()
                .map(|one| {
                    let from: Vec<String> = one.from.iter().map(usize::to_string).collect();
                    format!("{} {}", one.column, from.join(" "))
                })
                .collect();
            assert_eq!(found.join(", "), expected, "{header:?}");
        }
    }
}
