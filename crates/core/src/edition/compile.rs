//! Compiles a rule list and its policy settings to a table with one cell for every combination of values.

use crate::domain::inclusion::Inclusion;
use crate::domain::words::ValueSet;
use crate::edition::model::{PolicyChoices, Rule, RuleList};

/// The decision, and the rule that makes it, for every combination of column values, including `unknown`.
#[derive(Clone, Debug)]
pub struct DecisionTable {
    columns: &'static [&'static ValueSet],
    /// The distance in `cells` between neighboring codes of a column; 0 for a column that no rule references.
    strides: [usize; MAX_COLUMNS],
    cells: Vec<TableCell>,
    rules: Vec<String>,
    active: Vec<bool>,
    decides_in: Vec<bool>,
}

/// The maximum number of columns of a rule list.
const MAX_COLUMNS: usize = 8;

/// The decision for one combination of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableCell {
    /// The first rule that can decide such a row, as a position in [`DecisionTable::rules`].
    pub rule: u8,
    /// The union of the outcomes over all possible values of the unknown columns.
    pub answer: Inclusion,
}

impl DecisionTable {
    /// Compiles a rule list under the settings of its policies.
    ///
    /// The cell of an `unknown` is the union of the cells of all values in its list: exact, not estimated.
    pub fn compile(section: &RuleList, choices: &PolicyChoices) -> Self {
        let decisions: Vec<_> = section.rules.iter().map(|rule| rule.decided(choices)).collect();
        let (strides, size) = strides(section);
        // Rules and answers apart, so that a union is one instruction over many cells.
        let (mut first, mut answers) = (vec![0u8; size], vec![0u8; size]);
        let mut row = vec![0; section.columns.len()];
        loop {
            let position: usize =
                row.iter().zip(strides).map(|(code, stride)| usize::from(*code) * stride).sum();
            let TableCell { rule, answer } = first_match(section, &decisions, &row);
            (first[position], answers[position]) = (rule, answer as u8);
            if !advance(&mut row, &strides, |column| section.columns[column].unknown() - 1) {
                break;
            }
        }
        // The last column first: its cells are neighbors, and a cell with several unknown values needs those with one less.
        for column in (0..row.len()).rev().filter(|column| strides[*column] > 0) {
            let words = section.columns[column].words.len();
            unite_unknown(&mut first, strides[column], words, u8::min);
            unite_unknown(&mut answers, strides[column], words, |one, other| one | other);
        }
        let cell =
            |(rule, answer): (&u8, &u8)| TableCell { rule: *rule, answer: Inclusion::from_bits(*answer) };
        let cells = first.iter().zip(&answers).map(cell).collect();
        Self {
            columns: section.columns,
            strides,
            cells,
            rules: section.rules.iter().map(|rule| rule.id.clone()).collect(),
            active: decisions.iter().map(Option::is_some).collect(),
            decides_in: decisions.iter().map(|decision| *decision == Some(Inclusion::In)).collect(),
        }
    }

    /// Returns whether some row with this code in a column can be included under the settings of the policies.
    pub fn may_include(section: &RuleList, choices: &PolicyChoices, column: usize, code: u8) -> bool {
        let decisions: Vec<_> = section.rules.iter().map(|rule| rule.decided(choices)).collect();
        let (mut strides, _) = strides(section);
        strides[column] = 0;
        let mut row = vec![0; section.columns.len()];
        row[column] = code;
        loop {
            if first_match(section, &decisions, &row).answer.is_possible() {
                return true;
            }
            if !advance(&mut row, &strides, |column| section.columns[column].unknown() - 1) {
                return false;
            }
        }
    }

    /// Returns the decision for a row, given as one code per column.
    #[inline(always)]
    pub fn cell<const COLUMNS: usize>(&self, row: [u8; COLUMNS]) -> TableCell {
        let steps: [usize; COLUMNS] =
            std::array::from_fn(|column| row[column] as usize * self.strides[column]);
        self.cells[steps.iter().sum::<usize>()]
    }

