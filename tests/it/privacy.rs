//! Marker values in every column, valid and invalid, go through every command and format. Patients appear only if the user asks for
//! patients, and standard error never shows a cell.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use crate::support::every::{self, Inputs, Run};
use crate::support::program::{Folder, signed};

const SECRET: &str = "SECRET";

/// Writes exports with every kind of mistake, in which every cell that the program need not show contains SECRET.
fn marked() -> Folder {
    let folder = Folder::new();
    let seen = |at: u32| {
        format!("SECRETe{at},SECRETp{at},A,2014-07-{:02},office-visit,completed,SECRET\n", 1 + at % 28)
    };
    let wrote = |at: u32| {
        format!(
            "SECRETm{at},SECRETp{at},A,2014-07-{:02},patient,provider,ehr-portal,medication-refill,SECRET\n",
            1 + at % 28
        )
    };
    let mut encounters =
        String::from("encounter_id,patient_id,provider_id,started_at,kind,status,SECRETcolumn\n");
    (0..60).for_each(|at| encounters += &seen(at));
    encounters += "SECRETe1,SECRETp1,A,SECRET,SECRET,SECRET,SE\"CRET\n";
    encounters += "SECRETe2,SECRETp2,A\n";
    encounters += "SECRETe3,,A,2014-07-10,office-visit,completed,SECRET\n";
    encounters += "SECRETe4,SECRETp4,A,2014-09-10,office-visit,scheduled,SECRET\n";
    let mut messages =
        String::from("message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic,subject\n");
    (0..8).for_each(|at| messages += &wrote(at * 3));
    messages +=
        "SECRETm90,SECRETp5,SECRETprovider,2014-07-11,SECRET,SECRET,SECRET,SECRET,\"SECRET\nSECRET\"\n";
    messages += "SECRETm91,SECRETp7,A,SECRET,patient,provider,ehr-portal,other,SECRET\n";
    messages += "SECRETm91,SECRETp7,A,2014-07-11,patient,care-team,ehr-portal,other,SECRET\n";
    messages += "SECRETm92,SECRETnobody,A,2014-07-11,patient,provider,ehr-portal,other,SECRET\n";
    folder.write("e.csv", encounters).write("m.csv", messages);
    folder.write("a.csv", signed("patient_id,decision\nSECRETp7,counts\nSECRETabsent,counts\n,SECRET\n"));
    folder
}

const INPUTS: [&str; 8] =
    ["--no-config", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv", "--adjudications"];

/// Returns the text of a file, or of all parts of a workbook.
fn lossy_text(bytes: &[u8]) -> String {
    let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        return String::from_utf8_lossy(bytes).into_owned();
    };
    let mut all = String::new();
    for at in 0..archive.len() {
        archive.by_index(at).unwrap().read_to_string(&mut all).unwrap();
    }
    all
}

#[test]
fn commands_that_are_not_asked_for_patients_show_none() {
    let folder = marked();
    let commands: [(&str, &[&str], &[&str]); 6] = [
        (
            "report",
            &["table", "json", "csv", "md", "html", "handouts", "xlsx", "junit", "sarif", "github"],
            &["--waterfall", "providers", "--digest", "--ledger", "l.csv", "--fail-on", "finding:warning"],
        ),
        (
            "validate",
            &["table", "json", "junit", "sarif", "github"],
            &["--rejects", "rejects.csv", "--as-of", "2014-10-01"],
        ),
        ("sweep", &["table", "json", "csv", "md", "html"], &[]),
        ("what-if", &["table", "json", "csv", "md", "html"], &[]),
        (
            "progress",
            &["table", "json", "csv", "md", "html", "xlsx"],
            &["--as-of", "2014-08-20", "--provider", "A"],
        ),
        ("progress", &["table"], &["--as-of", "2014-07-20"]),
    ];
    let mut runs = 0;
    for (command, formats, more) in commands {
        for format in formats {
            let words =
                [&[command, "-v", "--format", format, "-o", "told"][..], &INPUTS, &["a.csv"], more].concat();
            let output = folder.run(&words);
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(output.status.code(), Some(0 | 1)), "{command} {format}: {stderr}");
            let told = lossy_text(&std::fs::read(folder.path().join("told")).unwrap());
            assert!(told.len() > 100, "{command} {format}: {told}");
            // Column names and provider ids are shown; neither identifies a patient.
            let told = told.replace("SECRETcolumn", "").replace("SECRETprovider", "");
            assert!(!told.contains(SECRET), "{command} --format {format} shows a value:\n{told}");
            assert!(output.stdout.is_empty() && !stderr.contains(SECRET), "{command} {format}: {stderr}");
            runs += 1;
        }
    }
    assert_eq!(runs, 32);
    assert!(folder.read("l.csv").contains("SECRETp1"), "the ledger is asked for and has the patients");
    assert!(!folder.read("rejects.csv").contains(SECRET), "places and reasons, no values");
}

