//! Tests of what an auditor asks for first: the practice, who prepared the report and when, and an attestation sheet for each professional.
//! If the measure is attested with yes or no, they also cover the first and last messages of the period.

use std::io::Read;

use crate::support::program::Folder;
use serde_json::Value;

const PRACTICE: &str = "[practice]\nname = \"Example Family Medicine\"\ntin = \"12-3456789\"\ncehrt-id = \"0014EXAMPLE\"\n\
                        prepared-by = \"Ann Example\"\nprepared-on = \"2016-02-20\"\n";

/// Creates a folder with two professionals. In 2015, patients of A wrote on March 3 and 30, and A answered on March 5; B has only a reply.
fn practice(year: i32, config: &str) -> Folder {
    let folder = Folder::new();
    folder.write(
        "e.csv",
        format!(
            "encounter_id,patient_id,provider_id,started_at,kind,status,seen_by\n\
             1,P1,A,{year}-03-01,office-visit,completed,eligible-professional\n\
             2,P2,A,{year}-03-02,office-visit,completed,eligible-professional\n\
             3,P3,B,{year}-03-03,office-visit,completed,eligible-professional\n"
        ),
    );
    folder.write(
        "m.csv",
        format!(
            "message_id,patient_id,provider_id,sent_at,status,sender,recipient,channel,topic\n\
             M0,P1,A,{}-12-30,sent,patient,provider,ehr-portal,clinical-question\n\
             M1,P1,A,{year}-03-30,sent,patient,provider,ehr-portal,clinical-question\n\
             M2,P2,A,{year}-03-03,sent,representative,provider,ehr-portal,clinical-question\n\
             M3,P2,A,{year}-03-05,sent,provider,patient,ehr-portal,clinical-question\n\
             M4,P3,B,{year}-03-09,sent,provider,patient,ehr-portal,clinical-question\n\
             M5,P1,A,{year}-03-01,draft,patient,provider,ehr-portal,clinical-question\n\
             M6,P1,A,{year}-03-01,sent,patient,provider,email,clinical-question\n",
            year - 1
        ),
    );
    folder.write("r.csv", "provider_id,name,npi\nA,Ann A.,1234567893\nB,Bob B.,1000000012\n");
    folder.write("mucalc.toml", config);
    folder
}

fn words(year: i32) -> Vec<String> {
    let period = format!("{year}-01-01..{year}-03-31");
    ["--period", &period, "--encounters", "e.csv", "--messages", "m.csv", "--roster", "r.csv"]
        .map(str::to_owned)
        .into()
}

