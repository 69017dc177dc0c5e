//! `mucalc review`: asks a reviewer about each unresolved record, and saves the decisions.

mod ask;
mod effect;
mod file;
mod items;

use std::collections::BTreeSet;

use crate::error::{self, ErrorCode, Exit};
use crate::run::compute::run_measures;
use crate::run::explain::{ExplainTarget, Explaining};
use crate::run::settings::resolve_for;
use crate::run::to_date::check_providers;
use crate::run::words::today;
use mucalc_analysis::explain::unresolved;
use mucalc_core::domain::adjudication::AdjudicationDecision;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::report::ClinicianResult;
use mucalc_core::domain::text::{escape_control, pluralize};
use mucalc_engine::CollectWants;
use mucalc_options::{CommonArgs, Written};

use ask::{Answer, Dialog};
use effect::ReviewState;
use file::DecisionsFile;
use items::{Item, items};

/// The arguments of `mucalc review`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  mucalc review --adjudications decisions.csv    # inputs: mucalc.toml
  mucalc review --adjudications decisions.csv --provider DR-2

Each answer is saved before the next question, so you can stop at any time and continue later. The file of \
--adjudications (or `adjudications` in mucalc.toml) is created if it does not exist, and only its owner can read it. \
Review shows patient ids and values of their records, but no message texts.")]
pub struct ReviewArgs {
    /// Your name, as the report will show it [default: asked at the start]
    #[arg(long, value_name = "NAME", help_heading = "Review")]
    by: Option<String>,
    /// Day of the decisions [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Review")]
    on: Option<Written<Day>>,
    /// Review only the records of this provider
    #[arg(long, value_name = "ID", help_heading = "Review")]
    provider: Vec<String>,

    #[command(flatten)]
    common: CommonArgs,
}

/// Asks about every unresolved record, first about those that a result depends on. Saves each answer before the next question.
///
/// # Errors
/// If an input cannot be used, no decisions file is named, or it cannot be written.
pub fn review(asked: ReviewArgs) -> anyhow::Result<Exit> {
    let on = asked.on.as_deref().copied();
    if let Some(later) = on.filter(|on| *on > today()) {
        return Err(error::usage(ErrorCode::Choice, format!("--on: {later} is in the future")));
    }
    let mut settings = resolve_for("review", asked.common, None)?;
    let Some(name) = settings.named.adjudications.clone() else {
        let message = "the decisions file is missing; add --adjudications decisions.csv, or write adjudications = \"decisions.csv\" in mucalc.toml. It is made if it does not exist";
        return Err(error::usage(ErrorCode::Outputs, message));
    };
    let mut file = DecisionsFile::open(&name)?;
    if !file.exists() {
        settings.named.adjudications = None;
    }
    let sources = settings.named.find(settings.needs())?;
    if sources.reads_stdin() {
        let message = "review reads its answers from standard input, so no export can be; name a file";
        return Err(error::usage(ErrorCode::StandardInput, message));
    }
    settings.note_unused_inputs(&sources);
    let inputs = sources.encounters.iter().chain(&sources.messages).chain(&sources.accesses);
    let inputs = inputs.chain(&sources.roster).chain(&sources.counties);
    file.check_writable(
        inputs.filter_map(|source| source.path.as_deref()).chain(settings.config.as_deref()),
    )?;

    let outcome = run_measures(&settings, &sources, CollectWants::LEDGER)?;
    let providers = &outcome.report.measure.providers;
    check_providers(providers, &asked.provider)?;
    let judged = outcome.judged.first().ok_or_else(|| error::internal("a run without an edition"))?;
    let is_asked =
        |provider: &str| asked.provider.is_empty() || asked.provider.iter().any(|id| id == provider);
    let patients: BTreeSet<String> = unresolved(&judged.ledger)
        .filter(|(provider, _)| is_asked(provider))
        .map(|(_, patient)| patient.to_owned())
        .collect();
    if patients.is_empty() {
        let of_persons = &outcome.report.measure.combined;
        let is_open = |of: &ClinicianResult| of.once.numerator.least < of.once.numerator.most;
        let text = match of_persons.iter().find(|of| is_open(of)) {
            Some(of) => format!(
                "No record is unresolved under one id. With each patient counted once, NPI {} is still open: decide the messages to its other ids in the file, each by message_id and patient_id.",
                escape_control(&of.npi)
            ),
            None => "No record is unresolved; a review cannot change any result.".to_owned(),
        };
        return Dialog::default().say(&text).map(|()| Exit::Success);
    }
    let explained = ExplainTarget { patients: patients.into_iter().collect(), ..ExplainTarget::default() };
    let (explanation, kept, roster) =
        Explaining { settings: &settings, sources: &sources }.explanation(explained)?;
    let mut standing =
        ReviewState::new(&settings, judged, &kept, roster.as_ref(), outcome.decisions.clone())?;
    let items = items(&settings, &explanation, providers, &is_asked);
    let mut dialog = Dialog::new(settings.task.id_rules.markers.clone());
    // A name is one line, since each decision is one.
    let by = asked.by.map(|by| by.split_whitespace().collect::<Vec<_>>().join(" "));
    let by = match by.as_deref().filter(|by| !by.is_empty()) {
        Some(by) if !dialog.says_something(by) => {
            let message = "--by: the text means \"no value\"; give the name of whoever decides";
            return Err(error::usage(ErrorCode::Choice, message));
        }
        Some(by) => by.to_owned(),
        None => match dialog.line("Your name (as it will appear in the report): ")? {
            Some(by) => by,
            None => return Ok(Exit::Success),
        },
    };
    let reviewer = Reviewer { by, on: on.unwrap_or_else(today) };
    let counts = walk(&items, &mut standing, &mut file, &mut dialog, &reviewer)?;
    dialog.say(&summary(&counts, &name, providers, &standing, &is_asked))?;
    Ok(Exit::Success)
}

