//! The share of encounters at locations with certified EHR technology, which a meaningful EHR user needs in addition to any measure (B41),
//! and other reports about locations.

use crate::support::program::Folder;
use serde_json::Value;

/// CLINIC has certified EHR technology, and HALL does not.
const LOCATIONS: &str = "[locations.CLINIC]\ncertified = true\n[locations.HALL]\ncertified = false\n";

/// Returns the report on rows of `(count, kind, status, day, location)`, each row with different patients of provider A. `config` is
/// `mucalc.toml`.
fn report(rows: &[(usize, &str, &str, &str, &str)], config: &str, edition: &str) -> Value {
    let folder = Folder::new();
    let mut text = "encounter_id,patient_id,provider_id,started_at,kind,status,location_id\n".to_owned();
    for (number, (count, kind, status, day, location)) in rows.iter().enumerate() {
        for at in 0..*count {
            text += &format!("{number}-{at},{number}-{at},A,{day},{kind},{status},{location}\n");
        }
    }
    folder.write("encounters.csv", text);
    folder.write("messages.csv", "message_id,patient_id,provider_id,sent_at,sender\n");
    folder.write("mucalc.toml", config);
    let period = if edition == "stage2-core17" { "2014Q3" } else { "2017-07-01..2017-09-28" };
    folder.report(&["--period", period, "--edition", edition])
}

/// Half is enough, and an unknown location gives a range. Only outpatient encounters that took place in the period count.
#[test]
fn half_of_the_outpatient_encounters_is_enough() {
    let visit = |count, location| (count, "office-visit", "completed", "2014-07-10", location);
    for (rows, encounters, at_cehrt, at_least_half) in [
        (&[visit(5, "CLINIC"), visit(5, "HALL")][..], (10, 10), (5, 5), "yes"),
        (&[visit(4, "CLINIC"), visit(5, "HALL")], (9, 9), (4, 4), "no"),
        // A location that is not configured is assumed to have certified EHR technology.
        (&[visit(4, "CLINIC"), visit(5, "HALL"), visit(1, "ELSEWHERE")], (10, 10), (5, 5), "yes"),
        // A missing location may or may not have it.
        (&[visit(4, "CLINIC"), visit(5, "HALL"), visit(1, "")], (10, 10), (4, 5), "unclear"),
        (&[visit(5, "CLINIC"), visit(4, "HALL"), visit(1, "")], (10, 10), (5, 6), "yes"),
        (&[visit(3, "CLINIC"), visit(5, "HALL"), visit(1, "")], (9, 9), (3, 4), "no"),
        // Encounters count, not patients. An encounter does not count if it did not take place, was in a hospital, or was on another day.
        (
            &[
                visit(1, "CLINIC"),
                visit(1, "HALL"),
                (9, "office-visit", "no-show", "2014-07-10", "HALL"),
                (9, "office-visit", "completed", "2014-10-01", "HALL"),
                (9, "inpatient", "completed", "2014-07-10", "HALL"),
                (9, "emergency", "completed", "2014-07-10", "HALL"),
                (9, "telephone", "completed", "2014-07-10", "HALL"),
            ],
            (2, 2),
            (1, 1),
            "yes",
        ),
        // An encounter in progress may change the answer.
        (
            &[visit(1, "CLINIC"), visit(1, "HALL"), (1, "office-visit", "in-progress", "2014-07-10", "HALL")],
            (2, 3),
            (1, 1),
            "unclear",
        ),
    ] {
        let report = report(rows, LOCATIONS, "stage2-core17");
        let told = &report["providers"][0]["cehrt_locations"];
        let bounds = |key: &str| (told[key]["least"].as_u64().unwrap(), told[key]["most"].as_u64().unwrap());
        assert_eq!((bounds("encounters"), bounds("at_cehrt")), (encounters, at_cehrt), "{rows:?}");
        assert_eq!(told["at_least_half"], at_least_half, "{rows:?}");
    }
}

