//! The result of a run under one rule set.

use mucalc_core::ledger::sweep::DenominatorEvent;
use mucalc_core::ledger::{
    CompiledMeasure, ExclusionCountsByProvider, Ledger, Matched, RuleCounts, UnusableByProvider,
};

/// The result of a run under one rule set.
pub struct MeasureRun {
    /// Compiled rules.
    pub law: CompiledMeasure,
    /// Denominator and numerator status of patients with providers.
    pub ledger: Ledger,
    /// Encounters by deciding rule.
    pub seen: RuleCounts,
    /// Numerator rows by deciding rule.
    pub wrote: RuleCounts,
    /// Encounters that exclusions depend on.
    pub held: ExclusionCountsByProvider,
    /// Day of each encounter that may qualify, if these were kept.
    pub days: Vec<DenominatorEvent>,
    /// Unusable rows, by the providers whom they may concern.
    pub unusable: UnusableByProvider,
    /// To what extent messages name patients and providers of the encounters.
    pub matched: Matched,
}

impl MeasureRun {
    /// Returns the number of a provider in the ledger; `None` for an id that the ledger does not contain.
    pub fn provider_number(&self, id: &str) -> Option<u32> {
        self.ledger.pairs.providers.find(id.as_bytes())
    }
}