/// The reviewer and the day of the decisions.
struct Reviewer {
    by: String,
    on: Day,
}

/// Numbers of records decided and skipped.
#[derive(Default)]
struct Counts {
    decided: u64,
    skipped: u64,
}

fn walk(
    items: &[Item],
    standing: &mut ReviewState<'_>,
    file: &mut DecisionsFile,
    dialog: &mut Dialog,
    reviewer: &Reviewer,
) -> anyhow::Result<Counts> {
    let mut counts = Counts::default();
    for (number, item) in (1..).zip(items) {
        // An earlier answer may have resolved the record.
        if !standing.is_open(item) {
            continue;
        }
        let (yes, no) = (item.decision(true), item.decision(false));
        let effects = [yes, no].map(|decision| standing.after(item, decision));
        dialog.say(&item.text(number, items.len(), &standing.now(item), &effects))?;
        let decision: AdjudicationDecision = match dialog.answer(&item.question())? {
            Answer::Yes => yes,
            Answer::No => no,
            Answer::Skip => {
                counts.skipped += 1;
                continue;
            }
            Answer::Quit => break,
        };
        let Some(reason) = dialog.reason()? else { break };
        let line = file.append(item, decision, &reviewer.by, reviewer.on, &reason)?;
        standing.decide(item, decision, &reviewer.by, reviewer.on, &reason, line);
        counts.decided += 1;
    }
    Ok(counts)
}

/// Returns how many records were decided, the name of the decisions file, and the result of each provider.
fn summary(
    counts: &Counts,
    name: &str,
    providers: &[ProviderResult],
    standing: &ReviewState<'_>,
    is_asked: &dyn Fn(&str) -> bool,
) -> String {
    let decided = pluralize(counts.decided, "record decided", "records decided");
    let mut text = format!("\n{decided}, {} skipped.", counts.skipped);
    if counts.decided > 0 {
        text += &format!(
            " The decisions are in {}; reports read them with --adjudications.",
            escape_control(name)
        );
    }
    for provider in providers.iter().filter(|provider| is_asked(&provider.provider_id)) {
        let now = standing.result_for_provider(&provider.provider_id);
        text += &format!("\n{}: {now}", escape_control(&provider.provider_id));
    }
    text
}
