//! Several versions of one record: in several files, through pipes, with layouts, and in every command that shows single rows.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::program::Folder;

const ENCOUNTERS: &str = "encounter_id,patient_id,provider_id,started_at,kind,status\n";
const MESSAGES: &str = "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n";

/// Returns one visit for each patient number.
fn visits(numbers: std::ops::Range<u32>, status: &str) -> String {
    let row = |number| format!("V{number:08},P{number},D1,2014-07-14,office-visit,{status}\n");
    numbers.map(row).collect()
}

fn message(id: &str, patient: &str) -> String {
    format!("{id},2014-08-05,{patient},D1,patient,provider,ehr-portal,clinical-question\n")
}

/// Writes a practice of forty visits and two messages. The last twenty visits appear again as entered in error.
fn practice() -> Folder {
    let folder = Folder::new();
    folder.write(
        "e.csv",
        format!("{ENCOUNTERS}{}{}", visits(0..40, "completed"), visits(20..40, "entered-in-error")),
    );
    folder.write("m.csv", format!("{MESSAGES}{}{}", message("M1", "P1"), message("M2", "P30")));
    folder
}

fn report(folder: &Folder, words: &[&str]) -> Value {
    let fixed = ["report", "--no-config", "--period", "2014Q3", "--format", "json"];
    let output = folder.run(&[&fixed[..], words].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the lowest and highest denominator and numerator of the only provider.
fn bounds(report: &Value) -> [u64; 4] {
    let provider = &report["providers"][0];
    let of = |fraction: &str, end: &str| provider[fraction][end].as_u64().unwrap();
    [of("denominator", "least"), of("denominator", "most"), of("numerator", "least"), of("numerator", "most")]
}

fn contradictions(report: &Value) -> u64 {
    let findings = report["findings"].as_array().unwrap().iter();
    let mut found = findings.filter(|finding| finding["code"] == "contradicting-versions");
    found.next().map_or(0, |finding| finding["count"].as_u64().unwrap())
}

/// Returns the report of a run that reads one input from a pipe.
fn piped(folder: &Folder, name: &str, words: &[&str]) -> Value {
    let mut running = Command::new(env!("CARGO_BIN_EXE_mucalc"))
        .args(["report", "--no-config", "--period", "2014Q3", "--format", "json"])
        .args(words)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, text) = (running.stdin.take().unwrap(), folder.read(name));
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()).unwrap());
    let output = running.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(output.status.code(), Some(0));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_only_some_versions_say_is_possible() {
    let folder = practice();
    let report = report(&folder, &["--encounters", "e.csv", "--messages", "m.csv"]);
    assert_eq!((bounds(&report), contradictions(&report)), ([20, 40, 1, 2], 20));
}

/// A pipe can be read only once, so its content is kept until no second pass is needed. The result matches that of a file.
#[test]
fn an_input_through_a_pipe_gives_what_a_file_gives() {
    let folder = practice();
    let files = report(&folder, &["--encounters", "e.csv", "--messages", "m.csv"]);
    let seen = piped(&folder, "e.csv", &["--encounters", "-", "--messages", "m.csv"]);
    assert_eq!(
        (seen["providers"].clone(), seen["group"].clone()),
        (files["providers"].clone(), files["group"].clone())
    );
    assert_eq!(contradictions(&seen), 20);

    // More than is kept in memory. A message of another patient at the end repeats the id of the first one.
    let filler: String = (0..900_000).map(|number| message(&format!("N{number:09}"), "nobody")).collect();
    folder.write("m.csv", format!("{MESSAGES}{}{filler}{}", message("M1", "P1"), message("M1", "P2")));
    let files = report(&folder, &["--encounters", "e.csv", "--messages", "m.csv"]);
    let written = piped(&folder, "m.csv", &["--encounters", "e.csv", "--messages", "-"]);
    assert_eq!(written["providers"], files["providers"]);
    assert_eq!((bounds(&written)[2..].to_vec(), contradictions(&written)), (vec![0, 2], 21));
    assert_eq!(written["inputs"][1]["rows"], 900_002);
}

