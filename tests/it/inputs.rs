//! Inputs and configuration can be given by name, by pattern, or by standard input, whatever characters they contain.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::packs::parts;
use crate::support::program::{Folder, report_words};
use crate::support::sheets::{sheet_of, xlsx};
use crate::support::small::practice;
use crate::support::zips::{part, zip};

#[test]
fn messages_can_come_by_standard_input() {
    let folder = practice();
    let mut child = Command::new(env!("CARGO_BIN_EXE_mucalc"))
        .args(["report", "--format", "json", "--no-config", "--period", "2014Q3", "--ledger", "ledger.csv"])
        .args(["--encounters", "encounters.csv", "--messages", "-"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(folder.read("messages.csv").as_bytes()).unwrap();
    let report: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(
        (&report["providers"][0]["verdict"], &report["inputs"][1]["path"]),
        (&"met".into(), &"-".into())
    );
    // The reference starts with a character that a spreadsheet would evaluate, so it is escaped.
    assert!(folder.read("ledger.csv").contains("'-:2"));
}

#[test]
fn digests_are_those_of_the_files() {
    let folder = practice();
    let report = folder.report(&["--no-config", "--period", "2014Q3", "--digest"]);
    assert_eq!(
        report["inputs"][0]["sha256"].as_str().unwrap(),
        sha256(&folder.read("encounters.csv")),
        "the digest is not that of the file"
    );
    let plain = folder.report(&["--no-config", "--period", "2014Q3"]);
    assert_eq!(plain["inputs"][0]["sha256"], Value::Null);
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_pattern_in_a_configuration_is_one_in_its_folder_whatever_that_is_called() {
    let folder = practice();
    let inner = folder.path().join("year [2014]");
    std::fs::create_dir(&inner).unwrap();
    for name in ["encounters.csv", "messages.csv"] {
        std::fs::copy(folder.path().join(name), inner.join(name)).unwrap();
    }
    std::fs::write(
        inner.join("mucalc.toml"),
        "encounters = \"enc*.csv\"\nmessages = \"messages.csv\"\nperiod = \"2014Q3\"\n",
    )
    .unwrap();
    let output = folder.run(&["report", "--format", "json", "--config", "year [2014]/mucalc.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_channel_word_with_a_meaning_must_say_something() {
    let folder = practice();
    for config in [
        "[channels.\"\"]\ncertified = true\n",
        "[channels.unknown]\ncertified = true\n",
        "[topics]\n\" \" = \"care-plan\"\n",
        "[topics]\nX = \"billing\"\nx = \"care-plan\"\n",
        "[topics]\nx = \"no-such-topic\"\n",
        "[channels.x]\ncertified = true\nfrom = \"2014-09-01\"\nuntil = \"2014-08-01\"\n",
        "[channels.x]\ncertified = true\nfrom = 2014-09-01\n",
    ] {
        folder.write("mucalc.toml", config);
        let output = folder.run(&report_words(&["--period", "2014Q3"]));
        assert_eq!(output.status.code(), Some(2), "{config}");
    }
}

#[test]
fn a_quoted_name_of_a_further_column_may_have_a_line_break() {
    let folder = practice();
    folder.write(
        "encounters.csv",
        "patient_id,provider_id,started_at,kind,\"Visit\r\nnotes\"\r\nSECRET1,A,2014-07-10,office-visit,x\r\n",
    );
    let report = folder.report(&["--no-config", "--period", "2014Q3"]);
    assert_eq!(report["providers"][0]["denominator"]["least"], 1);
}

#[test]
fn the_first_error_is_told_though_a_later_quote_stays_open() {
    let folder = practice();
    folder.write("wrong.csv", b"sent_at,patient_id\n2014-07-01,\xFF\n2014-07-01,\"open\n");
    let output = folder.run(&[
        "report",
        "--format",
        "json",
        "--no-config",
        "--period",
        "2014Q3",
        "--encounters",
        "encounters.csv",
        "--messages",
        "wrong.csv",
    ]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["error"]["code"], &report["error"]["place"]["line"]),
        (&"not-utf-8".into(), &2.into())
    );
}

#[test]
fn a_pattern_passes_over_what_other_programs_lay_beside_an_export() {
    let folder = practice();
    std::fs::create_dir_all(folder.path().join("in/.trash")).unwrap();
    for name in ["in/e.csv", "in/.trash/old.csv"] {
        folder.write(name, folder.read("encounters.csv"));
    }
    for name in ["in/._e.csv", "in/.e.csv", "in/~$e.csv", "in/.e.csv.swp"] {
        folder.write(name, [0, 5, 22, 7]);
    }
    let run = |pattern: &str| {
        let mut words = report_words(&["--no-config", "--period", "2014Q3"]);
        words[4] = pattern;
        let output = folder.run(&words);
        (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).unwrap())
    };
    for pattern in ["in/*", "in/*.csv", "in/?*.csv", "*/*.csv", "in/*/*.csv", "in/**/*.csv", "in/[.~e]*.csv"]
    {
        let (exit, report) = run(pattern);
        let paths: Vec<&str> =
            report["inputs"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
        if pattern == "in/*/*.csv" {
            assert_eq!((exit, &report["error"]["code"]), (Some(3), &"no-match".into()), "{pattern}");
        } else {
            assert_eq!((exit, paths), (Some(0), vec!["in/e.csv", "messages.csv"]), "{pattern}");
        }
    }
    // A file given by its exact name is read, even if it is hidden or is not an export.
    assert_eq!(run("in/._e.csv").0, Some(3));
    assert_eq!(run("in/.trash/old.csv").0, Some(0));
}

#[test]
fn a_path_of_windows_in_double_quotes_gets_the_right_hint() {
    let folder = practice();
    for path in [
        "C:\\exports\\e.csv",
        "C:\\temp\\e.csv",
        "C:\\users\\e.csv",
        "D:\\new\\e.csv",
        "D:\\x\\y.csv",
        "C:\\bin\\f.csv",
    ] {
        for key in ["encounters", "messages"] {
            folder.write("mucalc.toml", format!("period = \"2014Q3\"\n{key} = [\"{path}\"]\n"));
            let output = folder.run(&["report"]);
            let told = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{path}: {told}");
            assert!(told.contains("single quotes") && told.contains("\\\\"), "{path}: {told}");
        }
        // In single quotes it is a valid path, although the file does not exist.
        folder.write("mucalc.toml", format!("period = \"2014Q3\"\nencounters = ['{path}']\n"));
        assert_eq!(folder.run(&["report"]).status.code(), Some(3), "{path}");
    }
}

/// Every character in an id is part of the id, in every format. This includes the program's internal separators and a leading apostrophe.
#[test]
fn signs_inside_of_an_id_are_signs_of_the_id() {
    let folder = Folder::new();
    let ids = ["P1\u{1E}P2", "P1", "P2", "\u{1D}P1", "P\u{1E}", "''=P1", "O'P"];
    let mut encounters = "encounter_id,started_at,patient_id,provider_id,status,kind\n".to_owned();
    let mut messages =
        "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n".to_owned();
    let mut objects = String::new();
    for (at, id) in ids.iter().enumerate() {
        encounters += &format!("E{at},2014-07-02,{id},D1,completed,office-visit\n");
        let object = serde_json::json!({
            "encounter_id": format!("E{at}"), "started_at": "2014-07-02", "patient_id": id, "provider_id": "D1",
            "status": "completed", "kind": "office-visit",
        });
        objects += &format!("{object}\n");
    }
    messages += &format!("M1,2014-07-03,{},D1,patient,provider,ehr-portal,clinical-question,sent\n", ids[0]);
    folder.write("e.csv", &encounters).write("m.csv", &messages).write("e.ndjson", objects);
    folder.write("mapped.csv", encounters.replace("patient_id", "person"));
    let columns = ["encounter_id", "started_at", "provider_id", "status", "kind"];
    let columns: String = columns.iter().map(|name| format!("{name} = \"{name}\"\n")).collect();
    folder.write(
        "ours.toml",
        format!("name = \"ours\"\n[encounters.columns]\npatient_id = \"person\"\n{columns}"),
    );
    let mut ledgers = Vec::new();
    for (name, layout) in
        [("e.csv", "canonical"), ("e.ndjson", "canonical"), ("mapped.csv", "encounters=ours.toml")]
    {
        let words = ["report", "--no-config", "--period", "2014Q3", "--layout", layout, "--encounters", name];
        let more = ["--messages", "m.csv", "--format", "csv", "--ledger", "l.csv"];
        let output = folder.run(&[&words[..], &more].concat());
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains("D1,,,7,7,1,1,"), "{name}: {told}{}", String::from_utf8_lossy(&output.stderr));
        let ledger = folder.read("l.csv");
        let ids: Vec<String> =
            ledger.lines().map(|line| line.split(',').nth(1).unwrap().to_owned()).collect();
        ledgers.push(ids);
    }
    assert_eq!(ledgers[0].len(), ids.len() + 1);
    assert_eq!(ledgers[0], ledgers[1], "as objects");
    assert_eq!(ledgers[0], ledgers[2], "by a layout");
}

/// A sheet with two rows of the same number is refused, because programs disagree on which of the two to read.
#[test]
fn a_sheet_with_a_row_twice_is_refused() {
    let folder = Folder::new();
    let rows = "encounter_id,started_at,patient_id,provider_id\nE1,2014-07-02,P1,D1\nE2,2014-07-03,P2,D1\n";
    folder.write("m.csv", "sent_at,patient_id\n");
    let report = |folder: &Folder| {
        let words =
            ["report", "--no-config", "--period", "2014Q3", "--encounters", "e.xlsx", "--messages", "m.csv"];
        folder.run(&words).status.code()
    };
    folder.write("e.xlsx", xlsx(&[sheet_of("Visits", rows)]));
    assert_eq!(report(&folder), Some(0));
    let parts = parts(&folder, "e.xlsx");
    let changes =
        [("<row r=\"3\"", "<row r=\"2\""), ("<row r=\"3\"", "<row r=\"1\""), ("r=\"B3\"", "r=\"A3\"")];
    for (from, to) in changes {
        let raw = parts.iter().map(|(name, bytes)| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let is_sheet = name.contains("/worksheets/");
            part(name, if is_sheet { text.replace(from, to) } else { text })
        });
        folder.write("e.xlsx", zip(raw.collect()).bytes());
        assert_eq!(report(&folder), Some(3), "{to}");
    }
}
