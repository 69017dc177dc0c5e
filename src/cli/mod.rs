//! The command line: parses the arguments, runs the command, and returns the exit status.

mod help;
pub mod reference;

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::error;
use crate::run::{self, Exit};

/// Calculate the Meaningful Use Secure Electronic Messaging measure from EHR exports
#[derive(Parser)]
#[command(
    name = "mucalc",
    version,
    arg_required_else_help = true,
    after_help = "\
Examples:
  mucalc demo practice            # sample practices for all commands
  mucalc init exports/*           # draft mucalc.toml for your exports
  mucalc validate                 # check the exports
  mucalc report                   # calculate the measure

`mucalc COMMAND --help` shows examples of each command. `mucalc codes TERM` explains a term. \
`mucalc --version --verbose` lists the built-in rule sets and layouts."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Calculate numerator, denominator, and result of each provider for a reporting period
    Report(Box<run::report::ReportArgs>),
    /// Calculate every reporting period that a year allows, in one pass
    Sweep(Box<run::sweep::SweepArgs>),
    /// Compare the results under other settings of the policies that CMS leaves open
    WhatIf(Box<run::what_if::WhatIfArgs>),
    /// Explain why a patient, a message, or an encounter qualifies or not, rule by rule
    Explain(Box<run::explain::ExplainArgs>),
    /// Review unresolved records one by one, and save the decisions
    Review(Box<run::review::ReviewArgs>),
    /// Show the results so far, the patients still needed, and the projected result
    Progress(Box<run::progress::ProgressArgs>),
    /// List patients not yet in the numerator, best outreach candidates first
    Outreach(Box<run::outreach::OutreachArgs>),
    /// Show what changed between two runs: results, patients, and why
    #[cfg(not(target_family = "wasm"))]
    Diff(run::diff::DiffArgs),
    /// Create an evidence pack: the report with everything needed to check it years later
    Pack(Box<run::pack::PackArgs>),
    /// Verify an evidence pack: integrity, signature, and recomputation
    #[cfg(not(target_family = "wasm"))]
    Verify(run::verify::VerifyArgs),
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
    Validate(Box<run::validate::ValidateArgs>),
    /// Show what an export contains: format, layout, values, and days
    Inspect(run::inspect::InspectArgs),
    /// Draft a commented mucalc.toml for your exports, and a layout to fill in if none matches
    Init(Box<run::init::InitArgs>),
    /// Explain a term, rule, finding, or error
    #[command(after_help = "\
Examples:
  mucalc codes                    # list all codes
  mucalc codes near-miss-column
  mucalc codes numerator")]
    Codes {
        /// The term or code; without it, all are listed
        code: Option<String>,
    },
    /// Write the measure as SQL, for a data warehouse
    Sql(Box<run::sql::SqlArgs>),
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

/// Runs the program with the arguments of the process, and returns its exit status.
pub fn main() -> Exit {
    answer(std::env::args_os())
}

/// Runs the program with these arguments, the program name first, and returns the exit status.
pub fn answer(words: impl IntoIterator<Item = OsString>) -> Exit {
    let words: Vec<OsString> = words.into_iter().collect();
    if asks_for_all_of_the_version(&words) {
        return run::to_stdout(run::version().as_bytes())
            .map_or_else(|failed| error::explained(&failed).exit, |()| Exit::Success);
    }
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return report_usage_error(error, &words),
    };
    let command = cli.command;
    let done = run::catch_defects(|| match command {
        Command::Report(args) => run::report::report(*args),
        Command::Sweep(args) => run::sweep::sweep(*args),
        Command::WhatIf(args) => run::what_if::what_if(*args),
        Command::Explain(args) => run::explain::explain(*args),
        Command::Review(args) => run::review::review(*args),
        Command::Progress(args) => run::progress::progress(*args),
        Command::Outreach(args) => run::outreach::outreach(*args),
        #[cfg(not(target_family = "wasm"))]
        Command::Diff(args) => run::diff::diff(&args),
        Command::Pack(args) => run::pack::pack(*args),
        #[cfg(not(target_family = "wasm"))]
        Command::Verify(args) => run::verify::verify(&args),
        Command::Editions { command: None } => run::editions::list(),
        Command::Editions { command: Some(EditionsCommand::Show { id }) } => run::editions::show(&id),
        Command::Validate(args) => run::validate::validate(*args),
        Command::Inspect(args) => run::inspect::inspect(&args),
        Command::Init(args) => run::init::init(*args),
        Command::Codes { code } => run::codes::codes(code.as_deref()),
        Command::Sql(args) => run::sql::sql(*args),
        Command::Demo { folder } => run::demo::demo(&folder),
        Command::Completions { shell } => help::completions(shell),
        Command::Man { output } => help::man(output.as_deref()),
    });
    done.unwrap_or_else(|failed| {
        run::print_note(format!("error: {}", error::text(&failed)));
        error::explained(&failed).exit
    })
}

/// Prints a usage error or the requested help, and returns the exit status.
fn report_usage_error(error: clap::Error, words: &[OsString]) -> Exit {
    // The message repeats arguments, so control characters in them are escaped first.
    let shown = words.iter().map(|word| run::escape_control(&word.to_string_lossy()));
    let error = Cli::try_parse_from(shown).err().unwrap_or(error);
    // Help and version are not errors. clap knows which stream each of them goes to.
    let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
    let shows_help = error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if exit == Exit::Usage && !shows_help {
        run::print_note(format!("error: {}", usage_text(&error.render().to_string())));
        return exit;
    }
    match error.print() {
        Err(error) if exit == Exit::Success && error.kind() != ErrorKind::BrokenPipe => {
            run::print_note(format!("error: standard output cannot be written: {}", error.kind()));
            Exit::Input
        }
        _ => exit,
    }
}

/// Returns a usage error in the style of all other errors: one line, with what to do. `text` is the message of clap, whose lines are the
/// error, indented details, and last the usage and a pointer to the help.
fn usage_text(text: &str) -> String {
    let is_message = |line: &&str| !line.starts_with("Usage:") && !line.starts_with("For more information");
    let lines = text.lines().take_while(is_message).map(str::trim).filter(|line| !line.is_empty());
    let mut message = String::new();
    for line in lines {
        let line = line.trim_start_matches("error: ").trim_start_matches("tip: ");
        let line = line.trim_start_matches('[').trim_end_matches(']');
        message.push_str(match message.chars().last() {
            None => "",
            Some(':') => " ",
            Some(_) => "; ",
        });
        message.push_str(line);
    }
    message + " (see --help)"
}

/// Returns whether the arguments are `--version --verbose`, which clap would treat as `--version`.
fn asks_for_all_of_the_version(words: &[OsString]) -> bool {
    let is = |word: &OsString, long: &str, short: &str| word == long || word == short;
    match words {
        [_, one, other] => [(one, other), (other, one)]
            .iter()
            .any(|(one, other)| is(one, "--version", "-V") && is(other, "--verbose", "-v")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::usage_text;

    #[test]
    fn a_usage_error_is_one_line() {
        let text = "error: invalid value 'excel' for '--format <FORMAT>'\n  [possible values: table, xlsx]\n\n  tip: a similar value exists: 'xlsx'\n\nFor more information, try '--help'.\n";
        let expected = "invalid value 'excel' for '--format <FORMAT>'; possible values: table, xlsx; a similar value exists: 'xlsx' (see --help)";
        assert_eq!(usage_text(text), expected);
        let text = "error: the following required arguments were not provided:\n  --patient <ID>\n\nUsage: mucalc explain\n";
        let expected = "the following required arguments were not provided: --patient <ID> (see --help)";
        assert_eq!(usage_text(text), expected);
    }
}
