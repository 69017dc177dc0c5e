//! The flags of `mucalc review`.

use clap::Args;

use super::{InputArgs, MeasureArgs, RunArgs, options};
use crate::run::Exit;
use crate::run::review::{ReviewRequest, review};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc review --adjudications decisions.csv    # inputs: mucalc.toml
  mucalc review --adjudications decisions.csv --provider DR-2

Each answer is saved before the next question, so you can stop at any time and go on later. The file named by \
--adjudications (or `adjudications` in mucalc.toml) is made if it does not exist, and is readable by its owner only. \
Review shows patient ids and what the exports contain of them, but no text of a message.")]
pub struct ReviewArgs {
    /// Your name, as the report will show it [default: asked at the start]
    #[arg(long, value_name = "NAME", help_heading = "Review")]
    by: Option<String>,
    /// Day of the decisions [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Review")]
    on: Option<String>,
    /// Review only the records of this provider
    #[arg(long, value_name = "ID", help_heading = "Review")]
    provider: Vec<String>,

    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    #[command(flatten)]
    run: RunArgs,
}

impl ReviewArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let config = self.inputs.config();
        let asked = ReviewRequest { by: self.by, on: self.on, providers: self.provider };
        review(self.measure.over(options(self.inputs, self.run)), &config, &asked)
    }
}
