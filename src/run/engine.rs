//! `mucalc report --engine`: calculates the report in a query engine that has the data, under the same rule set.

use std::io;

use crate::error::{self, CommandError, ErrorCode, Exit, explained};
use crate::run::cautions;
use crate::run::compute::{basis, empty_report};
use crate::run::finish::{document, gates};
use crate::run::measure::{empty_measure, provider_result};
use crate::run::output::{OutputFile, refuse_workbook_on_terminal};
use crate::run::settings::RunConfig;
use crate::run::sql::{self, TableArgs, Tables};
use crate::run::write_outputs::{check_distinct, check_outputs, write};
use crate::run::{interrupt, progress_bar};
use mucalc_core::domain::basis::Basis;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::{InputRole, InputSummary};
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::report::{Attrition, FractionRange, GroupResult, MeasureResult, Report};
use mucalc_core::domain::score::MembershipCounts;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::escape_control;
use mucalc_core::domain::verdict::Verdict;
use mucalc_core::edition::DecisionTable;
use mucalc_engine::Across;
use mucalc_engine::input_log::InputLog;
use mucalc_options::one_of;
use mucalc_read::{InputError, InputErrorKind};
use mucalc_report::{ReportFormat, TerminalStyle, ledger, render};
use mucalc_sql::{EngineError, ProviderFigures, QueryKind, QueryResults, ResultRow, SqlDialect};

/// The engine that calculates the report.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct EngineArgs {
    /// Engine that calculates: this program, or one that has the data in tables (in builds with the feature `spark`) [default: local]
    #[arg(long, value_name = "ENGINE", value_parser = one_of::<EngineName>(), help_heading = "Tables")]
    engine: Option<EngineName>,
    /// Spark Connect server, sc://HOST:PORT [default: the environment's SPARK_REMOTE]; `/;use_ssl=true` at its end for TLS
    #[arg(long, value_name = "ADDRESS", help_heading = "Tables", env = "SPARK_REMOTE")]
    remote: Option<String>,
    /// Token for the server; better given in the environment's SPARK_CONNECT_AUTHENTICATE_TOKEN, which others cannot see
    #[arg(
        long,
        value_name = "TOKEN",
        help_heading = "Tables",
        env = "SPARK_CONNECT_AUTHENTICATE_TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,
    #[command(flatten)]
    tables: TableArgs,
}

/// An engine that can calculate a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
enum EngineName {
    Local,
    Spark,
}

impl EngineArgs {
    /// Returns whether this program does the calculation.
    pub fn is_local(&self) -> bool {
        self.engine.is_none_or(|engine| engine == EngineName::Local)
    }
}

/// Calculates the measure where the data is, and writes report and ledger.
///
/// # Errors
/// If options contradict each other, the engine does not answer, or an output cannot be written.
pub fn report_by_engine(settings: RunConfig, asked: EngineArgs) -> anyhow::Result<Exit> {
    let asked_for = |what: &str| {
        let message = format!("{what} needs exports; leave it out, or run mucalc report without --engine");
        error::usage(ErrorCode::Choice, message)
    };
    if settings.options.inputs.adjudications.is_some() {
        return Err(asked_for("--adjudications"));
    }
    if settings.patients {
        return Err(asked_for("--patients"));
    }
    refuse_workbook_on_terminal(settings.format == ReportFormat::Xlsx, settings.output.as_deref())?;
    let output = check_outputs(&settings, None, settings.output.as_deref(), false)?;
    let ledger = check_outputs(&settings, None, settings.ledger.as_deref(), true)?;
    check_distinct(output.as_ref(), "--ledger", ledger.as_ref())?;
    let done = compute_and_write(&settings, &asked, output.as_ref(), ledger.as_ref());
    done.inspect_err(|error| {
        let told = explained(error);
        if settings.format == ReportFormat::Json && told.exit != Exit::Interrupted {
            document(&settings, told, output);
        }
    })
}

fn compute_and_write(
    settings: &RunConfig,
    asked: &EngineArgs,
    output: Option<&OutputFile>,
    ledger: Option<&OutputFile>,
) -> anyhow::Result<Exit> {
    let bar = progress_bar::tasks(settings.quiet);
    let connection = connect(asked, &bar)?;
    let tables = with_columns(&*connection, settings, &asked.tables.clone().tables())?;
    let query = |yields: QueryKind| sql::text(settings, SqlDialect::Spark, yields, &tables);
    let rows = connection.rows(&query(QueryKind::Figures)?).map_err(failed)?;
    let rows = rows.map(|row| figure(row.map_err(failed)?)).collect::<Result<Vec<_>, _>>()?;
    let figures = QueryResults::from_rows(rows).ok_or_else(|| failed(EngineError::Odd))?;
    let report = report(settings, &figures, &tables)?;

    let screen =
        TerminalStyle { waterfall: settings.waterfall.is_some(), ..settings.style(output.is_some()) };
    let bytes = render(settings.format, &report, screen, &settings.rule_set_texts());
    let bytes = bytes.map_err(|error| error::internal(error.to_string()))?;
    let ledger =
        ledger.map(|ledger| write_ledger(&*connection, &query(QueryKind::Ledger)?, ledger)).transpose()?;
    bar.finish_and_clear();
    interrupt::reading_is_done();
    write(output, &bytes, ledger)?;
    cautions::tell(settings, &report, report.measures().map(|measure| &measure.edition));
    Ok(gates(settings, &report))
}

