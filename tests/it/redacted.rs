//! A redacted pack contains no patient, whatever the key, and no small count if those are withheld.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use crate::support::packs::{parts, practice, succeeds};
use crate::support::program::Folder;

/// Pseudonyms are the same under the same key, and different under a different key.
#[test]
fn pseudonyms_hang_on_the_key() {
    let folder = practice();
    for name in ["a.zip", "b.zip"] {
        succeeds(&folder, &["pack", "-o", name, "--redacted", "--key", "one.key"]);
    }
    succeeds(&folder, &["pack", "-o", "c.zip", "--redacted", "--key", "two.key"]);
    let ledger =
        |name: &str| parts(&folder, name).into_iter().find(|(part, _)| part == "ledger.csv").unwrap().1;
    assert_eq!(ledger("a.zip"), ledger("b.zip"));
    assert_ne!(ledger("a.zip"), ledger("c.zip"));
    assert!(
        succeeds(&folder, &["verify", "a.zip", "--inputs", ".", "--key", "one.key"])
            .contains("byte for byte")
    );
    assert_eq!(folder.run(&["verify", "a.zip", "--inputs", "."]).status.code(), Some(2));
    // `verify` rejects a wrong key, and `pack` rejects the user's other files as a key.
    assert_eq!(folder.run(&["verify", "a.zip", "--inputs", ".", "--key", "two.key"]).status.code(), Some(3));
    assert_eq!(
        folder.run(&["pack", "-o", "d.zip", "--redacted", "--key", "roster.csv"]).status.code(),
        Some(3)
    );
    let both = folder.run(&["pack", "-o", "d.zip", "--redacted", "--key", "./d.zip"]);
    assert_eq!(both.status.code(), Some(2), "{}", String::from_utf8_lossy(&both.stderr));
    assert!(!folder.path().join("d.zip").exists());
}

