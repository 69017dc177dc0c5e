//! Scores many candidate periods in one pass: records events by day for each pair, and computes every period from these events.

mod accumulate;
mod events;
mod recorded;
mod unseen;
mod unusable;
mod window_builder;

use std::ops::Range;

use crate::domain::inclusion::Inclusion;
use crate::domain::period::{Day, Period};

pub use events::{EventLog, SweepBatch, SweepContext};
pub use recorded::DaySet;
pub use unseen::UnseenNotes;
pub use unusable::{UnusableInWindows, WritersInWindows};
pub use window_builder::scores;

/// The candidate periods of a sweep, in families. Each family is sorted by first day and by last day.
pub struct WindowSet {
    /// All candidate periods, family by family.
    pub windows: Vec<Period>,
    families: Vec<Range<usize>>,
    /// The calendar year that contains all candidate periods.
    year: Period,
}

/// A day on which a patient was seen or may have been seen.
#[derive(Clone, Copy)]
pub struct DenominatorEvent {
    /// The position of the pair.
    pub row: u32,
    /// The day; `None` if it is unknown.
    pub day: Option<Day>,
    /// The first day. Equals `day`, unless this is what all versions of a record share: then a period must contain all days from `first` to
    /// `day`.
    pub first: Option<Day>,
    /// Whether the patient was certainly seen.
    pub answer: Inclusion,
}

impl WindowSet {
    /// Returns candidate periods in families. All must be in the year of the first period.
    pub fn new(families: Vec<Vec<Period>>) -> Self {
        let windows: Vec<Period> = families.iter().flatten().copied().collect();
        let mut begin = 0;
        let range = |family: &Vec<Period>| {
            let range = begin..begin + family.len();
            begin = range.end;
            range
        };
        let families = families.iter().map(range).collect();
        let first = windows.first().map_or(Day::FIRST, |window| window.first);
        Self { windows, families, year: Period { first: first.first_of_year(), last: first.last_of_year() } }
    }

    /// Returns for each family the candidate periods that end before a day, contain it, and begin after it.
    fn around(&self, day: Day) -> impl Iterator<Item = [Range<usize>; 3]> + '_ {
        self.families.iter().map(move |family| {
            let windows = &self.windows[family.clone()];
            let over = family.start + windows.partition_point(|window| window.last < day);
            let begun = family.start + windows.partition_point(|window| window.first <= day);
            [family.start..over, over..begun, begun..family.end]
        })
    }
}
