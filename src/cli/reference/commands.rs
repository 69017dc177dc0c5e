//! Reference page of all commands and their flags, generated from `--help`.

use std::fmt::Write;

use clap::{Arg, Command, CommandFactory};

use super::cell;
use crate::cli::Cli;
use crate::run::Exit;

/// Returns the reference page of the commands as Markdown.
pub fn commands() -> String {
    let mut program = Cli::command();
    program.build();
    let mut page = "# Commands\n\nAlso `mucalc COMMAND --help`, and `mucalc man`. A flag wins over its key in `mucalc.toml` \
        ([configuration.md](configuration.md)).\n\n| exit code | meaning |\n| --- | --- |\n"
        .to_owned();
    for exit in Exit::ALL {
        let _ = writeln!(page, "| {} | {} |", exit.code(), exit.meaning());
    }
    let _ = write!(page, "\n| command | what it does |\n| --- | --- |\n");
    for command in listed(&program) {
        let name = command.get_name();
        let _ = writeln!(page, "| [`{name}`](#mucalc-{name}) | {} |", about(command));
    }
    for command in listed(&program) {
        section(&mut page, command, "mucalc", 2);
    }
    page
}

/// Returns the subcommands except `help`.
fn listed(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| command.get_name() != "help")
}

fn section(page: &mut String, command: &Command, before: &str, depth: usize) {
    let name = format!("{before} {}", command.get_name());
    let _ = write!(page, "\n{} {name}\n\n{}.\n", "#".repeat(depth), about(command));
    let usage = command.clone().render_usage().to_string();
    let _ = write!(page, "\n```text\n{}\n```\n", usage.trim_start_matches("Usage: ").trim_end());
    let shown: Vec<&Arg> =
        command.get_arguments().filter(|arg| !arg.is_hide_set() && arg.get_id() != "help").collect();
    if !shown.is_empty() {
        let _ = write!(page, "\n| argument | what it says |\n| --- | --- |\n");
    }
    for arg in shown {
        let _ = writeln!(page, "| `{}` | {} |", cell(&written(arg)), cell(&help_text(arg)));
    }
    if let Some(after) = command.get_after_help() {
        let _ = write!(page, "\n```text\n{}\n```\n", after.to_string().trim_end());
    }
    for command in listed(command) {
        section(page, command, &name, depth + 1);
    }
}

fn about(command: &Command) -> String {
    command.get_about().map(|about| cell(&about.to_string())).unwrap_or_default()
}

/// Returns an argument as the user types it.
fn written(arg: &Arg) -> String {
    let names: Vec<String> =
        arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let value = if arg.get_action().takes_values() { names.join(" ") } else { String::new() };
    match (arg.get_short(), arg.get_long()) {
        (_, None) => value,
        (Some(short), Some(long)) => format!("-{short}, --{long} {value}").trim_end().to_owned(),
        (None, Some(long)) => format!("--{long} {value}").trim_end().to_owned(),
    }
}

/// Returns the help text of an argument, with its valid values and its default.
fn help_text(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let values = arg.get_possible_values();
    let values: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
    let help = match values.as_slice() {
        [] => help,
        values => format!("{help} [values: {}]", values.join(", ")),
    };
    let defaults: Vec<_> = arg.get_default_values().iter().map(|word| word.to_string_lossy()).collect();
    if defaults.is_empty() || !arg.get_action().takes_values() {
        return help;
    }
    format!("{help} [default: {}]", defaults.join(", "))
}
