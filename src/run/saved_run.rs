//! Loads saved runs for `mucalc diff`: a JSON report with its ledger, a folder with both, or an evidence pack.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{self, ErrorCode};
use crate::run::bounded_read;
use crate::run::pack::{LEDGER, MANIFEST, PackReader, REPORT, SUMS, rerun, sha256sums_line};
use mucalc_core::domain::manifest::PackManifest;
use mucalc_core::domain::report::SCHEMA_VERSION;
use mucalc_core::domain::saved_run::{PastReport, PastRow, PastUnusable, SavedRun};
use mucalc_core::domain::text::{escape_control, hex};
use mucalc_report::safe;

/// Loads a saved run. `ledger` is the path of its ledger, if that is not next to the report. `edition` selects a rule set of the run.
///
/// # Errors
/// If the report or ledger cannot be read, the pack was changed, or the report does not have the rule set. Also if the ledger is from
/// another run.
pub fn load_run(name: &str, ledger: Option<&str>, edition: Option<&str>) -> anyhow::Result<SavedRun> {
    let path = Path::new(name);
    let fail = |error: &std::io::Error| unusable(name, bounded_read::trouble(error));
    let mut key_check = None;
    let (report, rows) = if path.is_dir() {
        let rows = ledger.map(Path::new).map_or_else(|| beside(path), |path| Some(path.to_owned()));
        if let Ok(bytes) = bounded_read::bytes(path.join(MANIFEST), bounded_read::TEXT) {
            // A folder with a manifest is an extracted pack.
            let sums = bounded_read::bytes(path.join(SUMS), bounded_read::TEXT).map_err(|_| {
                unusable(name, format!("has a {MANIFEST}, but no {SUMS}: extract the pack again"))
            })?;
            check_digests(name, &sums, |part| {
                Ok(bounded_read::bytes(path.join(part), bounded_read::REPORT).ok())
            })?;
            key_check =
                serde_json::from_slice::<PackManifest>(&bytes).ok().and_then(|manifest| manifest.key_check);
        }
        let no_report = || unusable(name, format!("has no {REPORT} in it"));
        (
            bounded_read::bytes(path.join(REPORT), bounded_read::REPORT).map_err(|_| no_report())?,
            rows.map(|path| opened(&path)).transpose()?,
        )
    } else if PackReader::is_pack(path).map_err(|error| fail(&error))? {
        let mut pack = PackReader::open(name)?;
        let sums = pack.part(SUMS)?;
        check_digests(name, &sums, |part| pack.read_file_if_present(part))?;
        key_check = rerun::manifest(&mut pack)?.key_check;
        let rows = match ledger {
            Some(path) => Some(opened(Path::new(path))?),
            None => pack
                .read_file_if_present(LEDGER)?
                .map(|bytes| Box::new(std::io::Cursor::new(bytes)) as Box<dyn Read>),
        };
        (pack.part(REPORT)?, rows)
    } else {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let rows = ledger.map(Path::new).map_or_else(|| beside(folder), |path| Some(path.to_owned()));
        (
            bounded_read::bytes(path, bounded_read::REPORT).map_err(|error| fail(&error))?,
            rows.map(|path| opened(&path)).transpose()?,
        )
    };
    from_documents(name, &report, rows, edition, key_check)
}

/// Checks that the report, ledger, and manifest of a pack match the checksums in the pack. `part` returns the bytes of a part, if there is one.
///
/// # Errors
/// If a checksum differs.
fn check_digests(
    name: &str,
    sums: &[u8],
    mut part: impl FnMut(&'static str) -> anyhow::Result<Option<Vec<u8>>>,
) -> anyhow::Result<()> {
    let sums = String::from_utf8_lossy(sums);
    for file in [REPORT, LEDGER, MANIFEST] {
        let Some(bytes) = part(file)? else { continue };
        let line = sha256sums_line(&hex(&Sha256::digest(&bytes)), file);
        if !sums.lines().any(|known| known == line.trim_end()) {
            let why = format!(
                "is damaged or was changed: its part {file} has another digest; `mucalc verify` says more"
            );
            return Err(unusable(name, why));
        }
    }
    Ok(())
}

/// Builds a saved run from the bytes of its report and ledger. `name` is the run as the user named it.
///
/// # Errors
/// If the report or ledger is not valid, the report has no rule set `edition`, or the two are from different runs.
pub fn from_documents(
    name: &str,
    report: &[u8],
    rows: Option<Box<dyn Read>>,
    edition: Option<&str>,
    key_check: Option<String>,
) -> anyhow::Result<SavedRun> {
    let mut report = past_report(name, report)?;
    if let Some(edition) = edition {
        let none = || unusable(name, format!("has no edition `{}`", escape_control(edition)));
        report = report.under(edition).ok_or_else(none)?;
    }
    let rows = rows.map(|bytes| past_rows(name, bytes, &report)).transpose()?;
    Ok(SavedRun { name: escape_control(name), report, ledger: rows, key_check })
}

/// Returns the files of a saved run, which an output must not overwrite.
pub fn files(path: &Path) -> Vec<PathBuf> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    vec![path.to_owned(), folder.join(REPORT), folder.join(LEDGER)]
}

