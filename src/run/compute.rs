//! Calculation without output: turns inputs and settings into ledgers and the report model.

use std::collections::HashMap;

use crate::error;
use crate::run::beside_verdict::InputsTell;
use crate::run::head::head;
use crate::run::measure::{empty_measure, measure};
use crate::run::provenance::stamp;
use crate::run::settings::RunConfig;
use crate::run::{interrupt, progress_bar};
use mucalc_core::domain::activity::{Activity, FirstAndLast, MessageOn};
use mucalc_core::domain::adjudication::Adjudication;
use mucalc_core::domain::basis::Basis;
use mucalc_core::domain::report::{MeasureResult, Report, ReportError};
use mucalc_core::domain::score::Threshold;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::ledger::{Adjudications, RowKey};
use mucalc_engine::{
    CollectWants, Evaluated, InputSet, MeasureConfig, MeasureRun, Observations, ReferenceData, adjudicated,
    evaluate, reach_over,
};

/// The result of a run.
pub struct RunOutcome {
    /// Report model.
    pub report: Report,
    /// Evaluation of the inputs under each measure configuration, in their order.
    pub judged: Vec<MeasureRun>,
    /// Review decisions.
    pub decisions: Vec<Adjudication>,
    /// Observations made while rows were read.
    pub passed: Observations,
    /// Whether a patient has a portal account, by patient id, as far as the inputs show.
    pub enrollment: HashMap<String, bool>,
}

/// Reads the inputs once, and calculates the measure under every measure configuration of the settings.
///
/// # Errors
/// If an input cannot be used.
pub fn run_measures(
    settings: &RunConfig,
    sources: &InputSet,
    wants: CollectWants,
) -> anyhow::Result<RunOutcome> {
    let (outcome, measures) = compute_under(settings, &settings.task.rulings, sources, wants)?;
    let mut measures = measures.into_iter();
    let measure = measures.next().ok_or_else(|| error::internal("a run without an edition"))?;
    let report = Report { measure, alongside: measures.collect(), ..outcome.report };
    Ok(RunOutcome { report, ..outcome })
}

/// Calculates the measure under other configurations than those of the settings. Returns the measures separately from the report.
///
/// # Errors
/// If an input cannot be used.
pub fn compute_under(
    settings: &RunConfig,
    rulings: &[MeasureConfig],
    sources: &InputSet,
    wants: CollectWants,
) -> anyhow::Result<(RunOutcome, Vec<MeasureResult>)> {
    // A measure that is attested with yes or no needs evidence that the messaging function was in use.
    let is_attested = rulings.iter().any(|ruling| ruling.threshold == Threshold::Attested);
    let wants = CollectWants { correspondence: wants.correspondence || is_attested, ..wants };
    let bar = progress_bar::bar(sources.all(), settings.quiet);
    let step = |step| bar.step(step);
    let reading = settings.reading(sources, &step);

    let beside = ReferenceData::read(sources, &reading, &settings.task)?;
    let decided: Vec<Adjudications<'_>> =
        rulings.iter().map(|_| Adjudications::new(beside.decisions())).collect();
    let Evaluated { judged, mut account, passed } =
        evaluate(&settings.task, sources, &reading, rulings, &beside, &decided, wants)?;
    bar.finish();
    interrupt::reading_is_done();
    interrupt::check()?;

    let tell = InputsTell {
        counties: sources.counties.is_some(),
        whole_period: reach_over(&settings.task, &passed),
    };
    let measures: Vec<MeasureResult> = rulings
        .iter()
        .zip(&judged)
        .zip(&decided)
        .map(|((ruling, judged), decided)| measure(settings, ruling, judged, beside.roster(), decided, tell))
        .collect::<Result<_, _>>()?;
    let measures = rulings.iter().zip(measures).map(|(ruling, mut measure)| {
        for provider in measure.providers.iter_mut().filter(|_| ruling.threshold == Threshold::Attested) {
            let spans = passed.correspondence.rows_for_provider(&provider.provider_id);
            provider.activity = Some(activity(sources, spans));
        }
        measure
    });
    let measures: Vec<MeasureResult> = measures.collect();
    let adjudications = match &sources.adjudications {
        Some(source) => adjudicated(source, rulings, &decided, &mut account),
        None => Vec::new(),
    };
    let assumptions = account.settle(settings.task.acknowledged);
    let report = Report {
        adjudications,
        basis: Basis { assumptions, ..basis(settings) },
        findings: settings.allowing(account.findings()),
        inputs: account.read,
        ..empty_report(settings)
    };
    let (decisions, enrollment) = (beside.decisions().to_vec(), beside.enrollment());
    Ok((RunOutcome { report, judged, decisions, passed, enrollment }, measures))
}

/// Returns the first and the last message in each direction, with their locations.
fn activity(sources: &InputSet, spans: [Option<(RowKey, RowKey)>; 2]) -> Activity {
    let message = |row: RowKey| {
        let source = sources.messages.get(row.file as usize)?;
        Some(MessageOn { day: row.day()?, place: SourceLocation::line(source.label(), row.line) })
    };
    let span =
        |(first, last): (RowKey, RowKey)| Some(FirstAndLast { first: message(first)?, last: message(last)? });
    let [from_patients, to_patients] = spans.map(|both| both.and_then(span));
    Activity { from_patients, to_patients }
}

/// Returns the report of a failed run.
pub fn error_report(settings: &RunConfig, failure: ReportError) -> Report {
    Report { error: Some(failure), ..empty_report(settings) }
}

/// Returns a report without figures.
pub fn empty_report(settings: &RunConfig) -> Report {
    Report {
        head: head(settings),
        vocabulary_sha256: settings.vocabulary.clone(),
        channels: settings.named_channels.clone(),
        locations: settings.task.locations.clone(),
        measure: empty_measure(settings, settings.task.primary_measure()),
        inputs: Vec::new(),
        adjudications: Vec::new(),
        findings: Vec::new(),
        alongside: Vec::new(),
        over_time: None,
        stamp: settings.stamp.then(stamp),
        error: None,
        basis: basis(settings),
    }
}

/// Returns the settings that the figures depend on. Assumptions come from the inputs and are empty here.
pub fn basis(settings: &RunConfig) -> Basis {
    Basis {
        unusable_rows: settings.task.unusable,
        assumptions: Vec::new(),
        choices: settings.choices.clone(),
        layout_files: settings.layout_files.clone(),
    }
}