#[test]
fn commands_that_are_asked_for_patients_show_them_in_their_output_alone() {
    let folder = marked();
    let patients: [&[&str]; 5] = [
        &["outreach", "--list", "all", "--format", "csv"],
        &["outreach", "--list", "all", "--format", "xlsx"],
        &["explain", "--patient", "SECRETp1"],
        &["report", "--format", "xlsx", "--patients"],
        &["report", "--format", "json", "--ledger", "told"],
    ];
    for words in patients {
        let out = if words.contains(&"--ledger") { "report.json" } else { "told" };
        let output = folder.run(&[words, &["-v", "-o", out], &INPUTS, &["a.csv"]].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {stderr}");
        assert!(!stderr.contains(SECRET) && output.stdout.is_empty(), "{words:?}: {stderr}");
        let path = folder.path().join("told");
        let told = lossy_text(&std::fs::read(&path).unwrap());
        assert!(told.contains("SECRETp1"), "{words:?} is asked for patients");
        // No command shows the text of a message, even if the user asks for patients.
        assert!(!told.contains("SECRET\nSECRET"), "{words:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{words:?}");
        }
        std::fs::remove_file(&path).unwrap();
        let left: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with('.'))
            .collect();
        assert!(left.is_empty(), "{words:?} leaves {left:?}");
    }
    // If the requested patient is not in the exports, the message does not repeat the id.
    let output = folder.run(&[&["explain", "--patient", "SECRETabsent"][..], &INPUTS, &["a.csv"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(!lossy_text(&output.stderr).contains(SECRET));
}

/// Returns the marked exports and the inputs for every command on them.
fn every_marked() -> (Folder, Inputs<'static>) {
    let folder = marked();
    folder.write("r.csv", "provider_id,name\nA,Doctor\nSECRETprovider,SECRETname\n");
    let decided = "patient_id,decision,by,on,reason\nSECRETp7,counts,SECRETby,2014-10-02,SECRETreason\nSECRETabsent,counts,SECRETby,2014-10-02,SECRETreason\n";
    folder.write("a.csv", decided);
    let inputs = Inputs::usual("SECRETp1", "A");
    every::prepare(&folder, &inputs);
    (folder, inputs)
}

/// Runs a command. Returns its standard error, and the texts of its standard output and its files.
fn messages(folder: &Folder, run: &Run) -> (String, Vec<String>) {
    let words: Vec<&str> = run.words.iter().map(String::as_str).collect();
    let output = folder.run(&[&words[..1], &words[1..]].concat());
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{words:?}: {stderr}");
    let mut all = vec![lossy_text(&output.stdout)];
    for name in &run.outputs {
        let path = folder.path().join(name);
        all.push(lossy_text(&std::fs::read(&path).unwrap()));
        #[cfg(unix)]
        if run.shows_patients || name.ends_with(".key") {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{words:?}: {name}");
        }
        std::fs::remove_file(path).unwrap();
    }
    (stderr, all)
}

/// No command in any format shows a patient on standard error. A command that was not run for patients shows none anywhere.
#[test]
fn no_command_repeats_a_value_where_it_is_not_asked_for() {
    let (folder, inputs) = every_marked();
    // Provider ids and names, column names, and the author and text of a review decision do not identify a patient, and a report shows
    // them.
    let shown = ["SECRETcolumn", "SECRETprovider", "SECRETname", "SECRETby", "SECRETon", "SECRETreason"];
    let without = |text: &str| shown.iter().fold(text.to_owned(), |text, word| text.replace(word, ""));
    let mut patients = 0;
    for run in every::runs(&inputs) {
        let (stderr, all) = messages(&folder, &run);
        assert!(!without(&stderr).contains(SECRET), "{:?}: {stderr}", run.words);
        for text in all {
            match run.shows_patients {
                true => patients += usize::from(without(&text).contains(SECRET)),
                // `inspect` and `init` show the values of an export, because that is their purpose, but no ids.
                false if ["inspect", "init"].contains(&run.words[0].as_str()) => {
                    let ids = ["SECRETp", "SECRETe", "SECRETm"];
                    let has_id = ids.iter().any(|id| without(&text).contains(id));
                    assert!(!has_id, "{:?} shows an id:\n{text}", run.words);
                }
                false => assert!(!without(&text).contains(SECRET), "{:?} shows a value:\n{text}", run.words),
            }
        }
    }
    assert!(patients >= 10, "who is asked for patients shows them: {patients}");
}

/// A command writes only its outputs, not even a temporary file elsewhere: creating or removing a file changes the folder's modification
/// time.
#[test]
#[cfg(unix)]
fn nothing_is_written_in_another_folder() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, SystemTime};
    let (folder, inputs) = every_marked();
    let [scratch, home, out] = [Folder::new(), Folder::new(), Folder::new()];
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let others = [folder.path(), scratch.path(), home.path()];
    for run in every::runs(&inputs) {
        others.iter().for_each(|path| std::fs::File::open(path).unwrap().set_modified(old).unwrap());
        let is_output = |word: &String| run.outputs.iter().any(|name| word == name);
        let elsewhere = |word: &String| match is_output(word) {
            true => out.path().join(word).to_string_lossy().into_owned(),
            false => word.clone(),
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_mucalc"));
        command.args(run.words.iter().map(elsewhere)).current_dir(folder.path()).stdin(Stdio::null());
        command.env("TMPDIR", scratch.path()).env("HOME", home.path()).env("XDG_CACHE_HOME", home.path());
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{:?}: {stderr}", run.words);
        for path in others {
            let changed = path.metadata().unwrap().modified().unwrap();
            assert_eq!(changed, old, "{:?} wrote into {}", run.words, path.display());
        }
        let written = std::fs::read_dir(out.path()).unwrap().count();
        assert_eq!(written, run.outputs.len(), "{:?}", run.words);
        for name in &run.outputs {
            std::fs::remove_file(out.path().join(name)).unwrap();
        }
    }
}

/// No command opens a socket or resolves a host name: the preloaded library ends a process that tries.
#[test]
#[cfg(target_os = "linux")]
fn no_command_asks_for_a_socket() {
    use std::process::Command;
    let (folder, inputs) = every_marked();
    let library = crate::support::preload::library("no_network");
    for run in every::runs(&inputs) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mucalc"));
        let output =
            command.args(&run.words).current_dir(folder.path()).env("LD_PRELOAD", library).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{:?}: {:?}", run.words, output.status);
        run.outputs.iter().for_each(|name| std::fs::remove_file(folder.path().join(name)).unwrap());
    }
    // Checks that the library works, with a program that opens a socket.
    let mut python = Command::new("python3");
    python.args(["-c", "import socket; socket.socket()"]).env("LD_PRELOAD", library);
    if let Ok(output) = python.output() {
        assert_eq!(output.status.code(), Some(99));
    }
}

