//! `mucalc validate`: checks that exports match their layout and are plausible.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::error::{self, CommandError, ErrorCode, Exit, catch_defects, explained};
use crate::run::checks::{CheckContext, CheckFindings, MAX_TOLD, ProfiledInput, checks};
use crate::run::head::tool;
use crate::run::inputs::RequiredInputs;
use crate::run::interrupt;
use crate::run::masked_line::masked_line;
use crate::run::output::{OutputFile, to_stdout};
use crate::run::practices::{PracticeArgs, for_each};
use crate::run::progress_bar;
use crate::run::settings::{ResolveContext, RunConfig, why_not_allowed};
use crate::run::terminal::print_note;
use crate::run::words::today;
use crate::run::write_outputs::{check_distinct, check_outputs, write};
use mucalc_core::domain::finding::{FindingCode, Severity};
use mucalc_core::domain::input::{InputRole, InputSummary};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::report::SCHEMA_VERSION;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{escape_control, pluralize};
use mucalc_core::domain::validation::{FindingGroup, ValidationReport};
use mucalc_engine::input_log::{PERIOD, UsualFindings, grave_or_not, input};
use mucalc_engine::{Across, IdScopes, InputSet, ReferenceData};
use mucalc_options::{
    ConfigArgs, Configuration, FailureGate, InputOptions, MeasureOptions, ReadingOptions, ReportOptions,
    RunOptions, Written, one_of,
};
use mucalc_read::consistency::{InputProfile, TextHasher, profile_input};
use mucalc_read::entity::{accesses, encounters, messages};
use mucalc_read::layout::Layout;
use mucalc_read::locations::LocationTable;
use mucalc_read::{BlockLimits, DayRange, InputSource, NoSink, ReadContext, ReadSummary, Times, Unassumed};
use mucalc_report::{FindingsFormat, ReportFormat, rejects, render_findings};

/// The arguments of `mucalc validate`.
#[derive(clap::Args, Clone)]
#[command(after_help = "\
Examples:
  mucalc validate    # inputs and period from mucalc.toml
  mucalc validate --period 2014Q3 \\
         --encounters encounters.csv --messages messages.csv
  mucalc validate --format sarif -o findings.sarif \\
         --fail-on finding:warning
  mucalc validate --layout epic-ehi --rejects rejects.csv \\
         --encounters PAT_ENC.tsv --messages MYC_MESG.tsv

Exit codes:
  0    no finding of --fail-on (by default: no error)
  1    a finding of --fail-on
  2    wrong usage or configuration
  3    an input cannot be read, or an output cannot be written")]
pub struct ValidateArgs {
    #[command(flatten)]
    inputs: InputOptions,
    #[command(flatten)]
    reading: ReadingOptions,
    #[command(flatten)]
    config: ConfigArgs,
    /// Reporting period, for checks of days against it
    #[arg(long, value_name = "PERIOD", help_heading = "Inputs")]
    period: Option<Written<Period>>,
    /// Report days after this one as future days [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Inputs")]
    as_of: Option<Written<Day>>,

    /// Format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<FindingsFormat>(), help_heading = "Output")]
    format: Option<FindingsFormat>,
    /// Write the findings to this file instead of standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    /// Write the place of every unusable row to this file, with the reason
    #[arg(long, value_name = "PATH.csv", help_heading = "Output")]
    rejects: Option<String>,
    /// End with exit code 1 on any of: finding:error (the default), finding:warning, finding:note, finding:CODE, unusable (rows),
    /// assumption (not acknowledged)
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Output")]
    fail_on: Vec<Written<FailureGate>>,
    #[command(flatten)]
    run: RunOptions,
}

impl PracticeArgs for ValidateArgs {
    const COMMAND: &'static str = "validate";

    fn config(&mut self) -> &mut ConfigArgs {
        &mut self.config
    }

    fn output(&mut self) -> &mut Option<String> {
        &mut self.output
    }

    fn format(&self) -> Option<&'static str> {
        self.format.map(Into::into)
    }

    fn of_one_practice(&self) -> Option<&'static str> {
        let rejects = self.rejects.as_ref().map(|_| "--rejects");
        self.inputs.flag().or(rejects)
    }
}

