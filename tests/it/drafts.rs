//! `mucalc init` on exports that no layout knows: titles above the header, other names of columns, US dates, ids without their zeros, values in
//! the export's own words. The draft and the report of it need no hand.

use serde_json::{Value, json};

use crate::support::drafts::{PORTAL, all_said, drafted, drafted_with, figures, lines};
use crate::support::program::Folder;
use crate::support::sheets::{sheet_of, xlsx};

/// Three visits of one doctor count, a fourth patient did not come. Two patients wrote to the doctor by the portal, one of them for an
/// appointment, which counts because it went to the provider. A third patient wrote by email, which never counts.
#[test]
fn a_report_with_titles_us_dates_and_its_own_words() {
    let folder = Folder::new();
    folder.write(
        "Visits 2014.csv",
        "Riverbend Family Practice\n\
         \"Visits, 07/01/2014 - 09/30/2014\"\n\n\
         MRN,Patient,Date of Service,Rendering Provider,Visit Type,Appt Status\n\
         000101,\"Roe, R\",7/14/2014,\"Lee, A MD\",Office Visit,Checked Out\n\
         000102,\"Poe, P\",8/2/2014,\"Lee, A MD\",New Patient,Checked Out\n\
         000103,\"Moe, M\",9/30/2014,\"Lee, A MD\",Follow Up,Checked Out\n\
         000104,\"Loe, L\",9/1/2014,\"Lee, A MD\",Office Visit,No Show\n",
    );
    folder.write(
        "portal messages.csv",
        "Message #,Date/Time Sent,Patient MRN,From,To Provider,Category,Source\n\
         1,7/20/2014 9:05 AM,101,Patient,\"Lee, A MD\",Rx Refill,Patient Portal\n\
         2,8/20/2014 12:30 PM,102,Proxy,\"Lee, A MD\",Appointment Request,Patient Portal\n\
         3,9/2/2014 11:59 PM,103,Patient,\"Lee, A MD\",Medical Question,E-mail\n",
    );
    let report = drafted_with(&folder, &["Visits 2014.csv", "portal messages.csv"], PORTAL);
    assert_eq!(figures(&report), json!([["Lee, A MD", [2, 2], [3, 3]]]));
    assert_eq!(
        lines(&folder, "mucalc-layout.toml"),
        [
            "[encounters.columns]",
            "patient_id = \"MRN\"",
            "provider_id = \"Rendering Provider\"",
            "started_at = { from = \"Date of Service\", dates = [\"M/D/YYYY\"] }",
            "kind = \"Visit Type\"",
            "status = \"Appt Status\"",
            "[messages.columns]",
            "sent_at = { from = \"Date/Time Sent\", dates = [\"M/D/YYYY h:mm A\"] }",
            "patient_id = \"Patient MRN\"",
            "message_id = \"Message #\"",
            "provider_id = \"To Provider\"",
            "sender = \"From\"",
            "recipient = { from = \"To Provider\", filled = \"provider\" }",
            "channel = \"Source\"",
            "topic = \"Category\"",
        ]
    );
    let configuration = folder.read("mucalc.toml");
    assert!(configuration.contains("[ids]\nfold = [\"zeros\"]"), "{configuration}");
    // Nothing of a patient is in what may be passed on.
    for text in [configuration, folder.read("mucalc-layout.toml")] {
        assert!(!text.contains("Roe") && !text.contains("000101"), "{text}");
    }
}

