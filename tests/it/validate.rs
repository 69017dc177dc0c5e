//! `validate`, `inspect`, and `init` beyond the fixtures: output formats against their schemas, privacy, severities, and unusable rows.

use std::path::Path;

use crate::support::program::{Folder, run};
use serde_json::Value;

const ENCOUNTERS: &str = "encounter_id,patient_id,provider_id,started_at,kind\n\
    E1,SECRET-1,A,2014-07-10,office-visit\nE1,SECRET-2,A,2014-07-11,SECRET-kind\nE3,SECRET-3,A\nE4,,A,SECRET-day,other\n";
const MESSAGES: &str = "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,subject\n\
    M1,2014-07-12,SECRET-1,B,patient,provider,ehr-portal,SECRET-topic,\"SECRET, in two\nlines\"\n\
    M2,2041-01-01,SECRET-9,A,patient,provider,ehr-portal,other,=SECRET(1)\n";
const ROSTER: &str = "provider_id,npi\nA,1234567890\nC,1234567893\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("e.csv", ENCOUNTERS).write("m.csv", MESSAGES).write("r.csv", ROSTER);
    folder
}

fn words<'w>(format: &'w str, more: &[&'w str]) -> Vec<&'w str> {
    let mut words = vec!["validate", "--encounters", "e.csv", "--messages", "m.csv", "--roster", "r.csv"];
    words.extend(["--as-of", "2015-01-01", "--period", "2014Q3", "--format", format]);
    words.extend(more);
    words
}

#[test]
fn no_format_shows_what_a_cell_says() {
    let folder = folder();
    for format in ["table", "json", "junit", "sarif", "github"] {
        for threads in ["1", "3"] {
            let output = folder.run(&words(format, &["--rejects", "rejects.csv", "--threads", threads]));
            assert_eq!(output.status.code(), Some(1), "{format}");
            for bytes in [output.stdout, output.stderr, folder.read("rejects.csv").into_bytes()] {
                let text = String::from_utf8(bytes).unwrap();
                assert!(!text.contains("SECRET") && !text.contains("1234567890"), "{format}: {text}");
            }
        }
    }
}

/// An unusable row is not checked further: line 5 has only the finding about its missing patient.
#[test]
fn places_and_counts_are_those_of_the_rows() {
    let output = folder().run(&words("json", &[]));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let told: Vec<String> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            let place = &fault["places"][0];
            let word = |key: &str| place[key].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {} {}:{} {}",
                fault["severity"].as_str().unwrap(),
                fault["code"].as_str().unwrap(),
                fault["count"],
                word("file"),
                place["line"],
                word("column")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "error ragged-row 1 e.csv:4 -",
            "error missing-patient-id 1 e.csv:5 patient_id",
            "error npi-check-digit 1 r.csv:2 npi",
            "error duplicate-id 1 e.csv:3 -",
            "warning unknown-word 2 e.csv:3 kind",
            "warning assumed-column 3 e.csv:1 status",
            "warning date-in-future 1 m.csv:4 sent_at",
            "warning provider-not-on-roster 1 m.csv:2 provider_id",
            "warning export-cut-short 1 e.csv:null -",
            "note patient-never-seen 1 m.csv:4 -",
            "note constant-column 3 m.csv:1 sender",
            "note unused-roster-line 1 r.csv:3 provider_id",
        ]
    );
}

#[test]
fn rejected_rows_are_listed_every_one() {
    let folder = folder();
    let rows: String =
        (0..3000).map(|row| if row % 2 == 0 { "P1,A,2014-07-01\n" } else { "P1,A,2014-07-01,x\n" }).collect();
    folder.write("e.csv", format!("patient_id,provider_id,started_at\n{rows}"));
    let output = folder.run(&words("json", &["--rejects", "rejects.csv"]));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["findings"][0]["count"], 1500);
    let expected: String = (0..1500).map(|row| format!("e.csv,{},,ragged-row\n", row * 2 + 3)).collect();
    assert_eq!(folder.read("rejects.csv"), format!("file,line,column,code\n{expected}"));
}

