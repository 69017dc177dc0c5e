//! What the terminal is like, and saying things on standard error.

use std::io::{IsTerminal, Write};

use crate::options::ColorChoice;
use mucalc_core::domain::text::printable;
use mucalc_report::TerminalStyle;

/// Returns what an output on standard output (or, if `to_file`, in a file) may use.
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

/// Says something on standard error. A standard error that is closed changes nothing.
pub fn say(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "mucalc: {}", printable(&text.to_string()));
}
