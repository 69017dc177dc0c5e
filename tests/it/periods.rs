//! Allowed reporting periods by program year and participant (B45), and the periods that `sweep` offers.
//!
//! A second implementation of the regulation's table, as plain code over days, is compared with the program on every period that begins or
//! ends near a boundary.

use crate::support::program::Folder;
use chrono::{Datelike, Days, NaiveDate};
use mucalc_core::domain::allowance::Allowance;
use mucalc_core::domain::participant::Participant;
use mucalc_core::domain::period::Period;
use mucalc_core::edition::nearest;
use mucalc_core::edition::periods::allowance;
use serde_json::Value;

const ENCOUNTERS: &str = "encounter_id,patient_id,provider_id,started_at,status,kind,seen_by,location_id\n";
const MESSAGES: &str =
    "message_id,patient_id,provider_id,sent_at,status,sender,recipient,channel,topic,patient_included\n";

/// Writes the exports of a practice with a visit on every weekday from `first` to `last`, each by a different patient of provider A. Every
/// tenth patient wrote.
fn practice(first: &str, last: &str) -> Folder {
    let folder = Folder::new();
    let (mut encounters, mut messages) = (ENCOUNTERS.to_owned(), MESSAGES.to_owned());
    let (mut day, last) = (date(first), date(last));
    let mut patient = 0;
    while day <= last {
        if day.weekday().num_days_from_monday() < 5 {
            patient += 1;
            encounters +=
                &format!("{patient},{patient},A,{day},completed,office-visit,eligible-professional,\n");
            if patient % 10 == 0 {
                messages += &format!(
                    "{patient},{patient},A,{day},sent,patient,provider,ehr-portal,clinical-question,no\n\
                     r{patient},{patient},A,{day},sent,provider,patient,ehr-portal,clinical-question,no\n"
                );
            }
        }
        day = day + Days::new(1);
    }
    folder.write("e.csv", encounters).write("m.csv", messages);
    folder.write("x.csv", "accessed_at,patient_id,provider_id,action,actor\n");
    folder
}

