//! Resolves the options of the user to the settings of a run, and checks every value.

mod assume;
mod choices;
mod command;
mod culprit;
mod editions;
mod vocabulary;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::error::{self, ErrorCode, explained};
use crate::run::config;
use crate::run::inputs::{InputPaths, NamedEntry, RequiredInputs, named_files};
use crate::run::interrupt;
use crate::run::layouts::{self, LayoutTexts};
use crate::run::limits;
use crate::run::terminal::{print_note, style};
use mucalc_core::domain::absence::AbsenceMarkers;
use mucalc_core::domain::assumption::{ChoiceMade, LayoutFileRef};
use mucalc_core::domain::finding::{Finding, FindingCode, Severity};
use mucalc_core::domain::folding::{Fold, Folding};
use mucalc_core::domain::period::Period;
use mucalc_core::domain::practice::Practice;
use mucalc_core::domain::report::ChannelSummary;
use mucalc_core::domain::rule_set_text::RuleSetText;
use mucalc_core::domain::text::escape_control;
use mucalc_core::edition::rule_text::rule_set_text;
use mucalc_core::ledger::parallel::HAS_THREADS;
use mucalc_engine::{InputSet, MeasureConfig, Task};
use mucalc_options::{
    AttritionDetail, ColorChoice, ConfigSource, Configuration, FailureGate, PracticeKey, PracticeOptions,
    fixed_offset_zone,
};
use mucalc_read::layout::Layout;
use mucalc_read::{IdRules, ReadContext, ReadProgress};
use mucalc_report::{ReportFormat, TerminalStyle};

pub use choices::input_choices;
pub use command::resolve_for;
pub use editions::{edition_named, why_not_allowed};

/// The settings of a run: what it calculates, and what it writes.
pub struct RunConfig {
    /// What is calculated.
    pub task: Task,
    /// The practice, and who prepares the report, if given.
    pub practice: Option<Practice>,
    /// Severities of findings that the configuration sets. `None` hides a finding.
    pub severities: BTreeMap<FindingCode, Option<Severity>>,
    /// Findings that the configuration allows.
    pub allowed: BTreeSet<FindingCode>,
    /// Values of exports that the configuration mentions, trimmed and in lowercase.
    pub configured: BTreeSet<String>,
    /// Files that are never overwritten although the run may not read them as inputs: the configuration, and the layouts and inputs that it
    /// names.
    pub own_files: Vec<PathBuf>,
    /// Channels in the configuration.
    pub named_channels: Vec<ChannelSummary>,
    /// The inputs as the user named them.
    pub named: InputPaths,
    /// SHA-256 checksum of the layouts' texts and of the value mappings in the configuration.
    pub vocabulary: String,
    /// Settings in the configuration other than policy settings.
    pub choices: Vec<ChoiceMade>,
    /// Layout files in use.
    pub layout_files: Vec<LayoutFileRef>,
    /// Options, with flags over the configuration.
    pub options: Configuration,
    /// Texts of layouts that were in memory.
    pub layout_texts: LayoutTexts,
    /// Path of the configuration that was read.
    pub config: Option<PathBuf>,
    /// Format of the report.
    pub format: ReportFormat,
    /// File for the report. `None` is standard output.
    pub output: Option<String>,
    /// Whether the output contains patient rows, so that only its owner may read it.
    pub private: bool,
    /// File for the ledger.
    pub ledger: Option<String>,
    /// Whether a workbook has a sheet of patients.
    pub patients: bool,
    /// Detail of the attrition, if it is shown.
    pub waterfall: Option<AttritionDetail>,
    /// Gates: the conditions under which a run fails although it calculated a result.
    pub gates: Vec<FailureGate>,
    /// Whether the report shows when and where it was calculated.
    pub stamp: bool,
    /// Whether only errors go to standard error.
    pub quiet: bool,
    /// Whether more details go to standard error.
    pub verbose: bool,
    /// When colors are used.
    pub color: ColorChoice,
}

/// What a command sets for a run, and no option does.
#[derive(Clone, Debug, Default)]
pub struct ResolveContext {
    /// Whether the options come from a pack.
    pub is_of_pack: bool,
    /// Whether the options come from a pack of another version, which may not have checked the year of a rule set.
    pub leaves_years_unchecked: bool,
    /// Whether no rule is applied, so that no rule set must be known.
    pub applies_no_rules: bool,
    /// Texts of layouts in memory, by the name or path in the options.
    pub layout_texts: LayoutTexts,
}

impl RunConfig {
    /// Reads the configuration, applies the flags over it, and checks the result.
    ///
    /// # Errors
    /// If options contradict each other, or the reporting period is missing.
    pub fn resolve(flags: Configuration, which: &ConfigSource) -> anyhow::Result<Self> {
        let settings = Self::resolve_without_period(flags, which, &ResolveContext::default())?;
        if settings.task.period_given {
            return Ok(settings);
        }
        Err(error::usage(ErrorCode::Period, settings.missing_period_message(which)))
    }

