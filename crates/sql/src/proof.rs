//! Proves that the expressions agree with the decision table, by trying every combination of values. If they do not, because several rules
//! use an unknown value, the combination gets an arm of its own.

use crate::predicate::{Predicate, SqlColumn};
use crate::rule_cases::{CaseOutcome, RuleCases};
use mucalc_core::domain::inclusion::Inclusion;
use mucalc_core::domain::words::{Certified, DayRelation};
use mucalc_core::edition::{DecisionTable, TableCell};

/// A value of the column `certified`, for rows of a channel that is certified on some days only, if the day is unknown. The certification
/// depends on the day, so the two unknowns are completed together.
pub(super) struct DatedChannel {
    /// Position of the value.
    pub at: usize,
    /// Each place where the day may be, with whether the channel is certified on the days there.
    pub places: Vec<(DayRelation, Certified)>,
}

/// Makes the expressions exact, and returns the number of combinations of values.
///
/// # Errors
/// If the expressions still disagree with the table, which would be a defect: the combination for which they do.
pub(super) fn check_equivalence(
    judge: &mut RuleCases,
    table: &DecisionTable,
    dated: &[DatedChannel],
) -> Result<u64, Vec<usize>> {
    let all = All::new(&judge.columns, table, dated);
    for expression in 0..judge.expressions.len() {
        // Each new arm is right for all rows that it matches, so this ends.
        for row in 0..all.meant.len() {
            let place = all.row(row);
            let meant = all.meant[row].figures()[expression];
            if judge.expressions[expression].value(place) != meant {
                let cover = all.largest_around(place, |judged| judged.figures()[expression] == meant);
                let parts = cover.into_iter().enumerate();
                let parts = parts.map(|(column, words)| Predicate::in_words(column, words, &judge.columns));
                judge.expressions[expression].add_override(Predicate::all(parts.collect()), meant);
            }
        }
    }
    match (0..all.meant.len()).find(|row| judge.evaluate(all.row(*row)) != all.meant[*row]) {
        Some(row) => Err(all.row(row).to_vec()),
        None => Ok(all.meant.len() as u64),
    }
}

/// The outcome of every combination of values according to the decision table.
struct All {
    /// Number of values of each column.
    words: Vec<usize>,
    /// The combinations, one after another: the position of the value in each column, with the last column changing fastest.
    rows: Vec<usize>,
    meant: Vec<CaseOutcome>,
}

impl All {
    fn new(columns: &[SqlColumn], table: &DecisionTable, dated: &[DatedChannel]) -> Self {
        let words: Vec<usize> = columns.iter().map(|column| column.words.len()).collect();
        let count: usize = words.iter().product();
        let mut rows = Vec::with_capacity(count * words.len());
        let mut row = vec![0; words.len()];
        for _ in 0..count {
            rows.extend_from_slice(&row);
            for (at, words) in row.iter_mut().zip(&words).rev() {
                *at += 1;
                if *at < *words {
                    break;
                }
                *at = 0;
            }
        }
        let mut all = Self { words, rows, meant: Vec::new() };
        let meaning = Meaning::new(columns, table, dated);
        all.meant = (0..count).map(|row| meaning.outcome(all.row(row))).collect();
        all
    }

    /// Returns a combination by its number.
    fn row(&self, number: usize) -> &[usize] {
        &self.rows[number * self.words.len()..][..self.words.len()]
    }

    fn number(&self, row: &[usize]) -> usize {
        row.iter().zip(&self.words).fold(0, |number, (at, words)| number * words + at)
    }

    /// Returns the values of each column, including those of a row. Adds as many as possible, so that `holds` is true for all combinations.
    fn largest_around(&self, row: &[usize], holds: impl Fn(&CaseOutcome) -> bool) -> Vec<Vec<usize>> {
        let mut cover: Vec<Vec<usize>> = row.iter().map(|at| vec![*at]).collect();
        for column in 0..row.len() {
            for word in (0..self.words[column]).filter(|word| *word != row[column]) {
                let only = |at: usize| if at == column { vec![word] } else { cover[at].clone() };
                let more: Vec<Vec<usize>> = (0..row.len()).map(only).collect();
                let combinations = more.iter().fold(vec![Vec::new()], |rows: Vec<Vec<usize>>, words| {
                    let longer = |row: &Vec<usize>| {
                        words.iter().map(|word| [&row[..], &[*word]].concat()).collect::<Vec<_>>()
                    };
                    rows.iter().flat_map(longer).collect()
                });
                if combinations.iter().all(|row| holds(&self.meant[self.number(row)])) {
                    cover[column].push(word);
                }
            }
            cover[column].sort_unstable();
        }
        cover
    }
}

/// What the decision table decides about rows, for all that their values may mean.
struct Meaning<'a> {
    columns: &'a [SqlColumn],
    table: &'a DecisionTable,
    dated: &'a [DatedChannel],
    /// Columns of the day and of the certification.
    both: Option<(usize, usize)>,
}

impl<'a> Meaning<'a> {
    fn new(columns: &'a [SqlColumn], table: &'a DecisionTable, dated: &'a [DatedChannel]) -> Self {
        let column = |name: &str| table.columns().iter().position(|list| list.name == name);
        Self { columns, table, dated, both: column(DayRelation::LIST.name).zip(column(Certified::LIST.name)) }
    }

    fn outcome(&self, row: &[usize]) -> CaseOutcome {
        let codes: Vec<&[u8]> =
            row.iter().zip(self.columns).map(|(at, column)| &column.words[*at].means[..]).collect();
        let of = |codes: &[&[u8]]| union(self.table, codes, &mut vec![0; codes.len()], 0);
        let cell = match self.both {
            Some((day, certified)) => match self.dated.iter().find(|dated| dated.at == row[certified]) {
                Some(dated) if self.columns[day].words[row[day]].is_unknown() => {
                    let place = |(place, is): &(DayRelation, Certified)| {
                        let mut codes = codes.clone();
                        let (place, is) = ([place.code()], [is.code()]);
                        (codes[day], codes[certified]) = (&place, &is);
                        of(&codes)
                    };
                    dated.places.iter().map(place).reduce(TableCell::or)
                }
                _ => Some(of(&codes)),
            },
            None => Some(of(&codes)),
        };
        let TableCell { rule, answer } = cell.unwrap_or(TableCell { rule: 0, answer: Inclusion::Uncertain });
        CaseOutcome { rule: rule as usize + 1, may: answer.is_possible(), must: answer.is_certain() }
    }
}

/// Returns the union of all cells whose codes are among those of each column.
fn union(table: &DecisionTable, codes: &[&[u8]], cell: &mut [u8], from: usize) -> TableCell {
    let Some(of) = codes.get(from) else { return table.cell_of(cell) };
    let unknown = table.columns()[from].unknown();
    // A value that may be anything is `unknown` in the table.
    if of.len() == unknown as usize {
        cell[from] = unknown;
        return union(table, codes, cell, from + 1);
    }
    let one = |cell: &mut [u8], code: u8| {
        cell[from] = code;
        union(table, codes, cell, from + 1)
    };
    let first = one(cell, of[0]);
    of[1..].iter().fold(first, |so_far, code| so_far.or(one(cell, *code)))
}