    /// Returns the decision for a row whose length is not known at compile time.
    pub fn cell_of(&self, row: &[u8]) -> TableCell {
        let steps = row.iter().zip(self.strides).map(|(code, stride)| *code as usize * stride);
        self.cells[steps.sum::<usize>()]
    }

    /// Returns the columns that the rules can reference.
    pub fn columns(&self) -> &'static [&'static ValueSet] {
        self.columns
    }

    /// Returns the ids of the rules, in the order in which they apply.
    pub fn rules(&self) -> &[String] {
        &self.rules
    }

    /// Returns whether a rule applies at all. A policy setting can remove it.
    pub fn is_active(&self, rule: usize) -> bool {
        self.active[rule]
    }

    /// Returns whether a rule includes the rows that it decides.
    pub fn decides_in(&self, rule: usize) -> bool {
        self.decides_in[rule]
    }

    /// Returns every combination of codes, including those of columns that no rule references.
    pub fn rows(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        let every = vec![1; self.columns.len()];
        let next = move |row: &Vec<u8>| {
            let mut row = row.clone();
            advance(&mut row, &every, |column| self.columns[column].unknown()).then_some(row)
        };
        std::iter::successors(Some(vec![0; self.columns.len()]), next)
    }
}

/// Returns the strides of the columns of a rule list, and the number of cells.
fn strides(section: &RuleList) -> ([usize; MAX_COLUMNS], usize) {
    let mut size = 1;
    let mut strides = [0; MAX_COLUMNS];
    for column in (0..section.columns.len()).rev().filter(|column| section.references(*column)) {
        strides[column] = size;
        size *= section.columns[column].codes();
    }
    (strides, size)
}

/// Advances to the next combination of codes up to `last` of each column, the last column fastest. Columns with stride 0 do not change.
/// Returns false after the last combination.
fn advance(row: &mut [u8], strides: &[usize], last: impl Fn(usize) -> u8) -> bool {
    for column in (0..row.len()).rev().filter(|column| strides[*column] > 0) {
        if row[column] < last(column) {
            row[column] += 1;
            return true;
        }
        row[column] = 0;
    }
    false
}

/// Sets the cells for `unknown` of a column to the union of the cells of its `words` values.
fn unite_unknown(cells: &mut [u8], stride: usize, words: usize, union: impl Fn(u8, u8) -> u8) {
    for block in cells.chunks_exact_mut(stride * (words + 1)) {
        let (known, unknown) = block.split_at_mut(stride * words);
        if let [unknown] = unknown {
            *unknown = known.iter().copied().reduce(&union).unwrap_or_default();
            continue;
        }
        let (first, others) = known.split_at(stride);
        unknown.copy_from_slice(first);
        for word in others.chunks_exact(stride) {
            unknown.iter_mut().zip(word).for_each(|(united, cell)| *united = union(*united, *cell));
        }
    }
}

impl TableCell {
    /// What a rule list without a last rule that matches every row would leave; the lint refuses such a list.
    const NO_RULE: Self = Self { rule: 0, answer: Inclusion::Uncertain };

    /// Returns the union of two cells. Its rule is the earlier one.
    pub fn or(self, other: Self) -> Self {
        Self { rule: self.rule.min(other.rule), answer: self.answer | other.answer }
    }
}

fn first_match(section: &RuleList, decisions: &[Option<Inclusion>], row: &[u8]) -> TableCell {
    let fits = |rule: &Rule| rule.when.as_ref().is_none_or(|when| when.matches(row));
    section
        .rules
        .iter()
        .zip(decisions)
        .enumerate()
        .find_map(|(position, (rule, decision))| {
            decision.filter(|_| fits(rule)).map(|answer| TableCell { rule: position as u8, answer })
        })
        .unwrap_or(TableCell::NO_RULE)
}
