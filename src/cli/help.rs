//! Shell completions and manual pages, generated from the definition of the command line.

use std::path::Path;

use clap::CommandFactory;
use clap::builder::PossibleValuesParser;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::edition;
use mucalc_read::layout::Layout;

use super::Cli;
use crate::error;
use crate::run::{self, Exit};
use mucalc_options::FailureGate;

/// Writes the completion script of a shell to standard output.
pub fn completions(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut completed(), "mucalc", &mut script);
    run::to_stdout(&script)?;
    Ok(Exit::Success)
}

/// Returns the command line with possible values for flags that are otherwise plain text. The real parser takes text because its errors
/// explain a wrong value better.
fn completed() -> clap::Command {
    let mut program = Cli::command();
    let names: Vec<String> = program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    for name in names {
        program = program.mut_subcommand(&name, |command| command.mut_args(|arg| with_values(arg, &name)));
    }
    program.mut_subcommand("editions", |editions| {
        editions.mut_subcommand("show", |show| show.mut_arg("id", |arg| with_values(arg, "editions")))
    })
}

fn with_values(arg: clap::Arg, command: &str) -> clap::Arg {
    let values: Vec<String> = match arg.get_id().as_str() {
        "edition" | "id" => edition::ids().map(str::to_owned).collect(),
        "layout" => Layout::names(),
        "code" => FindingCode::ALL.iter().map(|code| code.slug().to_owned()).collect(),
        "fail_on" if command == "report" => FailureGate::values(),
        "fail_on" if command == "validate" => {
            let is_verdict = |value: &FailureGate| matches!(value, FailureGate::Verdict(_));
            let values = FailureGate::values().into_iter();
            values.filter(|value| value.parse().is_ok_and(|gate| !is_verdict(&gate))).collect()
        }
        _ => return arg,
    };
    arg.value_parser(PossibleValuesParser::new(values))
}

/// Writes the manual to standard output or, given a folder, one page per command into the folder.
pub fn man(folder: Option<&Path>) -> anyhow::Result<Exit> {
    let mut program = Cli::command();
    program.build();
    let Some(folder) = folder else {
        run::to_stdout(&page(program)?)?;
        return Ok(Exit::Success);
    };
    let mut pages = Vec::new();
    pages_of(program, &mut pages)?;
    // A manual folder may already contain other pages.
    run::write_into_folder(folder, &pages)?;
    Ok(Exit::Success)
}

/// Adds the pages of a command and its subcommands to `pages`.
fn pages_of(command: clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> anyhow::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    for under in command.get_subcommands().filter(|command| command.get_name() != "help") {
        pages_of(under.clone(), pages)?;
    }
    pages.push((format!("{name}.1"), page(command.name(name))?));
    Ok(())
}

/// Renders the manual page of a command.
fn page(mut command: clap::Command) -> anyhow::Result<Vec<u8>> {
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    command = command.after_help("");
    let man = clap_mangen::Man::new(command);
    let mut page = Vec::new();
    let defect = |error: std::io::Error| error::internal(error.to_string());
    man.render(&mut page).map_err(defect)?;
    page.extend_from_slice(as_it_stands(&examples).as_bytes());
    Ok(page)
}

/// Formats each paragraph of a help text as a manual section that keeps its line breaks.
fn as_it_stands(text: &str) -> String {
    let mut section = String::new();
    for part in text.split("\n\n").filter(|part| !part.is_empty()) {
        let (title, lines) = match part.split_once(":\n") {
            Some((title, lines)) => (title.to_uppercase(), lines),
            None => ("NOTES".to_owned(), part),
        };
        section += &format!(".SH \"{title}\"\n.nf\n");
        // roff reads a line that begins with a dot or an apostrophe as a command, and a backslash as the start of an escape.
        for line in lines.lines() {
            section += &format!("\\&{}\n", line.replace('\\', "\\e").replace('-', "\\-"));
        }
        section += ".fi\n";
    }
    section
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory, Parser};

    use super::*;

    fn check(command: &Command, checked: &mut usize) {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples = help.split("\n\n").find_map(|part| part.strip_prefix("Examples:\n"));
        let examples = examples.unwrap_or_else(|| panic!("{name} has no examples"));
        assert!(examples.lines().all(|line| line.len() < 78), "{name}: an example would be wrapped");
        for example in examples.replace("\\\n", " ").lines() {
            let typed = example.split(" # ").next().unwrap_or_default();
            // The shell handles `>` and what follows it.
            let words = typed.split_whitespace().take_while(|word| !word.starts_with('>'));
            let words: Vec<String> = words.map(|word| word.trim_matches('\'').to_owned()).collect();
            assert!(Cli::try_parse_from(&words).is_ok(), "{name}: {example}");
            *checked += 1;
        }
        command
            .get_subcommands()
            .filter(|under| under.get_name() != "help")
            .for_each(|under| check(under, checked));
    }

    #[test]
    fn every_command_has_examples_that_can_be_typed() {
        let mut program = Cli::command();
        program.build();
        let mut checked = 0;
        check(&program, &mut checked);
        assert!(checked > 40, "{checked}");
    }

    #[test]
    fn every_word_that_is_completed_is_one() {
        let shown = super::completed();
        for (command, flag) in
            [("report", "format"), ("report", "edition"), ("sql", "dialect"), ("validate", "layout")]
        {
            let arg = shown
                .find_subcommand(command)
                .and_then(|command| command.get_arguments().find(|arg| arg.get_long() == Some(flag)));
            assert!(arg.is_some_and(|arg| arg.get_possible_values().len() > 3), "{command} --{flag}");
        }
    }

    #[test]
    fn a_line_of_an_example_stays_a_line_of_the_manual() {
        let page = as_it_stands("Examples:\n  mucalc x \\\n    -y\n\nA note.");
        assert_eq!(
            page,
            ".SH \"EXAMPLES\"\n.nf\n\\&  mucalc x \\e\n\\&    \\-y\n.fi\n.SH \"NOTES\"\n.nf\n\\&A note.\n.fi\n"
        );
    }
}
