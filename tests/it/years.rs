//! The year of the reporting period selects the rule set, and a rule set of another year is refused.

use std::process::Output;

use crate::support::program::Folder;
use serde_json::Value;

/// Writes twenty patients of one provider, seen on July 1. P1 and P2 wrote without an answer, and the provider sent no message. The result
/// is "met" under the rules of 2014, and "not met" under those of 2016 and 2017, which count messages of the provider.
fn practice(year: i32) -> Folder {
    let folder = Folder::new();
    let rows: String =
        (1..=20).map(|of| format!("E{of},P{of},A,{year}-07-01,office-visit,completed\n")).collect();
    folder.write("e.csv", format!("encounter_id,patient_id,provider_id,started_at,kind,status\n{rows}"));
    let rows: String = (1..=2)
        .map(|of| format!("M{of},P{of},A,{year}-07-02,patient,provider,ehr-portal,test-result\n"))
        .collect();
    folder.write(
        "m.csv",
        format!("message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n{rows}"),
    );
    folder
}

fn run(folder: &Folder, command: &str, more: &[&str]) -> Output {
    let mut words = vec![command, "--encounters", "e.csv", "--messages", "m.csv"];
    words.extend(more);
    folder.run(&words)
}

fn json(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the error of a run that was refused because of its year.
fn refused(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    let reasons = ["add --any-year", "the measure depends on the program", "no rule set is for"];
    assert!(reasons.iter().any(|reason| text.contains(reason)), "{text}");
    text
}

/// The commands that calculate a measure, with the options that each needs in addition to the period.
const COMMANDS: [(&str, &[&str]); 6] = [
    ("report", &["--format", "json"]),
    ("sweep", &["--format", "json"]),
    ("what-if", &["--format", "json"]),
    ("progress", &["--format", "json"]),
    ("outreach", &["--format", "json", "--provider", "A"]),
    ("explain", &["--patient", "P1", "--format", "json"]),
];

#[test]
fn the_year_of_the_period_chooses_the_edition() {
    for (year, edition, verdict) in [
        (2014, "stage2-core17", "met"),
        (2015, "modstage2-2015", "not-calculable"),
        (2016, "modstage2-2016", "not-met"),
        (2017, "modstage2-2017", "not-met"),
    ] {
        let folder = practice(year);
        let report = json(&run(
            &folder,
            "report",
            &["--format", "json", "--period", &format!("{year}-07-01..{year}-09-30")],
        ));
        assert_eq!(report["edition"]["id"], edition);
        assert_eq!(report["providers"][0]["verdict"], verdict, "{year}");
    }
}

#[test]
fn a_year_in_which_programs_differ_asks_for_the_edition() {
    for year in [2018, 2020] {
        let folder = practice(year);
        let period = year.to_string();
        for (command, more) in COMMANDS {
            let mut words = vec!["--period", &period];
            words.extend(more);
            let text = refused(&run(&folder, command, &words));
            assert!(text.contains("stage3-o6m2") && text.contains("--edition"), "{command}: {text}");
            assert_eq!(text.contains("modstage2-2017"), year == 2018, "{command}: {text}");
        }
        let words = ["sql", "--dialect", "duckdb", "--encounters-table", "e", "--messages-table", "m"];
        refused(&folder.run(&[&words[..], &["--period", &period]].concat()));
        // `validate` applies no rule, so it accepts every year.
        assert_eq!(run(&folder, "validate", &["--period", &period]).status.code(), Some(0));
    }
    let text = refused(&run(&practice(2013), "report", &["--period", "2013Q3"]));
    assert!(text.contains("no rule set is for 2013"), "{text}");
}

#[test]
fn the_edition_of_another_year_is_refused_unless_that_is_meant() {
    let folder = practice(2017);
    for (command, more) in COMMANDS {
        let mut words = vec!["--period", "2017", "--edition", "stage2-core17"];
        words.extend(more);
        let text = refused(&run(&folder, command, &words));
        assert!(text.contains("modstage2-2017") && text.contains("--any-year"), "{command}: {text}");
        words.push("--any-year");
        let output = run(&folder, command, &words);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let words = ["--format", "json", "--period", "2017", "--edition", "stage2-core17", "--any-year"];
    let report = json(&run(&folder, "report", &words));
    let choices = report["choices"].as_array().unwrap();
    assert!(
        choices.iter().any(|choice| choice["key"] == "any-year" && choice["value"] == "true"),
        "{choices:?}"
    );

    // The setting also appears in the output of other commands.
    let words = ["--period", "2017", "--edition", "stage2-core17", "--any-year", "--dialect", "duckdb"];
    let output = folder.run(&[&["sql", "--no-config", "-q"][..], &words].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("-- choice any-year = true\n"), "{text}");

    // Each of several rule sets must be valid for the year.
    refused(&run(&folder, "report", &["--period", "2017", "--edition", "modstage2-2017,stage2-core17"]));
}

#[test]
fn a_year_names_its_edition() {
    let folder = practice(2014);
    let report =
        json(&run(&folder, "report", &["--format", "json", "--period", "2014Q3", "--edition", "2014"]));
    assert_eq!(report["edition"]["id"], "stage2-core17");
    let text = refused(&run(&folder, "report", &["--period", "2014Q3", "--edition", "2017"]));
    assert!(text.contains("rule set modstage2-2017 is for 2017 to 2018"), "{text}");
    let text = refused(&run(&folder, "report", &["--period", "2014Q3", "--edition", "2018"]));
    assert!(text.contains("in 2018 the measure depends on the program"), "{text}");
}

#[test]
fn the_configuration_says_the_same_as_flags() {
    let folder = practice(2017);
    let configuration = "encounters = [\"e.csv\"]\nmessages = [\"m.csv\"]\nperiod = \"2017Q3\"\n";
    folder.write("mucalc.toml", configuration);
    assert_eq!(json(&folder.run(&["report", "--format", "json"]))["edition"]["id"], "modstage2-2017");
    folder.write("mucalc.toml", format!("{configuration}edition = \"stage2-core17\"\n"));
    refused(&folder.run(&["report"]));
    folder.write("mucalc.toml", format!("{configuration}edition = \"stage2-core17\"\nany-year = true\n"));
    assert_eq!(json(&folder.run(&["report", "--format", "json"]))["edition"]["id"], "stage2-core17");
}

#[test]
fn a_draft_derives_the_edition_and_says_why() {
    let draft = |period: &str, more: &[&str]| {
        let folder = practice(2017);
        let mut words = vec!["init", "--yes", "e.csv", "m.csv", "--period", period];
        words.extend(more);
        let output = folder.run(&words);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        (folder.read("mucalc.toml"), folder)
    };
    let (text, folder) = draft("2017Q3", &[]);
    assert!(text.contains("the rules of 2017, the year of the period"), "{text}");
    assert!(text.contains("\nedition = \"modstage2-2017\"\n"), "{text}");
    assert_eq!(json(&folder.run(&["report", "--format", "json"]))["providers"][0]["verdict"], "not-met");

    let (text, _) = draft("2018Q3", &[]);
    assert!(text.contains("NEEDED: the edition of the measure. In 2018 it depends on the program"), "{text}");
    assert!(text.contains("\n# edition = \"...\"\n"), "{text}");

    let (text, _) = draft("2014Q3", &["--edition", "2014"]);
    assert!(text.contains("\nedition = \"stage2-core17\"\n"), "{text}");

    let (text, folder) = draft("2017Q3", &["--edition", "stage2-core17", "--any-year"]);
    assert!(text.contains("\nany-year = true\n"), "{text}");
    assert_eq!(json(&folder.run(&["report", "--format", "json"]))["providers"][0]["verdict"], "met");

    let folder = practice(2017);
    refused(&folder.run(&["init", "--yes", "e.csv", "--period", "2017Q3", "--edition", "stage2-core17"]));
    assert!(!folder.path().join("mucalc.toml").exists(), "nothing is written");
}
