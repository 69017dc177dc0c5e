//! Scripted reviews: the questions, the row that each answer adds to the file, and the continuation of a stopped review.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::support::program::Folder;

/// Writes a practice. A saw P1 and P2, who wrote to a shared inbox, and possibly P3, whose visit is not closed. B also saw P1, who wrote
/// to the practice.
fn practice() -> Folder {
    let folder = Folder::new();
    folder.write(
        "e.csv",
        "encounter_id,patient_id,provider_id,started_at,kind,status,seen_by\n\
         1,P1,A,2014-07-01,office-visit,completed,eligible-professional\n\
         2,P2,A,2014-07-02,office-visit,completed,eligible-professional\n\
         3,P3,A,2014-07-03,office-visit,in-progress,eligible-professional\n\
         4,P1,B,2014-07-04,office-visit,completed,eligible-professional\n",
    );
    folder.write(
        "m.csv",
        "message_id,patient_id,provider_id,sent_at,status,sender,recipient,channel,topic,subject\n\
         M1,P1,A,2014-07-11,sent,patient,care-team,ehr-portal,clinical-question,PRIVATE\n\
         M2,P2,A,2014-07-12,sent,patient,care-team,ehr-portal,clinical-question,PRIVATE\n\
         M3,P1,,2014-07-13,sent,patient,provider,ehr-portal,clinical-question,PRIVATE\n",
    );
    folder
}

