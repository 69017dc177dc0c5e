//! Progress as of a day matches a report on the rows up to that day, and each week matches a report as of its last day.

use crate::support::program::{Folder, signed};
use crate::support::year::{Dice, practice};
use serde_json::Value;

const INPUTS: [&str; 6] = ["--encounters", "e.csv", "--messages", "m.csv", "--accesses", "x.csv"];

fn json(folder: &Folder, words: &[&str]) -> Value {
    let output = folder.run(words);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn progress(folder: &Folder, period: &str, as_of: Option<&str>, more: &[&str]) -> Value {
    let mut words = vec!["progress", "--format", "json", "--period", period];
    words.extend(INPUTS);
    words.extend(as_of.into_iter().flat_map(|day| ["--as-of", day]));
    words.extend(more);
    json(folder, &words)
}

/// Returns a report on the rows whose day is unknown or not after `last`.
fn report_up_to(folder: &Folder, period: &str, last: &str, more: &[&str]) -> Value {
    for (name, column) in [("e.csv", 3), ("m.csv", 3), ("x.csv", 3)] {
        let text = folder.read(name);
        let is_in = |line: &&str| {
            let day = line.split(',').nth(column).unwrap();
            !day.starts_with("20") || day <= last
        };
        let lines: Vec<&str> = text.lines().filter(is_in).collect();
        folder.write(&format!("cut-{name}"), lines.join("\n") + "\n");
    }
    let mut words = vec!["report", "--format", "json", "--period", period];
    words.extend(["--encounters", "cut-e.csv", "--messages", "cut-m.csv", "--accesses", "cut-x.csv"]);
    words.extend(more);
    json(folder, &words)
}

const FIGURES: [&str; 8] = [
    "provider_id",
    "denominator",
    "numerator",
    "rate_percent",
    "rate_percent_most",
    "verdict",
    "needed",
    "adjudicate",
];

fn figures(providers: &Value) -> Vec<Vec<Value>> {
    let of = |provider: &Value| FIGURES.iter().map(|key| provider[key].clone()).collect();
    providers.as_array().unwrap().iter().map(of).collect()
}

/// Runs with different rule sets, attribution, and review decisions.
const RUNS: [(u64, i32, &[&str]); 7] = [
    (11, 2014, &[]),
    (12, 2014, &["--adjudications", "a.csv"]),
    (13, 2014, &["--roster", "r.csv", "--credit", "group"]),
    (14, 2017, &["--edition", "modstage2-2017", "--policy", "team-sent=count"]),
    (15, 2014, &["--edition", "stage2-core7m2"]),
    (16, 2014, &["--edition", "like-open-dental"]),
    (17, 2014, &["--edition", "stage2-core7m2", "--attested", "2015-01-10"]),
];

/// Returns how often a row of the seed's practice is another version of the record before it. `None` if never.
fn versions(seed: u64) -> Option<usize> {
    seed.is_multiple_of(2).then_some(3)
}

#[test]
fn progress_to_a_day_is_the_report_of_the_rows_up_to_it() {
    for (seed, year, more) in RUNS {
        let folder = practice(&mut Dice::new(seed), year, versions(seed));
        let period = format!("{year}-03-01..{year}-08-31");
        let mut different = std::collections::BTreeSet::new();
        for as_of in ["03-01", "04-17", "06-30", "08-30", "08-31", "11-15"] {
            let as_of = format!("{year}-{as_of}");
            let told = progress(&folder, &period, Some(&as_of), more);
            let report = report_up_to(&folder, &period, &as_of, more);
            assert_eq!(figures(&told["providers"]), figures(&report["providers"]), "{as_of} {more:?}");
            for key in ["denominator", "numerator", "providers_met", "providers"] {
                assert_eq!(told["group"][key], report["group"][key], "{key} {as_of} {more:?}");
            }
            assert_eq!(told["as_of"], as_of.as_str());
            different.insert(
                figures(&told["providers"]).iter().flatten().map(Value::to_string).collect::<String>(),
            );
        }
        assert!(different.len() > 3, "the data are too plain to tell anything: {}", different.len());
    }
}

#[test]
fn each_week_is_the_report_of_its_last_day_and_all_add_up() {
    let sum = |weeks: &[Value], key: &str| weeks.iter().map(|week| week[key].as_u64().unwrap()).sum::<u64>();
    let mut told_rates = 0;
    for (seed, year, more) in [RUNS[0], RUNS[3], RUNS[5]] {
        let folder = practice(&mut Dice::new(seed + 100), year, versions(seed));
        let period = format!("{year}-03-01..{year}-08-31");
        let told = progress(&folder, &period, None, more);
        let weeks = told["weeks"].as_array().unwrap();
        let of_all = told["providers"].as_array().unwrap().iter().chain([&told["group"]]);
        for of in of_all.clone() {
            let course = &of["course"];
            let of_weeks = course["weeks"].as_array().unwrap();
            assert_eq!(of_weeks.len(), weeks.len());
            let new = sum(of_weeks, "new") + course["new_on_unknown_day"].as_u64().unwrap();
            let came = sum(of_weeks, "came") + course["came_on_unknown_day"].as_u64().unwrap();
            assert_eq!(new, of["denominator"]["most"].as_u64().unwrap(), "{more:?} {of:#}");
            assert_eq!(came, of["numerator"]["least"].as_u64().unwrap(), "{more:?} {of:#}");
            assert_eq!(of_weeks.last().unwrap()["rate_percent"], of["rate_percent"]);
            for week in of_weeks {
                assert!(week["new"].as_u64() <= week["seen"].as_u64(), "{week}");
            }
        }
        for (at, week) in weeks.iter().enumerate() {
            // The last week ends with the as-of date, which may be after the period.
            let is_last = at + 1 == weeks.len();
            let last = if is_last { &told["as_of"] } else { &week["last"] };
            let report = report_up_to(&folder, &period, last.as_str().unwrap(), more);
            for provider in told["providers"].as_array().unwrap() {
                let listed = report["providers"].as_array().unwrap().iter();
                let same =
                    listed.filter(|one| one["provider_id"] == provider["provider_id"]).collect::<Vec<_>>();
                let rate = same.first().map_or(&Value::Null, |one| &one["rate_percent"]);
                assert_eq!(&provider["course"]["weeks"][at]["rate_percent"], rate, "{week} {more:?}");
                told_rates += usize::from(!rate.is_null());
            }
        }
    }
    assert!(told_rates > 100, "{told_rates}");
}

#[test]
fn patients_seen_in_a_week_are_unique() {
    let folder = Folder::new();
    folder.write(
        "e.csv",
        "patient_id,provider_id,started_at,kind\n\
         P1,A,2014-07-01,office-visit\nP1,A,2014-07-02,office-visit\nP1,B,2014-07-03,office-visit\n\
         P1,A,2014-07-09,office-visit\nP2,A,2014-07-09,office-visit\nP3,B,2014-07-14,office-visit\n\
         P4,B,,office-visit\n",
    );
    folder.write(
        "m.csv",
        "patient_id,provider_id,sent_at,sender,recipient,channel,topic\n\
         P1,A,2014-07-05,patient,provider,ehr-portal,medication-refill\n\
         P3,B,2014-07-02,patient,provider,ehr-portal,medication-refill\n\
         P1,B,2014-07-15,patient,provider,email,medication-refill\n",
    );
    folder.write("x.csv", "patient_id,accessed_at\n");
    let told = progress(&folder, "2014Q3", None, &[]);
    // The last row of the period is a message that does not qualify.
    assert_eq!(
        (&told["as_of"], &told["as_of_given"], &told["days_left"]),
        (&"2014-07-15".into(), &false.into(), &77.into())
    );
    let weeks = |of: &Value| -> Vec<[u64; 3]> {
        let of = of["course"]["weeks"].as_array().unwrap().iter();
        of.map(|week| ["seen", "new", "came"].map(|key| week[key].as_u64().unwrap())).collect()
    };
    assert_eq!(weeks(&told["providers"][0]), [[1, 1, 1], [2, 1, 0], [0, 0, 0]]);
    assert_eq!(weeks(&told["providers"][1]), [[1, 1, 0], [1, 1, 1], [0, 0, 0]]);
    assert_eq!(weeks(&told["group"]), [[1, 1, 1], [3, 2, 1], [0, 0, 0]]);
    assert_eq!(told["providers"][1]["course"]["new_on_unknown_day"], 1);
}

#[test]
fn what_is_undecided_is_told_by_kind_with_the_decisions_that_are_enough() {
    // 38 patients with 1 in the numerator: 5 percent is 1.9, so 1 more is needed. With a second one, 2 of 38 is more than 5 percent.
    let mut encounters = String::from("patient_id,provider_id,started_at,kind\n");
    (0..38).for_each(|patient| encounters.push_str(&format!("P{patient},A,2014-07-01,office-visit\n")));
    encounters.push_str("Q1,A,2014-07-03,other\n");
    let to = |patient: u32, recipient: &str, topic: &str| {
        format!("P{patient},A,2014-07-05,patient,{recipient},ehr-portal,{topic}\n")
    };
    let mut messages = String::from("patient_id,provider_id,sent_at,sender,recipient,channel,topic\n");
    messages += &to(0, "provider", "medication-refill");
    (1..4).for_each(|patient| messages += &to(patient, "care-team", "medication-refill"));
    messages += &to(4, "provider", "other");
    let folder = Folder::new();
    folder.write("e.csv", encounters).write("m.csv", messages).write("x.csv", "patient_id,accessed_at\n");
    let told = progress(&folder, "2014Q3", None, &[]);
    let kinds: Vec<(&str, u64, Option<u64>)> = told["providers"][0]["undecided"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| {
            (kind["rule"].as_str().unwrap(), kind["patients"].as_u64().unwrap(), kind["enough"].as_u64())
        })
        .collect();
    // If the unresolved visit is added to the denominator, there are 39 patients with 2 in the numerator: still more than 5 percent.
    assert_eq!(kinds, [("pool", 3, Some(1)), ("topic-other", 1, Some(1)), ("visit", 1, None)]);
    assert_eq!(told["providers"][0]["adjudicate"], 1);
    // If a reviewer resolves one of them in the EP's favor, no unresolved record matters.
    folder.write("a.csv", signed("patient_id,decision\nP2,counts\n"));
    let told = progress(&folder, "2014Q3", None, &["--adjudications", "a.csv"]);
    assert_eq!(told["providers"][0]["verdict"], "met");
    assert_eq!(told["providers"][0]["undecided"], Value::Array(vec![]));
}

#[test]
fn a_forecast_is_refused_with_a_reason() {
    let reason = |folder: &Folder, period: &str, as_of: &str, more: &[&str]| {
        progress(folder, period, Some(as_of), more)["providers"][0]["outlook"]["none"].clone()
    };
    let mut encounters = String::from("patient_id,provider_id,started_at,kind\n");
    let mut messages = String::from("patient_id,provider_id,sent_at,sender,recipient,channel,topic\n");
    for patient in 0..60 {
        let day = 1 + patient / 2;
        encounters.push_str(&format!("P{patient},A,2014-07-{day:02},office-visit\n"));
        if patient % 10 == 0 {
            messages.push_str(&format!(
                "P{patient},A,2014-07-{day:02},patient,provider,ehr-portal,medication-refill\n"
            ));
        }
    }
    let folder = Folder::new();
    folder.write("e.csv", encounters).write("m.csv", messages).write("x.csv", "patient_id,accessed_at\n");
    assert_eq!(reason(&folder, "2014Q3", "2014-07-27", &[]), "too-few-days");
    assert_eq!(reason(&folder, "2014Q3", "2014-07-28", &[]), Value::Null, "there is a forecast");
    assert_eq!(reason(&folder, "2014-06-01..2014-09-30", "2014-07-08", &[]), "too-few-patients");
    // Less than a quarter of the period is over.
    assert_eq!(reason(&folder, "2014-06-01..2014-12-31", "2014-07-20", &[]), "too-few-days");
    assert_eq!(reason(&folder, "2014Q3", "2014-09-30", &[]), "period-is-over");
    assert_eq!(reason(&folder, "2014Q3", "2014-10-05", &[]), "period-is-over");
    folder.write("m.csv", "patient_id,provider_id,sent_at\n");
    assert_eq!(reason(&folder, "2014Q3", "2014-08-05", &[]), "too-few-counted");
    let told = progress(&folder, "2016Q3", None, &[]);
    assert_eq!((&told["as_of"], &told["providers"][0]["outlook"]["none"]), (&Value::Null, &"no-rows".into()));
}

#[test]
fn wrong_days_are_refused() {
    let folder = practice(&mut Dice::new(20), 2014, None);
    for (period, as_of) in
        [("2014Q3", "2014-06-30"), ("2014Q3", "30.09.2014"), ("2011-01-01..2014-12-31", "2014-03-01")]
    {
        let mut words = vec!["progress", "--period", period, "--as-of", as_of];
        words.extend(INPUTS);
        assert_eq!(folder.run(&words).status.code(), Some(2), "{period} {as_of}");
    }
}

#[test]
fn a_message_before_the_period_does_not_tell_the_day() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at,kind\nP1,A,2017-06-02,office-visit\n");
    folder.write(
        "m.csv",
        "patient_id,provider_id,sent_at,sender,recipient,channel,topic\n\
         P1,A,2017-02-05,provider,patient,ehr-portal,test-result\n",
    );
    folder.write("x.csv", "patient_id,accessed_at\n");
    let told = progress(&folder, "2017Q3", None, &["--edition", "modstage2-2017"]);
    assert_eq!((&told["as_of"], &told["days_left"]), (&Value::Null, &0.into()));
    // If the as-of date is after all recorded rows, the document shows the day of the last one.
    let told = progress(&folder, "2017Q2", Some("2017-06-20"), &["--edition", "modstage2-2017"]);
    assert_eq!((&told["as_of"], &told["recorded_until"]), (&"2017-06-20".into(), &"2017-06-02".into()));
}

