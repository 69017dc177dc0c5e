//! What evaluating a row needs: the task, the inputs, and the rules.

use crate::measure_config::MeasureConfig;
use crate::observations::{CollectWants, Observations};
use crate::sources::InputSet;
use crate::task::Task;
use mucalc_core::domain::event::NumeratorEvent;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::edition::TableCell;
use mucalc_core::ledger::{CompiledMeasure, RuleCounts};
use mucalc_read::ReadContext;

/// What evaluating a row needs.
pub(super) struct Context<'a> {
    pub(super) task: &'a Task,
    pub(super) sources: &'a InputSet,
    pub(super) reading: &'a ReadContext<'a>,
    pub(super) rulings: &'a [MeasureConfig],
    pub(super) laws: &'a [CompiledMeasure],
    pub(super) wants: CollectWants,
}

impl Context<'_> {
    /// Keeps the unusable rows of a file that can affect a result.
    pub(super) fn lose(&self, lost: &mut Unusable, mut unusable: Unusable) {
        if self.task.unusable == UnusableChoice::Bound {
            unusable.retain(|row| self.wants.is_in_time(row.day()));
            lost.merge(unusable);
        }
    }

    /// Returns whether rows are counted for each provider.
    pub(super) fn by_provider(&self) -> bool {
        self.task.by_provider
    }

    /// Returns whether the numerator of a rule set uses rows of a kind.
    pub(super) fn asks(&self, role: InputRole, ruling: usize) -> bool {
        self.rulings[ruling].counts_messages() == (role == InputRole::Messages)
    }

    /// Observes a row, and returns whether to evaluate it, by its day. `cell` returns the cell of a rule set for it.
    pub(super) fn is_evaluated(
        &self,
        passed: &mut Observations,
        act: &NumeratorEvent<'_>,
        cell: &dyn Fn(&CompiledMeasure) -> TableCell,
    ) -> bool {
        let window = self.laws.first().map_or(self.task.period, |law| law.windows.span());
        let may_count = || self.laws.iter().any(|law| cell(law).answer.is_possible());
        passed.act(&self.wants, window, act.day, may_count)
    }

    /// Returns empty counts for the numerator's rules.
    pub(super) fn tally(&self, law: &CompiledMeasure) -> RuleCounts {
        let new = if self.by_provider() { RuleCounts::by_provider } else { RuleCounts::new };
        new(&law.numerator)
    }
}
