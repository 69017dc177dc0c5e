//! The flags of `mucalc inspect`.

use clap::Args;

use crate::run::Exit;
use crate::run::inspect::{self, InspectRequest};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mucalc inspect exports/*
  mucalc inspect --layout epic-ehi PAT_ENC.tsv MYC_MESG.tsv
  mucalc inspect --format json messages.ndjson.gz

The words of the columns that the layout reads are shown, with how often each stands there; no other cell is.")]
pub struct InspectArgs {
    /// Exports: paths and patterns; they are read twice, so none can be standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Layout to be tried: a built-in one, or a file [default: the one that fits best]
    #[arg(long, value_name = "NAME|FILE")]
    layout: Option<String>,
    /// Encoding of text that is not UTF-8 and has no byte order mark, for example windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// table (the default) or json
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
}

impl InspectArgs {
    pub fn run(self) -> anyhow::Result<Exit> {
        let Self { files, layout, encoding, format } = self;
        inspect::inspect(&InspectRequest { files, layout, encoding, format })
    }
}
