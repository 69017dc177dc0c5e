//! What the encounters show about an exclusion that an EP may attest (B32). It is separate from the result and never decides it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::score::CountRange;

/// Whether an exclusion applies, as far as the encounters show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Applies")]
pub enum ExclusionStatus {
    /// It applies for every possible value of unknown data.
    Yes,
    /// It does not apply for any possible value of unknown data.
    No,
    /// It depends on unknown data.
    Unclear,
    /// The exports contain nothing about it.
    NotComputed,
}

/// The encounters of an EP that an exclusion considers, counted by a mark: a county that lacks broadband, or a location with certified EHR
/// technology.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExclusionCounts {
    certain: ByMark,
    possible: ByMark,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ByMark {
    with: u64,
    without: u64,
    unknown: u64,
}

impl ExclusionCounts {
    /// Adds an encounter.
    ///
    /// `certain` is whether the exclusion considers it for every possible value of unknown data. `has_mark` is `None` if unknown.
    pub fn add(&mut self, certain: bool, has_mark: Option<bool>) {
        self.add_many(certain, has_mark, 1);
    }

    /// Adds several encounters with the same properties.
    pub fn add_many(&mut self, certain: bool, has_mark: Option<bool>, encounters: u64) {
        let by_mark = if certain { &mut self.certain } else { &mut self.possible };
        *match has_mark {
            Some(true) => &mut by_mark.with,
            Some(false) => &mut by_mark.without,
            None => &mut by_mark.unknown,
        } += encounters;
    }

    /// Adds the counts of another part.
    pub fn merge(&mut self, other: &Self) {
        for (sum, more) in [(&mut self.certain, other.certain), (&mut self.possible, other.possible)] {
            sum.with += more.with;
            sum.without += more.without;
            sum.unknown += more.unknown;
        }
    }

    /// Returns whether there are no encounters.
    pub fn no_encounters(&self) -> ExclusionStatus {
        match (self.certain.all(), self.possible.all()) {
            (0, 0) => ExclusionStatus::Yes,
            (0, _) => ExclusionStatus::Unclear,
            _ => ExclusionStatus::No,
        }
    }

    /// Returns whether at least half of the encounters have the mark (B33, B34, B41).
    pub fn half_with_mark(&self) -> ExclusionStatus {
        let (certain, possible) = (self.certain, self.possible);
        // The encounters with the mark minus the others, lowest and highest. A possible encounter may also contribute nothing.
        let least = certain.with as i64
            - (certain.without + certain.unknown + possible.without + possible.unknown) as i64;
        let greatest = (certain.with + certain.unknown + possible.with + possible.unknown) as i64
            - certain.without as i64;
        let has_some_for_certain = certain.all() > 0;
        if has_some_for_certain && least >= 0 {
            ExclusionStatus::Yes
        } else if greatest < 0 || (!has_some_for_certain && greatest == 0) {
            ExclusionStatus::No
        } else {
            ExclusionStatus::Unclear
        }
    }

    /// Returns the number of encounters.
    pub fn all(&self) -> CountRange {
        let certain = self.certain.all();
        CountRange { least: certain, most: certain + self.possible.all() }
    }

    /// Returns the number of encounters with the mark.
    pub fn with_mark(&self) -> CountRange {
        let (certain, possible) = (self.certain, self.possible);
        let most = certain.with + certain.unknown + possible.with + possible.unknown;
        CountRange { least: certain.with, most }
    }
}

impl ByMark {
    fn all(self) -> u64 {
        self.with + self.without + self.unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(encounters: &[(bool, Option<bool>)]) -> ExclusionCounts {
        let mut held = ExclusionCounts::default();
        encounters.iter().for_each(|(certain, short)| held.add(*certain, *short));
        held
    }

    /// Tries every possible value of the unknown data.
    fn by_completion(encounters: &[(bool, Option<bool>)]) -> ExclusionStatus {
        let ways = |(certain, short): &(bool, Option<bool>)| {
            let mut ways: Vec<i64> = match short {
                Some(true) => vec![1],
                Some(false) => vec![-1],
                None => vec![1, -1],
            };
            if !certain {
                ways.push(0);
            }
            ways
        };
        let mut sums: Vec<(i64, u64)> = vec![(0, 0)];
        for encounter in encounters {
            let add = |(sum, all): &(i64, u64)| {
                let (sum, all) = (*sum, *all);
                ways(encounter).into_iter().map(move |way| (sum + way, all + u64::from(way != 0)))
            };
            sums = sums.iter().flat_map(add).collect();
        }
        let applies: Vec<bool> = sums.iter().map(|(sum, all)| *all > 0 && *sum >= 0).collect();
        match (applies.contains(&true), applies.contains(&false)) {
            (true, false) => ExclusionStatus::Yes,
            (false, _) => ExclusionStatus::No,
            (true, true) => ExclusionStatus::Unclear,
        }
    }

    #[test]
    fn half_is_enough_and_the_unknown_is_tried_both_ways() {
        let kinds: Vec<(bool, Option<bool>)> = [true, false]
            .into_iter()
            .flat_map(|certain| [Some(true), Some(false), None].map(|short| (certain, short)))
            .collect();
        // Every multiset of up to four encounters.
        let mut lists: Vec<Vec<(bool, Option<bool>)>> = vec![Vec::new()];
        for _ in 0..4 {
            let longer = |list: &Vec<_>| {
                let list = list.clone();
                kinds.iter().map(move |kind| [list.clone(), vec![*kind]].concat())
            };
            lists.extend(lists.clone().iter().flat_map(longer));
        }
        for list in lists {
            assert_eq!(held(&list).half_with_mark(), by_completion(&list), "{list:?}");
        }
        // 50 of 100 qualify, 49 do not.
        let of = |short: usize| {
            held(&[vec![(true, Some(true)); short], vec![(true, Some(false)); 100 - short]].concat())
        };
        assert_eq!(
            (of(50).half_with_mark(), of(49).half_with_mark()),
            (ExclusionStatus::Yes, ExclusionStatus::No)
        );
    }

    #[test]
    fn one_certain_visit_is_enough_for_no() {
        assert_eq!(held(&[]).no_encounters(), ExclusionStatus::Yes);
        assert_eq!(held(&[(false, None)]).no_encounters(), ExclusionStatus::Unclear);
        assert_eq!(held(&[(false, None), (true, None)]).no_encounters(), ExclusionStatus::No);
    }
}
