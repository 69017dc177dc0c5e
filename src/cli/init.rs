//! The flags of `mucalc init`.

use clap::Args;

use crate::run::Exit;
use crate::run::init::{self, InitRequest};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc init exports/*
  mucalc init --period 2014Q3 --timezone America/New_York \\
         encounters.csv messages.csv

What is not said is asked on a terminal; elsewhere it is left to be filled in, marked NEEDED.")]
pub struct InitArgs {
    /// Exports: paths and patterns
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Layout of the exports: a built-in one, or a file [default: the one that fits best]
    #[arg(long, value_name = "NAME|FILE")]
    layout: Option<String>,
    /// Encoding of text that is not UTF-8 and has no byte order mark
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Reporting period
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    /// Edition of the measure, or its year [default: that of the period's year]
    #[arg(long, value_name = "ID")]
    edition: Option<String>,
    /// Apply the edition also to a period of another year than its own
    #[arg(long)]
    any_year: bool,
    /// Zone of the practice
    #[arg(long, value_name = "IANA")]
    timezone: Option<String>,
    /// Configuration to write
    #[arg(short, long, value_name = "PATH", default_value = "mucalc.toml")]
    output: String,
    /// Replace a configuration that is there
    #[arg(long)]
    force: bool,
    /// Ask nothing
    #[arg(short, long)]
    yes: bool,
}

impl InitArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        init::init(InitRequest {
            files: self.files,
            layout: self.layout,
            encoding: self.encoding,
            period: self.period,
            edition: self.edition,
            any_year: self.any_year,
            timezone: self.timezone,
            output: self.output,
            force: self.force,
            yes: self.yes,
        })
    }
}
