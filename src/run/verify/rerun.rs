//! Recomputes a pack from its inputs, and checks that the result is identical.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;

use anyhow::Context as _;

use crate::error::{self, ErrorCode, While};
use crate::run::compute::run_measures;
use crate::run::head::tool;
use crate::run::pack::{
    self, CONFIG, HashedWriter, LEDGER, PackContents, PackReader, REPORT, Redaction, SUMS,
};
use crate::run::saved_run;
use crate::run::settings::RunConfig;
use crate::run::verify::parts::digests;
use crate::run::verify::{VerifyArgs, cannot_tell, right, wrong};
use mucalc_analysis::diff;
use mucalc_core::domain::input::InputSummary;
use mucalc_core::domain::manifest::{ManifestInput, PackManifest};
use mucalc_core::domain::text::{escape_control, pluralize};
use mucalc_core::domain::verification::{VerificationCheck, VerificationReport};
use mucalc_engine::{CollectWants, InputSet};

/// Recomputes a pack from the inputs in a folder, and adds the checks to the report.
pub fn again(
    asked: &VerifyArgs,
    folder: &str,
    unpacked: &mut PackReader,
    manifest: &PackManifest,
    settings: &RunConfig,
    of: &mut VerificationReport,
) -> anyhow::Result<()> {
    if !Path::new(folder).is_dir() {
        return Err(error::file(
            ErrorCode::NotFound,
            "is no folder; name the one in which the inputs lie",
            folder,
        ));
    }
    let mut sources = match pack::rerun::sources(Path::new(folder), &manifest.inputs) {
        Ok(sources) => sources,
        Err(why) => {
            of.checks.push(wrong("inputs", why));
            return Ok(());
        }
    };
    settings.named.describe(&mut sources);
    let redaction = match (manifest.redacted, &asked.key) {
        (false, _) => None,
        (true, Some(key)) => {
            let redaction = Redaction::from_key_file(key, manifest.withheld)?;
            if manifest.key_check.as_ref() != Some(&redaction.key_check()) {
                let why = "is another key than that of the pack's pseudonyms";
                return Err(error::file(ErrorCode::Key, why, key));
            }
            Some(redaction)
        }
        (true, None) => {
            let why = "the pack is redacted; name the key of its pseudonyms with --key to check it against the inputs";
            return Err(error::usage(ErrorCode::Key, why));
        }
    };
    let outcome = run_measures(settings, &sources, CollectWants::LEDGER)
        .context(While("recomputing the pack from the inputs"))?;
    let digest = |digest: &str| match &redaction {
        None => digest.to_owned(),
        Some(redaction) => redaction.pseudonym("input", digest),
    };
    let unread = unread(Path::new(folder), &sources, &asked.pack);
    of.checks.push(inputs(&outcome.report.inputs, &manifest.inputs, digest, &unread));
    let contents = PackContents {
        settings,
        sources: &sources,
        outcome: &outcome,
        redaction: redaction.as_ref(),
        decisions: pack::decisions(&sources, &outcome.report)?,
        signed: manifest.signed,
    };
    let mut digested = HashedWriter { wanted: vec![REPORT, LEDGER, CONFIG], ..HashedWriter::default() };
    contents.write(&contents.parts()?, &mut digested).map_err(|error| error::internal(error.to_string()))?;
    let sums = String::from_utf8_lossy(&unpacked.part(SUMS)?).into_owned();
    // An earlier check has shown that these are the checksums of the files.
    let packed = digests(&sums).unwrap_or_default();
    let again: BTreeMap<&str, &str> =
        digested.digests.0.iter().map(|(name, digest)| (name.as_str(), digest.as_str())).collect();
    let names = packed.keys().chain(again.keys());
    let mut differing: Vec<&str> =
        names.copied().filter(|name| packed.get(name) != again.get(name)).collect();
    differing.sort_unstable();
    differing.dedup();
    let config = digested.bytes.get(CONFIG).map(Vec::as_slice).unwrap_or_default();
    let is_reordered = differing.contains(&CONFIG) && same_lines(&unpacked.part(CONFIG)?, config);
    differing.retain(|name| !(is_reordered && *name == CONFIG));
    let differing: Vec<String> = differing.into_iter().map(str::to_owned).collect();
    let what = "computed again";
    if differing.is_empty() {
        let detail = match is_reordered {
            true => {
                format!("all files are identical, byte for byte; the lines of {CONFIG} are in another order")
            }
            false => "all files are identical, byte for byte".to_owned(),
        };
        of.checks.push(right(what, detail));
        return Ok(());
    }
    let mut bytes = |name: &str| digested.bytes.remove(name).unwrap_or_default();
    let report = bytes(REPORT);
    let rows = if manifest.withheld == 0 { Some(bytes(LEDGER)) } else { None };
    let rows = rows.map(|rows| Box::new(Cursor::new(rows)) as Box<dyn Read>);
    let b = saved_run::from_documents("computed again", &report, rows, None, None)?;
    let a = saved_run::load_run(&asked.pack, None, None)?;
    let difference = diff::diff(&a, &b, tool()).map_err(error::defect)?;
    let same_figures = difference.providers.is_empty() && difference.patients.is_empty();
    let is_other_version = manifest.tool.version != tool().version;
    // A difference that another version causes must not hide a manipulation.
    let same_report = same_but_for_version(&unpacked.part(REPORT)?, &report);
    let same_ledger = !differing.iter().any(|name| name == LEDGER);
    let names = differing.join(", ");
    of.checks.push(match same_figures {
        true if is_other_version && same_report && same_ledger => cannot_tell(
            what,
            format!(
                "{REPORT} and {LEDGER} come out the same; version {} wrote otherwise, and was not compared: {names}",
                escape_control(&manifest.tool.version)
            ),
        ),
        true => wrong(what, format!("the same figures and the same patients, but other bytes: {names}")),
        false => wrong(what, format!("other figures or other patients; other bytes: {names}")),
    });
    let is_empty = same_figures && difference.settings.is_empty();
    of.difference = Some(difference).filter(|_| !is_empty);
    Ok(())
}

