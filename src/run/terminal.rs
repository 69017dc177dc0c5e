//! Detects what the terminal supports, and prints messages to standard error.

use std::io::{IsTerminal, Write};

use mucalc_core::domain::text::printable;
use mucalc_options::ColorChoice;
use mucalc_report::TerminalStyle;

/// Returns the style of an output to standard output or, if `to_file`, to a file.
pub fn style(colors: ColorChoice, to_file: bool) -> TerminalStyle {
    let terminal = !to_file && std::io::stdout().is_terminal();
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is = |name, word: &str| std::env::var_os(name).is_some_and(|value| value == word);
    let colour = match colors {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if set("NO_COLOR") => false,
        ColorChoice::Auto if is("TERM", "dumb") || is("CLICOLOR", "0") => false,
        ColorChoice::Auto => terminal || (!to_file && set("CLICOLOR_FORCE")),
    };
    let width = terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0);
    TerminalStyle { colour, width, ..TerminalStyle::default() }
}

/// Prints a message to standard error. A closed standard error is ignored.
pub fn say(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "mucalc: {}", printable(&text.to_string()));
}
