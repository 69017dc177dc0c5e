//! The flags of `mucalc progress`.

use clap::Args;

use super::{InputArgs, MeasureArgs, RunArgs, options};
use crate::run::progress::ProgressRequest;
use crate::run::{self, Exit, Options};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc progress    # inputs and period from mucalc.toml
  mucalc progress --as-of 2014-08-15 --provider DR-2
  mucalc progress --format xlsx -o progress.xlsx

The forecast supposes that the rest of the period goes on like the weeks before; `mucalc codes forecast` says more.")]
pub struct ProgressArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    /// Look at rows up to this day [default: the last day on which anything is recorded]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Measure")]
    as_of: Option<String>,

    /// Show the weeks of this provider, too
    #[arg(long, value_name = "ID", help_heading = "Output")]
    provider: Vec<String>,
    /// Format: table (the default), csv, xlsx, md or json
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    format: Option<String>,
    /// Write it here and not to standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    #[command(flatten)]
    run: RunArgs,
}

impl ProgressArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let config = self.inputs.config();
        let options = Options {
            format: self.format,
            output: self.output,
            ..self.measure.over(options(self.inputs, self.run))
        };
        run::progress::progress(
            options,
            &config,
            &ProgressRequest { as_of: self.as_of, providers: self.provider },
        )
    }
}
