//! Renders findings as SARIF 2.1.0 within the limits of GitHub code scanning: one run, one location per result, a limited number of
//! results.

use std::fmt::Write;

use serde_json::{Value, json as value};
use sha2::{Digest, Sha256};

use crate::json;
use mucalc_core::domain::finding::{FindingCode, Severity};
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{first_sentence, hex};
use mucalc_core::domain::validation::{FindingGroup, ValidationReport};

/// The maximum number of results of a run that are shown.
const RESULTS: usize = 5000;

/// Renders findings as SARIF.
pub fn render(validation: &ValidationReport) -> serde_json::Result<Vec<u8>> {
    let rules: Vec<Value> = FindingCode::ALL.iter().map(|code| rule(*code)).collect();
    let place = |fault: &FindingGroup| -> Vec<Value> {
        fault.places.iter().map(|place| result(fault, place)).collect()
    };
    let results: Vec<Value> = validation.findings.iter().flat_map(place).take(RESULTS).collect();
    let mut run = value!({
        "tool": { "driver": {
            "name": validation.tool.name,
            "semanticVersion": validation.tool.version,
            "rules": rules,
        }},
        "columnKind": "utf16CodeUnits",
        "results": results,
    });
    let successful = validation.error.is_none();
    let mut invocation = value!({ "executionSuccessful": successful });
    if let Some(error) = &validation.error {
        invocation["toolExecutionNotifications"] = value!([{ "level": "error", "message": { "text": error.message }, "descriptor": { "id": error.code } }]);
    }
    run["invocations"] = value!([invocation]);
    let document = value!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    json::pretty(&document)
}

fn rule(code: FindingCode) -> Value {
    value!({
        "id": code.slug(),
        "shortDescription": { "text": first_sentence(code.meaning()) },
        "fullDescription": { "text": code.meaning() },
        "help": { "text": code.remedy() },
        "defaultConfiguration": { "level": level(code.severity()) },
    })
}

fn result(fault: &FindingGroup, place: &SourceLocation) -> Value {
    let rule = FindingCode::ALL.iter().position(|code| code.slug() == fault.code);
    let column = place.column.as_ref().map_or(String::new(), |column| format!("Column {column}. "));
    let line = place.line.unwrap_or(1);
    // The same location in the same file gives the same fingerprint, regardless of other findings.
    let told =
        format!("{}\0{}\0{}\0{}", fault.code, place.file, line, place.column.as_deref().unwrap_or_default());
    let mut result = value!({
        "ruleId": fault.code,
        "level": level(fault.severity),
        "message": { "text": format!("{column}{}", super::message(fault)) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.file) },
            "region": { "startLine": line, "startColumn": 1, "endLine": line, "endColumn": 2 },
        }}],
        "partialFingerprints": { "mucalcPlace/v1": hex(&Sha256::digest(told))[..32] },
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = value!(rule);
    }
    result
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

/// Converts a path to a relative reference: separators become slashes, and all other special characters are escaped.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte as char)
            }
            // Writing to a string does not fail.
            byte => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}