/// Checks exports, and writes the findings.
///
/// # Errors
/// If options contradict each other, or an input or output cannot be used.
pub fn validate(args: ValidateArgs) -> anyhow::Result<Exit> {
    for_each(args, |args| validate_one(args).map(Into::into))
}

fn validate_one(args: ValidateArgs) -> anyhow::Result<Exit> {
    let ValidateArgs { inputs, reading, config, period, as_of, format, output, rejects, mut fail_on, run } =
        args;
    if fail_on.is_empty() {
        fail_on
            .push(Written { text: "finding:error".to_owned(), value: FailureGate::Finding(Severity::Error) });
    }
    let flags = Configuration {
        inputs,
        reading,
        measure: MeasureOptions { period, ..MeasureOptions::default() },
        report: ReportOptions { format: format.map(Into::into), output, fail_on, ..ReportOptions::default() },
        run,
        ..Configuration::default()
    };
    let context = ResolveContext { applies_no_rules: true, ..ResolveContext::default() };
    let settings = RunConfig::resolve_without_period(flags, &config.source(), &context)?;
    let asked = ValidateRequest { rejects, as_of: as_of.as_deref().copied().unwrap_or_else(today) };
    if !settings.format.is_for_findings() {
        return Err(error::usage(
            ErrorCode::Choice,
            "validate has the formats table, json, junit, sarif, github",
        ));
    }
    if settings.gates.iter().any(|gate| matches!(gate, FailureGate::Verdict(_))) {
        let message = "validate calculates no results; valid values of its --fail-on are unusable, assumption, finding:error, finding:warning, finding:note and finding:CODE";
        return Err(error::usage(ErrorCode::Choice, message));
    }
    catch_defects(|| attempt(&settings, &asked)).inspect_err(|error| {
        // Even a failed run leaves one complete document, in the formats that scripts read.
        let told = explained(error);
        if settings.format != ReportFormat::Table && told.exit != Exit::Interrupted {
            document(&settings, told);
        }
    })
}

/// What `mucalc validate` needs in addition to the settings of a run.
struct ValidateRequest {
    rejects: Option<String>,
    as_of: Day,
}