#[cfg(feature = "spark")]
fn connect(
    asked: &EngineArgs,
    bar: &indicatif::ProgressBar,
) -> anyhow::Result<Box<dyn mucalc_sql::QueryEngine>> {
    let remote = asked.remote.as_deref().ok_or_else(|| {
        let message =
            "the address of the server is missing; add --remote sc://HOST:15002, or set SPARK_REMOTE";
        error::usage(ErrorCode::Engine, message)
    })?;
    // Parameters follow a slash at the end of the address, each after a semicolon.
    let remote = match &asked.token {
        Some(token) if remote.contains("/;") => format!("{remote};token={token}"),
        Some(token) => format!("{}/;token={token}", remote.trim_end_matches('/')),
        None => remote.to_owned(),
    };
    let bar = bar.clone();
    let progress = move |done: u64, all: u64| {
        bar.set_length(all);
        bar.set_position(done);
    };
    // The connection reads the interrupt flag while the server calculates.
    let connection =
        mucalc_sql::SparkEngine::connect(&remote, interrupt::install(false), progress).map_err(failed)?;
    Ok(Box::new(connection))
}

#[cfg(not(feature = "spark"))]
fn connect(_: &EngineArgs, _: &indicatif::ProgressBar) -> anyhow::Result<Box<dyn mucalc_sql::QueryEngine>> {
    let message = "this build has no network client in it; build one with `cargo install --path . --features spark`, or give the text of `mucalc sql --dialect spark` to the engine";
    Err(error::usage(ErrorCode::Engine, message))
}

/// Adds the columns that the engine reports to tables for which the user named none.
fn with_columns(
    connection: &dyn mucalc_sql::QueryEngine,
    settings: &RunConfig,
    tables: &Tables,
) -> anyhow::Result<Tables> {
    let counts_messages = settings.task.primary_measure().counts_messages();
    let ask = |(table, columns): &(Option<String>, Vec<String>), usual: &str, is_read: bool| {
        if !is_read {
            return Ok((table.clone(), columns.clone()));
        }
        let table = table.clone().unwrap_or_else(|| usual.to_owned());
        let columns = match columns.is_empty() {
            true => connection.columns(&SqlDialect::Spark.name(&table)).map_err(failed)?,
            false => columns.clone(),
        };
        Ok::<_, anyhow::Error>((Some(table), columns))
    };
    Ok(Tables {
        encounters: ask(&tables.encounters, "encounters", true)?,
        messages: ask(&tables.messages, "messages", counts_messages)?,
        accesses: ask(&tables.accesses, "accesses", !counts_messages)?,
        roster: ask(&tables.roster, "roster", tables.roster.0.is_some())?,
    })
}

/// Parses a row of figures from its texts.
fn figure(texts: Vec<String>) -> anyhow::Result<ResultRow> {
    let odd = || failed(EngineError::Odd);
    let [part, name, detail, counted, certain, uncertain] =
        <[String; 6]>::try_from(texts).map_err(|_| odd())?;
    let number = |text: String| text.parse::<u64>().map_err(|_| odd());
    Ok(ResultRow {
        part,
        name,
        detail,
        counted: number(counted)?,
        certain: number(certain)?,
        uncertain: number(uncertain)?,
    })
}

/// Adds up the figures of all providers. An unusable row that may concern several providers counts as one patient of one of them.
fn sum_ranges(figures: &QueryResults) -> FractionRange {
    let mut all = MembershipCounts::default();
    figures.providers.values().for_each(|of| all.merge(&of.score));
    all.unusable = figures.group.unusable;
    FractionRange { denominator: all.denominator(), numerator: all.numerator() }
}

