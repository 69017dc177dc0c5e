//! The pages of all commands except `report`: they load nothing, run no script, show every text as text, and have what the JSON has.

use serde_json::Value;

use crate::support::program::{Folder, run};

fn fixture(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// Returns a document of a fixture as a page and as JSON.
fn text_and_json(name: &str, words: &[&str]) -> (String, Value) {
    let text = |format: &str| {
        let output = run(&fixture(name), &[words, &["--format", format]].concat());
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    (text("html"), serde_json::from_str(&text("json")).unwrap())
}

/// Checks that a page is one file without script, and that its ids are unique.
fn check(page: &str) {
    assert!(page.contains("script-src 'none'") && !page.contains("<script"), "{page}");
    for outside in ["http:", "https:", "@import", "src=", "<link", "<img", "<iframe"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let known: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len(), "an id is not unique: {ids:?}");
}

fn texts<'v>(of: &'v Value, key: &str) -> Vec<&'v str> {
    of.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap()).collect()
}

#[test]
fn progress_has_a_chart_and_the_forecast_of_each_provider() {
    let (page, told) = text_and_json("mid-quarter", &["progress"]);
    check(&page);
    for provider in told["providers"].as_array().unwrap() {
        let name = provider["name"].as_str().unwrap();
        assert!(page.contains(&format!("Rate of {name} by week")), "{name}");
        let estimate = &provider["outlook"]["forecast"]["cautious"];
        let [rate, low, high] = ["rate_percent", "rate_percent_low", "rate_percent_high"]
            .map(|key| estimate[key].as_str().unwrap());
        assert!(page.contains(&format!("about {rate}%, 80% range {low}–{high}%")), "{name}");
    }
}

/// The status below the heading is whole sentences, with the as-of date in each.
#[test]
fn the_status_is_in_sentences() {
    for (command, expected) in [
        (
            "progress",
            "As of September 10, 2014; 20 days of 92 left. 57 rows of later days are not used. \
             The last row is of August 22, 2014. Check whether the export is older than the as-of date.",
        ),
        ("outreach", "As of September 10, 2014; as many patients as are still needed, and 50% more."),
    ] {
        let (page, _) = text_and_json("mid-quarter", &[command, "--as-of", "2014-09-10"]);
        let lead = page.split("<p class=\"lead\">").nth(1).unwrap().split('<').next().unwrap();
        assert_eq!(lead, expected);
    }
}

/// Each listed patient is a line with a box, in the order of the list.
#[test]
fn the_outreach_page_is_a_work_list() {
    let (page, told) = text_and_json("mid-quarter", &["outreach"]);
    check(&page);
    let ids =
        told["providers"].as_array().unwrap().iter().flat_map(|of| texts(&of["patients"], "patient_id"));
    let ids: Vec<&str> = ids.collect();
    let cell = "data-l=\"Patient\"><span>";
    let shown: Vec<&str> =
        page.split(cell).skip(1).map(|rest| rest.split("</span>").next().unwrap()).collect();
    assert_eq!(shown, ids);
    assert!(ids.len() > 10);
    assert_eq!(page.matches("class=\"check\"").count(), ids.len());
    assert_eq!(page.matches("<section class=\"sheet\"").count(), told["providers"].as_array().unwrap().len());
}

#[test]
fn the_sweep_page_has_every_period_as_a_strip() {
    let (page, told) = text_and_json("practice", &["sweep", "--period", "2014"]);
    check(&page);
    let met = |family: &str| {
        let windows = told["windows"].as_array().unwrap();
        let at = (0..windows.len()).filter(|at| windows[*at]["family"] == family);
        let all: Vec<usize> = at.collect();
        let count = |provider: &Value| {
            let met = all.iter().filter(|at| provider["figures"][**at]["verdict"] == "met").count();
            format!("{met} of {}", all.len())
        };
        told["providers"].as_array().unwrap().iter().map(count).collect::<Vec<String>>()
    };
    let cell = "data-l=\"Periods met\">";
    let shown: Vec<&str> = page.split(cell).skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    // The table below the strips has a column of this name too, whose values are wrapped.
    let shown: Vec<&str> = shown.into_iter().filter(|text| !text.is_empty()).collect();
    assert_eq!(shown, [met("days"), met("quarters")].concat());
}

/// The chart of each provider has the applied settings, and the alternatives with other counts or another result.
#[test]
fn the_what_if_page_shows_each_setting_that_matters() {
    let (page, told) = text_and_json("practice", &["what-if"]);
    check(&page);
    let alternatives = told["alternatives"].as_array().unwrap();
    let mut charts = 0;
    for (at, base) in told["base"]["providers"].as_array().unwrap().iter().enumerate() {
        let Some((_, chart)) = page.split_once(&format!("aria-labelledby=\"p{at}-t p{at}-d\"")) else {
            continue;
        };
        let chart = chart.split("</svg>").next().unwrap();
        let is_other = |one: &&Value| {
            let other = &one["measure"]["providers"][at];
            ["numerator", "denominator", "verdict"].iter().any(|key| other[key] != base[key])
        };
        let names = alternatives.iter().filter(is_other).map(|one| one["name"].as_str().unwrap());
        let expected: Vec<&str> = std::iter::once("as applied").chain(names).collect();
        let shown =
            chart.split("<text x=\"0\" y=\"11\">").skip(1).map(|rest| rest.split('<').next().unwrap());
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{}", base["provider_id"]);
        charts += 1;
    }
    assert_eq!(charts, 3);
}

