//! Tests of the fixtures: each `bad-*` file produces its own code, each finding code has a fixture, and the practice matches its
//! description.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mucalc_core::domain::finding::{FindingCode, Severity};
use serde_json::Value;

use crate::support::program::Folder;

fn bad() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut bad: Vec<_> =
        files.filter(|file| file.file_name().unwrap().to_string_lossy().starts_with("bad-")).collect();
    bad.sort();
    bad
}

/// Splits `bad-CODE.ROLE.csv` into code and role; the role of a configuration is `config`.
fn code_and_role(file: &Path) -> (String, String) {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let mut parts = name.strip_prefix("bad-").unwrap().split('.');
    (parts.next().unwrap().to_owned(), parts.next().unwrap().to_owned())
}

/// Writes the practice's inputs, with one file replaced, and those that are needed only for this file. Returns the arguments.
fn inputs(folder: &Folder, file: &Path, role: &str) -> Vec<&'static str> {
    for name in ["encounters", "messages", "roster"] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/practice/{name}.csv"));
        let source = if name == role { file.to_owned() } else { source };
        folder.write(&format!("{name}.csv"), std::fs::read(source).unwrap());
    }
    let mut words =
        vec!["--encounters", "encounters.csv", "--messages", "messages.csv", "--roster", "roster.csv"];
    // Columns can differ only between two files, so the practice's own file follows this one.
    if file.to_string_lossy().contains("columns-differ") {
        let practice = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/practice/encounters.csv");
        folder.write("practice.csv", std::fs::read(practice).unwrap());
        words.insert(2, "practice.csv");
    }
    if file.to_string_lossy().contains("unlisted-location") {
        folder.write("mucalc.toml", "[locations.CLINIC-1]\ncertified = true\n");
    }
    if role == "joined" || file.to_string_lossy().contains("row-not-joined") {
        // The providers of the practice's messages are in a table of their own.
        let messages = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/practice/messages.csv");
        let mut providers = csv::Reader::from_path(messages).unwrap();
        let rows = providers.records().map(|row| row.unwrap());
        let joined: String = rows.map(|row| format!("{},{}\n", &row[0], &row[3])).collect();
        folder.write("joined.csv", format!("message_id,provider_id\n{joined}"));
        folder.write(
            "layout.toml",
            "extends = \"canonical\"\n[[messages.join]]\nkey = \"message_id\"\ncolumns = [\"provider_id\"]\n",
        );
        if role == "joined" {
            folder.write("joined.csv", std::fs::read(file).unwrap());
        }
        words.extend(["--layout", "layout.toml", "--join", "joined.csv"]);
    }
    for (name, flag, path) in [
        ("counties", "--counties", "counties.csv"),
        ("adjudications", "--adjudications", "adjudications.csv"),
    ] {
        if name == role {
            folder.write(path, std::fs::read(file).unwrap());
            words.extend([flag, path]);
        }
    }
    words
}

/// Returns whether an input error is a usage error, which the user can resolve only by supplying information.
fn is_of_usage(code: &str) -> bool {
    matches!(code, "timezone-needed" | "incomplete-decision")
}

/// Returns the arguments for the practice's period, unless the configuration has its own.
fn period(folder: &Folder, file: &Path, role: &str) -> &'static [&'static str] {
    let mut has_period = false;
    if role == "config" {
        let text = std::fs::read_to_string(file).unwrap();
        has_period = text.contains("period =");
        folder.write("mucalc.toml", text);
    }
    if has_period { &[] } else { &["--period", "2014Q3"] }
}

/// Runs `report` on the practice with one input replaced.
fn run(file: &Path, role: &str, more: &[&str]) -> (Option<i32>, Value, String) {
    let folder = Folder::new();
    let mut words = vec!["report", "--format", "json"];
    words.extend(period(&folder, file, role));
    words.extend(inputs(&folder, file, role));
    if !file.to_string_lossy().contains("timezone-needed") {
        words.extend(["--timezone", "America/Chicago"]);
    }
    words.extend(more);
    let output = folder.run(&words);
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap(), stderr)
}

