//! Runs that were written out, read back: a JSON report with its ledger, a folder with both, or a pack.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{self, ErrorCode};
use crate::run::pack::{LEDGER, MANIFEST, PackReader, REPORT, SUMS, again, sum};
use crate::run::small;
use mucalc_core::domain::manifest::PackManifest;
use mucalc_core::domain::past::{PastReport, PastRow, PastUnusable, SavedRun};
use mucalc_core::domain::report::SCHEMA_VERSION;
use mucalc_core::domain::text::{hex, printable};
use mucalc_report::safe;

/// Reads a run back. `ledger` names its ledger where that does not lie beside the report.
///
/// # Errors
/// When there is none, or it cannot be read, or the ledger is that of another run.
pub fn load(name: &str, ledger: Option<&str>, edition: Option<&str>) -> anyhow::Result<SavedRun> {
    let path = Path::new(name);
    let fail = |error: &std::io::Error| unusable(name, format!("cannot be read: {}", error.kind()));
    let mut key_check = None;
    let (report, rows) = if path.is_dir() {
        let rows = ledger.map(Path::new).map_or_else(|| beside(path), |path| Some(path.to_owned()));
        if let Ok(bytes) = small::bytes(path.join(MANIFEST), small::TEXT) {
            // A pack that was unpacked.
            key_check =
                serde_json::from_slice::<PackManifest>(&bytes).ok().and_then(|manifest| manifest.key_check);
        }
        let no_report = || unusable(name, format!("has no {REPORT} in it"));
        (
            small::bytes(path.join(REPORT), small::REPORT).map_err(|_| no_report())?,
            rows.map(|path| opened(&path)).transpose()?,
        )
    } else if PackReader::is_pack(path).map_err(|error| fail(&error))? {
        let mut pack = PackReader::open(name)?;
        check_digests(&mut pack)?;
        key_check = again::manifest(&mut pack)?.key_check;
        let rows = match ledger {
            Some(path) => Some(opened(Path::new(path))?),
            None => pack
                .part_if_there(LEDGER)?
                .map(|bytes| Box::new(std::io::Cursor::new(bytes)) as Box<dyn Read>),
        };
        (pack.part(REPORT)?, rows)
    } else {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let rows = ledger.map(Path::new).map_or_else(|| beside(folder), |path| Some(path.to_owned()));
        (
            small::bytes(path, small::REPORT).map_err(|error| fail(&error))?,
            rows.map(|path| opened(&path)).transpose()?,
        )
    };
    from_documents(name, &report, rows, edition, key_check)
}

/// Checks that the parts of a pack that are compared are those that were packed.
fn check_digests(pack: &mut PackReader) -> anyhow::Result<()> {
    let sums = pack.part(SUMS)?;
    let sums = String::from_utf8_lossy(&sums).into_owned();
    for part in [REPORT, LEDGER, MANIFEST] {
        let Some(bytes) = pack.part_if_there(part)? else { continue };
        let line = sum(&hex(&Sha256::digest(&bytes)), part);
        if !sums.lines().any(|known| known == line.trim_end()) {
            let why = format!(
                "is damaged or was changed: its part {part} has another digest; `mucalc verify` says more"
            );
            return Err(unusable(pack.name(), why));
        }
    }
    Ok(())
}

/// A run, given its report and its ledger.
///
/// # Errors
/// When they are none, or not of the same run.
pub fn from_documents(
    name: &str,
    report: &[u8],
    rows: Option<Box<dyn Read>>,
    edition: Option<&str>,
    key_check: Option<String>,
) -> anyhow::Result<SavedRun> {
    let mut report = past_report(name, report)?;
    if let Some(edition) = edition {
        let none = || unusable(name, format!("has no edition `{}`", printable(edition)));
        report = report.under(edition).ok_or_else(none)?;
    }
    let rows = rows.map(|bytes| past_rows(name, bytes, &report)).transpose()?;
    Ok(SavedRun { name: printable(name), report, ledger: rows, key_check })
}

/// The files of a run, over which nothing is written.
pub fn files(path: &Path) -> Vec<PathBuf> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    vec![path.to_owned(), folder.join(REPORT), folder.join(LEDGER)]
}

/// The ledger that lies in a folder, if one does.
fn beside(folder: &Path) -> Option<PathBuf> {
    Some(folder.join(LEDGER)).filter(|path| path.is_file())
}

fn opened(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    let file = File::open(path)
        .map_err(|error| unusable(&path.to_string_lossy(), format!("cannot be read: {}", error.kind())))?;
    Ok(Box::new(BufReader::new(file)))
}

fn past_report(name: &str, bytes: &[u8]) -> anyhow::Result<PastReport> {
    let report: PastReport = serde_json::from_slice(bytes).map_err(|error| {
        // The parser's own message could hold a value.
        let (line, column) = (error.line(), error.column());
        let message =
            format!("is no report of `mucalc report --format json` (line {line}, column {column} is not what a report has there)");
        unusable(name, message)
    })?;
    if report.schema_version != SCHEMA_VERSION {
        let message = format!(
            "is a report of shape {}, and this program knows shape {SCHEMA_VERSION}",
            printable(&report.schema_version)
        );
        return Err(unusable(name, message));
    }
    if let Some(error) = &report.error {
        return Err(unusable(
            name,
            format!("is the report of a run that came to no result: {}", printable(&error.message)),
        ));
    }
    Ok(report)
}

/// The rows of the ledger that belong to the report's own edition, sorted.
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
    rows.sort_by(|one, other| {
        (&one.provider_id, &one.patient_id).cmp(&(&other.provider_id, &other.patient_id))
    });
    check(name, &rows, report)?;
    // An id as it is, and not as it is written for spreadsheets.
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

/// Whether a ledger is that of a report: it gives the figures of every provider, but for what unusable rows add to their range.
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
    let is_widened = report
        .providers
        .iter()
        .any(|provider| provider.unusable.unwrap_or_default() != PastUnusable::default());
    for provider in &report.providers {
        let ends =
            |bounds: Option<mucalc_core::domain::past::PastBounds>| Some([bounds?.least?, bounds?.most?]);
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
            let message = "has a ledger that is not of this report: the figures of a provider are others; name the right \
                           one with --ledger-a or --ledger-b";
            return Err(unusable(name, message.to_owned()));
        }
    }
    Ok(())
}

fn unusable(name: &str, message: String) -> anyhow::Error {
    error::file(ErrorCode::PastRun, message, name)
}