/// Both tables are sheets of one workbook, each under titles. Times are numbers of a spreadsheet.
#[test]
fn a_workbook_with_two_sheets() {
    let folder = Folder::new();
    let visits = "Lakeside Medicine\nVisits\n\nChart #,Name,DOS,Seen By Provider,Type of Visit,Status\n\
         C-1,Roe R,2014-07-14,Dr. Lee,OV,Kept\n\
         C-2,Poe P,2014-08-14,Dr. Lee,Consult,Kept\n\
         C-3,Moe M,2014-09-14,Dr. Kim,Lab,Kept\n";
    let messages = "Secure messages\n\nDate Sent,Chart Number,Direction,Addressed To,Recipient Type,Message Type,Method\n\
         2014-07-15,C-1,Inbound,Dr. Lee,Provider,Refill Request,Patient Portal\n\
         2014-07-16,C-1,Outbound,Dr. Lee,Patient,Refill Request,Patient Portal\n\
         2014-07-17,C-3,Inbound,Dr. Kim,Nurse,Test Results,Patient Portal\n";
    let book = [sheet_of("Visits", visits), sheet_of("Msgs", messages), sheet_of("Notes", "ask Kim\n")];
    folder.write("export.xlsx", xlsx(&book));
    let report = drafted_with(&folder, &["export.xlsx"], PORTAL);
    // Laboratory visits alone make nobody seen, and a message to a nurse is uncertain by the default policy.
    assert_eq!(figures(&report), json!([["Dr. Kim", [0, 0], [0, 0]], ["Dr. Lee", [1, 1], [2, 2]]]));
    let layout = folder.read("mucalc-layout.toml");
    assert!(
        layout.contains("[encounters]\nsheet = \"Visits\"")
            && layout.contains("[messages]\nsheet = \"Msgs\""),
        "{layout}"
    );
}

/// Canonical columns with US dates need one line for each of them.
#[test]
fn canonical_columns_in_another_form_extend_the_canonical_layout() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,Started At,kind\nP1,D1,9/2/2014 1:00 PM,office-visit\nP2,D1,9/21/2014 9:30 AM,office-visit\n");
    folder.write(
        "m.csv",
        "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n\
         M1,9/22/2014 9:30 AM,P1,D1,patient,provider,ehr-portal,clinical-question\n",
    );
    assert_eq!(figures(&drafted(&folder, &["e.csv", "m.csv"])), json!([["D1", [1, 1], [2, 2]]]));
    assert_eq!(
        lines(&folder, "mucalc-layout.toml"),
        [
            "extends = \"canonical\"",
            "[encounters.columns]",
            "started_at = { from = \"started_at\", dates = [\"M/D/YYYY h:mm A\"] }",
            "[messages.columns]",
            "sent_at = { from = \"sent_at\", dates = [\"M/D/YYYY h:mm A\"] }",
        ]
    );
}

/// Two exports of one role have different columns, because the EHR changed in August.
#[test]
fn exports_of_one_role_with_different_columns() {
    let folder = Folder::new();
    folder.write("visits_july.csv", "MRN,Service Date,Provider,Visit Type\n1,2014-07-02,Lee,Office Visit\n");
    folder.write(
        "visits_august.csv",
        "Patient ID,Visit Date,Rendering Provider,Visit Type\n2,8/22/2014,Lee,Office Visit\n",
    );
    folder
        .write("messages.csv", "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n");
    let report = drafted(&folder, &["visits_july.csv", "visits_august.csv", "messages.csv"]);
    assert_eq!(figures(&report), json!([["Lee", [0, 0], [2, 2]]]));
}

/// What cannot be told stays open: nothing is left out without a word, and no report is made of it.
#[test]
fn nothing_is_dropped_or_guessed() {
    let folder = Folder::new();
    folder.write(
        "appointments.csv",
        "id,patient,doctor,scheduled_time,status\n1,101,55,2014-09-20T10:00:00,Complete\n",
    );
    folder.write("patients.csv", "MRN,Last Name,Date of Birth\n101,Roe,1970-01-02\n");
    folder.write("broken.xlsx", b"PK\x03\x04 is the beginning of a workbook");
    let output = folder.run(&[
        "init",
        "--yes",
        "--period",
        "2014Q3",
        "appointments.csv",
        "patients.csv",
        "broken.xlsx",
    ]);
    // An export that cannot be read is an error, and the others are drafted all the same.
    assert_eq!((output.status.code(), output.stdout.len()), (Some(3), 0));
    let configuration = folder.read("mucalc.toml");
    for expected in [
        "encounters = [\"appointments.csv\"]",
        "# NEEDED: the messages export.",
        "# Not read: nothing says what \"patients.csv\" is",
    ] {
        assert!(configuration.contains(expected), "{expected}\n{configuration}");
    }
    assert_eq!(
        lines(&folder, "mucalc-layout.toml"),
        [
            "[encounters.columns]",
            "patient_id = \"patient\"",
            "provider_id = \"doctor\"",
            "started_at = \"scheduled_time\"",
            "encounter_id = \"id\"",
            "status = \"status\"",
        ]
    );
    // The names of patients are not their ids.
    let folder = Folder::new();
    folder.write(
        "visits.csv",
        "Patient,DOS,Provider,Visit Type\n\"Roe, R\",2014-07-02,Lee,OV\n\"Poe, P\",2014-07-02,Lee,OV\n",
    );
    folder.run(&["init", "--yes", "--period", "2014Q3", "visits.csv"]);
    let layout = folder.read("mucalc-layout.toml");
    assert!(
        layout.contains("# NEEDED") && layout.contains("`Patient` has a fitting name, but other contents"),
        "{layout}"
    );
}