/// Runs `validate` on the practice with one input replaced, or with a configuration.
fn validated(file: &Path, role: &str, more: &[&str]) -> (Option<i32>, Value) {
    let folder = Folder::new();
    let mut words = vec!["validate", "--format", "json", "--as-of", "2015-01-01"];
    words.extend(period(&folder, file, role));
    words.extend(inputs(&folder, file, role));
    if !file.to_string_lossy().contains("timezone-needed") {
        words.extend(["--timezone", "America/Chicago"]);
    }
    words.extend(more);
    let output = folder.run(&words);
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn validate_fails_each_bad_fixture_with_its_own_code_and_passes_the_practice() {
    let good = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/practice/roster.csv");
    let (exit, found) = validated(&good, "roster", &["--fail-on", "finding:note"]);
    assert_eq!((exit, &found["findings"]), (Some(0), &serde_json::json!([])));
    let mut passed_over = BTreeSet::new();
    for file in bad() {
        let (code, role) = code_and_role(&file);
        if FindingCode::parse(&code).is_some_and(FindingCode::is_report_finding) {
            passed_over.insert(code);
            continue;
        }
        let (exit, found) = validated(&file, &role, &["--fail-on", "finding:note"]);
        if let Some(known) = FindingCode::parse(&code) {
            let fault = found["findings"].as_array().unwrap().iter().find(|fault| fault["code"] == *code);
            let fault = fault.unwrap_or_else(|| panic!("{file:?} has no {code}: {found:#}"));
            assert_eq!(
                (exit, fault["severity"].as_str()),
                (Some(1), Some(known.severity().word())),
                "{file:?}"
            );
            let place = fault["places"][0]["file"].as_str().unwrap();
            // In a workbook, the location includes the sheet.
            let place = place.split('#').next().unwrap();
            assert!(role == "config" || place == format!("{role}.csv"), "{file:?}: {place}");
            // With the gate `finding:error`, the run fails only if a finding has that severity.
            let (exit, _) = validated(&file, &role, &["--fail-on", "finding:error"]);
            let others =
                found["findings"].as_array().unwrap().iter().any(|fault| fault["severity"] == "error");
            assert_eq!(exit, Some(i32::from(others)), "{file:?}");
        } else {
            assert_eq!(found["error"]["code"], code, "{file:?}");
            assert_eq!(exit, Some(if is_of_usage(&code) { 2 } else { 3 }), "{file:?}");
        }
    }
    // `validate` does not check what the rules decide or whether the rows are in the period.
    let of_calculation = [
        "adjudication-contradicts",
        "adjudication-needless",
        "adjudication-unmet",
        "ends-before-period",
        "contradicting-versions",
        "id-nearly-matches",
        "look-alike-id",
        "nothing-in-period",
        "only-minimal-services",
        "unlisted-location",
        "window-not-exported",
    ];
    assert_eq!(passed_over, of_calculation.map(str::to_owned).into());
}

#[test]
fn each_bad_fixture_has_its_own_code() {
    let mut passed_over = BTreeSet::new();
    for file in bad() {
        let (code, role) = code_and_role(&file);
        if FindingCode::parse(&code).is_some_and(FindingCode::is_validation_finding) {
            passed_over.insert(code);
            continue;
        }
        let (exit, report, stderr) = run(&file, &role, &[]);
        let findings: Vec<&str> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["code"].as_str().unwrap())
            // Some fixtures have only one or two rows, of patients who were not seen or of days outside the period. Others have no readable
            // date, which is a finding for each row, or no status column.
            .filter(|found| {
                let besides = [
                    FindingCode::NoPatientInBoth,
                    FindingCode::NothingInPeriod,
                    FindingCode::EndsBeforePeriod,
                    FindingCode::UnreadableDate,
                    FindingCode::AssumedColumn,
                ];
                *found == code || !besides.iter().any(|known| known.slug() == *found)
            })
            .collect();
        if FindingCode::ALL.iter().any(|known| known.slug() == code) {
            assert_eq!((exit, findings), (Some(0), vec![code.as_str()]), "{file:?}: {stderr}");
            let own = report["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == *code);
            let place = own.unwrap()["first"]["file"].as_str().unwrap();
            // The location of a period is its flag, not an input.
            let expected = if role == "config" { "--period".to_owned() } else { format!("{role}.csv") };
            assert_eq!(place.split('#').next().unwrap(), expected);
        } else {
            let expected = if is_of_usage(&code) { 2 } else { 3 };
            assert_eq!(
                (exit, &report["error"]["code"]),
                (Some(expected), &Value::from(code)),
                "{file:?}: {stderr}"
            );
            assert!(stderr.contains(&format!("{role}.csv")), "the place is missing in {stderr}");
            assert_eq!(report["providers"], serde_json::json!([]));
        }
    }
    // Only `validate` looks for findings that need more than the row itself.
    let of_validation = [
        "constant-column",
        "date-far-from-period",
        "date-in-future",
        "days-without-rows",
        "duplicate-id",
        "duplicate-row",
        "empty-column",
        "export-cut-short",
        "patient-never-seen",
        "provider-not-on-roster",
        "unknown-column",
        "unused-roster-line",
        "unused-word",
    ];
    assert_eq!(passed_over, of_validation.map(str::to_owned).into());
}

#[test]
fn every_finding_code_has_a_fixture_and_a_gate() {
    let codes: BTreeSet<String> = bad().iter().map(|file| code_and_role(file).0).collect();
    for code in FindingCode::ALL {
        assert!(codes.contains(code.slug()), "no fixture has the finding {}", code.slug());
    }
    for file in bad() {
        let (code, role) = code_and_role(&file);
        let Some(code) = FindingCode::parse(&code).filter(|code| !code.is_validation_finding()) else {
            continue;
        };
        let is_error = code.severity() == Severity::Error;
        let own = format!("finding:{}", code.severity().word());
        assert_eq!(run(&file, &role, &["--fail-on", &own]).0, Some(1), "{file:?}");
        assert_eq!(
            run(&file, &role, &["--fail-on", "finding:error"]).0,
            Some(i32::from(is_error)),
            "{file:?}"
        );
    }
}

#[test]
fn rejected_rows_are_counted_and_no_row_is_lost() {
    for file in bad() {
        let (code, role) = code_and_role(&file);
        if role == "config" {
            continue;
        }
        let (exit, report, _) = run(&file, &role, &[]);
        if exit != Some(0) {
            continue;
        }
        for kind in ["encounters", "messages"] {
            let inputs = report["inputs"].as_array().unwrap().iter().filter(|input| input["role"] == kind);
            let [rows, rejected] = ["rows", "rejected"]
                .map(|name| inputs.clone().map(|input| input[name].as_u64().unwrap()).sum::<u64>());
            let buckets = report["waterfall"][kind].as_array().unwrap();
            let judged: u64 = buckets.iter().map(|bucket| bucket["rows"].as_u64().unwrap()).sum();
            assert_eq!(judged + rejected, rows, "{kind} with {code}");
        }
    }
}

#[test]
fn the_practice_has_all_four_verdicts() {
    let practice = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/practice/roster.csv");
    let (_, report, _) = run(&practice, "roster", &[]);
    let verdicts: Vec<&str> =
        report["providers"].as_array().unwrap().iter().map(|p| p["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["met", "not-met", "indeterminate", "not-calculable"]);
    assert_eq!(report["findings"], serde_json::json!([]));
}

/// If messages may qualify but none is from a patient who was seen, a finding gives their number over all files. There is no finding if no
/// patients were seen.
#[test]
fn messages_of_nobody_seen_are_counted() {
    let folder = Folder::new();
    let header = "patient_id,provider_id,sent_at,sender,recipient,channel,topic\n";
    let message =
        |patient: &str, topic: &str| format!("{patient},A,2014-07-02,patient,provider,ehr-portal,{topic}\n");
    let seen = |patient: &str, status: &str| {
        format!(
            "patient_id,provider_id,started_at,kind,status\n{patient},A,2014-07-01,office-visit,{status}\n"
        )
    };
    let found = |encounters: String, files: [String; 2]| -> Option<u64> {
        folder.write("e.csv", encounters);
        for (name, rows) in ["m1.csv", "m2.csv"].iter().zip(files) {
            folder.write(name, format!("{header}{rows}"));
        }
        let words = ["report", "--format", "json", "--period", "2014Q3", "--threads", "2"];
        let output =
            folder.run(&[&words[..], &["--encounters", "e.csv", "--messages", "m1.csv", "m2.csv"]].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        let mut own = findings.filter(|finding| finding["code"] == "no-patient-in-both");
        own.next().map(|finding| finding["count"].as_u64().unwrap())
    };
    let [one, bill, two] = [message("Q", "referral"), message("Q", "billing"), message("R", "")];
    let others = || [format!("{one}{bill}"), format!("{two}{one}")];
    assert_eq!(found(seen("P", "completed"), others()), Some(3));
    assert_eq!(found(seen("Q", "completed"), others()), None);
    assert_eq!(found(seen("R", "in-progress"), others()), None);
    // If no patients were seen, or no message may qualify, other findings report it.
    assert_eq!(found(seen("P", "cancelled"), others()), None);
    assert_eq!(found(seen("P", "completed"), [bill.clone(), bill.clone()]), None);
}
