//! `mucalc demo`: writes the sample practices into a folder.

use std::path::Path;

use crate::error::Exit;
use crate::run::output::{to_folder, to_stdout};
use mucalc_core::domain::text::printable;

/// Embeds fixtures of the repository, each with its name.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_bytes!(concat!("../../fixtures/", $name)).as_slice())),+]
    };
}

/// Writes the sample practices into a folder, and prints commands to try.
///
/// # Errors
/// If the folder is not empty, or it or standard output cannot be written.
pub fn demo(folder: &Path) -> anyhow::Result<Exit> {
    let files = files![
        "practice/mucalc.toml",
        "practice/encounters.csv",
        "practice/messages.csv",
        "practice/roster.csv",
        "practice/accesses.csv",
        "practice/adjudications.csv",
        "practice/counties.csv",
        "mid-quarter/mucalc.toml",
        "mid-quarter/encounters.csv",
        "mid-quarter/messages.csv",
        "mid-quarter/roster.csv",
        "ehr-reports/visits.csv",
        "ehr-reports/messages.csv",
    ];
    let files: Vec<(String, Vec<u8>)> =
        files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
    to_folder(folder, &files)?;
    let name = quoted(&printable(&folder.join("practice").to_string_lossy()));
    to_stdout(
        format!(
            "Three small practices are written; nobody in them is real. Try:\n\n  \
             cd {name}\n  \
             mucalc report                                     # who meets the measure, and what is unclear\n  \
             mucalc explain --patient P104                     # why a patient does not count\n  \
             mucalc report --adjudications adjudications.csv   # what decisions of people change\n  \
             mucalc what-if                                    # which choices would change a verdict\n  \
             mucalc sweep --period 2014                        # every 90 days of the year\n  \
             mucalc report --format html -o report.html        # a page to look at\n\n  \
             cd ../mid-quarter\n  \
             mucalc progress                                   # where are we, and will we make it\n  \
             mucalc outreach                                   # whom to ask first\n\n  \
             cd ../ehr-reports                                 # reports with other columns\n  \
             mucalc inspect *.csv                              # what is in them\n  \
             mucalc init --period 2014Q3 *.csv                 # a configuration for them, and the report\n"
        )
        .as_bytes(),
    )?;
    Ok(Exit::Success)
}

/// Quotes a word for the shell if needed.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
