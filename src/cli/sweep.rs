//! The flags of `mucalc sweep`.

use clap::Args;

use super::{InputArgs, MeasureArgs, RunArgs, options};
use crate::run::{self, Exit, Options};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc sweep --period 2014    # inputs from mucalc.toml
  mucalc sweep --period 2014 \\
         --encounters encounters.csv --messages messages.csv
  mucalc sweep --period 2015 --windows days --format csv -o windows.csv

Only reporting periods that the program allows are listed; --participant restricts them to those of one program.")]
pub struct SweepArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    /// Candidate reporting periods: days (continuous days), quarters, whole (all of --period) [default: all of them]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Measure")]
    windows: Vec<String>,
    /// How many continuous days a period of `days` has [default: 90]
    #[arg(long, value_name = "N", help_heading = "Measure")]
    days: Option<i32>,
    /// Include periods that the program does not allow
    #[arg(long, help_heading = "Measure")]
    all_windows: bool,

    /// Format: table (the default), json, csv or md
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    format: Option<String>,
    /// Write the result here and not to standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    #[command(flatten)]
    run: RunArgs,
}

impl SweepArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let config = self.inputs.config();
        let options = Options {
            format: self.format,
            output: self.output,
            ..self.measure.over(options(self.inputs, self.run))
        };
        let asked = run::sweep::SweepRequest {
            windows: self.windows,
            days: self.days,
            all_windows: self.all_windows,
        };
        run::sweep::sweep(options, &config, &asked)
    }
}
