//! Tasks of those who work on mucalc.

mod exports;
mod frozen;
mod runs;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "Usage:
  cargo xtask frozen save FILE [PROGRAM]      Write the SHA-256 of every output of the program to a file
  cargo xtask frozen compare FILE [PROGRAM]   List the outputs whose SHA-256 is another one than in the file

PROGRAM is target/release/mucalc unless named. The outputs are those of every command and format over all
fixtures, and of some commands over a hundred random exports.";

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["frozen", "save", file, ref program @ ..] => frozen::save(Path::new(file), path_of(program)),
        ["frozen", "compare", file, ref program @ ..] => frozen::compare(Path::new(file), path_of(program)),
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}

fn path_of<'w>(program: &[&'w str]) -> &'w Path {
    Path::new(program.first().copied().unwrap_or("target/release/mucalc"))
}
