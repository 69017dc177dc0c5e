//! From what the user asked for to what a run needs, with every word checked.

mod assume;
mod choices;
mod command;
mod culprit;
mod editions;
mod vocabulary;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono_tz::Tz;

use crate::error::{self, ErrorCode, explained};
use crate::run::config;
use crate::run::config::ConfigSource;
use crate::run::gate::FailureGate;
use crate::run::inputs::{InputPaths, RequiredInputs, named_files};
use crate::run::interrupt;
use crate::run::layouts;
use crate::run::limits;
use crate::run::options::{Options, PracticeOptions};
use crate::run::terminal::{ColorChoice, say};
use crate::run::text_encoding;
use crate::run::words::{self, meaning_of};
use crate::run::zones;
use mucalc_core::domain::absence::AbsenceMarkers;
use mucalc_core::domain::assumption::{ChoiceMade, LayoutFileRef};
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::finding::{FindingCode, Severity};
use mucalc_core::domain::folding::{Fold, Folding};
use mucalc_core::domain::period::Period;
use mucalc_core::domain::practice::Practice;
use mucalc_core::domain::report::ChannelSummary;
use mucalc_core::domain::rule_set_text::RuleSetText;
use mucalc_core::domain::text::{did_you_mean, printable};
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::versions::VersionsChoice;
use mucalc_core::edition::lawbook::lawbook;
use mucalc_engine::{InputSet, MeasureConfig, Task};
use mucalc_read::layout::Layout;
use mucalc_read::{IdRules, ReadContext, ReadProgress};
use mucalc_report::ReportFormat;

pub use command::of_command;
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
    /// What was asked for, flags over configuration.
    pub options: Options,
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

/// What is shown of the rules that judged rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttritionDetail {
    /// How many rows each judged.
    #[default]
    Rules,
    /// The same for each provider as well.
    Providers,
}

impl AttritionDetail {
    /// The words of `--waterfall`.
    pub const WORDS: [&'static str; 2] = ["rules", "providers"];

    /// What a word asks for.
    pub fn parse(word: &str) -> Option<Self> {
        let position = Self::WORDS.iter().position(|known| *known == word)?;
        Some([AttritionDetail::Rules, AttritionDetail::Providers][position])
    }
}

impl RunConfig {
    /// Reads the configuration, lays the flags over it and checks every word.
    ///
    /// # Errors
    /// For anything that is no word of ours.
    pub fn resolve(flags: Options, which: &ConfigSource) -> anyhow::Result<Self> {
        let settings = Self::resolve_without_period(flags, which)?;
        if settings.task.period_given {
            return Ok(settings);
        }
        Err(error::usage(ErrorCode::Period, settings.without_period(which)))
    }

    /// The same for a command that can do without a reporting period: all days are in it then.
    ///
    /// # Errors
    /// For anything that is no word of ours.
    pub fn resolve_without_period(flags: Options, which: &ConfigSource) -> anyhow::Result<Self> {
        let (file, config) = config::read(which)?;
        // Also what a flag puts aside is an input of somebody's.
        let exports = file.encounters.iter().chain(&file.messages).chain(&file.accesses);
        let small =
            file.roster.iter().chain(&file.counties).chain(&file.adjudications).chain(&file.enrollment);
        let mut own_files = named_files(exports.chain(small));
        own_files.extend(file.layout.iter().flat_map(|layout| layouts::named(layout)).map(PathBuf::from));
        own_files.extend(config.iter().cloned());
        let resolved = Self::of(flags.over(file));
        let mut settings = resolved.map_err(|error| match &config {
            Some(path) => culprit::located(error, path, |options| {
                let quietly = Options { quiet: Some(true), ..options };
                Self::of(quietly).map(drop).map_err(|error| explained(&error).failure.message)
            }),
            None => error,
        })?;
        settings.config = config;
        settings.own_files.extend(own_files);
        Ok(settings)
    }

