//! From what the user asked for to what a run needs, with every word checked.

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
use crate::options::{
    AttritionDetail, ColorChoice, ConfigSource, Configuration, FailureGate, PracticeOptions, standing_still,
};
use crate::run::config;
use crate::run::inputs::{InputPaths, RequiredInputs, named_files};
use crate::run::interrupt;
use crate::run::layouts::{self, LayoutTexts};
use crate::run::limits;
use crate::run::terminal::say;
use mucalc_core::domain::absence::AbsenceMarkers;
use mucalc_core::domain::assumption::{ChoiceMade, LayoutFileRef};
use mucalc_core::domain::finding::{FindingCode, Severity};
use mucalc_core::domain::folding::{Fold, Folding};
use mucalc_core::domain::period::Period;
use mucalc_core::domain::practice::Practice;
use mucalc_core::domain::report::ChannelSummary;
use mucalc_core::domain::rule_set_text::RuleSetText;
use mucalc_core::domain::text::printable;
use mucalc_core::edition::lawbook::lawbook;
use mucalc_engine::{InputSet, MeasureConfig, Task};
use mucalc_read::layout::Layout;
use mucalc_read::{IdRules, ReadContext, ReadProgress};
use mucalc_report::ReportFormat;

pub use command::resolve_for;
pub use editions::{edition_named, why_not_allowed};

/// What a run needs: what is to be computed, and what is to come of it.
pub struct RunConfig {
    /// What is to be computed.
    pub task: Task,
    /// The practice, and who prepares the report, where it was said.
    pub practice: Option<Practice>,
    /// How bad findings are, where the configuration says so; none where they are not to be told.
    pub severities: BTreeMap<FindingCode, Option<Severity>>,
    /// Words of exports that the configuration names, folded.
    pub configured: BTreeSet<String>,
    /// The files that are read beside the inputs, and never written over: the configuration and layouts.
    pub own_files: Vec<PathBuf>,
    /// What the configuration says of channels.
    pub named_channels: Vec<ChannelSummary>,
    /// The inputs, as the user named them.
    pub named: InputPaths,
    /// The digest of the layouts' texts and of the words that the configuration translates.
    pub vocabulary: String,
    /// What the configuration settles beside the policies.
    pub choices: Vec<ChoiceMade>,
    /// The layout files that are used.
    pub layout_files: Vec<LayoutFileRef>,
    /// The options, flags over configuration.
    pub options: Configuration,
    /// The texts of layouts that were at hand.
    pub layout_texts: LayoutTexts,
    /// The configuration that was read.
    pub config: Option<PathBuf>,
    /// The format of the report.
    pub format: ReportFormat,
    /// Where the report goes; none is standard output.
    pub output: Option<String>,
    /// Whether the output holds patient rows: nobody else may read it then.
    pub private: bool,
    /// Where the ledger goes.
    pub ledger: Option<String>,
    /// Whether a workbook has a sheet of patients.
    pub patients: bool,
    /// Whether it is shown which rule judged how many rows, and for whom.
    pub waterfall: Option<AttritionDetail>,
    /// What makes a run fail though it computed.
    pub gates: Vec<FailureGate>,
    /// Whether the report says when and where it was computed.
    pub stamp: bool,
    /// Whether nothing but errors goes to standard error.
    pub quiet: bool,
    /// Whether more goes to standard error.
    pub verbose: bool,
    /// When colours are used.
    pub colour: ColorChoice,
}

/// What a command settles about a run that no option does.
#[derive(Clone, Debug, Default)]
pub struct ResolveContext {
    /// Whether the options are those of a pack.
    pub is_of_pack: bool,
    /// Whether the options are those of a pack of another version, which may not have checked the year of a rule set.
    pub leaves_years_unchecked: bool,
    /// Whether no rule is applied, so that no rule set has to be known.
    pub applies_no_rules: bool,
    /// The texts of layouts that are at hand, by the name or path under which they are asked for.
    pub layout_texts: LayoutTexts,
}

impl RunConfig {
    /// Reads the configuration, puts the flags over it, and checks the result.
    ///
    /// # Errors
    /// For options that contradict each other, and without a reporting period.
    pub fn resolve(flags: Configuration, which: &ConfigSource) -> anyhow::Result<Self> {
        let settings = Self::resolve_without_period(flags, which, &ResolveContext::default())?;
        if settings.task.period_given {
            return Ok(settings);
        }
        Err(error::usage(ErrorCode::Period, settings.without_period(which)))
    }