fn attempt(settings: &RunConfig, asked: &ValidateRequest) -> anyhow::Result<Exit> {
    let today = asked.as_of;
    let sources = settings.named.find(needs(settings))?;
    if sources.reads_stdin() {
        let message = "validate reads its inputs twice, so none can be standard input; name a file";
        return Err(error::usage(ErrorCode::StandardInput, message));
    }
    let output = check_outputs(settings, Some(&sources), settings.output.as_deref(), false)?;
    let rejected = check_outputs(settings, Some(&sources), asked.rejects.as_deref(), false)?;
    check_distinct(output.as_ref(), "--rejects", rejected.as_ref())?;
    let summary = step_summary(settings, &sources, [output.as_ref(), rejected.as_ref()])?;

    let bar = progress_bar::bar(sources.all().chain(sources.all()), settings.quiet);
    let step = |step| bar.step(step);
    let reading = ReadContext {
        threads: settings.task.threads,
        limits: BlockLimits::default(),
        places: true,
        ids: false,
        repeated: None,
        digest: settings.task.digest,
        encoding: settings.task.encoding,
        zone: settings.task.zone,
        id_rules: &settings.task.id_rules,
        days: settings.task.days,
        range: DayRange::default(),
        unassumed: Unassumed::default(),
        acknowledged: settings.task.acknowledged,
        joins: Some(&sources.joins),
        begun: Some(&sources.begun),
        times: Times::Once,
        progress: &step,
        cancelled: interrupt::install(false),
    };
    let layout = &settings.task.layout;
    let unassumed = Unassumed::look(&sources.encounters, &sources.messages, &reading, layout);
    let reading = ReadContext { unassumed, ..reading };
    let beside = ReferenceData::read(&sources, &reading, &settings.task)?;
    let hashes = TextHasher::default();
    let look = |source: &InputSource, role: InputRole| -> anyhow::Result<Read> {
        let judged = match role {
            InputRole::Encounters => {
                encounters::read(source, &reading, layout, &LocationTable::default(), &NoSink)?
            }
            InputRole::Accesses => accesses::read(source, &reading, layout, &NoSink)?,
            _ => {
                let channels = &settings.task.channels;
                messages::read(source, &reading, layout, channels, &NoSink)?
            }
        };
        // The first pass has already hashed the input.
        let again = ReadContext { digest: false, places: false, ..reading };
        let (sense, sensed) = profile_input(source, &again, layout, role, &hashes, &settings.configured)?;
        Ok(Read { label: source.label(), judged, sensed, sense })
    };
    let all = |sources: &[InputSource], role| {
        sources.iter().map(|source| look(source, role)).collect::<Result<Vec<_>, _>>()
    };
    let (seen, written) =
        (all(&sources.encounters, InputRole::Encounters)?, all(&sources.messages, InputRole::Messages)?);
    let accessed = all(&sources.accesses, InputRole::Accesses)?;
    bar.finish();
    interrupt::reading_is_done();
    interrupt::check()?;

    let together = |read, sources, role| together(read, sources, layout, role);
    let seen_by: Vec<ProfiledInput<'_>> = together(&seen, &sources.encounters, InputRole::Encounters);
    let written_by: Vec<ProfiledInput<'_>> = together(&written, &sources.messages, InputRole::Messages);
    let accessed_by: Vec<ProfiledInput<'_>> = together(&accessed, &sources.accesses, InputRole::Accesses);
    let scopes = IdScopes::new(&sources, layout);
    let config = settings.config.as_ref().map(|path| path.to_string_lossy().into_owned());
    let against = CheckContext {
        period: settings.task.period_given.then_some(settings.task.period),
        versions: settings.task.versions,
        scopes: &scopes,
        today,
        roster: beside.roster().zip(sources.roster.as_ref().map(|source| source.name.as_str())),
        configured: config.as_deref().map(|name| (&settings.configured, name)),
    };
    let mut found = checks(&seen_by, &written_by, &accessed_by, &against);
    let why = against.period.and_then(|period| why_not_allowed(&settings.task.rulings, period));
    if let Some(why) = why {
        found.add(FindingCode::PeriodNotAllowed, 1, SourceLocation::file(PERIOD), Some(why));
    }

    let mut read: Vec<(InputRole, &InputSource, &ReadSummary)> = Vec::new();
    for (role, sources, judged) in [
        (InputRole::Encounters, &sources.encounters, &seen),
        (InputRole::Messages, &sources.messages, &written),
        (InputRole::Accesses, &sources.accesses, &accessed),
    ] {
        read.extend(sources.iter().zip(judged).map(|(source, read)| (role, source, &read.judged)));
    }
    read.extend(beside.summaries(&sources));
    let joined = sources.joins.tables(settings.task.digest);
    for table in &joined {
        read.push((InputRole::Joined, &table.source, &table.summary));
        if let Some((rows, line)) = table.unused {
            found.add(
                FindingCode::JoinedRowUnused,
                rows,
                SourceLocation::line(&*table.source.name, line),
                None,
            );
        }
    }
    let validation = gather(settings, &read, found, &reading);

    let screen = settings.style(output.is_some());
    let bytes = render_findings(settings.format, &validation, screen)
        .map_err(|error| error::internal(error.to_string()))?;
    let list = rejected
        .as_ref()
        .map(|output| output.write_with(|file| rejects::write(all_rejected(&read), file)))
        .transpose()?;
    write(output.as_ref(), &bytes, list)?;
    if let Some(path) = summary {
        crate::run::output::append(&path, &mucalc_report::findings_summary(&validation))?;
    }
    Ok(gates(settings, &validation))
}