/// Each file may contain some of the versions. Files are ordered as they are named.
#[test]
fn versions_lie_in_several_files() {
    let folder = Folder::new();
    folder.write("a.csv", format!("{ENCOUNTERS}{}", visits(0..10, "completed")));
    folder.write("b.csv", format!("{ENCOUNTERS}{}", visits(0..10, "cancelled")));
    folder.write("m.csv", format!("{MESSAGES}{}", message("M1", "P1")));
    let of = |files: [&str; 2], more: &[&str]| {
        let words = [&["--messages", "m.csv", "--encounters"], &files[..], more].concat();
        let report = report(&folder, &words);
        (bounds(&report), contradictions(&report))
    };
    assert_eq!(of(["a.csv", "b.csv"], &[]), ([0, 10, 0, 1], 10));
    assert_eq!(of(["a.csv", "b.csv"], &["--versions", "last"]), ([0, 0, 0, 0], 0));
    assert_eq!(of(["b.csv", "a.csv"], &["--versions", "last"]), ([10, 10, 1, 1], 0));
    // A file that is named twice contains every row twice.
    assert_eq!(of(["a.csv", "a.csv"], &[]), ([10, 10, 1, 1], 0));
}

#[test]
fn a_layout_can_say_that_ids_are_unique_within_a_file_only() {
    let folder = Folder::new();
    let visit = |id: u32, patient: &str| format!("{id},{patient},D1,2014-07-14,office-visit,completed\n");
    folder.write("a.csv", format!("{ENCOUNTERS}{}{}", visit(1, "P1"), visit(2, "P2")));
    folder.write("b.csv", format!("{ENCOUNTERS}{}{}{}", visit(1, "P3"), visit(2, "P4"), visit(2, "P5")));
    folder.write("m.csv", format!("{MESSAGES}{}", message("M1", "P1")));
    let columns: String = ENCOUNTERS.trim().split(',').map(|name| format!("{name} = \"{name}\"\n")).collect();
    for (unique, expected) in [("export", [0, 5, 0, 1]), ("file", [3, 5, 1, 1])] {
        let layout = format!(
            "name = \"two-counters\"\n[encounters]\nrecord-ids = \"{unique}\"\n[encounters.columns]\n{columns}"
        );
        folder.write("two.toml", layout);
        let words = ["--layout", "two.toml", "--encounters", "a.csv", "b.csv", "--messages", "m.csv"];
        assert_eq!(bounds(&report(&folder, &words)), expected, "{unique}");
    }
    folder.write("two.toml", "name = \"two-counters\"\n[encounters]\nrecord-ids = \"table\"\n");
    let words = [
        "report",
        "--period",
        "2014Q3",
        "--layout",
        "two.toml",
        "--encounters",
        "a.csv",
        "--messages",
        "m.csv",
    ];
    let output = folder.run(&words);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("record-ids"));
}

