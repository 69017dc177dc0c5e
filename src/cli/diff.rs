//! The flags of `mucalc diff`.

use clap::Args;

use crate::run::Exit;
use crate::run::diff::{self, DiffRequest};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc diff january/ february/    # folders with report.json and ledger.csv
  mucalc diff before.json after.json \\
         --ledger-a before.csv --ledger-b after.csv --format csv
  mucalc diff attested.zip today.zip --fail-on verdicts,patients
  mucalc diff attested.zip today.zip \\
         --inputs-a exports-2014/ --inputs-b exports/

Exit codes:
  0    compared, and every gate passed
  1    a gate of --fail-on failed
  2    wrong usage
  3    a run or the output cannot be used")]
pub struct DiffArgs {
    /// The first run: a JSON report, a folder with report.json and ledger.csv, or a pack
    #[arg(value_name = "A")]
    a: String,
    /// The second run
    #[arg(value_name = "B")]
    b: String,
    /// The ledger of the first run [default: ledger.csv beside the report]
    #[arg(long, value_name = "PATH.csv")]
    ledger_a: Option<String>,
    /// The ledger of the second run [default: ledger.csv beside the report]
    #[arg(long, value_name = "PATH.csv")]
    ledger_b: Option<String>,
    /// The folder of the inputs of the first run, which has to be a pack: then causes are tried out on them
    #[arg(long, value_name = "DIR", requires = "inputs_b")]
    inputs_a: Option<String>,
    /// The folder of the inputs of the second run, which has to be a pack
    #[arg(long, value_name = "DIR", requires = "inputs_a")]
    inputs_b: Option<String>,
    /// The edition to compare, where the runs have several [default: the first one of each]
    #[arg(long, value_name = "ID", conflicts_with = "inputs_a")]
    edition: Option<String>,
    /// Format: table (the default), json, csv or md
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Write the result here and not to standard output; the file is readable by its owner alone
    #[arg(short, long, value_name = "PATH")]
    output: Option<String>,
    /// End with exit code 1 on any of: verdicts, figures, patients, settings that are not the same
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    fail_on: Vec<String>,
    /// When to use colours: auto (the default), always or never
    #[arg(long, value_name = "WHEN")]
    color: Option<String>,
}

impl DiffArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let Self { a, b, ledger_a, ledger_b, inputs_a, inputs_b, edition, format, output, fail_on, color } =
            self;
        diff::diff(&DiffRequest {
            a,
            b,
            ledger_a,
            ledger_b,
            inputs_a,
            inputs_b,
            edition,
            format,
            output,
            fail_on,
            color,
        })
    }
}
