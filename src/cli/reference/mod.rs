//! The pages of reference that are made from the definition of the command line: `docs/commands.md` and
//! `docs/configuration.md`.

mod commands;
mod configuration;

pub use commands::commands;
pub use configuration::configuration;

/// A text on one line of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
