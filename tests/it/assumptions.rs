//! Tests of the assumptions that a report shows next to its counts, in every export format: absent columns, columns that only some files
//! have, times without a time of day, and header names in another spelling.

use std::process::Output;

use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};

use crate::support::files::{parquet, separated, workbook};
use crate::support::program::Folder;

/// Rows of an export, header row first.
type Rows = Vec<Vec<String>>;

fn rows(text: &str) -> Rows {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// Returns the rows in each format, with the file name extension.
fn formats(rows: &Rows) -> Vec<(&'static str, Vec<u8>)> {
    let cells = |row: &Vec<String>| -> Value {
        rows[0]
            .iter()
            .zip(row)
            .map(|(name, cell)| (name.clone(), json!(cell)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let lines: String = rows[1..].iter().map(|row| format!("{}\n", cells(row))).collect();
    let mut formats = vec![
        ("csv", separated(rows, b',')),
        ("tsv", separated(rows, b'\t')),
        ("ndjson", lines.into_bytes()),
        ("xlsx", workbook(rows)),
    ];
    // The schema language of the test's Parquet writer accepts only plain names.
    if rows[0].iter().all(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) {
        formats.push(("parquet", parquet(rows, WriterProperties::builder(), false, 3)));
    }
    formats
}

const MESSAGES: &str = "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status
    M1,2014-08-05T10:00:00,P1,D1,patient,provider,ehr-portal,clinical-question,sent";

/// Runs a report on these files for the third quarter of 2014.
fn report(folder: &Folder, encounters: &[&str], messages: &str, more: &[&str]) -> Output {
    let mut words = vec!["report", "--period", "2014Q3", "--encounters"];
    words.extend(encounters);
    words.extend(["--messages", messages]);
    words.extend(more);
    folder.run(&words)
}

fn document(folder: &Folder, encounters: &[&str], messages: &str, more: &[&str]) -> Value {
    let output = report(folder, encounters, messages, &[&["--format", "json"], more].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the only provider's counts: lowest and highest numerator, lowest and highest denominator.
fn figures(report: &Value) -> [u64; 4] {
    let of = |name: &str, end: &str| report["providers"][0][name][end].as_u64().unwrap();
    [of("numerator", "least"), of("numerator", "most"), of("denominator", "least"), of("denominator", "most")]
}

/// Returns the severity and source location of a finding.
fn finding(report: &Value, code: &str) -> Option<(String, String)> {
    let found = report["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == *code)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let first = &found["first"];
    let place = format!("{}:{}:{}", text(&first["file"]), first["line"], text(&first["column"]));
    Some((text(&found["severity"]), place))
}

fn severity(report: &Value, code: &str) -> Option<String> {
    finding(report, code).map(|(severity, _)| severity)
}

/// Returns the assumptions as `column reading rows`, prefixed with `!` if not acknowledged.
fn assumptions(report: &Value) -> Vec<String> {
    let one = |of: &Value| {
        let open = if of["acknowledged"] == true { "" } else { "!" };
        format!(
            "{}.{} {} {}{open}",
            of["role"].as_str().unwrap(),
            of["column"].as_str().unwrap(),
            of["reading"].as_str().unwrap(),
            of["rows"]
        )
    };
    report["assumptions"].as_array().unwrap().iter().map(one).collect()
}

/// An absent column is reported as an assumption about the rows used, until the configuration acknowledges it.
#[test]
fn an_absent_column_is_assumed_and_told_until_it_is_acknowledged() {
    let encounters = rows(
        "patient_id,provider_id,started_at,kind
         P1,D1,2014-07-01,office-visit
         P2,D1,2014-09-25,office-visit
         ,D1,2014-09-25,office-visit",
    );
    let messages = rows(
        "sent_at,patient_id,provider_id,sender,recipient,channel,topic
         2014-08-05,P1,D1,patient,provider,ehr-portal,clinical-question",
    );
    for ((end, encounters), (_, messages)) in formats(&encounters).into_iter().zip(formats(&messages)) {
        let folder = Folder::new();
        let (e, m) = (format!("e.{end}"), format!("m.{end}"));
        folder.write(&e, encounters).write(&m, messages);
        let found = document(&folder, &[&e], &m, &[]);
        let all = [
            "encounters.status completed 2!",
            "encounters.seen_by eligible-professional 2!",
            "messages.status sent 1!",
        ];
        assert_eq!(assumptions(&found), all, "{end}");
        assert_eq!(
            finding(&found, "assumed-column"),
            Some(("warning".into(), format!("{e}:1:status"))),
            "{end}"
        );
        assert_eq!(report(&folder, &[&e], &m, &["--fail-on", "assumption"]).status.code(), Some(1), "{end}");

        folder.write(
            "mucalc.toml",
            "[assume]\nencounter-status = \"completed\"\nseen-by = \"eligible-professional\"\nmessage-status = \"sent\"\n",
        );
        let found = document(&folder, &[&e], &m, &["--fail-on", "assumption,not-calculable"]);
        assert_eq!(assumptions(&found), all.map(|open| open.replace('!', "")), "{end}");
        assert_eq!(finding(&found, "assumed-column"), None, "{end}");
        let stderr = String::from_utf8(report(&folder, &[&e], &m, &[]).stderr).unwrap();
        assert!(!stderr.contains("Assumed"), "{stderr}");
    }
}

/// The configuration can acknowledge only the assumption that the tool makes.
#[test]
fn another_word_cannot_be_acknowledged() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at\n").write("m.csv", "patient_id,sent_at\n");
    for entry in [
        "encounter-status = \"no-show\"",
        "seen-by = \"nurse\"",
        "message-status = \"draft\"",
        "kind = \"x\"",
    ] {
        folder.write("mucalc.toml", format!("[assume]\n{entry}\n"));
        let output = report(&folder, &["e.csv"], "m.csv", &[]);
        assert_eq!(output.status.code(), Some(2), "{entry}");
    }
}

/// A column that the layout fills, with a constant or from another column, is not an assumption.
#[test]
fn what_a_layout_says_is_no_assumption() {
    let folder = Folder::new();
    folder
        .write("e.csv", "who,by,at,type\nP1,D1,2014-07-01,office-visit\n")
        .write("m.csv", separated(&rows(MESSAGES), b','))
        .write(
            "ours.toml",
            "name = \"ours\"\n[encounters.columns]\npatient_id = \"who\"\nprovider_id = \"by\"\nstarted_at = \"at\"\nkind = \"type\"\nstatus = { constant = \"completed\" }\nseen_by = { constant = \"eligible-professional\" }\n",
        );
    let found = document(&folder, &["e.csv"], "m.csv", &["--layout", "encounters=ours.toml"]);
    assert_eq!(assumptions(&found), Vec::<String>::new());
    assert_eq!(figures(&found), [1, 1, 1, 1]);
}

/// Every format for people shows the assumptions in the first line below the title.
#[test]
fn every_format_says_what_is_assumed() {
    let folder = Folder::new();
    folder
        .write("e.csv", "patient_id,provider_id,started_at,kind,seen_by\nP1,D1,2014-09-29,office-visit,eligible-professional\nP2,D1,2014-09-29,office-visit,eligible-professional\n")
        .write("m.csv", separated(&rows(MESSAGES), b','));
    let line = "Assumed: no `status` column in encounters, so all 2 are taken as completed";
    for format in ["table", "md", "html", "csv", "json", "junit", "sarif"] {
        let output = report(&folder, &["e.csv"], "m.csv", &["--format", format]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr, format!("mucalc: {line}\n"), "{format}");
        let text = String::from_utf8(output.stdout).unwrap();
        let said = match format {
            "table" => text.lines().nth(1) == Some(line),
            "md" => text.lines().nth(2).is_some_and(|second| second.replace('\\', "").contains(line)),
            "html" => text.contains(&line.replace('`', "")),
            _ => true,
        };
        assert!(said, "{format}: {text}");
    }
    let output = report(&folder, &["e.csv"], "m.csv", &["--quiet"]);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");

    let packed = folder.run(&[
        "pack",
        "--period",
        "2014Q3",
        "--encounters",
        "e.csv",
        "--messages",
        "m.csv",
        "-o",
        "p.zip",
    ]);
    assert_eq!(packed.status.code(), Some(0), "{}", String::from_utf8_lossy(&packed.stderr));
    let mut pack = zip::ZipArchive::new(std::fs::File::open(folder.path().join("p.zip")).unwrap()).unwrap();
    let cover = std::io::read_to_string(pack.by_name("cover.html").unwrap()).unwrap();
    assert!(cover.contains(line.strip_prefix("Assumed: ").unwrap()), "{cover}");
    assert_eq!(folder.run(&["verify", "p.zip", "--inputs", "."]).status.code(), Some(0));
}

/// If only some files of a kind have a column, its value is unknown, not assumed, in the files without it. The order and the formats of the
/// files do not matter.
#[test]
fn a_column_that_another_file_has_is_unknown_and_not_assumed() {
    let with = rows(
        "patient_id,provider_id,started_at,kind,seen_by,status
         P1,D1,2014-07-01,office-visit,eligible-professional,completed
         P2,D1,2014-07-02,office-visit,eligible-professional,no-show",
    );
    let without = rows(
        "patient_id,provider_id,started_at,kind,seen_by
         P3,D1,2014-09-24,office-visit,eligible-professional
         P4,D1,2014-09-25,office-visit,eligible-professional",
    );
    let folder = Folder::new();
    folder.write("m.csv", separated(&rows(MESSAGES), b','));
    for (one, with) in formats(&with) {
        for (other, without) in formats(&without) {
            let (with_it, without_it) = (format!("with.{one}"), format!("without.{other}"));
            folder.write(&with_it, &with).write(&without_it, without);
            for files in [[&*with_it, &*without_it], [&*without_it, &*with_it]] {
                let found = document(&folder, &files, "m.csv", &[]);
                assert_eq!(figures(&found), [1, 1, 1, 3], "{files:?}");
                let differ = Some(("warning".to_owned(), format!("{without_it}:1:status")));
                assert_eq!(finding(&found, "columns-differ"), differ, "{files:?}");
                assert_eq!(assumptions(&found), Vec::<String>::new(), "{files:?}");
            }
            let validated = folder.run(&[
                "validate",
                "--format",
                "json",
                "--encounters",
                &with_it,
                &without_it,
                "--messages",
                "m.csv",
            ]);
            assert!(String::from_utf8_lossy(&validated.stdout).contains("columns-differ"));
        }
    }
}

/// A pipe can be read only once, so the tool buffers its beginning to know the columns of all files first.
#[cfg(unix)]
#[test]
fn the_columns_of_a_pipe_are_known_before_its_turn() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let folder = Folder::new();
    let many: String = (0..20_000)
        .map(|n| format!("Q{n},D1,2014-09-24,office-visit,eligible-professional,completed\n"))
        .collect();
    let with = format!("patient_id,provider_id,started_at,kind,seen_by,status\n{many}");
    folder
        .write("e.csv", "patient_id,provider_id,started_at,kind,seen_by\nP1,D1,2014-09-29,office-visit,eligible-professional\n")
        .write("m.csv", separated(&rows(MESSAGES), b','));
    let mut child = Command::new(env!("CARGO_BIN_EXE_mucalc"))
        .args([
            "report",
            "--format",
            "json",
            "--period",
            "2014Q3",
            "--encounters",
            "e.csv",
            "-",
            "--messages",
            "m.csv",
            "--digest",
        ])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(with.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(figures(&found), [0, 1, 20_000, 20_001]);
    assert_eq!(
        (&found["inputs"][1]["bytes"], &found["inputs"][1]["rows"]),
        (&json!(with.len()), &json!(20_000))
    );
}

/// An unread column whose name contains the name of an assumed column is an error. A name that is only similar is a warning.
#[test]
fn a_name_that_holds_that_of_an_assumed_column_is_an_error() {
    for (name, expected) in [
        ("appt_status", Some("error")),
        ("Status Code", Some("error")),
        ("APPTSTATUS", Some("error")),
        ("visit-status", Some("error")),
        ("staus", Some("error")),
        ("seen_by_id", Some("error")),
        ("remark", None),
    ] {
        let table = rows(&format!(
            "patient_id,provider_id,started_at,kind,{name}
             P1,D1,2014-09-29,office-visit,completed"
        ));
        for (end, bytes) in formats(&table) {
            let folder = Folder::new();
            let file = format!("e.{end}");
            folder.write(&file, bytes).write("m.csv", separated(&rows(MESSAGES), b','));
            let found = document(&folder, &[&file], "m.csv", &[]);
            assert_eq!(severity(&found, "near-miss-column").as_deref(), expected, "{name} in {end}");
            let validated = folder.run(&["validate", "--encounters", &file, "--messages", "m.csv"]);
            assert_eq!(validated.status.code(), Some(i32::from(expected.is_some())), "{name} in {end}");
        }
    }
    // Without its column, the kind is unknown, not assumed, so the similar name is the only problem.
    let folder = Folder::new();
    folder
        .write("e.csv", "patient_id,provider_id,started_at,knd,status,seen_by\nP1,D1,2014-09-29,office-visit,completed,eligible-professional\n")
        .write("m.csv", separated(&rows(MESSAGES), b','));
    assert_eq!(
        severity(&document(&folder, &["e.csv"], "m.csv", &[]), "near-miss-column").as_deref(),
        Some("warning")
    );
}

/// Case, blanks, and underscores do not matter in a column name. An exact name takes precedence.
#[test]
fn a_header_may_be_spelled_otherwise() {
    for spelled in [
        ["Patient ID", "Provider ID", "Started At", "Kind", "Status", "Seen By"],
        ["PATIENT_ID", "PROVIDER_ID", "STARTED_AT", "KIND", "STATUS", "SEEN_BY"],
        ["PatientId", "ProviderId", "StartedAt", "kind", "status", "seenBy"],
        ["patient id ", " provider id", "started\u{A0}at", "kind", "status", "seen by"],
    ] {
        let table = rows(&format!(
            "{}
             P1,D1,2014-09-20,office-visit,completed,eligible-professional
             P2,D1,2014-09-21,office-visit,completed,eligible-professional
             P3,D1,2014-09-29,office-visit,no-show,eligible-professional",
            spelled.join(",")
        ));
        let mut table = table;
        table[0] = spelled.map(str::to_owned).to_vec();
        let messages = MESSAGES.replace("patient_id", "Patient Id").replace("sent_at", "SentAt");
        let folder = Folder::new();
        folder.write("m.csv", separated(&rows(&messages), b','));
        for (end, bytes) in formats(&table) {
            let file = format!("e.{end}");
            folder.write(&file, bytes);
            let found = document(&folder, &[&file], "m.csv", &[]);
            assert_eq!(figures(&found), [1, 1, 2, 2], "{spelled:?} in {end}");
            assert_eq!(found["inputs"][0]["absent"], json!([]), "{spelled:?} in {end}");
            assert_eq!(severity(&found, "near-miss-column"), None, "{spelled:?} in {end}");
        }
    }
}

/// `explain` shows the cells of a row under the export's own column names, but no free text.
#[test]
fn a_row_is_explained_with_its_own_names() {
    let folder = Folder::new();
    folder
        .write("e.csv", "Patient ID,Provider ID,Started At,Kind\nP1,D1,2014-09-20,office-visit\n")
        .write("m.csv", "PatientId,Sent At,Sender,SUBJECT\nP1,2014-09-21,patient,private matters\n");
    let words =
        ["explain", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv", "--patient", "P1"];
    let text = String::from_utf8(folder.run(&words).stdout).unwrap();
    assert!(text.contains("Provider ID=D1, Started At=2014-09-20, Kind=office-visit"), "{text}");
    assert!(text.contains("Sender=patient") && !text.contains("private"), "{text}");
}

/// If the header has an exact name and another spelling of it, the exact name is read. Two inexact spellings of one name are refused.
#[test]
fn the_exact_name_wins_and_two_that_are_alike_are_refused() {
    let folder = Folder::new();
    folder.write("m.csv", separated(&rows(MESSAGES), b','));
    let table = |header: &str| {
        let mut table = rows(
            "a,b,c,d,e
             Q9,D1,2014-09-29,office-visit,P1",
        );
        table[0] = header.split(',').map(str::to_owned).collect();
        table
    };
    for (end, bytes) in formats(&table("Patient Id,provider_id,started_at,kind,patient_id")) {
        let file = format!("exact.{end}");
        folder.write(&file, bytes);
        assert_eq!(figures(&document(&folder, &[&file], "m.csv", &[])), [1, 1, 1, 1], "{end}");
    }
    for (end, bytes) in formats(&table("PATIENTID,provider_id,started_at,kind,PatientId")) {
        let file = format!("alike.{end}");
        folder.write(&file, bytes);
        let output = report(&folder, &[&file], "m.csv", &["--format", "json"]);
        assert_eq!(output.status.code(), Some(3), "{end}");
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["error"]["code"], "doubled-column", "{end}");
    }
}

/// Returns encounters of different patients at these times in UTC.
fn at(times: impl Iterator<Item = String>) -> Rows {
    let mut table = rows("patient_id,provider_id,started_at,kind,status,seen_by");
    table.extend(times.enumerate().map(|(n, time)| {
        let n = n + 1;
        rows(&format!("P{n},D1,{time},office-visit,completed,eligible-professional")).remove(0)
    }));
    table
}

/// If nearly all of twenty or more times with a time zone are midnight in UTC, they are dates without a time. In the practice time zone,
/// they would be on the day before.
#[test]
fn times_at_midnight_in_utc_are_days() {
    let midnight = |n: usize| format!("2014-07-01T00:00:00{}", ["Z", "+00:00", ".000Z"][n % 3]);
    let noon = |_: usize| "2014-07-01T17:00:00Z".to_owned();
    for (midnights, others, expected) in
        [(19, 0, None), (20, 0, Some("error")), (19, 1, Some("error")), (18, 2, None), (0, 20, None)]
    {
        let table = at((0..midnights).map(midnight).chain((0..others).map(noon)));
        for (end, bytes) in formats(&table) {
            let folder = Folder::new();
            let file = format!("e.{end}");
            folder.write(&file, bytes).write("m.csv", separated(&rows(MESSAGES), b','));
            let zone = ["--timezone", "America/Chicago"];
            let found = document(&folder, &[&file], "m.csv", &zone);
            assert_eq!(
                severity(&found, "midnight-utc").as_deref(),
                expected,
                "{midnights}, {others} in {end}"
            );
            assert_eq!(figures(&found)[2], others as u64, "midnight is the day before in {end}");

            folder.write("mucalc.toml", "[days]\nstarted_at = \"local\"\n");
            let found = document(&folder, &[&file], "m.csv", &zone);
            assert_eq!(severity(&found, "midnight-utc"), None, "{end}");
            assert_eq!(figures(&found)[2], others as u64, "{end}");

            folder.write("mucalc.toml", "[days]\nstarted_at = \"utc-day\"\n");
            let found = document(&folder, &[&file], "m.csv", &zone);
            assert_eq!(severity(&found, "midnight-utc"), None, "{end}");
            assert_eq!(figures(&found)[2], (midnights + others) as u64, "{end}");
            let choice = json!([{"key": "days", "of": "started_at", "value": "utc-day"}]);
            assert_eq!(found["choices"], choice);
        }
    }
}

/// Midnights are counted over all files, however the rows are distributed and on any number of threads.
#[test]
fn midnights_are_counted_over_all_files() {
    let folder = Folder::new();
    let half = at((0..10).map(|_| "2014-09-29T00:00:00Z".to_owned()));
    folder
        .write("a.csv", separated(&half, b','))
        .write("b.csv", separated(&half, b','))
        .write("m.csv", separated(&rows(MESSAGES), b','));
    for threads in ["1", "4"] {
        let found = document(
            &folder,
            &["a.csv", "b.csv"],
            "m.csv",
            &["--timezone", "America/Chicago", "--threads", threads],
        );
        assert_eq!(finding(&found, "midnight-utc"), Some(("error".into(), "a.csv:2:started_at".into())));
    }
    // In a time zone where midnight UTC is on the same day, there is nothing to report.
    let found = document(&folder, &["a.csv", "b.csv"], "m.csv", &["--timezone", "Pacific/Guam"]);
    assert_eq!(severity(&found, "midnight-utc"), None);
}

/// Time zone suffixes are read as databases and programs write them, and so is the last moment of a day.
#[test]
fn zones_are_read_as_databases_write_them() {
    for (time, is_in) in [
        ("2014-10-01 03:59:00+00", true),
        ("2014-10-01 04:01:00+00", false),
        ("2014-10-01 03:59:00.123456+00", true),
        ("2014-10-01 03:59:00 UTC", true),
        ("2014-10-01 04:01:00 UTC", false),
        ("2014-10-01 03:59:00 GMT", true),
        ("2014-10-01 03:59:00 Z", true),
        ("2014-10-01T03:59:00 +0000", true),
        ("2014-10-01 00:30:00 +0100", true),
        ("2014-09-30 23:59:00 -0400", true),
        ("2014-09-30 23:59:00.0000000 -04:00", true),
        ("2014-09-30 23:59:00-04", true),
        ("2014-09-30 23:59:00 -03", true),
        ("2014-09-30 24:00", true),
        ("2014-06-30 24:00", false),
        ("2014-06-30T24:00:00-04:00", false),
    ] {
        for (end, bytes) in formats(&at(std::iter::once(time.to_owned()))) {
            let folder = Folder::new();
            let file = format!("e.{end}");
            folder.write(&file, bytes).write("m.csv", separated(&rows(MESSAGES), b','));
            let found = document(&folder, &[&file], "m.csv", &["--timezone", "America/New_York"]);
            let seen = u64::from(is_in);
            assert_eq!(figures(&found)[2..], [seen, seen], "{time} in {end}");
            assert_eq!(severity(&found, "unreadable-date"), None, "{time} in {end}");
        }
    }
}

/// A canonical value always means itself. An export's own value can be mapped to any canonical value, and the report shows the mapping.
#[test]
fn words_of_ours_have_no_other_meaning() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at\n").write("m.csv", "patient_id,sent_at\n");
    for (table, word, meaning, exit) in [
        ("topics", "billing", "clinical-question", 2),
        ("topics", "Billing ", "clinical-question", 2),
        ("topics", "billing", "unknown", 2),
        ("topics", "billing", "billing", 0),
        ("topics", "Refill of insulin", "medication-refill", 0),
        ("senders", "staff", "patient", 2),
        ("recipients", "care-team", "provider", 2),
        ("encounter-statuses", "no-show", "completed", 2),
        ("kinds", "telephone", "office-visit", 2),
        ("message-statuses", "draft", "sent", 2),
        ("encounter-statuses", "Kept", "completed", 0),
    ] {
        folder.write("mucalc.toml", format!("# first\n\n[{table}]\n\"{word}\" = \"{meaning}\"\n"));
        let output = report(&folder, &["e.csv"], "m.csv", &["--format", "json"]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(exit), "{table} {word}: {stderr}");
        if exit == 2 {
            assert!(stderr.contains("mucalc.toml:4:"), "{stderr}");
            continue;
        }
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["choices"], json!([{"key": table, "of": word, "value": meaning}]));
        for format in ["table", "md", "html"] {
            let output = report(&folder, &["e.csv"], "m.csv", &["--format", format]);
            let text = String::from_utf8(output.stdout).unwrap().replace('\\', "");
            assert!(text.contains(&format!("[{table}] {word} = {meaning}")), "{format}: {text}");
        }
    }
}

/// A layout file must not use the name of a built-in layout, and a report identifies the file by path and checksum.
#[test]
fn a_layout_file_does_not_call_itself_like_a_built_in_one() {
    let folder = Folder::new();
    let columns = "[messages.columns]\nmessage_id = \"message_id\"\npatient_id = \"patient_id\"\nsent_at = \"sent_at\"\n";
    folder
        .write("e.csv", "patient_id,provider_id,started_at\n")
        .write("m.csv", separated(&rows(MESSAGES), b','));
    for (file, head, exit) in [
        ("a.toml", "name = \"canonical\"\n", 2),
        ("b.toml", "name = \"Canonical\"\n", 2),
        ("c.toml", "name = \"fhir-r4\"\n", 2),
        ("synthea.toml", "", 2),
        ("d.toml", "extends = \"synthea\"\n", 0),
        ("e.toml", "extends = \"synthea\"\nname = \"synthea\"\n", 2),
        ("f.toml", "name = \"ours\"\n", 0),
    ] {
        folder.write(file, format!("{head}{columns}"));
        let layout = format!("messages={file}");
        for command in ["report", "pack"] {
            let mut words =
                vec![command, "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];
            words.extend(["--layout", &layout, "-o", if command == "pack" { "o.zip" } else { "o.txt" }]);
            let output = folder.run(&words);
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(exit), "{command} {file}: {stderr}");
        }
        if exit == 0 {
            let found = document(&folder, &["e.csv"], "m.csv", &["--layout", &layout]);
            assert_eq!(found["layout_files"][0]["path"], file);
            assert_eq!(found["layout_files"][0]["sha256"].as_str().unwrap().len(), 64);
            let table = report(&folder, &["e.csv"], "m.csv", &["--layout", &layout]).stdout;
            assert!(String::from_utf8(table).unwrap().contains(&format!("layout file {file} (SHA-256 ")));
            assert_eq!(folder.run(&["verify", "o.zip", "--inputs", "."]).status.code(), Some(0), "{file}");
        }
    }
}

/// `--fail-on` accepts each gate, and several gates separated by commas.
#[test]
fn gates_name_rows_assumptions_and_findings() {
    let folder = Folder::new();
    folder
        .write("e.csv", "patient_id,provider_id,started_at,kind,status,seen_by\nP1,D1,2014-09-29,office-visit,completed,eligible-professional\n,D1,2014-09-29,office-visit,completed,eligible-professional\n")
        .write("m.csv", separated(&rows(MESSAGES), b','));
    for (gates, exit) in [
        ("unusable", 1),
        ("not-met,unusable", 1),
        ("not-met", 0),
        ("assumption", 0),
        ("assumption, unusable", 1),
        ("finding:missing-patient-id", 1),
        ("finding:ragged-row", 0),
        ("finding:ragged-row,finding:missing-patient-id", 1),
        ("finding:no-such-code", 2),
        ("findings", 2),
    ] {
        let output = report(&folder, &["e.csv"], "m.csv", &["--fail-on", gates, "--format", "json"]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(exit), "{gates}: {stderr}");
        if exit < 2 {
            let line = "mucalc: 1 encounter could not be used (first: e.csv:3); the results allow for them\n";
            assert!(stderr.starts_with(line), "{stderr}");
        }
        let exit = if gates.contains("not-met") { 2 } else { exit };
        let validated =
            folder.run(&["validate", "--encounters", "e.csv", "--messages", "m.csv", "--fail-on", gates]);
        assert_eq!(validated.status.code(), Some(exit), "validate {gates}");
    }
}

/// An invalid NPI does not join provider ids into one clinician.
#[test]
fn a_number_that_is_none_joins_nobody() {
    let folder = Folder::new();
    folder
        .write("e.csv", "patient_id,provider_id,started_at,kind,status,seen_by\nP1,D1,2014-09-29,office-visit,completed,eligible-professional\nP2,D2,2014-09-29,office-visit,completed,eligible-professional\n")
        .write("m.csv", separated(&rows(MESSAGES), b','));
    for (npi, joined) in [
        ("1234567893", 1),
        ("N/A", 0),
        ("-", 0),
        ("9999999999", 0),
        ("0000000000", 0),
        ("NULL", 0),
        ("123456789", 0),
    ] {
        folder.write("r.csv", format!("provider_id,npi,name\nD1,{npi},Doctor One\nD2,{npi},Doctor Two\n"));
        let found = document(&folder, &["e.csv"], "m.csv", &["--roster", "r.csv"]);
        assert_eq!(found["combined"].as_array().unwrap().len(), joined, "{npi}");
        assert_eq!(found["providers"].as_array().unwrap().len(), 2, "{npi}");
    }
}

/// INT96 times are moments in UTC unless the layout names their time zone. A floating-point id is usable only if it is a whole number.
#[test]
fn parquet_types_that_say_little() {
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int96, Int96Type};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    let schema = "message rows { required double patient_id; required binary provider_id (STRING); required int96 started_at; required binary kind (STRING); }";
    let schema = std::sync::Arc::new(parse_message_type(schema).unwrap());
    let properties = std::sync::Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts = |text: &str| vec![ByteArray::from(text); 2];
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<DoubleType>().write_batch(&[7.0, 8.0], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&texts("D1"), None, None).unwrap();
    column.close().unwrap();
    // 2014-07-01 is Julian day 2,456,840; the times are 3:00 and 15:00 UTC.
    let at = |hour: u64| {
        let (nanoseconds, mut time) = (hour * 3_600_000_000_000, Int96::new());
        time.set_data(nanoseconds as u32, (nanoseconds >> 32) as u32, 2_456_840);
        time
    };
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int96Type>().write_batch(&[at(3), at(15)], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&texts("office-visit"), None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    let folder = Folder::new();
    folder
        .write("e.parquet", writer.into_inner().unwrap())
        .write("m.csv", separated(&rows(&MESSAGES.replace("P1", "8")), b','))
        .write(
            "ours.toml",
            "name = \"ours\"\n[encounters.columns]\npatient_id = \"patient_id\"\nprovider_id = \"provider_id\"\nkind = \"kind\"\nstarted_at = { from = \"started_at\", zone = \"America/New_York\" }\n",
        );
    let zone = ["--timezone", "America/New_York"];
    assert_eq!(figures(&document(&folder, &["e.parquet"], "m.csv", &zone)), [1, 1, 1, 1]);
    let layout = ["--timezone", "America/New_York", "--layout", "encounters=ours.toml"];
    assert_eq!(figures(&document(&folder, &["e.parquet"], "m.csv", &layout)), [1, 1, 2, 2]);
    assert_eq!(report(&folder, &["e.parquet"], "m.csv", &[]).status.code(), Some(2));
}

/// `init` writes the acknowledgment of an assumption as a comment.
#[test]
fn init_writes_what_can_be_acknowledged() {
    let folder = Folder::new();
    folder
        .write("e.csv", "patient_id,provider_id,started_at,kind,seen_by\nP1,D1,2014-09-29,office-visit,eligible-professional\n")
        .write("m.csv", separated(&rows(MESSAGES), b','));
    let output = folder.run(&["init", "-y", "--period", "2014Q3", "e.csv", "m.csv"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = folder.read("mucalc.toml");
    assert!(
        text.contains(
            "[assume]\n# encounters without a column `status`:\n# encounter-status = \"completed\"\n"
        ),
        "{text}"
    );
    assert!(!text.contains("seen-by") && !text.contains("message-status"), "{text}");
    // The generated file, unedited, acknowledges nothing.
    let found = folder.run(&["report", "--fail-on", "assumption"]);
    assert_eq!(found.status.code(), Some(1));
    folder.write("mucalc.toml", text.replace("# encounter-status", "encounter-status"));
    assert_eq!(folder.run(&["report", "--fail-on", "assumption"]).status.code(), Some(0));
}