/// The timeline has a dot for each row with a day, filled by its outcome.
#[test]
fn the_page_of_an_explanation_has_a_timeline() {
    let (page, told) = text_and_json("practice", &["explain", "--patient", "P303", "--patient", "P103"]);
    check(&page);
    let patients = told["patients"].as_array().unwrap();
    let timelines: Vec<&str> = page.split("class=\"timeline\"").skip(1).collect();
    assert_eq!((patients.len(), timelines.len()), (2, 2));
    for (patient, timeline) in patients.iter().zip(timelines) {
        let timeline = timeline.split("</svg>").next().unwrap();
        let rows = ["encounters", "messages"].into_iter().flat_map(|kind| patient[kind].as_array().unwrap());
        let mut expected: Vec<&str> = rows
            .map(|row| match row["answer"].as_str().unwrap() {
                "in" | "counts" => "in",
                "out" => "out",
                _ => "uncertain",
            })
            .collect();
        let mut shown: Vec<&str> =
            timeline.split("<circle class=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        expected.sort_unstable();
        shown.sort_unstable();
        assert_eq!(shown, expected, "{}", patient["patient_id"]);
    }
}

#[test]
fn the_page_of_a_comparison_has_a_slope_for_each_change() {
    let folder = Folder::new();
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    for (name, more) in [("a", &[][..]), ("b", &["--adjudications", "adjudications.csv"])] {
        let (report, ledger) = (file(&format!("{name}.json")), file(&format!("{name}.csv")));
        let words = ["report", "--format", "json", "-o", report.as_str(), "--ledger", ledger.as_str()];
        assert!(run(&fixture("practice"), &[&words[..], more].concat()).status.success());
    }
    let [a, b, ledger_a, ledger_b] = ["a.json", "b.json", "a.csv", "b.csv"].map(file);
    let words = ["diff", &a, &b, "--ledger-a", &ledger_a, "--ledger-b", &ledger_b];
    let (page, told) = text_and_json("practice", &words);
    check(&page);
    let providers = texts(&told["providers"], "provider_id");
    assert_eq!(providers, ["DR-3"]);
    assert!(page.contains("Rate of DR-3 in both runs"));
    assert!(page.contains("A: 0.00–40.00%. B: 18.18–27.27%."));
    for patient in texts(&told["patients"], "patient_id") {
        assert!(page.contains(&format!("data-l=\"Patient\"><span>{patient}</span>")), "{patient}");
    }
}

/// Every page shows text from an export as text, and a browser never parses it as markup.
#[test]
fn hostile_texts_are_only_texts() {
    let folder = Folder::new();
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let quoted = format!("\"{}\"", hostile.replace('"', "\"\""));
    folder
        .write(
            "e.csv",
            format!("patient_id,provider_id,started_at,kind\n{quoted},{quoted},2014-07-01,nonsense\n"),
        )
        .write("m.csv", format!("patient_id,provider_id,sent_at\n{quoted},{quoted},2014-07-02\n"))
        .write("r.csv", format!("provider_id,name,npi\n{quoted},{quoted},1000000020\n"))
        .write(
            "mucalc.toml",
            "encounters = \"e.csv\"\nmessages = \"m.csv\"\nroster = \"r.csv\"\nperiod = \"2014Q3\"\n",
        );
    for words in [
        &["progress"][..],
        &["outreach", "--list", "all"],
        &["sweep", "--period", "2014"],
        &["what-if"],
        &["explain", "--patient", hostile],
        &["report", "--format", "handouts"],
    ] {
        let format: &[&str] = if words[0] == "report" { &[] } else { &["--format", "html"] };
        let output = folder.run(&[words, format].concat());
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        let page = String::from_utf8(output.stdout).unwrap();
        assert!(!page.contains("<script") && !page.contains("<img"), "{words:?}");
        assert!(page.contains("&#60;script&#62;"), "{words:?}");
    }
}

/// `--open` writes the page and hands its path to the browser. It refuses a format that is not a page, and standard output.
#[test]
#[cfg(target_os = "linux")]
fn open_writes_a_page_and_opens_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    for name in ["encounters.csv", "messages.csv", "roster.csv", "mucalc.toml"] {
        std::fs::copy(fixture("mid-quarter").join(name), folder.path().join(name)).unwrap();
    }
    folder.write("bin/xdg-open", "#!/bin/sh\necho \"$1\" > opened\n");
    let browser = folder.path().join("bin/xdg-open");
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", browser.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let open = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mucalc"));
        command.args(words).current_dir(folder.path()).env("PATH", &path).output().unwrap()
    };
    let output = open(&["outreach", "--open"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("opened mucalc-outreach.html in the browser"), "{told}");
    let page = folder.path().join("mucalc-outreach.html");
    assert!(std::fs::read_to_string(&page).unwrap().contains("<h1>Outreach list</h1>"));
    // The browser starts on its own.
    let opened = || std::fs::read_to_string(folder.path().join("opened")).unwrap_or_default();
    for _ in 0..100 {
        if !opened().is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(opened().trim(), std::path::absolute(&page).unwrap().to_string_lossy());
    for (words, why) in [
        (&["report", "--open", "--format", "csv"][..], "--open needs a page"),
        (&["sweep", "--open", "-o", "-"], "--open needs a file"),
    ] {
        let output = open(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(why), "{words:?}");
    }
}
