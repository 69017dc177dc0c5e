//! The set of days on which rows occurred, one bit per day.

use crate::domain::period::Day;

/// A set of days from 1970 to 2149. Other days are ignored.
#[derive(Clone, Default)]
pub struct DaySet(Vec<u64>);

/// 180 years of days, in words of 64 bits.
const WORDS: usize = 1028;

impl DaySet {
    /// Adds a day.
    #[inline]
    pub fn add(&mut self, day: Day) {
        let at = day.days_since(EPOCH) as usize;
        if at < WORDS * 64 {
            if self.0.is_empty() {
                self.0.resize(WORDS, 0);
            }
            self.0[at / 64] |= 1 << (at % 64);
        }
    }

    /// Adds the days of another set.
    pub fn merge(&mut self, other: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&other.0);
        } else {
            self.0.iter_mut().zip(&other.0).for_each(|(days, more)| *days |= more);
        }
    }

    /// Returns the days, in ascending order.
    pub fn to_days(&self) -> Vec<Day> {
        let has = |at: &usize| self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
        (0..self.0.len() * 64).filter(has).map(|at| EPOCH.add_days(at as i32)).collect()
    }
}

const EPOCH: Day = Day::from_epoch(0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_back_sorted_and_once() {
        let day = |days| Day::from_epoch(days);
        let (mut one, mut other) = (DaySet::default(), DaySet::default());
        [70, 16_000, 70, -1, i32::MAX].into_iter().for_each(|days| one.add(day(days)));
        [63, 64].into_iter().for_each(|days| other.add(day(days)));
        one.merge(&other);
        one.merge(&DaySet::default());
        assert_eq!(one.to_days(), [63, 64, 70, 16_000].map(day));
        assert_eq!(DaySet::default().to_days(), []);
    }
}
