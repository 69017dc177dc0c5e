//! Redaction of a pack for sharing: replaces patient ids by pseudonyms, removes days and free text, and withholds small counts if
//! requested.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::error::{self, ErrorCode};
use crate::run::output::OutputFile;
use crate::run::pack::secret;
use mucalc_core::domain::practice::Practice;
use mucalc_core::domain::record::LedgerRow;
use mucalc_core::domain::report::Report;
use mucalc_core::domain::text::hex;

/// The redaction of a pack.
#[derive(Clone)]
pub struct Redaction {
    key: [u8; KEY],
    /// Patient counts from 1 to this number are withheld. 0 keeps all counts.
    pub withheld: u64,
}

/// Length of a key in bytes.
const KEY: usize = 32;

/// Figures of a provider. `verdict` is not among them, because without the figures it reveals only itself.
const FIGURES: [&str; 7] =
    ["denominator", "numerator", "rate_percent", "rate_percent_most", "needed", "adjudicate", "points"];

/// Largest small count. Cells with fewer than eleven patients are not published.
pub const SMALL: u64 = 10;

impl Redaction {
    /// Creates a redaction with the key in a file.
    ///
    /// # Errors
    /// If the file cannot be read, is not a key of `mucalc pack`, or contains a key that can be guessed.
    pub fn from_key_file(path: &str, withheld: u64) -> anyhow::Result<Self> {
        let fail = |why: String| error::file(ErrorCode::Key, why, path);
        let text = secret::text(path)?;
        let digits = text.trim().as_bytes();
        let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
        let key = bytes.filter(|_| is_hex).and_then(|bytes| <[u8; KEY]>::try_from(bytes).ok());
        let key = key.ok_or_else(|| {
            fail(format!("is no key of `mucalc pack`: that has {} hexadecimal digits", KEY * 2))
        })?;
        if secret::is_weak(&key) {
            return Err(fail("is a key that can be guessed; let `mucalc pack` make one".to_owned()));
        }
        Ok(Self { key, withheld })
    }

    /// Creates a key, and writes it to a new file that only its owner can read.
    ///
    /// # Errors
    /// If no random numbers are available, or the file exists by now or cannot be written.
    pub fn make_key(to: &OutputFile) -> anyhow::Result<()> {
        let mut key = [0; KEY];
        getrandom::fill(&mut key).map_err(|_| {
            error::requirement_error(ErrorCode::Key, "no random numbers are to be had for a key")
        })?;
        to.write(format!("{}\n", hex(&key)).as_bytes())?.commit_if_absent()
    }

    /// Returns the pseudonym of an id of some kind. It is the same for every pack with the same key, and reveals nothing without the key.
    pub fn pseudonym(&self, kind: &str, id: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            // HMAC accepts keys of any length, so this is unreachable.
            return String::new();
        };
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(id.as_bytes());
        // 128 bits are far more than the patients of a nation need.
        hex(&mac.finalize().into_bytes()[..16])
    }

    /// Returns a value that identifies the key without revealing it.
    pub fn key_check(&self) -> String {
        self.pseudonym("key", "mucalc")
    }

    /// Returns a ledger row without days and locations, which reveal the order of the export. Its patient id is already a pseudonym.
    pub fn record<'l>(&self, record: LedgerRow<'l>) -> LedgerRow<'l> {
        let (encounter_ref, message_ref) = (String::new(), String::new());
        LedgerRow {
            first_seen: None,
            last_seen: None,
            first_counted: None,
            encounter_ref,
            message_ref,
            ..record
        }
    }

    /// Returns the report without free text about patients, and without checksums, which would confirm a guess.
    pub fn report(&self, report: &Report) -> Report {
        let mut report = report.clone();
        for decided in &mut report.adjudications {
            (decided.by, decided.on, decided.reason) = (None, None, None);
            decided.place.line = None;
        }
        // Rows are in the order of the export, which may be the order of ids.
        report.findings.iter_mut().for_each(|finding| finding.first.line = None);
        let measures = std::iter::once(&mut report.measure).chain(&mut report.alongside);
        for provider in measures.flat_map(|measure| &mut measure.providers) {
            provider.reviews.iter_mut().for_each(|share| share.by = None);
            // Activity contains days and locations.
            provider.activity = None;
        }
        // The TIN of a solo practitioner may be a social security number.
        report.head.practice.iter_mut().for_each(|practice| practice.tin = None);
        report.head.practice = report.head.practice.filter(|practice| *practice != Practice::default());
        report.inputs.iter_mut().for_each(|input| input.sha256 = None);
        report
    }

    /// Withholds small counts in a report, and everything they could be calculated from.
    pub fn suppress_small_cells(&self, report: &mut Value, providers: &BTreeSet<String>) {
        let measures = report["alongside"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let measures = measures.into_iter().map(|mut measure| {
            withhold_measure(&mut measure, providers);
            measure
        });
        let alongside = Value::Array(measures.collect());
        withhold_measure(report, providers);
        report["alongside"] = alongside;
        report["adjudications"] = Value::Array(Vec::new());
        for input in report["inputs"].as_array_mut().into_iter().flatten() {
            ["bytes", "rows", "rejected", "aside", "furniture"]
                .into_iter()
                .for_each(|name| input[name] = Value::Null);
        }
        for assumption in report["assumptions"].as_array_mut().into_iter().flatten() {
            assumption["rows"] = Value::Null;
        }
        for finding in report["findings"].as_array_mut().into_iter().flatten() {
            (finding["count"], finding["first"]["line"]) = (Value::Null, Value::Null);
        }
    }
}

/// Withholds the figures of these providers in a measure, and everything they could be calculated from.
fn withhold_measure(measure: &mut Value, providers: &BTreeSet<String>) {
    for whole in ["group", "waterfall", "matched"] {
        measure[whole] = Value::Null;
    }
    measure["combined"] = Value::Array(Vec::new());
    for provider in measure["providers"].as_array_mut().into_iter().flatten() {
        provider["reviews"] = Value::Array(Vec::new());
        for name in ["unresolved", "cehrt_locations", "unusable"] {
            provider[name] = Value::Null;
        }
        if provider["provider_id"].as_str().is_some_and(|id| providers.contains(id)) {
            FIGURES.into_iter().for_each(|name| provider[name] = Value::Null);
        }
    }
}
