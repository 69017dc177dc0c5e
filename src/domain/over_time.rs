//! What a page shows of a measure over time: its weeks, and the other periods that the year would allow.

use crate::domain::progress::Course;
use crate::domain::report::PeriodDays;
use crate::domain::verdict::Verdict;

/// A measure over time.
#[derive(Clone, Debug)]
pub struct OverTime {
    /// The weeks of the reporting period.
    pub weeks: Vec<PeriodDays>,
    /// What happened in them, over all providers.
    pub course: Course,
    /// The periods of continuous days within the calendar year; none where they were not looked at.
    pub windows: Option<Windows>,
}

/// Every period of so many continuous days within a calendar year.
#[derive(Clone, Debug)]
pub struct Windows {
    /// How many days each has.
    pub days: i32,
    /// The periods, by their first day.
    pub windows: Vec<PeriodDays>,
    /// From when to when encounters that may count are on record in that year; none where there are none.
    pub recorded: Option<PeriodDays>,
    /// The verdict of each provider in each of them.
    pub providers: Vec<Strip>,
}

/// A provider in every window.
#[derive(Clone, Debug)]
pub struct Strip {
    /// The id in the exports.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// The verdicts, in the order of the windows.
    pub verdicts: Vec<Verdict>,
}