const INPUTS: [&str; 6] = ["--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];

/// Runs a review with these lines as answers. Returns its exit code, standard output, and standard error.
fn review(folder: &Folder, more: &[&str], answers: &str) -> (Option<i32>, String, String) {
    let mut run = Command::new(env!("CARGO_BIN_EXE_mucalc"));
    let words = [&["review", "--adjudications", "d.csv", "--on", "2014-10-02"][..], &INPUTS, more].concat();
    let run = run.args(words).current_dir(folder.path()).stdin(Stdio::piped());
    let mut run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that has ended closes its standard input.
    let _ = run.stdin.take().unwrap().write_all(answers.as_bytes());
    let Output { status, stdout, stderr } = run.wait_with_output().unwrap();
    let [out, err] = [stdout, stderr].map(|text| String::from_utf8(text).unwrap());
    (status.code(), out, err)
}

const BY: [&str; 2] = ["--by", "Ann Example"];
const HEADER: &str = "message_id,patient_id,provider_id,decision,by,on,reason\n";

#[test]
fn a_review_asks_of_every_unresolved_record_and_writes_the_answers() {
    let folder = practice();
    // A: P1's messages to the inbox and to the practice, P2's message, and P3's visit. B: P1's message to the practice.
    let (code, out, err) = review(&folder, &BY, "y\na refill\nn\na bill\ny\nclosed late\nn\nfor A\n");
    assert_eq!(code, Some(0), "{out}{err}");
    assert_eq!(
        folder.read("d.csv"),
        format!(
            "{HEADER}M1,P1,A,counts,Ann Example,2014-10-02,a refill\n\
             M2,P2,A,out,Ann Example,2014-10-02,a bill\n\
             ,P3,A,seen,Ann Example,2014-10-02,closed late\n\
             M3,P1,B,out,Ann Example,2014-10-02,for A\n"
        )
    );
    // The review does not ask about what an answer made certain: M3 may be for A, but P1 is already in A's numerator.
    assert!(
        !out.contains("Does this message qualify for A?")
            || out.matches("message of patient P1").count() == 2
    );
    for shown in [
        "m.csv:2",
        "care-team",
        "pool, nurse, or care team",
        "as exported",
        "read as",
        "pool",
        "Did A see this patient",
    ] {
        assert!(out.contains(shown), "{shown} {out}");
    }
    assert!(!out.contains("PRIVATE"), "no text of a message is shown: {out}");
    // No record remains, and the report includes the review decisions.
    let (code, out, _) = review(&folder, &BY, "");
    assert_eq!(code, Some(0));
    assert!(out.contains("No record is unresolved"), "{out}");
    let words = [&["report", "--format", "json", "--adjudications", "d.csv"][..], &INPUTS].concat();
    let report: serde_json::Value = serde_json::from_slice(&folder.run(&words).stdout).unwrap();
    let figures = |at: usize| {
        let of = &report["providers"][at];
        (of["numerator"]["most"].clone(), of["denominator"]["least"].clone(), of["unresolved"].clone())
    };
    assert_eq!(figures(0), (1.into(), 3.into(), 0.into()));
    assert_eq!(figures(1), (0.into(), 1.into(), 0.into()));
    assert!(!report["findings"].to_string().contains("adjudication-"), "{}", report["findings"]);
}

/// The effect shown for yes and no matches the report after that answer.
#[test]
fn the_effect_of_an_answer_is_the_report_after_it() {
    for (answer, word) in [("y", "yes: "), ("n", "no:  ")] {
        let folder = practice();
        let (_, out, _) = review(&folder, &BY, &format!("{answer}\nlooked at\nq\n"));
        let told = out.lines().find_map(|line| line.trim().strip_prefix(word)).unwrap().trim().to_owned();
        let words = [&["report", "--format", "json", "--adjudications", "d.csv"][..], &INPUTS].concat();
        let report: serde_json::Value = serde_json::from_slice(&folder.run(&words).stdout).unwrap();
        let of = &report["providers"][0];
        let bounds = |key: &str| {
            let (least, most) = (of[key]["least"].as_u64().unwrap(), of[key]["most"].as_u64().unwrap());
            if least == most { least.to_string() } else { format!("{least}–{most}") }
        };
        let verdict = of["verdict"].as_str().unwrap().replace('-', " ");
        let expected =
            format!("{} of {} unique patients: {verdict}", bounds("numerator"), bounds("denominator"));
        assert_eq!(told, expected, "{answer}");
        // The last lines of the review repeat it.
        assert!(out.contains(&format!("A: {expected}")), "{out}");
    }
}

/// Whenever a review ends, all answers so far are in the file, and the next review continues after them.
#[test]
fn a_review_that_was_stopped_goes_on() {
    let folder = practice();
    for (answers, lines) in [
        ("", 0),
        ("y\n", 0),
        ("y\na refill\n", 2),
        ("s\nq\n", 2),
        ("y\na scan\nq\n", 3),
        ("maybe\n?\n\ny\n\nclosed late\n", 4),
    ] {
        let (code, out, err) = review(&folder, &BY, answers);
        assert_eq!(code, Some(0), "{answers:?} {out}{err}");
        let written = if folder.path().join("d.csv").exists() { folder.read("d.csv") } else { String::new() };
        assert_eq!(written.lines().count(), lines, "{answers:?} {written}");
    }
    assert!(
        folder
            .read("d.csv")
            .starts_with(&format!("{HEADER}M1,P1,A,counts,Ann Example,2014-10-02,a refill\n"))
    );
}

/// An empty line repeats the previous reason, so the first reason must be given.
#[test]
fn reasons_and_names_are_demanded() {
    let folder = practice();
    let (_, out, _) = review(&folder, &[], "\n  \nAnn \"A.\" Example\ny\n\n\na refill, \"urgent\"\ny\n\nq\n");
    assert!(out.contains("Your name") && out.contains("an auditor will ask"), "{out}");
    let mut reader = csv::Reader::from_path(folder.path().join("d.csv")).unwrap();
    let rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row[4..], ["Ann \"A.\" Example", "2014-10-02", "a refill, \"urgent\""]);
    }
}