/// Returns the names of files in the folder of the inputs that look like exports and that the pack does not read. It may leave one out.
fn unread(folder: &Path, sources: &InputSet, pack: &str) -> Vec<String> {
    let read: Vec<_> = sources.files().filter_map(|path| path.canonicalize().ok()).collect();
    let pack = Path::new(pack).canonicalize().ok();
    let is_export = |path: &Path| {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        ending.is_some_and(|ending| EXPORTS.contains(&ending.as_str()))
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path()).filter(|path| path.is_file() && is_export(path));
    let is_other = |path: &std::path::PathBuf| {
        let path = path.canonicalize().ok();
        path.as_ref().is_some_and(|path| !read.contains(path)) && path != pack
    };
    let names = paths
        .filter(is_other)
        .filter_map(|path| path.file_name().map(|name| escape_control(&name.to_string_lossy())));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Extensions of files that may be exports.
const EXPORTS: [&str; 19] = [
    "csv", "tsv", "txt", "psv", "rpt", "lst", "prn", "xml", "json", "ndjson", "jsonl", "xlsx", "xlsb", "xls",
    "ods", "parquet", "gz", "zst", "zip",
];

/// Checks that the inputs are those of the pack.
fn inputs(
    read: &[InputSummary],
    packed: &[ManifestInput],
    digest: impl Fn(&str) -> String,
    unread: &[String],
) -> VerificationCheck {
    let what = "inputs";
    let changed = packed.iter().find(|packed| {
        let same = |input: &&InputSummary| input.role.word() == packed.role && input.path == packed.path;
        let read = read.iter().find(same).and_then(|input| input.sha256.as_deref());
        read.map(&digest).as_ref() != Some(&packed.sha256)
    });
    match changed {
        Some(input) => wrong(what, format!("{} is not the file that was read", input.path)),
        None => {
            let others = match unread {
                [] => String::new(),
                names => format!("; the pack reads nothing of {}", names.join(", ")),
            };
            let files = pluralize(packed.len() as u64, "file", "files");
            right(what, format!("{files}, the very same bytes{others}"))
        }
    }
}

/// Returns whether two configurations have the same lines and the same meaning. Other builds of a version write keys in another order.
fn same_lines(a: &[u8], b: &[u8]) -> bool {
    let lines = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let (Ok(a), Ok(b)) = (std::str::from_utf8(a), std::str::from_utf8(b)) else { return false };
    let same_meaning = || {
        toml::from_str::<toml::Table>(a)
            .ok()
            .is_some_and(|a| toml::from_str(b).is_ok_and(|b: toml::Table| a == b))
    };
    lines(a) == lines(b) && same_meaning()
}

/// Returns whether two reports are identical except for the version of the program that wrote them.
fn same_but_for_version(a: &[u8], b: &[u8]) -> bool {
    let parsed = |bytes: &[u8]| {
        let mut value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
        value["tool"]["version"] = serde_json::Value::Null;
        Some(value)
    };
    parsed(a).is_some_and(|a| Some(a) == parsed(b))
}
