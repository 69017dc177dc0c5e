//! Completions and manual pages, from the definition of the command line.

use std::path::Path;

use clap::CommandFactory;

use super::Cli;
use crate::run::{self, Exit, Failed};

/// Writes the completions of a shell.
pub fn completions(shell: clap_complete::Shell) -> Result<Exit, Failed> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "mucalc", &mut script);
    run::to_stdout(&script)?;
    Ok(Exit::Success)
}

/// Writes the manual of the program or, given a folder, a page of each command there.
pub fn man(folder: Option<&Path>) -> Result<Exit, Failed> {
    let page = |command: clap::Command| {
        let mut page = Vec::new();
        let written = clap_mangen::Man::new(command).render(&mut page);
        written.map(|()| page).map_err(|error| Failed::internal(error.to_string()))
    };
    let mut program = Cli::command();
    program.build();
    let Some(folder) = folder else {
        run::to_stdout(&page(program)?)?;
        return Ok(Exit::Success);
    };
    let mut pages = vec![("mucalc.1".to_owned(), page(program.clone())?)];
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("mucalc-{}", command.get_name());
        pages.push((format!("{name}.1"), page(command.clone().name(name))?));
    }
    run::to_folder(folder, &pages)?;
    Ok(Exit::Success)
}
