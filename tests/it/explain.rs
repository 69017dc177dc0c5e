//! Tests that an explanation is complete and true: it has every row about a patient, and replaying its rows gives the ledger.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use crate::support::cases::csv;
use crate::support::dirty::Dice;
use crate::support::oracle::{self, World};
use crate::support::program::{Folder, signed};
use crate::support::tables::{Tables, of_world};
use crate::support::worlds::{self, folder, world};

const PATIENTS: [&str; 5] = ["p1", "p2", "p3", "p4", "p5"];

/// A review decision: its message or patient, its provider, and what it decides.
#[derive(Clone, Debug)]
struct Decision {
    message: Option<usize>,
    patient: &'static str,
    provider: Option<&'static str>,
    word: &'static str,
}

fn decisions() -> impl Strategy<Value = Vec<Decision>> {
    let provider = prop::option::of(prop::sample::select(vec!["A", "B", "C"]));
    let one = (prop::option::of(0..14usize), prop::sample::select(&PATIENTS[..]), provider, 0..4usize);
    let one = one.prop_map(|(message, patient, provider, word)| Decision {
        message,
        patient,
        provider,
        word: ["counts", "out", "seen", "not-seen"][if message.is_some() { word % 2 } else { word }],
    });
    prop::collection::vec(one, 0..5)
}

fn file(decisions: &[Decision]) -> String {
    let line = |of: &Decision| match of.message {
        Some(message) => format!("M{message},,{},{}\n", of.provider.unwrap_or(""), of.word),
        None => format!(",{},{},{}\n", of.patient, of.provider.unwrap_or(""), of.word),
    };
    let lines: String = decisions.iter().map(line).collect();
    signed(&format!("message_id,patient_id,provider_id,decision\n{lines}"))
}

/// Returns every patient who is named in a row.
fn patients(world: &World) -> Vec<&str> {
    let encounters = world.encounters.iter().map(|row| row.patient.as_str());
    let counts_accesses = oracle::counts_accesses(world.edition());
    let messages = world.messages.iter().filter(|_| !counts_accesses).map(|row| row.patient.as_str());
    let accesses = world.accesses.iter().filter(|_| counts_accesses).map(|row| row.patient.as_str());
    let mut patients: Vec<&str> = encounters.chain(messages).chain(accesses).collect();
    patients.sort_unstable();
    patients.dedup();
    patients
}

type Rows = Vec<BTreeMap<String, String>>;

