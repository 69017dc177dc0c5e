//! `mucalc diff`: shows what changed between two runs, and why.

use std::path::{Path, PathBuf};

use crate::error::{self, ErrorCode, Exit};
use crate::run::causes::{self, RerunnableRun};
use crate::run::head::tool;
use crate::run::open::PageToOpen;
use crate::run::output::{OutputFile, to_stdout};
use crate::run::saved_run;
use crate::run::terminal::{print_note, style};
use mucalc_analysis::diff;
use mucalc_core::domain::diff::Diff;
use mucalc_core::domain::text::pluralize;
use mucalc_options::{ColorChoice, one_of};
use mucalc_report::{TextFormat, diff as lists};

/// The arguments of `mucalc diff`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  mucalc diff january/ february/    # folders with report.json and ledger.csv
  mucalc diff before.json after.json \\
         --ledger-a before.csv --ledger-b after.csv --format csv
  mucalc diff attested.zip today.zip --fail-on verdicts,patients
  mucalc diff attested.zip today.zip \\
         --inputs-a exports-2014/ --inputs-b exports/

Exit codes:
  0    compared; no condition of --fail-on is true
  1    a condition of --fail-on is true
  2    wrong usage
  3    a run cannot be read, or the output cannot be written")]
pub struct DiffArgs {
    /// The first run: a JSON report, a folder with report.json and ledger.csv, or a pack
    #[arg(value_name = "A")]
    a: String,
    /// The second run
    #[arg(value_name = "B")]
    b: String,
    /// The ledger of the first run [default: ledger.csv in the folder of the report]
    #[arg(long, value_name = "PATH.csv")]
    ledger_a: Option<String>,
    /// The ledger of the second run [default: ledger.csv in the folder of the report]
    #[arg(long, value_name = "PATH.csv")]
    ledger_b: Option<String>,
    /// The folder of the inputs of the first run, which must be a pack: then causes are tested on them
    #[arg(long, value_name = "DIR", requires = "inputs_b")]
    inputs_a: Option<String>,
    /// The folder of the inputs of the second run, which must be a pack
    #[arg(long, value_name = "DIR", requires = "inputs_a")]
    inputs_b: Option<String>,
    /// The rule set to compare, if the runs have several [default: the first one of each]
    #[arg(long, value_name = "ID", conflicts_with = "inputs_a")]
    edition: Option<String>,
    /// Format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<TextFormat>())]
    format: Option<TextFormat>,
    /// Write the result to this file, readable by its owner only, instead of standard output
    #[arg(short, long, value_name = "PATH")]
    output: Option<String>,
    /// Write the result as a page and open it in the browser; without --output, the page is mucalc-diff.html
    #[arg(long)]
    open: bool,
    /// End with exit code 1 if any of these differ
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = one_of::<DiffGate>())]
    fail_on: Vec<DiffGate>,
    /// When to use colors [default: auto]
    #[arg(long, value_name = "WHEN", value_parser = one_of::<ColorChoice>())]
    color: Option<ColorChoice>,
}

/// A kind of difference that fails the command: a value of `--fail-on`.
#[derive(Clone, Copy, Debug, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
enum DiffGate {
    Verdicts,
    Figures,
    Patients,
    Settings,
}

/// Shows what changed between two runs.
///
/// # Errors
/// If a run or the output cannot be used, or the patients of the runs have different pseudonyms.
pub fn diff(asked: &DiffArgs) -> anyhow::Result<Exit> {
    let (mut format, mut output) = (asked.format, asked.output.clone());
    let page = PageToOpen::prepare(asked.open, "diff", &[TextFormat::Html], &mut format, &mut output)?;
    let named = [Some(&asked.a), Some(&asked.b), asked.ledger_a.as_ref(), asked.ledger_b.as_ref()];
    let inputs: Vec<PathBuf> =
        named.into_iter().flatten().flat_map(|name| saved_run::files(Path::new(name))).collect();
    let inputs = inputs.iter().map(PathBuf::as_path);
    let output = output.as_deref().filter(|path| *path != "-");
    // The output contains patient ids, so only its owner may read it.
    let output = output.map(|name| OutputFile::check(name, true, inputs)).transpose()?;
    let a = saved_run::load_run(&asked.a, asked.ledger_a.as_deref(), asked.edition.as_deref())?;
    let b = saved_run::load_run(&asked.b, asked.ledger_b.as_deref(), asked.edition.as_deref())?;
    if a.key_check != b.key_check {
        let why = "one of the runs has pseudonyms, or both have them under different keys, so nobody can be compared";
        return Err(error::usage(ErrorCode::PastRun, why));
    }
    let unseen: Vec<&str> = a.report.other_editions().chain(b.report.other_editions()).collect();
    if !unseen.is_empty() && asked.edition.is_none() {
        print_note(format!(
            "note: only the first edition of each run is compared; --edition names another: {}",
            unseen.join(", ")
        ));
    }
    let mut diff = diff::diff(&a, &b, tool()).map_err(error::defect)?;
    if let (Some(inputs_a), Some(inputs_b)) = (&asked.inputs_a, &asked.inputs_b) {
        let a = RerunnableRun { pack: &asked.a, inputs: inputs_a };
        causes::find(&mut diff, [a, RerunnableRun { pack: &asked.b, inputs: inputs_b }])?;
    }
    let bytes = lists::render(
        &diff,
        format.unwrap_or_default(),
        style(asked.color.unwrap_or_default(), output.is_some()),
    )
    .map_err(error::from_render_error)?;
    match output {
        Some(output) => output.write(&bytes)?.commit()?,
        None => to_stdout(&bytes)?,
    }
    page.open();
    let failing: Vec<String> = asked.fail_on.iter().filter_map(|gate| fails(*gate, &diff)).collect();
    failing.iter().for_each(|why| print_note(format!("failed on {why}")));
    Ok(if failing.is_empty() { Exit::Success } else { Exit::Gate })
}

/// Returns why a gate fails. `None` if it passes.
fn fails(gate: DiffGate, diff: &Diff) -> Option<String> {
    let verdicts = diff.providers.iter().filter(|change| change.verdict_changed).count();
    let (name, count, one, many) = match gate {
        DiffGate::Verdicts => ("verdicts", verdicts, "provider", "providers"),
        DiffGate::Figures => ("figures", diff.providers.len(), "provider", "providers"),
        DiffGate::Settings => ("settings", diff.settings.len(), "setting", "settings"),
        DiffGate::Patients if !diff.patients_compared => {
            return Some("patients: they cannot be compared without both ledgers".to_owned());
        }
        DiffGate::Patients => {
            ("patients", diff.patients.len(), "pair of provider and patient", "pairs of provider and patient")
        }
    };
    (count > 0).then(|| format!("{name}: {}", pluralize(count as u64, one, many)))
}
