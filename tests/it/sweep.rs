//! A sweep shows the same results for every candidate period as a report on that period.

use std::collections::BTreeMap;

use crate::support::program::{Folder, signed};
use crate::support::year::{Dice, practice};

/// Rows of a table, reduced to the columns that are compared.
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
    words.extend(["--exported", "2000-01-01..2030-12-31"]);
    words.extend(more);
    let output = folder.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Compares every candidate period of a year with its own report.
fn check(seed: u64, year: i32, more: &[&str]) {
    let different = check_practice(&practice(&mut Dice::new(seed), year, None), year, more);
    assert!(different > 20, "the data are too plain to tell anything: {different}");
}

/// Compares the sweep of a practice with reports. Returns the number of different results.
fn check_practice(folder: &Folder, year: i32, more: &[&str]) -> usize {
    // Compares every period, also one that no program allows or that the exports do not cover.
    let sweep = [more, &["--all-windows"]].concat();
    let output = run(folder, "sweep", &year.to_string(), &sweep);
    let swept = figures(&output, |row| format!("{}..{} {}", row["first"], row["last"], row["provider_id"]));
    let windows: std::collections::BTreeSet<&str> =
        swept.keys().map(|key| key.split_once(' ').unwrap().0).collect();
    assert!(windows.len() > 276, "{}", windows.len());
    let mut different = std::collections::BTreeSet::new();
    for window in windows {
        let report = run(folder, "report", window, more);
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
    different.len()
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
        &["--edition", "modstage2-2016", "--policy", "window=uncertain", "--policy", "non-cehrt=count"],
    );
}

#[test]
fn accesses_up_to_an_attestation_that_is_not_known() {
    check(5, 2014, &["--edition", "stage2-core7m2", "--adjudications", "a.csv"]);
}

#[test]
fn accesses_up_to_a_known_attestation() {
    // In this practice, accesses after the attestation date would change the counts if they qualified.
    check(10, 2014, &["--edition", "stage2-core7m2", "--attested", "2015-01-10", "--credit", "group"]);
}

/// Removes the patient from every fifth row, and the provider from every second one of these.
fn damaged(seed: u64, year: i32) -> Folder {
    let folder = practice(&mut Dice::new(seed), year, None);
    for name in ["e.csv", "m.csv", "x.csv"] {
        let text = folder.read(name);
        let rows = text.lines().enumerate().map(|(at, row)| {
            let mut cells: Vec<&str> = row.split(',').collect();
            if at % 5 == 4 {
                cells[1] = "";
                cells[2] = if at % 2 == 0 { "" } else { cells[2] };
            }
            cells.join(",") + "\n"
        });
        folder.write(name, rows.collect::<String>());
    }
    folder
}

/// The rows that may be of any patient, or of any provider, widen the ranges of each candidate period by what may be in it.
#[test]
fn unusable_rows() {
    let by_groups = ["--roster", "r.csv", "--credit", "group"];
    let different = [
        check_practice(&damaged(11, 2014), 2014, &[]),
        check_practice(&damaged(12, 2014), 2014, &by_groups),
        check_practice(
            &damaged(13, 2014),
            2014,
            &[&["--edition", "stage2-core7m2"][..], &by_groups].concat(),
        ),
    ];
    assert!(different.iter().all(|different| *different > 20), "{different:?}");
}

/// Versions of a record may be in different candidate periods. Versions of a message may also be outside the period of its patient's
/// visits.
#[test]
fn several_versions_of_records() {
    for (seed, every, year, more) in [
        (11, 4, 2014, &["--adjudications", "a.csv"][..]),
        (12, 2, 2014, &["--roster", "r.csv", "--credit", "group", "--adjudications", "a.csv"]),
        (13, 3, 2017, &["--edition", "modstage2-2017", "--policy", "team-sent=count", "--credit", "group"]),
        (14, 2, 2014, &["--edition", "stage2-core7m2", "--attested", "2015-01-10"]),
    ] {
        let different = check_practice(&practice(&mut Dice::new(seed), year, Some(every)), year, more);
        assert!(different > 10, "the data are too plain to tell anything: {different}");
    }
}

#[test]
fn a_peer_without_a_window() {
    check(7, 2014, &["--edition", "like-open-dental"]);
}