/// A layout says where the table is: its sheet, its header, and what separates its columns.
#[test]
fn a_layout_names_the_header_and_the_separator() {
    const COLUMNS: &str = "[encounters.columns]\npatient_id = \"column 1\"\nprovider_id = \"column 2\"\nstarted_at = \"column 3\"\n\
         kind = \"column 4\"\n";
    const MESSAGES: &str = "sent_at,patient_id,provider_id,sender,recipient,channel,topic\n";
    for (export, layout, denominator) in [
        // Without a header, every line is a row.
        ("P1,D1,2014-07-02,office-visit\nP2,D1,2014-07-03,office-visit\n", format!("[encounters]\nheader = 0\n{COLUMNS}"), 2),
        ("P1^D1^2014-07-02^office-visit\n", format!("[encounters]\nheader = 0\nseparator = \"^\"\n{COLUMNS}"), 1),
        // The line above the header has the names of the columns too.
        (
            "patient_id,provider_id,started_at,kind\nMRN,Doctor,Day,Type\nP1,D1,2014-07-02,office-visit\n",
            "[encounters]\nheader = 2\n[encounters.columns]\npatient_id = \"MRN\"\nprovider_id = \"Doctor\"\nstarted_at = \"Day\"\nkind = \"Type\"\n".to_owned(),
            1,
        ),
        // A layout that only says where the rows are is about the canonical columns.
        ("patient_id~provider_id~started_at~kind\nP1~D1~2014-07-02~office-visit\n", "[encounters]\nseparator = \"~\"\n".to_owned(), 1),
        ("patient_id\u{1}provider_id\u{1}started_at\u{1}kind\nP1\u{1}D1\u{1}2014-07-02\u{1}office-visit\n", String::new(), 1),
    ] {
        let folder = Folder::new();
        folder.write("encounters.csv", export).write("messages.csv", MESSAGES).write("layout.toml", &layout);
        let report = folder.report(&["--layout", "encounters=layout.toml", "--period", "2014Q3"]);
        assert_eq!(figures(&report), json!([["D1", [0, 0], [denominator, denominator]]]), "{layout}");
    }
    let folder = Folder::new();
    folder
        .write("encounters.csv", "")
        .write("messages.csv", MESSAGES)
        .write("layout.toml", "[encounters]\nseparator = \"ab\"\n");
    let output = folder.run(&[
        "report",
        "--layout",
        "layout.toml",
        "--period",
        "2014Q3",
        "--encounters",
        "encounters.csv",
        "--messages",
        "messages.csv",
    ]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("separator: name one character"), "{stderr}");
}

/// Which of several sheets is meant, only the practice knows.
#[test]
fn several_sheets_of_one_kind_are_asked_about() {
    let folder = Folder::new();
    let visits = "MRN,DOS,Provider,Visit Type,Status\n101,2014-07-14,7,Office Visit,Completed\n";
    folder.write("visits.xlsx", xlsx(&[sheet_of("July", visits), sheet_of("August", visits)]));
    let (_, said) = all_said(&folder, &["init", "--yes", "--period", "2014Q3", "visits.xlsx"]);
    assert!(said.contains("# NEEDED: one sheet; `July`, `August` all look like encounters"), "{said}");
    assert_eq!(said.matches("encounters = [\"visits.xlsx\"]").count(), 1, "{said}");
}

