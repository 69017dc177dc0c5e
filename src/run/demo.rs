//! `mucalc demo`: writes the sample practices into a folder.

use std::path::Path;

use crate::error::Exit;
use crate::run::output::{to_stdout, write_new_folder};
use mucalc_core::domain::text::escape_control;

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
    write_new_folder(folder, &files)?;
    let name = quoted(&escape_control(&folder.join("practice").to_string_lossy()));
    to_stdout(
        format!(
            "Three sample practices with invented patients were written. Try:\n\n  \
             cd {name}\n  \
             mucalc report                                     # results, and what is unresolved\n  \
             mucalc explain --patient P104                     # why a patient does not qualify\n  \
             mucalc report --adjudications adjudications.csv   # the effect of review decisions\n  \
             mucalc what-if                                    # policy settings that change a result\n  \
             mucalc sweep --period 2014                        # every 90-day period of the year\n  \
             mucalc report --format html -o report.html        # the report as a web page\n\n  \
             cd ../mid-quarter\n  \
             mucalc progress                                   # results so far, and a forecast\n  \
             mucalc outreach                                   # patients to contact first\n\n  \
             cd ../ehr-reports                                 # reports with columns of another EHR\n  \
             mucalc inspect *.csv                              # their columns and values\n  \
             mucalc init --period 2014Q3 *.csv                 # draft a configuration, then report\n"
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
