//! Detects what the terminal supports, and prints messages to standard error.

use std::io::{IsTerminal, Write};

use mucalc_core::domain::text::escape_control;
use mucalc_options::ColorChoice;
use mucalc_report::TerminalStyle;

/// Returns the style of an output to standard output or, if `to_file`, to a file.
pub fn style(colors: ColorChoice, to_file: bool) -> TerminalStyle {
    let terminal = !to_file && std::io::stdout().is_terminal();
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is = |name, word: &str| std::env::var_os(name).is_some_and(|value| value == word);
    let color = match colors {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if set("NO_COLOR") => false,
        ColorChoice::Auto if is("TERM", "dumb") || is("CLICOLOR", "0") => false,
        ColorChoice::Auto => terminal && shows_colors() || (!to_file && set("CLICOLOR_FORCE")),
    };
    let width = terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0);
    TerminalStyle {
        color,
        width,
        ascii: terminal && !is_utf8(),
        links: terminal && color,
        ..TerminalStyle::default()
    }
}

/// Returns whether the console shows colors. On Windows, this also turns them on.
#[cfg(windows)]
fn shows_colors() -> bool {
    anstyle_query::windows::enable_ansi_colors() == Some(true)
}

#[cfg(not(windows))]
fn shows_colors() -> bool {
    true
}

/// Returns whether the terminal shows characters other than ASCII, by its locale. A terminal without a locale is assumed to.
fn is_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os);
    let locale =
        locale.map(|locale| locale.to_string_lossy().to_lowercase()).find(|locale| !locale.is_empty());
    locale.is_none_or(|locale| locale.contains("utf-8") || locale.contains("utf8"))
}

/// Prints a message to standard error. A closed standard error is ignored.
pub fn print_note(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "mucalc: {}", escape_control(&text.to_string()));
}
