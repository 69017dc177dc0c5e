//! Outputs are complete or absent, inputs are never changed, and a terminal shows suitable output without patients.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::program::Folder;
use crate::support::small::{practice, words};

/// A part of patient ids that no message may show.
const SECRET: &str = "SECRET";

#[test]
fn an_error_leaves_one_whole_document_wherever_it_happens() {
    let folder = practice();
    folder.write("nul.csv", "sent_at,patient_id\n2014-07-11,SECRET\0\n").write("empty.csv", "");
    let cases: [(&[&str], &str); 8] = [
        (&["--messages", "no-such.csv"], "not-found"),
        (&["--messages", "no-such*.csv"], "no-match"),
        (&["--messages", "."], "is-a-directory"),
        (&["--roster", "no-such.csv"], "not-found"),
        (&["--messages", "nul.csv"], "nul-byte"),
        (&["--messages", "empty.csv"], "empty-input"),
        (&["--ledger", "no-such-folder/ledger.csv"], "unwritable"),
        (&["-o", "messages.csv"], "output-is-input"),
    ];
    for (more, code) in cases {
        let mut all = vec!["report", "--format", "json", "--encounters", "encounters.csv"];
        if !more.contains(&"--messages") {
            all.extend(["--messages", "messages.csv"]);
        }
        all.extend(["--no-config", "--period", "2014Q3"]);
        all.extend(more);
        let output = folder.run(&all);
        assert_eq!(output.status.code(), Some(3), "{more:?}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["error"]["code"], code, "{more:?}");
        assert_eq!(report["providers"], serde_json::json!([]));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains(SECRET) && stderr.lines().count() == 1, "{stderr}");
    }
    assert!(folder.read("messages.csv").contains("medication-refill"), "an input was changed");
}

#[test]
fn a_report_in_a_file_is_written_whole_and_leaves_nothing_beside_it() {
    let folder = practice();
    folder.write("report.json", "an older report");
    let output = folder.run(&words(&["-o", "report.json", "--ledger", "ledger.csv"]));
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    let report: Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    assert_eq!(report["providers"][0]["verdict"], "met");
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["encounters.csv", "ledger.csv", "messages.csv", "report.json"]);
}

#[cfg(unix)]
#[test]
fn files_with_patient_rows_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = practice();
    folder.run(&words(&["-o", "report.json", "--ledger", "ledger.csv"]));
    let mode = |name: &str| folder.path().join(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("ledger.csv"), 0o600);
    assert_ne!(mode("report.json") & 0o044, 0, "a report without patient rows can be shared");
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_not_replaced() {
    let folder = practice();
    folder.write("real.json", "");
    std::os::unix::fs::symlink("real.json", folder.path().join("link.json")).unwrap();
    folder.run(&words(&["-o", "link.json"]));
    assert!(folder.path().join("link.json").is_symlink());
    assert!(folder.read("real.json").contains("\"verdict\": \"met\""));
    // A link to an input is the input.
    std::os::unix::fs::symlink("messages.csv", folder.path().join("sly.csv")).unwrap();
    assert_eq!(folder.run(&words(&["--ledger", "sly.csv"])).status.code(), Some(3));
    assert!(folder.read("messages.csv").contains("medication-refill"), "an input was changed");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = practice();
    let mut child = Command::new(env!("CARGO_BIN_EXE_mucalc"))
        .args(words(&["--quiet"]))
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_run_and_writes_nothing() {
    let folder = practice();
    let mut child = Command::new(env!("CARGO_BIN_EXE_mucalc"))
        .args(["report", "--format", "json", "--no-config", "--period", "2014Q3", "-o", "report.json"])
        .args(["--encounters", "encounters.csv", "--messages", "-"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Sends messages without end until the program stops reading them.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"sent_at,patient_id\n").unwrap();
    let row = b"2014-07-11,SECRET1\n".repeat(10_000);
    let mut killed = false;
    for written in 0..100_000 {
        if written == 20 {
            killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success();
        }
        if stdin.write_all(&row).is_err() {
            break;
        }
    }
    let output = child.wait_with_output().unwrap();
    assert!(killed);
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!folder.path().join("report.json").exists());
}

#[test]
fn an_input_is_safe_even_where_another_input_is_missing() {
    let folder = practice();
    let before = folder.read("encounters.csv");
    for more in [["--messages", "no-such.csv"], ["--roster", "no-such.csv"]] {
        let mut all = vec!["report", "--format", "json", "--no-config", "--period", "2014Q3"];
        all.extend(["--encounters", "encounters.csv", "-o", "./encounters.csv"]);
        if more[0] == "--roster" {
            all.extend(["--messages", "messages.csv"]);
        }
        all.extend(more);
        let output = folder.run(&all);
        assert_eq!(output.status.code(), Some(3));
        assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok(), "the document went elsewhere");
        assert_eq!(folder.read("encounters.csv"), before);
    }
}

#[test]
fn one_file_under_two_names_is_one_file() {
    let folder = practice();
    let output = folder.run(&words(&["-o", "out.csv", "--ledger", "./out.csv"]));
    assert_eq!(output.status.code(), Some(2));
    let document: Value = serde_json::from_str(&folder.read("out.csv")).unwrap();
    assert_eq!(document["error"]["code"], "outputs");
}

