//! A clinician with several provider ids: the counts of each id, and of the clinician with each patient counted once.
//!
//! Cases t.1 to t.5 follow from general notes 8 and 9 on ONC's tests of automated measure calculation.

use crate::support::packs::{parts, succeeds};
use crate::support::program::Folder;
use serde_json::Value;

/// A-1 and B-1 are one clinician, A-2 and B-2 another.
const ROSTER: &str = "provider_id,npi\nA-1,1234567893\nB-1,1234567893\nA-2,1000000012\nB-2,1000000012\n";

/// Returns the report on visits and on messages in the period. Both are pairs of `(patient, provider)`.
fn report(edition: &str, seen: &[(&str, &str)], sent: &[(&str, &str)], more: &[&str]) -> Value {
    let (folder, period) = exports(edition, seen, sent);
    let mut words = vec!["--edition", edition, "--period", &period, "--roster", "roster.csv"];
    words.extend(more);
    folder.report(&words)
}

/// Returns the cover of a pack of the same exports.
fn cover(edition: &str, seen: &[(&str, &str)], sent: &[(&str, &str)]) -> String {
    let (folder, period) = exports(edition, seen, sent);
    let inputs = ["--encounters", "encounters.csv", "--messages", "messages.csv", "--roster", "roster.csv"];
    let words = ["pack", "-q", "--no-config", "--edition", edition, "--period", &period, "-o", "p.zip"];
    succeeds(&folder, &[&words[..], &inputs].concat());
    let cover = parts(&folder, "p.zip").into_iter().find(|(name, _)| name == "cover.html").unwrap().1;
    String::from_utf8(cover).unwrap()
}

/// Writes the exports. Returns their folder and the period.
fn exports(edition: &str, seen: &[(&str, &str)], sent: &[(&str, &str)]) -> (Folder, String) {
    let folder = Folder::new();
    let year = if edition == "stage2-core17" { 2014 } else { 2017 };
    let mut text = "patient_id,provider_id,started_at,kind,status,seen_by\n".to_owned();
    for (patient, provider) in seen {
        text += &format!("{patient},{provider},{year}-04-15,office-visit,completed,eligible-professional\n");
    }
    folder.write("encounters.csv", text);
    let (sender, recipient) =
        if edition == "stage2-core17" { ("patient", "provider") } else { ("provider", "patient") };
    let mut text =
        "message_id,patient_id,provider_id,sent_at,status,sender,recipient,channel,topic\n".to_owned();
    for (at, (patient, provider)) in sent.iter().enumerate() {
        text += &format!(
            "{at},{patient},{provider},{year}-04-20,sent,{sender},{recipient},ehr-portal,clinical-question\n"
        );
    }
    folder.write("messages.csv", text).write("roster.csv", ROSTER);
    folder.write("a.csv", "message_id,decision,by,on,reason\n0,out,Dr. Example,2017-08-01,sent in error\n");
    (folder, format!("{year}-04-01..{year}-06-30"))
}

/// Formats a range of counts as a number, or as `1..2`.
fn bounds(value: &Value) -> String {
    match (value["least"].as_u64().unwrap(), value["most"].as_u64().unwrap()) {
        (least, most) if least == most => least.to_string(),
        (least, most) => format!("{least}..{most}"),
    }
}

/// Formats the numerator and denominator of a provider id or a clinician as `n/d`.
fn figures(of: &Value) -> String {
    format!("{}/{}", bounds(&of["numerator"]), bounds(&of["denominator"]))
}

type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [(&'static str, &'static str)],
    [&'static str; 4],
    &'static str,
);

