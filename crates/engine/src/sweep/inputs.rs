//! The inputs of a sweep, how they are read, and the rules that apply.

use crate::sources::InputSet;
use crate::task::Task;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::unusable_row::Unusable;
use mucalc_core::ledger::CompiledMeasure;
use mucalc_read::ReadContext;

/// The inputs, how they are read, and the rules that apply.
pub(super) struct Inputs<'a> {
    pub task: &'a Task,
    pub sources: &'a InputSet,
    pub reading: &'a ReadContext<'a>,
    pub law: &'a CompiledMeasure,
}

impl Inputs<'_> {
    /// Keeps unusable rows that can affect a result.
    pub fn lose(&self, lost: &mut Unusable, unusable: Unusable) {
        if self.task.unusable == UnusableChoice::Bound {
            lost.merge(unusable);
        }
    }
}
