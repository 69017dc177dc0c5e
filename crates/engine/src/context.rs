//! What those need who judge rows: the task, the inputs, and the rules.

use crate::noticed::Wants;
use crate::ruling::Ruling;
use crate::sources::Sources;
use crate::task::Task;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::tally::Law;
use mucalc_read::Reading;

/// What those need who judge rows.
pub(super) struct Context<'a> {
    pub(super) task: &'a Task,
    pub(super) sources: &'a Sources,
    pub(super) reading: &'a Reading<'a>,
    pub(super) rulings: &'a [Ruling],
    pub(super) laws: &'a [Law],
    pub(super) wants: Wants,
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