/// Visits, messages, the counts of A-1, B-1, A-2, and B-2 in MIPS, and the counts of the first clinician with each patient counted once.
const CASES: [Case; 5] = [
    ("t.1", &[("p1", "A-1"), ("p1", "B-1")], &[("p1", "A-1")], ["1/1", "1/1", "0/0", "0/0"], "1/1"),
    ("t.2", &[("p1", "A-1")], &[("p1", "B-1")], ["1/1", "0/0", "0/0", "0/0"], "1/1"),
    ("t.3", &[("p1", "A-1"), ("p1", "A-2")], &[("p1", "A-1")], ["1/1", "0/0", "0/1", "0/0"], "1/1"),
    ("t.4", &[("p1", "A-1"), ("p1", "B-2")], &[("p1", "A-2")], ["0/1", "0/0", "0/0", "1/1"], "0/1"),
    (
        "t.5",
        &[("p1", "A-1"), ("p1", "B-1"), ("p2", "A-1"), ("p2", "B-1")],
        &[("p1", "A-1"), ("p2", "B-1")],
        ["2/2", "2/2", "0/0", "0/0"],
        "2/2",
    ),
];

#[test]
fn in_mips_ids_of_one_clinician_share_what_is_done() {
    for edition in ["mips-trans-sm1", "mips-cctpe2"] {
        for (name, seen, sent, ids, once) in CASES {
            let report = report(edition, seen, sent, &[]);
            let of_ids = ["A-1", "B-1", "A-2", "B-2"].map(|id| {
                let providers = report["providers"].as_array().unwrap();
                figures(providers.iter().find(|provider| provider["provider_id"] == id).unwrap())
            });
            assert_eq!(of_ids, ids, "{edition} {name}");
            let clinician = report["combined"].as_array().unwrap();
            let clinician = clinician.iter().find(|of| of["npi"] == "1234567893").unwrap();
            assert_eq!(figures(&clinician["once"]), once, "{edition} {name}");
        }
    }
}

/// In the other programs each provider id has its own result. The clinician's result covers all ids and counts each patient once (B9a).
#[test]
fn each_patient_is_counted_once_over_all_ids_of_a_professional() {
    for edition in ["stage2-core17", "modstage2-2017", "stage3-o6m2"] {
        for (name, seen, sent, _, once) in CASES {
            let report = report(edition, seen, sent, &[]);
            let professional = report["combined"].as_array().unwrap();
            let professional = professional.iter().find(|of| of["npi"] == "1234567893").unwrap();
            assert_eq!(figures(&professional["once"]), once, "{edition} {name}");
        }
        let report = report(edition, CASES[0].1, CASES[0].2, &[]);
        let professional = &report["combined"][1];
        assert_eq!(professional["npi"], "1234567893");
        assert_eq!(
            (figures(&professional["summed"]), figures(&professional["once"])),
            ("1/2".into(), "1/1".into())
        );
    }
    // A clinician with several ids attests once, by one of two methods.
    let cover = cover("stage2-core17", CASES[0].1, CASES[0].2);
    assert_eq!(cover.matches("Attestation sheet: ").count(), 2, "{cover}");
    for fact in [
        "numerator 1, denominator 2: met",
        "numerator 1, denominator 1: met",
        "Sum over ids",
        "Each patient once",
    ] {
        assert!(cover.contains(fact), "{fact}");
    }
    // A review decision about a certain message does not change the clinician's result either.
    let out = report("modstage2-2017", CASES[1].1, CASES[1].2, &["--adjudications", "a.csv"]);
    assert_eq!(figures(&out["combined"][1]["once"]), "1/1", "what is certain cannot be decided otherwise");
}

