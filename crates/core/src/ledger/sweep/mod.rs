//! Many windows in one pass: what a day is worth is noted with the pair it reaches, and the windows are made of the notes.

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

/// The windows of a sweep, in families of which each is sorted by first and by last day.
pub struct WindowSet {
    /// All windows, family after family.
    pub windows: Vec<Period>,
    families: Vec<Range<usize>>,
    /// The calendar year in which all of them lie.
    year: Period,
}

/// A day on which a pair certainly, or perhaps, was seen; none where it is not known.
#[derive(Clone, Copy)]
pub struct DenominatorEvent {
    /// The position of the pair.
    pub row: u32,
    /// The day.
    pub day: Option<Day>,
    /// The first of several days on which all versions of a record together say so, of which `day` is the last; else the same.
    pub first: Option<Day>,
    /// Whether it is certain.
    pub answer: Inclusion,
}

impl WindowSet {
    /// Windows in families; all lie in the year of the first.
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
        Self { windows, families, year: Period { first: first.year_begin(), last: first.year_end() } }
    }

    /// Of each family the windows that end before a day, contain it, and begin after it.
    fn around(&self, day: Day) -> impl Iterator<Item = [Range<usize>; 3]> + '_ {
        self.families.iter().map(move |family| {
            let windows = &self.windows[family.clone()];
            let over = family.start + windows.partition_point(|window| window.last < day);
            let begun = family.start + windows.partition_point(|window| window.first <= day);
            [family.start..over, over..begun, begun..family.end]
        })
    }
}
