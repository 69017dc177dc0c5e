//! Reference pages that are generated from the definition of the command line: `docs/commands.md` and `docs/configuration.md`.

mod commands;
mod configuration;

pub use commands::commands;
pub use configuration::configuration;

/// Formats a text as one table cell: joins its lines and escapes `|`.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
