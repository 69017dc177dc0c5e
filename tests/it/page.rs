//! The HTML report is one file that loads nothing, runs only its own script, and shows every text as text.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::support::program::Folder;

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let four = |three: &[u8]| {
        let bits =
            three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        let sign = |at: usize| {
            if at <= three.len() { SIGNS[(bits >> (18 - 6 * at) & 63) as usize] as char } else { '=' }
        };
        (0..4).map(sign).collect::<String>()
    };
    bytes.chunks(3).map(four).collect()
}

fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{begin} is not there"));
    rest.split_once(end).unwrap().0
}

/// Returns the page of the fixture practice, with review decisions, counties, and checksums.
fn practice() -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("fixtures/practice");
    let words = [
        "report",
        "--format",
        "html",
        "--adjudications",
        "adjudications.csv",
        "--counties",
        "counties.csv",
        "--digest",
    ];
    let output = crate::support::program::run(&folder, &words);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The page's content security policy allows only its own script, by checksum.
#[test]
fn nothing_runs_but_the_pages_own_script() {
    let page = practice();
    let script = between(&page, "<script>", "</script>");
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let digest = base64(&Sha256::digest(script));
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(policy.contains(&format!("script-src 'sha256-{digest}'")), "the script is {digest}: {policy}");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains(" onclick") && !page.contains("javascript:"));
}

/// The page neither loads nor links to anything outside it.
#[test]
fn the_page_asks_for_nothing() {
    let page = practice();
    for outside in ["http:", "https:", "//cdn", "@import", "url(http", "src=", "<link", "<img", "<iframe"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let hrefs = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    assert!(hrefs.clone().all(|href| href.starts_with('#')), "{:?}", hrefs.collect::<Vec<_>>());
    let ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len(), "an id is there twice");
    for href in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(known.contains(href), "#{href} leads nowhere");
    }
}

/// The page contains what the other formats contain: results, rules with sources, rows, and review decisions.
#[test]
fn the_page_has_the_whole_report() {
    let page = practice();
    for said in [
        "Stage 2 core measure 17",
        "July 1–September 30, 2014 (92 days)",
        "2 of 4 eligible professionals meet the measure.",
        "Check that the exports contain this provider. If so, claim the exclusion no-office-visits.",
        "Internal medicine 2",
        "NPI 1000000020",
        "5.00%",
        "not met",
        "more than 5%",
        "Of 63 rows read, 50 qualify",
        "The review decisions come after these rules",
        "It asked about a rash",
        "no-office-visits",
        "not-to-provider",
        "Any EP who has no office visits",
        "encounters.csv",
        "8ce2af7e109d2fa553ddb37d6a14207a8eda6f3af77582b8d63906720f308958",
    ] {
        assert!(page.contains(said), "{said} is not on the page");
    }
}

/// `--waterfall providers` adds the rows of each provider to the page.
#[test]
fn the_page_has_the_rows_of_each_provider() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = crate::support::program::run(
        &root.join("fixtures/practice"),
        &["report", "--format", "html", "--waterfall", "providers"],
    );
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("Messages of each provider by deciding rule"));
    assert!(page.contains("(no provider)"));
    assert!(!practice().contains("of each provider by deciding rule"));
}

/// The page shows text from an export or a roster unchanged, and a browser never parses it as markup.
#[test]
fn hostile_texts_are_only_texts() {
    let folder = Folder::new();
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let quoted = format!("\"{}\"", hostile.replace('"', "\"\""));
    folder
        .write("e.csv", format!("patient_id,provider_id,started_at,kind\nP,{quoted},2014-07-01,nonsense\n"));
    folder.write("m.csv", format!("patient_id,provider_id,sent_at\nP,{quoted},2014-07-02\n"));
    folder.write("r.csv", format!("provider_id,name,npi\n{quoted},{quoted},1000000020\n"));
    folder.write(
        "mucalc.toml",
        format!("encounters = \"e.csv\"\nmessages = \"m.csv\"\nroster = \"r.csv\"\nperiod = \"2014Q3\"\n[channels.\"{}\"]\ncertified = true\nproduct = '''{hostile}'''\n", hostile.replace('"', "\\\"")),
    );
    for words in [
        &["report", "--format", "html"][..],
        &["report", "--format", "html", "--edition", "stage2-core17,like-openemr"],
    ] {
        let output = folder.run(words);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let page = String::from_utf8(output.stdout).unwrap();
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!page.contains("<img"));
        assert!(page.contains("&#60;script&#62;"), "it is not shown either");
    }
}

/// The page marks the default setting of each policy, and no other setting.
#[test]
fn the_usual_choice_of_a_policy_is_marked() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/practice");
    let output = crate::support::program::run(&folder, &["report", "--format", "html"]);
    let page = String::from_utf8(output.stdout).unwrap();
    for choices in ["count (default), uncertain, exclude<", "exclude (default), count<"] {
        assert!(page.contains(choices), "{choices} is not there");
    }
    let marks = page.matches(" (default)").count();
    assert_eq!(marks, mucalc_core::edition::find("stage2-core17").unwrap().policies.len());
}

