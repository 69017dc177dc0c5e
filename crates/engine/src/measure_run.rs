//! What a run finds under one ruling.

use mucalc_core::ledger::sweep::DenominatorEvent;
use mucalc_core::ledger::{
    CompiledMeasure, ExclusionCountsByProvider, Ledger, Matched, RuleCounts, UnusableByProvider,
};

/// What was found under one ruling.
pub struct MeasureRun {
    /// The rules.
    pub law: CompiledMeasure,
    /// Who was seen by whom, and who wrote.
    pub ledger: Ledger,
    /// Encounters by the rule that judged them.
    pub seen: RuleCounts,
    /// Rows of the numerator by the rule that judged them.
    pub wrote: RuleCounts,
    /// The encounters that exclusions ask about.
    pub held: ExclusionCountsByProvider,
    /// The day of each encounter that may be in, if these were kept.
    pub days: Vec<DenominatorEvent>,
    /// Rows that could not be used, by the providers whom they may concern.
    pub unusable: UnusableByProvider,
    /// How far messages name patients and providers of the encounters.
    pub matched: Matched,
}
