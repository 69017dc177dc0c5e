//! Development tasks for `mucalc`.

mod exports;
mod frozen;
mod runs;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

const USAGE: &str = "Usage:
  cargo xtask frozen save FILE [PROGRAM]      Write the SHA-256 of every output of the program to a file
  cargo xtask frozen compare FILE [PROGRAM]   List the outputs whose SHA-256 is another one than in the file
  cargo xtask exports FOLDER COUNT            Write random exports, each into a folder of its own
  cargo xtask mutants FOLDER [WORDS]          Build every mutant into one program, and see which tests notice it
  cargo xtask coverage [WORDS]                Show how many lines the tests reach, package by package
  cargo xtask pages                           Look at the pages in headless Chromium
  cargo xtask package [WORDS]                 Make the packages, with manual, completions and checksums

PROGRAM is target/release/mucalc unless named. The outputs are those of every command and format over all
fixtures, and of some commands over a hundred random exports.";

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["frozen", "save", file, ref program @ ..] => frozen::save(Path::new(file), path_of(program)),
        ["frozen", "compare", file, ref program @ ..] => frozen::compare(Path::new(file), path_of(program)),
        ["exports", folder, count] => {
            write_exports(Path::new(folder), count.parse().context("COUNT is a number")?)
        }
        ["mutants", ref words @ ..] => script("xtask/mutants.py", words),
        ["coverage", ref words @ ..] => script("xtask/coverage", words),
        ["pages", ref words @ ..] => script(".ci/pages", words),
        ["package", ref words @ ..] => script("packaging/build", words),
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}

/// Writes the random exports of the seeds below `count`.
fn write_exports(folder: &Path, count: u64) -> Result<ExitCode> {
    for seed in 0..count {
        let practice = folder.join(format!("{seed:05}"));
        std::fs::create_dir_all(&practice).with_context(|| format!("making {}", practice.display()))?;
        for (name, bytes) in exports::practice(seed) {
            std::fs::write(practice.join(&name), bytes).with_context(|| format!("writing {name}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a script of the repository, and returns its exit code.
fn script(path: &str, words: &[&str]) -> Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let status =
        Command::new(root.join(path)).args(words).status().with_context(|| format!("running {path}"))?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}

fn path_of<'w>(program: &[&'w str]) -> &'w Path {
    Path::new(program.first().copied().unwrap_or("target/release/mucalc"))
}