/// Returns the file to which a GitHub workflow appends summaries. Checks that the run neither reads nor writes it.
fn step_summary(
    settings: &RunConfig,
    sources: &InputSet,
    outputs: [Option<&OutputFile>; 2],
) -> anyhow::Result<Option<String>> {
    let (ReportFormat::Github, Ok(path)) = (settings.format, std::env::var("GITHUB_STEP_SUMMARY")) else {
        return Ok(None);
    };
    let summary = check_outputs(settings, Some(sources), Some(&path), false)?;
    outputs
        .into_iter()
        .try_for_each(|output| check_distinct(output, "GITHUB_STEP_SUMMARY", summary.as_ref()))?;
    Ok(Some(path))
}

/// An input that was read twice: row by row, and for its profile.
struct Read {
    /// Name of the input in locations.
    label: String,
    judged: ReadSummary,
    sensed: ReadSummary,
    sense: InputProfile,
}

fn together<'a>(
    read: &'a [Read],
    sources: &'a [InputSource],
    layout: &'a Layout,
    role: InputRole,
) -> Vec<ProfiledInput<'a>> {
    let one = |(read, source): (&'a Read, &'a InputSource)| {
        let Read { label, sensed, sense, .. } = read;
        ProfiledInput { name: label, input: source.layout_or(layout).input(role), summary: sensed, sense }
    };
    read.iter().zip(sources).map(one).collect()
}

/// Writes the findings document of a failed run to the output if that is not an input, otherwise to standard output.
fn document(settings: &RunConfig, error: CommandError) {
    let validation = ValidationReport { error: Some(error.failure), ..without_findings(settings) };
    let Ok(bytes) = render_findings(settings.format, &validation, Default::default()) else { return };
    let sources = settings.named.find(needs(settings)).unwrap_or_default();
    let inputs = sources.files().chain(settings.own_files.iter().map(PathBuf::as_path));
    let output = settings.output.as_deref().map(|name| OutputFile::check(name, false, inputs));
    let to_file = output.is_some_and(|output| {
        output.and_then(|output| output.write(&bytes)).and_then(|written| written.commit()).is_ok()
    });
    if !to_file {
        // If standard output fails too, the exit code and standard error still report the error.
        let _ = to_stdout(&bytes);
    }
}

fn without_findings(settings: &RunConfig) -> ValidationReport {
    ValidationReport {
        schema_version: SCHEMA_VERSION,
        tool: tool(),
        layout: settings.task.layout.name.clone(),
        period: settings.task.period_given.then_some(settings.task.period.into()),
        inputs: Vec::new(),
        findings: Vec::new(),
        error: None,
    }
}

/// Collects all findings, most severe first.
fn gather(
    settings: &RunConfig,
    read: &[(InputRole, &InputSource, &ReadSummary)],
    mut found: CheckFindings,
    reading: &ReadContext<'_>,
) -> ValidationReport {
    let mut inputs: Vec<InputSummary> = Vec::new();
    let (mut across, mut is_grave) = (Across::default(), false);
    let mut usual = UsualFindings::default();
    for (role, source, summary) in read {
        usual.add(source.layout_or(&settings.task.layout).input(*role), summary);
        inputs.push(input(*role, source, summary, &settings.task.layout));
        across.add(*role, source, summary, &settings.task.layout);
        is_grave |= summary.near_misses.iter().any(|near| near.is_grave);
        for (code, noticed) in summary.notes.findings() {
            let (count, places, _) = found.0.entry(code).or_default();
            *count += noticed.count;
            let room = MAX_TOLD.saturating_sub(places.len());
            let of_code = summary.notes.places().iter().filter(|at| at.code == code);
            places.extend(of_code.take(room).map(|at| place(source, summary, at)));
            if places.is_empty() {
                places.push(SourceLocation::line(source.label(), noticed.line));
            }
        }
        summary
            .findings(&source.label())
            .into_iter()
            .for_each(|(code, place)| found.add(code, 1, place, None));
    }
    for (code, count, place) in across.found(settings.task.acknowledged) {
        found.add(code, count, place, None);
    }
    let fault =
        |(code, (count, places, detail)): (FindingCode, (u64, Vec<SourceLocation>, Option<String>))| {
            let severity = match settings.severities.get(&code) {
                Some(asked) => (*asked)?,
                None if settings.allowed.contains(&code) || usual.is_only(code) => Severity::Note,
                None => grave_or_not(code, is_grave),
            };
            let source =
                places.first().and_then(|place| read.iter().find(|(_, source, _)| source.name == place.file));
            let excerpt =
                source.and_then(|(_, source, summary)| masked_line(source, summary, &places[0], reading));
            Some(FindingGroup {
                code: code.slug().to_owned(),
                severity,
                meaning: code.meaning().to_owned(),
                remedy: code.remedy().to_owned(),
                count,
                places,
                detail,
                excerpt,
            })
        };
    let mut findings: Vec<FindingGroup> = found.0.into_iter().filter_map(fault).collect();
    findings.sort_by_key(|fault| std::cmp::Reverse(fault.severity));
    ValidationReport { inputs, findings, ..without_findings(settings) }
}

