//! Tests that review decisions are fit for an audit: each states who decided, when, and why, and identifies its record exactly.

use crate::support::program::Folder;
use serde_json::Value;

/// Creates a folder in which providers A and B saw two patients each. Each patient wrote to a shared inbox, which leaves the message
/// unresolved.
fn practice(decisions: &str) -> Folder {
    let folder = Folder::new();
    folder.write(
        "e.csv",
        "encounter_id,patient_id,provider_id,started_at,kind,status,seen_by\n\
         1,P1,A,2014-07-01,office-visit,completed,eligible-professional\n\
         2,P2,A,2014-07-02,office-visit,completed,eligible-professional\n\
         3,P3,B,2014-07-03,office-visit,completed,eligible-professional\n\
         4,P4,B,2014-07-04,office-visit,completed,eligible-professional\n",
    );
    folder.write(
        "m.csv",
        "message_id,patient_id,provider_id,sent_at,status,sender,recipient,channel,topic\n\
         M1,P1,A,2014-07-11,sent,patient,care-team,ehr-portal,clinical-question\n\
         M2,P2,A,2014-07-12,sent,patient,care-team,ehr-portal,clinical-question\n\
         M3,P3,B,2014-07-13,sent,patient,care-team,ehr-portal,clinical-question\n\
         M4,P4,B,2014-07-14,sent,patient,care-team,ehr-portal,clinical-question\n",
    );
    folder.write("a.csv", decisions);
    folder
}

const INPUTS: [&str; 8] =
    ["--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv", "--adjudications", "a.csv"];

