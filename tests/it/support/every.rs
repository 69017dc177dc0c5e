//! Every command that reads exports or writes output, in every format, on the inputs of a folder.

use super::program::Folder;

/// A run of the program.
pub struct Run {
    /// Its arguments.
    pub words: Vec<String>,
    /// The files that it writes.
    pub outputs: Vec<&'static str>,
    /// Whether its output contains patient ids by design.
    pub shows_patients: bool,
}

/// The inputs, in the folder of the runs. [`prepare`] adds `past-a`, `past-b`, and `pack.zip`.
pub struct Inputs<'a> {
    pub encounters: &'a str,
    pub messages: &'a str,
    pub roster: &'a str,
    pub adjudications: &'a str,
    /// Additional arguments of every run, such as those for the configuration.
    pub more: &'a [&'a str],
    /// A patient and a provider in the exports.
    pub patient: &'a str,
    pub provider: &'a str,
}

impl Inputs<'static> {
    /// Returns inputs with the usual file names, without a configuration.
    pub fn usual(patient: &'static str, provider: &'static str) -> Self {
        Self {
            encounters: "e.csv",
            messages: "m.csv",
            roster: "r.csv",
            adjudications: "a.csv",
            more: &["--no-config"],
            patient,
            provider,
        }
    }
}

impl Inputs<'_> {
    fn words(&self) -> Vec<String> {
        let files = ["--encounters", self.encounters, "--messages", self.messages, "--roster", self.roster];
        let words = files.iter().chain(self.more).chain(&["--period", "2014Q3"]);
        words.map(|word| (*word).to_owned()).collect()
    }

    fn measured(&self) -> Vec<String> {
        let decisions = ["--adjudications", self.adjudications].map(str::to_owned);
        [self.words(), decisions.into()].concat()
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Creates what some commands read: two saved runs and a pack.
pub fn prepare(folder: &Folder, inputs: &Inputs<'_>) {
    for (name, more) in [("past-a", &[][..]), ("past-b", &["--policy", "pool=count"])] {
        std::fs::create_dir_all(folder.path().join(name)).unwrap();
        let (report, ledger) = (format!("{name}/report.json"), format!("{name}/ledger.csv"));
        let outputs = ["report", "--format", "json", "-o", &report, "--ledger", &ledger];
        succeeds(folder, &[owned(&outputs), inputs.measured(), owned(more)].concat());
    }
    succeeds(folder, &[owned(&["pack", "-q", "-o", "pack.zip"]), inputs.measured()].concat());
}

fn succeeds(folder: &Folder, words: &[String]) {
    let output = folder.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Returns every run. Outputs are named `told`, with the extension that their kind requires. A run without an output file writes to
/// standard output.
pub fn runs(inputs: &Inputs<'_>) -> Vec<Run> {
    let all = ["table", "json", "csv", "md", "html", "handouts", "xlsx", "junit", "sarif", "github"];
    let commands: [(&str, &[&str], &[&str], bool); 8] = [
        ("report", &all, &["--waterfall", "providers", "--digest"], false),
        ("sweep", &["table", "json", "csv", "md", "html"], &[], false),
        ("what-if", &["table", "json", "csv", "md", "html"], &[], false),
        ("progress", &["table", "json", "csv", "md", "html", "xlsx"], &["--as-of", "2014-08-20"], false),
        ("progress", &["table"], &["--as-of", "2014-08-20", "--provider", inputs.provider], false),
        ("outreach", &["table", "json", "csv", "md", "html", "xlsx"], &["--list", "all"], true),
        ("explain", &["table", "json", "html"], &["--patient", inputs.patient], true),
        ("report", &["xlsx"], &["--patients"], true),
    ];
    let mut runs: Vec<Run> = Vec::new();
    for (command, formats, more, shows_patients) in commands {
        for format in formats {
            let words = owned(&[command, "--format", format, "-o", "told"]);
            let words = [words, inputs.measured(), owned(more)].concat();
            runs.push(Run { words, outputs: vec!["told"], shows_patients });
        }
    }
    let words = [owned(&["report", "--ledger", "told.csv"]), inputs.measured()].concat();
    runs.push(Run { words, outputs: vec!["told.csv"], shows_patients: true });
    for format in ["table", "json", "junit", "sarif", "github"] {
        let words =
            ["validate", "--format", format, "-o", "told", "--rejects", "told.csv", "--as-of", "2014-10-01"];
        let words = [owned(&words), inputs.words()].concat();
        runs.push(Run { words, outputs: vec!["told", "told.csv"], shows_patients: false });
    }
    for format in ["table", "json", "csv", "md", "html"] {
        let words = owned(&["diff", "past-a", "past-b", "--format", format, "-o", "told"]);
        runs.push(Run { words, outputs: vec!["told"], shows_patients: true });
    }
    let pack = |more: &[&str]| [owned(&["pack", "-o", "told.zip"]), inputs.measured(), owned(more)].concat();
    runs.push(Run { words: pack(&[]), outputs: vec!["told.zip"], shows_patients: true });
    runs.push(Run {
        words: pack(&["--redacted"]),
        outputs: vec!["told.zip", "told.zip.key"],
        shows_patients: false,
    });
    let again = Run {
        words: owned(&["verify", "pack.zip", "--inputs", ".", "--format", "json"]),
        outputs: vec![],
        shows_patients: false,
    };
    runs.push(again);
    for format in ["table", "json", "html"] {
        let words = owned(&["inspect", inputs.encounters, inputs.messages, "--format", format]);
        runs.push(Run { words, outputs: vec![], shows_patients: false });
    }
    let words = owned(&["init", inputs.encounters, inputs.messages, "-o", "told.toml"]);
    runs.push(Run { words, outputs: vec!["told.toml"], shows_patients: false });
    let words = ["sql", "--dialect", "duckdb", "--period", "2014Q3", "--no-config", "-o", "told"];
    runs.push(Run { words: owned(&words), outputs: vec!["told"], shows_patients: false });
    runs
}
