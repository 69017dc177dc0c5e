//! Scores every provider in every candidate period within a span of days, in one pass over the data.

mod acts;
mod inputs;
mod visits;

use std::collections::{BTreeSet, HashMap};

use crate::input_log::InputLog;
use crate::reference_data::ReferenceData;
use crate::sources::InputSet;
use crate::task::Task;
use inputs::Inputs;
use mucalc_core::domain::assumption::Assumption;
use mucalc_core::domain::coverage::RecordedDays;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::Period;
use mucalc_core::domain::score::MembershipCounts;
use mucalc_core::ledger::sweep::{
    EventLog, SweepContext, UnseenNotes, UnusableInWindows, WindowSet, WritersInWindows, scores,
};
use mucalc_core::ledger::{Adjudications, Attribution, KnownInputs, Ledger};
use mucalc_read::{InputError, ReadContext};
use visits::Visits;

/// The result for all candidate periods.
pub struct Scored {
    /// Inputs that were read, and findings about them.
    pub account: InputLog,
    /// Assumptions about the exports.
    pub assumptions: Vec<Assumption>,
    /// Denominator and numerator status of patients with providers.
    pub ledger: Ledger,
    /// Scores of each provider, one per candidate period, by the number of the provider.
    pub scores: HashMap<u32, Vec<MembershipCounts>>,
    /// Numbers of the providers who saw patients in some candidate period.
    pub saw_patients: BTreeSet<u32>,
    /// Small inputs that were read.
    pub beside: ReferenceData,
    /// Days on which the encounter exports have rows.
    pub recorded: RecordedDays,
}

/// Reads the inputs once, and scores every provider in every candidate period within a span of days.
///
/// # Errors
/// If an input cannot be used.
pub fn scored(
    task: &Task,
    sources: &InputSet,
    reading: &ReadContext<'_>,
    within: Period,
    frames: &WindowSet,
) -> Result<Scored, InputError> {
    let ruling = task.primary_measure();
    // A sweep evaluates neither exclusions nor the gate.
    let law = task.compile_for(ruling, within, KnownInputs::default());
    let beside = ReferenceData::read(sources, reading, task)?;
    let inputs = Inputs { task, sources, reading, law: &law };
    let mut account = InputLog::default();

    let Visits { mut ledger, days, lost, with_rows } = visits::read(&inputs, &beside, &mut account)?;
    let decided = Adjudications::new(beside.decisions());
    decided.resolve_all(&mut ledger);
    let crediting =
        Attribution::new(ruling.credit, ruling.edition.counts_for, &ledger.pairs, beside.roster());
    let decides = sources.adjudications.is_some().then_some(&decided);
    let mut unusable = UnusableInWindows::new(&lost, &law, &ledger.pairs, frames);
    let unseen = UnseenNotes::default();
    let asks_unseen = unusable.has_encounters().then_some(&unseen);
    let sweeping = SweepContext::new(&law, &crediting, &ledger.pairs, decides, frames, asks_unseen);
    let notebook = EventLog::default();

    let lost = acts::read(&inputs, &sweeping, &notebook, &unseen, &mut account)?;
    for role in [InputRole::Encounters, InputRole::Messages, InputRole::Accesses] {
        account.check_not_all_skipped(role)?;
    }
    beside.account(sources, task, &mut account);
    let assumptions = account.settle(task.acknowledged);
    unusable.add_messages(&lost, &sweeping);
    let (mut scores, of_pairs) = scores(&sweeping, &ledger, &days, notebook, task.threads);
    let saw_patients: BTreeSet<u32> = scores.keys().copied().chain(unusable.providers_who_saw()).collect();
    let writers = WritersInWindows::new(&unseen, of_pairs, &sweeping);
    unusable.widen(&mut scores, &sweeping, &writers);
    let recorded = RecordedDays::new(with_rows.to_days(), task.exported);
    Ok(Scored { account, assumptions, ledger, scores, saw_patients, beside, recorded })
}
