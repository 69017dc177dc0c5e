//! A practice that replaced its EHR during the year has exports of two systems, each with a layout and days of its own (`[[inputs]]`).

use serde_json::{Value, json};

use crate::support::program::Folder;

/// The old system counts its visits from 1 and has US dates; it was in use until August 15. The new one has our columns, and took over the
/// visits that were planned in the old one, from August 16 on.
const OLD_VISITS: &str = "No,MRN,DOS,Doctor,Type,Status\n\
    1,P1,7/14/2014,D1,OV,Kept\n\
    2,P2,8/1/2014,D1,OV,Kept\n\
    3,P3,9/1/2014,D1,OV,Kept\n\
    4,P4,,D1,OV,Kept\n";
const NEW_VISITS: &str = "encounter_id,patient_id,provider_id,started_at,kind,status\n\
    1,P3,D1,2014-09-01,office-visit,no-show\n\
    2,P5,D1,2014-09-02,office-visit,completed\n\
    3,P6,D1,2014-07-02,office-visit,completed\n";
const OLD_LAYOUT: &str = "name = \"old\"\n[encounters.columns]\n\
    encounter_id = \"No\"\npatient_id = \"MRN\"\nprovider_id = \"Doctor\"\n\
    started_at = { from = \"DOS\", dates = [\"M/D/YYYY\"] }\n\
    kind = { from = \"Type\", words = { \"OV\" = \"office-visit\" } }\n\
    status = { from = \"Status\", words = { \"Kept\" = \"completed\" } }\n";
const MESSAGES: &str = "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n\
    1,2014-08-01,P1,D1,patient,provider,ehr-portal,clinical-question,sent\n\
    2,2014-08-20,P2,D1,patient,provider,old-portal,clinical-question,sent\n";
const CONFIGURATION: &str = "period = \"2014Q3\"\nmessages = [\"messages.csv\"]\n\
    [channels.old-portal]\ncertified = true\nuntil = \"2014-08-15\"\n\
    [[inputs]]\nrole = \"encounters\"\npath = \"old/*.csv\"\nlayout = \"old/layout.toml\"\nuntil = \"2014-08-15\"\n\
    [[inputs]]\nrole = \"encounters\"\npath = \"new.csv\"\nfrom = \"2014-08-16\"\n";

fn practice() -> Folder {
    let folder = Folder::new();
    folder
        .write("old/visits.csv", OLD_VISITS)
        .write("old/layout.toml", OLD_LAYOUT)
        .write("new.csv", NEW_VISITS)
        .write("messages.csv", MESSAGES)
        .write("mucalc.toml", CONFIGURATION);
    folder
}

