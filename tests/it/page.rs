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
        "2014-07-01",
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
        .skip(1)
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

/// The weeks are those of `mucalc progress`, and a second rule set has no strips.
#[test]
fn the_weeks_are_those_of_progress() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("fixtures/practice");
    let more = ["--adjudications", "adjudications.csv"];
    let output =
        crate::support::program::run(&folder, &[&["progress", "--format", "json"][..], &more].concat());
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let page = practice();
    let tables =
        ["Patients seen by week", "Patients added to the numerator by week", "Rate at the end of each week"];
    for (title, key) in tables.iter().zip(["seen", "came", "rate_percent"]) {
        let table = between(&page, &format!("<caption>{title}</caption>"), "</table>");
        let cells: Vec<&str> =
            table.split("<td class=\"r\">").skip(1).map(|cell| cell.split('<').next().unwrap()).collect();
        let weeks = told["group"]["course"]["weeks"].as_array().unwrap().iter();
        let expected: Vec<String> = weeks
            .map(|week| match &week[key] {
                serde_json::Value::String(rate) => format!("{rate}%"),
                number => number.to_string(),
            })
            .collect();
        assert_eq!(cells, expected, "{title}");
    }
    let two = ["report", "--format", "html", "--edition", "stage2-core17,like-openemr"];
    let page = String::from_utf8(crate::support::program::run(&folder, &two).stdout).unwrap();
    assert!(page.contains("id=\"charts\"") && !page.contains("class=\"strip\""));
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
    assert!(page.contains("id=\"charts\"") && !page.contains("class=\"strip\""));
    // Weeks without recorded data are not drawn.
    assert!(page.contains("2014-08-19 to 2014-08-22") && !page.contains("2014-08-26"));
}