fn date(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

fn words<'w>(command: &'w str, edition: &'w str, period: &'w str, more: &[&'w str]) -> Vec<&'w str> {
    let mut words = vec![command, "--format", "json", "--encounters", "e.csv"];
    words.extend(match edition.contains("7m2") || edition.contains("8m2") || edition.contains("6m1") {
        true => ["--accesses", "x.csv"],
        false => ["--messages", "m.csv"],
    });
    words.extend(["--edition", edition, "--period", period]);
    words.extend(more);
    words
}

fn json(folder: &Folder, words: &[&str]) -> Value {
    let output = folder.run(words);
    assert_eq!(output.status.code(), Some(0), "{words:?} {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns whether the regulation allows a period: 495.4 "EHR reporting period" for EPs, 414.1320 for MIPS. `None` if it does not address
/// a longer period.
fn is_allowed(who: &str, year: i32, first: NaiveDate, last: NaiveDate) -> Option<bool> {
    let days = (last - first).num_days() + 1;
    if first.year() != year || last.year() != year {
        return Some(false);
    }
    let starts_quarter = first.day() == 1 && first.month() % 3 == 1;
    let ends_quarter = last.month() == first.month() + 2 && (last + Days::new(1)).day() == 1;
    match (who, year) {
        ("medicare", 2014) => Some(starts_quarter && ends_quarter),
        ("medicaid", 2014) if starts_quarter && ends_quarter => Some(true),
        ("mips", _) => Some(days >= 90),
        ("medicare", 2017) if last >= date("2017-10-01") => Some(false),
        ("medicaid", 2021) if last >= date("2021-10-31") => Some(false),
        _ if days > 90 => None,
        _ => Some(days == 90),
    }
}

/// Every rule set with its program years and the programs that attest in each.
const PARTICIPANTS: &[(&str, i32, &[&str])] = &[
    ("stage2-core17", 2014, &["medicare", "medicaid"]),
    ("stage2-core7m2", 2014, &["medicare", "medicaid"]),
    ("modstage2-2015", 2015, &["medicare", "medicaid"]),
    ("modstage2-2016", 2016, &["medicare", "medicaid"]),
    ("modstage2-o8m2", 2015, &["medicare", "medicaid"]),
    ("modstage2-o8m2", 2016, &["medicare", "medicaid"]),
    ("modstage2-o8m2", 2017, &["medicare", "medicaid"]),
    ("modstage2-o8m2", 2018, &["medicaid"]),
    ("modstage2-2017", 2017, &["medicare", "medicaid"]),
    ("modstage2-2017", 2018, &["medicaid"]),
    // An EP who has not demonstrated meaningful use before must use Modified Stage 2 (B37), and the other Medicare EPs are under MIPS.
    ("stage3-o6m1", 2017, &["medicaid"]),
    ("stage3-o6m2", 2018, &["medicaid"]),
    ("stage3-o6m2", 2019, &["medicaid"]),
    ("stage3-o6m1", 2020, &["medicaid"]),
    ("stage3-o6m2", 2021, &["medicaid"]),
    ("mips-trans-sm1", 2017, &["mips"]),
    ("mips-cctpe2", 2018, &["mips"]),
];

/// Returns periods at every boundary: quarters; 89 to 92 days at either end of the year and at the two dates before which a period must
/// end; half a year; the year; and two that cross its end.
fn periods(year: i32) -> Vec<(NaiveDate, NaiveDate)> {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let mut all = Vec::new();
    for (first, last) in [((1, 1), (3, 31)), ((4, 1), (6, 30)), ((7, 1), (9, 30)), ((10, 1), (12, 31))] {
        let (first, last) = (day(first.0, first.1), day(last.0, last.1));
        all.extend([(first, last), (first, last - Days::new(1)), (first + Days::new(1), last)]);
    }
    for days in [1, 47, 89, 90, 91, 92] {
        let (first, last) = (day(1, 1), day(12, 31));
        all.push((first, first + Days::new(days - 1)));
        all.push((first - Days::new(1), first + Days::new(days) - Days::new(2)));
        for end in [last, last + Days::new(1), day(9, 30), day(10, 1), day(10, 30), day(10, 31)] {
            all.push((end - Days::new(days - 1), end));
        }
    }
    all.extend([(day(1, 1), day(6, 30)), (day(1, 1), day(12, 31)), (day(12, 1), day(12, 1) + Days::new(89))]);
    all
}

#[test]
fn the_table_of_the_regulation_is_applied_to_every_border() {
    for (edition, year, participants) in PARTICIPANTS {
        let edition = mucalc_core::edition::find(edition).unwrap();
        for (first, last) in periods(*year).into_iter().filter(|(first, _)| first.year() == *year) {
            let period = Period { first: first.into(), last: last.into() };
            let told = |who: Option<&str>| {
                let who = who.and_then(|who| who.parse::<Participant>().ok());
                (allowance(&edition.period_rules(*year, who), period), nearest(&edition, who, period))
            };
            let mut best = Allowance::NotAllowed;
            for who in *participants {
                let expected = match is_allowed(who, *year, first, last) {
                    Some(true) => Allowance::Allowed,
                    Some(false) => Allowance::NotAllowed,
                    None => Allowance::Longer,
                };
                let (allowance, nearest) = told(Some(who));
                assert_eq!(allowance, expected, "{} {who} {period}", edition.id);
                best = best.max(expected);
                assert!(!nearest.is_empty(), "{} {who} {period}", edition.id);
                for near in nearest {
                    let (first, last) = (near.first.to_naive_date(), near.last.to_naive_date());
                    let is_allowed = is_allowed(who, first.year(), first, last);
                    assert_eq!(is_allowed, Some(true), "{} {who} {period}: {near}", edition.id);
                }
            }
            assert_eq!(told(None).0, best, "{} {period}", edition.id);
        }
        let all: std::collections::BTreeSet<&str> =
            edition.period_rules(*year, None).iter().map(|rule| rule.participant.word()).collect();
        assert_eq!(all.into_iter().collect::<Vec<_>>().len(), participants.len(), "{}", edition.id);
    }
}

/// A report shows whether its period is allowed, and the nearest allowed periods, worked out by hand.
#[test]
fn a_report_names_the_nearest_allowed_periods() {
    let folder = practice("2014-01-02", "2014-01-10");
    for (edition, period, more, allowance, nearest) in [
        (
            "stage2-core17",
            "2014-05-15..2014-06-30",
            &["--participant", "medicare"][..],
            "not-allowed",
            &["2014-04-01..2014-06-30"][..],
        ),
        (
            "stage2-core17",
            "2014-05-15..2014-06-30",
            &[],
            "not-allowed",
            &["2014-04-02..2014-06-30", "2014-05-15..2014-08-12", "2014-04-01..2014-06-30"],
        ),
        (
            "modstage2-2017",
            "2017-12-01..2018-02-28",
            &["--participant", "medicaid"],
            "not-allowed",
            &["2018-01-01..2018-03-31", "2017-10-03..2017-12-31"],
        ),
        ("stage3-o6m2", "2021-10-03..2021-12-31", &[], "not-allowed", &["2021-08-02..2021-10-30"]),
        ("stage2-core17", "2014", &["--participant", "medicare"], "not-allowed", &[]),
        ("stage2-core17", "2014Q3", &[], "allowed", &[]),
        ("modstage2-2016", "2016Q3", &[], "longer", &[]),
        ("mips-cctpe2", "2018", &[], "allowed", &[]),
        ("mips-cctpe2", "2018-11-01..2019-06-30", &[], "not-allowed", &["2018-10-03..2018-12-31"]),
    ] {
        let report = json(&folder, &words("report", edition, period, more));
        let told = &report["edition"]["reporting_period"];
        assert_eq!(told["allowance"], allowance, "{edition} {period}");
        let has_finding = report["findings"].to_string().contains("period-not-allowed");
        assert_eq!(has_finding, allowance == "not-allowed", "{edition} {period}");
        let periods: Vec<String> = told["nearest"]
            .as_array()
            .unwrap()
            .iter()
            .map(|near| format!("{}..{}", near["first"].as_str().unwrap(), near["last"].as_str().unwrap()))
            .collect();
        match nearest {
            [] if allowance == "not-allowed" => assert_eq!(periods.len(), 4, "{edition} {period}"),
            _ => assert_eq!(periods, nearest, "{edition} {period}"),
        }
    }
    // A rule set without reporting periods does not check the period.
    let report = json(&folder, &words("report", "like-openemr", "2014-05-15..2014-06-30", &[]));
    assert!(report["edition"]["reporting_period"].is_null());
}

/// `sweep` offers the periods that the regulation allows. The expected numbers are counted from the regulation.
#[test]
fn a_sweep_offers_the_allowed_periods() {
    let folder = practice("2014-01-02", "2014-01-10");
    for (edition, period, more, days, quarters, whole) in [
        ("stage2-core17", "2014", &[][..], 276, 4, 0),
        ("stage2-core17", "2014", &["--participant", "medicare"], 0, 4, 0),
        ("stage2-core17", "2014", &["--participant", "medicaid", "--windows", "days"], 276, 0, 0),
        ("stage2-core17", "2014", &["--all-windows"], 276, 4, 1),
        ("stage2-core17", "2014Q3", &[], 3, 1, 1),
        ("modstage2-o8m2", "2015", &[], 276, 1, 0),
        ("modstage2-2016", "2016", &[], 277, 0, 0),
        ("modstage2-2017", "2017", &["--participant", "medicare"], 184, 1, 0),
        ("stage3-o6m2", "2020", &[], 277, 0, 0),
        ("stage3-o6m2", "2021", &[], 214, 1, 0),
        ("mips-trans-sm1", "2017", &[], 276, 4, 1),
        ("mips-cctpe2", "2018", &["--days", "120"], 246, 4, 1),
        ("like-openemr", "2014", &["--days", "30"], 336, 4, 1),
    ] {
        let sweep = json(&folder, &words("sweep", edition, period, more));
        let count = |family: &str| {
            sweep["windows"].as_array().unwrap().iter().filter(|window| window["family"] == family).count()
        };
        let counts = (count("days"), count("quarters"), count("whole"));
        assert_eq!(counts, (days, quarters, whole), "{edition} {period} {more:?}");
    }
    // The last period of 2021 ends on October 30.
    let sweep = json(&folder, &words("sweep", "stage3-o6m2", "2021", &["--windows", "days"]));
    let last = sweep["windows"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((last["first"].as_str(), last["last"].as_str()), (Some("2021-08-02"), Some("2021-10-30")));
    // If no period remains, the error names the allowed ones.
    for more in [
        &["--windows", "whole"][..],
        &["--days", "30", "--windows", "days"],
        &["--days", "120"],
        &["--participant", "medicare", "--windows", "days"],
    ] {
        let output = folder.run(&words("sweep", "stage2-core17", "2014", more));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{more:?} {error}");
        assert!(error.contains("--all-windows") && error.contains("a calendar quarter"), "{more:?} {error}");
    }
}

#[test]
fn who_attests_must_be_of_the_edition() {
    let folder = practice("2014-01-02", "2014-01-10");
    for (edition, period, who, known) in [
        ("stage2-core17", "2014Q1", "mips", "medicaid, medicare"),
        ("modstage2-2017", "2018", "medicare", "medicaid"),
        ("mips-cctpe2", "2017", "medicaid", "mips"),
        ("stage2-core17", "2014Q1", "medicar", "medicare"),
    ] {
        let output = folder.run(&words("report", edition, period, &["--participant", who]));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{edition} {who}: {error}");
        assert!(error.contains(known), "{edition} {who}: {error}");
    }
    // The participant is a setting, so every report shows it.
    let report = json(&folder, &words("report", "stage2-core17", "2014Q1", &["--participant", "medicaid"]));
    assert_eq!(report["choices"][0]["key"], "participant");
}

/// Every command reports a period that cannot be attested, in every format.
#[test]
fn every_command_tells_of_a_period_that_is_not_allowed() {
    let folder = practice("2014-05-01", "2014-06-30");
    let period = "2014-05-15..2014-06-30";
    let inputs = ["--encounters", "e.csv", "--messages", "m.csv", "--period", period];
    let run = |command: &[&str]| {
        let output = folder.run(&[command, &inputs].concat());
        let [out, err] =
            [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
        (output.status.code(), out, err)
    };
    for command in [
        &["report"][..],
        &["report", "--format", "md"],
        &["report", "--format", "html"],
        &["what-if"],
        &["what-if", "--format", "json"],
        &["progress", "--as-of", "2014-06-20"],
        &["progress", "--as-of", "2014-06-20", "--format", "json"],
        &["progress", "--as-of", "2014-06-20", "--format", "md"],
        &["outreach"],
        &["validate"],
        &["validate", "--format", "json"],
    ] {
        let (code, out, err) = run(command);
        assert_eq!(code, Some(i32::from(command[0] == "validate")), "{command:?} {err}");
        assert!(out.contains("not an allowed reporting period"), "{command:?} {out}");
        assert!(out.contains("2014-04-02..2014-06-30"), "{command:?}: the nearest are named");
    }
    let (code, _, err) = run(&["report", "--format", "csv"]);
    assert_eq!(code, Some(0));
    assert!(err.contains("period-not-allowed"), "{err}");
    let (code, _, err) = run(&["report", "--fail-on", "finding:period-not-allowed"]);
    assert_eq!(code, Some(1), "{err}");
    // A pack shows the finding on its cover and still verifies.
    let (code, _, err) = run(&["pack", "-o", "a.zip"]);
    assert_eq!(code, Some(0), "{err}");
    let output = folder.run(&["verify", "a.zip", "--inputs", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

/// `validate` has no rule set, so it reports a period only if no program of the year allows it.
#[test]
fn validate_asks_every_program_of_the_year() {
    let folder = practice("2018-01-02", "2018-12-31");
    for (period, is_wrong) in
        [("2018", false), ("2018Q2", false), ("2018-02", true), ("2018-12-01..2019-02-28", true)]
    {
        let inputs = ["--encounters", "e.csv", "--messages", "m.csv", "--period", period];
        let output = folder.run(&[&["validate", "--format", "json"][..], &inputs].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(text.contains("period-not-allowed"), is_wrong, "{period} {text}");
    }
}

/// An export from June 20 to October 10 covers 24 periods of 90 days and one quarter. All other periods have no result.
#[test]
fn a_period_that_the_exports_do_not_cover_has_no_result() {
    let folder = practice("2014-06-20", "2014-10-10");
    // Scheduled appointments after the export do not extend its coverage.
    let header = folder.read("e.csv").lines().next().unwrap().to_owned();
    let booked = |day: &str| {
        let cell = |name: &str| match name {
            "started_at" => day.to_owned(),
            "status" => "scheduled".to_owned(),
            "kind" => "office-visit".to_owned(),
            name => format!("booked-{name}"),
        };
        header.split(',').map(cell).collect::<Vec<_>>().join(",") + "\n"
    };
    let rows = folder.read("e.csv") + &booked("2014-11-14") + &booked("2014-12-31");
    folder.write("e.csv", rows);
    let sweep = json(&folder, &words("sweep", "stage2-core17", "2014", &[]));
    let windows = sweep["windows"].as_array().unwrap();
    let provider = &sweep["providers"][0];
    let figures = provider["figures"].as_array().unwrap();
    let mut covered = 0;
    for (window, figures) in windows.iter().zip(figures) {
        // October 11 and 12 were a weekend.
        let (first, last) = (window["first"].as_str().unwrap(), window["last"].as_str().unwrap());
        let is_covered = first >= "2014-06-20" && last <= "2014-10-12";
        assert_eq!(window["coverage"]["covered"], is_covered, "{first} {last}");
        assert_eq!(figures["verdict"] == "not-covered", !is_covered, "{first} {last}");
        covered += usize::from(is_covered);
    }
    assert_eq!(covered, 27);
    assert_eq!(provider["not_covered"], windows.len() - covered);
    assert_eq!(provider["met"], covered);
    for key in ["best", "worst", "first_met"] {
        let at = provider[key].as_u64().unwrap() as usize;
        assert_eq!(windows[at]["coverage"]["covered"], true, "{key}");
    }
    assert_eq!(sweep["recorded"]["first"], "2014-06-20");
    assert_eq!(sweep["recorded"]["last"], "2014-10-10");
    // The user can state what the export covers, and this is a setting.
    let more = ["--exported", "2014-06-01..2014-12-31"];
    let sweep = json(&folder, &words("sweep", "stage2-core17", "2014", &more));
    let windows = sweep["windows"].as_array().unwrap();
    let covered = windows.iter().filter(|window| window["coverage"]["covered"] == true).count();
    assert_eq!(covered, 125 + 2, "from June 1 to October 3, and two quarters");
    let report = json(&folder, &words("report", "stage2-core17", "2014Q4", &more));
    assert_eq!(report["choices"][0]["key"], "exported");
    assert!(!report["findings"].to_string().contains("ends-before-period"));
}

/// Of two periods in which the measure is met, the better one can lose more patients from the numerator. The rate does not decide.
#[test]
fn the_best_period_has_the_most_patients_to_spare() {
    let folder = Folder::new();
    let (mut encounters, mut messages) = (ENCOUNTERS.to_owned(), MESSAGES.to_owned());
    // Patients who wrote: 3 of 3 in the first quarter, 10 of 60 in the second, 2 of 60 in the third, 3 of 60 in the fourth.
    for (quarter, seen, wrote) in [(1, 3, 3), (2, 60, 10), (3, 60, 2), (4, 60, 3)] {
        for patient in 0..seen {
            let day = format!("2014-{:02}-{:02}", quarter * 3 - 1, 1 + patient % 28);
            let id = format!("{quarter}-{patient}");
            encounters += &format!("{id},{id},A,{day},completed,office-visit,eligible-professional,\n");
            if patient < wrote {
                messages +=
                    &format!("{id},{id},A,{day},sent,patient,provider,ehr-portal,clinical-question,no\n");
            }
        }
    }
    folder.write("e.csv", encounters).write("m.csv", messages);
    let more = ["--windows", "quarters", "--exported", "2014"];
    let sweep = json(&folder, &words("sweep", "stage2-core17", "2014", &more));
    let provider = &sweep["providers"][0];
    let margins: Vec<i64> =
        provider["figures"].as_array().unwrap().iter().map(|one| one["margin"].as_i64().unwrap()).collect();
    // 3 of 3 can lose two patients, because 1 of 3 is still met. 10 of 60 can lose 6, because more than 3 are needed. 2 of 60 lack 2, and
    // 3 of 60 lack 1.
    assert_eq!(margins, [2, 6, -2, -1]);
    assert_eq!((provider["best"].as_u64(), provider["worst"].as_u64()), (Some(1), Some(2)));
    assert_eq!(provider["first_met"].as_u64(), Some(0));
}
