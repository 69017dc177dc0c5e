//! Counts the rows that each rule decides.

use crate::domain::report::{AttritionStep, SUPERSEDED};
use crate::edition::{DecisionTable, TableCell};
use crate::ledger::interner::IdInterner;

/// Rows by the rule that decides them.
#[derive(Clone, Default)]
pub struct RuleCounts {
    rows: Vec<u64>,
    uncertain: Vec<u64>,
    /// Rows that a later version of their record replaces.
    superseded: u64,
    of_providers: Option<Box<OfProviders>>,
}

/// The counts of each provider that rows name, and of the rows that name none.
#[derive(Clone, Default)]
struct OfProviders {
    ids: IdInterner,
    tallies: Vec<RuleCounts>,
    of_nobody: RuleCounts,
}

impl RuleCounts {
    /// Returns empty counts for the rules of a table.
    pub fn new(table: &DecisionTable) -> Self {
        Self::with_rules(table.rules().len())
    }

    /// Returns empty counts for the rules of a table, in total and by provider.
    pub fn by_provider(table: &DecisionTable) -> Self {
        let of_nobody = Self::new(table);
        let of_providers = OfProviders { of_nobody, ..OfProviders::default() };
        Self { of_providers: Some(Box::new(of_providers)), ..Self::new(table) }
    }

    fn with_rules(rules: usize) -> Self {
        Self { rows: vec![0; rules], uncertain: vec![0; rules], superseded: 0, of_providers: None }
    }

    /// Returns whether rows are also counted by provider.
    pub fn is_by_provider(&self) -> bool {
        self.of_providers.is_some()
    }

    /// Counts a row that a rule excludes. Only for counts that are not by provider.
    #[inline(always)]
    pub fn count_out(&mut self, rule: u8) {
        self.rows[usize::from(rule)] += 1;
    }

    /// Counts a row and, if it names one, its provider.
    #[inline]
    pub fn count_for(&mut self, provider: Option<&[u8]>, cell: TableCell) {
        self.count(cell);
        if let Some(of) = &mut self.of_providers {
            of.tally(provider, self.rows.len()).count(cell);
        }
    }

    /// Counts a row in total only.
    #[inline]
    pub fn count(&mut self, cell: TableCell) {
        self.rows[cell.rule as usize] += 1;
        if cell.answer.is_possible() && !cell.answer.is_certain() {
            self.uncertain[cell.rule as usize] += 1;
        }
    }

    /// Counts a row that a later version of its record replaces, and its provider if it names one.
    #[cold]
    pub fn count_superseded(&mut self, provider: Option<&[u8]>) {
        self.superseded += 1;
        if let Some(of) = &mut self.of_providers {
            of.tally(provider, self.rows.len()).superseded += 1;
        }
    }

    /// Adds other counts for the same rules.
    pub fn merge(&mut self, other: &RuleCounts) {
        self.superseded += other.superseded;
        if let (Some(sum), Some(more)) = (&mut self.of_providers, &other.of_providers) {
            sum.merge(more, self.rows.len());
        }
        for (sum, more) in self.rows.iter_mut().zip(&other.rows) {
            *sum += more;
        }
        for (sum, more) in self.uncertain.iter_mut().zip(&other.uncertain) {
            *sum += more;
        }
    }

    /// Returns one attrition step per active rule, in the order of the rules; before these, a step for superseded rows if there are any.
    pub fn buckets(&self, table: &DecisionTable) -> Vec<AttritionStep> {
        self.buckets_like(self, table)
    }

    /// Returns the same steps as those of `other`.
    pub fn buckets_like(&self, other: &RuleCounts, table: &DecisionTable) -> Vec<AttritionStep> {
        let rule = SUPERSEDED.to_owned();
        let superseded = AttritionStep { rule, rows: self.superseded, counted: 0, uncertain: 0 };
        let superseded = Some(superseded).filter(|_| other.superseded > 0);
        let rules = table.rules().iter().enumerate().filter(|(rule, _)| table.is_active(*rule));
        let judged = rules.map(|(rule, id)| AttritionStep {
            rule: id.clone(),
            rows: self.rows[rule],
            counted: if table.decides_in(rule) { self.rows[rule] - self.uncertain[rule] } else { 0 },
            uncertain: self.uncertain[rule],
        });
        superseded.into_iter().chain(judged).collect()
    }

    /// Returns the counts of each provider that rows name, in no order, and of the rows that name none; empty if counts are not by
    /// provider.
    pub fn providers(&self) -> impl Iterator<Item = (Option<&str>, &RuleCounts)> {
        self.of_providers.iter().flat_map(|of| {
            let named = of.tallies.iter().enumerate().map(|(at, tally)| (Some(of.ids.get(at as u32)), tally));
            named.chain([(None, &of.of_nobody)])
        })
    }
}

impl OfProviders {
    #[cold]
    fn tally(&mut self, provider: Option<&[u8]>, rules: usize) -> &mut RuleCounts {
        let Some(provider) = provider else { return &mut self.of_nobody };
        let at = self.ids.code(provider) as usize;
        if at == self.tallies.len() {
            self.tallies.push(RuleCounts::with_rules(rules));
        }
        &mut self.tallies[at]
    }

    fn merge(&mut self, other: &OfProviders, rules: usize) {
        for (at, more) in other.tallies.iter().enumerate() {
            self.tally(Some(other.ids.get(at as u32).as_bytes()), rules).merge(more);
        }
        self.of_nobody.merge(&other.of_nobody);
    }
}
