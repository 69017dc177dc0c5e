//! The flags of `mucalc sweep`.

use clap::Args;

use super::{InputArgs, MeasureArgs, RunArgs, options};
use crate::run::{self, Exit, Failed, Options};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc sweep --period 2014    # inputs from mucalc.toml
  mucalc sweep --period 2014 \\
         --encounters encounters.csv --messages messages.csv
  mucalc sweep --period 2015 --windows days --format csv -o windows.csv

Which of the windows may be chosen is a question of the program year and of who attests; this shows what each is worth.")]
pub struct SweepArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    /// Sorts of windows within the period: days (continuous days), quarters, whole [default: all of them]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Measure")]
    windows: Vec<String>,
    /// How many continuous days a window has [default: 90]
    #[arg(long, value_name = "N", help_heading = "Measure")]
    days: Option<i32>,

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
    pub fn run(self) -> Result<Exit, Failed> {
        let config = self.inputs.config();
        let options = Options {
            format: self.format,
            output: self.output,
            ..self.measure.over(options(self.inputs, self.run))
        };
        run::sweep::sweep(options, &config, &run::sweep::Asked { windows: self.windows, days: self.days })
    }
}
