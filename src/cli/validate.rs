//! The flags of `mucalc validate`.

use clap::Args;

use super::{InputArgs, RunArgs, options};
use crate::run::{self, Exit, Options};

#[derive(Args)]
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
  0    nothing that --fail-on names was found (errors, unless it says otherwise)
  1    something was
  2    wrong usage or configuration
  3    an input or output cannot be used")]
pub struct ValidateArgs {
    #[command(flatten)]
    inputs: InputArgs,
    /// Reporting period, for checks of days against it
    #[arg(long, value_name = "PERIOD", help_heading = "Inputs")]
    period: Option<String>,
    /// Counties with the share of housing units that have broadband
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    counties: Option<String>,
    /// Decisions of people over uncertain messages and patients
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    adjudications: Option<String>,
    /// The day after which days lie in the future [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Inputs")]
    as_of: Option<String>,

    /// Format: table (the default), json, junit, sarif or github
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    format: Option<String>,
    /// Write what was found here and not to standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    /// Write the place of every rejected row here, with the reason
    #[arg(long, value_name = "PATH.csv", help_heading = "Output")]
    rejects: Option<String>,
    /// End with exit code 1 on any of: finding:error (the default), finding:warning, finding:note, finding:CODE, unusable (rows),
    /// assumption (not acknowledged)
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Output")]
    fail_on: Vec<String>,
    #[command(flatten)]
    run: RunArgs,
}

impl ValidateArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let config = self.inputs.config();
        let options = Options {
            period: self.period,
            counties: self.counties,
            adjudications: self.adjudications,
            format: self.format,
            output: self.output,
            fail_on: self.fail_on,
            ..options(self.inputs, self.run)
        };
        let asked = run::validate::ValidateRequest { rejects: self.rejects, as_of: self.as_of };
        run::validate::validate(options, &config, &asked)
    }
}