/// A table that the layout of a vendor joins to the messages is named as such.
#[test]
fn a_table_that_a_layout_joins_is_recognized() {
    let folder = Folder::new();
    let fixture = |name: &str| std::fs::read(format!("fixtures/practice-fusion/{name}")).unwrap();
    let files = ["patient-encounters.tsv", "patient-messages.tsv", "patient-message-recipients.tsv"];
    for name in files {
        folder.write(name, fixture(name));
    }
    let words = ["init", "--yes", "--period", "2014Q3", "--timezone", "America/New_York"];
    let output = folder.run(&[&words, &files[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let configuration = folder.read("mucalc.toml");
    assert!(configuration.contains("\njoin = [\"patient-message-recipients.tsv\"]\n"), "{configuration}");
    assert!(configuration.contains("layout = \"practice-fusion\""), "{configuration}");
}

/// A layout needs the joined table: its messages name a person, and only the other table names the patient. The draft can be reported as it is.
#[test]
fn a_table_that_a_layout_needs_completes_the_export() {
    let folder = Folder::new();
    for name in ["Encounter.csv", "Patient.csv", "PracPersonSecureMessage.csv"] {
        folder.write(name, std::fs::read(format!("fixtures/intergy/{name}")).unwrap());
    }
    let files = ["Encounter.csv", "Patient.csv", "PracPersonSecureMessage.csv"];
    let output = folder.run(&[&["init", "--yes", "--period", "2014Q3"], &files[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let configuration = folder.read("mucalc.toml");
    for line in ["\njoin = [\"Patient.csv\"]\n", "\nlayout = \"intergy\"\n"] {
        assert!(configuration.contains(line), "{configuration}");
    }
    let report = folder.run(&["report", "--format", "json"]);
    assert_eq!(report.status.code(), Some(0), "{}", String::from_utf8_lossy(&report.stderr));
}

/// Exports of two systems are each read by their own layout.
#[test]
fn exports_of_two_systems_are_described_one_by_one() {
    let folder = Folder::new();
    let fixture = |name: &str| std::fs::read(format!("fixtures/{name}")).unwrap();
    folder.write("old.csv", fixture("drchrono/appointments.csv"));
    folder.write("new.csv", fixture("practice/encounters.csv"));
    folder.write("messages.csv", fixture("practice/messages.csv"));
    let words = ["init", "--yes", "--period", "2014Q3", "--timezone", "America/New_York"];
    let output = folder.run(&[&words[..], &["old.csv", "new.csv", "messages.csv"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let configuration = folder.read("mucalc.toml");
    for entry in [
        "[[inputs]]\nrole = \"encounters\"\npath = \"old.csv\"\nlayout = \"drchrono\"\n",
        "[[inputs]]\nrole = \"encounters\"\npath = \"new.csv\"\nlayout = \"canonical\"\n",
    ] {
        assert!(configuration.contains(entry), "{entry}: {configuration}");
    }
    let output = folder.run(&["report", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = |path: &str| {
        let inputs = report["inputs"].as_array().unwrap();
        inputs.iter().find(|input| input["path"] == path).unwrap()["rows"].as_u64().unwrap()
    };
    assert!(rows("old.csv") > 0 && rows("new.csv") > 0);
}

/// What a SQL console printed is read like any export: titles above, columns padded with blanks, and the count of the rows below. So is a
/// report that was saved as text, and one whose header has two rows.
#[test]
fn printed_reports_and_headers_of_two_rows() {
    let visits = "Changed database context to 'EHR'.\n\
        PatientID  ApptDate                 Provider      ApptType  ApptStatus\n\
        ---------- ------------------------ ------------- --------- -----------\n\
        10001      2014-07-01 09:30:00.000  Lee, Ann MD   OV        Checked Out\n\
        10002      2014-07-02 09:30:00.000  Lee, Ann MD   OV        Checked Out\n\
        10003      2014-07-03 09:30:00.000  Lee, Ann MD   OV        No Show\n\n(3 rows affected)\n";
    let printed = "PORTAL MESSAGES\n\n\
        MRN     Sent       Sender Type   To            Channel   Message Type\n\
        10001   7/20/2014  Patient       Lee, Ann MD   Portal    Refill\n\
        10002   7/21/2014  Staff         Lee, Ann MD   Portal    Refill\n";
    let grouped = "Patient,Message,,,Sender,Recipient\nMRN,Sent,Type,Channel,Type,To\n\
        10001,7/20/2014,Refill,Portal,Patient,\"Lee, Ann MD\"\n10002,7/21/2014,Refill,Portal,Staff,\"Lee, Ann MD\"\n";
    for (name, messages) in [("messages.txt", printed), ("messages.csv", grouped)] {
        let folder = Folder::new();
        folder.write("visits.rpt", visits).write(name, messages);
        let report = drafted(&folder, &["--certified", "portal", "visits.rpt", name]);
        assert_eq!(figures(&report), json!([["Lee, Ann MD", [1, 1], [2, 2]]]), "{name}: {report}");
        assert_eq!(report["inputs"][0]["rejected"], 0, "{report}");
    }
}

/// For a program that asks: what the exports are, what a report cannot do without, and what only the practice knows. Answers close the
/// questions, and the same draft is written either way.
#[test]
fn a_draft_says_as_json_what_is_open() {
    let folder = Folder::new();
    folder.write(
        "visits.csv",
        "encounter_id,patient_id,provider_id,started_at\n1,P1,D1,2017-02-01T09:00:00Z\n2,P2,D1,2017-03-01T09:00:00Z\n",
    );
    folder.write(
        "messages.csv",
        "message_id,patient_id,provider_id,sent_at,channel\n1,P1,D1,2017-02-02T09:00:00Z,Patient Portal\n2,P2,D1,2017-02-02T09:00:00Z,Patient Portal\n",
    );
    folder.write("letter.txt", "Dear doctor\n");
    let draft = |more: &[&str]| -> Value {
        let mut words = vec!["init", "--format", "json", "--force"];
        words.extend(more);
        words.extend(["visits.csv", "messages.csv", "letter.txt"]);
        serde_json::from_slice(&folder.run(&words).stdout).unwrap()
    };
    let first = draft(&[]);
    assert_eq!(
        first["exports"],
        json!([
            {"path": "visits.csv", "role": "encounters", "rows": 2, "first": "2017-02-01", "last": "2017-03-01"},
            {"path": "messages.csv", "role": "messages", "rows": 2, "first": "2017-02-02", "last": "2017-02-02"},
        ])
    );
    assert_eq!(first["unread"][0]["path"], "letter.txt");
    assert_eq!(first["needs"], json!(["period", "timezone"]));
    assert_eq!(first["channels"], json!([{"value": "Patient Portal", "messages": 2}]));
    // In 2019 the rule set depends on the program, so the practice has to name it.
    let of_2019 = draft(&["--period", "2019", "--timezone", "America/Chicago"]);
    assert_eq!(of_2019["needs"], json!(["edition"]));
    assert!(of_2019["editions"].as_array().unwrap().len() > 1, "{of_2019}");
    let answered =
        draft(&["--period", "2014Q3", "--timezone", "America/Chicago", "--not-certified", "Patient Portal"]);
    assert_eq!([&answered["needs"], &answered["editions"], &answered["channels"]], [&json!([]); 3]);
    assert!(
        folder.read("mucalc.toml").contains("[channels.\"Patient Portal\"]    # 2 rows\ncertified = false\n")
    );
    let both = folder.run(&["init", "--force", "--certified", "A", "--not-certified", "A", "visits.csv"]);
    assert_eq!(both.status.code(), Some(2));
    let schema = jsonschema::validator_for(&mucalc_report::draft_schema()).unwrap();
    for draft in [first, of_2019, answered] {
        assert!(schema.is_valid(&draft), "{draft}");
    }
}
