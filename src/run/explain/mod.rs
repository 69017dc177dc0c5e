//! `mucalc explain`: shows why a patient, a message, or an encounter qualifies or not, rule by rule.

mod lazy;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::io::ErrorKind;

use crate::error::{self, ErrorCode, Exit};
use crate::run::compute::basis;
use crate::run::head::head;
use crate::run::ledger::names;
use crate::run::open::PageToOpen;
use crate::run::settings::{RunConfig, resolve_for};
use crate::run::write_outputs::emit_into;
use crate::run::{interrupt, progress_bar};
use mucalc_analysis::explain::{ExplainContext, ExplainedPatient};
use mucalc_core::domain::adjudication::{Adjudication, AdjudicationTarget};
use mucalc_core::domain::basis::Basis;
use mucalc_core::domain::explanation::{
    AdjudicationNote, ColumnValue, ExplainedRow, Explanation, PatientExplanation, ProviderMembership,
};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::did_you_mean;
use mucalc_core::ledger::retained_rows::{PatientFilter, RetainedRows, RowOrigin};
use mucalc_core::ledger::{Adjudications, ReplayOptions, replay};
use mucalc_engine::gather::{ExportSelection, ReadOutcome, RowFilter, rows};
use mucalc_engine::input_log::{InputLog, check_usable};
use mucalc_engine::{InputSet, ReferenceData};
use mucalc_options::{CommonArgs, one_of};
use mucalc_read::{BlockLimits, InputSource, ReadContext, raw_record};
use mucalc_report::{PageFormat, RenderError, explanation};

pub use mucalc_core::domain::explanation::ExplainTarget;

use lazy::{LazyRows, Shown};

/// The arguments of `mucalc explain`.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["patient", "message", "encounter"])))]
#[command(after_help = "\
Examples:
  mucalc explain --patient 1017    # inputs and period from mucalc.toml
  mucalc explain --message M-0042 --every-rule
  mucalc explain --patient 1017 --provider DR-2 \\
         --format json -o patient-1017.json

The output contains patient ids and values of their records, but no message texts.")]
pub struct ExplainArgs {
    /// The patient with this id
    #[arg(long, value_name = "ID", help_heading = "What to explain")]
    patient: Vec<String>,
    /// The message, or portal access, with this id
    #[arg(long, value_name = "ID", help_heading = "What to explain")]
    message: Option<String>,
    /// The encounter with this id
    #[arg(long, value_name = "ID", help_heading = "What to explain")]
    encounter: Option<String>,
    /// Only what concerns this provider
    #[arg(long, value_name = "ID", help_heading = "What to explain")]
    provider: Option<String>,
    /// Show every rule, also those that do not apply
    #[arg(long, help_heading = "Output")]
    every_rule: bool,

    #[command(flatten)]
    common: CommonArgs,
    /// Format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<PageFormat>(), help_heading = "Output")]
    format: Option<PageFormat>,
    /// Write the explanation to this file, readable by its owner only, instead of standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    /// Write the result as a page and open it in the browser; without --output, the page is mucalc-explain.html
    #[arg(long, help_heading = "Output")]
    open: bool,
}

/// Explains why a patient, a message, or an encounter qualifies or not.
///
/// # Errors
/// If options contradict each other, the exports do not contain the subject, or an input or output cannot be used.
pub fn explain(args: ExplainArgs) -> anyhow::Result<Exit> {
    let ExplainArgs {
        patient,
        message,
        encounter,
        provider,
        every_rule: every,
        common,
        mut format,
        mut output,
        open,
    } = args;
    let page = PageToOpen::prepare(open, "explain", &[PageFormat::Html], &mut format, &mut output)?;
    let trimmed = |id: Option<String>| id.map(|id| id.trim().to_owned());
    let asked = ExplainTarget {
        patients: patient,
        message: trimmed(message),
        encounter: trimmed(encounter),
        provider: trimmed(provider),
    };
    let (mut settings, format) = (resolve_for("explain", common, output)?, format.unwrap_or_default());
    settings.private = true;
    let screen = settings.style(settings.output.is_some());
    let exit = emit_into(&settings, |sources, to| {
        if sources.reads_stdin() {
            let message = "explain may read an input more than once, so none can be standard input";
            return Err(error::usage(ErrorCode::StandardInput, message));
        }
        let explaining = Explaining { settings: &settings, sources };
        let written = |explanation: Explanation<LazyRows<'_>>, failed: &RefCell<Option<anyhow::Error>>| {
            // If the rows can be kept in memory, each export is read again only once, however many patients were requested.
            let rows = explanation.patients.iter().map(LazyRows::weight);
            let written = if rows.sum::<usize>() <= FEW {
                explanation::write(&explaining.whole(explanation)?, format, every, screen, to)
            } else {
                explanation::write(&explanation, format, every, screen, to)
            };
            match (failed.take(), written) {
                (Some(failed), _) => Err(failed),
                (None, written) => written.or_else(|error| not_written(&settings, &error)),
            }
        };
        explaining.explained(asked, written).map(drop)
    })?;
    page.open();
    Ok(exit)
}

