//! A sweep says of every window what a report of that window says.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that panics has failed"
)]

mod support;

use std::collections::BTreeMap;

use support::program::Folder;
use support::year::{Dice, practice};

/// Rows of a table, for the columns that are compared.
type Figures = BTreeMap<String, Vec<String>>;

const COMPARED: [&str; 6] =
    ["denominator_least", "denominator_most", "numerator_least", "numerator_most", "rate_percent", "verdict"];

fn figures(output: &[u8], key: impl Fn(&BTreeMap<String, String>) -> String) -> Figures {
    let mut reader = csv::Reader::from_reader(output);
    let rows = reader
        .deserialize()
        .map(|row: Result<BTreeMap<String, String>, _>| row.unwrap())
        .map(|row| (key(&row), COMPARED.iter().map(|column| row[*column].clone()).collect()));
    rows.collect()
}

fn run(folder: &Folder, command: &str, period: &str, more: &[&str]) -> Vec<u8> {
    let mut words = vec![command, "--format", "csv", "--period", period, "--threads", "1"];
    words.extend(["--encounters", "e.csv", "--messages", "m.csv", "--accesses", "x.csv"]);
    words.extend(more);
    let output = folder.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Every window of a year against a report of its own.
fn check(seed: u64, year: i32, more: &[&str]) {
    let folder = practice(&mut Dice::new(seed), year);
    let output = run(&folder, "sweep", &year.to_string(), more);
    let swept = figures(&output, |row| format!("{}..{} {}", row["first"], row["last"], row["provider_id"]));
    let windows: std::collections::BTreeSet<&str> =
        swept.keys().map(|key| key.split_once(' ').unwrap().0).collect();
    assert!(windows.len() > 276, "{}", windows.len());
    let mut different = std::collections::BTreeSet::new();
    for window in windows {
        let report = run(&folder, "report", window, more);
        for (provider, expected) in figures(&report, |row| row["provider_id"].clone()) {
            let key = format!("{window} {provider}");
            assert_eq!(
                swept.get(&key),
                Some(&expected),
                "{key} {more:?} (denominator, numerator, rate, verdict)"
            );
            different.insert(expected);
        }
    }
    assert!(different.len() > 20, "the data are too plain to tell anything: {}", different.len());
}

#[test]
fn stage_2_with_decisions() {
    check(1, 2014, &["--adjudications", "a.csv"]);
}

#[test]
fn stage_2_by_groups_with_decisions() {
    check(2, 2014, &["--roster", "r.csv", "--credit", "group", "--adjudications", "a.csv"]);
}

#[test]
fn the_calendar_year_around_the_window() {
    check(3, 2017, &["--edition", "modstage2-2017", "--policy", "team-sent=count"]);
}

#[test]
fn the_policy_of_2016_in_a_leap_year() {
    check(
        4,
        2016,
        &["--edition", "modstage2-2016", "--policy", "window=uncertain", "--policy", "non-cehrt=exclude"],
    );
}

#[test]
fn accesses_up_to_an_attestation_that_is_not_known() {
    check(5, 2014, &["--edition", "stage2-core7m2", "--adjudications", "a.csv"]);
}

#[test]
fn accesses_up_to_a_known_attestation() {
    // In this practice accesses later than that would change figures if they counted.
    check(10, 2014, &["--edition", "stage2-core7m2", "--attested", "2015-01-10", "--credit", "group"]);
}

#[test]
fn a_peer_without_a_window() {
    check(7, 2014, &["--edition", "like-open-dental"]);
}

#[test]
fn what_cannot_be_swept_is_refused() {
    let folder = practice(&mut Dice::new(8), 2014);
    let words = ["sweep", "--encounters", "e.csv", "--messages", "m.csv", "--accesses", "x.csv"];
    for more in [
        vec!["--period", "2014-06-01..2015-05-31"],
        vec!["--period", "2014", "--edition", "stage2-core17,modstage2-2016"],
        vec!["--period", "2014", "--days", "0"],
        vec!["--period", "2014", "--windows", "weeks"],
        vec!["--period", "2014-02", "--windows", "days,quarters"],
        vec!["--period", "2014", "--format", "sarif"],
    ] {
        assert_eq!(folder.run(&[&words[..], &more[..]].concat()).status.code(), Some(2), "{more:?}");
    }
}
