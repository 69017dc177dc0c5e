//! Faults while an input is read: the disk fails, the export is still being written, or another file replaces it. The run then has no
//! result, because it could be the result of half an export.

#![cfg(target_os = "linux")]
use std::process::{Command, Output};

use crate::support::preload;
use crate::support::program::Folder;
use serde_json::Value;

/// Writes a practice whose messages need several reads: 1.5 MiB.
fn practice() -> Folder {
    let folder = Folder::new();
    let mut encounters = String::from("patient_id,provider_id,started_at,kind\n");
    let mut messages = String::from("patient_id,provider_id,sent_at,sender,recipient,channel,topic\n");
    for patient in 0..25_000 {
        let (provider, day) = (patient % 7, 1 + patient % 28);
        encounters += &format!("P{patient},D{provider},2014-07-{day:02},office-visit\n");
        messages += &format!("P{patient},D{provider},2014-08-{day:02},patient,provider,ehr-portal,billing\n");
    }
    folder
        .write("encounters.csv", &encounters)
        .write("messages.csv", &messages)
        .write("other.csv", &messages);
    folder
}

/// Runs a report in which `fault` affects the messages at read number `at`.
fn report(folder: &Folder, fault: &str, at: u32, threads: &str) -> Output {
    let path = folder.path().canonicalize().unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_mucalc"));
    run.args(["report", "--no-config", "--period", "2014Q3", "--format", "json", "--threads", threads])
        .args(["--encounters", "encounters.csv", "--messages", "messages.csv", "--ledger", "ledger.csv"])
        .current_dir(&path)
        .env("LD_PRELOAD", preload::library("failing_read"))
        .env("FAULT", fault)
        .env("FAULT_AT", at.to_string())
        .env("FAULT_PATH", path.join("messages.csv"))
        .env("FAULT_OTHER", path.join("other.csv"));
    run.output().unwrap()
}

#[test]
fn an_input_that_fails_or_changes_while_it_is_read_gives_no_figure() {
    for (fault, code) in [
        ("error", "unreadable"),
        ("truncate", "changed"),
        ("append", "changed"),
        ("touch", "changed"),
        ("replace", "changed"),
    ] {
        for at in [2, 4] {
            for threads in ["1", "2"] {
                let folder = practice();
                let output = report(&folder, fault, at, threads);
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(3), "{fault} at {at}: {stderr}");
                let document: Value = serde_json::from_slice(&output.stdout).unwrap();
                assert_eq!(document["error"]["code"], code, "{fault} at {at}: {stderr}");
                assert_eq!(document["error"]["place"]["file"], "messages.csv");
                assert_eq!(document["providers"].as_array().map(Vec::len), Some(0), "{fault} at {at}");
                assert!(stderr.contains("messages.csv"), "{fault} at {at}: {stderr}");
                assert!(!folder.path().join("ledger.csv").exists(), "{fault} at {at}: a ledger was written");
            }
        }
    }
}

#[test]
fn signals_and_short_reads_change_nothing() {
    let folder = practice();
    let plain = folder.report(&["--no-config", "--period", "2014Q3"]);
    assert_eq!(plain["inputs"][1]["rows"], 25_000);
    for fault in ["signal", "short"] {
        // The last read but one, because otherwise a million reads would be short.
        let at = if fault == "short" { 6 } else { 3 };
        let output = report(&folder, fault, at, "2");
        assert_eq!(output.status.code(), Some(0), "{fault}: {}", String::from_utf8_lossy(&output.stderr));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(told == plain, "{fault}");
    }
}

#[test]
fn a_file_that_was_changed_before_it_is_read_is_read() {
    // Checks the test itself: with the library loaded but no fault, the run succeeds.
    let folder = practice();
    let output = report(&folder, "touch", 1_000_000, "2");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join("ledger.csv").exists());
}
