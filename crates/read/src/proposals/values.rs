//! Proposes what the values of an export mean.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::text::normalize_key;

/// Canonical values by role, column, and the value of an export.
type Meanings = HashMap<(String, String, String), String>;

static MEANINGS: LazyLock<Meanings> = LazyLock::new(|| {
    // A test reads the file, so that a mistake in it is found.
    let all: ValueFile = toml::from_str(include_str!("../../proposals/values.toml")).unwrap_or_default();
    let mut meanings = Meanings::new();
    for (role, columns) in all {
        for (column, values) in columns {
            for (canonical, words) in values {
                for word in words {
                    meanings.insert((role.clone(), column.clone(), normalize_key(&word)), canonical.clone());
                }
            }
        }
    }
    meanings
});

/// The file: role, column, canonical value, values of exports.
type ValueFile = BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<String>>>>;

/// Returns the canonical value that a value of an export usually means, or `None` if exports use it in several senses, or if it is unknown.
pub fn meaning(role: InputRole, column: &str, value: &str) -> Option<&'static str> {
    let of_text = |text: &str| {
        let key = (role.word().to_owned(), column.to_owned(), normalize_key(text));
        MEANINGS.get(&key).map(String::as_str)
    };
    of_text(value).or_else(|| of_text(without_code(value)?)).or_else(|| of_text(without_number(value)?))
}

/// Returns a value without the number in brackets after it, as in `Office Visit [101]`. `None` if it has none.
fn without_number(value: &str) -> Option<&str> {
    let (text, number) = value.trim_end().trim_end_matches([']', ')']).rsplit_once(['[', '('])?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.trim_end())
}

/// Returns a value without the short code before it, as in `4 - Charge Entered` and `x - No Show`. `None` if it has none.
fn without_code(value: &str) -> Option<&str> {
    let (code, rest) = value.split_once(['-', ':', '='])?;
    let is_code = |code: &str| !code.is_empty() && code.chars().count() <= 2;
    is_code(code.trim()).then(|| rest.trim()).filter(|rest| rest.chars().count() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::vocabulary::list_of;
    use mucalc_core::domain::words::Channel;

    /// The file names canonical columns and values, and gives no value two meanings.
    #[test]
    fn the_values_have_one_meaning_each() {
        let all: ValueFile = toml::from_str(include_str!("../../proposals/values.toml")).expect("a table");
        for (role, columns) in &all {
            let role = InputRole::ALL.into_iter().find(|known| known.word() == role).expect("a role");
            for (column, values) in columns {
                let list = list_of(role, column).unwrap_or(&Channel::LIST);
                let mut known = BTreeMap::new();
                for (canonical, words) in values {
                    assert!(list.words.contains(&canonical.as_str()), "{column}: {canonical}");
                    for word in words {
                        assert_eq!(known.insert(normalize_key(word), canonical), None, "{column}: {word}");
                    }
                }
                // A canonical value means itself.
                for canonical in list.words {
                    assert!(
                        known.get(&normalize_key(canonical)).is_none_or(|meant| meant == canonical),
                        "{column}: {canonical}"
                    );
                }
            }
        }
    }

    #[test]
    fn values_are_found_in_any_spelling_and_doubtful_ones_are_not() {
        for (role, column, value, expected) in [
            (InputRole::Encounters, "status", "CHECKED OUT", Some("completed")),
            (InputRole::Encounters, "status", "No-Show", Some("no-show")),
            (InputRole::Encounters, "status", "4 - Charge Entered", Some("completed")),
            (InputRole::Encounters, "status", "x - No Show", Some("no-show")),
            // Past appointments often keep this status.
            (InputRole::Encounters, "status", "Confirmed", None),
            // Many file what they have read there.
            (InputRole::Messages, "status", "Trash", None),
            (InputRole::Messages, "topic", "Rx Refill Request", Some("medication-refill")),
            (InputRole::Messages, "channel", "E-Mail", Some("email")),
            // Only the practice knows whether its portal is that of the certified EHR.
            (InputRole::Messages, "channel", "Patient Portal", None),
            (InputRole::Messages, "topic", "General", None),
            (InputRole::Encounters, "seen_by", "NP", None),
            (InputRole::Encounters, "kind", "Nurse Visit", None),
        ] {
            assert_eq!(meaning(role, column, value), expected, "{value}");
        }
    }
}
