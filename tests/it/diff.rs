//! Tests of `diff`: it lists exactly which patients entered or left, and explains the causes as far as the two runs show them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use crate::support::oracle::{self, World};
use crate::support::program::{Folder, signed};
use crate::support::worlds::{folder, report_in, world_of};
use crate::support::{packs, zips};

const ENCOUNTERS: &str = "patient_id,provider_id,started_at,kind,status\n\
    P1,A,2014-07-01,office-visit,completed\nP2,A,2014-08-01,office-visit,completed\nP3,A,2014-09-01,office-visit,completed\n\
    P4,A,2014-10-01,office-visit,completed\nP5,A,2014-07-05,telephone,completed\n";
const MESSAGES: &str = "message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n\
    M1,P1,A,2014-07-02,patient,provider,ehr-portal,test-result\nM2,P2,A,2014-08-02,patient,care-team,ehr-portal,test-result\n\
    M3,P2,A,2014-08-03,patient,provider,ehr-portal,billing\n";

/// A run in a folder: its inputs and its additional arguments.
struct Run<'a> {
    encounters: String,
    messages: String,
    words: Vec<&'a str>,
    digest: bool,
}

fn usual<'a>() -> Run<'a> {
    Run { encounters: ENCOUNTERS.to_owned(), messages: MESSAGES.to_owned(), words: Vec::new(), digest: true }
}

/// Writes a run to its own folder within another folder.
fn write(folder: &Folder, name: &str, run: &Run<'_>) {
    std::fs::create_dir_all(folder.path().join(name)).unwrap();
    folder.write("e.csv", &run.encounters).write("m.csv", &run.messages);
    let (report, ledger) = (format!("{name}/report.json"), format!("{name}/ledger.csv"));
    let mut words = vec!["report", "--encounters", "e.csv", "--messages", "m.csv", "--format", "json"];
    words.extend(["-o", &report, "--ledger", &ledger]);
    if !run.words.contains(&"--period") {
        words.extend(["--period", "2014Q3"]);
    }
    if run.digest {
        words.push("--digest");
    }
    words.extend(&run.words);
    let output = folder.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

fn diff(folder: &Folder, words: &[&str]) -> Value {
    let output = folder.run(&[&["diff", "--format", "json"], words].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns each change as `patient: change because of causes`.
fn change_lines(diff: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let causes = |change: &Value| {
        let causes: Vec<String> = change["causes"].as_array().unwrap().iter().map(text).collect();
        causes.join(" or ")
    };
    let change = |change: &Value| {
        format!("{}: {} by {}", text(&change["patient_id"]), text(&change["change"]), causes(change))
    };
    diff["patients"].as_array().unwrap().iter().map(change).collect()
}

/// Returns the change that `diff` reports when the two runs are swapped.
fn turned(told: &str) -> String {
    let word = |word: &str| match word.split_once('-') {
        Some(("entered", of)) => format!("left-{of}"),
        Some(("left", of)) => format!("entered-{of}"),
        Some(("new", of)) => format!("removed-{of}"),
        Some(("removed", of)) => format!("new-{of}"),
        _ => word.to_owned(),
    };
    let (change, causes) = told.split_once(" by ").unwrap();
    let mut causes: Vec<String> = causes.split(" or ").map(word).collect();
    causes.sort();
    let change: Vec<String> = change.split(' ').map(word).collect();
    format!("{} by {}", change.join(" "), causes.join(" or "))
}

/// Each change is reported with its cause. If the runs leave several causes possible, all of them are listed.
#[test]
fn changes_and_their_causes() {
    let replaced = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from));
        text.replace(from, to)
    };
    let cases: Vec<(&str, Run<'_>, Vec<&str>)> = vec![
        ("nothing", usual(), vec![]),
        (
            "a first message",
            Run {
                messages: format!("{MESSAGES}M4,P3,A,2014-09-02,patient,provider,ehr-portal,referral\n"),
                ..usual()
            },
            vec!["P3: entered-numerator by changed-word or new-row"],
        ),
        (
            "the only message is gone",
            Run {
                messages: MESSAGES
                    .lines()
                    .filter(|line| !line.contains("P1"))
                    .map(|line| format!("{line}\n"))
                    .collect(),
                ..usual()
            },
            vec!["P1: left-numerator by changed-word or removed-row"],
        ),
        (
            "another word",
            Run { messages: replaced(MESSAGES, "care-team", "provider"), ..usual() },
            vec!["P2: entered-numerator by changed-word"],
        ),
        (
            "a message that was out may be there anew",
            Run { messages: replaced(MESSAGES, "billing", "referral"), ..usual() },
            vec!["P2: entered-numerator by changed-word or new-row"],
        ),
        (
            "another word, and a message that is new beside it",
            Run {
                messages: replaced(MESSAGES, "care-team", "provider")
                    + "M4,P2,A,2014-09-02,patient,provider,ehr-portal,referral\n",
                ..usual()
            },
            vec!["P2: entered-numerator by changed-word or new-row"],
        ),
        (
            "a visit",
            Run { encounters: replaced(ENCOUNTERS, "telephone", "office-visit"), ..usual() },
            vec!["P5: entered-denominator by changed-word or new-row"],
        ),
        (
            "a policy of the numerator",
            Run { words: vec!["--policy", "pool=count"], ..usual() },
            vec!["P2: entered-numerator by policy:pool"],
        ),
        (
            "a policy of the denominator",
            Run { words: vec!["--policy", "minimal-service=count"], ..usual() },
            vec!["P5: entered-denominator by policy:minimal-service"],
        ),
        (
            "policies of both",
            Run { words: vec!["--policy", "minimal-service=count", "--policy", "pool=exclude"], ..usual() },
            vec!["P2: otherwise-certain by policy:pool", "P5: entered-denominator by policy:minimal-service"],
        ),
        (
            "the period",
            Run { words: vec!["--period", "2014-08-01..2014-10-31"], ..usual() },
            vec!["P1: left-denominator by period", "P4: entered-denominator by period"],
        ),
        (
            "the period and a word",
            Run {
                messages: replaced(MESSAGES, "care-team", "provider"),
                words: vec!["--period", "2014-07-01..2014-10-31"],
                ..usual()
            },
            vec!["P2: entered-numerator by changed-word or period", "P4: entered-denominator by period"],
        ),
        (
            "without digests nobody knows whether the inputs are the same",
            Run { words: vec!["--policy", "pool=count"], digest: false, ..usual() },
            vec!["P2: entered-numerator by changed-word or policy:pool"],
        ),
    ];
    for (what, run, expected) in cases {
        let folder = Folder::new();
        write(&folder, "a", &usual());
        write(&folder, "b", &run);
        let diff = diff(&folder, &["a", "b"]);
        assert_eq!(change_lines(&diff), expected, "{what}: {diff:#}");
        assert_eq!(diff["patients_compared"], true);
        // With the runs swapped, patients who entered have left, and new rows are removed rows.
        let back = self::diff(&folder, &["b", "a"]);
        let turned: Vec<String> = expected.iter().map(|change| turned(change)).collect();
        assert_eq!(change_lines(&back), turned, "{what}, the other way round: {back:#}");
    }
}

