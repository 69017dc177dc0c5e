//! The runs of the program that are compared: every command and format over all fixtures, and some commands over random exports.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::exports;

/// A folder in which the program is run several times.
pub struct Folder {
    /// The name of the folder in the list of outputs.
    pub name: String,
    /// The files at the beginning of each run.
    pub files: Vec<(String, Vec<u8>)>,
    /// The runs, in order.
    pub runs: Vec<Run>,
}

/// A run of the program.
pub struct Run {
    /// The arguments.
    pub words: Vec<String>,
    /// Whether the files that the run writes remain for the following runs.
    pub keeps: bool,
}

/// The number of random exports.
const RANDOM: u64 = 100;

/// Returns all folders with their runs.
///
/// # Errors
/// If a fixture cannot be read.
pub fn folders() -> Result<Vec<Folder>> {
    let mut folders = vec![Folder { name: "no files".to_owned(), files: Vec::new(), runs: without_files() }];
    let mut paths: Vec<PathBuf> = fs::read_dir("fixtures")
        .context("reading fixtures; run this in the root of the tree")?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.sort();
    for path in paths {
        let name = name_of(&path);
        if path.is_dir() {
            let files = files_of(&path)?;
            let runs =
                if path.join("mucalc.toml").exists() { with_configuration() } else { of_vendor(&files) };
            folders.push(Folder { name, files, runs });
        } else if name.starts_with("bad-") {
            let mut files = files_of(Path::new("fixtures/practice"))?;
            files.push((name.clone(), fs::read(&path)?));
            let runs = of_bad_file(&name);
            folders.push(Folder { name, files, runs });
        }
    }
    let random = (0..RANDOM).map(|seed| Folder {
        name: format!("random {seed}"),
        files: exports::practice(seed),
        runs: of_random(seed),
    });
    folders.extend(random);
    Ok(folders)
}

/// Returns a run with these arguments, separated by spaces.
fn run(words: &str) -> Run {
    Run { words: words.split_whitespace().map(str::to_owned).collect(), keeps: false }
}

/// Returns a run whose files remain for the following runs.
fn keep(words: &str) -> Run {
    Run { keeps: true, ..run(words) }
}

/// Returns a run for each format.
fn in_formats(words: &str, formats: &[&str]) -> Vec<Run> {
    formats.iter().map(|format| run(&format!("{words} --format {format}"))).collect()
}

fn without_files() -> Vec<Run> {
    let commands = [
        "report",
        "sweep",
        "what-if",
        "explain",
        "review",
        "progress",
        "outreach",
        "diff",
        "pack",
        "verify",
        "editions",
        "validate",
        "inspect",
        "init",
        "codes",
        "sql",
        "demo",
        "completions",
        "man",
    ];
    let mut runs =
        vec![run("--help"), run("--version"), run("--version --verbose"), run("editions"), run("codes")];
    runs.extend(commands.iter().map(|command| run(&format!("{command} --help"))));
    runs.extend(commands.iter().map(|command| run(&format!("{command} --no-such-flag"))));
    runs.extend(["bash", "zsh", "fish"].map(|shell| run(&format!("completions {shell}"))));
    runs.extend(["man", "man man", "codes ragged-row", "codes met", "report --period 2014Q3"].map(run));
    runs
}

const REPORTS: [&str; 10] =
    ["table", "json", "csv", "md", "html", "handouts", "xlsx", "junit", "sarif", "github"];
const TABLES: [&str; 5] = ["table", "json", "csv", "md", "html"];
const LISTS: [&str; 6] = ["table", "json", "csv", "md", "html", "xlsx"];

