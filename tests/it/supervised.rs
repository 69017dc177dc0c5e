//! A supervising EP may count the patients of a nurse practitioner or physician assistant too (B44).

use crate::support::program::Folder;
use serde_json::Value;

/// DR supervises NP and PA. DR saw P1, NP saw P1 and P2, and PA saw P3. P1 wrote to DR, P2 to NP, and P3 to DR. One row of NP is a
/// duplicate.
fn practice() -> Folder {
    let folder = Folder::new();
    folder.write(
        "encounters.csv",
        "encounter_id,patient_id,provider_id,started_at,kind,status,seen_by\n\
         1,P1,DR,2014-07-01,office-visit,completed,eligible-professional\n\
         2,P1,NP,2014-07-02,office-visit,completed,eligible-professional\n\
         3,P2,NP,2014-07-03,office-visit,completed,eligible-professional\n\
         3,P2,NP,2014-07-03,office-visit,completed,eligible-professional\n\
         4,P3,PA,2014-07-04,office-visit,completed,eligible-professional\n",
    );
    folder.write(
        "messages.csv",
        "message_id,patient_id,provider_id,sent_at,status,sender,recipient,channel,topic\n\
         M1,P1,DR,2014-07-11,sent,patient,provider,ehr-portal,clinical-question\n\
         M2,P2,NP,2014-07-12,sent,patient,provider,ehr-portal,clinical-question\n\
         M3,P3,DR,2014-07-13,sent,patient,provider,ehr-portal,clinical-question\n",
    );
    folder.write("r.csv", "provider_id,name,supervisor_id\nDR,Doctor,\nNP,Nurse,DR\nPA,Assistant,DR\n");
    folder
}

const COUNT: [&str; 2] = ["--policy", "supervised=count"];

fn figures(report: &Value) -> Vec<String> {
    let bounds = |of: &Value| match (of["least"].as_u64().unwrap(), of["most"].as_u64().unwrap()) {
        (least, most) if least == most => least.to_string(),
        (least, most) => format!("{least}..{most}"),
    };
    let one = |of: &Value| {
        let id = of["provider_id"].as_str().unwrap();
        format!("{id} {}/{}", bounds(&of["numerator"]), bounds(&of["denominator"]))
    };
    report["providers"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn patients_of_supervised_providers_count_for_both_where_the_policy_says_so() {
    let folder = practice();
    let words = ["--period", "2014Q3", "--roster", "r.csv"];
    let plain = folder.report(&words);
    assert_eq!(figures(&plain), ["DR 1/1", "NP 1/2", "PA 0/1"]);
    // The counts of NP and PA do not change, and a message is attributed to the provider it names.
    let counted = folder.report(&[&words[..], &COUNT].concat());
    assert_eq!(figures(&counted), ["DR 2/3", "NP 1/2", "PA 0/1"]);
    let group = folder.report(&[&words[..], &COUNT, &["--credit", "group"]].concat());
    assert_eq!(group["providers"][0]["denominator"]["most"], 3);
    // A row without a patient may be one more patient of both.
    let rows =
        folder.read("encounters.csv") + "5,,NP,2014-07-05,office-visit,completed,eligible-professional\n";
    folder.write("encounters.csv", rows);
    let counted = folder.report(&[&words[..], &COUNT].concat());
    assert_eq!(figures(&counted), ["DR 2/3..4", "NP 1/2..3", "PA 0/1"]);
    let plain = folder.report(&words);
    assert_eq!(figures(&plain), ["DR 1/1", "NP 1/2..3", "PA 0/1"]);
}

/// Every command counts the same patients.
#[test]
fn the_other_commands_do_the_same() {
    let folder = practice();
    let words = ["--encounters", "encounters.csv", "--messages", "messages.csv", "--roster", "r.csv"];
    let json = |command: &[&str]| -> Value {
        let output = folder.run(&[command, &words, &COUNT].concat());
        assert_eq!(output.status.code(), Some(0), "{command:?} {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let more = ["--windows", "quarters", "--exported", "2014", "--format", "json"];
    let sweep = json(&[&["sweep", "--period", "2014"][..], &more].concat());
    assert_eq!(sweep["providers"][0]["figures"][2]["denominator"]["most"], 3);
    assert_eq!(sweep["providers"][0]["figures"][2]["numerator"]["most"], 2);
    let explained = json(&["explain", "--period", "2014Q3", "--patient", "P2", "--format", "json"]);
    let standings = explained["patients"][0]["standings"].as_array().unwrap();
    assert!(
        standings.iter().any(|of| of["provider_id"] == "DR" && of["denominator"] == "certain"),
        "{standings:?}"
    );
    // `what-if` tries the policy setting by itself.
    let output = folder.run(&[&["what-if", "--period", "2014Q3", "--format", "json"][..], &words].concat());
    let what_if: Value = serde_json::from_slice(&output.stdout).unwrap();
    let alternatives = what_if["alternatives"].as_array().unwrap();
    let alternative = alternatives.iter().find(|of| of["name"] == "supervised=count").unwrap();
    assert_eq!(figures(&alternative["measure"])[0], "DR 2/3");
    // SQL text does not support this setting, and the error names it.
    let tables =
        ["--dialect", "duckdb", "--encounters-table", "e", "--messages-table", "m", "--roster-table", "r"];
    let output = folder.run(&[&["sql", "--period", "2014Q3"][..], &tables, &COUNT].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("supervised=count"));
    // If the roster has no supervisors, the setting changes nothing.
    let without = ["--roster-columns", "provider_id,name"];
    let output = folder.run(&[&["sql", "--period", "2014Q3"][..], &tables, &COUNT, &without].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let with = ["--roster-columns", "provider_id,supervisor_id"];
    let output = folder.run(&[&["sql", "--period", "2014Q3"][..], &tables, &COUNT, &with].concat());
    assert_eq!(output.status.code(), Some(2));
}
