//! What a run finds under one ruling.

use mucalc_core::tally::sweep::SeenOn;
use mucalc_core::tally::{HeldBy, Law, Ledger, Matched, Tally, UnusableByProvider};

/// What was found under one ruling.
pub struct Judged {
    /// The rules.
    pub law: Law,
    /// Who was seen by whom, and who wrote.
    pub ledger: Ledger,
    /// Encounters by the rule that judged them.
    pub seen: Tally,
    /// Rows of the numerator by the rule that judged them.
    pub wrote: Tally,
    /// The encounters that exclusions ask about.
    pub held: HeldBy,
    /// The day of each encounter that may be in, if these were kept.
    pub days: Vec<SeenOn>,
    /// Rows that could not be used, by the providers whom they may concern.
    pub unusable: UnusableByProvider,
    /// How far messages name patients and providers of the encounters.
    pub matched: Matched,
}
