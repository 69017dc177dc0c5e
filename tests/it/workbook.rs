//! Workbooks as outputs: what a spreadsheet program finds in them.

use crate::support::program::Folder;
use calamine::{Data, Reader, Xlsx, open_workbook};

/// Writes exports with ids that look like numbers, formulas, and dates.
fn practice() -> Folder {
    let folder = Folder::new();
    folder.write(
        "e.csv",
        "patient_id,provider_id,started_at,kind\n\
         007,0012,2014-07-01,office-visit\n=SUM(A1),0012,2014-07-02,office-visit\n2014-07-01,0012,2014-07-03,other\n",
    );
    folder.write(
        "m.csv",
        "patient_id,provider_id,sent_at,sender,recipient,channel,topic\n\
         007,0012,2014-07-04,patient,provider,ehr-portal,medication-refill\n\
         =SUM(A1),0012,2014-07-05,patient,provider,ehr-portal,what\n",
    );
    folder.write("roster.csv", "provider_id,name,npi\n0012,+Name,1000000012\n");
    folder
}

const INPUTS: [&str; 8] =
    ["--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv", "--roster", "roster.csv"];

fn make(folder: &Folder, command: &str, more: &[&str]) -> Vec<u8> {
    let words = [&[command, "--format", "xlsx", "-o", "book.xlsx"][..], &INPUTS, more].concat();
    let output = folder.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(folder.path().join("book.xlsx")).unwrap()
}

/// Returns the cells of a sheet as a spreadsheet program reads them.
fn sheet(folder: &Folder, name: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook(folder.path().join("book.xlsx")).unwrap();
    book.worksheet_range(name).unwrap().rows().map(<[Data]>::to_vec).collect()
}

fn sheets(folder: &Folder) -> Vec<String> {
    let book: Xlsx<_> = open_workbook(folder.path().join("book.xlsx")).unwrap();
    book.sheet_names()
}

fn text(text: &str) -> Data {
    Data::String(text.to_owned())
}