/// Compares every quarter of a year, and the year, with reports of their own. Each patient is one case: what a review decision settles and
/// what it leaves unresolved, rows without a day, and providers of two groups who saw the patient in different quarters.
#[test]
fn decisions_undated_rows_and_groups_hold_in_every_window() {
    let folder = Folder::new();
    let encounters = [
        ("open-seen", "A", "2014-02-10", "in-progress"),
        ("open-not-seen", "A", "2014-05-10", "in-progress"),
        ("seen-not-seen", "A", "2014-05-10", "completed"),
        ("pool", "A", "2014-02-10", "completed"),
        ("pool-out", "A", "2014-02-10", "completed"),
        ("sure", "A", "2014-05-10", "completed"),
        ("undated", "A", "2014-05-10", "completed"),
        ("undated", "B", "2014-08-10", "completed"),
        ("undated-bill", "A", "2014-05-10", "completed"),
        ("undated-decided", "A", "2014-08-10", "completed"),
        ("undated-visit", "A", "", "completed"),
        ("nobody", "A", "2014-02-10", "completed"),
        ("nobody", "B", "2014-02-11", "completed"),
        ("one-by-one", "A", "2014-02-10", "completed"),
        ("one-by-one", "C", "2014-08-10", "completed"),
        ("both", "A", "2014-11-10", "completed"),
        ("both", "C", "2014-11-11", "completed"),
    ];
    let messages = [
        ("pool", "pool", "A", "2014-02-12", "care-team", "referral"),
        ("pool-out", "pool-out", "A", "2014-02-12", "care-team", "referral"),
        ("sure", "sure", "A", "2014-05-12", "provider", "referral"),
        ("undated", "undated", "A", "", "provider", "referral"),
        ("bill", "undated-bill", "A", "", "provider", "billing"),
        ("undated-decided", "undated-decided", "A", "", "provider", "referral"),
        ("visit", "undated-visit", "A", "2014-08-12", "provider", "referral"),
        ("nobody", "nobody", "", "2014-02-12", "provider", "referral"),
        ("one", "one-by-one", "", "2014-02-12", "provider", "referral"),
        ("by-one", "one-by-one", "", "2014-08-12", "provider", "referral"),
        ("both", "both", "", "2014-11-12", "provider", "referral"),
    ];
    let mut text = "encounter_id,patient_id,provider_id,started_at,status,kind,seen_by\n".to_owned();
    for (at, (patient, provider, day, status)) in encounters.iter().enumerate() {
        text += &format!("{at},{patient},{provider},{day},{status},office-visit,eligible-professional\n");
    }
    folder.write("e.csv", text);
    let mut text =
        "message_id,patient_id,provider_id,sent_at,status,sender,recipient,channel,topic\n".to_owned();
    for (id, patient, provider, day, recipient, topic) in messages {
        text += &format!("{id},{patient},{provider},{day},sent,patient,{recipient},ehr-portal,{topic}\n");
    }
    folder.write("m.csv", text).write("x.csv", "accessed_at,patient_id\n");
    folder.write("r.csv", "provider_id,group_id\nA,north\nB,north\nC,south\n");
    folder.write(
        "a.csv",
        signed(
            "message_id,patient_id,provider_id,decision\n\
         ,open-seen,,seen\n,open-not-seen,,not-seen\n,seen-not-seen,,not-seen\n\
         pool,,,counts\npool-out,,A,out\nsure,,,out\nundated-decided,,,counts\nnobody,,B,counts\nboth,,C,counts\n",
        ),
    );
    let decisions = ["--adjudications", "a.csv"];
    let groups = ["--roster", "r.csv", "--credit", "group"];
    let year = ["--edition", "modstage2-2016", "--any-year"];
    for more in [
        &[][..],
        &decisions,
        &groups,
        &[&groups[..], &decisions].concat(),
        &year,
        &[&year[..], &groups, &decisions, &["--policy", "window=uncertain"]].concat(),
    ] {
        let windows = [more, &["--windows", "quarters,whole", "--all-windows"]].concat();
        let output = run(&folder, "sweep", "2014", &windows);
        let swept =
            figures(&output, |row| format!("{}..{} {}", row["first"], row["last"], row["provider_id"]));
        assert_eq!(swept.len(), 15, "five windows of three providers");
        for (key, told) in &swept {
            let (window, provider) = key.split_once(' ').unwrap();
            let report = run(&folder, "report", window, more);
            let expected = figures(&report, |row| row["provider_id"].clone());
            assert_eq!(Some(told), expected.get(provider), "{key} {more:?}");
        }
    }
}

#[test]
fn what_cannot_be_swept_is_refused() {
    let folder = practice(&mut Dice::new(8), 2014, None);
    let words = ["sweep", "--encounters", "e.csv", "--messages", "m.csv", "--accesses", "x.csv"];
    for more in [
        vec!["--period", "2014-06-01..2015-05-31"],
        vec!["--period", "2014", "--edition", "stage2-core17,modstage2-2016", "--any-year"],
        vec!["--period", "2014", "--days", "0"],
        vec!["--period", "2014", "--windows", "weeks"],
        vec!["--period", "2014-02", "--windows", "days,quarters"],
        vec!["--period", "2014", "--format", "sarif"],
    ] {
        assert_eq!(folder.run(&[&words[..], &more[..]].concat()).status.code(), Some(2), "{more:?}");
    }
}
