//! The outreach list contains every patient seen who is not in the numerator, in the documented order, and no other patient.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::program::{Folder, signed};
use crate::support::year::{Dice, practice};
use serde_json::Value;

const INPUTS: [&str; 4] = ["--encounters", "e.csv", "--messages", "m.csv"];

fn outreach(folder: &Folder, more: &[&str]) -> Value {
    let mut words = vec!["outreach", "--format", "json"];
    words.extend(INPUTS);
    words.extend(more);
    let output = folder.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The list follows the documented order. Each case of it has one patient.
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
    // More than 5 of 100 patients are needed: 6. By default, the list has half as many more.
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

/// In random practices the list contains exactly the patients of the ledger who are not certain to be in the numerator.
#[test]
fn nobody_is_missing_and_nobody_is_listed_who_counts() {
    let mut all = 0;
    for seed in 30..40 {
        let folder = practice(&mut Dice::new(seed), 2014, None);
        // The period is not over yet, so the list includes every patient who can still be asked.
        let more = ["--period", "2014-01-01..2015-06-30", "--adjudications", "a.csv"];
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

/// Patients with unresolved records do not take the places of patients to ask. A reviewed message is listed with that reason.
#[test]
fn patients_to_decide_about_stand_beside_those_to_ask() {
    let folder = Folder::new();
    let mut encounters = String::from("patient_id,provider_id,started_at,kind,status\n");
    (0..100).for_each(|at| encounters.push_str(&format!("P{at:02},A,2014-07-01,office-visit,completed\n")));
    // A visit after the period is too late to matter. A visit within it is not.
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
    // 6 patients are needed, and half as many more are listed: 9 to review and 9 to ask.
    assert_eq!(criteria[..9], ["unclear"; 9]);
    assert_eq!(criteria[9..], [&["decided"][..], &["silent"; 8]].concat());
    assert_eq!(
        [&patients[9]["patient_id"], &patients[10]["patient_id"]],
        [&"P07".into(), &Value::from("P99")]
    );
    assert_eq!(patients[11]["patient_id"], "P20");
    assert!(patients.iter().zip(1..).all(|(patient, rank)| patient["rank"] == rank));
}

/// If the export leaves a fact unknown, the reason on the list does not claim it.
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

/// If no further message can qualify, the list contains no patient to ask. It contains only patients with records that a reviewer can
/// still decide.
#[test]
fn nobody_is_asked_where_asking_cannot_help() {
    let folder = Folder::new();
    folder.write(
        "e.csv",
        "patient_id,provider_id,started_at,kind,status\n\
         silent,A,2014-07-01,office-visit,completed\nunclear,A,2014-07-02,office-visit,completed\n\
         silent,A,2017-07-01,office-visit,completed\nsilent-too,A,2017-07-01,office-visit,completed\n",
    );
    folder.write(
        "m.csv",
        "message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n\
         M1,unclear,A,2014-07-04,patient,care-team,ehr-portal,clinical-question\n\
         M2,nobody,A,2014-12-31,patient,provider,ehr-portal,clinical-question\n",
    );
    let attested = ["--edition", "stage2-core7m2", "--accesses", "x.csv", "--attested", "2015-02-20"];
    folder.write("x.csv", "access_id,accessed_at,patient_id\n");
    for (words, as_of, until, is_over, listed) in [
        (&["--period", "2014Q3"][..], "2014-09-29", Some("2014-09-30"), false, 2),
        (&["--period", "2014Q3"], "2014-09-30", Some("2014-09-30"), true, 1),
        (&["--period", "2014Q3"], "2014-12-01", Some("2014-09-30"), true, 1),
        // In 2017 a message qualifies on any day of the year. In 2016 it does not by default.
        (&["--period", "2017Q3"], "2017-10-15", Some("2017-12-31"), false, 2),
        (&["--period", "2017Q3"], "2017-12-31", Some("2017-12-31"), true, 0),
        (&["--period", "2016Q3"], "2016-10-15", Some("2016-09-30"), true, 0),
        (&["--period", "2016Q3", "--policy", "window=count"], "2016-10-15", Some("2016-12-31"), false, 0),
        // Portal accesses qualify until the attestation date. While that date is unknown, asking may help.
        (&[&["--period", "2014Q3"][..], &attested].concat(), "2015-02-19", Some("2015-02-20"), false, 2),
        (&[&["--period", "2014Q3"][..], &attested].concat(), "2015-02-20", Some("2015-02-20"), true, 0),
        (&[&["--period", "2014Q3"][..], &attested[..4]].concat(), "2015-06-01", None, false, 2),
    ] {
        let told = outreach(&folder, &[words, &["--list", "all", "--as-of", as_of]].concat());
        assert_eq!(told["asking_helps_until"].as_str(), until, "{words:?} {as_of}");
        assert_eq!(told["is_over"], is_over, "{words:?} {as_of}");
        let patients = told["providers"][0]["patients"].as_array().unwrap();
        assert_eq!(patients.len(), listed, "{words:?} {as_of}");
        assert!(!is_over || patients.iter().all(|patient| patient["next_step"] == "review"), "{words:?}");
    }
    let words = [&["outreach", "--period", "2014Q3", "--as-of", "2014-10-01"][..], &INPUTS].concat();
    let text = String::from_utf8(folder.run(&words).stdout).unwrap();
    assert!(text.contains("The period is over") && !text.contains("to contact"), "{text}");
}

/// A patient without a portal account is invited, and a patient with one is reminded.
#[test]
fn the_next_step_depends_on_the_account_of_the_portal() {
    let folder = Folder::new();
    let patients = ["yes", "no", "unsaid", "odd", "absent", "bills"];
    let mut encounters = String::from("patient_id,provider_id,started_at,kind,status\n");
    patients
        .iter()
        .for_each(|id| encounters.push_str(&format!("{id},A,2014-07-01,office-visit,completed\n")));
    folder.write("e.csv", encounters);
    folder.write(
        "m.csv",
        "patient_id,provider_id,sent_at,sender,recipient,channel,topic\n\
         bills,A,2014-07-03,patient,provider,ehr-portal,billing\n",
    );
    folder.write("p.csv", "patient_id,portal_enrolled\nyes,Yes\nno,N\nunsaid,\nodd,perhaps\n");
    let steps = |more: &[&str]| -> BTreeMap<String, (String, Value)> {
        let words = [&["--period", "2014Q3", "--list", "all", "--as-of", "2014-07-20"], more].concat();
        let told = outreach(&folder, &words);
        let all = told["providers"][0]["patients"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let one =
            |of: &Value| (text(&of["patient_id"]), (text(&of["next_step"]), of["portal_enrolled"].clone()));
        all.iter().map(one).collect()
    };
    let step = |steps: &BTreeMap<String, (String, Value)>, id: &str| steps[id].0.clone();
    let without = steps(&[]);
    assert!(patients[..5].iter().all(|id| step(&without, id) == "ask"), "{without:?}");
    assert_eq!(step(&without, "bills"), "remind", "who uses the portal has an account");
    let with = steps(&["--enrollment", "p.csv"]);
    let told: Vec<String> = patients.iter().map(|id| step(&with, id)).collect();
    assert_eq!(told, ["remind", "invite", "ask", "ask", "ask", "remind"]);
    // If the practice has to write, a patient without a portal account is still invited.
    for name in ["e.csv", "m.csv"] {
        folder.write(name, folder.read(name).replace("2014-07", "2017-07"));
    }
    let words = [
        "--period",
        "2017-07-01..2017-09-30",
        "--list",
        "all",
        "--as-of",
        "2017-07-20",
        "--enrollment",
        "p.csv",
    ];
    let told = outreach(&folder, &words);
    let steps = told["providers"][0]["patients"].as_array().unwrap().iter();
    let steps: BTreeMap<&str, &str> =
        steps.map(|of| (of["patient_id"].as_str().unwrap(), of["next_step"].as_str().unwrap())).collect();
    assert_eq!((steps["no"], steps["yes"], steps["unsaid"]), ("invite", "write", "write"));
    for name in ["e.csv", "m.csv"] {
        folder.write(name, folder.read(name).replace("2017-07", "2014-07"));
    }
    assert_eq!((&with["yes"].1, &with["no"].1, &with["odd"].1), (&true.into(), &false.into(), &Value::Null));
    let words = [&["report", "--period", "2014Q3"][..], &INPUTS].concat();
    folder.write("mucalc.toml", "enrollment = \"p.csv\"\n");
    assert_eq!(folder.run(&words).status.code(), Some(0), "other commands know the key");
    // The list reports a value that it cannot read.
    let words = [&["outreach", "--period", "2014Q3"][..], &INPUTS].concat();
    let text = String::from_utf8(folder.run(&words).stdout).unwrap();
    assert!(text.contains("unknown-word at p.csv:5"), "{text}");
}

/// From 2016 on, an answer qualifies. Unanswered messages come first, and they are listed even if the patient is already in the numerator.
#[test]
fn messages_that_nobody_has_answered_are_listed() {
    let folder = Folder::new();
    let mut encounters = String::from("patient_id,provider_id,started_at,kind,status\n");
    for (id, provider) in [
        ("waits", "A"),
        ("answered", "A"),
        ("wrote-again", "A"),
        ("to-practice", "A"),
        ("of-b", "B"),
        ("silent", "A"),
    ] {
        encounters.push_str(&format!("{id},{provider},2017-07-01,office-visit,completed\n"));
    }
    folder.write("e.csv", encounters);
    folder.write(
        "m.csv",
        "patient_id,provider_id,sent_at,status,sender,recipient,channel,topic\n\
         waits,A,2017-07-03,sent,patient,provider,ehr-portal,clinical-question\n\
         answered,A,2017-07-03,sent,patient,provider,ehr-portal,clinical-question\n\
         answered,A,2017-07-04,sent,provider,patient,ehr-portal,clinical-question\n\
         wrote-again,A,2017-07-03,sent,patient,provider,ehr-portal,clinical-question\n\
         wrote-again,A,2017-07-04,sent,provider,patient,ehr-portal,clinical-question\n\
         wrote-again,A,2017-07-09,sent,representative,provider,ehr-portal,clinical-question\n\
         to-practice,,2017-07-02,sent,patient,care-team,ehr-portal,clinical-question\n\
         of-b,B,2017-07-05,sent,patient,provider,ehr-portal,clinical-question\n\
         silent,A,2017-07-05,draft,patient,provider,ehr-portal,clinical-question\n\
         silent,A,2017-07-05,sent,patient,provider,email,clinical-question\n\
         silent,A,2017-07-06,sent,patient,provider,ehr-portal,billing\n\
         nobody,A,2017-07-05,sent,patient,provider,ehr-portal,clinical-question\n",
    );
    let told = outreach(&folder, &["--period", "2017Q3", "--list", "all", "--as-of", "2017-07-20"]);
    let listed = |at: usize| -> Vec<[String; 3]> {
        let all = told["providers"][at]["unanswered"].as_array().unwrap().iter();
        all.map(|one| {
            ["patient_id", "sent_on", "message_ref"].map(|key| one[key].as_str().unwrap().to_owned())
        })
        .collect()
    };
    assert_eq!(
        listed(0),
        [
            ["to-practice", "2017-07-02", "m.csv:8"],
            ["waits", "2017-07-03", "m.csv:2"],
            ["wrote-again", "2017-07-09", "m.csv:7"],
        ]
    );
    assert_eq!(listed(1), [["of-b", "2017-07-05", "m.csv:9"]]);
    let patients: Vec<[&str; 3]> = told["providers"][0]["patients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| ["patient_id", "criterion", "next_step"].map(|key| of[key].as_str().unwrap()))
        .collect();
    // A patient who wrote again is in the numerator because of the first answer, so is not a candidate.
    assert_eq!(
        patients,
        [
            ["to-practice", "unanswered", "answer"],
            ["waits", "unanswered", "answer"],
            ["silent", "silent", "write"],
        ]
    );
    for format in ["table", "md"] {
        let words =
            [&["outreach", "--period", "2017Q3", "--as-of", "2017-07-20", "--format", format][..], &INPUTS];
        let text = String::from_utf8(folder.run(&words.concat()).stdout).unwrap().replace('\\', "");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("Unanswered patient messages: to-practice on 07/02/2017 (m.csv:8)"),
            "{format} {text}"
        );
    }
    // A message that was answered after the as-of date is unanswered on that date.
    let early = outreach(&folder, &["--period", "2017Q3", "--as-of", "2017-07-03"]);
    assert_eq!(early["providers"][0]["unanswered"].as_array().unwrap().len(), 4);
    // In 2014 an answer does not affect the measure.
    let words = ["--period", "2017Q3", "--edition", "stage2-core17", "--any-year"];
    assert_eq!(outreach(&folder, &words)["providers"][0]["unanswered"], Value::Array(Vec::new()));
}
