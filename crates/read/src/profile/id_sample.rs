//! A sample of the texts of a column, chosen so that samples of two columns can be compared: how many texts are different, and how many of
//! one column are in the other.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use mucalc_core::domain::folding::{Fold, Folding};

/// Texts of a column. Complete if it has few different ones, otherwise those with the smallest hashes, which are the same in each column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdSample {
    /// By the hash of the text without differences in spelling, so that spellings of one id are together.
    texts: BTreeMap<u64, BTreeSet<Box<str>>>,
    is_cut: bool,
}

/// Maximum number of hashes in a sample.
const MAX_TEXTS: usize = 4096;

/// A longer text is not an id, in bytes.
const LONGEST: usize = 64;

/// How many ids of one column are in another column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Ids of the first column in the sample.
    pub ids: usize,
    /// Of these, ids in the second column.
    pub shared: usize,
}

impl IdSample {
    /// Adds a text of the column.
    pub fn see(&mut self, text: &str) {
        if text.len() > LONGEST {
            return;
        }
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(Folding::ALL.fold(text));
        if self.is_cut && self.texts.last_key_value().is_some_and(|(last, _)| hash > *last) {
            return;
        }
        let spellings = self.texts.entry(hash).or_default();
        if !spellings.contains(text) {
            spellings.insert(text.into());
        }
        self.cut();
    }

    /// Adds the texts of another batch.
    pub fn merge(&mut self, more: Self) {
        let limit = |sample: &Self| {
            sample.is_cut.then(|| sample.texts.last_key_value().map(|(last, _)| *last)).flatten()
        };
        let limit = [limit(self), limit(&more)].into_iter().flatten().min();
        for (hash, spellings) in more.texts {
            self.texts.entry(hash).or_default().extend(spellings);
        }
        if let Some(limit) = limit {
            self.texts.split_off(&limit.saturating_add(1));
            self.is_cut = true;
        }
        self.cut();
    }

    fn cut(&mut self) {
        while self.texts.len() > MAX_TEXTS {
            self.texts.pop_last();
            self.is_cut = true;
        }
    }

    /// Returns the number of different texts; an estimate, to a few percent, if there are more than a few thousand.
    pub fn distinct(&self) -> u64 {
        let texts = self.texts.values().map(BTreeSet::len).sum::<usize>() as f64;
        match self.texts.last_key_value() {
            Some((last, _)) if self.is_cut => (texts / ((*last as f64) / (u64::MAX as f64))).round() as u64,
            _ => texts as u64,
        }
    }

    /// Returns how many texts of this column are also in another one, if these differences in spelling do not count.
    pub fn overlap(&self, other: &Self, folds: &[Fold]) -> Overlap {
        let folding = Folding::new(folds.iter().copied());
        let limit = [self, other]
            .into_iter()
            .filter(|sample| sample.is_cut)
            .filter_map(|sample| sample.texts.last_key_value())
            .map(|(last, _)| *last)
            .min()
            .unwrap_or(u64::MAX);
        let mut overlap = Overlap::default();
        for (hash, spellings) in self.texts.range(..=limit) {
            let theirs: BTreeSet<String> =
                other.texts.get(hash).into_iter().flatten().map(|text| folding.fold(text)).collect();
            let ours: BTreeSet<String> = spellings.iter().map(|text| folding.fold(text)).collect();
            overlap.ids += ours.len();
            overlap.shared += ours.intersection(&theirs).count();
        }
        overlap
    }
}

impl Overlap {
    /// Returns the share of ids that are in the other column, from 0 to 1; 0 without ids.
    pub fn share(self) -> f64 {
        if self.ids == 0 { 0.0 } else { self.shared as f64 / self.ids as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(texts: impl IntoIterator<Item = String>) -> IdSample {
        let mut sample = IdSample::default();
        texts.into_iter().for_each(|text| sample.see(&text));
        sample
    }

    #[test]
    fn shared_ids_are_counted_as_they_are_and_without_differences_in_spelling() {
        let visits = sample((1..=100).map(|id| format!("{id:06}")));
        let messages = sample((51..=60).map(|id| id.to_string()).chain(["x".to_owned()]));
        assert_eq!(visits.distinct(), 100);
        assert_eq!(messages.overlap(&visits, &[]), Overlap { ids: 11, shared: 0 });
        assert_eq!(messages.overlap(&visits, &[Fold::Zeros]), Overlap { ids: 11, shared: 10 });
        assert_eq!(messages.overlap(&visits, &[Fold::Case]).shared, 0);
        assert_eq!(sample([]).overlap(&visits, &[]).share(), 0.0);
    }

    #[test]
    fn large_columns_are_estimated_and_merged_samples_are_those_of_the_whole() {
        let ids = |range: std::ops::Range<u32>| range.map(|id| format!("P{id}"));
        let all = sample(ids(0..100_000));
        let mut merged = sample(ids(0..60_000));
        merged.merge(sample(ids(40_000..100_000)));
        assert_eq!(merged.texts, all.texts);
        assert!((95_000..105_000).contains(&all.distinct()), "{}", all.distinct());
        let half = sample(ids(50_000..150_000));
        let share = half.overlap(&all, &[]).share();
        assert!((0.45..0.55).contains(&share), "{share}");
    }
}