#[test]
fn gates_and_formats() {
    let folder = Folder::new();
    write(&folder, "a", &usual());
    write(
        &folder,
        "b",
        &Run { words: vec!["--policy", "minimal-service=count", "--policy", "pool=count"], ..usual() },
    );
    let run = |words: &[&str]| folder.run(&[&["diff"], words].concat());
    for (gate, fails) in [("verdicts", false), ("figures", true), ("patients", true), ("settings", true)] {
        assert_eq!(run(&["a", "b", "--fail-on", gate]).status.code(), Some(i32::from(fails)), "{gate}");
        assert_eq!(run(&["a", "a", "--fail-on", gate]).status.code(), Some(0), "{gate}");
    }
    assert_eq!(run(&["a", "b", "--fail-on", "verdict"]).status.code(), Some(2));
    let text = |words: &[&str]| String::from_utf8(run(words).stdout).unwrap();
    assert!(
        text(&["a", "b", "--format", "csv"])
            .contains("A,P5,entered-denominator,policy:minimal-service,,,,,,certain,none")
    );
    assert!(text(&["a", "b", "--format", "md"]).contains("| A | P2 | entered the numerator |"));
    assert!(text(&["a", "a"]).contains("No patient has a different status"));
    // Without a ledger, `diff` compares the counts and states that it does not compare patients.
    std::fs::rename(folder.path().join("b/ledger.csv"), folder.path().join("elsewhere.csv")).unwrap();
    assert!(text(&["a", "b"]).contains("Patients are not compared"));
    assert_eq!(change_lines(&diff(&folder, &["a", "b", "--ledger-b", "elsewhere.csv"])).len(), 2);
    // An output must not overwrite the report or the ledger of a run.
    for output in ["a/report.json", "a/ledger.csv"] {
        let before = folder.read(output);
        assert_eq!(run(&["a", "b", "-o", output]).status.code(), Some(3), "{output}");
        assert_eq!(folder.read(output), before);
    }
    // The ledger of another run is refused.
    assert_eq!(run(&["a", "b", "--ledger-b", "a/ledger.csv"]).status.code(), Some(3));
    for name in ["e.csv", "missing", "a/ledger.csv"] {
        let output = run(&["a", name]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{name}: {stderr}");
        assert!(!stderr.contains("P1"), "{stderr}");
    }
}

fn ledger(folder: &Folder) -> BTreeMap<(String, String), (String, String)> {
    let text = folder.read("ledger.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap);
    rows.map(|row| {
        (
            (row["provider_id"].clone(), row["patient_id"].clone()),
            (row["denominator"].clone(), row["numerator"].clone()),
        )
    })
    .collect()
}

fn two() -> impl Strategy<Value = (World, World)> {
    prop::sample::select(&oracle::EDITIONS[..])
        .prop_flat_map(|edition| (world_of(edition), world_of(edition)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Applying the changes to the first ledger gives the second ledger.
    #[test]
    fn the_changes_lead_from_one_ledger_to_the_other((a, b) in two()) {
        let folders = [&a, &b].map(|world| {
            let folder = folder(world);
            let report = report_in(&folder, world, &["--ledger", "ledger.csv", "--digest"]);
            folder.write("report.json", report.to_string());
            folder
        });
        let paths: Vec<String> = folders.iter().map(|folder| folder.path().to_string_lossy().into_owned()).collect();
        let diff = diff(&folders[0], &[&paths[0], &paths[1]]);
        let mut ledgers = folders.iter().map(ledger);
        let (mut before, after) = (ledgers.next().unwrap(), ledgers.next().unwrap());
        for change in diff["patients"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let key = (text(&change["provider_id"]), text(&change["patient_id"]));
            let stood = |of: &Value| (!of.is_null()).then(|| (text(&of["denominator"]), text(&of["numerator"])));
            prop_assert_eq!(before.get(&key).cloned(), stood(&change["a"]));
            match stood(&change["b"]) {
                Some(stands) => before.insert(key, stands),
                None => before.remove(&key),
            };
            prop_assert!(!change["causes"].as_array().unwrap().is_empty(), "{}", change);
        }
        prop_assert_eq!(before, after);
    }
}

/// If the exports of both runs are available, `diff` recomputes the results to find the causes and the rows responsible.
#[test]
fn causes_are_tried_out_on_the_exports() {
    let replaced = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from));
        text.replace(from, to)
    };
    let decision = &signed("message_id,patient_id,provider_id,decision\nM2,,,counts\n");
    let cases: Vec<(&str, Run<'_>, Vec<&str>)> = vec![
        (
            "a word of a message that was out",
            Run { messages: replaced(MESSAGES, "billing", "referral"), ..usual() },
            vec!["P2: entered-numerator by changed-word m.csv:4 > m.csv:4"],
        ),
        (
            "a new message beside one that is unclear",
            Run {
                messages: format!("{MESSAGES}M4,P2,A,2014-09-02,patient,provider,ehr-portal,referral\n"),
                ..usual()
            },
            vec!["P2: entered-numerator by new-row > m.csv:5"],
        ),
        (
            "a word of an encounter",
            Run { encounters: replaced(ENCOUNTERS, "telephone", "office-visit"), ..usual() },
            vec!["P5: entered-denominator by changed-word e.csv:6 > e.csv:6"],
        ),
        (
            "a new encounter",
            Run { encounters: format!("{ENCOUNTERS}P6,A,2014-07-07,office-visit,completed\n"), ..usual() },
            vec!["P6: entered-denominator by new-row > e.csv:7"],
        ),
        (
            "the period differs, but a word made it",
            Run {
                messages: replaced(MESSAGES, "care-team", "provider"),
                words: vec!["--period", "2014-07-01..2014-10-31"],
                ..usual()
            },
            vec![
                "P2: entered-numerator by changed-word m.csv:3 > m.csv:3",
                "P4: entered-denominator by period",
            ],
        ),
        (
            "the messages are others, but a policy made it",
            Run {
                messages: format!("{MESSAGES}M4,P9,A,2014-09-02,patient,provider,ehr-portal,referral\n"),
                words: vec!["--policy", "pool=count"],
                ..usual()
            },
            vec!["P2: entered-numerator by policy:pool"],
        ),
        (
            "it takes both: the message is new, and counts by the policy alone",
            Run {
                messages: format!("{MESSAGES}M4,P3,A,2014-09-02,patient,care-team,ehr-portal,referral\n"),
                words: vec!["--policy", "pool=count"],
                ..usual()
            },
            vec![
                "P2: entered-numerator by policy:pool",
                "P3: entered-numerator by new-row and policy:pool > m.csv:5",
            ],
        ),
        (
            "a decision",
            Run {
                messages: format!("{MESSAGES}M4,P9,A,2014-09-02,patient,provider,ehr-portal,referral\n"),
                words: vec!["--adjudications", "d.csv"],
                ..usual()
            },
            vec!["P2: entered-numerator by decisions"],
        ),
    ];
    for (what, run, expected) in cases {
        let folder = Folder::new();
        for (name, run) in [("a", &usual()), ("b", &run)] {
            let own = Folder::new();
            own.write("e.csv", &run.encounters).write("m.csv", &run.messages).write("d.csv", decision);
            let mut words = vec!["pack", "-q", "-o", "p.zip", "--encounters", "e.csv", "--messages", "m.csv"];
            if !run.words.contains(&"--period") {
                words.extend(["--period", "2014Q3"]);
            }
            words.extend(&run.words);
            assert_eq!(own.run(&words).status.code(), Some(0));
            std::fs::create_dir(folder.path().join(name)).unwrap();
            for file in ["e.csv", "m.csv", "d.csv", "p.zip"] {
                folder.write(&format!("{name}/{file}"), std::fs::read(own.path().join(file)).unwrap());
            }
        }
        let diff = diff(&folder, &["a/p.zip", "b/p.zip", "--inputs-a", "a", "--inputs-b", "b"]);
        assert_eq!(diff["tried"], true);
        // `diff` refuses exports that are not those of the packs.
        let swapped = folder.run(&["diff", "a/p.zip", "b/p.zip", "--inputs-a", "b", "--inputs-b", "a"]);
        let same = run.encounters == ENCOUNTERS && run.messages == MESSAGES;
        assert_eq!(swapped.status.code(), Some(if same { 0 } else { 3 }), "{what}");
        let place = |place: &Value| match place.is_null() {
            true => String::new(),
            false => format!("{}:{} ", place["file"].as_str().unwrap(), place["line"]),
        };
        let row = |row: &Value| format!(" {}> {}", place(&row["a"]), place(&row["b"])).trim_end().to_owned();
        let told: Vec<String> = change_lines(&diff)
            .iter()
            .zip(diff["patients"].as_array().unwrap())
            .map(|(told, change)| {
                let rows: Vec<String> = change["rows"].as_array().unwrap().iter().map(row).collect();
                format!("{}{}", told.replace(" or ", " and "), rows.join(";"))
            })
            .collect();
        assert_eq!(told, expected, "{what}: {diff:#}");
    }
}

/// Of several rule sets, `diff` compares the first or the named one, and states that there are others.
#[test]
fn one_edition_is_compared() {
    let folder = Folder::new();
    let editions = ["--edition", "stage2-core17,modstage2-2016", "--any-year"];
    write(&folder, "a", &Run { words: editions.to_vec(), ..usual() });
    write(&folder, "b", &Run { words: [&editions[..], &["--policy", "window=count"]].concat(), ..usual() });
    let output = folder.run(&["diff", "a", "b"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("only the first edition") && stderr.contains("modstage2-2016"), "{stderr}");
    assert!(diff(&folder, &["a", "b"])["settings"].as_array().unwrap().is_empty());
    let second = diff(&folder, &["a", "b", "--edition", "modstage2-2016"]);
    assert_eq!(second["settings"][0]["what"], "policy:window", "{second:#}");
    assert_eq!(folder.run(&["diff", "a", "b", "--edition", "stage3-o6m2"]).status.code(), Some(3));
}

/// A setting that differs is shown for both runs. A setting that neither run has is not shown.
#[test]
fn settings_are_told_in_words() {
    let folder = Folder::new();
    write(&folder, "a", &usual());
    folder.write(
        "mucalc.toml",
        "[channels.sms]\ncertified = true\nfrom = \"2014-01-01\"\nuntil = \"2014-12-31\"\n[channels.fax]\ncertified = false\n\
         [locations.north]\ncertified = true\n[locations.south]\ncertified = false\n",
    );
    write(&folder, "b", &Run { words: vec!["--edition", "modstage2-2015", "--any-year"], ..usual() });
    let of = |change: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or("nothing").to_owned();
        (text(&change["what"]), (text(&change["a"]), text(&change["b"])))
    };
    let diff = diff(&folder, &["a", "b"]);
    let told: BTreeMap<_, _> = diff["settings"].as_array().unwrap().iter().map(of).collect();
    let expected = [
        ("channels", "nothing", "fax: not certified; sms: certified from 2014-01-01 until 2014-12-31"),
        ("edition", "stage2-core17", "modstage2-2015"),
        ("locations", "nothing", "north: true; south: false"),
    ];
    for (what, a, b) in expected {
        assert_eq!(told.get(what), Some(&(a.to_owned(), b.to_owned())), "{what}: {told:?}");
    }
    assert!(told.keys().all(|what| !what.starts_with("policy:") && what != "period"), "{told:?}");
}

/// Choices other than policies are settings, too, unless one of the reports comes from a version that does not list them.
#[test]
fn choices_are_settings() {
    let folder = Folder::new();
    write(&folder, "a", &usual());
    let words = vec!["--unusable", "ignore", "--versions", "last", "--any-year"];
    write(&folder, "b", &Run { words, ..usual() });
    let named = |pair: [&str; 2]| -> Vec<[String; 3]> {
        let text = |value: &Value| value.as_str().unwrap_or("nothing").to_owned();
        let of = |change: &Value| [&change["what"], &change["a"], &change["b"]].map(text);
        diff(&folder, &pair)["settings"].as_array().unwrap().iter().map(of).collect()
    };
    let expected = [
        ["choice:any-year", "nothing", "true"],
        ["choice:unusable", "nothing", "ignore"],
        ["choice:versions", "nothing", "last"],
    ];
    assert_eq!(named(["a", "b"]), expected.map(|change| change.map(str::to_owned)));
    altered(&folder, "one", &|report| {
        report.as_object_mut().unwrap().remove("choices");
    });
    assert_eq!(named(["one", "b"]), Vec::<[String; 3]>::new());
}

/// The configuration's value mappings are a setting, even if the exports are the same.
#[test]
fn other_words_are_another_setting() {
    let folder = Folder::new();
    write(&folder, "a", &usual());
    folder.write("mucalc.toml", "[topics]\n\"letter to a specialist\" = \"referral\"\n");
    write(&folder, "b", &usual());
    assert_eq!(diff(&folder, &["a", "b"])["settings"][0]["what"], "vocabulary");
}

/// Writes a changed copy of a report next to the original.
fn altered(folder: &Folder, name: &str, alter: &dyn Fn(&mut Value)) {
    let mut report: Value = serde_json::from_str(&folder.read("a/report.json")).unwrap();
    alter(&mut report);
    std::fs::create_dir_all(folder.path().join(name)).unwrap();
    folder.write(&format!("{name}/report.json"), report.to_string());
}

/// Inputs are the same if their size, row count, and checksum are equal, in any order. Without checksums, `diff` can only detect that they
/// differ.
#[test]
fn inputs_are_held_against_each_other_by_size_rows_and_digest() {
    let folder = Folder::new();
    write(&folder, "a", &usual());
    let second = |report: &mut Value, at: usize| {
        let mut more = report["inputs"][0].clone();
        more["bytes"] = 7.into();
        more["sha256"] = "f".repeat(64).into();
        report["inputs"].as_array_mut().unwrap().insert(at, more);
    };
    altered(&folder, "two", &|report| second(report, 0));
    type Alter<'a> = &'a dyn Fn(&mut Value);
    let cases: [(&str, &str, Alter<'_>, &str); 9] = [
        ("a", "nothing", &|_| {}, "same"),
        ("a", "another digest", &|of| of["inputs"][0]["sha256"] = "0".repeat(64).into(), "changed"),
        ("a", "other rows", &|of| of["inputs"][0]["rows"] = 99.into(), "changed"),
        ("a", "another size", &|of| of["inputs"][0]["bytes"] = 99.into(), "changed"),
        ("a", "rows are withheld", &|of| of["inputs"][0]["rows"] = Value::Null, "not-known"),
        ("a", "no digest", &|of| of["inputs"][0]["sha256"] = Value::Null, "not-known"),
        (
            "a",
            "no digest, and other rows",
            &|of| {
                of["inputs"][0]["sha256"] = Value::Null;
                of["inputs"][0]["rows"] = 99.into();
            },
            "changed",
        ),
        ("a", "one more", &|of| second(of, 1), "changed"),
        ("two", "the other way round", &|of| second(of, 1), "same"),
    ];
    for (one, what, alter, expected) in cases {
        altered(&folder, "b", alter);
        for (one, other) in [(one, "b"), ("b", one)] {
            let diff = diff(&folder, &[one, other]);
            let inputs = diff["inputs"].as_array().unwrap();
            let told: Vec<&str> = inputs.iter().map(|input| input["same"].as_str().unwrap()).collect();
            assert_eq!(told, [expected, "same"], "{what}: {diff:#}");
        }
    }
}

/// The checksums of the vocabulary are compared only if both reports have one.
#[test]
fn words_are_compared_where_both_reports_tell_them() {
    let folder = Folder::new();
    write(&folder, "a", &usual());
    for (one, other, differs) in [("x", "x", false), ("x", "y", true), ("x", "", false), ("", "", false)] {
        altered(&folder, "one", &|report| report["vocabulary_sha256"] = one.into());
        altered(&folder, "other", &|report| report["vocabulary_sha256"] = other.into());
        for pair in [["one", "other"], ["other", "one"]] {
            let diff = diff(&folder, &pair);
            let settings = diff["settings"].as_array().unwrap();
            assert_eq!(settings.iter().any(|of| of["what"] == "vocabulary"), differs, "{one:?} {other:?}");
        }
    }
}

/// Counts that one of the reports withholds are not compared, but results are.
#[test]
fn withheld_figures_are_not_compared() {
    let folder = Folder::new();
    write(&folder, "a", &usual());
    type Alter<'a> = &'a dyn Fn(&mut Value);
    let cases: [(&str, Alter<'_>, usize); 4] = [
        ("nothing", &|_| {}, 0),
        ("another figure", &|of| of["numerator"] = serde_json::json!({ "least": 3, "most": 3 }), 1),
        ("a withheld one", &|of| of["numerator"] = serde_json::json!({ "least": null, "most": null }), 0),
        (
            "a withheld one, and another verdict",
            &|of| {
                of["numerator"] = Value::Null;
                of["verdict"] = "not-calculable".into();
            },
            1,
        ),
    ];
    for (what, alter, expected) in cases {
        altered(&folder, "b", &|report| alter(&mut report["providers"][0]));
        for pair in [["a", "b"], ["b", "a"]] {
            let diff = diff(&folder, &pair);
            assert_eq!(diff["providers"].as_array().unwrap().len(), expected, "{what}: {diff:#}");
        }
    }
}

/// Ids are written exactly as in the exports, even if a spreadsheet would treat them as formulas.
#[test]
fn ids_are_as_they_are() {
    let folder = Folder::new();
    let encounters = ENCOUNTERS.replace("P1,A", "=P1,-A");
    let messages = MESSAGES.replace("P1,A", "=P1,-A");
    write(&folder, "a", &Run { encounters: encounters.clone(), messages: MESSAGES.to_owned(), ..usual() });
    write(&folder, "b", &Run { encounters, messages, ..usual() });
    let diff = diff(&folder, &["a", "b"]);
    assert_eq!(diff["patients"][0]["patient_id"], "=P1", "{diff:#}");
    assert_eq!(diff["patients"][0]["provider_id"], "-A");
}

/// A pack with a file that does not match its checksum is not compared.
#[test]
fn a_pack_whose_digests_do_not_fit_is_not_compared() {
    let folder = packs::practice();
    packs::succeeds(&folder, &["pack", "-o", "a.zip"]);
    let mut parts = packs::parts(&folder, "a.zip");
    for (name, bytes) in &mut parts {
        if name == "ledger.csv" {
            bytes.extend_from_slice(
                b"DR-1,P999,certain,none,1,2014-07-02,2014-07-02,0,0,,no-message,e.csv:3,\n",
            );
        }
    }
    let raw = parts.iter().map(|(name, bytes)| zips::part(name, bytes.clone())).collect();
    folder.write("b.zip", zips::zip(raw).bytes());
    for words in [["diff", "a.zip", "b.zip"], ["diff", "b.zip", "a.zip"]] {
        let output = folder.run(&words);
        assert_eq!(output.status.code(), Some(3));
        assert!(String::from_utf8_lossy(&output.stderr).contains("another digest"));
    }
    packs::succeeds(&folder, &["diff", "a.zip", "a.zip"]);
    // The same holds for the folder that someone extracted a pack to.
    let extract = |parts: &[(String, Vec<u8>)]| {
        for (name, bytes) in parts {
            let path = folder.path().join("b").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    };
    extract(&parts);
    let output = folder.run(&["diff", "a.zip", "b"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("another digest"));
    extract(&packs::parts(&folder, "a.zip"));
    packs::succeeds(&folder, &["diff", "a.zip", "b"]);
    std::fs::remove_file(folder.path().join("b/SHA256SUMS")).unwrap();
    assert_eq!(folder.run(&["diff", "a.zip", "b"]).status.code(), Some(3));
}

/// A ledger with patients of a provider whom the report does not have is from another report.
#[test]
fn a_ledger_with_another_provider_is_refused() {
    let folder = Folder::new();
    write(&folder, "a", &usual());
    let ledger = folder.read("a/ledger.csv");
    let line = ledger.lines().nth(1).unwrap();
    let (_, rest) = line.split_once(',').unwrap();
    folder.write("more.csv", format!("{ledger}ANOTHER,{rest}\n"));
    assert!(folder.run(&["diff", "a", "a", "--ledger-b", "a/ledger.csv"]).status.success());
    assert_eq!(folder.run(&["diff", "a", "a", "--ledger-b", "more.csv"]).status.code(), Some(3));
}

/// Any program may have written a ledger, so no column of it may become a formula in a workbook.
#[test]
fn no_column_of_a_ledger_becomes_a_formula() {
    let folder = packs::practice();
    for name in ["a", "b"] {
        let words = ["report", "--format", "json", "-o", "r.json", "--ledger", "l.csv"];
        packs::succeeds(&folder, &words);
        for (file, of) in [("r.json", "report.json"), ("l.csv", "ledger.csv")] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
            std::fs::rename(folder.path().join(file), folder.path().join(name).join(of)).unwrap();
        }
    }
    let formula = "=HYPERLINK(\"http://x.example\")";
    let ledger = folder.read("b/ledger.csv");
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(ledger.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let mut changed = csv::Writer::from_writer(Vec::new());
    // One patient of DR-1 replaces another in the numerator: the counts stay the same, but the membership of two patients changes.
    let numerator = rows[0].iter().position(|name| name == "numerator").unwrap();
    let first =
        |word: &str| rows.iter().position(|row| &row[0] == "DR-1" && &row[numerator] == word).unwrap();
    let swapped = [(first("certain"), "none"), (first("none"), "certain")];
    for (at, row) in rows.iter().enumerate() {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let is_text = matches!(&rows[0][column], "reason" | "encounter_ref" | "message_ref");
            match swapped.iter().find(|(other, _)| *other == at) {
                Some((_, word)) if column == numerator => word,
                _ if at > 0 && is_text && !cell.is_empty() => formula,
                _ => cell,
            }
        });
        changed.write_record(cells).unwrap();
    }
    folder.write("b/ledger.csv", changed.into_inner().unwrap());
    let output = folder.run(&["diff", "a", "b", "--format", "csv"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut told = csv::Reader::from_reader(told.as_bytes());
    let cells: Vec<String> =
        told.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(cells.iter().any(|cell| cell.contains("HYPERLINK")), "{cells:?}");
    assert!(!cells.iter().any(|cell| cell.starts_with('=')), "{cells:?}");
}