    /// Resolves the settings of a command that needs no reporting period. Without one, the period contains every day.
    ///
    /// # Errors
    /// If options contradict each other.
    pub fn resolve_without_period(
        flags: Configuration,
        which: &ConfigSource,
        context: &ResolveContext,
    ) -> anyhow::Result<Self> {
        let (file, config) = config::read(which)?;
        if let (PracticeKey::Several(practices), Some(path)) = (&file.file.practice, &config) {
            let first = practices.first().map_or("", |practice| practice.config.as_str());
            let message = format!(
                "{} lists several practices, and this command is for one; name its configuration, for example --config {}",
                path.display(),
                escape_control(&path.with_file_name(first).to_string_lossy())
            );
            return Err(error::usage(ErrorCode::Configuration, message));
        }
        let inputs = &file.inputs;
        // An input that a flag overrides must not be overwritten either.
        let exports =
            inputs.encounters.iter().chain(&inputs.messages).chain(&inputs.accesses).chain(&inputs.join);
        let small = inputs.roster.iter().chain(&inputs.counties).chain(&inputs.adjudications);
        let described = file.file.inputs.iter().flat_map(|entry| &entry.path);
        let mut own_files = named_files(exports.chain(small).chain(&file.file.enrollment).chain(described));
        own_files.extend(file.layout_options().flat_map(|layout| layouts::named(layout)).map(PathBuf::from));
        own_files.extend(config.iter().cloned());
        let resolved = Self::from_options(flags.over(file), context);
        let mut settings = resolved.map_err(|error| match &config {
            Some(path) => culprit::located(error, path, |mut options| {
                options.run.quiet = true;
                Self::from_options(options, context)
                    .map(drop)
                    .map_err(|error| explained(&error).failure.message)
            }),
            None => error,
        })?;
        settings.config = config;
        settings.own_files.extend(own_files);
        Ok(settings)
    }

    /// Checks options that were already read.
    ///
    /// # Errors
    /// If options contradict each other.
    pub fn from_options(options: Configuration, context: &ResolveContext) -> anyhow::Result<Self> {
        let Configuration { inputs, reading, measure, report, run, file, .. } = &options;
        let (layout, channels, named_channels) = vocabulary::vocabulary(&options, &context.layout_texts)?;
        let entries = vocabulary::input_rules(&options, &channels, &context.layout_texts)?;
        let period_given = measure.period.is_some();
        let period = measure.period.as_deref().copied().unwrap_or(Period::EVERY_DAY);
        let zone = reading.timezone.as_deref().map(|zone| zone.0);
        let still = reading.timezone.as_ref().and_then(|zone| fixed_offset_zone(&zone.text));
        if let Some(moving) = still.filter(|_| !run.quiet) {
            print_note(format!("note: this time zone knows no summer time; if your clocks do, use {moving}"));
        }
        let threads = threads(run.threads);
        limits::check(threads)?;
        let task = Task {
            rulings: editions::rulings(measure, context, period)?,
            attested: editions::attested(measure.attested.as_deref().copied(), period, period_given)?,
            locations: file
                .locations
                .iter()
                .map(|(name, location)| (name.trim().to_owned(), location.certified))
                .collect(),
            period,
            period_given,
            exported: inputs.exported.as_deref().copied(),
            encoding: reading.encoding.as_deref().map(|encoding| encoding.0),
            channels,
            zone,
            id_rules: id_rules(&file.nulls, &file.ids.fold, &layout, &entries),
            layout,
            unusable: measure.unusable.unwrap_or_default(),
            versions: measure.versions.unwrap_or_default(),
            acknowledged: assume::acknowledged(&file.assume)?,
            days: assume::days(&file.days),
            digest: run.digest,
            threads,
            by_provider: report.waterfall == Some(AttritionDetail::Providers),
            is_of_pack: context.is_of_pack,
        };
        let named = InputPaths {
            encounters: inputs.encounters.clone(),
            messages: inputs.messages.clone(),
            accesses: inputs.accesses.clone(),
            join: inputs.join.clone(),
            roster: inputs.roster.clone(),
            counties: inputs.counties.clone(),
            adjudications: inputs.adjudications.clone(),
            enrollment: file.enrollment.clone(),
            entries,
        };
        let layouts = options.layout_options().flat_map(|layout| layouts::named(layout));
        Ok(Self {
            task,
            practice: practice(&file.practice.one()),
            severities: vocabulary::severities(&file.severity)?,
            allowed: vocabulary::allowed(&file.allow)?,
            configured: vocabulary::configured(&options),
            own_files: layouts.map(PathBuf::from).collect(),
            named_channels,
            named,
            config: None,
            vocabulary: layouts::digest(&options, &context.layout_texts)?,
            choices: choices::choices(&options),
            layout_files: choices::layout_files(&options, &context.layout_texts)?,
            format: report.format.unwrap_or_default(),
            output: report.output.clone().filter(|path| path != "-"),
            private: false,
            patients: report.patients,
            waterfall: report.waterfall,
            ledger: ledger(report.ledger.clone())?,
            gates: report.fail_on.iter().map(|gate| gate.value).collect(),
            stamp: report.stamp,
            quiet: run.quiet,
            verbose: run.verbose,
            color: run.color.unwrap_or_default(),
            layout_texts: context.layout_texts.clone(),
            options,
        })
    }
}

