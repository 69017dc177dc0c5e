//! The flags of `mucalc explain`.

use clap::{ArgGroup, Args};

use super::{InputArgs, MeasureArgs, RunArgs, options};
use crate::run::explain::ExplainTarget;
use crate::run::{self, Exit, Options};

#[derive(Args)]
#[command(group(ArgGroup::new("what").required(true).args(["patient", "message", "encounter"])))]
#[command(after_help = "\
Examples:
  mucalc explain --patient 1017    # inputs and period from mucalc.toml
  mucalc explain --message M-0042 --every-rule
  mucalc explain --patient 1017 --provider DR-2 \\
         --format json -o patient-1017.json

It shows patient ids and what the exports say of them, but no text of a message.")]
pub struct ExplainArgs {
    /// The patient with this id
    #[arg(long, value_name = "ID", help_heading = "What to explain")]
    patient: Vec<String>,
    /// The message, or access to the portal, with this id
    #[arg(long, value_name = "ID", help_heading = "What to explain")]
    message: Option<String>,
    /// The encounter with this id
    #[arg(long, value_name = "ID", help_heading = "What to explain")]
    encounter: Option<String>,
    /// What concerns this provider alone
    #[arg(long, value_name = "ID", help_heading = "What to explain")]
    provider: Option<String>,
    /// Show what each rule asks, also those that did not fit
    #[arg(long, help_heading = "Output")]
    every_rule: bool,

    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    /// Format: table (the default) or json
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    format: Option<String>,
    /// Write the explanation here and not to standard output; the file is readable by its owner alone
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    #[command(flatten)]
    run: RunArgs,
}

impl ExplainArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let config = self.inputs.config();
        let options = Options {
            format: self.format,
            output: self.output,
            ..self.measure.over(options(self.inputs, self.run))
        };
        let trimmed = |id: Option<String>| id.map(|id| id.trim().to_owned());
        let asked = ExplainTarget {
            patients: self.patient,
            message: trimmed(self.message),
            encounter: trimmed(self.encounter),
            provider: trimmed(self.provider),
        };
        run::explain::explain(options, &config, asked, self.every_rule)
    }
}
