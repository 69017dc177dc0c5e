//! `mucalc sql`: writes the measure as SQL, for a query engine that has the data.

use crate::error::{self, ErrorCode, Exit};
use crate::run::head::tool;
use crate::run::settings::RunConfig;
use crate::run::terminal::print_note;
use crate::run::write_outputs::{check_outputs, write};
use mucalc_core::domain::versions::VersionsChoice;
use mucalc_engine::MeasureConfig;
use mucalc_options::{
    ConfigArgs, Configuration, MeasureOptions, ReadingOptions, RunOptions, Written, Zone, one_of,
};
use mucalc_read::Days;
use mucalc_sql::{QueryKind, SqlDialect, SqlQuery, SqlTable};

/// The arguments of `mucalc sql`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  mucalc sql --dialect spark --period 2014Q3 -o measure.sql \\
         --encounters-table lake.ehr.encounters \\
         --messages-table lake.ehr.messages
  mucalc sql --dialect duckdb --result ledger    # the rest from mucalc.toml

The SQL text only reads the tables. Days and times can be dates, timestamps, or text. Times with a zone require \
--timezone; without it they are unknown.")]
pub struct SqlArgs {
    /// Engine; spark is also that of Databricks
    #[arg(long, value_name = "ENGINE", value_parser = one_of::<SqlDialect>())]
    dialect: SqlDialect,
    /// Rows of the query's result; figures are all of a report, for programs [default: summary]
    #[arg(long, value_name = "KIND", value_parser = one_of::<QueryKind>())]
    result: Option<QueryKind>,
    #[command(flatten)]
    tables: TableArgs,
    /// Layout of the tables: a built-in one, or a file [default: canonical]
    #[arg(long, value_name = "NAME|FILE", help_heading = "Tables")]
    layout: Option<String>,
    /// Practice time zone, required if times carry a zone, for example America/New_York
    #[arg(long, value_name = "IANA", help_heading = "Tables")]
    timezone: Option<Written<Zone>>,
    #[command(flatten)]
    measure: MeasureOptions,
    #[command(flatten)]
    config: ConfigArgs,
    /// Write the text to this file instead of standard output
    #[arg(short, long, value_name = "PATH")]
    output: Option<String>,
    /// Print only errors on standard error
    #[arg(short, long)]
    quiet: bool,
}

/// The tables that take the place of exports, and their columns.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct TableArgs {
    /// Table of encounters [default: encounters]
    #[arg(long, value_name = "NAME", help_heading = "Tables")]
    encounters_table: Option<String>,
    /// Its columns [default: all that the layout reads]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Tables")]
    encounters_columns: Vec<String>,
    /// Table of messages [default: messages]
    #[arg(long, value_name = "NAME", help_heading = "Tables")]
    messages_table: Option<String>,
    /// Its columns [default: all that the layout reads]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Tables")]
    messages_columns: Vec<String>,
    /// Table of portal accesses, for the rule sets that use them [default: accesses]
    #[arg(long, value_name = "NAME", help_heading = "Tables")]
    accesses_table: Option<String>,
    /// Its columns [default: all that the layout reads]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Tables")]
    accesses_columns: Vec<String>,
    /// Table of the practice's providers, if it exists
    #[arg(long, value_name = "NAME", help_heading = "Tables")]
    roster_table: Option<String>,
    /// Its columns [default: all that the layout reads]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Tables")]
    roster_columns: Vec<String>,
}

impl TableArgs {
    /// Returns the tables with their columns.
    pub fn tables(self) -> Tables {
        Tables {
            encounters: (self.encounters_table, self.encounters_columns),
            messages: (self.messages_table, self.messages_columns),
            accesses: (self.accesses_table, self.accesses_columns),
            roster: (self.roster_table, self.roster_columns),
        }
    }
}

/// The tables that replace exports, each with its columns. An empty list means all columns that the layout reads.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Table of encounters.
    pub encounters: (Option<String>, Vec<String>),
    /// Table of messages.
    pub messages: (Option<String>, Vec<String>),
    /// Table of portal accesses.
    pub accesses: (Option<String>, Vec<String>),
    /// Table of providers, if it exists.
    pub roster: (Option<String>, Vec<String>),
}

/// Writes the measure as SQL.
///
/// # Errors
/// If options contradict each other, or the run cannot be written as SQL.
pub fn sql(args: SqlArgs) -> anyhow::Result<Exit> {
    let SqlArgs { dialect, result, tables, layout, timezone, measure, config, output, quiet } = args;
    let flags = Configuration {
        reading: ReadingOptions { layout, timezone, ..ReadingOptions::default() },
        measure,
        run: RunOptions { quiet, ..RunOptions::default() },
        ..Configuration::default()
    };
    let settings = RunConfig::resolve(flags, &config.source())?;
    let output = output.filter(|path| path != "-");
    let text = text(&settings, dialect, result.unwrap_or_default(), &tables.tables())?;
    if settings.options.inputs.adjudications.is_some() && !settings.quiet {
        print_note(
            "note: decisions of people (adjudications) are not in the text; what they settle stays uncertain there",
        );
    }
    let output = check_outputs(&settings, None, output.as_deref(), false)?;
    write(output.as_ref(), text.as_bytes(), None)?;
    Ok(Exit::Success)
}

