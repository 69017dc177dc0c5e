//! Reduces several values in one cell, as from a JSON list, to what a canonical column can contain.

use std::borrow::Cow;

use smallvec::{SmallVec, smallvec};

use crate::layout::vocabulary::list_of;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::words::{ValueSet, fold};

/// The values of a cell, usually one.
pub(super) type Values<'c> = SmallVec<[Cow<'c, str>; 1]>;

/// What to do with several values.
pub(super) enum MultiValueRule {
    /// Each distinct value makes a row of its own.
    Id,
    /// The value of the most relevant party is used.
    Party,
    /// The values must agree. Contains the lists of canonical values.
    Word(Vec<&'static ValueSet>),
    /// The first value is used.
    First,
}

impl MultiValueRule {
    /// Returns the rule for a canonical column.
    pub fn for_column(name: &str) -> Self {
        let lists = || InputRole::ALL.into_iter().filter_map(|role| list_of(role, name)).collect::<Vec<_>>();
        match name {
            "patient_id" | "provider_id" => Self::Id,
            "sender" | "recipient" => Self::Party,
            "channel" => Self::Word(Vec::new()),
            _ if !lists().is_empty() => Self::Word(lists()),
            _ => Self::First,
        }
    }

    /// Reduces several values to what a canonical column can contain.
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
                // The sort is stable, so the first of equal values wins.
                values.sort_by_key(|word| party_rank(word));
                values.truncate(1);
            }
            Self::Word(lists) => values = smallvec![word_of(values, lists)],
            Self::First => values.truncate(1),
        }
        values
    }
}

/// Returns the value that several values agree on. If exactly one of them is canonical, as with a code and its label, it is used. Values
/// that differ are joined to one text, which is not a canonical value and therefore unknown.
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

/// Returns the rank of a party; the lowest is the most relevant. A message to a provider and others is a message to a provider. An unknown
/// value may be a provider too.
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
            let settled = MultiValueRule::for_column(column).settle(values);
            assert_eq!((settled.len(), &*settled[0]), (1, word), "{column}");
        }
    }
}
