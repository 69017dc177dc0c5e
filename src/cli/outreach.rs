//! The flags of `mucalc outreach`.

use clap::Args;

use super::{InputArgs, MeasureArgs, RunArgs, options};
use crate::run::outreach::OutreachRequest;
use crate::run::{self, Exit, Options};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc outreach    # inputs and period from mucalc.toml
  mucalc outreach --provider DR-2 --list all --format csv -o ask.csv
  mucalc outreach --as-of 2014-08-15 --margin 100 --format xlsx -o ask.xlsx

Patients appear in this order: an unresolved record is on file (decide it with `mucalc review`); a message of the patient is \
unanswered (an answer counts, from 2016 on); uses the portal, for something that does not qualify; uses another channel that \
does not qualify; decided not to qualify; nothing on file. Among these: the soonest visit planned within the period, most \
visits, last seen, id. Once no further message can count, only unresolved records are listed.

The list holds patient ids. By what way patients may be asked, it does not know.")]
pub struct OutreachArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    /// Patients with an account of the portal: columns patient_id, portal_enrolled (yes or no)
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    enrollment: Option<String>,
    /// Look at rows up to this day [default: the last day on which anything is recorded]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Measure")]
    as_of: Option<String>,

    /// How many patients of a provider: needed (the default), all, or a number
    #[arg(long, value_name = "needed|all|N", help_heading = "Output")]
    list: Option<String>,
    /// So many percent more than are needed [default: 50]
    #[arg(long, value_name = "PERCENT", value_parser = percent, help_heading = "Output")]
    margin: Option<u32>,
    /// These providers alone
    #[arg(long, value_name = "ID", help_heading = "Output")]
    provider: Vec<String>,
    /// Format: table (the default), csv, xlsx, md or json
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    format: Option<String>,
    /// Write the list here and not to standard output; the file is readable by its owner alone
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    #[command(flatten)]
    run: RunArgs,
}

impl OutreachArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let config = self.inputs.config();
        let options = Options {
            format: self.format,
            output: self.output,
            enrollment: self.enrollment,
            ..self.measure.over(options(self.inputs, self.run))
        };
        let asked = OutreachRequest {
            as_of: self.as_of,
            list: self.list,
            margin: self.margin,
            providers: self.provider,
        };
        run::outreach::outreach(options, &config, &asked)
    }
}

fn percent(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "write a whole number, for example 50".to_owned())
}
