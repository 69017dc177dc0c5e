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

/// Rows of a table, for the columns that are compared.
type Figures = BTreeMap<String, Vec<String>>;

const COMPARED: [&str; 6] =
    ["denominator_least", "denominator_most", "numerator_least", "numerator_most", "rate_percent", "verdict"];

/// A source of choices, the same in every run.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed * 0x9E37_79B9_7F4A_7C15)
    }

    /// A number below another (xorshift).
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    /// Mostly the first, sometimes any of them.
    fn word<'w>(&mut self, words: &[&'w str]) -> &'w str {
        if self.below(3) > 0 { words[0] } else { words[self.below(words.len())] }
    }

    /// A day of the year, or a day nearby, or nothing that is known.
    fn day(&mut self, year: i32) -> String {
        let begin = chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        match self.below(20) {
            0 => String::new(),
            1 => (begin - chrono::Days::new(3)).to_string(),
            2 => (begin + chrono::Days::new(380)).to_string(),
            _ => (begin + chrono::Days::new(self.below(365) as u64)).to_string(),
        }
    }
}

/// A practice of few patients, who are seen and write all through a year.
fn practice(dice: &mut Dice, year: i32) -> Folder {
    let folder = Folder::new();
    let mut encounters = String::from("patient_id,provider_id,started_at,kind,status,location_id\n");
    let mut messages =
        String::from("message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n");
    let mut accesses = String::from("access_id,patient_id,provider_id,accessed_at,action,actor\n");
    let providers = ["A", "B", "C", ""];
    for _ in 0..60 {
        let (patient, provider) = (dice.below(14), providers[dice.below(3)]);
        let (day, kind) = (dice.day(year), dice.word(&["office-visit", "other", "telephone", ""]));
        let (status, place) =
            (dice.word(&["completed", "in-progress", "cancelled"]), dice.word(&["X", "Y", ""]));
        encounters.push_str(&format!("P{patient},{provider},{day},{kind},{status},{place}\n"));
    }
    let parties = ["patient", "provider", "care-team", "representative", "", "system"];
    for row in 0..70 {
        let (patient, provider) = (dice.below(15), providers[dice.below(4)]);
        let (day, sender) = (dice.day(year), parties[dice.below(6)]);
        let recipient = if sender == "provider" {
            dice.word(&["patient", "provider"])
        } else {
            dice.word(&["provider", "care-team", ""])
        };
        let channel = dice.word(&["ehr-portal", "secure-email", "spring portal", "email", ""]);
        let topic = dice.word(&["clinical-question", "billing", "other", "appointment-request", ""]);
        messages.push_str(&format!(
            "M{row},P{patient},{provider},{day},{sender},{recipient},{channel},{topic}\n"
        ));
        let (action, actor) =
            (dice.word(&["view", "api", "other", "sign-in", ""]), dice.word(&["patient", "staff", ""]));
        let day = dice.day(year);
        accesses.push_str(&format!("X{row},P{patient},{provider},{day},{action},{actor}\n"));
    }
    let mut decisions = String::from("message_id,patient_id,provider_id,decision\n");
    for _ in 0..12 {
        let decision = ["counts", "out", "seen", "not-seen"][dice.below(4)];
        let provider = providers[dice.below(4)];
        match dice.below(3) {
            0 => decisions.push_str(&format!("M{},,{provider},{decision}\n", dice.below(70))),
            1 => decisions.push_str(&format!("X{},,{provider},{decision}\n", dice.below(70))),
            _ => decisions.push_str(&format!(",P{},{provider},{decision}\n", dice.below(14))),
        }
    }
    let config = format!(
        "[locations.Y]\ncertified = false\n[channels.\"spring portal\"]\ncertified = true\nfrom = \"{year}-02-10\"\nuntil = \"{year}-06-30\"\n"
    );
    folder.write("e.csv", encounters).write("m.csv", messages).write("x.csv", accesses);
    folder.write("a.csv", decisions).write("mucalc.toml", config);
    folder.write("r.csv", "provider_id,group_id\nA,north\nB,north\nC,south\n");
    folder
}

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
    check(6, 2014, &["--edition", "stage2-core7m2", "--attested", "2015-01-10", "--credit", "group"]);
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