/// Returns the SQL text of a run.
///
/// # Errors
/// If the run cannot be written as SQL.
pub fn text(
    settings: &RunConfig,
    dialect: SqlDialect,
    yields: QueryKind,
    tables: &Tables,
) -> anyhow::Result<String> {
    let [ruling] = &settings.task.rulings[..] else {
        return Err(error::usage(ErrorCode::Edition, "sql is about one edition; name one"));
    };
    // SQL that reads midnights as moments would calculate another measure.
    if settings.task.days != Days::default() {
        let message = "[days] says what times with a zone stand for, which is not written as SQL; let the table have days there, and leave it out";
        return Err(error::usage(ErrorCode::Warehouse, message));
    }
    if !settings.named.entries.is_empty() {
        let message = "[[inputs]] describes exports one by one, which is not written as SQL; bring them together in a view, and leave it out";
        return Err(error::usage(ErrorCode::Warehouse, message));
    }
    if !settings.named.join.is_empty() {
        let message = "`join` adds the columns of further files, which is not written as SQL; join the tables in a view, and leave it out";
        return Err(error::usage(ErrorCode::Warehouse, message));
    }
    if !settings.task.id_rules.folding.is_empty() {
        let message = "`fold` under [ids] cannot be written as SQL; make ids alike in a view of the tables, and remove `fold` from the configuration";
        return Err(error::usage(ErrorCode::Warehouse, message));
    }
    if settings.task.versions == VersionsChoice::Last {
        let message = "`versions = \"last\"` cannot be written as SQL, since the rows of a table have no order; let a view of the table keep the last row of each id, or name a column `updated_at`";
        return Err(error::usage(ErrorCode::Warehouse, message));
    }
    let encounters = source(&tables.encounters, "encounters")?;
    let numerator = match ruling.counts_messages() {
        true => source(&tables.messages, "messages")?,
        false => source(&tables.accesses, "accesses")?,
    };
    let roster = match &tables.roster {
        (None, _) => None,
        (Some(_), _) => Some(source(&tables.roster, "roster")?),
    };
    let order = SqlQuery {
        dialect,
        yields,
        edition: &ruling.edition,
        choices: &ruling.choices,
        credit: ruling.credit,
        threshold: ruling.threshold,
        period: settings.task.period,
        attested: settings.task.attested,
        channels: &settings.task.channels,
        locations: &settings.task.locations,
        layout: &settings.task.layout,
        zone: settings.task.zone,
        markers: &settings.task.id_rules.markers,
        unusable: settings.task.unusable,
        encounters: &encounters,
        numerator: &numerator,
        roster: roster.as_ref(),
        remarks: remarks(settings, ruling, dialect, yields),
    };
    mucalc_sql::text(&order).map_err(|unfit| error::usage(ErrorCode::Warehouse, unfit.to_string()))
}

/// Returns the comments at the head of the text, which identify it years later.
fn remarks(
    settings: &RunConfig,
    ruling: &MeasureConfig,
    dialect: SqlDialect,
    yields: QueryKind,
) -> Vec<String> {
    let tool = tool();
    let edition = &ruling.edition;
    let policies: Vec<String> =
        ruling.choices.iter().map(|(name, choice)| format!("{name}={}", choice.word())).collect();
    let mut remarks = vec![
        format!("{}: {}, as SQL for {}: the {}", edition.id, edition.title, dialect.word(), yields.word()),
        format!("{} {}; edition sha256 {}", tool.name, tool.version, edition.sha256),
        format!(
            "period {}..{}; credit {}; unusable rows {}; policies {}",
            settings.task.period.first,
            settings.task.period.last,
            ruling.credit.word(),
            settings.task.unusable.word(),
            if policies.is_empty() { "none".to_owned() } else { policies.join(", ") }
        ),
        format!(
            "layout {}; layout and words sha256 {}; zone of the practice {}",
            settings.task.layout.name,
            settings.vocabulary,
            settings.task.zone.map_or("not given: times with a zone are unknown", |zone| zone.name())
        ),
    ];
    let choices = settings.choices.iter().map(|choice| match &choice.of {
        Some(of) => format!("[{}] {of} = {}", choice.key, choice.value),
        None => format!("{} = {}", choice.key, choice.value),
    });
    remarks.extend(choices.map(|choice| format!("choice {choice}")));
    remarks.extend(ruling.period_note(settings.task.period).filter(|_| settings.task.period_given));
    if let Some(attested) = settings.task.attested {
        remarks.push(format!("attested {attested}"));
    }
    for channel in &settings.named_channels {
        let end = |day: Option<mucalc_core::domain::period::Day>| {
            day.map(|day| day.to_string()).unwrap_or_default()
        };
        let span = format!("{}..{}", end(channel.from), end(channel.until));
        let certified =
            if channel.certified { format!("certified {span}") } else { "not certified".to_owned() };
        remarks.push(format!("channel {}: {certified}", channel.name));
    }
    remarks
}

fn source((table, columns): &(Option<String>, Vec<String>), usual: &str) -> anyhow::Result<SqlTable> {
    let table = table.clone().unwrap_or_else(|| usual.to_owned());
    let refuse = |name: &str| {
        let message = format!(
            "`{name}` cannot be a name in SQL here: names have no quotation marks, backquotes, backslashes, semicolons and control characters"
        );
        error::usage(ErrorCode::Warehouse, message)
    };
    let has_failures = |name: &&str| !mucalc_sql::is_identifier(name);
    let columns: Vec<String> = columns.iter().map(|name| name.trim().to_owned()).collect();
    let names = table.split('.').chain(columns.iter().map(String::as_str));
    if let Some(name) = names.into_iter().find(has_failures) {
        return Err(refuse(name));
    }
    Ok(SqlTable { table, columns: (!columns.is_empty()).then_some(columns) })
}