fn ledger(folder: &Folder) -> Rows {
    let text = folder.read("ledger.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn reference(place: &Value) -> String {
    if place.is_null() { String::new() } else { format!("{}:{}", text(&place["file"]), place["line"]) }
}

/// Returns the ledger rows that an explanation claims.
fn claimed(explanation: &Value) -> Rows {
    let of = |patient: &Value| -> Rows {
        let standings = patient["standings"].as_array().unwrap().iter();
        let standings = standings.filter(|standing| standing["denominator"] != "out");
        let row = |standing: &Value| {
            BTreeMap::from(
                [
                    ("provider_id", text(&standing["provider_id"])),
                    ("patient_id", text(&patient["patient_id"])),
                    ("denominator", text(&standing["denominator"])),
                    ("numerator", text(&standing["numerator"])),
                    ("reason", text(&standing["reason"])),
                    ("encounter_ref", reference(&standing["encounter"])),
                    ("message_ref", reference(&standing["message"])),
                ]
                .map(|(name, cell)| (name.to_owned(), cell)),
            )
        };
        standings.map(row).collect()
    };
    let mut rows: Rows = explanation["patients"].as_array().unwrap().iter().flat_map(of).collect();
    rows.sort_by_key(|row| (row["provider_id"].clone(), row["patient_id"].clone()));
    rows
}

/// Returns the patient's membership for each provider, as a reader would compute it by hand from the explanation's rows and the review
/// decisions about the patient.
fn by_hand(patient: &Value) -> BTreeMap<String, (String, String)> {
    let rows = |name: &str| patient[name].as_array().unwrap().clone();
    let decided = |provider: &str, words: [&str; 2]| {
        let meant = |of: &&Value| {
            of["about"] == "patient"
                && (of["provider_id"].is_null() || of["provider_id"] == provider)
                && words.contains(&text(&of["decision"]).as_str())
        };
        patient["decisions"]
            .as_array()
            .unwrap()
            .iter()
            .find(meant)
            .map(|of| text(&of["decision"]) == words[0])
    };
    let mut seen: BTreeMap<String, bool> = BTreeMap::new();
    // A superseded version is ignored, and what only some versions contain is possible, not certain.
    let is_used = |row: &&Value| row["answer"] != "out" && row["version"] != "superseded";
    for row in rows("encounters").iter().filter(is_used) {
        let certain = seen.entry(text(&row["provider_id"])).or_default();
        *certain = *certain || (row["answer"] == "in" && row["version"] != "contradicting");
    }
    seen.retain(|provider, certain| {
        if !*certain {
            match decided(provider, ["seen", "not-seen"]) {
                Some(true) => *certain = true,
                Some(false) => return false,
                None => {}
            }
        }
        true
    });
    let numerator = [rows("messages"), rows("accesses")].concat();
    let standing = |(provider, certain): (String, bool)| {
        let reaches = numerator.iter().flat_map(|row| row["reaches"].as_array().unwrap());
        let answers: Vec<String> = reaches
            .filter(|reach| reach["provider_id"] == provider.as_str())
            .map(|reach| text(&reach["answer"]))
            .collect();
        let has = |word: &str| answers.iter().any(|answer| answer == word);
        let wrote = match (has("counts"), has("uncertain")) {
            (true, _) => "certain",
            (false, true) => match decided(&provider, ["counts", "out"]) {
                Some(true) => "certain",
                Some(false) => "none",
                None => "possible",
            },
            (false, false) => "none",
        };
        let seen = if certain { "certain" } else { "possible" };
        (provider, (seen.to_owned(), wrote.to_owned()))
    };
    seen.into_iter().map(standing).collect()
}

/// Checks what is true of every row: the last rule evaluated decides, and no earlier rule does. A row has blocking conditions if and only
/// if it does not certainly qualify.
fn is_sound(row: &Value) {
    let steps = row["steps"].as_array().unwrap();
    let (last, before) = steps.split_last().unwrap();
    assert_eq!(last["fits"], "yes", "{row}");
    assert!(before.iter().all(|step| step["fits"] != "yes"), "{row}");
    let first = steps.iter().find(|step| step["fits"] == "yes" || step["fits"] == "perhaps").unwrap();
    assert_eq!(first["rule"], row["rule"]);
    let is_in = row["answer"] == "in" || row["answer"] == "counts";
    assert_eq!(row["would_count_if"].as_array().unwrap().is_empty(), is_in, "{row}");
    assert!(!row["record"].as_array().unwrap().is_empty(), "{row}");
}

/// Checks the attribution of a numerator row. A review decision about the row applies first and resolves only what is unresolved. Next, a
/// missing provider makes a qualifying row unresolved. Otherwise, the rules decide.
fn is_rightly_reached(row: &Value, decisions: &Value) {
    for reach in row["reaches"].as_array().unwrap() {
        let decided = decisions.as_array().unwrap().iter().find(|of| {
            of["about"] != "patient"
                && of["id"] == row["id"]
                && (of["provider_id"].is_null() || of["provider_id"] == reach["provider_id"])
        });
        assert!(row["version"] != "superseded", "{row}");
        let weakened = row["answer"] == "counts" && reach["unattributed"] == true;
        let is_contradicted = row["answer"] == "counts" && reach["because"] == "contradicting-versions";
        assert!(!is_contradicted || row["version"] == "contradicting", "{row}");
        let is_open = weakened || is_contradicted || row["version"] == "contradicting" && decided.is_some();
        let open = if is_open { "uncertain" } else { row["answer"].as_str().unwrap() };
        let expected = match decided {
            // If all versions agree, there is nothing to decide.
            Some(_) if row["version"] == "contradicting" && reach["because"] == "rules" => {
                (row["answer"].as_str().unwrap(), "rules")
            }
            Some(of) if open == "uncertain" => (of["decision"].as_str().unwrap(), "adjudicated"),
            _ if is_contradicted => (open, "contradicting-versions"),
            _ if weakened => (open, "unattributed"),
            _ => (open, "rules"),
        };
        assert_eq!(
            (reach["answer"].as_str().unwrap(), reach["because"].as_str().unwrap()),
            expected,
            "{row}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn whoever_replays_an_explanation_comes_to_the_ledger(
        world in world(),
        decisions in decisions(),
        seed in prop::option::of(any::<u64>()),
    ) {
        let folder = folder(&world);
        // In some exports, several rows are versions of one record.
        let tables = seed.map(|seed| of_world(&world).with_versions(&mut Dice::new(seed)));
        for (name, rows) in tables.iter().flat_map(Tables::inputs).filter(|(name, _)| *name != "roster") {
            folder.write(&format!("{name}.csv"), csv(rows, Tables::needed(name)));
        }
        let rows = |tables: &'_ Tables| [tables.encounters.clone(), tables.rows.clone()].concat();
        let mut patients: Vec<String> = match &tables {
            Some(tables) => rows(tables).iter().map(|row| row["patient_id"].clone()).collect(),
            None => patients(&world).into_iter().map(str::to_owned).collect(),
        };
        patients.sort_unstable();
        patients.dedup();
        prop_assume!(!patients.is_empty());
        folder.write("adjudications.csv", file(&decisions));
        let decided = ["--adjudications", "adjudications.csv"];
        worlds::report_in(&folder, &world, &[&decided[..], &["--ledger", "ledger.csv"]].concat());
        let mut expected = ledger(&folder);

        let rows = if oracle::counts_accesses(world.edition()) { "accesses" } else { "messages" };
        let numerator = format!("{rows}.csv");
        let flag = format!("--{rows}");
        let mut words = vec!["explain", "--format", "json", "--encounters", "encounters.csv", &flag, &numerator];
        words.extend(decided);
        patients.iter().for_each(|patient| words.extend(["--patient", patient]));
        let output = folder.run(&words);
        prop_assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let explanation: Value = serde_json::from_slice(&output.stdout).unwrap();

        let claimed = claimed(&explanation);
        for row in &mut expected {
            row.retain(|name, _| claimed.first().is_none_or(|claimed| claimed.contains_key(name)));
        }
        prop_assert_eq!(&claimed, &expected);

        let mut told = (0, 0);
        for patient in explanation["patients"].as_array().unwrap() {
            let standings = patient["standings"].as_array().unwrap().iter();
            let standings = standings.filter(|standing| standing["denominator"] != "out").map(|standing| {
                (text(&standing["provider_id"]), (text(&standing["denominator"]), text(&standing["numerator"])))
            });
            prop_assert_eq!(standings.collect::<BTreeMap<_, _>>(), by_hand(patient));
            let all = |name: &str| patient[name].as_array().unwrap().clone();
            told.0 += all("encounters").len();
            told.1 += all("messages").len() + all("accesses").len();
            [all("encounters"), all("messages"), all("accesses")].concat().iter().for_each(is_sound);
            for row in [all("messages"), all("accesses")].concat() {
                is_rightly_reached(&row, &patient["decisions"]);
            }
        }
        let rows = if rows == "accesses" { world.accesses.len() } else { world.messages.len() };
        prop_assert_eq!(told, (world.encounters.len(), rows));
    }
}

/// With several files, the deciding records are those of the first day, each with its file and line.
#[test]
fn the_rows_that_decided_are_named_with_their_files() {
    let folder = Folder::new();
    let encounters = "patient_id,provider_id,started_at,kind\n";
    folder.write("e1.csv", format!("{encounters}Q,A,2014-07-03,office-visit\nP,A,2014-08-01,office-visit\n"));
    folder.write("e2.csv", format!("{encounters}P,A,2014-07-01,office-visit\nP,B,2014-07-05,office-visit\n"));
    let messages = "patient_id,provider_id,sent_at,sender,recipient,channel,topic\n";
    let message = |provider, day| format!("P,{provider},{day},patient,provider,ehr-portal,test-result\n");
    folder.write("m1.csv", format!("{messages}{}", message("B", "2014-08-02")));
    folder.write("m2.csv", format!("{messages}{}{}", message("A", "2014-08-02"), message("B", "2014-07-02")));
    let words = ["explain", "--patient", "P", "--format", "json", "--period", "2014Q3"];
    let inputs = ["--encounters", "e1.csv", "e2.csv", "--messages", "m1.csv", "m2.csv"];
    let output = folder.run(&[&words[..], &inputs].concat());
    let explanation: Value = serde_json::from_slice(&output.stdout).unwrap();
    let place = |place: &Value| format!("{}:{}", text(&place["file"]), place["line"]);
    let standings = explanation["patients"][0]["standings"].as_array().unwrap().iter();
    let told = standings
        .map(|of| [text(&of["provider_id"]), place(&of["encounter"]), place(&of["message"])].join(" "));
    assert_eq!(told.collect::<Vec<_>>(), ["A e2.csv:2 m2.csv:2", "B e2.csv:3 m2.csv:3"]);
}

/// Blocking conditions have codes for scripts: by how many days a date misses the period, and the values of the other columns.
#[test]
fn near_misses_have_codes() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at,kind\nP,A,2014-07-01,office-visit\n");
    folder.write(
        "m.csv",
        "message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n\
         after,P,A,2014-10-02,patient,provider,ehr-portal,test-result\n\
         before,P,A,2014-06-29,patient,provider,ehr-portal,test-result\n\
         email,P,A,2014-07-02,patient,provider,email,test-result\n\
         staff,P,A,2014-07-02,patient,staff,ehr-portal,billing\n\
         topic,P,A,2014-07-02,patient,provider,ehr-portal,\n\
         undated,P,A,,patient,provider,ehr-portal,test-result\n\
         somehow,P,A,2014-07-02,patient,provider,,test-result\n\
         somehow-after,P,A,2014-10-02,patient,provider,,test-result\n\
         counts,P,A,2014-07-02,patient,provider,ehr-portal,test-result\n",
    );
    let words = ["explain", "--patient", "P", "--format", "json", "--period", "2014Q3"];
    let output = folder.run(&[&words[..], &["--encounters", "e.csv", "--messages", "m.csv"]].concat());
    let explanation: Value = serde_json::from_slice(&output.stdout).unwrap();
    let told = explanation["patients"][0]["messages"].as_array().unwrap().iter().map(|row| {
        let set = |set: &Value| {
            let one = |of: &Value| match of["days_off"].as_i64() {
                Some(days) => format!("{} {days:+}", text(&of["code"])),
                None => text(&of["code"]),
            };
            set.as_array().unwrap().iter().map(one).collect::<Vec<_>>().join(" + ")
        };
        let sets = row["would_count_if"].as_array().unwrap().iter().map(set);
        format!("{}: {}", text(&row["id"]), sets.collect::<Vec<_>>().join(" | "))
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "after: day-outside +2",
            "before: day-outside -2",
            "email: certified-no",
            "staff: recipient-staff + topic-billing",
            "topic: topic-unknown",
            "undated: day-unknown",
            "somehow: certified-unknown",
            "somehow-after: day-outside +2 + certified-unknown",
            "counts: ",
        ]
    );
}

/// `explain` reports that an id is not in the exports, without repeating the id.
#[test]
fn what_is_not_there_is_told() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at\nP,A,2014-07-01\n");
    folder.write("m.csv", "patient_id,provider_id,sent_at\nP,A,2014-07-02\n");
    let usual = ["--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];
    for asked in [["--patient", "SECRET"], ["--message", "SECRET"], ["--encounter", "SECRET"]] {
        let output = folder.run(&[&["explain"], &asked[..], &usual].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("ids must match exactly") && !stderr.contains("SECRET"), "{stderr}");
        assert!(output.stdout.is_empty());
    }
}

/// If a channel is certified only from some day on, the date of the message is the blocking condition, not the channel.
#[test]
fn a_channel_with_days_is_looked_at_on_its_days() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at\nP,A,2014-07-01\n");
    folder.write(
        "m.csv",
        "message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n\
         before,P,A,2014-05-01,patient,provider,Ours,test-result\n\
         early,P,A,2014-07-10,patient,provider,Ours,test-result\n\
         late,P,A,2014-08-10,patient,provider,Ours,test-result\n\
         nobody,P,,2014-08-10,patient,provider,Ours,\n",
    );
    folder.write("mucalc.toml", "[channels.Ours]\ncertified = true\nfrom = \"2014-08-01\"\n");
    let words =
        ["explain", "--patient", "P", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];
    let output = folder.run(&[&words[..], &["--format", "json"]].concat());
    let explanation: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sets = |row: &Value| {
        let set = |set: &Value| {
            set.as_array().unwrap().iter().map(|one| text(&one["code"])).collect::<Vec<_>>().join(" + ")
        };
        row["would_count_if"].as_array().unwrap().iter().map(set).collect::<Vec<_>>()
    };
    let told: Vec<Vec<String>> =
        explanation["patients"][0]["messages"].as_array().unwrap().iter().map(sets).collect();
    assert_eq!(
        told,
        [vec!["day-outside"], vec!["day-inside", "certified-no"], vec![], vec!["topic-unknown"]]
    );
    let text = String::from_utf8(folder.run(&words).stdout).unwrap();
    assert!(text.contains("61 days before the reporting period\n"), "{text}");
    assert!(
        text.contains("2 conditions not met: the topic is unknown and it is addressed to no provider"),
        "{text}"
    );
    assert!(text.contains("Channel ours: certified from August 1, 2014."), "{text}");
    assert_eq!(folder.run(&[&words[..], &["--provider", "Z"]].concat()).status.code(), Some(2));
}

/// `explain` never shows the text of a message, whatever the name of its column.
#[test]
fn no_text_of_a_message_is_shown() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at\nP,A,2014-07-01\n");
    folder.write("m.csv", "WHO,WHEN,ABOUT,TEXT\nP,2014-07-02,test-result,a rash\n");
    folder.write(
        "ours.toml",
        "name = \"ours\"\n[messages.columns]\npatient_id = \"WHO\"\nsent_at = \"WHEN\"\ntopic = \"ABOUT\"\nsubject = \"TEXT\"\n",
    );
    let words =
        ["explain", "--patient", "P", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];
    let output = folder.run(&[&words[..], &["--layout", "messages=ours.toml"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("ABOUT=test-result") && !text.contains("rash"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
