//! `mucalc diff`: what changed from one run to another, and why.

use std::path::{Path, PathBuf};

use crate::error::{self, ErrorCode, Exit};
use crate::run::causes::{self, RerunnableRun};
use crate::run::head::tool;
use crate::run::output::{OutputFile, to_stdout};
use crate::run::past;
use crate::run::terminal::{ColorChoice, say};
use crate::run::words::{meaning_of, unknown_word};
use mucalc_analysis::diff;
use mucalc_core::domain::diff::Diff;
use mucalc_core::domain::text::counted;
use mucalc_report::{TextFormat, diff as lists};

/// What `mucalc diff` is asked for.
#[derive(Clone, Debug, Default)]
pub struct DiffRequest {
    /// The first run: a report, a folder or a pack.
    pub a: String,
    /// The second run.
    pub b: String,
    /// The ledger of the first run, where it does not lie beside the report.
    pub ledger_a: Option<String>,
    /// The ledger of the second run.
    pub ledger_b: Option<String>,
    /// The folder of the inputs of the first run, which is a pack then.
    pub inputs_a: Option<String>,
    /// The folder of the inputs of the second run.
    pub inputs_b: Option<String>,
    /// The edition to compare, where the runs have several; the first one of each without it.
    pub edition: Option<String>,
    /// The format.
    pub format: Option<String>,
    /// Where it goes; none is standard output.
    pub output: Option<String>,
    /// What makes it fail.
    pub fail_on: Vec<String>,
    /// When colours are used.
    pub color: Option<String>,
}

/// The words of `--fail-on`.
pub const GATES: [&str; 4] = ["verdicts", "figures", "patients", "settings"];

/// Tells what changed from one run to another.
///
/// # Errors
/// When a word is none of ours, or a run or the output cannot be used.
pub fn diff(asked: &DiffRequest) -> anyhow::Result<Exit> {
    let format = asked.format.as_deref().unwrap_or("table");
    let format = meaning_of("a format of diff", format, &TextFormat::WORDS, TextFormat::parse)?;
    let colour = asked.color.as_deref().unwrap_or("auto");
    let colour = meaning_of("a word of color", colour, &ColorChoice::WORDS, ColorChoice::parse)?;
    for gate in &asked.fail_on {
        if !GATES.contains(&gate.as_str()) {
            return Err(unknown_word("a word of fail-on", gate, &GATES));
        }
    }
    let named = [Some(&asked.a), Some(&asked.b), asked.ledger_a.as_ref(), asked.ledger_b.as_ref()];
    let inputs: Vec<PathBuf> =
        named.into_iter().flatten().flat_map(|name| past::files(Path::new(name))).collect();
    let inputs = inputs.iter().map(PathBuf::as_path);
    let output = asked.output.as_deref().filter(|path| *path != "-");
    // Patient ids are in it.
    let output = output.map(|name| OutputFile::check(name, true, inputs)).transpose()?;
    let a = past::load(&asked.a, asked.ledger_a.as_deref(), asked.edition.as_deref())?;
    let b = past::load(&asked.b, asked.ledger_b.as_deref(), asked.edition.as_deref())?;
    if a.key_check != b.key_check {
        let why = "one of the runs has pseudonyms, or both have them under different keys, so nobody can be compared";
        return Err(error::usage(ErrorCode::PastRun, why));
    }
    let unseen: Vec<&str> = a.report.others().chain(b.report.others()).collect();
    if !unseen.is_empty() && asked.edition.is_none() {
        say(format!(
            "note: only the first edition of each run is compared; --edition names another: {}",
            unseen.join(", ")
        ));
    }
    let mut diff = diff::diff(&a, &b, tool());
    if let (Some(inputs_a), Some(inputs_b)) = (&asked.inputs_a, &asked.inputs_b) {
        let a = RerunnableRun { pack: &asked.a, inputs: inputs_a };
        causes::find(&mut diff, [a, RerunnableRun { pack: &asked.b, inputs: inputs_b }])?;
    }
    let bytes = lists::render(&diff, format, colour.screen(output.is_some()))
        .map_err(|error| error::internal(error.to_string()))?;
    match output {
        Some(output) => output.write(&bytes)?.commit()?,
        None => to_stdout(&bytes)?,
    }
    let failing: Vec<String> = asked.fail_on.iter().filter_map(|gate| fails(gate, &diff)).collect();
    failing.iter().for_each(|why| say(format!("failed on {why}")));
    Ok(if failing.is_empty() { Exit::Success } else { Exit::Gate })
}

/// Why a gate fails; none where it passes.
fn fails(gate: &str, diff: &Diff) -> Option<String> {
    let verdicts = diff.providers.iter().filter(|change| change.verdict_changed).count();
    let (count, one, many) = match gate {
        "verdicts" => (verdicts, "provider", "providers"),
        "figures" => (diff.providers.len(), "provider", "providers"),
        "settings" => (diff.settings.len(), "setting", "settings"),
        _ if !diff.patients_compared => {
            return Some("patients: they cannot be compared without both ledgers".to_owned());
        }
        _ => (diff.patients.len(), "pair of provider and patient", "pairs of provider and patient"),
    };
    (count > 0).then(|| format!("{gate}: {}", counted(count as u64, one, many)))
}
