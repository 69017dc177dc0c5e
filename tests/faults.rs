//! What goes wrong around a run: a full disk, a folder that goes away, a kill at any moment, another clock and locale. There is a
//! whole output or none, and an error that says what happened.

#![cfg(target_os = "linux")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that panics has failed"
)]

mod support;

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::program::Folder;

const INPUTS: [&str; 7] =
    ["--no-config", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];

/// A practice of so many patients, every tenth of whom writes.
fn practice(patients: usize) -> Folder {
    let folder = Folder::new();
    let mut encounters = String::from("patient_id,provider_id,started_at,kind\n");
    let mut messages = String::from("patient_id,provider_id,sent_at,sender,recipient,channel,topic\n");
    for patient in 0..patients {
        let (provider, day) = (patient % 7, 1 + patient % 28);
        encounters += &format!("P{patient},D{provider},2014-07-{day:02},office-visit\n");
        if patient % 10 == 0 {
            messages +=
                &format!("P{patient},D{provider},2014-08-{day:02},patient,provider,ehr-portal,test-result\n");
        }
    }
    folder.write("e.csv", encounters).write("m.csv", messages);
    folder
}

fn started(folder: &Folder, words: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mucalc"));
    command
        .args(words)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Files that begin with a dot are ours, while they are written.
fn left_over(folder: &Folder) -> Vec<String> {
    let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.starts_with('.')).collect()
}

#[test]
fn a_full_disk_is_told_and_leaves_no_output() {
    let folder = practice(100);
    for (command, more) in [
        ("report", &["-o", "/dev/full"][..]),
        ("report", &["--format", "json", "-o", "/dev/full"]),
        ("report", &["--ledger", "/dev/full"]),
        ("report", &["--format", "xlsx", "-o", "/dev/full"]),
        ("progress", &["-o", "/dev/full"]),
        ("outreach", &["-o", "/dev/full"]),
        ("sweep", &["-o", "/dev/full"]),
        ("pack", &["-o", "/dev/full"]),
    ] {
        let output = folder.run(&[&[command][..], &INPUTS, more].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{command} {more:?}: {stderr}");
        assert!(stderr.contains("/dev/full") && !stderr.contains("internal"), "{command} {more:?}: {stderr}");
    }
    assert_eq!(left_over(&folder), Vec::<String>::new());
}

#[test]
fn a_full_standard_output_is_told() {
    let folder = practice(100);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let words = [&["report"][..], &INPUTS].concat();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mucalc"));
    let output = command.args(words).current_dir(folder.path()).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_folder_that_goes_away_during_the_run_is_told() {
    let folder = practice(100);
    std::fs::create_dir(folder.path().join("out")).unwrap();
    let words = [
        "--no-config",
        "--period",
        "2014Q3",
        "--encounters",
        "e.csv",
        "--messages",
        "-",
        "-o",
        "out/report.txt",
    ];
    let mut run = started(&folder, &[&["report"][..], &words].concat());
    // It waits for its messages, and has looked at its outputs before.
    std::thread::sleep(Duration::from_millis(300));
    std::fs::remove_dir_all(folder.path().join("out")).unwrap();
    run.stdin.take().unwrap().write_all(folder.read("m.csv").as_bytes()).unwrap();
    let output = run.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("out/report.txt") && stderr.contains("folder"), "{stderr}");
}

#[test]
fn a_kill_at_any_moment_leaves_a_whole_output_or_none() {
    let folder = practice(30_000);
    let words =
        [&["report", "-q", "--format", "json", "-o", "r.json", "--ledger", "l.csv"][..], &INPUTS].concat();
    let begin = std::time::Instant::now();
    assert_eq!(folder.run(&words).status.code(), Some(0));
    // The last moments are late enough for a machine that is busier than it was just now.
    let took = begin.elapsed() * 4;
    let whole = [folder.read("r.json"), folder.read("l.csv")];
    let (mut none, mut all) = (0, 0);
    for moment in 0..60 {
        for name in ["r.json", "l.csv"] {
            let _ = std::fs::remove_file(folder.path().join(name));
        }
        let mut run = started(&folder, &words);
        std::thread::sleep(took * moment * moment / 3600);
        run.kill().unwrap();
        run.wait().unwrap();
        for (name, whole) in ["r.json", "l.csv"].iter().zip(&whole) {
            match std::fs::read_to_string(folder.path().join(name)) {
                Err(_) => none += 1,
                Ok(text) => {
                    assert!(text == *whole, "{name} is there, and not whole, after {moment}");
                    all += 1;
                }
            }
        }
    }
    assert!(
        none > 10 && all > 10,
        "the moments are all early or all late: {none} without, {all} with an output"
    );
}

#[test]
fn clock_zone_and_language_of_the_machine_change_nothing() {
    let folder = practice(300);
    let made = |zone: &str, language: &str, format: &str, command: &str| {
        let words = [&[command, "--format", format][..], &INPUTS].concat();
        let mut run = Command::new(env!("CARGO_BIN_EXE_mucalc"));
        run.args(words)
            .current_dir(folder.path())
            .env("TZ", zone)
            .env("LANG", language)
            .env("LC_ALL", language);
        let output = run.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    for (command, format) in [
        ("report", "table"),
        ("report", "json"),
        ("report", "html"),
        ("report", "xlsx"),
        ("progress", "md"),
        ("outreach", "csv"),
    ] {
        let plain = made("UTC", "C", format, command);
        for (zone, language) in [
            ("Pacific/Kiritimati", "tr_TR.UTF-8"),
            ("America/Los_Angeles", "de_DE.ISO-8859-1"),
            ("nonsense", ""),
        ] {
            assert!(made(zone, language, format, command) == plain, "{command} {format} {zone} {language}");
        }
    }
}

#[test]
fn what_may_not_be_read_or_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let mode = std::fs::Permissions::from_mode;
    let folder = practice(10);
    std::fs::set_permissions(folder.path().join("m.csv"), mode(0o000)).unwrap();
    std::fs::set_permissions(folder.path(), mode(0o755)).unwrap();
    // Whoever may read everything runs the program as nobody, who may not.
    let is_root = std::fs::read(folder.path().join("m.csv")).is_ok();
    for (words, named) in [
        (&["report"][..], "m.csv"),
        (&["report", "--messages", "e.csv", "-o", "/proc/none/report"], "/proc/none/report"),
    ] {
        let mut run = Command::new(env!("CARGO_BIN_EXE_mucalc"));
        run.args(words).args(&INPUTS[..if named == "m.csv" { 7 } else { 5 }]).current_dir(folder.path());
        if is_root {
            run.uid(65534);
        }
        let output = run.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains(named) && stderr.contains("cannot be"), "{stderr}");
    }
}
