//! Applies the rules to one row one after the other, to explain what the [`DecisionTable`] only looks up.

use std::collections::BTreeSet;

use crate::domain::explanation::RuleMatch;
use crate::domain::inclusion::Inclusion;
use crate::edition::DecisionTable;
use crate::edition::model::{PolicyChoices, RuleList};

/// The rules of a list applied to a row one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTrace {
    /// The rules in order, up to the first one that matches every remaining possibility.
    pub steps: Vec<TraceStep>,
    /// The position of the first rule that can decide the row.
    pub rule: u8,
    /// The union of the outcomes over all possible values of the unknown columns.
    pub answer: Inclusion,
}

/// A rule applied to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceStep {
    /// The position of the rule in its list.
    pub rule: u8,
    /// Whether the rule matches.
    pub fits: RuleMatch,
}

/// Applies the rules of a list to a row, one after the other. Each of `readings` is a row that it may be, with one code per column; any
/// code may be that of `unknown`.
pub fn trace(section: &RuleList, choices: &PolicyChoices, readings: &[Vec<u8>]) -> RuleTrace {
    let mut open: BTreeSet<Vec<u8>> =
        readings.iter().flat_map(|reading| completions(section, reading)).collect();
    let mut trace = RuleTrace { steps: Vec::new(), rule: u8::MAX, answer: Inclusion::Uncertain };
    let mut answer: Option<Inclusion> = None;
    for (position, rule) in section.rules.iter().enumerate() {
        let position = position as u8;
        let Some(decided) = rule.decided(choices) else {
            trace.steps.push(TraceStep { rule: position, fits: RuleMatch::NotAsked });
            continue;
        };
        let before = open.len();
        open.retain(|row| rule.when.as_ref().is_some_and(|when| !when.matches(row)));
        let fits = match open.len() {
            0 => RuleMatch::Yes,
            left if left == before => RuleMatch::No,
            _ => RuleMatch::Perhaps,
        };
        trace.steps.push(TraceStep { rule: position, fits });
        if fits != RuleMatch::No {
            trace.rule = trace.rule.min(position);
            answer = Some(answer.map_or(decided, |known| known | decided));
        }
        if fits == RuleMatch::Yes {
            break;
        }
    }
    // The lint requires a last rule that matches every row.
    trace.answer = answer.unwrap_or(Inclusion::Uncertain);
    trace
}

/// Returns the smallest sets of columns, by position, for which other values would certainly include the row. Empty if the row is certainly
/// included, or if no values would include it.
///
/// `day` is the column of the day. `inside` lists what the row could be if its day was in the reporting period; any one of these is enough.
pub fn blocking_conditions(
    table: &DecisionTable,
    readings: &[Vec<u8>],
    day: usize,
    inside: &[Vec<u8>],
) -> Vec<Vec<usize>> {
    let width = table.columns().len();
    let suffices = |columns: &[usize]| {
        let others: Vec<usize> = columns.iter().copied().filter(|column| *column != day).collect();
        match columns.contains(&day) {
            true => inside.iter().any(|row| some_words(table, std::slice::from_ref(row), &others)),
            false => some_words(table, readings, &others),
        }
    };
    for size in 0..=width {
        let found: Vec<Vec<usize>> = subsets(width, size).filter(|columns| suffices(columns)).collect();
        if !found.is_empty() {
            return if size == 0 { Vec::new() } else { found };
        }
    }
    Vec::new()
}

/// Returns whether these columns have known values with which every reading is certainly included.
fn some_words(table: &DecisionTable, readings: &[Vec<u8>], columns: &[usize]) -> bool {
    let Some((first, rest)) = columns.split_first() else {
        return readings.iter().all(|row| table.cell_of(row).answer.is_certain());
    };
    let list = table.columns()[*first];
    (0..list.unknown()).any(|code| {
        let with = |row: &Vec<u8>| {
            let mut row = row.clone();
            row[*first] = code;
            row
        };
        some_words(table, &readings.iter().map(with).collect::<Vec<_>>(), rest)
    })
}

/// Returns the subsets of `width` columns that have `size` columns, in ascending order.
fn subsets(width: usize, size: usize) -> impl Iterator<Item = Vec<usize>> {
    let sets = (0..1u32 << width).filter(move |set| set.count_ones() as usize == size);
    let mut sets: Vec<Vec<usize>> =
        sets.map(|set| (0..width).filter(|column| set >> column & 1 == 1).collect()).collect();
    sets.sort();
    sets.into_iter()
}

/// Returns every row of known values that a reading may be. Columns that no rule references have their first value.
fn completions(section: &RuleList, reading: &[u8]) -> Vec<Vec<u8>> {
    reading.iter().enumerate().fold(vec![Vec::new()], |rows, (column, code)| {
        let list = section.columns[column];
        let words = match *code {
            _ if !section.references(column) => 0..1,
            code if code == list.unknown() => 0..list.unknown(),
            code => code..code + 1,
        };
        rows.iter()
            .flat_map(|row| words.clone().map(move |word| row.iter().copied().chain([word]).collect()))
            .collect()
    })
}