fn report(folder: &Folder, words: &[&str]) -> Value {
    let output = folder.run(&[&["report", "--format", "json"], words].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// P1 and P2 were seen in the old system, and P5 in the new one. P3 had a visit planned in the old system, which the new one says did not take
/// place: the row of the old one is of a day on which it was no longer in use. P6 has a row of the new system from before it was in use. P4
/// has a row without a day, which may be of any. Visit 1 of each system is another one.
#[test]
fn each_export_is_read_by_its_own_layout_and_for_its_own_days() {
    let folder = practice();
    let found = report(&folder, &[]);
    let provider = &found["providers"][0];
    assert_eq!(
        json!([provider["denominator"], provider["numerator"]]),
        json!([{"least": 3, "most": 4}, {"least": 1, "most": 1}])
    );
    let inputs: Vec<Value> = found["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| json!([input["path"], input["rows"], input["aside"]]))
        .collect();
    assert_eq!(
        inputs,
        [json!(["old/visits.csv", 3, 1]), json!(["new.csv", 2, 1]), json!(["messages.csv", 2, 0])]
    );
    // The report says what holds for which export, and with which layout.
    let choices: Vec<Value> = found["choices"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|made| made["key"] == "inputs")
        .map(|made| json!([made["of"], made["value"]]))
        .collect();
    assert_eq!(
        choices,
        [
            json!(["encounters old/*.csv", "layout old/layout.toml, until 2014-08-15"]),
            json!(["encounters new.csv", "from 2014-08-16"])
        ]
    );
    assert_eq!(found["layout_files"][0]["path"], "old/layout.toml");
}

/// A flag names all exports of its kind, also in place of those that are described one by one.
#[test]
fn a_flag_wins_over_inputs() {
    let folder = practice();
    let found = report(&folder, &["--encounters", "new.csv"]);
    assert_eq!(found["providers"][0]["denominator"], json!({"least": 2, "most": 2}));
}

/// Within one system a record may be in several exports; the same id of another system is another record.
#[test]
fn record_ids_are_those_of_a_layout() {
    let folder = practice();
    // A later export of the old system says that visit 2 was a mistake.
    let corrected = "No,MRN,DOS,Doctor,Type,Status\n2,P2,8/1/2014,D1,OV,Void\n";
    folder.write("old/visits2.csv", corrected);
    folder.write(
        "old/layout.toml",
        OLD_LAYOUT.replace("\"Kept\" = ", "\"Void\" = \"entered-in-error\", \"Kept\" = "),
    );
    folder.write("mucalc.toml", format!("versions = \"last\"\n{CONFIGURATION}"));
    let found = report(&folder, &[]);
    assert_eq!(found["providers"][0]["denominator"], json!({"least": 2, "most": 3}));
    // `validate` compares ids in the same way.
    let output = folder.run(&["validate", "--format", "json", "--as-of", "2015-01-01"]);
    let checked: Value = serde_json::from_slice(&output.stdout).unwrap();
    let codes: Vec<&str> =
        checked["findings"].as_array().unwrap().iter().filter_map(|found| found["code"].as_str()).collect();
    assert!(!codes.contains(&"duplicate-id"), "{codes:?}");
}

/// A pack is calculated again by the same layouts and days, and every command reads the exports alike.
#[test]
fn packs_and_other_commands_read_the_exports_alike() {
    let folder = practice();
    let pack = folder.run(&["pack", "--output", "pack.zip"]);
    assert_eq!(pack.status.code(), Some(0), "{}", String::from_utf8_lossy(&pack.stderr));
    let verified = folder.run(&["verify", "pack.zip", "--inputs", "."]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
    let explained = folder.run(&["explain", "--patient", "P1", "--format", "json"]);
    let said = String::from_utf8_lossy(&explained.stdout);
    assert!(explained.status.success() && said.contains("7/14/2014"), "{said}");
    let swept = folder.run(&["sweep", "--format", "json"]);
    assert_eq!(swept.status.code(), Some(0), "{}", String::from_utf8_lossy(&swept.stderr));
    let sql = folder.run(&["sql", "--dialect", "duckdb", "--encounters-table", "e", "--messages-table", "m"]);
    assert_eq!(sql.status.code(), Some(2));
}

/// A mistake is shown with its line and column.
#[test]
fn what_is_wrong_with_an_entry_is_said() {
    for (entry, why) in [
        ("role = \"visits\"\npath = \"new.csv\"\n", "invalid value `visits`"),
        ("role = \"encounters\"\n", "missing field `path`"),
        ("role = \"encounters\"\npath = \"new.csv\"\nuntil = \"2014-13-01\"\n", "2014-13-01"),
        (
            "role = \"encounters\"\npath = \"new.csv\"\nfrom = \"2014-09-01\"\nuntil = \"2014-08-01\"\n",
            "is before",
        ),
        ("role = \"encounters\"\npath = \"new.csv\"\nlayout = \"none\"\n", "no layout `none`"),
    ] {
        let folder = practice();
        folder.write(
            "mucalc.toml",
            format!("period = \"2014Q3\"\nmessages = [\"messages.csv\"]\n[[inputs]]\n{entry}"),
        );
        let output = folder.run(&["report"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{entry}: {said}");
        assert!(said.contains(why) && said.contains("mucalc.toml"), "{entry}: {said}");
    }
}