fn report(folder: &Folder) -> Value {
    let output = folder.run(&[&["report", "--format", "json"][..], &INPUTS].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns a provider's counts as `n/d`, or as `0..2/2` if the numerator is a range.
fn figures(report: &Value, provider: &str) -> String {
    let all = report["providers"].as_array().unwrap();
    let of = all.iter().find(|of| of["provider_id"] == provider).unwrap();
    let bounds = |key: &str| match (of[key]["least"].as_u64().unwrap(), of[key]["most"].as_u64().unwrap()) {
        (least, most) if least == most => least.to_string(),
        (least, most) => format!("{least}..{most}"),
    };
    format!("{}/{}", bounds("numerator"), bounds("denominator"))
}

#[test]
fn a_decision_states_who_decided_when_and_why() {
    for (file, place) in [
        ("message_id,decision,by,on,reason\nM1,counts,Ann Example,2014-10-02,a refill\n", None),
        ("message_id,decision,by,on,reason\nM1,counts,,2014-10-02,a refill\n", Some("a.csv:2 (by)")),
        ("message_id,decision,by,on,reason\nM1,counts,Ann Example,,a refill\n", Some("a.csv:2 (on)")),
        (
            "message_id,decision,by,on,reason\nM1,counts,Ann Example,yesterday,a refill\n",
            Some("a.csv:2 (on)"),
        ),
        (
            "message_id,decision,by,on,reason\nM1,counts,Ann Example,2014-02-30,a refill\n",
            Some("a.csv:2 (on)"),
        ),
        ("message_id,decision,by,on,reason\nM1,counts,Ann Example,2014-10-02,\n", Some("a.csv:2 (reason)")),
        ("message_id,decision,by,on,reason\nM1,counts,Ann Example,2014-10-02, \n", Some("a.csv:2 (reason)")),
        // An absence marker is not a name.
        ("message_id,decision,by,on,reason\nM1,counts,N/A,2014-10-02,a refill\n", Some("a.csv:2 (by)")),
        ("message_id,decision\nM1,counts\n", Some("a.csv:2 (by)")),
        ("message_id,decision,by\nM1,counts,Ann Example\n", Some("a.csv:2 (on)")),
        (
            "message_id,decision,by,on,reason\nM1,counts,Ann Example,2014-10-02,a refill\nM9,perhaps,,2014-10-02,none\n",
            Some("a.csv:3 (by)"),
        ),
        // A blank row is not a decision, so it is ignored.
        ("message_id,decision,by,on,reason\n,,,,\nM1,counts,Ann Example,2014-10-02,a refill\n", None),
    ] {
        let folder = practice(file);
        for command in [
            &["report"][..],
            &["report", "--format", "json"],
            &["sweep"],
            &["what-if"],
            &["progress"],
            &["outreach"],
            &["explain", "--patient", "P1"],
            &["validate"],
            &["pack", "-o", "p.zip"],
        ] {
            let period: &[&str] = if command[0] == "sweep" { &["--period", "2014"] } else { &INPUTS[..2] };
            let output = folder.run(&[command, period, &INPUTS[2..]].concat());
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            match place {
                Some(place) => {
                    assert_eq!(output.status.code(), Some(2), "{command:?} {file} {error}");
                    assert!(error.contains(place), "{command:?} {file} {error}");
                }
                None => assert_eq!(output.status.code(), Some(0), "{command:?} {file} {error}"),
            }
        }
    }
}

#[test]
fn a_decision_that_names_a_message_and_a_patient_matches_both_or_nothing() {
    let decided = |lines: &str| {
        let folder = practice(&format!("message_id,patient_id,provider_id,decision,by,on,reason\n{lines}"));
        let report = report(&folder);
        let findings = report["findings"].as_array().unwrap();
        let unmet = findings.iter().any(|finding| finding["code"] == "adjudication-unmet");
        (figures(&report, "A"), unmet)
    };
    let end = "counts,Ann Example,2014-10-02,a refill";
    for (line, figures, unmet) in [
        (format!("M1,P1,,{end}"), "1..2/2", false),
        (format!("M1,,,{end}"), "1..2/2", false),
        (format!("M1,P2,,{end}"), "0..2/2", true),
        (format!("M1,P9,,{end}"), "0..2/2", true),
        (format!("M9,P1,,{end}"), "0..2/2", true),
        (format!("M1,P1,A,{end}"), "1..2/2", false),
        (format!("M1,P1,B,{end}"), "0..2/2", true),
        (format!(",P1,,{end}"), "1..2/2", false),
        // If a message has several decisions, each applies only to the patient that it names. A decision that names no patient applies to
        // any.
        (format!("M1,P2,,{end}\nM1,,,out,Ann Example,2014-10-02,no\n"), "0..1/2", true),
        (format!("M1,P1,,{end}\nM1,P2,,out,Ann Example,2014-10-02,no\n"), "1..2/2", true),
    ] {
        assert_eq!(decided(&line), (figures.to_owned(), unmet), "{line}");
    }
}

/// The report shows who resolved how many patients of each provider, so that decisions for only one provider are visible.
#[test]
fn the_report_says_who_resolved_what_provider_by_provider() {
    let folder = practice(
        "message_id,patient_id,decision,by,on,reason\n\
         M1,P1,counts,Ann Example,2014-10-02,a refill\n\
         M2,P2,out,Ann Example,2014-10-02,a bill\n\
         M3,P3,counts,Bob Example,2014-10-03,a rash\n",
    );
    let told = report(&folder);
    let reviews = |at: usize| told["providers"][at]["reviews"].clone();
    let share = |by: &str, settled: u64, counts: u64, out: u64| serde_json::json!([{ "by": by, "settled": settled, "counts": counts, "out": out, "seen": 0, "not_seen": 0 }]);
    assert_eq!(reviews(0), share("Ann Example", 2, 1, 1));
    assert_eq!(reviews(1), share("Bob Example", 1, 1, 0));
    assert_eq!(told["providers"][0]["unresolved"], 0);
    assert_eq!(told["providers"][1]["unresolved"], 1);
    for format in ["table", "md", "html"] {
        let output = folder.run(&[&["report", "--format", format][..], &INPUTS].concat());
        let text = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        for sentence in [
            "Ann Example decided 2 records (1 counts, 1 does not count); 0 patients are still unresolved",
            "Bob Example decided 1 record (1 counts); 1 patient is still unresolved",
        ] {
            assert!(text.contains(sentence), "{format} {text}");
        }
    }
}
