//! Evaluates the inputs under each rule set, from exports to ledgers, in one pass.

use crate::context::Context;
use crate::input_log::InputLog;
use crate::measure_config::MeasureConfig;
use crate::measure_run::MeasureRun;
use crate::observations::{CollectWants, Observations};
use crate::reference_data::ReferenceData;
use crate::sources::InputSet;
use crate::task::Task;
use crate::{encounters, numerators, whole};
use mucalc_core::ledger::{Adjudications, CompiledMeasure, DenominatorResult};
use mucalc_read::{InputError, ReadContext};

/// The result of evaluating the inputs.
pub struct Evaluated {
    /// Results under each rule set, in their order.
    pub judged: Vec<MeasureRun>,
    /// Inputs that were read, and findings about them.
    pub account: InputLog,
    /// What was observed while rows were read.
    pub passed: Observations,
}

/// Reads the exports once, and evaluates their rows under each rule set. `decided` has the review decisions for each of these.
///
/// # Errors
/// If an export cannot be used.
pub fn evaluate(
    task: &Task,
    sources: &InputSet,
    reading: &ReadContext<'_>,
    rulings: &[MeasureConfig],
    beside: &ReferenceData,
    decided: &[Adjudications<'_>],
    wants: CollectWants,
) -> Result<Evaluated, InputError> {
    let laws: Vec<CompiledMeasure> =
        rulings.iter().map(|ruling| task.compile(ruling, sources.counties.is_some())).collect();
    let run = Context { task, sources, reading, rulings, laws: &laws, wants };
    let (mut account, mut passed) = (InputLog::default(), Observations::default());
    let (mut seen, mut unusable) =
        encounters::evaluate_denominators(&run, beside, &mut account, &mut passed)?;
    seen.iter_mut().zip(decided).for_each(|(seen, decided)| decided.resolve_denominator(&mut seen.ledger));
    let roster = beside.roster();
    let wrote = numerators::evaluate_numerators(
        &run,
        roster,
        &mut seen,
        &mut unusable,
        decided,
        &mut account,
        &mut passed,
    )?;
    seen.iter_mut().zip(decided).for_each(|(seen, decided)| decided.resolve_numerator(&mut seen.ledger));
    beside.account(sources, task, &mut account);
    let judged: Vec<MeasureRun> = laws
        .into_iter()
        .zip(seen)
        .zip(wrote)
        .zip(unusable)
        .map(
            |(((law, DenominatorResult { ledger, tally: seen, held, days }), (wrote, matched)), unusable)| {
                MeasureRun { law, ledger, seen, wrote, held, days, unusable, matched }
            },
        )
        .collect();
    whole::find(task, sources, &judged, &passed, wants.to_date, &mut account);
    Ok(Evaluated { judged, account, passed })
}
