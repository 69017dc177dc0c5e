//! Finds ids of messages that no encounter has, but that match exactly one of the encounters' ids apart from spelling.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::domain::folding::{Fold, Folding};
use crate::ledger::undressed::undressed;

/// Ids by their form without differences in spelling.
struct NearIds {
    folding: Folding,
    /// The number of the only id with this form; `None` if several ids have it.
    folded: HashMap<String, Option<u32>>,
}

/// The spelling of an id. Ids that have the same spelling and fold to the same text are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spelling {
    length: usize,
    /// The kinds of characters in the id.
    sorts: u8,
}

const SMALL: u8 = 1;
const CAPITAL: u8 = 2;
/// A character that a fold can remove, or one outside ASCII.
const ODD: u8 = 4;

/// The kind of each byte.
const SORTS: [u8; 256] = {
    let mut sorts = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        sorts[byte] = match byte as u8 {
            b'a'..=b'z' => SMALL,
            b'A'..=b'Z' => CAPITAL,
            b'0'..=b'9' | b'-' | b'_' => 0,
            _ => ODD,
        };
        byte += 1;
    }
    sorts
};

impl NearIds {
    fn new<'i>(ids: impl Iterator<Item = (u32, &'i [u8])>, folding: Folding) -> Self {
        let mut folded = HashMap::new();
        for (number, id) in ids {
            folded.entry(fold(id, folding)).and_modify(|known| *known = None).or_insert(Some(number));
        }
        Self { folding, folded }
    }

    fn find_near(&self, id: &[u8]) -> Option<u32> {
        self.folded.get(&fold(id, self.folding)).copied().flatten()
    }
}

/// Returns an id without differences in spelling. Ids are UTF-8.
fn fold(id: &[u8], folding: Folding) -> String {
    folding.fold(&undressed(&String::from_utf8_lossy(id)))
}

/// The near-match lookup, built on first use.
#[derive(Default)]
pub(super) struct LazyNearIds {
    /// Differences that the practice declares to be none. Ids with only these and accidental ones nearly match.
    declared: Folding,
    /// The spelling that all ids share; `None` if they differ. Another id with this spelling cannot nearly match.
    alike: OnceLock<Option<Spelling>>,
    ids: OnceLock<NearIds>,
}

impl LazyNearIds {
    /// Creates the lookup of a practice that declares these differences to be none.
    pub(super) fn new(declared: Folding) -> Self {
        Self { declared, ..Self::default() }
    }

    /// Sets that all ids are spelled like this one, which saves reading them all.
    pub(super) fn know_alike(&self, id: &[u8]) {
        self.alike.get_or_init(|| spelling(id));
    }

    /// Returns the number of the only one of `ids` that nearly matches `id`, which is not among them.
    pub(super) fn find_near<'i, I: Iterator<Item = (u32, &'i [u8])>>(
        &self,
        id: &[u8],
        ids: impl Fn() -> I,
    ) -> Option<u32> {
        let alike = *self.alike.get_or_init(|| alike(ids()));
        // Ids that are spelled alike can have different labels.
        if alike.is_some() && spelling(id) == alike && !self.declared.has(Fold::Label) {
            return None;
        }
        let folding = Folding::ACCIDENTAL.and(self.declared);
        self.ids.get_or_init(|| NearIds::new(ids(), folding)).find_near(id)
    }
}

/// Returns the spelling of all ids; `None` if they differ.
fn alike<'i>(ids: impl Iterator<Item = (u32, &'i [u8])>) -> Option<Spelling> {
    let mut spellings = ids.map(|(_, id)| spelling(id));
    let first = spellings.next().flatten();
    first.filter(|first| spellings.all(|other| other == Some(*first)))
}

/// Returns the spelling of an id; `None` if the id has a character that a fold removes, or letters of both cases.
fn spelling(id: &[u8]) -> Option<Spelling> {
    let sorts = id.iter().fold(0, |sorts, byte| sorts | SORTS[usize::from(*byte)]);
    (sorts & ODD == 0 && sorts != SMALL | CAPITAL).then_some(Spelling { length: id.len(), sorts })
}

/// Returns the fewest folds that make two ids equal.
pub fn folds_between(one: &str, other: &str) -> Vec<Fold> {
    let sets = (0..1u8 << Fold::ACCIDENTAL.len()).map(|bits| {
        Fold::ACCIDENTAL
            .into_iter()
            .enumerate()
            .filter(move |(at, _)| bits >> at & 1 == 1)
            .map(|(_, fold)| fold)
    });
    let mut equal: Vec<Vec<Fold>> = sets
        .map(Iterator::collect::<Vec<Fold>>)
        .filter(|folds| {
            let folding = Folding::new(folds.iter().copied());
            folding.fold(one) == folding.fold(other)
        })
        .collect();
    equal.sort_by_key(Vec::len);
    equal.into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_near(ids: &[&str], id: &str) -> Option<u32> {
        LazyNearIds::default().find_near(id.as_bytes(), || (0..).zip(ids.iter().map(|id| id.as_bytes())))
    }

    #[test]
    fn an_id_nearly_matches_exactly_one() {
        let ids = ["00007", "00014", "7A"];
        for (id, near) in [
            ("7", Some(0)),
            ("007", Some(0)),
            ("Patient/14", Some(1)),
            ("14.0", Some(1)),
            ("7a", Some(2)),
            ("8", None),
        ] {
            assert_eq!(find_near(&ids, id), near, "{id}");
        }
        assert_eq!(find_near(&["007", "0007"], "7"), None);
    }

    #[test]
    fn ids_that_are_spelled_alike_never_nearly_match() {
        for (ids, id, near) in [
            (["0007", "0008"], "0009", None),
            (["P7", "P8"], "p8", Some(1)),
            (["p7", "p8"], "P8", Some(1)),
            (["07", "08"], "008", Some(1)),
        ] {
            assert_eq!(find_near(&ids, id), near, "{id}");
        }
    }

    #[test]
    fn the_fewest_folds_are_named() {
        assert_eq!(folds_between("7", "007"), [Fold::Zeros]);
        assert_eq!(folds_between("dr-1", "DR-1"), [Fold::Case]);
        assert_eq!(folds_between("Patient/7.0", "007"), [Fold::Zeros, Fold::Decimal, Fold::Prefix]);
        assert_eq!(folds_between("7", "7"), []);
    }
}