fn run(folder: &Folder, year: i32, more: &[&str]) -> String {
    let words = words(year);
    let all: Vec<&str> = more.iter().copied().chain(words.iter().map(String::as_str)).collect();
    let output = folder.run(&all);
    assert_eq!(output.status.code(), Some(0), "{all:?} {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(folder: &Folder, year: i32, more: &[&str]) -> Value {
    serde_json::from_str(&run(folder, year, &[&["report", "--format", "json"], more].concat())).unwrap()
}

/// Returns a file of a pack as text.
fn part(folder: &Folder, pack: &str, name: &str) -> String {
    let file = std::fs::File::open(folder.path().join(pack)).unwrap();
    let mut text = String::new();
    zip::ZipArchive::new(file).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_practice_and_who_prepared_it_are_in_every_report() {
    let folder = practice(2014, PRACTICE);
    let report = json(&folder, 2014, &[]);
    assert_eq!(
        report["practice"],
        serde_json::json!({
            "name": "Example Family Medicine",
            "tin": "12-3456789",
            "cehrt_id": "0014EXAMPLE",
            "prepared_by": "Ann Example",
            "prepared_on": "2016-02-20",
        })
    );
    // The page has the practice as its heading, and the other facts with labels.
    let page = run(&folder, 2014, &["report", "--format", "html"]);
    for fact in [
        "<h1>Example Family Medicine</h1>",
        "<dt>TIN</dt><dd>12-3456789</dd>",
        "<dt>CMS EHR Certification ID</dt><dd>0014EXAMPLE</dd>",
        "<dt>Prepared</dt><dd>by Ann Example on February 20, 2016</dd>",
    ] {
        assert!(page.contains(fact), "{fact} {page}");
    }
    for format in ["table", "md"] {
        let text = run(&folder, 2014, &["report", "--format", format]).replace('\\', "");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for line in [
            "Practice: Example Family Medicine, TIN 12-3456789, CMS EHR Certification ID 0014EXAMPLE",
            "Prepared by Ann Example on February 20, 2016",
        ] {
            assert!(text.contains(line), "{format} {line} {text}");
        }
    }
    let without = json(&practice(2014, ""), 2014, &[]);
    assert!(without["practice"].is_null());
    // An invalid date is refused.
    let folder = practice(2014, "[practice]\nprepared-on = \"soon\"\n");
    let words = words(2014);
    let all: Vec<&str> = std::iter::once("report").chain(words.iter().map(String::as_str)).collect();
    let output = folder.run(&all);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("mucalc.toml:2:15: invalid value `soon`: not a day")
    );
}

#[test]
fn a_pack_has_a_signature_line_and_an_attestation_sheet_for_each_professional() {
    let folder = practice(2014, PRACTICE);
    run(&folder, 2014, &["pack", "-o", "p.zip"]);
    let cover = part(&folder, "p.zip", "cover.html");
    let (top, sheets) = cover.split_once("Attestation sheet: ").unwrap();
    for told in
        ["Example Family Medicine", "12-3456789", "0014EXAMPLE", "by Ann Example on February 20, 2016"]
    {
        assert!(top.contains(told), "{told}");
    }
    assert_eq!(top.matches("<div>Signature</div>").count(), 2, "one line for each professional");
    let sheets: Vec<&str> = sheets.split("Attestation sheet: ").collect();
    assert_eq!(sheets.len(), 2);
    for (sheet, name, npi, numerator, denominator) in
        [(sheets[0], "Ann A.", "1234567893", "2", "2"), (sheets[1], "Bob B.", "1000000012", "0", "1")]
    {
        // In the order of the attestation form.
        let labels = [
            ("Name", name),
            ("NPI", npi),
            ("TIN", "12-3456789"),
            ("CMS EHR Certification ID", "0014EXAMPLE"),
            ("First day of the period", "January 1, 2014"),
            ("Last day of the period", "March 31, 2014"),
            ("Exclusion", ""),
            ("Numerator", numerator),
            ("Denominator", denominator),
        ];
        let mut rest = sheet;
        for (label, value) in labels {
            let fact = format!("<dt>{label}</dt><dd>{value}");
            let at = rest.find(&fact).unwrap_or_else(|| panic!("{name}: {fact} {rest}"));
            rest = &rest[at + fact.len()..];
        }
        assert!(sheet.contains("Claimed: ☐\u{a0}yes ☐\u{a0}no"), "{sheet}");
    }
    // What the configuration does not state remains a blank to fill in.
    let folder = practice(2014, "");
    run(&folder, 2014, &["pack", "-o", "p.zip"]);
    assert!(part(&folder, "p.zip", "cover.html").contains("<dt>Practice</dt><dd>____"));
    // A TIN may be a Social Security number, so a redacted pack does not contain it.
    let folder = practice(2014, PRACTICE);
    run(&folder, 2014, &["pack", "-o", "p.zip", "--redacted"]);
    for name in ["cover.html", "report.html", "report.json"] {
        let text = part(&folder, "p.zip", name);
        assert!(!text.contains("12-3456789"), "{name}");
        assert!(text.contains("Example Family Medicine"), "{name}");
    }
}

#[test]
fn the_yes_or_no_measure_lists_the_first_and_last_messages() {
    let folder = practice(2015, "");
    let report = json(&folder, 2015, &[]);
    assert_eq!(report["edition"]["id"], "modstage2-2015");
    let activity = |at: usize| report["providers"][at]["activity"].clone();
    let message = |day: &str, line: u64| serde_json::json!({ "day": day, "place": { "file": "m.csv", "line": line, "column": null } });
    // The draft, the email, and the message from the year before do not count.
    assert_eq!(
        activity(0),
        serde_json::json!({
            "from_patients": { "first": message("2015-03-03", 4), "last": message("2015-03-30", 3) },
            "to_patients": { "first": message("2015-03-05", 5), "last": message("2015-03-05", 5) },
        })
    );
    assert_eq!(
        activity(1),
        serde_json::json!({
            "from_patients": null,
            "to_patients": { "first": message("2015-03-09", 6), "last": message("2015-03-09", 6) },
        })
    );
    let text = run(&folder, 2015, &["report"]).split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in [
        "Messages from patients: the first on March 3, 2015 (m.csv:4), the last on March 30, 2015 (m.csv:3).",
        "One message to patients: March 5, 2015 (m.csv:5).",
        "No message from patients in the period.",
    ] {
        assert!(text.contains(sentence), "{sentence} {text}");
    }
    // The sheet asks for yes or no, and a redacted pack has no dates.
    run(&folder, 2015, &["pack", "-o", "p.zip"]);
    let cover = part(&folder, "p.zip", "cover.html");
    assert!(
        cover.contains("<dt>Measure met</dt><dd>☐\u{a0}yes ☐\u{a0}no") && cover.contains("March 30, 2015"),
        "{cover}"
    );
    run(&folder, 2015, &["pack", "-o", "redacted.zip", "--redacted"]);
    assert!(!part(&folder, "redacted.zip", "cover.html").contains("March 30, 2015"));
    assert!(json(&practice(2014, ""), 2014, &[])["providers"][0]["activity"].is_null());
}
