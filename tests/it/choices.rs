//! Tests of everything that is applied on top of the rules or shown next to the result: review decisions, exclusions, several rule sets,
//! several certified systems, and alternative settings.

use crate::support::program::{Folder, signed};
use serde_json::{Value, json};

const ENCOUNTERS: &str =
    "encounter_id,patient_id,provider_id,started_at,kind,status,county_fips,location_id\n";
const MESSAGES: &str = "message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n";

fn folder(encounters: &str, messages: &str) -> Folder {
    let folder = Folder::new();
    folder.write("e.csv", format!("{ENCOUNTERS}{encounters}"));
    folder.write("m.csv", format!("{MESSAGES}{messages}"));
    folder
}

/// Creates a folder with the given encounters, which have other columns, and no messages.
fn folder_of(encounters: &str) -> Folder {
    let folder = folder("", "");
    folder.write("e.csv", encounters);
    folder
}

fn report(folder: &Folder, more: &[&str]) -> Value {
    run(folder, "report", "2014Q3", more)
}

fn run(folder: &Folder, command: &str, period: &str, more: &[&str]) -> Value {
    let mut words = vec![command, "--format", "json", "--period", period];
    words.extend(["--encounters", "e.csv", "--messages", "m.csv"]);
    words.extend(more);
    let output = folder.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn figures(provider: &Value) -> (Value, Value, Value) {
    (provider["denominator"].clone(), provider["numerator"].clone(), provider["verdict"].clone())
}

fn bounds(least: u64, most: u64) -> Value {
    json!({ "least": least, "most": most })
}

/// Creates a folder with four patients: P1 wrote to the shared inbox, P2 wrote a qualifying message, and P4 wrote about billing. P3 is
/// unresolved in the denominator and wrote to the practice.
fn four() -> Folder {
    folder(
        "E1,P1,A,2014-07-01,office-visit,completed,,\nE2,P2,A,2014-07-01,office-visit,completed,,\n\
         E3,P3,A,2014-07-01,office-visit,in-progress,,\nE4,P4,A,2014-07-01,office-visit,completed,,\n",
        "M1,P1,A,2014-07-02,patient,care-team,ehr-portal,test-result\n\
         M2,P2,A,2014-07-02,patient,provider,ehr-portal,test-result\n\
         M3,P3,,2014-07-02,patient,provider,ehr-portal,test-result\n\
         M4,P4,A,2014-07-02,patient,provider,ehr-portal,billing\n\
         M5,P9,A,2014-07-02,patient,care-team,ehr-portal,test-result\n",
    )
}

#[test]
fn a_decision_reaches_the_provider_it_names_and_leaves_what_is_certain() {
    let folder = folder(
        "E1,P1,A,2014-07-01,office-visit,completed,,\nE2,P1,B,2014-07-01,office-visit,completed,,\n",
        "M1,P1,,2014-07-02,patient,provider,ehr-portal,test-result\n\
         M2,P1,,2014-07-02,patient,provider,ehr-portal,other\n",
    );
    folder.write("r.csv", "provider_id,group_id\nA,G1\nB,G1\nX,G2\n");
    let numerators = |decisions: &str, more: &[&str]| -> (Vec<Value>, Vec<String>) {
        folder.write("a.csv", signed(&format!("message_id,provider_id,decision\n{decisions}")));
        let report = report(&folder, &[more, &["--adjudications", "a.csv", "--roster", "r.csv"]].concat());
        let providers = report["providers"].as_array().unwrap().iter().take(2);
        let codes = report["findings"].as_array().unwrap().iter();
        // Ignore these two findings: the only encounter is early in the period, and messages have no status.
        let besides = ["ends-before-period", "assumed-column"];
        let codes = codes.filter(|finding| !besides.iter().any(|code| finding["code"] == *code));
        (
            providers.map(|provider| provider["numerator"].clone()).collect(),
            codes.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect(),
        )
    };
    // Strict attribution: the message is addressed to the practice, so it is unresolved for both providers.
    assert_eq!(numerators("M1,A,counts\n", &[]).0, [bounds(1, 1), bounds(0, 1)]);
    assert_eq!(numerators("M1,A,counts\nM1,B,counts\n", &[]), (vec![bounds(1, 1), bounds(1, 1)], vec![]));
    assert_eq!(numerators("M1,A,out\nM2,A,out\n", &[]), (vec![bounds(0, 0), bounds(0, 1)], vec![]));
    // The ledger shows the decision.
    let words = ["--roster", "r.csv", "--adjudications", "a.csv", "--ledger", "l.csv"];
    report(&folder, &words);
    assert!(
        folder
            .read("l.csv")
            .contains("A,P1,certain,none,1,2014-07-01,2014-07-01,0,0,,adjudicated,e.csv:2,\n")
    );
    // Attribution to the group: the message certainly qualifies for both providers, and a decision does not change that.
    let group = ["--credit", "group"];
    let (found, codes) = numerators("M1,X,counts\n", &group);
    assert_eq!((found, codes), (vec![bounds(1, 1), bounds(1, 1)], vec!["adjudication-unmet".to_owned()]));
    let (found, codes) = numerators("M1,A,out\n", &group);
    assert_eq!(
        (found, codes),
        (vec![bounds(1, 1), bounds(1, 1)], vec!["adjudication-contradicts".to_owned()])
    );
}

/// If a rule leaves a message unresolved, the patient's reason is that rule, even if the message also names no provider. A missing provider
/// is the reason only if nothing else is unresolved.
#[test]
fn what_a_rule_leaves_open_comes_before_that_nobody_is_named() {
    let folder = folder(
        "E1,P1,A,2014-07-01,office-visit,completed,,\nE2,P2,A,2014-07-01,office-visit,completed,,\n",
        "M1,P1,,2014-07-02,patient,care-team,ehr-portal,test-result\n\
         M2,P2,,2014-07-02,patient,provider,ehr-portal,test-result\n",
    );
    report(&folder, &["--ledger", "l.csv"]);
    let ledger = folder.read("l.csv");
    let reasons = ledger.lines().skip(1).map(|line| line.split(',').nth(10).unwrap());
    assert_eq!(reasons.collect::<Vec<_>>(), ["pool", "unattributed"]);
}

/// If a review decision keeps a patient out of the numerator, it is the reason in the ledger, even if a message of the patient may qualify.
#[test]
fn a_decision_against_a_patient_is_the_reason_in_the_ledger() {
    let folder = four();
    folder.write("a.csv", signed("patient_id,decision\nP1,out\n"));
    report(&folder, &["--adjudications", "a.csv", "--ledger", "l.csv"]);
    let ledger = folder.read("l.csv");
    let told: Vec<&str> =
        ledger.lines().filter(|line| line.contains(",P1,") || line.contains(",P4,")).collect();
    assert_eq!(
        told,
        [
            "A,P1,certain,none,1,2014-07-01,2014-07-01,0,1,,adjudicated,e.csv:2,m.csv:2",
            "A,P4,certain,none,1,2014-07-01,2014-07-01,0,0,,not-clinical,e.csv:5,",
        ]
    );
}

#[test]
fn nothing_that_is_named_is_written_over() {
    let folder = four();
    folder.write("x.csv", "accessed_at,patient_id\n").write("l.toml", "title = \"ours\"\n");
    folder.write("mucalc.toml", "output = \"out.json\"\nformat = \"json\"\n");
    let words = ["--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv", "--accesses", "x.csv"];
    for (command, more) in [
        ("report", vec!["-o", "x.csv"]),
        ("report", vec!["--ledger", "x.csv"]),
        ("report", vec!["--layout", "l.toml", "-o", "l.toml"]),
        ("report", vec!["--layout", "encounters=l.toml", "--ledger", "l.toml"]),
        ("report", vec!["-o", "mucalc.toml"]),
        ("report", vec!["--edition", "stage2-core7m2", "-o", "m.csv"]),
        ("what-if", vec!["-o", "x.csv"]),
        ("sweep", vec!["-o", "m.csv"]),
    ] {
        let output = folder.run(&[&[command], &words[..], &more[..]].concat());
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{command} {more:?}: {stderr}");
        assert!(stderr.contains("is an input"), "{command} {more:?}: {stderr}");
    }
    // A configured input that a flag overrides is still an export, so an output must not overwrite it.
    folder.write("set.toml", "encounters = \"e.csv\"\nmessages = \"m*.csv\"\nperiod = \"2014Q3\"\n");
    folder.write("e2.csv", folder.read("e.csv")).write("n.csv", folder.read("m.csv"));
    for more in [["--encounters", "e2.csv", "-o", "e.csv"], ["--messages", "n.csv", "--ledger", "m.csv"]] {
        let output = folder.run(&[&["report", "--config", "set.toml"], &more[..]].concat());
        assert_eq!(output.status.code(), Some(3), "{more:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let words_of_validate =
        ["validate", "--encounters", "e.csv", "--messages", "m.csv", "--rejects", "r.csv"];
    let output = folder.run(&[&words_of_validate[..], &["-o", "r.csv"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    // The configured `output` applies only to `report`.
    assert_eq!(folder.run(&[&["report"], &words[..]].concat()).status.code(), Some(0));
    let report = folder.read("out.json");
    for command in ["what-if", "sweep"] {
        assert_eq!(folder.run(&[&[command], &words[..]].concat()).status.code(), Some(0), "{command}");
        assert_eq!(folder.read("out.json"), report, "{command}");
    }
    // An input that is named but not read is reported, and it must exist.
    let output = folder.run(&[&["report"], &words[..]].concat());
    assert!(String::from_utf8_lossy(&output.stderr).contains("x.csv is not read"));
    let mut missing = words;
    missing[7] = "nowhere.csv";
    assert_eq!(folder.run(&[&["report"], &missing[..]].concat()).status.code(), Some(3));
}

#[test]
fn columns_of_places_that_are_asked_for_and_absent_are_told() {
    let folder = folder("", "");
    folder.write("e.csv", "patient_id,provider_id,started_at,kind\nP1,A,2014-07-01,office-visit\n");
    folder.write("c.csv", "county_fips,percent\n1001,40\n");
    folder.write("mucalc.toml", "[locations.L1]\ncertified = false\n[locations.l1]\ncertified = true\n");
    let report = report(&folder, &["--counties", "c.csv"]);
    assert_eq!(report["inputs"][0]["absent"], json!(["location_id", "county_fips"]));
    // The date of the county data must be readable (B60).
    for (day, expected) in [
        ("2014-06-30", None),
        ("", None),
        ("07/02/2018", Some("unreadable-date")),
        ("2018", Some("unreadable-date")),
        ("2014-07-02", Some("broadband-as-of")),
    ] {
        folder.write("c.csv", format!("county_fips,percent,as_of\n1001,40,{day}\n"));
        let report = self::report(&folder, &["--counties", "c.csv"]);
        let findings = report["findings"].as_array().unwrap().iter();
        let codes: Vec<&str> = findings
            .filter(|finding| finding["first"]["file"] == "c.csv")
            .map(|finding| finding["code"].as_str().unwrap())
            .collect();
        assert_eq!(codes.first().copied(), expected, "{day}");
    }
    assert_eq!(report["providers"][0]["denominator"], bounds(0, 1));
}

#[test]
fn decisions_settle_what_is_uncertain_and_nothing_else() {
    let folder = four();
    let before = report(&folder, &[]);
    assert_eq!(figures(&before["providers"][0]), (bounds(3, 4), bounds(1, 3), json!("met")), "{before:#}");
    let header = "message_id,patient_id,provider_id,decision,by,on,reason\n";
    for (lines, denominator, numerator, settled, findings) in [
        ("M1,,,counts,B,2014-10-01,a rash\n", bounds(3, 4), bounds(2, 3), json!([1]), json!([])),
        ("M1,,,out,B,2014-10-01,looked at\n", bounds(3, 4), bounds(1, 2), json!([1]), json!([])),
        (",P1,,counts,B,2014-10-01,looked at\n", bounds(3, 4), bounds(2, 3), json!([1]), json!([])),
        (",P1,A,out,B,2014-10-01,looked at\n", bounds(3, 4), bounds(1, 2), json!([1]), json!([])),
        (",P3,,seen,B,2014-10-01,looked at\n", bounds(4, 4), bounds(1, 3), json!([1]), json!([])),
        (",P3,,not-seen,B,2014-10-01,looked at\n", bounds(3, 3), bounds(1, 2), json!([1]), json!([])),
        // A decision that a message qualifies for a provider resolves it for that provider. Without one, a message that names no provider
        // remains unresolved.
        (
            ",P3,,seen,B,2014-10-01,looked at\nM3,,A,counts,B,2014-10-01,looked at\n",
            bounds(4, 4),
            bounds(2, 3),
            json!([1, 1]),
            json!([]),
        ),
        // A decision without a provider applies to every provider to whom the message is attributed. P3 remains unresolved in the
        // denominator.
        ("M3,,,counts,B,2014-10-01,looked at\n", bounds(3, 4), bounds(1, 3), json!([1]), json!([])),
        ("M3,,A,out,B,2014-10-01,looked at\n", bounds(3, 4), bounds(1, 2), json!([1]), json!([])),
        // A decision for a provider to whom the message is not attributed has no effect.
        (
            "M3,,Z,counts,B,2014-10-01,looked at\n",
            bounds(3, 4),
            bounds(1, 3),
            json!([0]),
            json!(["adjudication-unmet"]),
        ),
        (
            "M1,,a,out,B,2014-10-01,looked at\n",
            bounds(3, 4),
            bounds(1, 3),
            json!([0]),
            json!(["adjudication-unmet"]),
        ),
        (
            "M5,,,counts,B,2014-10-01,looked at\n",
            bounds(3, 4),
            bounds(1, 3),
            json!([0]),
            json!(["adjudication-unmet"]),
        ),
        (
            ",P3,,not-seen,B,2014-10-01,looked at\n,P3,,seen,C,2014-10-01,looked at\n",
            bounds(3, 3),
            bounds(1, 2),
            json!([1, 0]),
            json!(["adjudication-contradicts"]),
        ),
        // A decision does not change what is certain.
        (
            "M2,,,out,B,2014-10-01,looked at\n",
            bounds(3, 4),
            bounds(1, 3),
            json!([0]),
            json!(["adjudication-contradicts"]),
        ),
        (
            "M4,,,counts,B,2014-10-01,looked at\n",
            bounds(3, 4),
            bounds(1, 3),
            json!([0]),
            json!(["adjudication-contradicts"]),
        ),
        (
            ",P4,,counts,B,2014-10-01,looked at\n",
            bounds(3, 4),
            bounds(1, 3),
            json!([0]),
            json!(["adjudication-contradicts"]),
        ),
        (
            "M2,,,counts,B,2014-10-01,looked at\n",
            bounds(3, 4),
            bounds(1, 3),
            json!([0]),
            json!(["adjudication-needless"]),
        ),
        (
            "M9,,,counts,B,2014-10-01,looked at\n",
            bounds(3, 4),
            bounds(1, 3),
            json!([0]),
            json!(["adjudication-unmet"]),
        ),
        (
            ",P1,Z,counts,B,2014-10-01,looked at\n",
            bounds(3, 4),
            bounds(1, 3),
            json!([0]),
            json!(["adjudication-unmet"]),
        ),
        // Of two decisions about one message, the first applies.
        (
            "M1,,,counts,B,2014-10-01,looked at\nM1,,,out,C,2014-10-01,looked at\n",
            bounds(3, 4),
            bounds(2, 3),
            json!([1, 0]),
            json!(["adjudication-contradicts"]),
        ),
    ] {
        folder.write("a.csv", format!("{header}{lines}"));
        let after = report(&folder, &["--adjudications", "a.csv"]);
        let found = figures(&after["providers"][0]);
        assert_eq!((found.0, found.1), (denominator, numerator), "{lines}");
        let told = |key: &str, list: &str| -> Value {
            let all = after[list].as_array().unwrap().iter().map(|one| one[key].clone());
            all.filter(|told| told != "ends-before-period" && told != "assumed-column").collect()
        };
        assert_eq!(
            (told("settled", "adjudications"), told("code", "findings")),
            (settled, findings),
            "{lines}"
        );
        // The report lists the decision with its details, but without ids.
        assert_eq!(after["adjudications"][0]["by"], "B");
        let text = after["adjudications"].to_string();
        assert!(!text.contains("P1") && !text.contains("M1"), "{text}");
    }
}

#[test]
fn accesses_are_decided_by_their_ids() {
    let folder = four();
    folder.write(
        "x.csv",
        "access_id,patient_id,provider_id,accessed_at,action,actor\nX1,P1,A,2014-07-02,other,patient\n",
    );
    folder.write("a.csv", signed("message_id,decision\nX1,counts\n"));
    let words = ["--edition", "stage2-core7m2", "--accesses", "x.csv", "--adjudications", "a.csv"];
    let after = report(&folder, &words);
    assert_eq!(after["providers"][0]["numerator"], bounds(1, 1), "{after:#}");
    assert_eq!(after["waterfall"]["messages"], json!([]));
}

/// If one rule set counts messages and another counts accesses, a decision is reported with the rule set in which it matches a record.
#[test]
fn a_decision_is_told_by_the_edition_in_which_it_meets_something() {
    for editions in ["stage2-core17,stage2-core7m2", "stage2-core7m2,stage2-core17"] {
        let folder = four();
        folder.write(
            "x.csv",
            "access_id,patient_id,provider_id,accessed_at,action,actor\nX1,P1,A,2014-07-02,other,patient\n",
        );
        folder.write("a.csv", signed("message_id,decision\nX1,counts\nM1,counts\n"));
        let words = ["--edition", editions, "--accesses", "x.csv", "--adjudications", "a.csv"];
        let after = report(&folder, &words);
        let told = |at: usize| {
            let decision = &after["adjudications"][at];
            (decision["about"].clone(), decision["settled"].clone())
        };
        assert_eq!(
            [told(0), told(1)],
            [(json!("access"), json!(1)), (json!("message"), json!(1))],
            "{after:#}"
        );
    }
}

#[test]
fn exclusions_are_told_as_far_as_the_encounters_tell() {
    // The encounters of another provider make the exports cover the whole period.
    let visits = |list: &[(&str, &str, &str)]| -> String {
        let row = |(at, (kind, status, county)): (usize, &(&str, &str, &str))| {
            format!("E{at},P{at},A,2014-07-0{},{kind},{status},{county},\n", at % 9 + 1)
        };
        let others =
            "X1,PX,Z,2014-07-01,office-visit,completed,,\nX2,PX,Z,2014-09-30,office-visit,completed,,\n";
        list.iter().enumerate().map(row).collect::<String>() + others
    };
    let exclusions = |list: &[(&str, &str, &str)], counties: Option<&str>| -> (String, String) {
        let folder = folder(&visits(list), "");
        let mut words = Vec::new();
        if let Some(counties) = counties {
            folder.write("c.csv", format!("county_fips,percent\n{counties}"));
            words.extend(["--counties", "c.csv"]);
        }
        let report = report(&folder, &words);
        let applies = |at: usize| {
            report["providers"][0]["exclusions"][at]["applies"].as_str().unwrap_or("nobody").to_owned()
        };
        (applies(0), applies(1))
    };
    let visit = |county| ("office-visit", "completed", county);
    let own = |visits: &str, broadband: &str| (visits.to_owned(), broadband.to_owned());
    // No office visits (B6, B7): a provider can have seen patients without an office visit.
    assert_eq!(exclusions(&[visit("")], None), own("no", "not-computed"));
    assert_eq!(exclusions(&[("telephone", "completed", "")], None), own("yes", "not-computed"));
    assert_eq!(exclusions(&[("office-visit", "cancelled", "")], None), own("yes", "not-computed"));
    assert_eq!(exclusions(&[("office-visit", "in-progress", "")], None), own("unclear", "not-computed"));
    assert_eq!(exclusions(&[("telehealth", "completed", "")], None), own("no", "not-computed"));
    assert_eq!(exclusions(&[("telehealth", "in-progress", "")], None), own("unclear", "not-computed"));
    assert_eq!(exclusions(&[("home-visit", "completed", "")], None), own("unclear", "not-computed"));
    assert_eq!(exclusions(&[("", "completed", "")], None), own("unclear", "not-computed"));
    // Broadband (B33, B34): half of the encounters is enough. A county in which exactly half of the housing units have broadband does not
    // qualify.
    let counties = Some("01001,49.99\n17031,50.0\n");
    assert_eq!(exclusions(&[visit("1001"), visit("17031")], counties), own("no", "yes"));
    assert_eq!(exclusions(&[visit("01001"), visit("17031"), visit("17031")], counties), own("no", "no"));
    assert_eq!(exclusions(&[visit("01001"), visit("17031"), visit("99999")], counties), own("no", "unclear"));
    // Hospital stays do not count: the exclusion for professionals is about outpatient settings (B8).
    for kind in ["inpatient", "emergency"] {
        let stay = (kind, "completed", "17031");
        assert_eq!(exclusions(&[visit("01001"), stay, stay], counties), own("no", "yes"), "{kind}");
    }
    // Encounters are counted, not patients, and of any other kind. An encounter that did not take place does not count.
    let mixed =
        [visit("01001"), ("telephone", "completed", "01001"), visit("17031"), ("other", "no-show", "17031")];
    assert_eq!(exclusions(&mixed, counties), own("no", "yes"));
    let calls = [visit("01001"), ("telephone", "completed", "17031"), ("ancillary", "completed", "17031")];
    assert_eq!(
        exclusions(&calls, counties),
        own("no", "yes"),
        "a call is weighed only if it makes a patient seen"
    );
    let open = [visit("01001"), visit("01001"), ("other", "completed", "17031")];
    assert_eq!(exclusions(&open, counties), own("no", "yes"));
    let open = [visit("01001"), ("other", "completed", "17031"), ("other", "completed", "17031")];
    assert_eq!(exclusions(&open, counties), own("no", "unclear"), "what it was is not known");
    // Fractions where percentages are expected leave the exclusion unresolved.
    assert_eq!(exclusions(&[visit("01001")], Some("01001,0.9\n17031,0.4\n")), own("no", "unclear"));
    assert_eq!(exclusions(&[visit("01001")], Some("01001,0.9%\n17031,0.4%\n")), own("no", "yes"));
}

/// An exclusion applies only if the exports cover the whole period.
#[test]
fn an_exclusion_does_not_apply_by_half_of_an_export() {
    let applies = |others: &str, words: &[&str]| {
        let rows = format!("E1,P1,A,2014-08-01,telephone,completed,,\n{others}");
        report(&folder(&rows, ""), words)["providers"][0]["exclusions"][0]["applies"].clone()
    };
    let other = |day: &str| format!("X{day},PX,Z,{day},office-visit,completed,,\n");
    let booked = |day: &str| format!("X{day},PX,Z,{day},office-visit,scheduled,,\n");
    for (others, says) in [
        (other("2014-07-01") + &other("2014-09-30"), "yes"),
        (other("2014-07-08") + &other("2014-09-23"), "yes"),
        (other("2014-07-01") + &other("2014-08-15"), "unclear"),
        (other("2014-08-01") + &other("2014-09-30"), "unclear"),
        (other("2014-07-01") + &booked("2014-09-30"), "unclear"),
        (String::new(), "unclear"),
    ] {
        assert_eq!(applies(&others, &[]), says, "{others}");
    }
    assert_eq!(applies("", &["--exported", "2014Q3"]), "yes", "the user says so");
}

/// Visits with only clinical staff may or may not be office visits of the professional (B5, B6), so they leave the exclusion unresolved.
#[test]
fn visits_with_staff_leave_the_exclusion_open() {
    let folder = folder_of(
        "encounter_id,patient_id,provider_id,started_at,kind,status,seen_by\n\
         E1,P1,A,2014-07-01,office-visit,completed,clinical-staff\n\
         E2,P2,A,2014-09-30,office-visit,completed,clinical-staff\n\
         E3,P3,B,2014-09-30,office-visit,completed,eligible-professional\n",
    );
    let report = report(&folder, &[]);
    let applies = |at: usize| report["providers"][at]["exclusions"][0]["applies"].clone();
    assert_eq!((applies(0), applies(1)), (json!("unclear"), json!("no")));
}

/// Provider ids with the same NPI are one clinician. Exclusions and the 50% requirement are evaluated over all of the clinician's ids.
#[test]
fn what_is_attested_beside_the_measure_is_weighed_over_all_ids_of_a_person() {
    let encounter = |id: u32, provider: &str, kind: &str, county: &str, place: &str| {
        format!("E{id},P{id},{provider},2014-07-01,{kind},completed,{county},{place}\n")
    };
    // A: two home visits at the annex, in a county without enough broadband. B: three visits elsewhere.
    let rows: String = [
        encounter(1, "A", "home-visit", "01001", "ANNEX"),
        encounter(2, "A", "home-visit", "01001", "ANNEX"),
        encounter(3, "B", "office-visit", "17031", "MAIN"),
        encounter(4, "B", "office-visit", "17031", "MAIN"),
        encounter(5, "B", "office-visit", "17031", "MAIN"),
        "E6,P6,C,2014-09-30,office-visit,completed,17031,MAIN\n".to_owned(),
    ]
    .concat();
    let folder = folder_of(&format!(
        "encounter_id,patient_id,provider_id,started_at,kind,status,county_fips,location_id\n{rows}"
    ));
    folder.write("c.csv", "county_fips,percent\n01001,40\n17031,90\n");
    folder.write("r.csv", "provider_id,npi\nA,1234567893\nB,1234567893\n");
    folder.write("mucalc.toml", "[locations]\nMAIN = { certified = true }\nANNEX = { certified = false }\n");
    let report = report(&folder, &["--roster", "r.csv", "--counties", "c.csv"]);
    let told = |of: &Value| {
        let exclusions = [0, 1].map(|at| of["exclusions"][at]["applies"].as_str().unwrap().to_owned());
        (exclusions, of["cehrt_locations"]["at_least_half"].as_str().unwrap().to_owned())
    };
    let expected = |visits: &str, broadband: &str, half: &str| {
        ([visits.to_owned(), broadband.to_owned()], half.to_owned())
    };
    for of in [&report["providers"][0], &report["providers"][1], &report["combined"][0]] {
        assert_eq!(told(of), expected("no", "no", "yes"));
    }
    // Without the NPI, they are two clinicians.
    folder.write("r.csv", "provider_id,npi\nA,\nB,\n");
    let report = self::report(&folder, &["--roster", "r.csv", "--counties", "c.csv"]);
    assert_eq!(told(&report["providers"][0]), expected("unclear", "yes", "no"));
    assert_eq!(told(&report["providers"][1]), expected("no", "no", "yes"));
}

#[test]
fn several_editions_stand_side_by_side_and_each_is_as_alone() {
    let folder = four();
    folder.write("x.csv", "patient_id,provider_id,accessed_at,action,actor\nP4,A,2014-08-02,view,patient\n");
    let ids = "stage2-core17,stage2-core7m2,mips-trans-sm1,like-open-dental";
    let both =
        report(&folder, &["--any-year", "--edition", ids, "--accesses", "x.csv", "--ledger", "all.csv"]);
    let measures: Vec<&Value> = std::iter::once(&both).chain(both["alongside"].as_array().unwrap()).collect();
    let mut ledger = String::new();
    for (id, measure) in ids.split(',').zip(measures) {
        let alone =
            report(&folder, &["--any-year", "--edition", id, "--accesses", "x.csv", "--ledger", "one.csv"]);
        for key in ["edition", "providers", "group", "waterfall", "policies"] {
            assert_eq!(measure[key], alone[key], "{id} {key}");
        }
        for line in folder.read("one.csv").lines().skip(1) {
            ledger.push_str(&format!("{id},{line}\n"));
        }
    }
    let all = folder.read("all.csv");
    assert!(all.starts_with("edition,provider_id,patient_id,"));
    assert_eq!(all.split_once('\n').unwrap().1, ledger);
    // The tool reads only the inputs that the rule set needs.
    let alone = report(&folder, &["--edition", "stage2-core7m2", "--accesses", "x.csv"]);
    let roles: Vec<&str> =
        alone["inputs"].as_array().unwrap().iter().map(|input| input["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["encounters", "accesses"]);
    let words = ["report", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];
    for wrong in ["stage2-core17,stage2-core17", "stage2-core71", "stage2-core7m2"] {
        let output = folder.run(&[&words[..], &["--edition", wrong]].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn a_person_with_several_ids_is_shown_summed_and_with_each_patient_once() {
    // P1 was seen and wrote under both ids, P2 and P3 under one id each.
    let folder = folder(
        "E1,P1,A,2014-07-01,office-visit,completed,,\nE2,P1,B,2014-07-01,office-visit,completed,,\n\
         E3,P2,A,2014-07-01,office-visit,completed,,\nE4,P3,B,2014-07-01,office-visit,completed,,\n\
         E5,P4,C,2014-07-01,office-visit,completed,,\n",
        "M1,P1,A,2014-07-02,patient,provider,ehr-portal,test-result\n\
         M2,P1,B,2014-07-02,patient,provider,ehr-portal,test-result\n",
    );
    folder.write(
        "r.csv",
        "provider_id,npi,name,cehrt_id\nA,1234567893,One,East\nB,1234567893,One,West\nC,1245319599,Two,East\n",
    );
    let report = report(&folder, &["--roster", "r.csv"]);
    assert_eq!(
        report["combined"],
        json!([{
            "npi": "1234567893", "name": "One", "provider_ids": ["A", "B"], "cehrt_ids": ["East", "West"],
            "summed": { "denominator": bounds(4, 4), "numerator": bounds(2, 2) }, "summed_verdict": "met",
            "once": { "denominator": bounds(3, 3), "numerator": bounds(1, 1) }, "once_verdict": "met",
            "exclusions": [
                { "id": "no-office-visits", "applies": "no" }, { "id": "broadband", "applies": "not-computed" },
            ],
            "cehrt_locations": null,
        }])
    );
    let group = &report["group"];
    assert_eq!((&group["denominator"], &group["summed"]["denominator"]), (&bounds(4, 4), &bounds(5, 5)));
    assert_eq!((&group["numerator"], &group["summed"]["numerator"]), (&bounds(1, 1), &bounds(2, 2)));
}

#[test]
fn points_are_tenths_that_were_begun() {
    let seen: String =
        (0..20).map(|at| format!("E{at},P{at},A,2017-07-01,office-visit,completed,,\n")).collect();
    for (got, points) in [(0, 0), (1, 1), (2, 1), (3, 2), (19, 10), (20, 10)] {
        let messages: String = (0..got)
            .map(|at| format!("M{at},P{at},A,2017-07-02,provider,patient,ehr-portal,test-result\n"))
            .collect();
        let folder = folder(&seen, &messages);
        let report = run(&folder, "report", "2017Q3", &["--edition", "mips-trans-sm1"]);
        let provider = &report["providers"][0];
        assert_eq!(provider["points"], json!({ "of": 10, "least": points, "most": points }), "{got} of 20");
        assert_eq!(provider["verdict"], if got == 0 { "not-met" } else { "met" });
    }
}

/// The sources read so far do not state how a rate between two point values is rounded: up to the next tenth, or to a whole percent first.
/// Points are a range if the two differ.
#[test]
fn points_are_a_range_where_two_roundings_differ() {
    for (got, all, least, most) in [
        (13, 125, 1, 2),
        (12, 100, 2, 2),
        (21, 200, 2, 2),
        (20, 193, 1, 2),
        (1, 300, 1, 1),
        (0, 300, 0, 0),
        (300, 300, 10, 10),
        (281, 300, 10, 10),
        (271, 300, 9, 10),
    ] {
        let seen: String =
            (0..all).map(|at| format!("E{at},P{at},A,2017-07-01,office-visit,completed,,\n")).collect();
        let messages: String = (0..got)
            .map(|at| format!("M{at},P{at},A,2017-07-02,provider,patient,ehr-portal,test-result\n"))
            .collect();
        let folder = folder(&seen, &messages);
        let report = run(&folder, "report", "2017Q3", &["--edition", "mips-trans-sm1"]);
        let points = &report["providers"][0]["points"];
        assert_eq!(*points, json!({ "of": 10, "least": least, "most": most }), "{got} of {all}");
    }
}

#[test]
fn every_alternative_is_what_a_report_with_that_choice_says() {
    let folder = four();
    let found = run(&folder, "what-if", "2014Q3", &[]);
    let alternatives = found["alternatives"].as_array().unwrap();
    // Every other setting of each policy, the other attribution mode, and all settings together in favor and against.
    let mut names: Vec<&str> = alternatives.iter().map(|one| one["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "administrative=count",
            "administrative=uncertain",
            "all settings at count",
            "all settings at exclude",
            "appointments=exclude",
            "appointments=uncertain",
            "credit=group",
            "hospital=count",
            "minimal-service=count",
            "non-cehrt=count",
            "pool=count",
            "pool=exclude",
            "staff-only=count",
            "supervised=count",
        ]
    );
    for one in alternatives {
        let mut words: Vec<String> = Vec::new();
        for (name, choice) in one["choices"].as_object().unwrap() {
            let choice = choice.as_str().unwrap();
            match name.as_str() {
                "credit" => words.extend(["--credit".to_owned(), choice.to_owned()]),
                name => words.extend(["--policy".to_owned(), format!("{name}={choice}")]),
            }
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let alone = report(&folder, &words);
        for key in ["providers", "group", "waterfall", "policies", "credit"] {
            assert_eq!(one["measure"][key], alone[key], "{} {key}", one["name"]);
        }
        let differs = found["base"]["providers"][0]["verdict"] != alone["providers"][0]["verdict"];
        assert_eq!(!one["changes"].as_array().unwrap().is_empty(), differs, "{}", one["name"]);
    }
    // Two alternatives that the command line names, each on its own and both together.
    let words = ["--alternative", "pool=count", "--alternative", "credit=group"];
    let found = run(&folder, "what-if", "2014Q3", &words);
    let names: Vec<&Value> =
        found["alternatives"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["pool=count", "credit=group", "all of these settings"]);
    for wrong in ["pool=never", "pond=count", "credit=loose"] {
        let words = ["what-if", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];
        let output = folder.run(&[&words[..], &["--alternative", wrong]].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}