#[test]
fn the_configuration_says_how_bad_a_finding_is() {
    let folder = folder();
    for (severity, exit) in [("off", 0), ("note", 0), ("warning", 0), ("error", 1)] {
        let others = "duplicate-id = \"off\"\nragged-row = \"off\"\nmissing-patient-id = \"off\"\nnpi-check-digit = \"off\"\n";
        folder.write("mucalc.toml", format!("[severity]\n{others}unknown-word = \"{severity}\"\n"));
        let output = folder.run(&words("json", &[]));
        assert_eq!(output.status.code(), Some(exit), "{severity}");
        assert_eq!(String::from_utf8_lossy(&output.stdout).contains("\"unknown-word\""), severity != "off");
    }
    folder.write("mucalc.toml", "[severity]\nunknown-wort = \"error\"\n");
    let output = folder.run(&words("table", &[]));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean `unknown-word`"));
}

/// An allowed finding is a note and fails no gate, in `validate` and in reports, and every report lists what is allowed.
#[test]
fn allowed_findings_fail_no_gate_and_are_listed() {
    let folder = folder();
    let report = |more: &[&str]| {
        let words = [
            "report",
            "--encounters",
            "e.csv",
            "--messages",
            "m.csv",
            "--period",
            "2014Q3",
            "--format",
            "json",
        ];
        folder.run(&[&words[..], more].concat())
    };
    let all = "duplicate-id = \"off\"\nragged-row = \"off\"\nnpi-check-digit = \"off\"\n";
    for (allow, exit) in
        [("", 1), ("allow = [\"missing-patient-id\"]\n", 0), ("allow = \"missing-patient-id\"\n", 0)]
    {
        folder.write("mucalc.toml", format!("{allow}[severity]\n{all}"));
        assert_eq!(folder.run(&words("json", &[])).status.code(), Some(exit), "{allow}");
        let of_code = folder.run(&words("json", &["--fail-on", "finding:missing-patient-id"]));
        assert_eq!(of_code.status.code(), Some(exit), "{allow}");
        assert_eq!(report(&["--fail-on", "finding:missing-patient-id"]).status.code(), Some(exit), "{allow}");
        let found: Value = serde_json::from_slice(&report(&[]).stdout).unwrap();
        let finding = found["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["code"] == "missing-patient-id")
            .unwrap();
        assert_eq!(finding["severity"], if exit == 0 { "note" } else { "error" });
        let choices = found["choices"].as_array().unwrap();
        assert_eq!(
            choices.iter().any(|one| one["key"] == "allow" && one["value"] == "missing-patient-id"),
            exit == 0
        );
        // Other findings still fail.
        assert_eq!(folder.run(&words("json", &["--fail-on", "finding:warning"])).status.code(), Some(1));
    }
    folder.write("mucalc.toml", "allow = [\"missing-patient\"]\n");
    let output = folder.run(&words("table", &[]));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean `missing-patient-id`"));
}

/// Rows that the page of a layout calls usual are no error, so that a gate on errors stays switched on. They still widen the result.
#[test]
fn what_a_layout_calls_usual_is_a_note() {
    let folder = Folder::new();
    folder.write(
        "PAT_ENC.tsv",
        "PAT_ID\tPAT_ENC_CSN_ID\tVISIT_PROV_ID\tCONTACT_DATE\tENC_TYPE_C_NAME\n\
         P1\t1\tPR1\t7/1/2014 12:00:00 AM\tOffice Visit\nP2\t2\t\t7/2/2014 12:00:00 AM\tOffice Visit\n",
    );
    folder.write(
        "MYC_MESG.tsv",
        "MESSAGE_ID\tCREATED_TIME\tPAT_ID\tTOFROM_PAT_C_NAME\tPROV_ID\n7001\t7/10/2014 9:54:00 AM\tP1\tFrom Patient\tPR1\n",
    );
    let words = |command: &str, encounters: &str, layout: &str| {
        let words = [
            command,
            "--layout",
            layout,
            "--encounters",
            encounters,
            "--messages",
            "MYC_MESG.tsv",
            "--period",
            "2014Q3",
        ];
        folder.run(&[&words[..], &["--format", "json"]].concat())
    };
    let output = words("validate", "PAT_ENC.tsv", "epic-ehi");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{found:#}");
    let severity = |found: &Value| {
        let findings = found["findings"].as_array().unwrap();
        findings.iter().find(|one| one["code"] == "missing-provider-id").unwrap()["severity"].clone()
    };
    assert_eq!(severity(&found), "note");
    let report: Value = serde_json::from_slice(&words("report", "PAT_ENC.tsv", "epic-ehi").stdout).unwrap();
    assert_eq!(
        (severity(&report), &report["providers"][0]["unusable"]["encounters"]),
        ("note".into(), &1.into())
    );
    // The same row in canonical columns is an error.
    folder.write("e.csv", "patient_id,provider_id,started_at,kind\nP1,PR1,2014-07-01,office-visit\nP2,,2014-07-02,office-visit\n");
    assert_eq!(words("validate", "e.csv", "messages=epic-ehi").status.code(), Some(1));
}

#[test]
fn sarif_is_what_its_schema_says_also_after_an_error() {
    let schema = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/sarif-schema-2.1.0.json"),
    );
    let schema: Value = serde_json::from_str(&schema.unwrap()).unwrap();
    let judge = jsonschema::validator_for(&schema).unwrap();
    let folder = folder();
    for (files, results) in
        [(["e.csv", "m.csv"], true), (["gone.csv", "m.csv"], false), (["m.csv", "e.csv"], false)]
    {
        let output =
            folder.run(&["validate", "--encounters", files[0], "--messages", files[1], "--format", "sarif"]);
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let wrong: Vec<String> =
            judge.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(!document["runs"][0]["results"].as_array().unwrap().is_empty(), results);
        assert_eq!(document["runs"][0]["invocations"][0]["executionSuccessful"], results);
    }
}

#[test]
fn junit_counts_its_cases() {
    let output = folder().run(&words("junit", &[]));
    let text = String::from_utf8(output.stdout).unwrap();
    let attribute = |suite: &str, name: &str| -> usize {
        let (_, rest) = suite.split_once(&format!(" {name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    let suites: Vec<&str> = text.split("<testsuite ").skip(1).collect();
    assert_eq!(suites.len(), 3);
    for suite in suites {
        assert_eq!(attribute(suite, "tests"), suite.matches("<testcase ").count());
        assert_eq!(attribute(suite, "failures"), suite.matches("<failure ").count());
    }
    assert_eq!(text.matches("<failure ").count(), 4);
}

#[test]
fn annotations_hold_one_command_a_line_and_the_summary_is_added_to() {
    let folder = folder();
    folder.write("e.csv", ENCOUNTERS.replace("encounter_id", "encounter_id,%0A::error::x"));
    folder.write("summary.md", "before\n");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_mucalc"))
        .args(words("github", &[]))
        .current_dir(folder.path())
        .env("GITHUB_STEP_SUMMARY", folder.path().join("summary.md"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.lines()
            .all(|line| ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start))),
        "{text}"
    );
    let summary = folder.read("summary.md");
    assert!(summary.starts_with("before\n") && summary.contains("| `ragged-row` |"), "{summary}");
}

#[test]
fn init_writes_a_configuration_that_the_other_commands_take() {
    let folder = folder();
    folder.write("e.csv", "patient_id,provider_id,started_at,kind\nP1,A,2014-07-10T10:00Z,visit\n");
    let output = folder.run(&[
        "init",
        "e.csv",
        "m.csv",
        "r.csv",
        "--period",
        "2014Q3",
        "--timezone",
        "America/New_York",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let written = folder.read("mucalc.toml");
    assert!(written.contains("[kinds]\n# \"visit\" = \"office-visit\""), "{written}");
    assert_eq!(folder.run(&["report"]).status.code(), Some(0));
    assert_eq!(folder.run(&["validate", "--fail-on", "finding:error"]).status.code(), Some(1));
    // An existing file is replaced only with `--force`.
    assert_eq!(folder.run(&["init", "e.csv"]).status.code(), Some(2));
    assert_eq!(folder.read("mucalc.toml"), written);
    // If the configuration maps the values, none is unknown.
    folder.write("mucalc.toml", written.replace("# \"visit\"", "\"visit\""));
    let output = folder.run(&["report", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["providers"][0]["denominator"], serde_json::json!({"least": 1, "most": 1}));
}

#[test]
fn init_writes_a_layout_to_complete_where_none_fits() {
    let folder = Folder::new();
    folder.write("visits.csv", "patient,doctor,when,kind of visit\nP1,A,7/10/2014,OV\n");
    folder.write("mails.csv", "patient,doctor,when,what\nP1,A,7/11/2014,refill\n");
    let output = folder.run(&["init", "visits.csv", "mails.csv", "--period", "2014Q3"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let layout = folder.read("mucalc-layout.toml");
    // The only column with days is the day of the record, whatever it is called, and what is not read is named.
    for expected in [
        "started_at = { from = \"when\", dates = [\"M/D/YYYY\"] }",
        "sent_at = { from = \"when\", dates = [\"M/D/YYYY\"] }",
        "kind = \"kind of visit\"",
        "# topic = \"...\"",
        "# Not read: `what`.",
    ] {
        assert!(layout.contains(expected), "{expected}\n{layout}");
    }
    // With its columns filled in, the layout reads both exports.
    folder.write(
        "mucalc-layout.toml",
        r#"
        [encounters.columns]
        patient_id = "patient"
        provider_id = "doctor"
        started_at = { from = "when", dates = ["M/D/YYYY"] }
        kind = { from = "kind of visit", words = { OV = "office-visit" } }
        [messages.columns]
        patient_id = "patient"
        provider_id = "doctor"
        sent_at = { from = "when", dates = ["M/D/YYYY"] }
        sender = { constant = "patient" }
        recipient = { constant = "provider" }
        channel = { constant = "ehr-portal" }
        topic = { from = "what", words = { refill = "medication-refill" } }
    "#,
    );
    let output = folder.run(&["report", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["providers"][0]["verdict"], "met", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn init_names_a_layout_for_each_kind_where_vendors_differ() {
    let folder = Folder::new();
    let fixture =
        |path: &str| std::fs::read(format!("{}/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    folder.write("visits.csv", fixture("synthea/encounters.csv"));
    folder.write("portal.ndjson", fixture("mveportal/messages.ndjson"));
    folder.write("r1.csv", "provider_id,npi,name\nprov-1,,One\n");
    folder.write("r2.csv", "provider_id,npi,name\nprov-2,,Two\n");
    let init = [
        "init",
        "visits.csv",
        "portal.ndjson",
        "r1.csv",
        "r2.csv",
        "--period",
        "2014Q3",
        "--timezone",
        "America/New_York",
    ];
    let output = folder.run(&init);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let written = folder.read("mucalc.toml");
    assert!(written.contains("layout = \"encounters=synthea,messages=mveportal\""), "{written}");
    assert!(
        written.contains("# NEEDED: one roster; these look like one: \"r1.csv\", \"r2.csv\"."),
        "{written}"
    );
    let output = folder.run(&["report", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["layout"], "encounters=synthea,messages=mveportal");
    // Rows of each kind are read as with their own layout.
    let alone = |layout: &str, kind: usize| {
        let output = folder.run(&["report", "--format", "json", "--layout", layout]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["waterfall"][["encounters", "messages"][kind]].clone()
    };
    folder.write("m.csv", "sent_at,patient_id\n").write("e.csv", "patient_id,provider_id,started_at\n");
    let both = report["waterfall"].clone();
    folder.write("mucalc.toml", written.replace("portal.ndjson", "m.csv"));
    assert_eq!(alone("synthea", 0), both["encounters"]);
    folder.write("mucalc.toml", written.replace("visits.csv", "e.csv"));
    assert_eq!(alone("mveportal", 1), both["messages"]);
    assert_eq!(folder.run(&["report", "--layout", "encounters=synthia"]).status.code(), Some(2));
}

#[test]
fn inspect_tells_a_file_from_its_contents_and_shows_only_words() {
    let folder = Folder::new();
    let rows: String = (0..200).map(|row| format!("{{\"patient_id\":\"SECRET{row}\",\"sent_at\":\"2014-07-{:02}T10:00:00Z\",\"topic\":\"Rx\",\"subject\":\"SECRET\"}}\n", row % 28 + 1)).collect();
    folder.write("export.bin", zstd::encode_all(rows.as_bytes(), 3).unwrap());
    let output = folder.run(&["inspect", "export.bin", "--format", "json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("SECRET"), "{text}");
    let found: Value = serde_json::from_str(&text).unwrap();
    let it = &found[0];
    assert_eq!(
        (&it["format"], &it["packing"], &it["rows"]),
        (&"NDJSON".into(), &"Zstandard".into(), &200.into())
    );
    assert_eq!((&it["layout"]["name"], &it["layout"]["kind"]), (&"canonical".into(), &"messages".into()));
    let column =
        |name: &str| it["columns"].as_array().unwrap().iter().find(|seen| seen["column"] == name).unwrap();
    assert_eq!(
        column("topic")["words"],
        serde_json::json!([{"word": "Rx", "rows": 200, "means": null, "like": null}])
    );
    assert_eq!(
        (&column("sent_at")["zoned"], &column("sent_at")["last"]),
        (&200.into(), &"2014-07-28".into())
    );
}

#[test]
fn windows_1252_is_told_and_nothing_is_read_by_guess() {
    let folder = folder();
    folder.write("e.csv", b"patient_id,provider_id,started_at\nP\xE9rez,A,2014-07-10\n");
    let output = folder.run(&["inspect", "e.csv"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("windows-1252") && text.contains("--encoding windows-1252"), "{text}");
    let report = |more: &[&str]| {
        let mut words = vec![
            "report",
            "--no-config",
            "--period",
            "2014Q3",
            "--encounters",
            "e.csv",
            "--messages",
            "m.csv",
        ];
        words.extend(more);
        run(folder.path(), &words).status.code()
    };
    assert_eq!(report(&[]), Some(3));
    assert_eq!(report(&["--encoding", "windows-1252"]), Some(0));
    assert_eq!(report(&["--encoding", "windoze"]), Some(2));
}

/// A configuration is shared, so it contains no cell that may be about a patient: no sentence, no name, and no number.
#[test]
fn init_writes_no_cell_that_may_be_about_a_patient() {
    let folder = Folder::new();
    let cells = [
        "Example, A: follow-up of asthma",
        "Example B 555-0100",
        "called on 1970-01-01",
        "Refill for the child of Example C",
        "c.example@example.org",
    ];
    let mut messages =
        "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n".to_owned();
    // Also if the export repeats the cell.
    for (at, cell) in cells.iter().chain(&cells).chain(&cells).enumerate() {
        let topic = if at < 3 { "Rx refill" } else { *cell };
        messages
            .push_str(&format!("M{at},2014-07-10,P{at},D1,patient,provider,\"{cell}\",\"{topic}\",sent\n"));
    }
    folder.write("m.csv", &messages);
    folder.write("e.csv", "encounter_id,started_at,patient_id,provider_id,kind,status\nE1,2014-07-10,P1,D1,\"Example, A: asthma\",completed\n");
    let output = folder.run(&["init", "-y", "--period", "2014Q3", "e.csv", "m.csv"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let written = folder.read("mucalc.toml");
    assert!(!written.contains("Example") && !written.contains("1970") && !written.contains('@'), "{written}");
    // `init` proposes a known value, and mentions that it left out other texts.
    assert!(
        written.contains("\"Rx refill\"") && written.contains("`mucalc inspect` shows them"),
        "{written}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join("mucalc.toml")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "words of the export stand in it");
    }
}

/// Names and complaints are left out even if rows repeat them, as rows repeat the values of a short list.
#[test]
fn init_writes_words_of_the_trade_alone() {
    let folder = Folder::new();
    let mut messages =
        "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n".to_owned();
    for at in 0..60 {
        let sender = ["Example Anna", "Example Otto", "Pt. proxy"][at % 3];
        let topic = ["knee hurts again", "Rx renewal", "10023"][at % 3];
        messages.push_str(&format!("M{at},2014-07-10,P{at},D1,{sender},provider,somewhere,{topic},sent\n"));
    }
    folder.write("m.csv", &messages);
    folder.write("e.csv", "encounter_id,started_at,patient_id,provider_id,kind,status\nE1,2014-07-10,P1,D1,office-visit,completed\n");
    let output = folder.run(&["init", "-y", "--period", "2014Q3", "e.csv", "m.csv"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let written = folder.read("mucalc.toml");
    for word in ["Anna", "Otto", "knee", "10023", "somewhere"] {
        assert!(!written.contains(word), "{word}: {written}");
    }
    for word in ["\"Rx renewal\"", "\"Pt. proxy\""] {
        assert!(written.contains(word), "{word}: {written}");
    }
    let output = folder.run(&["init", "-y", "-o", "-", "e.csv", "m.csv"]);
    assert_eq!(output.status.code(), Some(2));
}

/// `init` never overwrites an export with a configuration, however the export was named.
#[test]
fn init_writes_over_no_export() {
    let folder = folder();
    let before = folder.read("e.csv");
    for named in ["e.csv", "./e.csv", "?.csv", "e*", "[e]*.csv"] {
        let output = folder.run(&["init", named, "-o", "e.csv", "--force", "-y"]);
        assert_eq!(output.status.code(), Some(3), "{named}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(folder.read("e.csv"), before, "{named}");
    }
}

/// The summary for a GitHub workflow is never added to an input or an output of the run.
#[test]
fn a_summary_is_never_added_to_an_input() {
    let folder = folder();
    let before = folder.read("m.csv");
    for (name, code) in [("m.csv", Some(3)), ("./m.csv", Some(3)), ("told", Some(2))] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_mucalc"))
            .args(words("github", &["-o", "told"]))
            .env("GITHUB_STEP_SUMMARY", name)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), code, "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(folder.read("m.csv"), before);
    }
}
