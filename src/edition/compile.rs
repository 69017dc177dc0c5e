//! An edition and its policies, compiled to one answer for every combination of words.

use crate::domain::answer::Answer;
use crate::domain::words::WordList;
use crate::edition::model::{Choices, Decision, Rule, Section};

/// For every combination of the section's words, `unknown` included: what is decided, and by which rule.
#[derive(Clone, Debug)]
pub struct DecisionTable {
    columns: &'static [&'static WordList],
    cells: Vec<Cell>,
    rules: Vec<String>,
    active: Vec<bool>,
}

/// The decision for one combination of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The first rule that can decide such a row, as a position in [`DecisionTable::rules`].
    pub rule: u8,
    /// Every answer that some completion of the unknowns gives.
    pub answer: Answer,
}

impl DecisionTable {
    /// Compiles a section under the choices made for its policies.
    ///
    /// An `unknown` stands for every word of its list, so its cell is the union of theirs: exact, not estimated.
    pub fn compile(section: &Section, choices: &Choices) -> Self {
        let decisions: Vec<_> = section.rules.iter().map(|rule| decision(rule, choices)).collect();
        let rows: usize = section.columns.iter().map(|column| column.codes()).product();
        let mut table = Self {
            columns: section.columns,
            cells: vec![
                Cell {
                    rule: 0,
                    answer: Answer::Uncertain
                };
                rows
            ],
            rules: section.rules.iter().map(|rule| rule.id.clone()).collect(),
            active: decisions.iter().map(Option::is_some).collect(),
        };
        for index in 0..rows {
            let row = table.row(index);
            table.cells[index] = match table.first_unknown(&row) {
                // The completions of the first unknown lie at lower codes of that column, hence before this cell.
                Some(column) => table.union_over(&row, column),
                None => first_match(section, &decisions, &row),
            };
        }
        table
    }

    /// The decision for a row, given as one code a column.
    pub fn cell(&self, row: &[u8]) -> Cell {
        self.cells[self.index(row)]
    }

    /// Ids of the rules, in the order in which they are asked.
    pub fn rules(&self) -> &[String] {
        &self.rules
    }

    /// Whether a rule is asked at all, that is, not taken away by a policy.
    pub fn is_active(&self, rule: usize) -> bool {
        self.active[rule]
    }

    /// Every combination of codes, in the order of the table.
    pub fn rows(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        (0..self.cells.len()).map(|index| self.row(index))
    }

    fn index(&self, row: &[u8]) -> usize {
        self.columns
            .iter()
            .zip(row)
            .fold(0, |index, (column, code)| index * column.codes() + *code as usize)
    }

    fn row(&self, mut index: usize) -> Vec<u8> {
        let mut row = vec![0; self.columns.len()];
        for (code, column) in row.iter_mut().zip(self.columns).rev() {
            *code = (index % column.codes()) as u8;
            index /= column.codes();
        }
        row
    }

    fn first_unknown(&self, row: &[u8]) -> Option<usize> {
        row.iter()
            .zip(self.columns)
            .position(|(code, column)| *code == column.unknown())
    }

    fn union_over(&self, row: &[u8], column: usize) -> Cell {
        let mut row = row.to_vec();
        let mut cells = (0..self.columns[column].unknown()).map(|code| {
            row[column] = code;
            self.cell(&row)
        });
        let first = cells.next().unwrap_or(Cell {
            rule: 0,
            answer: Answer::Uncertain,
        });
        cells.fold(first, Cell::or)
    }
}

impl Cell {
    /// What either reading allows; the reason is the rule that comes first.
    pub fn or(self, other: Self) -> Self {
        Self {
            rule: self.rule.min(other.rule),
            answer: self.answer | other.answer,
        }
    }
}

/// What a rule decides under the choices; none where a policy takes it away.
fn decision(rule: &Rule, choices: &Choices) -> Option<Answer> {
    match &rule.decision {
        Decision::Fixed(answer) => Some(*answer),
        Decision::ByPolicy(name) => choices.get(name).and_then(|choice| choice.answer()),
    }
}

fn first_match(section: &Section, decisions: &[Option<Answer>], row: &[u8]) -> Cell {
    let fits = |rule: &Rule| rule.when.as_ref().is_none_or(|when| when.holds(row));
    section
        .rules
        .iter()
        .zip(decisions)
        .enumerate()
        .find_map(|(position, (rule, decision))| {
            decision.filter(|_| fits(rule)).map(|answer| Cell {
                rule: position as u8,
                answer,
            })
        })
        // The lint demands a last rule that fits every row.
        .unwrap_or(Cell {
            rule: 0,
            answer: Answer::Uncertain,
        })
}