#[cfg(target_os = "linux")]
#[test]
fn no_detour_leads_to_an_input_or_mixes_outputs() {
    let folder = practice();
    let before = folder.read("messages.csv");
    assert_eq!(folder.run(&words(&["-o", "/proc/self/cwd/messages.csv"])).status.code(), Some(3));
    assert_eq!(folder.read("messages.csv"), before);
    for ledger in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "-"] {
        assert_eq!(folder.run(&words(&["--ledger", ledger])).status.code(), Some(2), "{ledger}");
    }
    // A device is a valid output.
    assert_eq!(folder.run(&words(&["-o", "/dev/null", "--ledger", "/dev/null"])).status.code(), Some(2));
    assert_eq!(folder.run(&words(&["-o", "/dev/null"])).status.code(), Some(0));
    assert_eq!(folder.run(&words(&["-o", "/dev/full"])).status.code(), Some(3));
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let folder = practice();
    let coloured = |more: &[&str]| {
        let mut all = vec!["report", "--no-config", "--period", "2014Q3"];
        all.extend(["--encounters", "encounters.csv", "--messages", "messages.csv"]);
        all.extend(more);
        folder.run(&all).stdout.contains(&0x1B)
    };
    assert!(coloured(&["--color", "always"]));
    assert!(!coloured(&["--color", "never"]));
    assert!(!coloured(&[]), "standard output is no terminal here");
}

#[test]
fn many_providers_are_counted_by_verdict() {
    let folder = practice();
    let mut encounters = "patient_id,provider_id,started_at,kind\n".to_owned();
    for provider in 0..13 {
        encounters.push_str(&format!("p1,D{provider:02},2014-07-10,office-visit\n"));
    }
    folder.write("encounters.csv", encounters).write("messages.csv", "sent_at,patient_id\n");
    let output = folder.run(&[
        "report",
        "--no-config",
        "--period",
        "2014Q3",
        "--encounters",
        "encounters.csv",
        "--messages",
        "messages.csv",
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("Of 13 providers: 0 met, 13 not met, 0 indeterminate, 0 not calculable."),
        "{text}"
    );
    assert!(!text.contains("D03:"), "a sentence each is too much");
}

#[test]
fn standard_error_is_silent_unless_more_is_asked_for() {
    let folder = practice();
    // Except for the assumptions that affect the results.
    let stderr = String::from_utf8(folder.run(&words(&[])).stderr).unwrap();
    assert!(stderr.lines().all(|line| line.starts_with("mucalc: Assumed: ")), "{stderr}");
    assert!(folder.run(&words(&["--quiet"])).stderr.is_empty());
    assert!(String::from_utf8_lossy(&folder.run(&words(&["--verbose"])).stderr).contains("rows in"));
}

/// Runs the program with files as standard input and standard output, and returns its exit code.
#[cfg(target_os = "linux")]
fn redirected(folder: &Folder, words: &[&str], stdin: Option<&str>, stdout: Option<&str>) -> Option<i32> {
    let open = |name: &str| std::fs::File::open(folder.path().join(name)).unwrap();
    let create = |name: &str| std::fs::File::create(folder.path().join(name)).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_mucalc"))
        .args(words)
        .current_dir(folder.path())
        .stdin(stdin.map_or(Stdio::null(), |name| open(name).into()))
        .stdout(stdout.map_or(Stdio::null(), |name| create(name).into()))
        .stderr(Stdio::null())
        .status();
    status.unwrap().code()
}

#[cfg(target_os = "linux")]
#[test]
fn the_files_behind_standard_streams_are_inputs_and_outputs_too() {
    let folder = practice();
    let before = folder.read("messages.csv");
    let from_stdin =
        ["report", "--no-config", "--period", "2014Q3", "--encounters", "encounters.csv", "--messages", "-"];
    for output in ["-o", "--ledger"] {
        let words = [&from_stdin[..], &[output, "messages.csv"]].concat();
        assert_eq!(redirected(&folder, &words, Some("messages.csv"), None), Some(3), "{output}");
        assert_eq!(folder.read("messages.csv"), before);
    }
    let to_stdout = words(&["--ledger", "same.csv"]);
    assert_eq!(redirected(&folder, &to_stdout, None, Some("same.csv")), Some(2));
    std::os::unix::fs::symlink("/dev/stdout", folder.path().join("link.csv")).unwrap();
    assert_eq!(redirected(&folder, &words(&["--ledger", "link.csv"]), None, Some("got.csv")), Some(2));
}

#[cfg(unix)]
#[test]
fn a_chain_of_links_is_followed_to_its_end() {
    let folder = practice();
    std::os::unix::fs::symlink("second.json", folder.path().join("first.json")).unwrap();
    std::os::unix::fs::symlink("real.json", folder.path().join("second.json")).unwrap();
    assert_eq!(folder.run(&words(&["-o", "first.json"])).status.code(), Some(0));
    assert!(folder.path().join("second.json").is_symlink());
    assert!(folder.read("real.json").contains("\"verdict\": \"met\""));
}

/// A file that other users could not read keeps its permissions when any output replaces it.
#[test]
#[cfg(unix)]
fn a_file_that_was_closed_stays_closed() {
    use std::os::unix::fs::PermissionsExt;
    let folder = crate::support::packs::practice();
    let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    for closed in [0o600, 0o640] {
        folder.write("report.json", "before");
        let path = folder.path().join("report.json");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(closed)).unwrap();
        let output = folder.run(&["report", "--format", "json", "-o", "report.json"]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(mode("report.json"), closed);
    }
    // A file that other users could read becomes private if the output contains patients.
    folder.write("ledger.csv", "before");
    assert_eq!(mode("ledger.csv") & 0o044, 0o044);
    assert_eq!(folder.run(&["report", "--ledger", "ledger.csv"]).status.code(), Some(0));
    assert_eq!(mode("ledger.csv"), 0o600);
}