/// No report format contains the time or the computer unless `--stamp` is given.
#[test]
fn when_and_where_is_said_to_those_who_ask() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("fixtures/practice");
    let year = |format: &str, words: &[&str]| {
        let output =
            crate::support::program::run(&folder, &[&["report", "--format", format], words].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        // Every date of the fixture is in 2014, so a time in another year is the time of the run.
        let stamps = text.match_indices("T").filter(|(at, _)| {
            let day = text.get(at.saturating_sub(10)..*at).unwrap_or_default();
            day.starts_with("20")
                && !day.starts_with("2014")
                && day.chars().filter(|c| *c == '-').count() == 2
        });
        stamps.count()
    };
    for format in ["table", "json", "md", "html"] {
        assert_eq!(year(format, &[]), 0, "{format}");
        assert_eq!(year(format, &["--stamp"]), 1, "{format}");
    }
}

/// The strips show the same result for every other period as `sweep`.
#[test]
fn the_strips_are_the_sweep() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = crate::support::program::run(
        &root.join("fixtures/practice"),
        &[
            "sweep",
            "--period",
            "2014",
            "--windows",
            "days",
            "--format",
            "csv",
            "--adjudications",
            "adjudications.csv",
        ],
    );
    let mut swept = 0;
    let page = practice();
    let strips: Vec<Vec<(String, &str)>> = page
        .split("class=\"strip\"")
        // The first two show the days of the exports and of the report.
        .skip(3)
        .map(|strip| runs(between(strip, "aria-label=\"", "\"")))
        .collect();
    let providers = ["DR-1", "DR-2", "DR-3", "DR-4"];
    assert_eq!(strips.len(), providers.len());
    for row in csv::Reader::from_reader(&output.stdout[..]).records() {
        let row = row.unwrap();
        let strip = &strips[providers.iter().position(|provider| *provider == &row[0]).unwrap()];
        let verdict = strip.iter().rfind(|(first, _)| first.as_str() <= &row[2]).unwrap().1;
        assert_eq!(verdict.trim_end_matches(" by the exports").replace(' ', "-"), &row[10], "{row:?}");
        swept += 1;
    }
    assert_eq!(swept, 4 * 276);
}

/// Parses the label of a strip into runs of equal results, each with its first day.
fn runs(words: &str) -> Vec<(String, &str)> {
    // `met: beginning July 1–August 4, 2014`, or a single day.
    let first = |text: &str| {
        let (from, year) = text.split_once("beginning ").unwrap().1.split_once(", ").unwrap();
        let day = format!("{} {}", from.split('–').next().unwrap(), year);
        chrono::NaiveDate::parse_from_str(&day, "%B %-d %Y").unwrap().to_string()
    };
    words.split("; ").map(|text| (first(text), text.split_once(':').unwrap().0)).collect()
}

