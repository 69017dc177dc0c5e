//! Several practices in one configuration: a document for each, a table of all, and one exit code.

use serde_json::{Value, json};

use crate::support::program::Folder;

const MESSAGES: &str = "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n\
    1,2014-08-01,P1,D1,patient,provider,ehr-portal,clinical-question,sent\n";

/// A practice that saw so many patients, one of whom wrote.
fn practice(folder: &Folder, name: &str, patients: usize, more: &str) {
    let visits = (1..=patients).map(|at| format!("P{at},D1,2014-07-14,office-visit,completed\n"));
    let visits: String = visits.collect();
    folder
        .write(
            &format!("{name}/visits.csv"),
            format!("patient_id,provider_id,started_at,kind,status\n{visits}"),
        )
        .write(&format!("{name}/messages.csv"), MESSAGES)
        .write(
            &format!("{name}/mucalc.toml"),
            format!("encounters = [\"visits.csv\"]\nmessages = [\"messages.csv\"]\n{more}"),
        );
}

/// Riverbend saw 10 patients and meets the measure with one who wrote. Lakeside saw 30, and one of 30 is not more than 5 percent.
fn two() -> Folder {
    let folder = Folder::new();
    practice(&folder, "riverbend", 10, "");
    practice(&folder, "lakeside", 30, "");
    folder.write(
        "mucalc.toml",
        "period = \"2014Q3\"\n\
         [[practice]]\nname = \"Riverbend Family Practice\"\nconfig = \"riverbend\"\n\
         [[practice]]\nname = \"Lakeside\"\nconfig = \"lakeside/mucalc.toml\"\n",
    );
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What holds for all practices is in the file that lists them, and each document goes into the folder.
#[test]
fn each_practice_has_its_document_and_its_line() {
    let folder = two();
    let output = folder.run(&["report", "--format", "json", "--output", "reports"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines: Vec<Value> = all["practices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| {
            json!([
                run["name"],
                run["result"]["numerator"]["least"],
                run["result"]["denominator"]["least"],
                run["result"]["met"],
                run["exit_code"]
            ])
        })
        .collect();
    assert_eq!(lines, [json!(["Riverbend Family Practice", 1, 10, 1, 0]), json!(["Lakeside", 1, 30, 0, 0])]);
    for (name, patients) in [("riverbend-family-practice", 10), ("lakeside", 30)] {
        let report: Value = serde_json::from_str(&folder.read(&format!("reports/{name}.json"))).unwrap();
        assert_eq!(report["providers"][0]["denominator"]["most"], patients, "{name}");
        assert_eq!(report["period"]["last"], "2014-09-30");
    }
    let schema: Value = serde_json::from_str(include_str!("../../docs/roll-up.schema.json")).unwrap();
    assert!(jsonschema::is_valid(&schema, &all));
}

/// On a terminal the documents stand one below the other, and the table of all is last. The exit code is the highest.
#[test]
fn gates_hold_for_every_practice() {
    let folder = two();
    let output = folder.run(&["report", "-v", "--fail-on", "not-met"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let places = [
        "Riverbend Family Practice\n=",
        "Of 10 unique patients",
        "Lakeside\n=",
        "Of 30 unique patients",
        "2 practices\n",
    ];
    let found: Vec<usize> =
        places.iter().map(|part| said.find(part).unwrap_or_else(|| panic!("{part}: {said}"))).collect();
    assert!(found.is_sorted(), "{found:?}: {said}");
}

/// A practice that fails keeps no other from its document.
#[test]
fn a_practice_that_fails_is_named_and_the_others_run() {
    let folder = two();
    std::fs::remove_file(folder.path().join("riverbend/visits.csv")).unwrap();
    let output = folder.run(&["report", "--format", "csv", "--output", "reports"]);
    assert_eq!(output.status.code(), Some(3));
    let (said, all) = (text(&output.stderr), text(&output.stdout));
    assert!(said.contains("error: Riverbend Family Practice: ") && said.contains("visits.csv"), "{said}");
    assert!(all.contains("1 practice without a result"), "{all}");
    assert!(folder.path().join("reports/lakeside.csv").exists());
    assert!(!folder.path().join("reports/riverbend-family-practice.csv").exists());
}

/// The same commands for all practices, or for those in a folder.
#[test]
fn other_commands_and_a_folder() {
    let folder = two();
    for command in [&["validate", "--as-of", "2015-01-01"][..], &["progress"], &["sweep"]] {
        let output = folder.run(command);
        assert_eq!(output.status.code(), Some(0), "{command:?}: {}", text(&output.stderr));
        assert!(text(&output.stdout).contains("2 practices"), "{command:?}");
    }
    let output = folder.run(&["pack", "--output", "packs"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for (pack, inputs) in
        [("packs/lakeside.zip", "lakeside"), ("packs/riverbend-family-practice.zip", "riverbend")]
    {
        let verified = folder.run(&["verify", pack, "--inputs", inputs]);
        assert_eq!(verified.status.code(), Some(0), "{pack}: {}", text(&verified.stdout));
    }
    let found =
        folder.run(&["report", "--config", ".", "--period", "2014Q3", "--format", "json", "--output", "r"]);
    let all: Value = serde_json::from_slice(&found.stdout).unwrap();
    let names: Vec<&Value> = all["practices"].as_array().unwrap().iter().map(|run| &run["name"]).collect();
    assert_eq!(names, ["lakeside", "riverbend"]);
}

/// What a practice says of itself wins over what holds for all; what can be only of one practice is refused.
#[test]
fn what_is_of_one_practice_is_not_for_all() {
    let folder = two();
    practice(&folder, "riverbend", 10, "period = \"2014-07-15..2014-09-30\"\nany-year = true\n");
    let output = folder.run(&["report", "--format", "json", "--output", "reports"]);
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(all["practices"][0]["result"]["denominator"]["most"], 0);

    for (words, why) in [
        (&["report", "--encounters", "riverbend/visits.csv"][..], "--encounters applies to one practice"),
        (&["report", "--ledger", "ledger.csv"], "--ledger applies to one practice"),
        (&["report", "--format", "html"], "name a folder for them"),
        (&["explain", "--patient", "P1"], "name its configuration, for example --config riverbend"),
    ] {
        let output = folder.run(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(text(&output.stderr).contains(why), "{words:?}: {}", text(&output.stderr));
    }
    for (line, why) in [
        ("encounters = \"x.csv\"\n", "mucalc.toml:1:14: `encounters` applies to one practice"),
        ("[channels.x]\ncertified = true\n", "`channels` applies to one practice"),
    ] {
        let folder = two();
        let listing = folder.read("mucalc.toml");
        let text_of =
            if line.starts_with('[') { format!("{listing}{line}") } else { format!("{line}{listing}") };
        folder.write("mucalc.toml", text_of);
        let output = folder.run(&["report"]);
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
    }
    let folder = two();
    folder.write("mucalc.toml", "[[practice]]\nname = \"A\"\n");
    let said = text(&folder.run(&["report"]).stderr);
    assert!(said.contains("mucalc.toml:1:1: missing field `config`"), "{said}");
}
