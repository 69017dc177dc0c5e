//! The allowed reporting periods that are nearest to one that is not allowed.

use std::collections::BTreeSet;

use crate::domain::participant::Participant;
use crate::domain::period::Period;
use crate::edition::model::Edition;

/// Returns the allowed periods of an edition that are nearest to another, the nearest first; at most four.
///
/// They lie in the year in which it begins, or in that in which it ends, each by the rules of its own year.
pub fn nearest(edition: &Edition, participant: Option<Participant>, period: Period) -> Vec<Period> {
    let ends = Some(period.last.year()).filter(|year| edition.years.contains(*year));
    let years = BTreeSet::from_iter(std::iter::once(period.program_year()).chain(ends));
    let in_year = |year: i32| {
        let rules = edition.period_rules(year, participant).into_iter();
        rules.flat_map(move |rule| rule.near(period, year))
    };
    let distance = |one: &Period| {
        i64::from(one.first.after(period.first)).abs() + i64::from(one.last.after(period.last)).abs()
    };
    let mut all: Vec<Period> = years.into_iter().flat_map(in_year).collect();
    all.sort_by_key(|one| (distance(one), one.first, one.last));
    all.dedup();
    all.truncate(MAX_NEAREST);
    all
}

/// Allowed periods to propose: enough to show a neighbor on either side for two kinds of participants.
const MAX_NEAREST: usize = 4;
