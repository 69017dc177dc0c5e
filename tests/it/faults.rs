//! Tests of failures around a run: a full disk, a deleted folder, a kill at any moment, another clock or locale. Each leaves a complete
//! output or none, and the error explains what happened.

#![cfg(target_os = "linux")]
use std::io::Write;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::support::every::{self, Inputs, Run};
use crate::support::preload;
use crate::support::program::Folder;

const INPUTS: [&str; 7] =
    ["--no-config", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];

/// Creates a practice with a number of patients, every tenth of whom writes.
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

/// Returns the temporary files that remain. The program starts their names with a dot.
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

/// Creates the inputs of every command, including a roster and review decisions.
fn every_practice() -> (Folder, Inputs<'static>) {
    let folder = practice(100);
    folder
        .write("r.csv", "provider_id,name\nD0,Doctor\n")
        .write("a.csv", "patient_id,decision,by,on,reason\nP11,out,Office manager,2014-10-10,no\n");
    let inputs = Inputs::usual("P10", "D3");
    every::prepare(&folder, &inputs);
    (folder, inputs)
}

/// Returns the contents of a run's outputs, `None` for each that does not exist.
fn outputs(folder: &Folder, run: &Run) -> Vec<Option<Vec<u8>>> {
    run.outputs.iter().map(|name| std::fs::read(folder.path().join(name)).ok()).collect()
}

fn remove(folder: &Folder, run: &Run) {
    run.outputs.iter().for_each(|name| drop(std::fs::remove_file(folder.path().join(name))));
}

/// On a disk that is full from the first byte or a later one, a run leaves each output complete or absent, and no other files. A file size
/// limit simulates the full disk.
#[test]
fn a_disk_that_fills_up_leaves_whole_outputs_or_none() {
    let (folder, inputs) = every_practice();
    let (mut told, mut written) = (0, 0);
    for run in every::runs(&inputs).iter().filter(|run| !run.outputs.is_empty()) {
        let words: Vec<&str> = run.words.iter().map(String::as_str).collect();
        let what = words[..4].join(" ");
        let there = folder.run(&words);
        assert!(
            matches!(there.status.code(), Some(0 | 1)),
            "{what}: {}",
            String::from_utf8_lossy(&there.stderr)
        );
        let whole = outputs(&folder, run);
        assert!(whole.iter().all(Option::is_some), "{what} writes what it says");
        // In blocks of 512 bytes.
        for blocks in [0, 1, 9] {
            remove(&folder, run);
            let output = with_room(&folder, &words, blocks);
            let (stderr, there) =
                (String::from_utf8_lossy(&output.stderr).into_owned(), outputs(&folder, run));
            for (name, (there, whole)) in run.outputs.iter().zip(there.iter().zip(&whole)) {
                let is_whole =
                    |bytes: &Vec<u8>| Some(bytes) == whole.as_ref() || is_sound(&folder, name, bytes);
                assert!(
                    there.as_ref().is_none_or(is_whole),
                    "{what}: {name} is there under {blocks} blocks, and not whole"
                );
            }
            match output.status.code() {
                Some(3) => {
                    assert!(
                        stderr.contains("cannot be written") && stderr.contains("told"),
                        "{what}: {stderr}"
                    );
                    told += 1;
                }
                code => {
                    assert!(
                        matches!(code, Some(0 | 1)) && there.iter().all(Option::is_some),
                        "{what}: {code:?}, {stderr}"
                    );
                    written += 1;
                }
            }
            assert!(!stderr.contains("internal"), "{what}: {stderr}");
            assert_eq!(left_over(&folder), Vec::<String>::new(), "{what}");
        }
        remove(&folder, run);
    }
    assert!(told > 60 && written > 10, "{told} told, {written} written");
}

/// Runs the program with a file size limit, in blocks of 512 bytes.
fn with_room(folder: &Folder, words: &[&str], blocks: u32) -> Output {
    let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_mucalc")]).args(words);
    shell.current_dir(folder.path()).stdin(Stdio::null()).output().unwrap()
}

/// Returns whether an output is complete although its bytes differ from those before. This applies to a redacted pack and its key, which
/// are new in each run, and to the document that states why there is no result.
fn is_sound(folder: &Folder, name: &str, bytes: &[u8]) -> bool {
    if name.ends_with(".key") {
        return bytes.len() == 65 && bytes[..64].iter().all(u8::is_ascii_hexdigit);
    }
    if name.ends_with(".zip") {
        return folder.run(&["verify", name]).status.success();
    }
    let text = String::from_utf8_lossy(bytes);
    let is_json = text.starts_with('{');
    let document = serde_json::from_str::<serde_json::Value>(&text).unwrap_or_default();
    let is_whole = if is_json {
        !document.is_null()
    } else {
        text.ends_with("</testsuites>\n") || text.starts_with("::error")
    };
    let figures = document["providers"].as_array().map_or(0, Vec::len);
    is_whole && text.contains("unwritable") && figures == 0
}