/// The share never changes the result and follows the policy setting `minimal-service`. It is absent under MIPS and without configured
/// locations.
#[test]
fn the_share_stands_apart_from_the_result() {
    let rows = [
        (1, "office-visit", "completed", "2014-07-10", "CLINIC"),
        (2, "office-visit", "completed", "2014-07-10", "HALL"),
        (5, "telephone", "completed", "2014-07-10", "CLINIC"),
    ];
    let plain = report(&rows, LOCATIONS, "stage2-core17");
    assert_eq!(plain["providers"][0]["cehrt_locations"]["at_least_half"], "no");
    assert_eq!(plain["providers"][0]["denominator"]["most"], 1, "encounters elsewhere make nobody seen");
    let policy = format!("{}\n[policy]\nminimal-service = \"count\"\n", LOCATIONS);
    let counted = report(&rows, &policy, "stage2-core17");
    assert_eq!(counted["providers"][0]["cehrt_locations"]["at_least_half"], "yes");
    assert!(report(&rows, "", "stage2-core17")["providers"][0]["cehrt_locations"].is_null());
    let rows = [(3, "office-visit", "completed", "2017-07-10", "HALL")];
    assert!(report(&rows, LOCATIONS, "mips-cctpe2")["providers"][0]["cehrt_locations"].is_null());
    assert_eq!(
        report(&rows, LOCATIONS, "modstage2-2017")["providers"][0]["cehrt_locations"]["at_least_half"],
        "no"
    );
}

/// An unusable encounter counts as far as it can be read, even without its patient.
#[test]
fn unusable_encounters_are_weighed() {
    let folder = Folder::new();
    let rows = [
        "p1,A,2014-07-10,office-visit,CLINIC",
        "p2,A,2014-07-10,office-visit,HALL",
        ",A,2014-07-10,office-visit,HALL",
        "p3,,2014-07-10,office-visit,CLINIC",
        ",A,2014-10-10,office-visit,HALL",
    ];
    folder.write(
        "encounters.csv",
        format!("patient_id,provider_id,started_at,kind,location_id\n{}\n", rows.join("\n")),
    );
    folder.write("messages.csv", "message_id,patient_id,provider_id,sent_at,sender\n");
    folder.write("mucalc.toml", LOCATIONS);
    let report = folder.report(&["--period", "2014Q3"]);
    let told = &report["providers"][0]["cehrt_locations"];
    // One encounter of A without a patient is at HALL, and an encounter at CLINIC without a provider may be A's.
    let bounds = |key: &str| (told[key]["least"].as_u64().unwrap(), told[key]["most"].as_u64().unwrap());
    assert_eq!((bounds("encounters"), bounds("at_cehrt")), ((3, 4), (1, 2)));
    assert_eq!(told["at_least_half"], "unclear");
    let report = folder.report(&["--period", "2014Q3", "--unusable", "ignore"]);
    assert!(report["providers"][0]["cehrt_locations"].is_null(), "nothing is said where rows are ignored");
}

#[test]
fn people_read_it_in_a_sentence() {
    let folder = Folder::new();
    folder.write(
        "e.csv",
        "patient_id,provider_id,started_at,kind,location_id\np1,A,2014-07-10,office-visit,CLINIC\np2,A,2014-07-10,office-visit,HALL\n",
    );
    folder.write("m.csv", "message_id,patient_id,provider_id,sent_at,sender\n");
    folder.write("mucalc.toml", LOCATIONS);
    for format in ["table", "md", "html"] {
        let words = [
            "report",
            "--period",
            "2014Q3",
            "--encounters",
            "e.csv",
            "--messages",
            "m.csv",
            "--format",
            format,
        ];
        let output = folder.run(&words);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let sentence = "1 of 2 outpatient encounters were at locations with certified EHR technology";
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(sentence), "{format} {text}");
    }
}