/// Builds the report from the figures.
fn report(settings: &RunConfig, figures: &QueryResults, tables: &Tables) -> anyhow::Result<Report> {
    let ruling = settings.task.primary_measure();
    let provider = |(id, of): (&String, &ProviderFigures)| ProviderResult {
        name: of.name.clone(),
        npi: of.npi.clone(),
        ..provider_result(ruling, id, &of.score)
    };
    let providers: Vec<ProviderResult> = figures.providers.iter().map(provider).collect();
    let met = providers.iter().filter(|provider| provider.verdict == Verdict::Met).count();
    let buckets =
        |side: &str, section| figures.buckets(side, &DecisionTable::compile(section, &ruling.choices));
    let counts_messages = ruling.counts_messages();
    let side = |name: &str, is_counted: bool| match is_counted {
        true => buckets(name, &ruling.edition.numerator),
        false => Vec::new(),
    };
    let measure = MeasureResult {
        group: Some(GroupResult {
            denominator: figures.group.denominator(),
            numerator: figures.group.numerator_of_group(),
            unusable: figures.group.unusable,
            summed: sum_ranges(figures),
            providers_met: met as u64,
            providers: providers.len() as u64,
        }),
        providers,
        waterfall: Some(Attrition {
            encounters: buckets("encounters", &ruling.edition.denominator),
            messages: side("messages", counts_messages),
            accesses: side("accesses", !counts_messages),
            providers: Vec::new(),
        }),
        ..empty_measure(settings, ruling)
    };
    let mut account = InputLog::default();
    let numerator = match counts_messages {
        true => (InputRole::Messages, "messages", &tables.messages),
        false => (InputRole::Accesses, "accesses", &tables.accesses),
    };
    for (role, side, (table, _)) in [(InputRole::Encounters, "encounters", &tables.encounters), numerator] {
        let table = escape_control(table.as_deref().unwrap_or(side));
        let zoned = figures.finding_count(side, "timezone-needed");
        if zoned > 0 {
            let message = "the table has times with a zone; add --timezone with the zone of the practice";
            return Err(CommandError::new(
                Exit::Usage,
                ErrorCode::EngineTimezone.code(),
                message,
                Some(SourceLocation::file(&*table)),
            )
            .into());
        }
        let rejected = figures.finding_count(side, "rejected");
        let waterfall = measure.waterfall.iter();
        let judged = waterfall.flat_map(|fall| match role {
            InputRole::Encounters => &fall.encounters,
            InputRole::Messages => &fall.messages,
            _ => &fall.accesses,
        });
        let judged: u64 = judged.map(|bucket| bucket.rows).sum();
        let found = [
            FindingCode::MissingPatientId,
            FindingCode::MissingProviderId,
            FindingCode::DamagedId,
            FindingCode::ContradictingVersions,
            FindingCode::UnreadableDate,
            FindingCode::UnknownWord,
        ]
        .map(|code| (code, figures.finding_count(side, code.slug())));
        let found = found.into_iter().filter(|(_, count)| *count > 0);
        if judged == 0 && rejected > 0 {
            let causes = found.filter(|(code, _)| code.makes_unusable());
            let causes = causes.map(|(code, count)| (code.slug(), count)).collect();
            let reason = InputErrorKind::NothingUsable { rows: rejected, causes };
            return Err(InputError { place: SourceLocation::file(&*table), reason }.into());
        }
        found.for_each(|(code, count)| account.find(code, count, SourceLocation::file(&*table)));
        if judged + rejected == 0 {
            account.find(FindingCode::NoRows, 1, SourceLocation::file(&*table));
        }
        account.read.push(InputSummary {
            role,
            path: table,
            sheet: None,
            bytes: 0,
            sha256: None,
            rows: judged + rejected,
            rejected,
            missing: 0,
            aside: 0,
            furniture: 0,
            aside_types: Vec::new(),
            absent: Vec::new(),
        });
    }
    let mut across = Across::default();
    for input in &account.read {
        let columns = match input.role {
            InputRole::Encounters => &tables.encounters.1,
            InputRole::Messages => &tables.messages.1,
            _ => &tables.accesses.1,
        };
        let used = input.rows - input.rejected;
        across.add_table(input.role, &input.path, columns, used, &settings.task.layout);
    }
    for (code, count, place) in across.found(settings.task.acknowledged) {
        account.find(code, count, place);
    }
    account.check_period(&settings.task);
    let (findings, assumptions) =
        (settings.allowing(account.findings()), across.assumptions(settings.task.acknowledged));
    let basis = Basis { assumptions, ..basis(settings) };
    Ok(Report { measure, findings, basis, inputs: account.read, ..empty_report(settings) })
}

/// Writes the ledger row by row as the engine returns it.
fn write_ledger(
    connection: &dyn mucalc_sql::QueryEngine,
    sql: &str,
    to: &OutputFile,
) -> anyhow::Result<crate::run::output::PendingOutput> {
    let mut rows = connection.rows(sql).map_err(failed)?;
    let mut why = None;
    let written = to.write_with(|file| {
        let texts = std::iter::from_fn(|| {
            let row = rows.next()?;
            Some(row.map_err(|error| {
                why = Some(error);
                io::Error::other("the engine gave no more rows")
            }))
        });
        ledger::write_texts(texts, file)
    });
    match why {
        Some(error) => Err(failed(error)),
        None => written,
    }
}

fn failed(error: EngineError) -> anyhow::Error {
    let cause = match &error {
        EngineError::Unreachable(_) => ErrorCode::EngineUnreachable,
        EngineError::Refused(_) => ErrorCode::EngineRefused,
        EngineError::Failed(_) | EngineError::Odd => ErrorCode::EngineFailed,
        EngineError::Interrupted => {
            return interrupt::check().err().unwrap_or_else(|| error::internal("interrupted by nobody"));
        }
    };
    error::file(cause, error.to_string(), "spark")
}
