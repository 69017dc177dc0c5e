//! The flags of `mucalc what-if`.

use clap::Args;

use super::{InputArgs, MeasureArgs, RunArgs, options, policy};
use crate::run::{self, Exit, Options};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc what-if    # every alternative; the rest from mucalc.toml
  mucalc what-if --alternative pool=count --alternative credit=group

A choice holds for all patients, the whole period and all measures alike; this shows what it is worth, not which one \
is right.")]
pub struct WhatIfArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    /// Another choice for a policy, or credit=strict or credit=group; every one that there is without it
    #[arg(long, value_name = "NAME=CHOICE", value_parser = policy, help_heading = "Measure")]
    alternative: Vec<(String, String)>,

    /// Format: table (the default), json, csv or md
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    format: Option<String>,
    /// Write the result here and not to standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    #[command(flatten)]
    run: RunArgs,
}

impl WhatIfArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let config = self.inputs.config();
        let options = Options {
            format: self.format,
            output: self.output,
            ..self.measure.over(options(self.inputs, self.run))
        };
        run::what_if::what_if(options, &config, &self.alternative)
    }
}
