//! What those need who judge rows: the task, the inputs, and the rules.

use crate::noticed::CollectWants;
use crate::ruling::MeasureConfig;
use crate::sources::InputSet;
use crate::task::Task;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::ledger::CompiledMeasure;
use mucalc_read::ReadContext;

/// What those need who judge rows.
pub(super) struct Context<'a> {
    pub(super) task: &'a Task,
    pub(super) sources: &'a InputSet,
    pub(super) reading: &'a ReadContext<'a>,
    pub(super) rulings: &'a [MeasureConfig],
    pub(super) laws: &'a [CompiledMeasure],
    pub(super) wants: CollectWants,
}

impl Context<'_> {
    /// Keeps the unusable rows of a file that a result has to allow for.
    pub(super) fn lose(&self, lost: &mut Unusable, mut unusable: Unusable) {
        if self.task.unusable == UnusableChoice::Bound {
            unusable.retain(|row| self.wants.is_in_time(row.day()));
            lost.merge(unusable);
        }
    }

    /// Whether rows are counted for each provider.
    pub(super) fn by_provider(&self) -> bool {
        self.task.by_provider
    }
}