/// Small counts are withheld everywhere, together with the counts from which they could be calculated.
#[test]
fn small_counts_are_withheld() {
    let folder = practice();
    succeeds(
        &folder,
        &[
            "pack",
            "-o",
            "p.zip",
            "--redacted",
            "--small-cells",
            "withhold",
            "--adjudications",
            "adjudications.csv",
        ],
    );
    let parts: BTreeMap<String, Vec<u8>> = parts(&folder, "p.zip").into_iter().collect();
    assert!(!parts.contains_key("ledger.csv") && !parts.contains_key("report.html"));
    let report: Value = serde_json::from_slice(&parts["report.json"]).unwrap();
    assert!(report["group"].is_null() && report["waterfall"].is_null());
    for provider in report["providers"].as_array().unwrap() {
        // A provider with a small count has no counts at all, so that none can be calculated from another.
        let of_nobody = provider["denominator"]["most"] == 0;
        assert!(
            of_nobody || (provider["denominator"].is_null() && provider["needed"].is_null()),
            "{provider}"
        );
    }
    let cover = String::from_utf8(parts["cover.html"].clone()).unwrap();
    assert!(
        cover.contains("withheld")
            && !cover.contains("5.00%")
            && !cover.contains(">20<")
            && !cover.contains(">63<")
    );
    assert!(
        !parts.contains_key("adjudications.csv") && report["adjudications"].as_array().unwrap().is_empty()
    );
    assert!(
        report["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .all(|input| input["rows"].is_null() && input["sha256"].is_null())
    );
    succeeds(&folder, &["verify", "p.zip", "--inputs", ".", "--key", "p.zip.key"]);
}

/// Generates a patient of a marked export. No value of the patient may be in a redacted pack.
fn marked() -> impl Strategy<Value = (String, String, String, u32)> {
    let text = |pattern: &'static str| proptest::string::string_regex(pattern).unwrap();
    (text("PT[A-Z]{8}"), text("ID[A-Z]{8}"), text("[a-z]{9} [a-z]{9}"), 2..29u32)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_value_of_a_patient_is_in_a_redacted_pack(
        rows in prop::collection::vec(marked(), 1..8),
        withhold in any::<bool>(),
    ) {
        let folder = Folder::new();
        let (mut encounters, mut messages, mut decisions) = (
            "encounter_id,patient_id,provider_id,started_at\n".to_owned(),
            "message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic,subject,thread_id\n".to_owned(),
            "message_id,patient_id,decision,by,on,reason\n".to_owned(),
        );
        let mut values = Vec::new();
        for (patient, id, subject, day) in &rows {
            // None of the days is in the configuration.
            let date = format!("2014-08-{day:02}");
            encounters.push_str(&format!("E{id},{patient},A,{date} 10:11\n"));
            messages.push_str(&format!("M{id},{patient},A,{date} 12:13,patient,care-team,ehr-portal,test-result,{subject},T{id}\n"));
            // One unusable row, and one without a patient: findings must not show them either.
            messages.push_str(&format!("X{id},{patient},A,{subject},patient,provider,{subject},{subject},{subject},T{id}\n"));
            decisions.push_str(&format!("M{id},,counts,Somebody {subject},{date},because {subject}\n,{patient},seen,{subject},{date},{subject}\n"));
            values.extend([patient.clone(), id.clone(), subject.clone(), date, "10:11".to_owned()]);
        }
        folder.write("e.csv", encounters).write("m.csv", messages).write("d.csv", decisions);
        let mut words = vec!["pack", "-o", "p.zip", "--redacted", "--encounters", "e.csv", "--messages", "m.csv"];
        words.extend(["--adjudications", "d.csv", "--period", "2014Q3"]);
        if withhold {
            words.extend(["--small-cells", "withhold"]);
        }
        let output = folder.run(&words);
        prop_assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        for (name, part) in parts(&folder, "p.zip") {
            let part = String::from_utf8_lossy(&part);
            for value in &values {
                prop_assert!(!part.contains(value.as_str()), "{} is in {}", value, name);
            }
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        prop_assert!(values.iter().all(|value| !stderr.contains(value.as_str())));
    }
}

/// The size of a practice: patients of D2, how many of them wrote, patients of D3 whom only the other rule set counts, and unusable rows.
type Sizes = (usize, usize, usize, usize);

/// Makes a redacted pack without small counts, with two rule sets, and returns its parts. Leaves out checksums of the inputs, because they
/// depend on a secret key.
fn without_small_counts((few, wrote, other, unusable): Sizes) -> BTreeMap<String, Vec<u8>> {
    let folder = Folder::new();
    let mut encounters = "encounter_id,started_at,patient_id,provider_id,status,kind,seen_by\n".to_owned();
    let mut messages =
        "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n".to_owned();
    let mut visit = |patient: String, provider: &str, kind: &str| {
        let row = encounters.lines().count();
        encounters.push_str(&format!(
            "E{row},2014-07-10,{patient},{provider},completed,{kind},eligible-professional\n"
        ));
    };
    let mut message = |patient: String, provider: &str| {
        let row = messages.lines().count();
        messages.push_str(&format!(
            "M{row},2014-07-11,{patient},{provider},patient,provider,ehr-portal,clinical-question,sent\n"
        ));
    };
    for at in 0..100 {
        visit(format!("A{at}"), "D1", "office-visit");
        if at < 30 {
            message(format!("A{at}"), "D1");
        }
    }
    for at in 0..few {
        visit(format!("B{at}"), "D2", "office-visit");
        if at < wrote {
            message(format!("B{at}"), "D2");
        }
    }
    for at in 0..60 {
        visit(format!("C{at}"), "D3", "office-visit");
    }
    for at in 0..other {
        visit(format!("C9{at}"), "D3", "telephone");
    }
    for at in 0..unusable {
        visit(String::new(), "D4", if at % 2 == 0 { "office-visit" } else { "telephone" });
    }
    folder.write("e.csv", &encounters).write("m.csv", &messages);
    folder.write_secret("k", "9f2c01d4e8b7a3655d10fe4298c3ab7714e0d62b8f53907ac1b86e2d4f7a9035\n");
    let words = [
        "pack",
        "--no-config",
        "--period",
        "2014Q3",
        "--edition",
        "stage2-core17,like-openemr",
        "--encounters",
        "e.csv",
        "--messages",
        "m.csv",
        "--redacted",
        "--key",
        "k",
        "--small-cells",
        "withhold",
        "-o",
        "p.zip",
    ];
    succeeds(&folder, &words);
    succeeds(&folder, &["verify", "p.zip", "--inputs", ".", "--key", "k"]);
    let mut parts: BTreeMap<String, Vec<u8>> = parts(&folder, "p.zip").into_iter().collect();
    parts.remove("SHA256SUMS");
    let manifest = parts.get_mut("manifest.json").unwrap();
    let mut told: Value = serde_json::from_slice(manifest).unwrap();
    told["inputs"].as_array_mut().unwrap().iter_mut().for_each(|input| input["sha256"] = Value::Null);
    *manifest = told.to_string().into_bytes();
    parts
}

/// No arithmetic reveals a withheld count: practices that differ only in these counts have identical packs in all parts, even with two
/// rule sets.
#[test]
fn small_counts_cannot_be_worked_out() {
    // Counts from 1 to 10 that change no result and no kind of finding.
    let known = without_small_counts((7, 1, 4, 2));
    for sizes in
        [(1, 1, 4, 2), (10, 1, 4, 2), (7, 7, 4, 2), (7, 1, 1, 2), (7, 1, 10, 2), (7, 1, 4, 9), (3, 2, 8, 5)]
    {
        let other = without_small_counts(sizes);
        assert_eq!(known.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        for (name, bytes) in &known {
            let (one, two) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&other[name]));
            assert_eq!(one, two, "{sizes:?}: {name}");
        }
    }
    // The packs are not empty: they show a large count.
    let report: Value = serde_json::from_slice(&known["report.json"]).unwrap();
    let figures = |at: usize| &report["providers"][at]["denominator"];
    assert_eq!(figures(0)["least"], 100);
    assert!(figures(1).is_null() && figures(2).is_null(), "{report}");
    assert!(report["alongside"][0]["providers"][2]["denominator"].is_null());
}

/// Returns the parts of a pack without small counts. One clinician has two ids, with some patients seen under both and some seen outside
/// the clinic, and another clinician has a few patients.
fn of_two_ids(
    edition: &str,
    year: i32,
    (both, elsewhere, few): (usize, usize, usize),
) -> BTreeMap<String, Vec<u8>> {
    let folder = Folder::new();
    let mut encounters =
        "encounter_id,started_at,patient_id,provider_id,status,kind,seen_by,location_id\n".to_owned();
    let mut visit = |patient: usize, provider: &str, location: &str| {
        let row = encounters.lines().count();
        encounters.push_str(&format!(
            "E{row},{year}-11-10,P{patient},{provider},completed,office-visit,eligible-professional,{location}\n"
        ));
    };
    // The number of rows is the same for all sizes.
    for at in 0..100 {
        visit(at, "D1", "CLINIC");
        visit(100 - both + at, "D2", "CLINIC");
    }
    for at in 0..10 {
        visit(900 + at.min(few - 1), "D3", "CLINIC");
        visit(at, "D1", if at < elsewhere { "HALL" } else { "CLINIC" });
    }
    let mut messages =
        "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n".to_owned();
    for at in 0..30 {
        messages.push_str(&format!(
            "M{at},{year}-11-11,P{},D{},patient,provider,ehr-portal,clinical-question,sent\n",
            if at < 15 { 20 + at } else { 110 + at },
            if at < 15 { 1 } else { 2 },
        ));
    }
    folder.write("e.csv", &encounters).write("m.csv", &messages);
    folder.write("r.csv", "provider_id,npi,name\nD1,1234567893,A\nD2,1234567893,A\nD3,1245319599,B\n");
    folder
        .write("mucalc.toml", "[locations.CLINIC]\ncertified = true\n[locations.HALL]\ncertified = false\n");
    folder.write_secret("k", "9f2c01d4e8b7a3655d10fe4298c3ab7714e0d62b8f53907ac1b86e2d4f7a9035\n");
    let period = format!("{year}Q4");
    let inputs = ["--encounters", "e.csv", "--messages", "m.csv", "--roster", "r.csv"];
    let words =
        ["pack", "-q", "--period", &period, "--edition", edition, "--redacted", "--key", "k", "-o", "p.zip"];
    succeeds(&folder, &[&words[..], &inputs, &["--small-cells", "withhold"]].concat());
    parts(&folder, "p.zip").into_iter().collect()
}

/// Attestation sheets reveal no small count, and no two counts whose difference is one. This includes a yes/no measure, two ids added up,
/// and encounters outside the clinic.
#[test]
fn attestation_sheets_tell_no_small_counts() {
    for (edition, year) in [("stage2-core17", 2014), ("modstage2-2015", 2015)] {
        let cover =
            |sizes| String::from_utf8(of_two_ids(edition, year, sizes)["cover.html"].clone()).unwrap();
        let known = cover((7, 7, 7));
        assert!(
            known.contains("separate requirement of 50% is met") && known.contains("withheld"),
            "{known}"
        );
        for sizes in [(1, 7, 7), (7, 1, 7), (7, 7, 1), (9, 3, 4)] {
            let other = cover(sizes);
            let differing = known.lines().zip(other.lines()).find(|(one, two)| one != two);
            assert_eq!(differing, None, "{edition} {sizes:?}");
        }
    }
}

/// A cover that withholds counts explains how the run treated unusable rows.
#[test]
fn a_cover_without_counts_says_what_becomes_of_unusable_rows() {
    let folder = practice();
    let encounters = folder.read("encounters.csv");
    let (header, _) = encounters.split_once('\n').unwrap();
    let lost = ",".repeat(header.matches(',').count() - 1);
    folder.write("encounters.csv", format!("{encounters}X1,{lost}\n"));
    for (choice, effect) in
        [("bound", "the results allow for them"), ("ignore", "the results leave them out")]
    {
        let name = format!("{choice}.zip");
        let words = ["pack", "-q", "--redacted", "--key", "k", "--small-cells", "withhold", "-o", &name];
        succeeds(&folder, &[&words[..], &["--unusable", choice]].concat());
        let cover = parts(&folder, &name).into_iter().find(|(part, _)| part == "cover.html").unwrap().1;
        let cover = String::from_utf8(cover).unwrap();
        assert!(cover.contains(&format!("some rows could not be used; {effect}")), "{choice}: {cover}");
    }
}