/// A provider has only unresolved visits. Without them the provider has no patients, so the higher forecast is absent.
#[test]
fn there_is_no_hopeful_forecast_of_nobody() {
    let mut encounters = String::from("patient_id,provider_id,started_at,kind\n");
    let mut messages = String::from("patient_id,provider_id,sent_at,sender,recipient,channel,topic\n");
    for patient in 0..240 {
        let (provider, kind) = if patient % 6 == 0 { ("A", "other") } else { ("B", "office-visit") };
        let day = 1 + patient % 28;
        encounters.push_str(&format!("P{patient},{provider},2014-07-{day:02},{kind}\n"));
        if provider == "B" && patient % 13 == 0 {
            messages.push_str(&format!(
                "P{patient},B,2014-08-{day:02},patient,provider,ehr-portal,test-result\n"
            ));
        }
    }
    let folder = Folder::new();
    folder.write("e.csv", encounters).write("m.csv", messages).write("x.csv", "patient_id,accessed_at\n");
    let told = progress(&folder, "2014Q3", Some("2014-08-22"), &[]);
    let forecast = |provider: usize| &told["providers"][provider]["outlook"]["forecast"];
    assert!(forecast(0)["cautious"].is_object() && forecast(0)["hopeful"].is_null(), "{:#}", forecast(0));
    assert!(forecast(1)["hopeful"].is_object(), "{:#}", forecast(1));
}

/// A provider on the roster without visits has as many weeks as the others, all empty.
#[test]
fn a_provider_who_saw_nobody_has_empty_weeks() {
    let folder = practice(&mut Dice::new(1), 2014, None);
    folder.write("nobody.csv", "provider_id\nN\n");
    let told = progress(&folder, "2014Q3", None, &["--roster", "nobody.csv"]);
    let weeks = told["weeks"].as_array().unwrap().len();
    let providers = told["providers"].as_array().unwrap();
    assert!(weeks > 5 && providers.iter().any(|provider| provider["provider_id"] == "N"), "{weeks} weeks");
    for provider in providers {
        let weeks_of = provider["course"]["weeks"].as_array().unwrap();
        assert_eq!(weeks_of.len(), weeks, "{}", provider["provider_id"]);
        if provider["provider_id"] == "N" {
            let counts = weeks_of.iter().flat_map(|week| ["seen", "new", "came"].map(|count| &week[count]));
            assert!(counts.into_iter().all(|count| *count == 0), "{weeks_of:?}");
        }
    }
}
