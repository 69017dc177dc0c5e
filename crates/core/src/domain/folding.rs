//! Spelling differences between ids in the exports of one practice, such as letter case, leading zeros, or a prefix.

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
    /// Letters before a number, such as `MRN-`.
    Label,
    /// The order of the words in a name, its titles, and its punctuation: `Lee, Ann MD` and `Dr. Ann Lee`.
    Name,
}

impl Fold {
    /// Every difference. [`Folding::fold`] removes them in another order: prefix, decimal, and label before zeros.
    pub const ALL: [Self; 6] =
        [Self::Zeros, Self::Case, Self::Decimal, Self::Prefix, Self::Label, Self::Name];

    /// The differences that a program or a spreadsheet makes by accident, so that two ids with only these nearly match. A label often
    /// tells two sites apart, and two people may have one name.
    pub const ACCIDENTAL: [Self; 4] = [Self::Zeros, Self::Case, Self::Decimal, Self::Prefix];

    /// Returns the identifier that users see.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A set of differences in spelling that do not make ids different.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folding {
    folds: [bool; Fold::ALL.len()],
}

impl Folding {
    /// Every difference that exports make.
    pub const ALL: Self = Self { folds: [true; Fold::ALL.len()] };

    /// The differences of [`Fold::ACCIDENTAL`].
    pub const ACCIDENTAL: Self = {
        let (mut folds, mut at) = ([false; Fold::ALL.len()], 0);
        while at < Fold::ACCIDENTAL.len() {
            folds[Fold::ACCIDENTAL[at] as usize] = true;
            at += 1;
        }
        Self { folds }
    };

    /// Builds a set of differences.
    pub fn new(folds: impl IntoIterator<Item = Fold>) -> Self {
        let mut folding = Self::default();
        folds.into_iter().for_each(|fold| folding.folds[fold as usize] = true);
        folding
    }

    /// Returns the differences of both sets.
    pub fn and(self, more: Self) -> Self {
        Self { folds: std::array::from_fn(|at| self.folds[at] || more.folds[at]) }
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
        if self.has(Fold::Label) {
            text = without_label(text);
        }
        if self.has(Fold::Zeros) {
            let bare = text.trim_start_matches('0');
            // An id of zeros only keeps one.
            text = if bare.is_empty() && !text.is_empty() { "0" } else { bare };
        }
        if self.has(Fold::Name)
            && let Some(name) = name_words(text)
        {
            return name;
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

/// Returns a number without the letters before it, and the sign or blank between them.
fn without_label(id: &str) -> &str {
    let rest = id.trim_start_matches(|char: char| char.is_ascii_alphabetic());
    let number = rest.strip_prefix(['-', '_', ':', '#', ' ']).unwrap_or(rest);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if rest.len() < id.len() && is_number { number } else { id }
}

/// Titles and degrees that are written with some names and not with others.
const TITLES: [&str; 36] = [
    "md", "do", "dr", "np", "pa", "pa-c", "pac", "rn", "lpn", "phd", "psyd", "pharmd", "dpm", "od", "dds",
    "dmd", "dc", "fnp", "fnp-c", "fnp-bc", "dnp", "anp", "pnp", "aprn", "arnp", "crnp", "cnp", "cnm", "cns",
    "msn", "lcsw", "mph", "mbbs", "facp", "faafp", "facog",
];

/// Returns the words of a name in alphabetical order, in lower case, without titles. `None` if the text has fewer than two of them.
fn name_words(text: &str) -> Option<String> {
    if !text.contains([' ', ',']) || !text.contains(char::is_alphabetic) {
        return None;
    }
    let text = text.to_lowercase().replace('.', "");
    let words = text.split([' ', ',', ';', '(', ')', '\u{A0}']);
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty() && !TITLES.contains(word)).collect();
    words.sort_unstable();
    (words.len() > 1).then(|| words.join(" "))
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
            (Fold::Label, "MRN-10010", "10010"),
            (Fold::Label, "MRN 10010", "10010"),
            (Fold::Label, "P007", "007"),
            (Fold::Label, "10010", "10010"),
            (Fold::Label, "-7", "-7"),
            (Fold::Label, "MRN-", "MRN-"),
            (Fold::Label, "P7A", "P7A"),
            (Fold::Label, "A-B-7", "A-B-7"),
            (Fold::Name, "Lee, Ann MD", "ann lee"),
            (Fold::Name, "Dr. Ann Lee", "ann lee"),
            (Fold::Name, "LEE,ANN B., M.D.", "ann b lee"),
            (Fold::Name, "Smith-Jones, José (NP)", "josé smith-jones"),
            (Fold::Name, "Lee MD", "Lee MD"),
            (Fold::Name, "ALEE", "ALEE"),
            (Fold::Name, "1 2", "1 2"),
        ] {
            assert_eq!(Folding::new([fold]).fold(id), folded, "{fold:?}");
            assert_eq!(Folding::default().fold(id), id);
        }
        assert_eq!(Folding::ALL.fold("Patient/007A.0"), "7a");
        assert_eq!(Folding::ALL.fold("Patient/MRN-007"), "7");
        assert_eq!(Folding::ACCIDENTAL.fold("Patient/MRN-007"), "mrn-007");
    }
}
