//! A random export goes through `report`, `explain`, `sweep`, and `verify`. The results match the oracle's, also for other candidate
//! periods, the explanation of each patient matches the ledger, and a pack can be recomputed identically.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use mucalc::run::Exit;
use mucalc_fuzz::choices;
use mucalc_fuzz::program::Folder;
use mucalc_fuzz::support::oracle::World;
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
    // A year that is not over cannot be attested.
    let year = &world.first[..4];
    if world.attested.as_ref().is_none_or(|day| &day[..4] > year) {
        let (exit, sweep) = answered(&[
            "sweep",
            "--format",
            "csv",
            "--all-windows",
            "--period",
            year,
            "--exported",
            "2000-01-01..2030-12-31",
        ]);
        assert!(exit as u8 == Exit::Success as u8, "no sweep: {world:#?}");
        check_sweep(&sweep, &world, bytes);
    }
    let (exit, pack) = answered(&["pack"]);
    assert!(exit as u8 == Exit::Success as u8);
    folder.write("pack.zip", pack);
    let exit = folder.end(&["verify", "pack.zip", "--inputs", "."]);
    assert!(exit as u8 == Exit::Success as u8, "its own pack does not come out the same again: {world:#?}");
});

/// Compares the results of two candidate periods, which the bytes choose, with the oracle's.
fn check_sweep(sweep: &[u8], world: &World, bytes: &[u8]) {
    type Row = BTreeMap<String, String>;
    let rows: Vec<Row> = csv::Reader::from_reader(sweep).into_deserialize().map(Result::unwrap).collect();
    let period = |row: &Row| [row["first"].clone(), row["last"].clone()];
    let periods: Vec<[String; 2]> = rows.iter().map(period).collect::<BTreeSet<_>>().into_iter().collect();
    let sum: usize = bytes.iter().map(|byte| usize::from(*byte)).sum();
    let Some(last) = periods.len().checked_sub(1) else { return };
    for chosen in [sum % periods.len(), last - bytes.len() % periods.len()] {
        let [first, last] = periods[chosen].clone();
        let moved = World { first, last, ..world.clone() };
        let range = |row: &Row, name: &str| {
            ["least", "most"].map(|end| row[&format!("{name}_{end}")].parse::<u64>().unwrap())
        };
        let swept = rows.iter().filter(|row| period(row) == periods[chosen]);
        let swept: BTreeSet<_> = swept
            .map(|row| {
                (
                    row["provider_id"].clone(),
                    range(row, "denominator"),
                    range(row, "numerator"),
                    row["verdict"].clone(),
                )
            })
            .collect();
        let expected: BTreeSet<_> = oracle::providers(&moved)
            .into_iter()
            .map(|one| {
                (
                    one.id,
                    <[u64; 2]>::from(one.denominator),
                    <[u64; 2]>::from(one.numerator),
                    one.verdict.to_owned(),
                )
            })
            .collect();
        assert_eq!(swept, expected, "sweep of {:?}: {world:#?}", periods[chosen]);
    }
}

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
