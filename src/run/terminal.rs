//! What the terminal is like, and saying things on standard error.

use std::io::{IsTerminal, Write};

use mucalc_core::domain::text::printable;
use mucalc_report::TerminalStyle;

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// The words of `--color`.
    pub const WORDS: [&'static str; 3] = ["auto", "always", "never"];

    /// The choice that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        let choices = [ColorChoice::Auto, ColorChoice::Always, ColorChoice::Never];
        Self::WORDS.iter().position(|known| *known == word).map(|position| choices[position])
    }

    /// What a report on standard output (or, if `to_file`, in a file) may use.
    pub fn screen(self, to_file: bool) -> TerminalStyle {
        let terminal = !to_file && std::io::stdout().is_terminal();
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is = |name, word: &str| std::env::var_os(name).is_some_and(|value| value == word);
        let colour = match self {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if set("NO_COLOR") => false,
            ColorChoice::Auto if is("TERM", "dumb") || is("CLICOLOR", "0") => false,
            ColorChoice::Auto => terminal || (!to_file && set("CLICOLOR_FORCE")),
        };
        let width = terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0);
        TerminalStyle { colour, width, ..TerminalStyle::default() }
    }
}

/// Says something on standard error. A standard error that is closed changes nothing.
pub fn say(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "mucalc: {}", printable(&text.to_string()));
}