/// Maximum number of rows, times the providers they may be attributed to, that are kept in memory with their cells.
const FEW: usize = 10_000;

/// Returns the error for an explanation that cannot be written. A closed pipe is not an error.
fn not_written(settings: &RunConfig, error: &RenderError) -> anyhow::Result<()> {
    let name = settings.output.as_deref().unwrap_or("standard output");
    match error {
        RenderError::Io(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        RenderError::Io(error) => {
            Err(error::file(ErrorCode::Unwritable, format!("cannot be written: {}", error.kind()), name))
        }
        error => Err(error::internal(error.to_string())),
    }
}

/// The settings and inputs that an explanation is made from.
pub(super) struct Explaining<'a> {
    /// Settings of the run.
    pub settings: &'a RunConfig,
    /// Inputs of the run.
    pub sources: &'a InputSet,
}

impl Explaining<'_> {
    /// Explains the requested subject. Also returns the rows of its patients and the roster.
    ///
    /// # Errors
    /// If the exports do not contain the subject, or an input cannot be used.
    pub fn explanation(
        &self,
        asked: ExplainTarget,
    ) -> anyhow::Result<(Explanation, RetainedRows, Option<Roster>)> {
        self.explained(asked, |explanation, _| self.whole(explanation))
    }

    /// Passes an explanation of the requested subject to `make`. Returns what `make` returns, the rows, and the roster.
    ///
    /// Each row of the explanation is made when it is needed. The `RefCell` receives an error if an input cannot be read again.
    fn explained<T>(
        &self,
        asked: ExplainTarget,
        make: impl FnOnce(Explanation<LazyRows<'_>>, &RefCell<Option<anyhow::Error>>) -> anyhow::Result<T>,
    ) -> anyhow::Result<(T, RetainedRows, Option<Roster>)> {
        let Self { settings, sources } = *self;
        let bar = progress_bar::bar(sources.all(), settings.quiet);
        let step = |step| bar.step(step);
        let reading = ReadContext { ids: true, ..settings.reading(sources, &step) };
        let spelled = |id: String| settings.task.id_rules.spelled(id.trim());
        let asked = ExplainTarget { provider: asked.provider.map(spelled), ..asked };
        let beside = ReferenceData::read(sources, &reading, &settings.task)?;

        let patients = self.patients(&asked, &beside, &reading)?;
        let wanted =
            PatientFilter::with_near(patients.iter().map(|id| id.as_bytes()), settings.task.id_rules.folding);
        let is_wanted = |_: Option<&[u8]>, patient: &[u8]| wanted.contains(patient);
        let (kept, read) = self.rows(ExportSelection::All, &is_wanted, &beside, &reading)?;
        let mut account = InputLog::default();
        for (role, source, summary) in &read {
            check_usable(source, summary)?;
            account.add(*role, source, summary, &settings.task.layout);
            if *role == InputRole::Encounters {
                account
                    .note_unknown_locations(summary, &beside.places(&settings.task, &settings.task.rulings));
            }
        }
        beside.account(sources, &settings.task, &mut account);
        let is_about = |id: &String| kept.all().any(|at| at.patient() == id.as_bytes());
        if let Some(absent) = patients.iter().position(|id| !is_about(id)) {
            let which = if patients.len() == 1 {
                String::new()
            } else {
                format!(" (number {} of those named)", absent + 1)
            };
            let message = format!(
                "no usable row has this patient id{which}; ids must match exactly, including letter case and leading zeros, and \
                 unusable rows are not searched (`mucalc validate` lists them)"
            );
            return Err(error::usage(ErrorCode::NotInExports, message));
        }

        let ruling = settings.task.primary_measure();
        let law = settings.task.compile(ruling, sources.counties.is_some());
        let decided = Adjudications::new(beside.decisions());
        let counting = ReplayOptions {
            counts: ruling.edition.counts,
            counts_for: ruling.edition.counts_for,
            credit: ruling.credit,
            roster: beside.roster(),
            decided: &decided,
            declared: settings.task.id_rules.folding,
        };
        let replayed = replay(&law, &kept, counting);
        let names = names(sources, &law);
        let grounds = ExplainContext {
            edition: &ruling.edition,
            choices: &ruling.choices,
            law: &law,
            kept: &kept,
            replayed: &replayed,
            names: &names,
        };
        let found = grounds.patients(&patients);
        let named: BTreeSet<&str> = found
            .iter()
            .flat_map(|patient| &patient.standings)
            .map(|standing| standing.provider_id.as_str())
            .collect();
        if let Some(provider) = asked.provider.as_deref().filter(|provider| !named.contains(provider)) {
            let hint = did_you_mean(provider, named.iter().copied());
            let why = format!("no row about the patient names this provider; ids must match exactly{hint}");
            return Err(error::usage(ErrorCode::NotInExports, why));
        }
        bar.finish();
        interrupt::reading_is_done();
        interrupt::check()?;
        let assumptions = account.settle(settings.task.acknowledged);

        let failed = RefCell::new(None);
        let again = ReadContext {
            threads: 1,
            limits: BlockLimits { block_bytes: 1 << 18, ..reading.limits },
            progress: &|_| {},
            ..reading
        };
        let shown = Shown { settings, sources, reading: again, read: &read };
        let patients = found.iter().map(|patient| {
            let rows = |role| LazyRows {
                grounds: &grounds,
                patient,
                role,
                asked: &asked,
                shown: &shown,
                failed: &failed,
            };
            PatientExplanation {
                patient_id: patient.id.clone(),
                standings: standings(patient, &asked, beside.roster()),
                encounters: rows(InputRole::Encounters),
                messages: rows(InputRole::Messages),
                accesses: rows(InputRole::Accesses),
                decisions: decisions(beside.decisions(), sources, &grounds, patient),
            }
        });
        let explanation = Explanation {
            head: head(settings),
            channels: settings.named_channels.clone(),
            edition: ruling.reference(settings.task.period, settings.task.attested),
            credit: ruling.credit,
            policies: ruling.policies(),
            asked: asked.clone(),
            patients: patients.collect(),
            findings: settings.allowing(account.findings()),
            inputs: account.read,
            basis: Basis { assumptions, ..basis(settings) },
        };
        let made = make(explanation, &failed)?;
        drop(decided);
        Ok((made, kept, beside.into_roster()))
    }

    /// Returns the ids of the requested patients, and of the patients in the requested message or encounter.
    fn patients(
        &self,
        asked: &ExplainTarget,
        beside: &ReferenceData,
        reading: &ReadContext<'_>,
    ) -> anyhow::Result<Vec<String>> {
        let rules = &self.settings.task.id_rules;
        let mut ids: Vec<String> = asked.patients.iter().map(|id| rules.spelled(id.trim())).collect();
        let mut add = |kept: &RetainedRows| {
            let found: BTreeSet<String> =
                kept.all().map(|at| String::from_utf8_lossy(at.patient()).into_owned()).collect();
            ids.extend(found);
            kept.all().next().is_some()
        };
        if let Some(id) = &asked.message {
            let is_wanted = |own: Option<&[u8]>, _: &[u8]| own == Some(id.as_bytes());
            if !add(&self.rows(ExportSelection::Numerator, &is_wanted, beside, reading)?.0) {
                return Err(not_found(if self.sources.accesses.is_empty() { "message" } else { "access" }));
            }
        }
        if let Some(id) = &asked.encounter {
            let is_wanted = |own: Option<&[u8]>, _: &[u8]| own == Some(id.as_bytes());
            if !add(&self.rows(ExportSelection::Denominator, &is_wanted, beside, reading)?.0) {
                return Err(not_found("encounter"));
            }
        }
        let mut known = HashSet::new();
        ids.retain(|id| known.insert(id.clone()));
        Ok(ids)
    }

    fn rows<'s>(
        &'s self,
        part: ExportSelection,
        is_wanted: RowFilter<'_>,
        beside: &ReferenceData,
        reading: &ReadContext<'_>,
    ) -> anyhow::Result<(RetainedRows, Vec<ReadOutcome<'s>>)> {
        let rows = rows(
            &self.settings.task,
            self.sources,
            &beside.places(&self.settings.task, &self.settings.task.rulings),
            reading,
            part,
            is_wanted,
        )?;
        Ok(rows)
    }

    /// Makes all rows of an explanation, with their cells.
    fn whole(&self, of: Explanation<LazyRows<'_>>) -> anyhow::Result<Explanation> {
        let Some(shown) = of.patients.first().map(|patient| patient.encounters.shown) else {
            return Err(error::internal("an explanation of nobody"));
        };
        let whole = |patient: PatientExplanation<LazyRows<'_>>| PatientExplanation {
            encounters: patient.encounters.all().collect(),
            messages: patient.messages.all().collect(),
            accesses: patient.accesses.all().collect(),
            patient_id: patient.patient_id,
            standings: patient.standings,
            decisions: patient.decisions,
        };
        let Explanation {
            head,
            channels,
            edition,
            credit,
            policies,
            asked,
            patients,
            inputs,
            findings,
            basis,
        } = of;
        let mut patients: Vec<PatientExplanation> = patients.into_iter().map(whole).collect();
        self.add_records(
            &mut patients,
            &ReadContext { threads: self.settings.task.threads, ..shown.reading },
        )?;
        Ok(Explanation {
            head,
            channels,
            edition,
            credit,
            policies,
            asked,
            patients,
            inputs,
            findings,
            basis,
        })
    }

    /// Adds the cells of each row as they are in the exports.
    fn add_records(
        &self,
        explained: &mut [PatientExplanation],
        reading: &ReadContext<'_>,
    ) -> anyhow::Result<()> {
        let Self { settings, sources, .. } = self;
        for (role, all) in [
            (InputRole::Encounters, &sources.encounters),
            (InputRole::Messages, &sources.messages),
            (InputRole::Accesses, &sources.accesses),
        ] {
            for source in all {
                let label = source.label();
                let mut rows: Vec<&mut ExplainedRow> = explained
                    .iter_mut()
                    .flat_map(|patient| rows_of(patient, role))
                    .filter(|row| row.place.file == label)
                    .collect();
                let lines: BTreeSet<u64> = rows.iter().filter_map(|row| row.place.line).collect();
                if lines.is_empty() {
                    continue;
                }
                let cells = raw_record::read(source, reading, &settings.task.layout, role, &lines)?;
                for row in &mut rows {
                    let found = row.place.line.and_then(|line| cells.get(&line));
                    let said = |(column, text): &(String, String)| ColumnValue {
                        column: column.clone(),
                        said: text.clone(),
                    };
                    row.record = found.into_iter().flatten().map(said).collect();
                }
            }
        }
        Ok(())
    }
}