impl RunConfig {
    /// Returns the message for a missing period. It names everything that is missing, so that the user does not have to try repeatedly.
    fn missing_period_message(&self, which: &ConfigSource) -> String {
        let nothing_named = self.named.encounters.is_empty()
            && self.named.messages.is_empty()
            && self.named.entries.is_empty();
        match (&self.config, which) {
            (Some(path), _) => format!(
                "the reporting period is missing; write `period = \"2014Q3\"` in {}, or add --period",
                escape_control(&path.to_string_lossy())
            ),
            (None, ConfigSource::Found) if nothing_named => {
                "the reporting period and the exports are missing, and there is no mucalc.toml here; `mucalc init exports/*` writes \
                 one, `mucalc demo practice` gives you something to try, or add --period, --encounters and --messages"
                    .to_owned()
            }
            _ => "the reporting period is missing; add --period, for example --period 2014Q3".to_owned(),
        }
    }

    /// Returns the style of an output to standard output or, if `to_file`, to a file.
    pub fn style(&self, to_file: bool) -> TerminalStyle {
        TerminalStyle { verbose: self.verbose, ..style(self.color, to_file) }
    }

    /// Returns the rules as text.
    pub fn rule_set_texts(&self) -> Vec<RuleSetText> {
        let year = self.task.period.program_year();
        self.task.rulings.iter().map(|ruling| rule_set_text(&ruling.edition, &ruling.choices, year)).collect()
    }

    /// Returns the context for reading inputs whose rows are evaluated.
    pub fn reading<'r>(
        &'r self,
        sources: &'r InputSet,
        progress: &'r (dyn Fn(ReadProgress) + Sync),
    ) -> ReadContext<'r> {
        self.task.reading(sources, progress, interrupt::install(sources.wait()))
    }

    /// Prints which named inputs are not read, if any are.
    pub fn note_unused_inputs(&self, sources: &InputSet) {
        let editions: Vec<&str> = self.task.rulings.iter().map(|ruling| ruling.edition.id.as_str()).collect();
        let names: Vec<String> = sources.unread.iter().map(|source| escape_control(&source.name)).collect();
        if !names.is_empty() && !self.quiet {
            print_note(format!(
                "note: {} is not read, because rule set {} does not use it",
                names.join(", "),
                editions.join(", ")
            ));
        }
    }

    /// Returns the inputs that the numerators are counted from.
    pub fn needs(&self) -> RequiredInputs {
        RequiredInputs {
            messages: self.task.rulings.iter().any(MeasureConfig::counts_messages),
            accesses: !self.task.rulings.iter().all(MeasureConfig::counts_messages),
        }
    }

    /// Lowers the findings that the configuration allows to notes.
    pub fn allowing(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        let is_allowed = |finding: &&mut Finding| self.allowed.iter().any(|code| code.slug() == finding.code);
        findings.iter_mut().filter(is_allowed).for_each(|finding| finding.severity = Severity::Note);
        findings
    }
}

/// Returns the practice and who prepares the report. `None` if neither is given.
fn practice(options: &PracticeOptions) -> Option<Practice> {
    let text = |value: &Option<String>| {
        value.as_deref().map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let practice = Practice {
        name: text(&options.name),
        tin: text(&options.tin),
        cehrt_id: text(&options.cehrt_id),
        prepared_by: text(&options.prepared_by),
        prepared_on: options.prepared_on.as_deref().copied(),
    };
    Some(practice).filter(|practice| *practice != Practice::default())
}

/// Returns the rules for reading texts as ids.
fn id_rules(nulls: &[String], folds: &[Fold], layout: &Layout, entries: &[NamedEntry]) -> IdRules {
    let of_entries = entries.iter().filter_map(|entry| entry.rules.layout.as_ref());
    let of_layouts: Vec<String> =
        std::iter::once(layout).chain(of_entries).flat_map(|layout| layout.nulls.iter().cloned()).collect();
    let markers = match if nulls.is_empty() { &of_layouts } else { nulls } {
        [] => AbsenceMarkers::default(),
        nulls => AbsenceMarkers::new(nulls.iter().cloned()),
    };
    IdRules::new(markers, Folding::new(folds.iter().copied()))
}

fn ledger(path: Option<String>) -> anyhow::Result<Option<String>> {
    match path.as_deref() {
        Some("-") => {
            let message = "--ledger takes the path of a file; standard output is the report's";
            Err(error::usage(ErrorCode::Outputs, message))
        }
        _ => Ok(path),
    }
}

/// Returns the number of threads: at most 256, and by default one per core.
pub fn threads(wanted: Option<NonZeroUsize>) -> usize {
    if !HAS_THREADS {
        return 1;
    }
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    wanted.map_or_else(cores, |threads| threads.get().min(256))
}
