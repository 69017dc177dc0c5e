//! The flags of `mucalc report`.

use clap::Args;

use super::sql::TableArgs;
use super::{InputArgs, MeasureArgs, RunArgs, options};
use crate::run::{self, Exit, Options};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc report    # inputs and period from mucalc.toml
  mucalc report --period 2014Q3 \\
         --encounters encounters.csv --messages messages.csv
  mucalc report --period 2014Q3 --roster roster.csv --ledger ledger.csv \\
         --encounters 'exports/enc*.csv' --messages 'exports/msg*.csv'
  mucalc report --format json --fail-on not-met

Exit codes:
  0    computed, and every gate passed
  1    a gate of --fail-on failed
  2    wrong usage or configuration
  3    an input or output cannot be used
  70   internal error
  130  interrupted")]
pub struct ReportArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    measure: MeasureArgs,

    /// Format of the report: table (the default), json, csv, md, html, xlsx; of its findings alone: junit, sarif, github
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    format: Option<String>,
    /// Write the report here and not to standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    /// Write one line a provider and patient here, with the rows that decided; it holds patient ids
    #[arg(long, value_name = "PATH.csv", help_heading = "Output")]
    ledger: Option<String>,
    /// Add a sheet of patients to a workbook (--format xlsx)
    #[arg(long, help_heading = "Output")]
    patients: bool,
    /// Show which rule judged how many rows; `providers`: also for each provider [default without a word: rules]
    #[arg(long, value_name = "WHICH", num_args = 0..=1, default_missing_value = "rules", help_heading = "Output")]
    waterfall: Option<String>,
    /// Say in the report when and where it was computed; without it the same inputs give the same bytes
    #[arg(long, help_heading = "Output")]
    stamp: bool,
    /// End with exit code 1 on any of: not-met, indeterminate, not-calculable, unusable (rows), assumption (not acknowledged),
    /// finding:error, finding:warning, finding:note, finding:CODE
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Output")]
    fail_on: Vec<String>,
    /// Engine that computes: local (the default), or spark, which has the data in tables (in builds with the feature `spark`)
    #[arg(long, value_name = "ENGINE", help_heading = "Tables")]
    engine: Option<String>,
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
    #[command(flatten)]
    run: RunArgs,
}

impl ReportArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let config = self.inputs.config();
        let options = Options {
            format: self.format,
            output: self.output,
            ledger: self.ledger,
            patients: self.patients.then_some(true),
            waterfall: self.waterfall,
            stamp: self.stamp.then_some(true),
            fail_on: self.fail_on,
            ..self.measure.over(options(self.inputs, self.run))
        };
        match self.engine {
            Some(name) if name != "local" => {
                let asked = run::engine::EngineRequest {
                    name,
                    remote: self.remote,
                    token: self.token,
                    tables: self.tables.tables(),
                };
                run::report_by_engine(options, &config, &asked)
            }
            _ => run::report::report(options, &config),
        }
    }
}
