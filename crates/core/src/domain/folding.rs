//! Spelling differences between ids in the exports of one practice: letter case, leading zeros, a trailing `.0`, a `Type/` prefix.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A spelling difference that may not be a real difference between ids.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Deserialize,
    Serialize,
    JsonSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "lowercase")]
pub enum Fold {
    /// Leading zeros.
    Zeros,
    /// Letter case.
    Case,
    /// A trailing `.0`.
    Decimal,
    /// A prefix such as `Patient/`.
    Prefix,
}

impl Fold {
    /// Every difference. [`Folding::fold`] removes them in another order: prefix and decimal before zeros.
    pub const ALL: [Self; 4] = [Self::Zeros, Self::Case, Self::Decimal, Self::Prefix];

    /// Returns the identifier that users see.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A set of differences in spelling that do not make ids different.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folding {
    folds: [bool; 4],
}

impl Folding {
    /// Every difference that exports make.
    pub const ALL: Self = Self { folds: [true; 4] };

    /// Builds a set of differences.
    pub fn new(folds: impl IntoIterator<Item = Fold>) -> Self {
        let mut folding = Self::default();
        folds.into_iter().for_each(|fold| folding.folds[fold as usize] = true);
        folding
    }

    /// Returns whether the set is empty, so that every difference makes ids different.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Returns whether the set contains a difference.
    pub fn has(self, fold: Fold) -> bool {
        self.folds[fold as usize]
    }

    /// Returns the common form of all ids that differ only by the differences in the set.
    pub fn fold(self, id: &str) -> String {
        let mut text = id;
        if self.has(Fold::Prefix) {
            text = without_prefix(text);
        }
        if self.has(Fold::Decimal) {
            text = without_decimal(text);
        }
        if self.has(Fold::Zeros) {
            let bare = text.trim_start_matches('0');
            // An id of zeros only keeps one.
            text = if bare.is_empty() && !text.is_empty() { "0" } else { bare };
        }
        if self.has(Fold::Case) { text.to_lowercase() } else { text.to_owned() }
    }
}

/// Returns an id without its type prefix: letters and a slash, as in FHIR references.
fn without_prefix(id: &str) -> &str {
    match id.rsplit_once('/') {
        Some((kind, rest))
            if !rest.is_empty()
                && kind.bytes().all(|byte| byte.is_ascii_alphabetic())
                && !kind.is_empty() =>
        {
            rest
        }
        _ => id,
    }
}

/// Returns a whole number without `.0`, which programs that treat ids as numbers append.
fn without_decimal(id: &str) -> &str {
    match id.split_once('.') {
        Some((whole, zeros))
            if !whole.is_empty() && !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') =>
        {
            whole
        }
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fold_takes_away_one_difference_and_all_together_take_away_all() {
        for (fold, id, folded) in [
            (Fold::Zeros, "00007", "7"),
            (Fold::Zeros, "000", "0"),
            (Fold::Zeros, "P007", "P007"),
            (Fold::Case, "DR-1", "dr-1"),
            (Fold::Decimal, "7.0", "7"),
            (Fold::Decimal, "7.00", "7"),
            (Fold::Decimal, "7.5", "7.5"),
            (Fold::Decimal, ".0", ".0"),
            (Fold::Prefix, "Patient/7", "7"),
            (Fold::Prefix, "Patient/", "Patient/"),
            (Fold::Prefix, "1/7", "1/7"),
        ] {
            assert_eq!(Folding::new([fold]).fold(id), folded, "{fold:?}");
            assert_eq!(Folding::default().fold(id), id);
        }
        assert_eq!(Folding::ALL.fold("Patient/007A.0"), "7a");
    }
}
