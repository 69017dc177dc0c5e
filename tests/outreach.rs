//! Whom to ask first: everybody seen who does not count, in the stated order, and nobody else.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that panics has failed"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use support::program::{Folder, signed};
use support::year::{Dice, practice};

const INPUTS: [&str; 4] = ["--encounters", "e.csv", "--messages", "m.csv"];

fn outreach(folder: &Folder, more: &[&str]) -> Value {
    let mut words = vec!["outreach", "--format", "json"];
    words.extend(INPUTS);
    words.extend(more);
    let output = folder.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The cases of the stated order, one patient each.
#[test]
fn the_order_is_the_stated_one() {
    let folder = Folder::new();
    folder.write(
        "e.csv",
        "patient_id,provider_id,started_at,kind,status\n\
         counts,A,2014-07-01,office-visit,completed\n\
         silent-once-early,A,2014-07-01,office-visit,completed\n\
         silent-once-late,A,2014-07-20,office-visit,completed\n\
         silent-twice,A,2014-07-02,office-visit,completed\n\
         silent-twice,A,2014-07-03,office-visit,completed\n\
         silent-comes-again,A,2014-07-01,office-visit,completed\n\
         silent-comes-again,A,2014-07-10,office-visit,scheduled\n\
         silent-comes-again,A,2014-09-12,office-visit,scheduled\n\
         silent-comes-sooner,A,2014-07-01,office-visit,completed\n\
         silent-comes-sooner,A,2014-08-30,office-visit,scheduled\n\
         silent-comes-sooner,B,2014-08-05,office-visit,scheduled\n\
         emails,A,2014-07-01,office-visit,completed\n\
         bills,A,2014-07-01,office-visit,completed\n\
         unclear,A,2014-07-01,office-visit,completed\n\
         too-old,A,2014-07-01,office-visit,completed\n\
         b,A,2014-07-01,office-visit,completed\n\
         a,A,2014-07-01,office-visit,completed\n\
         not-seen,A,2014-07-01,office-visit,no-show\n",
    );
    folder.write(
        "m.csv",
        "patient_id,provider_id,sent_at,sender,recipient,channel,topic\n\
         counts,A,2014-07-03,patient,provider,ehr-portal,clinical-question\n\
         emails,A,2014-07-03,patient,provider,email,clinical-question\n\
         bills,A,2014-07-03,patient,provider,ehr-portal,billing\n\
         bills,A,2014-07-04,patient,provider,email,clinical-question\n\
         unclear,A,2014-07-04,patient,care-team,ehr-portal,clinical-question\n\
         too-old,A,2014-06-04,patient,provider,ehr-portal,clinical-question\n\
         not-seen,A,2014-07-03,patient,provider,email,clinical-question\n\
         silent-once-early,A,2014-07-21,provider,patient,ehr-portal,clinical-question\n",
    );
    let listed = outreach(&folder, &["--period", "2014Q3", "--list", "all"]);
    assert_eq!(listed["as_of"], "2014-07-21");
    let patients = listed["providers"][0]["patients"].as_array().unwrap().iter();
    let told: Vec<[&str; 3]> = patients
        .map(|patient| ["patient_id", "criterion", "reason"].map(|key| patient[key].as_str().unwrap()))
        .collect();
    #[rustfmt::skip]
    let expected = [
        ["unclear", "unclear", "pool"],
        ["bills", "uses-portal", "not-clinical"],
        ["emails", "other-way", "channel-not-certified"],
        ["silent-comes-sooner", "silent", "no-message"],
        ["silent-comes-again", "silent", "no-message"],
        ["silent-twice", "silent", "no-message"],
        ["silent-once-late", "silent", "no-message"],
        ["a", "silent", "no-message"],
        ["b", "silent", "no-message"],
        ["silent-once-early", "silent", "not-from-patient"],
        ["too-old", "silent", "sent-outside-period"],
    ];
    assert_eq!(told, expected);
    let next: Vec<&Value> = listed["providers"][0]["patients"].as_array().unwrap()[3..6]
        .iter()
        .map(|patient| &patient["next_visit"])
        .collect();
    assert_eq!(next, ["2014-08-30".into(), "2014-09-12".into(), Value::Null].iter().collect::<Vec<_>>());
}

#[test]
fn as_many_as_are_needed_and_some_more() {
    let folder = Folder::new();
    let mut encounters = String::from("patient_id,provider_id,started_at,kind\n");
    (0..100).for_each(|at| encounters.push_str(&format!("P{at},A,2014-07-01,office-visit\n")));
    folder.write("e.csv", encounters).write("m.csv", "patient_id,provider_id,sent_at\n");
    let listed = |more: &[&str]| {
        let words = [&["--period", "2014Q3"], more].concat();
        outreach(&folder, &words)["providers"][0]["patients"].as_array().unwrap().len()
    };
    // More than 5 of 100 are needed: 6. Half as many more are listed where nothing else is said.
    assert_eq!(listed(&[]), 9);
    assert_eq!(listed(&["--margin", "0"]), 6);
    assert_eq!(listed(&["--margin", "100"]), 12);
    assert_eq!(listed(&["--margin", "1"]), 7);
    assert_eq!(listed(&["--list", "3"]), 3);
    assert_eq!(listed(&["--list", "all"]), 100);
    for wrong in [vec!["--list", "some"], vec!["--list", "all", "--margin", "3"], vec!["--provider", "B"]] {
        let words = [&["outreach", "--period", "2014Q3"][..], &INPUTS, &wrong].concat();
        assert_eq!(folder.run(&words).status.code(), Some(2), "{wrong:?}");
    }
}

/// In random practices the list holds whom the ledger holds, but for those who count.
#[test]
fn nobody_is_missing_and_nobody_is_listed_who_counts() {
    let mut all = 0;
    for seed in 30..40 {
        let folder = practice(&mut Dice::new(seed), 2014, None);
        let more = ["--period", "2014", "--adjudications", "a.csv"];
        let report = [&["report", "--quiet", "--ledger", "l.csv"][..], &INPUTS, &more].concat();
        assert_eq!(folder.run(&report).status.code(), Some(0));
        let mut expected: BTreeSet<(String, String)> = BTreeSet::new();
        for row in csv::Reader::from_reader(folder.read("l.csv").as_bytes()).deserialize() {
            let row: BTreeMap<String, String> = row.unwrap();
            if row["numerator"] != "certain" {
                expected.insert((row["provider_id"].clone(), row["patient_id"].clone()));
            }
        }
        let listed = outreach(&folder, &[&more[..], &["--list", "all"]].concat());
        let mut told = BTreeSet::new();
        for provider in listed["providers"].as_array().unwrap() {
            let patients = provider["patients"].as_array().unwrap();
            assert_eq!(provider["candidates"], patients.len());
            for (patient, rank) in patients.iter().zip(1..) {
                assert_eq!(patient["rank"], rank);
                let id = |of: &Value, key: &str| of[key].as_str().unwrap().to_owned();
                assert!(told.insert((id(provider, "provider_id"), id(patient, "patient_id"))));
            }
        }
        assert_eq!(told, expected, "seed {seed}");
        all += told.len();
    }
    assert!(all > 100, "{all}");
}

#[test]
fn the_list_is_for_its_owner_alone_and_runs_no_formula() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at,kind\n=1+1,A,2014-07-01,office-visit\n");
    folder.write("m.csv", "patient_id,provider_id,sent_at\n");
    for format in ["csv", "xlsx", "table", "md", "json"] {
        let words =
            [&["outreach", "--period", "2014Q3", "--format", format, "-o", "list"][..], &INPUTS].concat();
        assert_eq!(folder.run(&words).status.code(), Some(0), "{format}");
        if format == "csv" {
            assert!(folder.read("list").contains(",'=1+1,"), "{}", folder.read("list"));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = folder.path().join("list").metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{format}");
        }
        std::fs::remove_file(folder.path().join("list")).unwrap();
    }
}