/// Returns which inputs to read: all that are named. A practice has messages or portal accesses.
fn needs(settings: &RunConfig) -> RequiredInputs {
    let is_described = |role| settings.named.entries.iter().any(|entry| entry.role == role);
    let accesses = !settings.named.accesses.is_empty() || is_described(InputRole::Accesses);
    let messages = !settings.named.messages.is_empty() || is_described(InputRole::Messages);
    RequiredInputs { messages: !accesses || messages, accesses }
}

fn place(source: &InputSource, summary: &ReadSummary, at: &mucalc_read::Occurrence) -> SourceLocation {
    match at.column {
        Some(column) => SourceLocation::cell(
            source.label(),
            at.line,
            escape_control(summary.header.name(column as usize)),
        ),
        None => SourceLocation::line(source.label(), at.line),
    }
}

/// Returns the location of every unusable row, and the reason.
fn all_rejected<'a>(
    read: &'a [(InputRole, &InputSource, &ReadSummary)],
) -> impl Iterator<Item = (SourceLocation, &'static str)> + 'a {
    read.iter().flat_map(|(_, source, summary)| {
        // A roster line with an invalid NPI is still used.
        let rejects =
            |code: FindingCode| code.severity() == Severity::Error && code != FindingCode::NpiCheckDigit;
        let rejecting = summary.notes.places().iter().filter(move |at| rejects(at.code));
        rejecting.map(|at| (place(source, summary, at), at.code.slug()))
    })
}

fn gates(settings: &RunConfig, validation: &ValidationReport) -> Exit {
    let mut failing: BTreeMap<Severity, u64> = BTreeMap::new();
    let mut others: Vec<String> = Vec::new();
    let with_code = |code: FindingCode| {
        let fault = validation.findings.iter().find(|fault| fault.code == code.slug());
        fault.map_or(0, |fault| fault.count)
    };
    for gate in &settings.gates {
        let rejected: u64 = validation.inputs.iter().map(InputSummary::unusable).sum();
        match gate {
            FailureGate::Unusable if rejected > 0 => {
                others.push(pluralize(rejected, "unusable row", "unusable rows"));
            }
            FailureGate::Assumption if with_code(FindingCode::AssumedColumn) > 0 => {
                others.push(FindingCode::AssumedColumn.slug().to_owned());
            }
            FailureGate::Code(code) if with_code(*code) > 0 && !settings.allowed.contains(code) => {
                others.push(code.slug().to_owned())
            }
            _ => {}
        }
        if let FailureGate::Finding(least) = gate {
            for severity in [Severity::Error, Severity::Warning, Severity::Note]
                .into_iter()
                .filter(|severity| severity >= least)
            {
                let is_counted = |fault: &&FindingGroup| {
                    fault.severity == severity
                        && !settings.allowed.iter().any(|code| code.slug() == fault.code)
                };
                let count = validation.findings.iter().filter(is_counted).map(|fault| fault.count).sum();
                failing.insert(severity, count);
            }
        }
    }
    let told: Vec<String> = failing
        .iter()
        .rev()
        .filter(|(_, count)| **count > 0)
        .map(|(severity, count)| pluralize(*count, severity.word(), &format!("{}s", severity.word())))
        .chain(others)
        .collect();
    if told.is_empty() {
        return Exit::Success;
    }
    print_note(format!("failed on findings: {}", told.join(", ")));
    Exit::Gate
}