fn rows_of(patient: &mut PatientExplanation, role: InputRole) -> &mut Vec<ExplainedRow> {
    match role {
        InputRole::Encounters => &mut patient.encounters,
        InputRole::Accesses => &mut patient.accesses,
        _ => &mut patient.messages,
    }
}

/// Returns the review decisions about a patient and the patient's rows.
fn decisions(
    all: &[Adjudication],
    sources: &InputSet,
    grounds: &ExplainContext<'_>,
    patient: &ExplainedPatient,
) -> Vec<AdjudicationNote> {
    let file = sources.adjudications.as_ref().map_or("", |source: &InputSource| &source.name);
    let kept = grounds.kept;
    let has = |id: &str, at: &RowOrigin| at.id.as_deref() == Some(id.as_bytes());
    let of = |decision: &Adjudication| {
        let (about, id) = match &decision.about {
            AdjudicationTarget::Patient(id) if *id == patient.id => ("patient", None),
            AdjudicationTarget::Patient(_) => return None,
            AdjudicationTarget::Message(id)
                if patient.messages.iter().any(|at| has(id, &kept.messages[*at as usize].at)) =>
            {
                ("message", Some(id.clone()))
            }
            AdjudicationTarget::Message(id)
                if patient.accesses.iter().any(|at| has(id, &kept.accesses[*at as usize].at)) =>
            {
                ("access", Some(id.clone()))
            }
            AdjudicationTarget::Message(_) => return None,
        };
        Some(AdjudicationNote {
            place: SourceLocation::line(file, decision.line),
            about,
            id,
            provider_id: decision.provider.clone(),
            decision: decision.decision.word(),
            by: decision.by.clone(),
            on: decision.on.clone(),
            reason: decision.reason.clone(),
        })
    };
    all.iter().filter_map(of).collect()
}

/// Returns a patient's membership with the requested provider, or with all providers. Adds names from the roster.
fn standings(
    patient: &ExplainedPatient,
    asked: &ExplainTarget,
    roster: Option<&Roster>,
) -> Vec<ProviderMembership> {
    let is_asked = |of: &&ProviderMembership| asked.provider.as_ref().is_none_or(|id| *id == of.provider_id);
    let name = |id: &str| roster.and_then(|roster| roster.get(id)).and_then(|line| line.name.clone());
    let named = |of: &ProviderMembership| ProviderMembership { name: name(&of.provider_id), ..of.clone() };
    patient.standings.iter().filter(is_asked).map(named).collect()
}

fn not_found(what: &str) -> anyhow::Error {
    let message = format!(
        "no {what} of the exports has this id; ids must match exactly, including letter case and leading zeros, and unusable rows \
         are not searched"
    );
    error::usage(ErrorCode::NotInExports, message)
}
