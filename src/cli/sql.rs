//! The flags of `mucalc sql`.

use std::path::PathBuf;

use clap::Args;

use super::{config, policy};
use crate::run::{self, Exit, Options};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc sql --dialect spark --period 2014Q3 -o measure.sql \\
         --encounters-table lake.ehr.encounters \\
         --messages-table lake.ehr.messages
  mucalc sql --dialect duckdb --result ledger    # the rest from mucalc.toml

The text reads the tables and writes nothing. Days and times may be dates, times or text; a time with a zone \
needs --timezone, and is unknown without.")]
pub struct SqlArgs {
    /// Engine: spark (and Databricks), duckdb, postgres, snowflake, bigquery or sqlite
    #[arg(long, value_name = "ENGINE")]
    dialect: String,
    /// What the query yields: summary (the default), ledger, waterfall, or figures (all of a report, for programs)
    #[arg(long, value_name = "WORD")]
    result: Option<String>,
    #[command(flatten)]
    tables: TableArgs,
    /// Layout of the tables: a built-in one, or a file [default: canonical]
    #[arg(long, value_name = "NAME|FILE", help_heading = "Tables")]
    layout: Option<String>,
    /// Zone of the practice, for times with a zone, for example America/New_York
    #[arg(long, value_name = "IANA", help_heading = "Tables")]
    timezone: Option<String>,
    /// Reporting period: 2014-07-01..2014-09-30 (both days included), 2014Q3, 2014-07 or 2014
    #[arg(long, value_name = "PERIOD", help_heading = "Measure")]
    period: Option<String>,
    /// Edition of the measure, or its year [default: that of the period's year]
    #[arg(long, value_name = "ID", help_heading = "Measure")]
    edition: Option<String>,
    /// Apply the edition also to a period of another year than its own
    #[arg(long, help_heading = "Measure")]
    any_year: bool,
    /// Credit a message to its provider (strict, the default) or to the provider's group
    #[arg(long, value_name = "strict|group", help_heading = "Measure")]
    credit: Option<String>,
    /// Rows that could not be used widen the range of the result (bound, the default) or do not (ignore)
    #[arg(long, value_name = "bound|ignore", help_heading = "Measure")]
    unusable: Option<String>,
    /// Choice for a policy of the edition; `mucalc editions show ID` lists them
    #[arg(long, value_name = "NAME=CHOICE", value_parser = policy, help_heading = "Measure")]
    policy: Vec<(String, String)>,
    /// Day of attestation, for editions that count until then
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Measure")]
    attested: Option<String>,
    /// Configuration to read [default: mucalc.toml in the working directory, if there is one]
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long)]
    no_config: bool,
    /// Write the text here and not to standard output
    #[arg(short, long, value_name = "PATH")]
    output: Option<String>,
    /// Say nothing but errors on standard error
    #[arg(short, long)]
    quiet: bool,
}

/// The tables that take the place of exports.
#[derive(Args)]
pub struct TableArgs {
    /// Table of encounters [default: encounters]
    #[arg(long, value_name = "NAME", help_heading = "Tables")]
    encounters_table: Option<String>,
    /// Its columns [default: all that the layout looks at]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Tables")]
    encounters_columns: Vec<String>,
    /// Table of messages [default: messages]
    #[arg(long, value_name = "NAME", help_heading = "Tables")]
    messages_table: Option<String>,
    /// Its columns [default: all that the layout looks at]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Tables")]
    messages_columns: Vec<String>,
    /// Table of accesses to the portal, for the editions that count them [default: accesses]
    #[arg(long, value_name = "NAME", help_heading = "Tables")]
    accesses_table: Option<String>,
    /// Its columns [default: all that the layout looks at]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Tables")]
    accesses_columns: Vec<String>,
    /// Table of the practice's providers, if there is one
    #[arg(long, value_name = "NAME", help_heading = "Tables")]
    roster_table: Option<String>,
    /// Its columns [default: all that the layout looks at]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Tables")]
    roster_columns: Vec<String>,
}

impl TableArgs {
    pub(super) fn tables(self) -> run::sql::Tables {
        run::sql::Tables {
            encounters: (self.encounters_table, self.encounters_columns),
            messages: (self.messages_table, self.messages_columns),
            accesses: (self.accesses_table, self.accesses_columns),
            roster: (self.roster_table, self.roster_columns),
        }
    }
}

impl SqlArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let config = config(self.config, self.no_config);
        let options = Options {
            period: self.period,
            edition: self.edition.into_iter().collect(),
            credit: self.credit,
            unusable: self.unusable,
            any_year: self.any_year.then_some(true),
            policy: self.policy.into_iter().collect(),
            attested: self.attested,
            layout: self.layout,
            timezone: self.timezone,
            output: self.output,
            quiet: self.quiet.then_some(true),
            ..Options::default()
        };
        let asked =
            run::sql::SqlRequest { dialect: self.dialect, result: self.result, tables: self.tables.tables() };
        run::sql::sql(options, &config, &asked)
    }
}