#[test]
fn a_full_standard_output_is_told() {
    let folder = practice(100);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for words in
        [&[&["report"][..], &INPUTS].concat()[..], &["codes"], &["editions"], &["--help"], &["--version"]]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mucalc"));
        let output = command
            .args(words)
            .current_dir(folder.path())
            .stdout(full.try_clone().unwrap())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{words:?}: {stderr}");
        assert!(stderr.contains("standard output"), "{words:?}: {stderr}");
    }
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
    // The run waits for its messages, and has already checked its outputs.
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
    // The latest moments allow for a machine that is busier now than during the first run.
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

/// A kill at any moment leaves each output complete or absent, also for outputs that are written in other ways: a redacted pack and its
/// key, a workbook with rows in a temporary file, and unusable rows.
#[test]
fn a_kill_at_any_moment_leaves_whole_packs_and_workbooks_or_none() {
    let folder = practice(3_000);
    let inputs = |more: &[&'static str]| [more, &INPUTS].concat();
    let cases = [
        (inputs(&["pack", "--redacted", "-o", "told.zip"]), vec!["told.zip", "told.zip.key"]),
        (inputs(&["report", "--format", "xlsx", "--patients", "-o", "told"]), vec!["told"]),
        (inputs(&["outreach", "--list", "all", "--format", "csv", "-o", "told"]), vec!["told"]),
        (inputs(&["explain", "--patient", "P10", "--format", "json", "-o", "told"]), vec!["told"]),
    ];
    let (mut none, mut all) = (0, 0);
    for (words, names) in cases {
        let run = Run { words: Vec::new(), outputs: names, shows_patients: true };
        let begin = std::time::Instant::now();
        assert_eq!(folder.run(&words).status.code(), Some(0));
        let took = begin.elapsed() * 2;
        let whole = outputs(&folder, &run);
        for moment in 0..25 {
            remove(&folder, &run);
            let mut running = started(&folder, &words);
            std::thread::sleep(took * moment * moment / 625);
            running.kill().unwrap();
            running.wait().unwrap();
            for (name, (there, whole)) in
                run.outputs.iter().zip(outputs(&folder, &run).into_iter().zip(&whole))
            {
                let Some(bytes) = there else {
                    none += 1;
                    continue;
                };
                let is_whole = Some(&bytes) == whole.as_ref() || is_sound(&folder, name, &bytes);
                assert!(is_whole, "{name} is there, and not whole, after {moment}");
                all += 1;
            }
        }
        remove(&folder, &run);
    }
    assert!(
        none > 10 && all > 10,
        "the moments are all early or all late: {none} without, {all} with an output"
    );
}

/// The date and time of the computer do not change any output.
#[test]
fn the_clock_changes_nothing() {
    let (folder, inputs) = every_practice();
    let clock = preload::library("another_clock");
    for run in every::runs(&inputs) {
        // A redaction key is random.
        if run.words.contains(&"--redacted".to_owned()) {
            continue;
        }
        let made = |seconds: &str| {
            remove(&folder, &run);
            let mut command = Command::new(env!("CARGO_BIN_EXE_mucalc"));
            command
                .args(&run.words)
                .current_dir(folder.path())
                .env("LD_PRELOAD", clock)
                .env("CLOCK", seconds);
            let output = command.output().unwrap();
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "{:?}: {}",
                run.words,
                String::from_utf8_lossy(&output.stderr)
            );
            (output.stdout, outputs(&folder, &run))
        };
        // The day before the Unix epoch, as on a computer with an empty battery; the first second beyond 32 bits; and a later one.
        let usual = made("1417392000");
        for other in ["-86400", "2147483648", "4102444800"] {
            // The library for workbooks does not allow such a clock.
            if other == "-86400" && run.words.contains(&"xlsx".to_owned()) {
                let mut command = Command::new(env!("CARGO_BIN_EXE_mucalc"));
                command
                    .args(&run.words)
                    .current_dir(folder.path())
                    .env("LD_PRELOAD", clock)
                    .env("CLOCK", other);
                let output = command.output().unwrap();
                assert_eq!(output.status.code(), Some(3), "{:?}", run.words);
                assert!(String::from_utf8_lossy(&output.stderr).contains("clock of this computer"));
                continue;
            }
            assert!(made(other) == usual, "{:?} is another one at {other}", run.words);
        }
    }
    // Check the preloaded library itself: a run that asks for the time gets the one that is set.
    let mut command = Command::new(env!("CARGO_BIN_EXE_mucalc"));
    command.arg("report").args(INPUTS).args(["--stamp", "--format", "json"]).current_dir(folder.path());
    command.env("LD_PRELOAD", clock);
    for (seconds, time) in [("4102444800", "2100-01-01T00:00"), ("-86400", "1969-12-31T00:00")] {
        let output = command.env("CLOCK", seconds).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains(time), "{seconds}");
    }
}