/// Returns the path of the ledger in a folder. `None` if the folder has no ledger.
fn beside(folder: &Path) -> Option<PathBuf> {
    Some(folder.join(LEDGER)).filter(|path| path.is_file())
}

fn opened(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    let file =
        File::open(path).map_err(|error| unusable(&path.to_string_lossy(), bounded_read::trouble(&error)))?;
    Ok(Box::new(BufReader::new(file)))
}

fn past_report(name: &str, bytes: &[u8]) -> anyhow::Result<PastReport> {
    let report: PastReport = serde_json::from_slice(bytes).map_err(|error| {
        // The parser's message can contain a value of the report, such as an id, so only the position is shown.
        let (line, column) = (error.line(), error.column());
        let message =
            format!("not a report of `mucalc report --format json` (unexpected content in line {line}, column {column})");
        unusable(name, message)
    })?;
    if report.schema_version != SCHEMA_VERSION {
        let message = format!(
            "is a report of shape {}, and this program knows shape {SCHEMA_VERSION}",
            escape_control(&report.schema_version)
        );
        return Err(unusable(name, message));
    }
    if let Some(error) = &report.error {
        return Err(unusable(
            name,
            format!("is the report of a run that came to no result: {}", escape_control(&error.message)),
        ));
    }
    Ok(report)
}

/// Returns the ledger rows of the report's first rule set, sorted by provider and patient.
///
/// # Errors
/// If a row is not valid, or the ledger does not match the report.
fn past_rows(name: &str, bytes: Box<dyn Read>, report: &PastReport) -> anyhow::Result<Vec<PastRow>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let mut rows: Vec<PastRow> = Vec::new();
    for row in reader.deserialize() {
        let row: PastRow = row.map_err(|error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            unusable(
                name,
                format!("has a ledger whose line {line} is none of a ledger of `mucalc report --ledger`"),
            )
        })?;
        if row.edition.as_deref().is_none_or(|edition| edition == report.edition.id) {
            rows.push(row);
        }
    }
    check(name, &rows, report)?;
    // Ids in the ledger are escaped for spreadsheets. The original ids are compared.
    for row in &mut rows {
        for id in [&mut row.provider_id, &mut row.patient_id] {
            *id = safe::without_apostrophe(id).into();
        }
    }
    rows.sort_by(|one, other| {
        (&one.provider_id, &one.patient_id).cmp(&(&other.provider_id, &other.patient_id))
    });
    Ok(rows)
}

/// Checks that a ledger has the counts of its report for every provider. Unusable rows widen the ranges of the report, but not the ledger.
///
/// # Errors
/// If a value is not valid in a ledger, or a count differs.
fn check(name: &str, rows: &[PastRow], report: &PastReport) -> anyhow::Result<()> {
    let mut figures: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    for row in rows {
        let known = ["certain", "possible"].contains(&&*row.denominator)
            && ["certain", "possible", "none"].contains(&&*row.numerator);
        if !known {
            return Err(unusable(name, "has a ledger with words that are none of a ledger".to_owned()));
        }
        let (is_seen, counts) = (&*row.denominator == "certain", &*row.numerator == "certain");
        let [least, most, counted, may_count] = figures.entry(&row.provider_id).or_default();
        *least += u64::from(is_seen);
        *most += 1;
        *counted += u64::from(is_seen && counts);
        *may_count += u64::from(&*row.numerator != "none");
    }
    let message = "has a ledger that is not of this report: the figures of a provider are others; name the right \
                   one with --ledger-a or --ledger-b";
    let known: BTreeSet<Cow<'_, str>> =
        report.providers.iter().map(|provider| safe::cell(&provider.provider_id)).collect();
    if figures.keys().any(|provider| !known.contains(*provider)) {
        return Err(unusable(name, message.to_owned()));
    }
    let is_widened = report
        .providers
        .iter()
        .any(|provider| provider.unusable.unwrap_or_default() != PastUnusable::default());
    for provider in &report.providers {
        let ends = |bounds: Option<mucalc_core::domain::saved_run::PastBounds>| {
            Some([bounds?.least?, bounds?.most?])
        };
        let Some(([least, most], [counted, may_count])) =
            ends(provider.denominator).zip(ends(provider.numerator))
        else {
            continue;
        };
        let written = safe::cell(&provider.provider_id);
        let of_ledger = figures.get(&*written).copied().unwrap_or_default();
        let is_its_own = match is_widened {
            false => of_ledger == [least, most, counted, may_count],
            true => {
                let encounters = provider.unusable.unwrap_or_default().encounters;
                of_ledger[0] == least
                    && of_ledger[1] + encounters == most
                    && of_ledger[2] >= counted
                    && of_ledger[3] <= may_count
            }
        };
        if !is_its_own {
            return Err(unusable(name, message.to_owned()));
        }
    }
    Ok(())
}

fn unusable(name: &str, message: String) -> anyhow::Error {
    error::file(ErrorCode::PastRun, message, name)
}
