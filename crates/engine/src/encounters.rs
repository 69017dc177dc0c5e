//! Evaluates the encounters under each rule set: which provider has seen which patient.

use crate::again::{self, FilesRead, MetIds, Repeated};
use crate::context::Context;
use crate::denominator_pass::DenominatorPass;
use crate::input_log::InputLog;
use crate::observations::Observations;
use crate::reference_data::ReferenceData;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::unusable_row::{Unusable, UnusableRow};
use mucalc_core::ledger::{
    DenominatorBuilder, DenominatorResult, RowPlaces, UnusableByProvider, encounter_may_be_in,
};
use mucalc_read::locations::LocationTable;
use mucalc_read::{InputError, ReadSummary};

/// Evaluates the denominator under each rule set.
///
/// # Errors
/// If an export cannot be used.
pub(super) fn evaluate_denominators(
    run: &Context<'_>,
    beside: &ReferenceData,
    account: &mut InputLog,
    passed: &mut Observations,
) -> Result<(Vec<DenominatorResult>, Vec<UnusableByProvider>), InputError> {
    let (task, sources) = (run.task, &run.sources.encounters);
    let places = beside.places(task, run.rulings);
    let Judged { seeing, passed: noticed, lost, has_lost, summaries, contradictions } =
        again::once_or_twice(|repeated| evaluate_encounters(run, beside, &places, repeated))?;
    passed.merge(noticed);
    for (source, (_, summary)) in sources.iter().zip(&summaries) {
        account.add(InputRole::Encounters, source, summary, &task.layout);
        account.note_unknown_locations(summary, &places);
    }
    account.check_not_all_skipped(InputRole::Encounters)?;
    account.contradict("encounter_id", sources.iter(), &contradictions);
    let leaves_out = task.unusable == UnusableChoice::Ignore && has_lost;
    let finished = seeing.into_iter().zip(run.laws).map(|(seeing, law)| {
        let is_possible = |row: &UnusableRow| encounter_may_be_in(law, row);
        // Every provider that a row names is listed, even if the row is unusable because it names no patient.
        let named = lost.rows().filter_map(|(row, _)| row.provider());
        named.for_each(|provider| seeing.name(&String::from_utf8_lossy(provider)));
        let seen = seeing.finish(task.threads);
        let mut unusable = UnusableByProvider::default();
        unusable.add_encounters(&lost, &seen.ledger.pairs, is_possible);
        unusable.add_to_gate(&lost, &seen.ledger.pairs, law);
        unusable.leaves_out_encounters = leaves_out;
        (seen, unusable)
    });
    Ok(finished.unzip())
}

/// The result of reading the encounters.
struct Judged {
    seeing: Vec<DenominatorBuilder>,
    passed: Observations,
    lost: Unusable,
    /// Whether rows were unusable, including those that cannot affect the result.
    has_lost: bool,
    summaries: Vec<(InputRole, ReadSummary)>,
    contradictions: RowPlaces,
}

/// Reads the encounters. Rows with repeated record ids are evaluated once it is known which of them are the records.
fn evaluate_encounters<'r>(
    run: &Context<'r>,
    beside: &ReferenceData,
    places: &LocationTable,
    repeated: Option<&Repeated>,
) -> Result<(Judged, MetIds), InputError> {
    let pass = DenominatorPass::new(run, beside.roster(), repeated);
    let mut read = FilesRead::new(run.sources, &run.task.layout);
    pass.read(places, &mut read)?;
    let (mut lost, mut has_lost) = (Unusable::default(), false);
    for (_, summary) in &read.summaries {
        has_lost |= !summary.notes.unusable.is_empty();
        run.lose(&mut lost, summary.notes.unusable.clone());
    }
    let resolved = pass.resolve(&mut read);
    has_lost |= !resolved.lost.is_empty();
    run.lose(&mut lost, resolved.lost);
    let (seeing, passed) = pass.finish();
    let contradictions = resolved.contradictions;
    Ok((Judged { seeing, passed, lost, has_lost, summaries: read.summaries, contradictions }, read.met))
}
