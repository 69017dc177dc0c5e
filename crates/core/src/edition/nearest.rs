//! Finds the allowed reporting periods that are nearest to one that is not allowed.

use std::collections::BTreeSet;

use crate::domain::participant::Participant;
use crate::domain::period::Period;
use crate::edition::model::Edition;

/// Returns up to four allowed periods of a rule set that are nearest to `period`, the nearest first.
///
/// They are in the year in which `period` begins or in the year in which it ends, under the rules of that year.
pub fn nearest(edition: &Edition, participant: Option<Participant>, period: Period) -> Vec<Period> {
    let ends = Some(period.last.year()).filter(|year| edition.years.contains(*year));
    let years = BTreeSet::from_iter(std::iter::once(period.program_year()).chain(ends));
    let in_year = |year: i32| {
        let rules = edition.period_rules(year, participant).into_iter();
        rules.flat_map(move |rule| rule.near(period, year))
    };
    let distance = |one: &Period| {
        i64::from(one.first.days_since(period.first)).abs()
            + i64::from(one.last.days_since(period.last)).abs()
    };
    let mut all: Vec<Period> = years.into_iter().flat_map(in_year).collect();
    all.sort_by_key(|one| (distance(one), one.first, one.last));
    all.dedup();
    all.truncate(MAX_NEAREST);
    all
}

/// The maximum number of periods to propose: enough for a neighbor on either side for two kinds of participants.
const MAX_NEAREST: usize = 4;
