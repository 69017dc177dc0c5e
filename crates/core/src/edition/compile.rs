//! An edition and its policies, compiled to one answer for every combination of words.

use crate::domain::inclusion::Inclusion;
use crate::domain::words::ValueSet;
use crate::edition::model::{PolicyChoices, Rule, RuleList};

/// For every combination of the section's words, `unknown` included: what is decided, and by which rule.
#[derive(Clone, Debug)]
pub struct DecisionTable {
    columns: &'static [&'static ValueSet],
    /// How far apart the cells of two neighbouring codes of a column lie; 0 for a column that no rule asks.
    strides: [usize; MAX_COLUMNS],
    cells: Vec<TableCell>,
    rules: Vec<String>,
    active: Vec<bool>,
    decides_in: Vec<bool>,
}

/// More columns no section has.
const MAX_COLUMNS: usize = 8;

/// The decision for one combination of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableCell {
    /// The first rule that can decide such a row, as a position in [`DecisionTable::rules`].
    pub rule: u8,
    /// Every answer that some completion of the unknowns gives.
    pub answer: Inclusion,
}

impl DecisionTable {
    /// Compiles a section under the choices made for its policies.
    ///
    /// An `unknown` stands for every word of its list, so its cell is the union of theirs: exact, not estimated.
    pub fn compile(section: &RuleList, choices: &PolicyChoices) -> Self {
        let decisions: Vec<_> = section.rules.iter().map(|rule| rule.decided(choices)).collect();
        let (strides, size) = strides(section);
        let mut cells = Vec::with_capacity(size);
        let mut row = vec![0; section.columns.len()];
        loop {
            let unknown =
                (0..row.len()).find(|c| strides[*c] > 0 && row[*c] == section.columns[*c].unknown());
            cells.push(match unknown {
                // The completions of this unknown lie at the lower codes of its column, hence before this cell.
                Some(column) => union_before(&cells, strides[column], section.columns[column].words.len()),
                None => first_match(section, &decisions, &row),
            });
            if !advance(&mut row, section.columns, &strides) {
                break;
            }
        }
        Self {
            columns: section.columns,
            strides,
            cells,
            rules: section.rules.iter().map(|rule| rule.id.clone()).collect(),
            active: decisions.iter().map(Option::is_some).collect(),
            decides_in: decisions.iter().map(|decision| *decision == Some(Inclusion::In)).collect(),
        }
    }

    /// The decision for a row, given as one code a column.
    #[inline(always)]
    pub fn cell<const COLUMNS: usize>(&self, row: [u8; COLUMNS]) -> TableCell {
        let steps: [usize; COLUMNS] =
            std::array::from_fn(|column| row[column] as usize * self.strides[column]);
        self.cells[steps.iter().sum::<usize>()]
    }

    /// The same for a row of a length that is not known beforehand.
    pub fn cell_of(&self, row: &[u8]) -> TableCell {
        let steps = row.iter().zip(self.strides).map(|(code, stride)| *code as usize * stride);
        self.cells[steps.sum::<usize>()]
    }

    /// The columns that the rules can ask.
    pub fn columns(&self) -> &'static [&'static ValueSet] {
        self.columns
    }

    /// Ids of the rules, in the order in which they are asked.
    pub fn rules(&self) -> &[String] {
        &self.rules
    }

    /// Whether a rule is asked at all, that is, not taken away by a policy.
    pub fn is_active(&self, rule: usize) -> bool {
        self.active[rule]
    }

    /// Whether a rule decides that a row is in.
    pub fn decides_in(&self, rule: usize) -> bool {
        self.decides_in[rule]
    }

    /// Every combination of codes, also of columns that no rule asks.
    pub fn rows(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        let every = vec![1; self.columns.len()];
        let next = move |row: &Vec<u8>| {
            let mut row = row.clone();
            advance(&mut row, self.columns, &every).then_some(row)
        };
        std::iter::successors(Some(vec![0; self.columns.len()]), next)
    }
}

/// The strides of a section's columns, and the number of cells.
fn strides(section: &RuleList) -> ([usize; MAX_COLUMNS], usize) {
    let mut size = 1;
    let mut strides = [0; MAX_COLUMNS];
    for column in (0..section.columns.len()).rev().filter(|column| section.asks(*column)) {
        strides[column] = size;
        size *= section.columns[column].codes();
    }
    (strides, size)
}

/// Moves on to the next combination of codes, the last column fastest; columns with stride 0 stay as they are.
/// False where there is none.
fn advance(row: &mut [u8], columns: &[&ValueSet], strides: &[usize]) -> bool {
    for column in (0..row.len()).rev().filter(|column| strides[*column] > 0) {
        if row[column] < columns[column].unknown() {
            row[column] += 1;
            return true;
        }
        row[column] = 0;
    }
    false
}

/// The union of the last cells that lie a stride apart, as many as there are words.
fn union_before(cells: &[TableCell], stride: usize, words: usize) -> TableCell {
    let word = |back: usize| cells[cells.len() - back * stride];
    (1..words).map(word).fold(word(words), TableCell::or)
}

impl TableCell {
    /// What either reading allows; the reason is the rule that comes first.
    pub fn or(self, other: Self) -> Self {
        Self { rule: self.rule.min(other.rule), answer: self.answer | other.answer }
    }
}

fn first_match(section: &RuleList, decisions: &[Option<Inclusion>], row: &[u8]) -> TableCell {
    let fits = |rule: &Rule| rule.when.as_ref().is_none_or(|when| when.holds(row));
    section
        .rules
        .iter()
        .zip(decisions)
        .enumerate()
        .find_map(|(position, (rule, decision))| {
            decision.filter(|_| fits(rule)).map(|answer| TableCell { rule: position as u8, answer })
        })
        // The lint demands a last rule that fits every row.
        .unwrap_or(TableCell { rule: 0, answer: Inclusion::Uncertain })
}
