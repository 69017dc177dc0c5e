//! How many rows each rule judged.

use crate::domain::report::Bucket;
use crate::edition::{Cell, DecisionTable};

/// Rows by the rule that judged them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    rows: Vec<u64>,
    uncertain: Vec<u64>,
}

impl Tally {
    /// A tally for the rules of a table.
    pub fn new(table: &DecisionTable) -> Self {
        let rules = table.rules().len();
        Self { rows: vec![0; rules], uncertain: vec![0; rules] }
    }

    /// Counts a row.
    #[inline]
    pub fn count(&mut self, cell: Cell) {
        self.rows[cell.rule as usize] += 1;
        if cell.answer.may_be_in() && !cell.answer.must_be_in() {
            self.uncertain[cell.rule as usize] += 1;
        }
    }

    /// Adds another tally of the same rules.
    pub fn merge(&mut self, other: &Tally) {
        for (sum, more) in self.rows.iter_mut().zip(&other.rows) {
            *sum += more;
        }
        for (sum, more) in self.uncertain.iter_mut().zip(&other.uncertain) {
            *sum += more;
        }
    }

    /// One bucket a rule that is asked, in the order of the rules.
    pub fn buckets(&self, table: &DecisionTable) -> Vec<Bucket> {
        let rules = table.rules().iter().enumerate().filter(|(rule, _)| table.is_active(*rule));
        rules
            .map(|(rule, id)| Bucket {
                rule: id.clone(),
                rows: self.rows[rule],
                uncertain: self.uncertain[rule],
            })
            .collect()
    }
}