    /// The same for a command that can do without a reporting period: all days are in it then.
    ///
    /// # Errors
    /// For options that contradict each other.
    pub fn resolve_without_period(
        flags: Configuration,
        which: &ConfigSource,
        context: &ResolveContext,
    ) -> anyhow::Result<Self> {
        let (file, config) = config::read(which)?;
        let (inputs, layout) = (&file.inputs, &file.reading.layout);
        // Also what a flag overrides is an input that must not be written over.
        let exports = inputs.encounters.iter().chain(&inputs.messages).chain(&inputs.accesses);
        let small = inputs.roster.iter().chain(&inputs.counties).chain(&inputs.adjudications);
        let mut own_files = named_files(exports.chain(small).chain(&file.file.enrollment));
        own_files.extend(layout.iter().flat_map(|layout| layouts::named(layout)).map(PathBuf::from));
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

    /// Checks options that were read elsewhere.
    ///
    /// # Errors
    /// For options that contradict each other.
    pub fn from_options(options: Configuration, context: &ResolveContext) -> anyhow::Result<Self> {
        let Configuration { inputs, reading, measure, report, run, file, .. } = &options;
        let (layout, channels, named_channels) = vocabulary::vocabulary(&options, &context.layout_texts)?;
        let period_given = measure.period.is_some();
        let period = measure.period.as_deref().copied().unwrap_or(Period::EVERY_DAY);
        let zone = reading.timezone.as_deref().map(|zone| zone.0);
        let still = reading.timezone.as_ref().and_then(|zone| standing_still(&zone.text));
        if let Some(moving) = still.filter(|_| !run.quiet) {
            say(format!("note: this time zone knows no summer time; if your clocks do, use {moving}"));
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
            id_rules: id_rules(&file.nulls, &file.ids.fold, &layout),
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
            roster: inputs.roster.clone(),
            counties: inputs.counties.clone(),
            adjudications: inputs.adjudications.clone(),
            enrollment: file.enrollment.clone(),
        };
        let layouts = reading.layout.iter().flat_map(|layout| layouts::named(layout));
        Ok(Self {
            task,
            practice: practice(&file.practice),
            severities: vocabulary::severities(&file.severity)?,
            configured: vocabulary::configured(&options),
            own_files: layouts.map(PathBuf::from).collect(),
            named_channels,
            named,
            config: None,
            vocabulary: layouts::digest(&options, &context.layout_texts)?,
            choices: choices::choices(&options),
            layout_files: choices::layout_files(reading.layout.as_deref(), &context.layout_texts)?,
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
            colour: run.color.unwrap_or_default(),
            layout_texts: context.layout_texts.clone(),
            options,
        })
    }
}

impl RunConfig {
    /// What is said where no period is given: all that is missing, so that one does not have to try again and again.
    fn without_period(&self, which: &ConfigSource) -> String {
        let nothing_named = self.named.encounters.is_empty() && self.named.messages.is_empty();
        match (&self.config, which) {
            (Some(path), _) => format!(
                "the reporting period is missing; write `period = \"2014Q3\"` in {}, or add --period",
                printable(&path.to_string_lossy())
            ),
            (None, ConfigSource::Found) if nothing_named => {
                "the reporting period and the exports are missing, and there is no mucalc.toml here; `mucalc init exports/*` writes \
                 one, `mucalc demo practice` gives you something to try, or add --period, --encounters and --messages"
                    .to_owned()
            }
            _ => "the reporting period is missing; add --period, for example --period 2014Q3".to_owned(),
        }
    }

    /// The rules in words.
    pub fn books(&self) -> Vec<RuleSetText> {
        let year = self.task.period.program_year();
        self.task.rulings.iter().map(|ruling| lawbook(&ruling.edition, &ruling.choices, year)).collect()
    }

    /// How inputs are read whose rows are judged.
    pub fn reading<'r>(
        &'r self,
        sources: &'r InputSet,
        progress: &'r (dyn Fn(ReadProgress) + Sync),
    ) -> ReadContext<'r> {
        self.task.reading(sources, progress, interrupt::flag(sources.wait()))
    }

    /// Says which inputs are named and not read, if any are.
    pub fn tell_unread(&self, sources: &InputSet) {
        let editions: Vec<&str> = self.task.rulings.iter().map(|ruling| ruling.edition.id.as_str()).collect();
        let names: Vec<String> = sources.unread.iter().map(|source| printable(&source.name)).collect();
        if !names.is_empty() && !self.quiet {
            say(format!(
                "note: {} is not read: edition {} does not ask it",
                names.join(", "),
                editions.join(", ")
            ));
        }
    }

    /// From which inputs the numerators come.
    pub fn needs(&self) -> RequiredInputs {
        RequiredInputs {
            messages: self.task.rulings.iter().any(MeasureConfig::counts_messages),
            accesses: !self.task.rulings.iter().all(MeasureConfig::counts_messages),
        }
    }

    /// How bad a finding is; none where it is not to be told.
    pub fn severity(&self, code: FindingCode) -> Option<Severity> {
        self.severities.get(&code).copied().unwrap_or(Some(code.severity()))
    }
}

/// Returns the practice and who prepares the report; `None` if nothing is said.
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

/// Returns how the texts of a run are read as ids.
fn id_rules(nulls: &[String], folds: &[Fold], layout: &Layout) -> IdRules {
    let markers = match if nulls.is_empty() { &layout.nulls } else { nulls } {
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

/// Returns how many threads are used: at most 256, and by default one per core.
pub fn threads(wanted: Option<NonZeroUsize>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    wanted.map_or_else(cores, |threads| threads.get().min(256))
}