fn with_configuration() -> Vec<Run> {
    let mut runs = Vec::new();
    for more in
        ["", " --ledger ledger.csv --waterfall providers --digest", " --credit group", " --unusable ignore"]
    {
        runs.extend(in_formats(&format!("report -q{more}"), &REPORTS));
    }
    runs.extend(
        ["stage2-core7m2", "modstage2-2015", "modstage2-2017", "stage3-o6m2", "mips-cctpe2"]
            .map(|edition| run(&format!("report -q --format json --any-year --edition {edition}"))),
    );
    runs.extend(in_formats("sweep -q --exported 2014", &TABLES));
    runs.extend(in_formats("sweep -q --all-windows", &TABLES));
    runs.extend(in_formats("what-if -q", &TABLES));
    runs.extend(in_formats("progress -q --as-of 2014-08-22", &LISTS));
    runs.extend(in_formats("outreach -q --as-of 2014-08-22", &LISTS));
    runs.extend(in_formats("validate -q", &["table", "json", "junit", "sarif", "github"]));
    for patient in ["P101", "P102", "P110", "40150", "40265"] {
        runs.extend(in_formats(&format!("explain -q --patient {patient}"), &["table", "json", "html"]));
    }
    for dialect in ["spark", "duckdb", "postgres", "sqlite"] {
        for result in ["summary", "ledger", "waterfall", "figures"] {
            runs.push(run(&format!("sql -q --dialect {dialect} --result {result}")));
        }
    }
    runs.push(keep("report -q --format json --ledger ledger-a.csv -o a.json"));
    runs.push(keep(
        "report -q --format json --ledger ledger-b.csv -o b.json --policy pool=count --credit group",
    ));
    runs.extend(in_formats("diff a.json b.json --ledger-a ledger-a.csv --ledger-b ledger-b.csv", &TABLES));
    runs.push(keep("pack -q -o pack.zip"));
    runs.extend(in_formats("verify -q pack.zip --inputs .", &["table", "json"]));
    runs
}

fn of_vendor(files: &[(String, Vec<u8>)]) -> Vec<Run> {
    let names: Vec<&str> =
        files.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "expected.json").collect();
    let names = names.join(" ");
    let mut runs = in_formats(&format!("inspect {names}"), &["table", "json"]);
    runs.push(keep(&format!("init -y --force --period 2014Q3 --timezone America/New_York {names}")));
    runs.extend(in_formats("report -q", &REPORTS));
    runs.extend(in_formats("validate -q", &["table", "json"]));
    runs
}

fn of_bad_file(name: &str) -> Vec<Run> {
    let role = name.split('.').nth(1).unwrap_or_default();
    let input = match role {
        "config" => {
            format!(
                "--config {name} --period 2014-07-01..2014-08-16 --encounters encounters.csv --messages messages.csv"
            )
        }
        "encounters" | "messages" | "roster" | "counties" | "adjudications" => format!("--{role} {name}"),
        _ => return Vec::new(),
    };
    let mut runs = in_formats(&format!("report -q {input}"), &["table", "json"]);
    runs.extend(in_formats(&format!("validate -q {input}"), &["table", "json", "junit", "sarif", "github"]));
    runs.push(run(&format!("inspect {name}")));
    runs
}

fn of_random(seed: u64) -> Vec<Run> {
    let roster = if seed.is_multiple_of(2) { " --roster roster.csv" } else { "" };
    let inputs = format!("--no-config --encounters encounters.csv --messages messages.csv{roster}");
    let mut runs = Vec::new();
    for more in ["", " --credit group", " --policy pool=count --versions last"] {
        runs.push(run(&format!("report {inputs} --period 2014Q3 --format json --ledger ledger.csv{more}")));
    }
    runs.push(run(&format!("report {inputs} --period 2014Q3 --threads 1")));
    runs.push(run(&format!(
        "report {inputs} --period 2014Q3 --edition modstage2-2017 --any-year --format json"
    )));
    runs.push(run(&format!("sweep {inputs} --period 2014 --format json")));
    runs.push(run(&format!("what-if {inputs} --period 2014Q3 --format json")));
    runs.push(run(&format!("progress {inputs} --period 2014Q3 --as-of 2014-09-01 --format json")));
    runs.push(run(&format!("outreach {inputs} --period 2014Q3 --as-of 2014-09-01 --format csv")));
    runs.push(run(&format!("explain {inputs} --period 2014Q3 --patient P-0001 --format json")));
    runs.push(run(&format!("validate {inputs} --period 2014Q3 --format json")));
    runs
}

fn files_of(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.push((name_of(&path), fs::read(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
