//! What becomes of several values in one cell, as a list in JSON has them.

use std::borrow::Cow;

use smallvec::{SmallVec, smallvec};

use crate::layout::vocabulary::list_of;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::words::{ValueSet, fold};

/// The values of a cell: one, as a rule.
pub(super) type Values<'c> = SmallVec<[Cow<'c, str>; 1]>;

/// What becomes of several values.
pub(super) enum MultiValueRule {
    /// Each makes a row of its own.
    Id,
    /// The one that says most about who took part.
    Party,
    /// They have to say the same; these are the lists of our words.
    Word(Vec<&'static ValueSet>),
    /// The first.
    First,
}

impl MultiValueRule {
    /// Returns what becomes of the values of one of our columns.
    pub fn of(name: &str) -> Self {
        let lists = || InputRole::ALL.into_iter().filter_map(|role| list_of(role, name)).collect::<Vec<_>>();
        match name {
            "patient_id" | "provider_id" => Self::Id,
            "sender" | "recipient" => Self::Party,
            "channel" => Self::Word(Vec::new()),
            _ if !lists().is_empty() => Self::Word(lists()),
            _ => Self::First,
        }
    }

    /// Makes of several values what can stand in our column.
    pub fn settle<'c>(&self, mut values: Values<'c>) -> Values<'c> {
        if values.len() < 2 {
            return values;
        }
        match self {
            Self::Id => {
                let mut at = 0;
                while at < values.len() {
                    if values[..at].contains(&values[at]) {
                        values.remove(at);
                    } else {
                        at += 1;
                    }
                }
            }
            Self::Party => {
                // Stable, so of equals the first.
                values.sort_by_key(|word| party_rank(word));
                values.truncate(1);
            }
            Self::Word(lists) => values = smallvec![word_of(values, lists)],
            Self::First => values.truncate(1),
        }
        values
    }
}

/// Returns the word that several values say: a code and its label are the one of our words among them. Where they differ, all of them are
/// told in one text, which is no word of ours, so what it says is unknown.
fn word_of<'c>(values: Values<'c>, lists: &[&ValueSet]) -> Cow<'c, str> {
    let is_ours = |text: &Cow<'_, str>| lists.iter().any(|list| list.words.contains(&&**text));
    let mut differing: Vec<Cow<'c, str>> = Vec::new();
    for value in values {
        if !differing.iter().any(|known| fold(known) == fold(&value)) {
            differing.push(value);
        }
    }
    if differing.iter().filter(|text| is_ours(text)).count() == 1 {
        differing.retain(|text| is_ours(text));
    }
    match differing.len() {
        1 => differing.remove(0),
        _ => Cow::Owned(differing.join("; ")),
    }
}

/// A message to a provider and others is a message to a provider; a word that nobody knows may be one too.
fn party_rank(word: &str) -> u8 {
    match word {
        "provider" => 0,
        "care-team" => 1,
        "staff" => 3,
        "representative" => 4,
        "patient" => 5,
        "system" => 6,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_contradict_one_another_are_no_word() {
        for (column, values, word) in [
            ("topic", &["billing"][..], "billing"),
            ("topic", &["billing", "billing"], "billing"),
            ("topic", &["Bill", "billing"], "billing"),
            ("topic", &["billing", "test-result"], "billing; test-result"),
            ("topic", &["A", "a"], "A"),
            ("topic", &["A", "B"], "A; B"),
            ("kind", &["telehealth", "99213", "office-visit"], "telehealth; 99213; office-visit"),
            ("channel", &["ehr-portal", "email"], "ehr-portal; email"),
            ("recipient", &["patient", "provider"], "provider"),
            ("message_id", &["1", "2"], "1"),
        ] {
            let values: Values<'_> = values.iter().map(|text| Cow::Borrowed(*text)).collect();
            let settled = MultiValueRule::of(column).settle(values);
            assert_eq!((settled.len(), &*settled[0]), (1, word), "{column}");
        }
    }
}