/// What is unclear does not take the place of those who are to be asked; what was decided is told as such.
#[test]
fn patients_to_decide_about_stand_beside_those_to_ask() {
    let folder = Folder::new();
    let mut encounters = String::from("patient_id,provider_id,started_at,kind,status\n");
    (0..100).for_each(|at| encounters.push_str(&format!("P{at:02},A,2014-07-01,office-visit,completed\n")));
    // A visit after the period comes too late to matter, one within it does not.
    encounters.push_str("P98,A,2014-10-02,office-visit,scheduled\nP99,A,2014-09-02,office-visit,scheduled\n");
    let mut messages =
        String::from("message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n");
    (0..20).for_each(|at| {
        messages.push_str(&format!("M{at},P{at:02},A,2014-07-05,patient,care-team,ehr-portal,test-result\n"));
    });
    folder.write("e.csv", encounters).write("m.csv", messages);
    folder.write("a.csv", signed("message_id,decision\nM7,out\n"));
    let listed = outreach(&folder, &["--period", "2014Q3", "--adjudications", "a.csv"]);
    let patients = listed["providers"][0]["patients"].as_array().unwrap();
    let criteria: Vec<&str> = patients.iter().map(|patient| patient["criterion"].as_str().unwrap()).collect();
    // 6 are needed and half as many more: 9 to decide about, 9 to ask.
    assert_eq!(criteria[..9], ["unclear"; 9]);
    assert_eq!(criteria[9..], [&["decided"][..], &["silent"; 8]].concat());
    assert_eq!(
        [&patients[9]["patient_id"], &patients[10]["patient_id"]],
        [&"P07".into(), &Value::from("P99")]
    );
    assert_eq!(patients[11]["patient_id"], "P20");
    assert!(patients.iter().zip(1..).all(|(patient, rank)| patient["rank"] == rank));
}

/// Where the export does not say enough, the reason does not claim what nobody knows.
#[test]
fn what_is_unclear_is_not_told_as_a_fact() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at,kind\nP1,A,2014-07-01,office-visit\n");
    folder.write(
        "m.csv",
        "patient_id,provider_id,sent_at,sender,recipient,channel,topic\nP1,A,2014-07-05,patient,provider,ehr-portal,\n",
    );
    let listed = outreach(&folder, &["--period", "2014Q3"]);
    let patient = &listed["providers"][0]["patients"][0];
    assert_eq!([&patient["criterion"], &patient["reason"]], ["unclear", "not-clinical"]);
    assert!(
        patient["why"].as_str().unwrap().starts_with("The export does not say enough to tell whether"),
        "{patient}"
    );
}