/// A record that is unresolved under one id is unresolved for the clinician. A review decision settles it for the clinician, whichever id
/// the decision names.
#[test]
fn what_is_open_under_an_id_is_open_for_the_professional() {
    let once = |encounters: &[&str], message: &str, decision: &str| {
        let folder = Folder::new();
        let visit = |(number, row): (usize, &&str)| {
            let (patient, provider) = row.split_once('/').unwrap();
            format!("{number},{patient},{provider},2017-07-03,office-visit,completed,eligible-professional\n")
        };
        let visits: String = (1..).zip(encounters).map(visit).collect();
        folder.write(
            "encounters.csv",
            format!("encounter_id,patient_id,provider_id,started_at,kind,status,seen_by\n{visits}"),
        );
        let (about, to) = message.split_once('/').unwrap();
        let (to, sender) = to.split_once(' ').unwrap();
        folder.write(
            "messages.csv",
            format!(
                "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n\
                 M1,2017-07-10,{about},{to},{sender},patient,ehr-portal,clinical-question,sent\n"
            ),
        );
        folder.write("r.csv", "provider_id,npi\nA,1000000012\nB,1000000012\n");
        let decision =
            if decision.is_empty() { String::new() } else { format!("{decision},R,2017-10-01,seen\n") };
        folder.write("d.csv", format!("message_id,patient_id,provider_id,decision,by,on,reason\n{decision}"));
        let report = folder.report(&[
            "--edition",
            "modstage2-2017",
            "--period",
            "2017-07-01..2017-09-28",
            "--roster",
            "r.csv",
            "--adjudications",
            "d.csv",
        ]);
        let findings = report["findings"].to_string();
        let unmet = if findings.contains("adjudication-unmet") { " unmet" } else { "" };
        let professional = &report["combined"][0];
        format!(
            "{} {}{unmet}",
            figures(&professional["once"]),
            professional["once_verdict"].as_str().unwrap()
        )
    };
    // The unusable visit to A may be a visit of PX, who received a message under B.
    assert_eq!(once(&["P1/A", "/A", "P2/B"], "PX/B provider", ""), "0..1/2..3 indeterminate");
    // The message names `a`, which differs from A only in case.
    let seen = ["P1/B", "P2/A"];
    assert_eq!(once(&seen, "P1/a provider", ""), "0..1/2 indeterminate");
    assert_eq!(once(&seen, "P1/A provider", ""), "1/2 met");
    // Staff sent the message on behalf of A.
    assert_eq!(once(&seen, "P1/A staff", ""), "0..1/2 indeterminate");
    for provider in ["", "A", "B"] {
        assert_eq!(once(&seen, "P1/A staff", &format!("M1,P1,{provider},counts")), "1/2 met", "{provider}");
        assert_eq!(once(&seen, "P1/A staff", &format!("M1,P1,{provider},out")), "0/2 not-met", "{provider}");
        assert_eq!(once(&seen, "P1/A staff", &format!(",P1,{provider},out")), "0/2 not-met", "{provider}");
    }
    assert_eq!(once(&["P1/A", "P2/A", "P1/B"], "P1/A staff", "M1,P1,A,out"), "0/2 not-met");
}

/// A decision about a patient and one id of a clinician settles the messages to that id, and not those to the clinician's other ids.
#[test]
fn a_decision_about_one_id_leaves_messages_to_the_others_unresolved() {
    let visits = "patient_id,provider_id,started_at,kind,status,seen_by\n\
        p1,A-1,2014-04-15,office-visit,completed,eligible-professional\n";
    // Nobody says whether a message to a shared inbox was for the provider.
    let messages = "message_id,patient_id,provider_id,sent_at,status,sender,recipient,channel,topic\n\
        0,p1,B-1,2014-04-20,sent,patient,care-team,ehr-portal,clinical-question\n\
        1,p1,C-1,2014-04-20,sent,patient,care-team,ehr-portal,clinical-question\n";
    let decided = |ids: &[&str]| {
        let rows = ids.iter().map(|id| format!("p1,{id},out,Dr. Example,2014-08-01,not for the provider\n"));
        "patient_id,provider_id,decision,by,on,reason\n".to_owned() + &rows.collect::<String>()
    };
    for (ids, once) in
        [(&[][..], "0..1/1"), (&["B-1"], "0..1/1"), (&["C-1"], "0..1/1"), (&["B-1", "C-1"], "0/1")]
    {
        let folder = Folder::new();
        let roster = "provider_id,npi\nA-1,1234567893\nB-1,1234567893\nC-1,1234567893\n";
        folder.write("encounters.csv", visits).write("messages.csv", messages);
        folder.write("roster.csv", roster).write("a.csv", decided(ids));
        let words = ["--period", "2014Q2", "--roster", "roster.csv", "--adjudications", "a.csv"];
        let report = folder.report(&words);
        assert_eq!(figures(&report["combined"][0]["once"]), once, "{ids:?}");
    }
}