    /// The same of options that were read elsewhere.
    ///
    /// # Errors
    /// For anything that is no word of ours.
    pub fn of(options: Options) -> anyhow::Result<Self> {
        let (layout, channels, named_channels) = vocabulary::vocabulary(&options)?;
        let encoding = options.encoding.as_deref().map(text_encoding::encoding).transpose()?;
        let format = words("format", options.format.as_deref(), &ReportFormat::WORDS, ReportFormat::parse)?;
        let waterfall = options.waterfall.as_deref();
        let waterfall = waterfall
            .map(|word| words("waterfall", Some(word), &AttritionDetail::WORDS, AttritionDetail::parse))
            .transpose()?;
        let colour = words("color", options.color.as_deref(), &ColorChoice::WORDS, ColorChoice::parse)?;
        let unusable = options.unusable.as_deref();
        let unusable = words("unusable", unusable, &UnusableChoice::WORDS, UnusableChoice::parse)?;
        let versions = options.versions.as_deref();
        let versions = words("versions", versions, &VersionsChoice::WORDS, VersionsChoice::parse)?;
        let id_rules = id_rules(&options, &layout)?;
        let credit =
            words("credit", options.credit.as_deref(), &AttributionMode::WORDS, AttributionMode::parse)?;
        let gates = options.fail_on.iter().flat_map(|list| list.split(',')).map(|word| {
            let word = word.trim();
            let known = FailureGate::parse(word);
            known.ok_or_else(|| FailureGate::unknown(word))
        });
        let gates = gates.collect::<Result<_, _>>()?;
        let period_given = options.period.is_some();
        let period = period(options.period.as_deref().unwrap_or("0001-01-01..9999-12-31"))?;
        let practice = practice(&options.practice)?;
        let exported = options.exported.as_deref().map(self::period).transpose()?;
        let rulings = editions::rulings(&options, credit, period)?;
        let attested = editions::attested(options.attested.as_deref(), period, period_given)?;
        let locations = options.locations.iter();
        let locations =
            locations.map(|(name, location)| (name.trim().to_owned(), location.certified)).collect();
        let severities = vocabulary::severities(&options.severity)?;
        let configured = vocabulary::configured(&options);
        let zone = options.timezone.as_deref().map(zone).transpose()?;
        let still = options.timezone.as_deref().and_then(zones::standing_still);
        if let Some(moving) = still.filter(|_| !options.quiet.unwrap_or_default()) {
            say(format!("note: this time zone knows no summer time; if your clocks do, use {moving}"));
        }
        let (acknowledged, days) = (assume::acknowledged(&options.assume)?, assume::days(&options.days)?);
        let (choices, layout_files) = (choices::choices(&options), choices::layout_files(&options)?);
        let threads = threads(options.threads)?;
        limits::check(threads)?;
        let asked = options.clone();
        let named = InputPaths {
            encounters: options.encounters,
            messages: options.messages,
            accesses: options.accesses,
            roster: options.roster,
            counties: options.counties,
            adjudications: options.adjudications,
            enrollment: options.enrollment,
        };
        let own_files =
            asked.layout.iter().flat_map(|layout| layouts::named(layout)).map(PathBuf::from).collect();
        let task = Task {
            rulings,
            attested,
            locations,
            period,
            period_given,
            exported,
            layout,
            encoding,
            channels,
            zone,
            id_rules,
            unusable,
            versions,
            acknowledged,
            days,
            digest: options.digest.unwrap_or_default(),
            threads,
            by_provider: waterfall == Some(AttritionDetail::Providers),
            is_of_pack: options.is_of_pack,
        };
        Ok(Self {
            task,
            practice,
            severities,
            configured,
            own_files,
            named_channels,
            named,
            config: None,
            vocabulary: layouts::digest(&asked)?,
            choices,
            layout_files,
            options: asked,
            format,
            output: options.output.filter(|path| path != "-"),
            private: false,
            patients: options.patients.unwrap_or_default(),
            waterfall,
            ledger: ledger(options.ledger)?,
            gates,
            stamp: options.stamp.unwrap_or_default(),
            quiet: options.quiet.unwrap_or_default(),
            verbose: options.verbose.unwrap_or_default(),
            colour,
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
///
/// # Errors
/// If the day is none.
fn practice(options: &PracticeOptions) -> anyhow::Result<Option<Practice>> {
    let text = |value: &Option<String>| {
        value.as_deref().map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let prepared_on = options.prepared_on.as_deref();
    let prepared_on = prepared_on
        .map(|day| words::day(ErrorCode::Configuration, "practice.prepared-on", day))
        .transpose()?;
    let practice = Practice {
        name: text(&options.name),
        tin: text(&options.tin),
        cehrt_id: text(&options.cehrt_id),
        prepared_by: text(&options.prepared_by),
        prepared_on,
    };
    Ok(Some(practice).filter(|practice| *practice != Practice::default()))
}

/// Returns how the texts of a run are read as ids.
///
/// # Errors
/// If a fold is unknown.
fn id_rules(options: &Options, layout: &Layout) -> anyhow::Result<IdRules> {
    let told = if options.nulls.is_empty() { &layout.nulls } else { &options.nulls };
    let markers = match told.as_slice() {
        [] => AbsenceMarkers::default(),
        nulls => AbsenceMarkers::new(nulls.iter().cloned()),
    };
    let fold = |word: &String| meaning_of("a word of fold", word.trim(), &Fold::WORDS, Fold::parse);
    let folds = options.ids.fold.iter().map(fold).collect::<Result<Vec<_>, _>>()?;
    Ok(IdRules::new(markers, Folding::new(folds)))
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

fn period(text: &str) -> anyhow::Result<Period> {
    Period::parse(text).map_err(|error| error::usage(ErrorCode::Period, error.to_string()))
}

/// The zone with this name.
///
/// # Errors
/// When there is none.
pub fn zone(name: &str) -> anyhow::Result<Tz> {
    name.parse().map_err(|_| {
        let hint = match zones::of_the_states(name) {
            Some(zone) => format!("; did you mean `{zone}`?"),
            None => did_you_mean(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())),
        };
        let message = format!("`{name}` is not an IANA time zone such as America/New_York{hint}");
        error::usage(ErrorCode::Timezone, message)
    })
}

/// How many threads are used.
///
/// # Errors
/// When the number is 0.
pub fn threads(asked: Option<usize>) -> anyhow::Result<usize> {
    match asked {
        Some(0) => Err(error::usage(ErrorCode::Choice, "threads takes a number from 1")),
        Some(threads) => Ok(threads.min(256)),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

fn words<T: Default>(
    flag: &str,
    word: Option<&str>,
    known: &[&str],
    parse: impl Fn(&str) -> Option<T>,
) -> anyhow::Result<T> {
    word.map_or(Ok(T::default()), |word| meaning_of(&format!("a word of {flag}"), word, known, parse))
}
