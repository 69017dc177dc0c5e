//! `mucalc sql`: the measure as SQL text, for an engine that has the data.

use crate::error::{self, ErrorCode, Exit};
use crate::run::config::ConfigSource;
use crate::run::emit::{checked, write};
use crate::run::head::tool;
use crate::run::options::Options;
use crate::run::settings::RunConfig;
use crate::run::terminal::say;
use crate::run::words::unknown_word;
use mucalc_core::domain::versions::VersionsChoice;
use mucalc_engine::MeasureConfig;
use mucalc_read::Days;
use mucalc_sql::{QueryKind, SqlDialect, SqlQuery, SqlTable};

/// What `mucalc sql` is asked for, beside what a report is.
#[derive(Clone, Debug, Default)]
pub struct SqlRequest {
    /// The engine.
    pub dialect: String,
    /// What the query yields.
    pub result: Option<String>,
    /// The tables.
    pub tables: Tables,
}

/// The tables that take the place of exports, and their columns.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// The table of encounters, and its columns.
    pub encounters: (Option<String>, Vec<String>),
    /// That of messages.
    pub messages: (Option<String>, Vec<String>),
    /// That of accesses.
    pub accesses: (Option<String>, Vec<String>),
    /// That of the providers, if there is one.
    pub roster: (Option<String>, Vec<String>),
}

/// Writes the measure as SQL.
///
/// # Errors
/// When a word is none of ours, or the run cannot be written as SQL.
pub fn sql(mut flags: Options, config: &ConfigSource, asked: &SqlRequest) -> anyhow::Result<Exit> {
    let output = flags.output.take().filter(|path| path != "-");
    let settings = RunConfig::resolve(flags, config)?;
    let text = text(&settings, asked)?;
    if settings.options.adjudications.is_some() && !settings.quiet {
        say(
            "note: decisions of people (adjudications) are not in the text; what they settle stays uncertain there",
        );
    }
    let output = checked(&settings, None, output.as_deref(), false)?;
    write(output.as_ref(), text.as_bytes(), None)?;
    Ok(Exit::Success)
}

/// The text.
///
/// # Errors
/// When a word is none of ours, or the run cannot be written as SQL.
pub fn text(settings: &RunConfig, asked: &SqlRequest) -> anyhow::Result<String> {
    let dialect = SqlDialect::parse(&asked.dialect)
        .ok_or_else(|| unknown_word("a word of dialect", &asked.dialect, &SqlDialect::WORDS))?;
    let result = asked.result.as_deref().unwrap_or(QueryKind::default().word());
    let yields = QueryKind::parse(result)
        .ok_or_else(|| unknown_word("a word of result", result, &QueryKind::WORDS))?;
    let [ruling] = &settings.task.rulings[..] else {
        return Err(error::usage(ErrorCode::Edition, "sql is about one edition; name one"));
    };
    // A text that took midnights for moments would be another measure.
    if settings.task.days != Days::default() {
        let message = "[days] says what times with a zone stand for, which is not written as SQL; let the table have days there, and leave it out";
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
    let tables = &asked.tables;
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

/// What is said at the head of the text, so that it can be known years later what it was.
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
    let is_wrong = |name: &&str| !mucalc_sql::is_name(name);
    let columns: Vec<String> = columns.iter().map(|name| name.trim().to_owned()).collect();
    let names = table.split('.').chain(columns.iter().map(String::as_str));
    if let Some(name) = names.into_iter().find(is_wrong) {
        return Err(refuse(name));
    }
    Ok(SqlTable { table, columns: (!columns.is_empty()).then_some(columns) })
}
