//! Exports in the format of each vendor, compared with results worked out by hand.

use std::path::Path;

use crate::support::program;
use mucalc_read::layout::Layout;
use serde_json::Value;

/// Returns the report on a fixture folder.
fn report(folder: &str, layout: &str, expected: &Value, unusable: &str) -> Value {
    let folder = format!("fixtures/{folder}");
    let mut arguments: Vec<String> = [
        "report",
        "--no-config",
        "--period",
        "2014Q3",
        "--format",
        "json",
        "--unusable",
        unusable,
        "--layout",
        layout,
    ]
    .map(String::from)
    .to_vec();
    if let Some(zone) = expected["zone"].as_str() {
        arguments.extend(["--timezone".into(), zone.into()]);
    }
    for role in ["encounters", "messages"] {
        let files = expected["files"][role].as_array().cloned().unwrap_or_default();
        arguments.push(format!("--{role}"));
        if files.is_empty() {
            // An input for which the layout has no table is read by the canonical layout.
            arguments.push(format!("fixtures/practice/{role}.csv"));
        }
        arguments.extend(files.iter().map(|file| format!("{folder}/{}", file.as_str().unwrap())));
    }
    let joined = expected["files"]["join"].as_array().cloned().unwrap_or_default();
    for file in &joined {
        arguments.extend(["--join".into(), format!("{folder}/{}", file.as_str().unwrap())]);
    }
    if expected["zone"].is_null() {
        arguments.extend(["--timezone".into(), "America/New_York".into()]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = program::run(Path::new(env!("CARGO_MANIFEST_DIR")), &arguments);
    assert_eq!(output.status.code(), Some(0), "{layout}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_layout_reads_its_fixture_as_worked_out_by_hand() {
    let names = Layout::names().into_iter().filter(|name| name != "canonical");
    // The layout of R4 also reads R5, which is in a Bundle here.
    let folders = names.map(|name| (name.clone(), name)).chain([("fhir-r5".into(), "fhir-r4".into())]);
    for (folder, layout) in folders {
        let text = std::fs::read_to_string(format!("fixtures/{folder}/expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        // The number of unusable rows that may affect each provider: encounters and messages.
        let widened = report(&folder, &layout, &expected, "bound");
        for provider in widened["providers"].as_array().unwrap() {
            let id = provider["provider_id"].as_str().unwrap();
            let unusable = &provider["unusable"];
            let counts = serde_json::json!([unusable["encounters"], unusable["messages"]]);
            if expected["providers"].is_array() {
                let wanted = expected["unusable"].get(id).cloned();
                assert_eq!(counts, wanted.unwrap_or(serde_json::json!([0, 0])), "{folder} {id}");
            }
        }
        // The counts without these rows.
        let report = report(&folder, &layout, &expected, "ignore");
        if let Some(providers) = expected["providers"].as_array() {
            let found: Vec<Value> = report["providers"]
                .as_array()
                .unwrap()
                .iter()
                .map(|provider| {
                    serde_json::json!({
                        "provider_id": provider["provider_id"], "denominator": provider["denominator"],
                        "numerator": provider["numerator"], "verdict": provider["verdict"],
                    })
                })
                .collect();
            assert_eq!(&found, providers, "{folder}");
        }
        for role in ["encounters", "messages"] {
            if expected["files"][role].as_array().is_none_or(Vec::is_empty) {
                continue;
            }
            let inputs = || report["inputs"].as_array().unwrap().iter().filter(|input| input["role"] == role);
            let sum = |key: &str| inputs().map(|input| input[key].as_u64().unwrap()).sum::<u64>();
            assert_eq!(Some(sum("rows")), expected["rows"][role].as_u64(), "{folder} {role}");
            assert_eq!(Some(sum("aside")), expected["aside"][role].as_u64(), "{folder} {role} left aside");
        }
        let ours = |place: &Value| {
            place["first"]["file"].as_str().unwrap().starts_with(&format!("fixtures/{folder}/"))
        };
        let mut codes: Vec<&str> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| ours(f))
            .map(|finding| finding["code"].as_str().unwrap())
            .collect();
        let mut wanted: Vec<&str> =
            expected["findings"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
        codes.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(codes, wanted, "{folder}");
    }
}