/// A resource with several recipients makes several rows, which together are one version.
#[test]
fn rows_of_one_resource_are_no_versions_of_one_another() {
    let folder = Folder::new();
    let resource = |id: &str, recipients: &str, updated: &str| {
        format!(
            r#"{{"resourceType":"Communication","id":"{id}","meta":{{"lastUpdated":"{updated}"}},"status":"completed","sent":"2014-08-05T10:00:00Z","subject":{{"reference":"Patient/P1"}},"sender":{{"reference":"Patient/P1"}},"recipient":[{recipients}]}}"#
        )
    };
    let to = |ids: &[&str]| {
        let one = |id: &&str| format!(r#"{{"reference":"Practitioner/{id}"}}"#);
        ids.iter().map(one).collect::<Vec<_>>().join(",")
    };
    let visit = |id: &str, provider: &str| format!("{id},P1,{provider},2014-07-14,office-visit,completed\n");
    folder.write("e.csv", format!("{ENCOUNTERS}{}{}", visit("V1", "D1"), visit("V2", "D2")));
    let of = |lines: &[String]| {
        folder.write("m.ndjson", lines.join("\n") + "\n");
        let words = [
            "--layout",
            "messages=fhir.toml",
            "--encounters",
            "e.csv",
            "--messages",
            "m.ndjson",
            "--timezone",
            "UTC",
        ];
        let report = report(&folder, &words);
        let least = |at: usize| report["providers"][at]["numerator"]["least"].as_u64().unwrap();
        (least(0), least(1), contradictions(&report))
    };
    folder.write("fhir.toml", "name = \"ours\"\nextends = \"fhir-r4\"\n[messages.columns]\nchannel = { constant = \"ehr-portal\" }\ntopic = { constant = \"clinical-question\" }\n");
    let both = resource("C1", &to(&["D1", "D2"]), "2014-08-05T10:00:00Z");
    assert_eq!(of(std::slice::from_ref(&both)), (1, 1, 0));
    assert_eq!(of(&[both.clone(), both.clone()]), (1, 1, 0));
    // Readdressed later, only to D2.
    let later = resource("C1", &to(&["D2"]), "2014-08-06T10:00:00Z");
    assert_eq!(of(&[later, both]), (0, 1, 0));
}

/// `explain` shows for each row whether it is the record, a duplicate, or a superseded version.
#[test]
fn explanations_say_what_a_row_is_among_the_versions() {
    let folder = Folder::new();
    let visit =
        |status: &str, updated: &str| format!("V1,P1,D1,2014-07-14,office-visit,{status},{updated}\n");
    let rows = [
        visit("scheduled", "2014-07-01"),
        visit("completed", "2014-07-14"),
        visit("completed", "2014-07-14"),
    ];
    folder.write("e.csv", format!("{},updated_at\n{}", ENCOUNTERS.trim(), rows.concat()));
    folder.write("m.csv", format!("{MESSAGES}{}{}", message("M1", "P1"), message("M1", "P2")));
    let words =
        ["explain", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv", "--patient", "P1"];
    let output = folder.run(&[&words[..], &["--format", "json"]].concat());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let patient = &told["patients"][0];
    let versions: Vec<&Value> =
        patient["encounters"].as_array().unwrap().iter().map(|row| &row["version"]).collect();
    assert_eq!(
        versions,
        ["superseded", "null", "duplicate"]
            .map(|word| match word {
                "null" => Value::Null,
                word => Value::from(word),
            })
            .iter()
            .collect::<Vec<_>>()
    );
    assert_eq!(patient["messages"][0]["version"], "contradicting");
    assert_eq!(patient["messages"][0]["reaches"][0]["because"], "contradicting-versions");
    assert_eq!(patient["standings"][0]["reason"], "contradicting-versions");
    let text = String::from_utf8(folder.run(&words).stdout).unwrap();
    for part in [
        "a later row with the same id replaces it",
        "a duplicate of another row with the same id",
        "because another row with the same id differs",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

/// A pack can be recomputed from its inputs, so it records which version was used.
#[test]
fn a_pack_repeats_the_choice_of_the_last_version() {
    let folder = practice();
    let inputs = ["--no-config", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];
    let packed = folder.run(&[&["pack", "-o", "p.zip", "--versions", "last"], &inputs[..]].concat());
    assert_eq!(packed.status.code(), Some(0), "{}", String::from_utf8_lossy(&packed.stderr));
    let verified = folder.run(&["verify", "p.zip", "--inputs", "."]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
    let swept = folder.run(&[&["sweep", "--versions", "last", "--format", "csv"], &inputs[..]].concat());
    let mut reader = csv::Reader::from_reader(&swept.stdout[..]);
    let rows: Vec<std::collections::BTreeMap<String, String>> =
        reader.deserialize().map(Result::unwrap).collect();
    let whole = rows.iter().find(|row| row["first"] == "2014-07-01" && row["last"] == "2014-09-30").unwrap();
    let bounds = ["denominator_least", "denominator_most", "numerator_least", "numerator_most"];
    assert_eq!(bounds.map(|bound| whole[bound].as_str()), ["20", "20", "1", "1"]);
}

/// `validate` reports repeated ids only if the export does not show which row is the record.
#[test]
fn validate_asks_the_same_question() {
    let folder = Folder::new();
    folder.write("m.csv", format!("{MESSAGES}{}", message("M1", "P1")));
    let visit = |status: &str, updated: &str| format!("V1,P1,D1,2014-07-14,office-visit,{status}{updated}\n");
    let duplicates = |header: &str, rows: [String; 2], more: &[&str]| {
        folder.write("e.csv", format!("{}{header}\n{}", ENCOUNTERS.trim(), rows.concat()));
        let words =
            ["validate", "--no-config", "--format", "json", "--encounters", "e.csv", "--messages", "m.csv"];
        let output = folder.run(&[&words[..], more].concat());
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = told["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["code"] == "duplicate-id").count()
    };
    let (plain, dated) = (
        [visit("scheduled", ""), visit("completed", "")],
        [visit("scheduled", ",2014-07-01"), visit("completed", ",2014-07-14")],
    );
    assert_eq!(duplicates("", plain.clone(), &[]), 1);
    assert_eq!(duplicates(",updated_at", dated, &[]), 0);
    assert_eq!(
        duplicates(",updated_at", [visit("scheduled", ",2014-07-01"), visit("completed", ",")], &[]),
        1
    );
    folder.write("last.toml", "versions = \"last\"\nencounters = \"e.csv\"\nmessages = \"m.csv\"\n");
    folder.write("e.csv", format!("{ENCOUNTERS}{}", plain.concat()));
    let output = folder.run(&["validate", "--config", "last.toml", "--format", "json"]);
    assert!(!String::from_utf8(output.stdout).unwrap().contains("duplicate-id"));
}

/// A row that a layout skips is also a version of its record. A visit that was deleted later does not qualify, and a visit whose order of
/// rows is unknown is possible.
#[test]
fn rows_that_a_layout_skips_are_versions() {
    let columns =
        |names: &[&str]| names.iter().map(|name| format!("{name} = \"{name}\"\n")).collect::<String>();
    let encounters =
        ["encounter_id", "patient_id", "provider_id", "started_at", "kind", "status", "updated_at"];
    let messages =
        ["message_id", "sent_at", "patient_id", "provider_id", "sender", "recipient", "channel", "topic"];
    let layout = format!(
        "name = \"deleted\"\n[encounters]\nskip = [{{ deleted = [\"Y\"] }}]\n[encounters.columns]\n{}[messages.columns]\n{}",
        columns(&encounters),
        columns(&messages)
    );
    let row = |deleted: &str, updated: &str| {
        format!("V00000039,P39,D1,2014-07-14,office-visit,completed,{updated},{deleted}\n")
    };
    for (what, rows, expected) in [
        ("once", row("N", ""), [40, 40, 2, 2]),
        ("deleted, and no more", row("Y", ""), [39, 39, 2, 2]),
        ("twice deleted", row("Y", "") + &row("Y", ""), [39, 39, 2, 2]),
        ("also deleted", row("N", "") + &row("Y", ""), [39, 40, 2, 2]),
        ("later deleted", row("N", "2014-08-01") + &row("Y", "2014-08-02"), [39, 39, 2, 2]),
        ("later restored", row("N", "2014-08-02") + &row("Y", "2014-08-01"), [40, 40, 2, 2]),
    ] {
        let folder = Folder::new();
        let others = visits(0..39, "completed").replace('\n', ",,N\n");
        folder.write("e.csv", format!("{},updated_at,deleted\n{others}{rows}", ENCOUNTERS.trim_end()));
        folder.write("m.csv", format!("{MESSAGES}{}{}", message("M1", "P1"), message("M2", "P30")));
        folder.write("l.toml", &layout);
        let words = ["--encounters", "e.csv", "--messages", "m.csv", "--layout", "l.toml"];
        assert_eq!(bounds(&report(&folder, &words)), expected, "{what}");
    }
}

/// A review decision that a message qualifies applies to the patient it names. If versions have different patients and the decision names
/// none, it settles neither.
#[test]
fn a_decision_about_one_version_settles_its_patient_alone() {
    let folder = Folder::new();
    folder.write("e.csv", format!("{ENCOUNTERS}{}", visits(0..40, "completed")));
    folder.write("m.csv", format!("{MESSAGES}{}{}", message("M1", "P1"), message("M1", "P2")));
    let decided = |patient: &str, decision: &str| {
        let line = format!("M1,{patient},{decision},R,2014-10-05,seen in the portal\n");
        folder.write("d.csv", format!("message_id,patient_id,decision,by,on,reason\n{line}"));
        let words = ["--encounters", "e.csv", "--messages", "m.csv", "--adjudications", "d.csv"];
        let report = report(&folder, &words);
        let shown = folder.run(
            &[
                &["explain", "--no-config", "--period", "2014Q3", "--format", "json"][..],
                &words,
                &["--patient", "P2"],
            ]
            .concat(),
        );
        let told: Value = serde_json::from_slice(&shown.stdout).unwrap();
        (bounds(&report), told["patients"][0]["standings"][0]["numerator"].clone())
    };
    let settled =
        |numerator: [u64; 2], of_p2: &str| ([40, 40, numerator[0], numerator[1]], Value::from(of_p2));
    assert_eq!(decided("P1", "counts"), settled([1, 2], "possible"));
    assert_eq!(decided("P2", "counts"), settled([1, 2], "certain"));
    assert_eq!(decided("", "counts"), settled([0, 2], "possible"));
    assert_eq!(decided("P1", "out"), settled([0, 1], "possible"));
    assert_eq!(decided("", "out"), settled([0, 0], "none"));
}