/// An existing file keeps every byte, its column order, and its line endings.
#[test]
fn a_file_that_is_there_is_added_to() {
    let folder = practice();
    let known = "reason,by,on,note,decision,provider_id,patient_id,message_id\r\nlooked at,Bob Example,2014-10-01,x,out,A,P2,M2";
    folder.write("d.csv", known);
    let (code, out, err) = review(&folder, &BY, "y\na refill\nq\n");
    assert_eq!(code, Some(0), "{out}{err}");
    assert_eq!(
        folder.read("d.csv"),
        format!("{known}\r\na refill,Ann Example,2014-10-02,,counts,A,P1,M1\r\n")
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join("d.csv")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "it names patients");
    }
}

#[test]
fn what_cannot_be_reviewed_is_refused() {
    let folder = practice();
    folder.write("few.csv", "message_id,decision,by,on,reason\n").write("book.xlsx", b"PK\x03\x04");
    let run = |more: &[&str]| folder.run(&[&["review", "--by", "Ann Example"][..], more].concat());
    for (more, told) in [
        (&INPUTS[..], "--adjudications"),
        (&[&INPUTS[..], &["--adjudications", "few.csv"]].concat(), "patient_id"),
        (&[&INPUTS[..], &["--adjudications", "book.xlsx"]].concat(), "CSV"),
        (&[&INPUTS[..], &["--adjudications", "m.csv"]].concat(), "decision"),
        (&[&INPUTS[..], &["--adjudications", "no/d.csv"]].concat(), "no/d.csv"),
        (&[&INPUTS[..], &["--adjudications", "d.csv", "--provider", "C"]].concat(), "no provider has the id"),
        (&[&INPUTS[..], &["--adjudications", "d.csv", "--on", "today"]].concat(), "not a day"),
        (
            &["--adjudications", "d.csv", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "-"],
            "standard input",
        ),
    ] {
        let output = run(more);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some_and(|code| code > 1), "{more:?} {error}");
        assert!(error.contains(told), "{more:?} {error}");
        assert!(!folder.path().join("d.csv").exists(), "{more:?}");
    }
    assert_eq!(folder.read("few.csv"), "message_id,decision,by,on,reason\n");
}

/// A review can be limited to the records of one provider.
#[test]
fn a_provider_can_be_reviewed_alone() {
    let folder = practice();
    let (_, out, _) = review(&folder, &[&BY[..], &["--provider", "B"]].concat(), "y\nfor B\n");
    assert!(out.contains("Record 1 of 1") && !out.contains("patient P2"), "{out}");
    assert_eq!(folder.read("d.csv"), format!("{HEADER}M3,P1,B,counts,Ann Example,2014-10-02,for B\n"));
}

/// A reason cannot be a text that means "no value" in the file, or a letter that answers another question. A spreadsheet that opens the
/// file runs no formula.
#[test]
fn a_reason_says_something() {
    let folder = practice();
    let (code, out, err) = review(&folder, &BY, "y\nn/a\n-\nNULL\ny\n=HYPERLINK(1)\nq\n");
    assert_eq!(code, Some(0), "{out}{err}");
    assert_eq!(out.matches("A decision needs a reason").count(), 4, "{out}");
    assert_eq!(
        folder.read("d.csv"),
        format!("{HEADER}M1,P1,A,counts,Ann Example,2014-10-02,'=HYPERLINK(1)\n")
    );
    let words = [&["report", "--format", "json", "--adjudications", "d.csv"][..], &INPUTS].concat();
    assert_eq!(folder.run(&words).status.code(), Some(0));
    // If the review ends before the reason is given, the record remains unresolved.
    let (_, _, _) = review(&folder, &BY, "y\nq\n");
    assert_eq!(folder.read("d.csv").lines().count(), 2);
    for words in [["--by", "N/A"], ["--on", "2999-01-01"]] {
        let (code, _, err) =
            review(&folder, &[&words[..], &BY[..usize::from(words[0] == "--on") * 2]].concat(), "");
        assert_eq!(code, Some(2), "{words:?} {err}");
    }
}
