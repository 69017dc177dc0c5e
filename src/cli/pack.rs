//! The flags of `mucalc pack` and `mucalc verify`.

use clap::Args;

use super::{InputArgs, MeasureArgs, RunArgs, options};
use crate::run::pack::{self, PackRequest};
use crate::run::verify;
use crate::run::{Exit, Options};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc pack -o evidence.zip    # inputs and period from mucalc.toml
  mucalc pack -o evidence.zip --sign-with ~/.ssh/id_ed25519
  mucalc pack -o to-upload.zip --redacted --key practice.key \\
         --small-cells withhold

The same inputs under the same choices give the same bytes. Keep a pack that is not redacted as you keep the exports: \
it holds ids of patients.")]
pub struct PackArgs {
    #[command(flatten)]
    inputs: InputArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    /// The pack to be written, a .zip file; readable by its owner alone
    #[arg(short, long, value_name = "PATH.zip", help_heading = "Output")]
    output: String,
    /// Give patients pseudonyms, and leave out days and what people wrote about patients
    #[arg(long, help_heading = "Output")]
    redacted: bool,
    /// The file with the key of the pseudonyms; made if it is not there [default: beside the pack, with .key at its end]
    #[arg(long, value_name = "PATH", requires = "redacted", help_heading = "Output")]
    key: Option<String>,
    /// Small counts in a redacted pack: keep (the default), or withhold those from 1 to 10, and the ledger with them
    #[arg(long, value_name = "WHAT", requires = "redacted", help_heading = "Output")]
    small_cells: Option<String>,
    /// Sign the digests with this OpenSSH key (ed25519, without a passphrase)
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    sign_with: Option<String>,
    #[command(flatten)]
    run: RunArgs,
}

impl PackArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let config = self.inputs.config();
        let Self { redacted, key, small_cells, sign_with, .. } = self;
        let options =
            Options { output: Some(self.output), ..self.measure.over(options(self.inputs, self.run)) };
        pack::pack(options, &config, &PackRequest { redacted, key, small_cells, sign_with })
    }
}

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc verify evidence.zip    # is it whole, and by whom is it signed
  mucalc verify evidence.zip --inputs exports/    # does all come out again
  mucalc verify to-upload.zip --inputs exports/ --key practice.key

Exit codes:
  0    everything that was checked is right
  1    something is not
  2    wrong usage
  3    the pack cannot be read, or is none")]
pub struct VerifyArgs {
    /// The pack
    #[arg(value_name = "PACK")]
    pack: String,
    /// The folder of the inputs, from which everything is to be computed again
    #[arg(long, value_name = "DIR")]
    inputs: Option<String>,
    /// The key of the pseudonyms of a redacted pack
    #[arg(long, value_name = "PATH", requires = "inputs")]
    key: Option<String>,
    /// A signature of SHA256SUMS that does not lie in the pack
    #[arg(long, value_name = "PATH")]
    signature: Option<String>,
    /// The public OpenSSH key by which the pack has to be signed
    #[arg(long, value_name = "PATH")]
    signed_by: Option<String>,
    /// Format: table (the default) or json
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Threads that judge rows [default: one a core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Say nothing but errors on standard error
    #[arg(short, long)]
    quiet: bool,
}

impl VerifyArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let Self { pack, inputs, key, signature, signed_by, format, threads, quiet } = self;
        verify::verify(&verify::VerifyRequest {
            pack,
            inputs,
            key,
            signature,
            signed_by,
            format,
            threads,
            quiet,
        })
    }
}