#[test]
fn a_report_has_its_sheets_and_patients_only_for_those_who_ask() {
    let folder = practice();
    let first = make(&folder, "report", &[]);
    assert_eq!(
        sheets(&folder),
        ["Summary", "Providers", "Attestation", "Attrition", "Findings", "Rules and inputs"]
    );
    assert_eq!(make(&folder, "report", &["--threads", "1"]), first, "the same data give the same bytes");
    make(&folder, "report", &["--patients", "--waterfall", "providers", "--ledger", "l.csv"]);
    assert_eq!(
        sheets(&folder),
        [
            "Summary",
            "Providers",
            "Patients",
            "Attestation",
            "Attrition",
            "Attrition by provider",
            "Findings",
            "Rules and inputs"
        ]
    );
    let patients = sheet(&folder, "Patients");
    let ledger: Vec<csv::StringRecord> =
        csv::Reader::from_reader(folder.read("l.csv").as_bytes()).records().map(Result::unwrap).collect();
    assert_eq!(patients.len(), 1 + ledger.len());
    for (row, record) in patients[1..].iter().zip(&ledger) {
        // CSV escapes a formula with an apostrophe, so that a spreadsheet does not evaluate it. A workbook stores it as text.
        assert_eq!(row[2], text(record[1].trim_start_matches('\'')));
        assert_eq!([&row[3], &row[4]], [&text(&record[2]), &text(&record[3])]);
        assert_eq!(row[5], Data::Float(record[4].parse().unwrap()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = folder.path().join("book.xlsx").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "a file with patients is for its owner alone");
    }
    let words = [&["report", "--patients", "--format", "csv"][..], &INPUTS].concat();
    assert_eq!(folder.run(&words).status.code(), Some(2), "a CSV has no sheet of patients");
}

#[test]
fn ids_are_texts_and_numbers_and_days_are_such() {
    let folder = practice();
    make(&folder, "report", &["--patients"]);
    let providers = sheet(&folder, "Providers");
    assert_eq!(
        [&providers[1][1], &providers[1][2], &providers[1][3]],
        [&text("0012"), &text("+Name"), &text("1000000012")]
    );
    assert_eq!([&providers[1][4], &providers[1][5]], [&Data::Float(2.0), &Data::Float(3.0)]);
    let patients = sheet(&folder, "Patients");
    let ids: Vec<&Data> = patients[1..].iter().map(|row| &row[2]).collect();
    assert_eq!(ids, [&text("007"), &text("2014-07-01"), &text("=SUM(A1)")]);
    let Data::DateTime(day) = &patients[1][6] else { panic!("{:?} is no day", patients[1][6]) };
    assert_eq!(day.as_f64(), 41821.0, "2014-07-01");
    let book: Vec<u8> = std::fs::read(folder.path().join("book.xlsx")).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    for at in 0..zip.len() {
        let mut part = zip.by_index(at).unwrap();
        let name = part.name().unwrap().into_owned();
        if !name.contains("worksheets/") || name.contains("_rels") {
            continue;
        }
        let mut xml = String::new();
        std::io::Read::read_to_string(&mut part, &mut xml).unwrap();
        assert!(!xml.contains("<f>"), "a formula in {name}");
        assert!(xml.contains("state=\"frozen\""), "the head of {name} is not frozen");
    }
}

#[test]
fn progress_and_outreach_are_workbooks_too() {
    let folder = practice();
    make(&folder, "progress", &[]);
    assert_eq!(sheets(&folder), ["Summary", "Providers", "Weekly trend", "Unresolved", "Charts"]);
    let weeks = sheet(&folder, "Weekly trend");
    assert_eq!(weeks[1][0], text("0012"));
    assert_eq!(
        [&weeks[1][3], &weeks[1][4], &weeks[1][5]],
        [&Data::Float(3.0), &Data::Float(3.0), &Data::Float(1.0)]
    );
    make(&folder, "outreach", &["--list", "all"]);
    assert_eq!(sheets(&folder), ["Patients to contact", "About this list"]);
    let patients = sheet(&folder, "Patients to contact");
    let told: Vec<[&Data; 3]> = patients[1..].iter().map(|row| [&row[3], &row[4], &row[5]]).collect();
    assert_eq!(
        told,
        [
            [&text("=SUM(A1)"), &text("review the record"), &text("unclear")],
            [&text("2014-07-01"), &text("ask the patient"), &text("silent")]
        ]
    );
}

/// Returns the text of a part of the workbook.
fn part(folder: &Folder, name: &str) -> String {
    let book = std::fs::read(folder.path().join("book.xlsx")).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut zip.by_name(name).unwrap(), &mut text).unwrap();
    text
}

