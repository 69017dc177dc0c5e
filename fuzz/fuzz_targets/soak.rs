//! A random export goes through `report`, `explain`, and `verify`. The results match the oracle's, the explanation of each patient matches
//! the ledger, and a pack can be recomputed identically.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use mucalc::run::Exit;
use mucalc_fuzz::choices;
use mucalc_fuzz::program::Folder;
use mucalc_fuzz::support::{oracle, worlds};
use serde_json::Value;

/// Provider, denominator, numerator, and reason of a patient.
type Standings = BTreeSet<[String; 4]>;

fuzz_target!(|bytes: &[u8]| {
    let world = choices::world(bytes);
    let folder = worlds::folder(&world);
    let rows = if oracle::counts_accesses(world.edition()) { "accesses" } else { "messages" };
    let (flag, file) = (format!("--{rows}"), format!("{rows}.csv"));
    let inputs = ["--encounters", "encounters.csv", &flag, &file];
    let answered = |words: &[&str]| folder.answer(&[words, &inputs[..]].concat());

    let report = worlds::report_in(&folder, &world, &["--ledger", "ledger.csv"]);
    assert_eq!(worlds::figures(&report), oracle::providers(&world), "{world:#?}");
    for patient in ["p1", "p2", "p3", "p4", "p5"] {
        let (exit, explained) = answered(&["explain", "--format", "json", "--patient", patient]);
        let explained =
            if exit as u8 == Exit::Success as u8 { memberships(&explained) } else { Standings::new() };
        assert_eq!(explained, in_ledger(&folder, patient), "{patient} of {world:#?}");
    }
    let (exit, pack) = answered(&["pack"]);
    assert!(exit as u8 == Exit::Success as u8);
    folder.write("pack.zip", pack);
    let exit = folder.end(&["verify", "pack.zip", "--inputs", "."]);
    assert!(exit as u8 == Exit::Success as u8, "its own pack does not come out the same again: {world:#?}");
});

fn memberships(explanation: &[u8]) -> Standings {
    let explanation: Value = serde_json::from_slice(explanation).unwrap();
    let patients = explanation["patients"].as_array().unwrap().iter();
    let standings = patients.flat_map(|patient| patient["standings"].as_array().unwrap());
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // A patient who certainly is not in the denominator is explained, but is not in the ledger.
    standings
        .filter(|one| one["denominator"] != "out")
        .map(|one| ["provider_id", "denominator", "numerator", "reason"].map(|key| word(&one[key])))
        .collect()
}

fn in_ledger(folder: &Folder, patient: &str) -> Standings {
    let mut reader = csv::Reader::from_path(folder.path().join("ledger.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|known| known == name).unwrap();
    let columns = ["provider_id", "denominator", "numerator", "reason"].map(at);
    let rows = reader.records().map(Result::unwrap).filter(|row| row[at("patient_id")] == *patient);
    rows.map(|row| columns.map(|column| row[column].to_owned())).collect()
}