#[test]
fn files_that_are_not_what_they_say_are_told_without_their_values() {
    let folder = marked();
    let bytes_have = |bytes: &[u8], word: &str| String::from_utf8_lossy(bytes).contains(word);
    // The header of a malformed file may be a patient's row.
    let wrong: [&[u8]; 7] = [
        b"SECRET1,SECRET2,2014-07-10\nSECRET3,A,2014-07-10\n",
        b"patient_id,provider_id,started_at,kind\rSECRET1,A,2014-07-10,office-visit\r",
        b"patient_id,provider_id,started_at,started_at,SECRET\n",
        b"patient_id,provider_id,started_at\nSECRET,\"SECRET,2014-07-10\n",
        b"patient_id,provider_id,started_at\nSECRET\0,A,2014-07-10\n",
        b"patient_id,provider_id,started_at\nSECRET\xFF,A,2014-07-10\n",
        b"patient_id,provider_id,started_at\nSECRET,A,2014-07-10T10:00Z\n",
    ];
    for bytes in wrong {
        folder.write("wrong.csv", bytes);
        for format in ["table", "json"] {
            let output = folder.run(&[
                "report",
                "--no-config",
                "--period",
                "2014Q3",
                "--encounters",
                "wrong.csv",
                "--messages",
                "m.csv",
                "--format",
                format,
            ]);
            assert!(matches!(output.status.code(), Some(2 | 3)), "{}", String::from_utf8_lossy(bytes));
            assert!(!bytes_have(&output.stderr, SECRET), "{}", String::from_utf8_lossy(&output.stderr));
            assert!(!bytes_have(&output.stdout, SECRET), "{}", String::from_utf8_lossy(&output.stdout));
        }
        // The file is given as the configuration by mistake.
        let output = folder.run(&["report", "--config", "wrong.csv"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(!bytes_have(&output.stderr, SECRET), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The default build depends on no network crate, and never calls the network code of the DataFrame library. A build with the feature
/// `spark` depends on some, to connect to a warehouse server.
#[test]
fn nothing_in_the_tree_speaks_http_or_tls() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let banned = [
        "reqwest",
        "hyper",
        "h2",
        "ureq",
        "curl",
        "isahc",
        "rustls",
        "ring",
        "openssl",
        "openssl-sys",
        "native-tls",
        "aws-lc-rs",
        "object_store",
        "tungstenite",
        "quinn",
        "hickory-resolver",
        "trust-dns-resolver",
        "tonic",
    ];
    let lock: toml::Table = lock.parse().unwrap();
    // If the lock file has several versions of a crate, the version follows the name. All versions of a name count as one crate.
    let mut depends: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock["package"].as_array().unwrap() {
        let on = package.get("dependencies").and_then(toml::Value::as_array).into_iter().flatten();
        let on = on.map(|name| name.as_str().unwrap().split(' ').next().unwrap());
        depends.entry(package["name"].as_str().unwrap()).or_default().extend(on);
    }
    let is_optional = |name: &str| name.starts_with("apache-spark-connect");
    let mut tree = BTreeSet::from(["mucalc"]);
    let mut next = vec!["mucalc"];
    while let Some(package) = next.pop() {
        let on = depends[package].iter().filter(|name| !is_optional(name));
        next.extend(on.filter(|name| tree.insert(name)));
    }
    assert!(tree.contains("polars"), "the file is not read right");
    assert!(depends.contains_key("hyper"), "the feature brings a client, which the walk has to leave out");
    for name in banned {
        assert!(!tree.contains(name), "{name} is in the tree");
    }
}

/// No open file of a run is a socket. The test looks while the run waits for its input.
#[test]
#[cfg(target_os = "linux")]
fn no_socket_is_open_during_a_run() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let folder = marked();
    let mut running = Command::new(env!("CARGO_BIN_EXE_mucalc"))
        .args([
            "report",
            "--no-config",
            "--period",
            "2014Q3",
            "--encounters",
            "e.csv",
            "--messages",
            "-",
            "--format",
            "html",
        ])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let open = format!("/proc/{}/fd", running.id());
    let mut looked = 0;
    for _ in 0..40 {
        std::thread::sleep(std::time::Duration::from_millis(5));
        for entry in std::fs::read_dir(&open).unwrap() {
            let Ok(target) = std::fs::read_link(entry.unwrap().path()) else { continue };
            assert!(!target.to_string_lossy().starts_with("socket:"), "{}", target.display());
            looked += 1;
        }
    }
    assert!(looked > 100, "{looked}");
    running.stdin.take().unwrap().write_all(folder.read("m.csv").as_bytes()).unwrap();
    assert_eq!(running.wait_with_output().unwrap().status.code(), Some(0));
}