/// The first sheet has the page's headline and next actions, closest to the threshold first. Rates are percentages: 0.05 shown as 5.00%.
#[test]
fn the_summary_says_what_the_page_says() {
    let folder = Folder::new();
    for name in ["encounters.csv", "messages.csv", "roster.csv"] {
        let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/practice").join(name);
        std::fs::copy(fixture, folder.path().join(name)).unwrap();
    }
    let words = "report --format xlsx -o book.xlsx --no-config --period 2014Q3 --timezone America/Chicago \
        --encounters encounters.csv --messages messages.csv --roster roster.csv";
    let output = folder.run(&words.split_whitespace().collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let summary = sheet(&folder, "Summary");
    assert_eq!(summary[0][0], text("Stage 2 core measure 17: use secure electronic messaging"));
    let headline = text("1 of 4 eligible professionals meets the measure.");
    let at = summary.iter().position(|row| row[0] == headline).unwrap();
    let table: Vec<Vec<String>> =
        summary[at + 1..at + 6].iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let expected = [
        [
            "Eligible professional",
            "Numerator",
            "Denominator",
            "Lowest rate",
            "Highest rate",
            "Result",
            "Next action",
        ],
        ["Internal medicine 2 (DR-2)", "1", "20", "0.05", "0.05", "not met", "1 patient short."],
        [
            "Pediatrics 1 (DR-3)",
            "0–4",
            "10–12",
            "0",
            "0.4",
            "indeterminate",
            "Review 6 patients; in the best case, confirming 1 is enough.",
        ],
        ["Internal medicine 1 (DR-1)", "2", "19", "0.1053", "0.1053", "met", "None."],
        [
            "Internal medicine 3 (on leave) (DR-4)",
            "0",
            "0",
            "",
            "",
            "not calculable",
            "Check that the exports contain this provider. If so, claim the exclusion no-office-visits.",
        ],
    ];
    assert_eq!(table, expected);
    assert!(part(&folder, "xl/styles.xml").contains("formatCode=\"0.00%\""));
    // A native chart of the rates, with the threshold as a line, and a color for each result.
    let chart = part(&folder, "xl/charts/chart1.xml");
    assert!(chart.contains("<c:barChart>") && chart.contains("<c:lineChart>"), "{chart}");
    assert!(chart.contains("Providers!$I$2:$I$5") && chart.contains("Providers!$K$2:$K$5"), "{chart}");
    let [summary, providers] = [1, 2].map(|at| part(&folder, &format!("xl/worksheets/sheet{at}.xml")));
    for sheet in [&summary, &providers] {
        assert_eq!(
            sheet.matches("type=\"cellIs\"").count(),
            4,
            "one rule for each result, not for each provider"
        );
    }
    // Names stay visible next to the header when a user scrolls.
    assert!(providers.contains("xSplit=\"3\" ySplit=\"1\""), "{providers}");
}

/// While days of the period are still to come, the next action names the patients still needed and the last day, as on the page.
#[test]
fn the_summary_of_a_running_period_looks_ahead() {
    let folder = Folder::new();
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mid-quarter");
    for name in ["encounters.csv", "messages.csv", "roster.csv", "mucalc.toml"] {
        std::fs::copy(fixture.join(name), folder.path().join(name)).unwrap();
    }
    let made = |format: &str, file: &str| {
        let output = folder.run(&["report", "--format", format, "-o", file]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    };
    made("xlsx", "book.xlsx");
    made("html", "page.html");
    let summary = sheet(&folder, "Summary");
    let at = summary.iter().position(|row| row.last() == Some(&text("Next action"))).unwrap();
    let actions: Vec<String> = summary[at + 1..]
        .iter()
        .map(|row| row.last().unwrap().to_string())
        .filter(|it| !it.is_empty())
        .collect();
    assert_eq!(actions.len(), 3);
    assert!(actions.iter().any(|action| action.contains("by September 30, 2014")), "{actions:?}");
    let page = folder.read("page.html");
    for action in actions {
        assert!(page.contains(&action), "{action}");
    }
}

/// The attestation sheet has the items of CMS's attestation for each professional, in its order.
#[test]
fn the_attestation_sheet_is_in_the_order_of_the_attestation() {
    let folder = practice();
    make(&folder, "report", &[]);
    let rows = sheet(&folder, "Attestation");
    let items: Vec<String> = rows[1..].iter().map(|row| row[1].to_string()).collect();
    // First what keeps the numbers from being attested: the fixture's encounters end early, and have no column of who saw the patient.
    let expected = [
        "Not final",
        "Assumed",
        "Name",
        "Id in the exports",
        "NPI",
        "TIN",
        "Program",
        "CMS EHR Certification ID",
        "First day of the period",
        "Last day of the period",
        "Measure",
        "Exclusion",
        "Exclusion",
        "Numerator",
        "Denominator",
        "Rate",
        "Result",
        "Unresolved",
    ];
    assert_eq!(items, expected);
    assert!(rows[1..].iter().all(|row| row[0] == text("+Name")));
}
