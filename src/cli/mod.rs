//! The command line: from its words to a command and its exit code.

mod diff;
mod explain;
mod help;
mod init;
mod inspect;
mod outreach;
mod pack;
mod progress;
pub mod reference;
mod report;
mod review;
mod sql;
mod sweep;
mod validate;
mod what_if;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::error;
use crate::run::{self, ConfigSource, Exit, Options};

/// Calculate the Meaningful Use Secure Electronic Messaging measure from EHR exports
#[derive(Parser)]
#[command(
    name = "mucalc",
    version,
    arg_required_else_help = true,
    after_help = "\
Examples:
  mucalc demo practice            # two small practices to try everything on
  mucalc init exports/*           # a mucalc.toml for your exports
  mucalc validate                 # are the exports in order
  mucalc report                   # who meets the measure

`mucalc COMMAND --help` shows examples of each, and `mucalc codes WORD` explains a word. \
`mucalc --version --verbose` says which rules and layouts are built in."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Calculate numerator, denominator, and result of each provider for a reporting period
    Report(Box<report::ReportArgs>),
    /// Calculate every reporting period that a year allows, in one pass
    Sweep(Box<sweep::SweepArgs>),
    /// Compare the results under other settings of the policies that CMS leaves open
    WhatIf(Box<what_if::WhatIfArgs>),
    /// Explain why a patient, a message, or an encounter qualifies or not, rule by rule
    Explain(Box<explain::ExplainArgs>),
    /// Review unresolved records one by one, and save the decisions
    Review(Box<review::ReviewArgs>),
    /// Show the results so far, the patients still needed, and the projected result
    Progress(Box<progress::ProgressArgs>),
    /// List patients not yet in the numerator, best outreach candidates first
    Outreach(Box<outreach::OutreachArgs>),
    /// Show what changed between two runs: results, patients, and why
    Diff(diff::DiffArgs),
    /// Create an evidence pack: the report with everything needed to check it years later
    Pack(Box<pack::PackArgs>),
    /// Verify an evidence pack: integrity, signature, and recomputation
    Verify(pack::VerifyArgs),
    /// List the rule sets, or show one
    #[command(after_help = "\
Examples:
  mucalc editions
  mucalc editions show stage2-core17")]
    Editions {
        #[command(subcommand)]
        command: Option<EditionsCommand>,
    },
    /// Check exports against the layout, and for implausible data
    Validate(Box<validate::ValidateArgs>),
    /// Show what an export contains: format, layout, values, and days
    Inspect(inspect::InspectArgs),
    /// Draft a commented mucalc.toml for your exports, and a layout to fill in if none matches
    Init(Box<init::InitArgs>),
    /// Explain a term, rule, finding, or error
    #[command(after_help = "\
Examples:
  mucalc codes                    # all of them
  mucalc codes near-miss-column
  mucalc codes numerator")]
    Codes {
        /// The term or code; without it, all are listed
        code: Option<String>,
    },
    /// Write the measure as SQL, for a data warehouse
    Sql(Box<sql::SqlArgs>),
    /// Write two sample practices into a folder, and show what to try with them
    #[command(after_help = "\
Examples:
  mucalc demo practice")]
    Demo {
        /// A new or empty folder
        folder: PathBuf,
    },
    /// Write shell completions to standard output
    #[command(after_help = "\
Examples:
  mucalc completions bash > ~/.local/share/bash-completion/completions/mucalc
  mucalc completions zsh > ~/.zfunc/_mucalc
  mucalc completions fish > ~/.config/fish/completions/mucalc.fish
  mucalc completions powershell >> $PROFILE
  mucalc completions elvish >> ~/.config/elvish/rc.elv")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual to standard output, or one page per command into a folder
    #[command(after_help = "\
Examples:
  mucalc man > mucalc.1
  mucalc man -o ~/.local/share/man/man1")]
    Man {
        /// The folder
        #[arg(short, long, value_name = "FOLDER")]
        output: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum EditionsCommand {
    /// Show the rules, policy settings, and exclusions of a rule set
    #[command(after_help = "\
Examples:
  mucalc editions show modstage2-2017")]
    Show {
        /// The id of the rule set
        id: String,
    },
}

/// What is calculated.
#[derive(Args)]
struct MeasureArgs {
    /// Reporting period: 2014-07-01..2014-09-30 (both days included), 2014Q3, 2014-07 or 2014
    #[arg(long, value_name = "PERIOD", help_heading = "Measure")]
    period: Option<String>,
    /// Rule set to apply, or its year; repeat to compare several [default: that of the period's year]
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Measure")]
    edition: Vec<String>,
    /// Apply the edition also to a period of another year than its own
    #[arg(long, help_heading = "Measure")]
    any_year: bool,
    /// Who attests, for the allowed reporting periods [default: every participant of the edition]
    #[arg(long, value_name = "medicare|medicaid|mips", help_heading = "Measure")]
    participant: Option<String>,
    /// Credit a message to its provider (strict, the default) or to the provider's group
    #[arg(long, value_name = "strict|group", help_heading = "Measure")]
    credit: Option<String>,
    /// Rows that could not be used widen the range of the result (bound, the default) or do not (ignore)
    #[arg(long, value_name = "bound|ignore", help_heading = "Measure")]
    unusable: Option<String>,
    /// Rows with one record id that differ: not known which is right (uncertain, the default), or the last in the inputs (last)
    #[arg(long, value_name = "uncertain|last", help_heading = "Measure")]
    versions: Option<String>,
    /// Choice for a policy of the edition; `mucalc editions show ID` lists them
    #[arg(long, value_name = "NAME=CHOICE", value_parser = policy, help_heading = "Measure")]
    policy: Vec<(String, String)>,
    /// Day of attestation, for editions that count until then
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Measure")]
    attested: Option<String>,
    /// Counties with the share of housing units that have broadband, for the exclusion: columns county_fips, percent
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    counties: Option<String>,
    /// Decisions of people over uncertain messages and patients: columns message_id or patient_id, decision, by, on,
    /// reason; the report shows the last three
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    adjudications: Option<String>,
}

/// What is read, and how.
#[derive(Args)]
struct InputArgs {
    /// Encounter exports: paths and patterns; `-` is standard input
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = "Inputs")]
    encounters: Vec<String>,
    /// Message exports: paths and patterns; `-` is standard input
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = "Inputs")]
    messages: Vec<String>,
    /// Logs of accesses to the portal, for the editions that count them
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = "Inputs")]
    accesses: Vec<String>,
    /// Days for which the exports were made, as a period [default: the days that the rows show]
    #[arg(long, value_name = "PERIOD", help_heading = "Inputs")]
    exported: Option<String>,
    /// Providers of the practice, with names, NPIs and groups
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    roster: Option<String>,
    /// Layout of the exports: a built-in one, a file, or one for each kind: encounters=NAME,messages=NAME [default: canonical]
    #[arg(long, value_name = "NAME|FILE", help_heading = "Inputs")]
    layout: Option<String>,
    /// Encoding of text that is not UTF-8 and has no byte order mark, for example windows-1252
    #[arg(long, value_name = "NAME", help_heading = "Inputs")]
    encoding: Option<String>,
    /// Zone of the practice, for times with a zone, for example America/New_York
    #[arg(long, value_name = "IANA", help_heading = "Inputs")]
    timezone: Option<String>,
    /// Configuration to read [default: mucalc.toml in the working directory, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Inputs", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Do not read a configuration file
    #[arg(long, help_heading = "Inputs")]
    no_config: bool,
}

/// How the program runs.
#[derive(Args)]
struct RunArgs {
    /// Put the SHA-256 of every input in the report
    #[arg(long, help_heading = "Output")]
    digest: bool,
    /// Worker threads [default: number of cores]
    #[arg(long, value_name = "N", help_heading = "Output")]
    threads: Option<usize>,
    /// Print only errors on standard error
    #[arg(short, long, help_heading = "Output", conflicts_with = "verbose")]
    quiet: bool,
    /// Print more on standard error
    #[arg(short, long, help_heading = "Output")]
    verbose: bool,
    /// When to use colors: auto (the default), always, or never
    #[arg(long, value_name = "WHEN", help_heading = "Output")]
    color: Option<String>,
}

/// Runs the program with the words of its command line, and tells how the process is to end.
pub fn main() -> Exit {
    answer(std::env::args_os())
}

/// Runs the program with some words, its name the first of them, and tells how a process would end.
pub fn answer(words: impl IntoIterator<Item = OsString>) -> Exit {
    let words: Vec<OsString> = words.into_iter().collect();
    if asks_for_all_of_the_version(&words) {
        return run::to_stdout(run::version().as_bytes())
            .map_or_else(|failed| error::explained(&failed).exit, |()| Exit::Success);
    }
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return told(error, &words),
    };
    let command = cli.command;
    let done = run::guarded(|| match command {
        Command::Report(args) => args.run(),
        Command::Sweep(args) => args.run(),
        Command::WhatIf(args) => args.run(),
        Command::Explain(args) => args.run(),
        Command::Review(args) => args.run(),
        Command::Progress(args) => args.run(),
        Command::Outreach(args) => args.run(),
        Command::Diff(args) => args.run(),
        Command::Pack(args) => args.run(),
        Command::Verify(args) => args.run(),
        Command::Editions { command: None } => run::editions::list(),
        Command::Editions { command: Some(EditionsCommand::Show { id }) } => run::editions::show(&id),
        Command::Validate(args) => args.run(),
        Command::Inspect(args) => args.run(),
        Command::Init(args) => args.run(),
        Command::Codes { code } => run::codes::codes(code.as_deref()),
        Command::Sql(args) => args.run(),
        Command::Demo { folder } => run::demo::demo(&folder),
        Command::Completions { shell } => help::completions(shell),
        Command::Man { output } => help::man(output.as_deref()),
    });
    done.unwrap_or_else(|failed| {
        run::say(format!("error: {}", error::text(&failed)));
        error::explained(&failed).exit
    })
}

/// Tells what is wrong with some words, or the help that they ask for.
fn told(error: clap::Error, words: &[OsString]) -> Exit {
    // A message repeats words, and what a terminal would obey in them is to be shown.
    let shown = words.iter().map(|word| run::printable(&word.to_string_lossy()));
    let error = Cli::try_parse_from(shown).err().unwrap_or(error);
    // Help and version are no errors; clap knows where each belongs.
    let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
    match error.print() {
        Err(error) if exit == Exit::Success && error.kind() != ErrorKind::BrokenPipe => {
            run::say(format!("error: standard output cannot be written: {}", error.kind()));
            Exit::Input
        }
        _ => exit,
    }
}

/// Whether the words are `--version --verbose`, which clap would take for `--version` alone.
fn asks_for_all_of_the_version(words: &[OsString]) -> bool {
    let is = |word: &OsString, long: &str, short: &str| word == long || word == short;
    match words {
        [_, one, other] => [(one, other), (other, one)]
            .iter()
            .any(|(one, other)| is(one, "--version", "-V") && is(other, "--verbose", "-v")),
        _ => false,
    }
}

impl MeasureArgs {
    fn over(self, options: Options) -> Options {
        Options {
            period: self.period,
            edition: self.edition,
            attested: self.attested,
            counties: self.counties,
            adjudications: self.adjudications,
            credit: self.credit,
            unusable: self.unusable,
            participant: self.participant,
            any_year: self.any_year.then_some(true),
            versions: self.versions,
            policy: self.policy.into_iter().collect::<BTreeMap<_, _>>(),
            ..options
        }
    }
}

impl InputArgs {
    fn config(&self) -> ConfigSource {
        config(self.config.clone(), self.no_config)
    }
}

/// Which configuration the flags ask for.
fn config(named: Option<PathBuf>, none: bool) -> ConfigSource {
    match (named, none) {
        (Some(path), _) => ConfigSource::Named(path),
        (None, true) => ConfigSource::None,
        (None, false) => ConfigSource::Found,
    }
}

/// What commands that read exports have in common.
fn options(inputs: InputArgs, run: RunArgs) -> Options {
    Options {
        encounters: inputs.encounters,
        messages: inputs.messages,
        accesses: inputs.accesses,
        exported: inputs.exported,
        roster: inputs.roster,
        layout: inputs.layout,
        encoding: inputs.encoding,
        timezone: inputs.timezone,
        digest: run.digest.then_some(true),
        threads: run.threads,
        quiet: run.quiet.then_some(true),
        verbose: run.verbose.then_some(true),
        color: run.color,
        ..Options::default()
    }
}

fn policy(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(name, choice)| (name.trim().to_owned(), choice.trim().to_owned()))
        .ok_or_else(|| "a policy is written NAME=CHOICE, for example pool=count".to_owned())
}