/// Returns the progress of a fixture's practice as JSON.
fn progress(fixture: &str, more: &[&str]) -> serde_json::Value {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
    let output = crate::support::program::run(&folder, &[&["progress", "--format", "json"], more].concat());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the texts of the cells of a table's body, row by row.
fn cells(page: &str, caption: &str) -> Vec<Vec<String>> {
    let table = between(page, &format!("<caption>{caption}</caption>"), "</table>");
    let body = between(table, "<tbody>", "</tbody>");
    let text = |cell: &str| cell.split_once('>').unwrap().1.split('<').next().unwrap().to_owned();
    let row =
        |row: &str| -> Vec<String> { row.replace("<th", "<td").split("<td").skip(1).map(text).collect() };
    body.split("</tr>").filter(|row| row.contains("<td")).map(row).collect()
}

/// The weeks of each provider and of the practice are those of `mucalc progress`, and a second rule set has no strips.
#[test]
fn the_weeks_are_those_of_progress() {
    let told = progress("practice", &["--adjudications", "adjudications.csv"]);
    let page = practice();
    let weeks = |of: &serde_json::Value| of["course"]["weeks"].as_array().unwrap().clone();
    let seen: Vec<String> = weeks(&told["group"]).iter().map(|week| week["seen"].to_string()).collect();
    let shown = cells(&page, "Patients seen by week");
    assert_eq!(shown.iter().map(|row| row[1].clone()).collect::<Vec<_>>(), seen);
    let mut charts = 0;
    for provider in told["providers"].as_array().unwrap() {
        let name = provider["name"].as_str().unwrap();
        let rate = |week: &serde_json::Value| match (&week["rate_percent"], &week["rate_percent_most"]) {
            (serde_json::Value::String(least), serde_json::Value::String(most)) if least != most => {
                format!("{least}–{most}%")
            }
            (serde_json::Value::String(rate), _) => format!("{rate}%"),
            _ => "–".to_owned(),
        };
        let week =
            |week: &serde_json::Value| vec![week["seen"].to_string(), week["came"].to_string(), rate(week)];
        let expected: Vec<Vec<String>> = weeks(provider).iter().map(week).collect();
        // A provider without any rate has no chart.
        if expected.iter().all(|week| week[2] == "–") {
            assert!(!page.contains(&format!("<caption>{name}, at the end of each week</caption>")));
            continue;
        }
        let shown = cells(&page, &format!("{name}, at the end of each week"));
        assert_eq!(shown.iter().map(|row| row[1..].to_vec()).collect::<Vec<_>>(), expected, "{name}");
        charts += 1;
    }
    assert_eq!(charts, 3);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/practice");
    let two = ["report", "--format", "html", "--edition", "stage2-core17,like-openemr"];
    let page = String::from_utf8(crate::support::program::run(&folder, &two).stdout).unwrap();
    assert!(page.contains("id=\"trend\"") && !page.contains("class=\"strip\""));
}

/// At the end of the last week, the lowest and the highest rate are those of the report.
#[test]
fn the_last_week_is_the_result() {
    for fixture in ["practice", "mid-quarter"] {
        let told = progress(fixture, &[]);
        for provider in told["providers"].as_array().unwrap() {
            let last = provider["course"]["weeks"].as_array().unwrap().last().unwrap();
            for rate in ["rate_percent", "rate_percent_most"] {
                assert_eq!(last[rate], provider[rate], "{fixture} {} {rate}", provider["provider_id"]);
            }
        }
    }
}

/// The patients of the funnel are those of the ledger: each in the group that its records come closest to, over all its providers.
#[test]
fn the_funnel_is_the_ledger() {
    for (fixture, seen) in [("practice", 49), ("mid-quarter", 314)] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
        let files = Folder::new();
        let ledger = files.path().join("ledger.csv");
        let words = ["report", "--format", "html", "--ledger", ledger.to_str().unwrap()];
        let page = String::from_utf8(crate::support::program::run(&folder, &words).stdout).unwrap();
        let mut patients = std::collections::BTreeMap::<String, u64>::new();
        for row in csv::Reader::from_path(&ledger).unwrap().records() {
            let row = row.unwrap();
            let stage = match (&row[2], &row[3]) {
                ("certain", "certain") => 2,
                ("certain", "none") => 0,
                _ => 1,
            };
            let furthest = patients.entry(row[1].to_owned()).or_default();
            *furthest = stage.max(*furthest);
        }
        let count = |stage: u64| patients.values().filter(|of| **of == stage).count() as u64;
        let chart = between(&page, "aria-labelledby=\"funnel-t funnel-d\">", "</svg>");
        let step = |label: &str| -> u64 {
            let rest = chart.split_once(&format!(">{label}<tspan")).map_or("", |(_, rest)| rest);
            rest.split_once("y=\"12\">")
                .map_or(0, |(_, rest)| rest.split('<').next().unwrap().parse().unwrap())
        };
        assert_eq!(step("Unique patients seen"), seen, "{fixture}");
        assert_eq!(patients.len() as u64, seen, "{fixture}");
        assert_eq!(step("In the numerator"), count(2), "{fixture}");
        assert_eq!(step("Unresolved"), count(1), "{fixture}");
        let losses = [
            "No message from the patient",
            "Only other channels, such as ordinary email",
            "Portal messages that do not qualify",
        ];
        assert_eq!(losses.map(step).iter().sum::<u64>(), count(0), "{fixture}");
    }
}

/// The handouts have one page for each provider, with the counts of the report.
#[test]
fn each_provider_has_a_handout() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/practice");
    let output = crate::support::program::run(&folder, &["report", "--format", "handouts"]);
    let page = String::from_utf8(output.stdout).unwrap();
    let sheets: Vec<&str> = page.split("<article class=\"sheet\"").skip(1).collect();
    let expected = [
        ("Internal medicine 1", "2 of 19 unique patients"),
        ("Internal medicine 2", "1 of 20 unique patients"),
        ("Pediatrics 1", "0–4 of 10–12 unique patients"),
        ("Internal medicine 3 (on leave)", "0 of 0 unique patients"),
    ];
    assert_eq!(sheets.len(), expected.len());
    for (sheet, (name, counts)) in sheets.iter().zip(expected) {
        assert!(sheet.contains(&format!("{name}</h2>")) && sheet.contains(counts), "{name}");
        assert!(sheet.contains("Next action: <strong>"), "{name}");
    }
    assert!(!page.contains("<script"));
}

/// A pipe can be read only once, so the page omits the other periods of the year.
#[test]
#[cfg(target_os = "linux")]
fn a_page_of_a_pipe_has_no_strips() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mid-quarter");
    let words = ["report", "--format", "html", "--encounters", "/dev/stdin"];
    let mut run = Command::new(env!("CARGO_BIN_EXE_mucalc"));
    let run = run.args(words).current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut run = run.spawn().unwrap();
    run.stdin.take().unwrap().write_all(&std::fs::read(folder.join("encounters.csv")).unwrap()).unwrap();
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("id=\"trend\"") && !page.contains("class=\"strip\""));
    // Weeks without recorded data are not drawn.
    assert!(page.contains("August 19–22, 2014") && !page.contains("August 26"));
}