#[test]
fn zone_and_language_of_the_machine_change_nothing() {
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
    // The root user can read every file, so under root the program runs as the user `nobody`.
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

/// Any signal that asks the process to stop ends it within 1.5 seconds. The run leaves no temporary files and no output, and its exit code
/// is 130.
#[test]
fn every_signal_ends_a_run_cleanly() {
    let folder = practice(60_000);
    let cases: [Vec<&str>; 5] = [
        [&["report", "-q", "--format", "json", "-o", "r.json", "--ledger", "l.csv"][..], &INPUTS].concat(),
        [&["sweep", "-q", "--all-windows", "--format", "json", "-o", "r.json"][..], &INPUTS].concat(),
        [&["what-if", "-q", "--format", "json", "-o", "r.json"][..], &INPUTS].concat(),
        [&["report", "-q", "--format", "xlsx", "--patients", "-o", "r.json"][..], &INPUTS].concat(),
        [&["pack", "-q", "-o", "r.json"][..], &INPUTS].concat(),
    ];
    let signals = ["INT", "TERM", "HUP", "QUIT", "ALRM", "USR1", "USR2", "VTALRM", "PROF", "XCPU"];
    let mut ended = 0;
    for (at, signal) in signals.iter().cycle().take(30).enumerate() {
        for name in ["r.json", "l.csv"] {
            let _ = std::fs::remove_file(folder.path().join(name));
        }
        let run = started(&folder, &cases[at % cases.len()]);
        std::thread::sleep(Duration::from_millis(20 + 25 * (at as u64 / 5)));
        let told =
            Command::new("kill").args([&format!("-{signal}"), &run.id().to_string()]).status().unwrap();
        let begin = std::time::Instant::now();
        let output = run.wait_with_output().unwrap();
        assert!(begin.elapsed() < Duration::from_millis(1500), "{signal}: {:?}", begin.elapsed());
        let code = output.status.code();
        assert!(
            matches!(code, Some(0 | 130)),
            "{signal}: {code:?} {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(left_over(&folder), Vec::<String>::new(), "{signal}");
        if code == Some(130) {
            assert!(told.success());
            ended += 1;
            for name in ["r.json", "l.csv"] {
                assert!(
                    !folder.path().join(name).exists(),
                    "{signal}: {name} is there after the run was ended"
                );
            }
        }
    }
    assert!(ended > 10, "the moments are all late: {ended} ended");
}

/// Environment variables for the data frame library neither change a run nor end it.
#[test]
fn settings_of_the_frame_library_change_nothing() {
    let folder = practice(30);
    let words = [&["report", "--format", "json"][..], &INPUTS].concat();
    let plain = folder.run(&words);
    assert_eq!(plain.status.code(), Some(0));
    for (name, value) in [
        ("POLARS_MAX_THREADS", "0"),
        ("POLARS_MAX_THREADS", "99999999"),
        ("POLARS_MAX_THREADS", "many"),
        ("POLARS_PANIC_ON_ERR", "1"),
        ("POLARS_STREAMING_CHUNK_SIZE", "0"),
        ("POLARS_ENGINE_AFFINITY", "none"),
        ("POLARS_SOMETHING_NEW", "1"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_mucalc"))
            .args(&words)
            .env(name, value)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{name}={value}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!((&output.stdout, &output.stderr), (&plain.stdout, &plain.stderr), "{name}={value}");
    }
}

/// If the system allows too few threads, the run is refused before it starts, with the number that it needs.
#[test]
fn too_few_threads_are_a_clear_refusal() {
    let folder = practice(30);
    let few = preload::library("few_threads");
    let words = [&["report", "--format", "csv", "--threads", "4"][..], &INPUTS].concat();
    let run = |threads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mucalc"));
        command.args(&words).current_dir(folder.path()).env("LD_PRELOAD", few).env("THREADS", threads);
        command.output().unwrap()
    };
    for threads in ["0", "1", "3", "5"] {
        let output = run(threads);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{threads}: {message}");
        assert!(message.contains("too few threads") && message.contains("--threads"), "{threads}: {message}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(run("40").status.code(), Some(0));
}

/// If the system allows too few open files, the run completes or fails with a clear message.
#[test]
fn too_few_files_are_a_clear_refusal() {
    let folder = practice(30);
    let words = [&["report", "--format", "csv"][..], &INPUTS].concat();
    let mut refused = 0;
    for most in 4..40 {
        let limited = format!("ulimit -n {most} && exec \"$0\" \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &limited, env!("CARGO_BIN_EXE_mucalc")])
            .args(&words)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => {}
            Some(3) => {
                assert!(said.contains("too few files") && said.contains("ulimit -n"), "{most}: {said}");
                refused += 1;
            }
            // The system could not even load the program.
            Some(1 | 126 | 127) if most < 5 => {}
            code => panic!("{most}: {code:?} {said}"),
        }
    }
    assert!(refused > 3, "{refused}");
}
