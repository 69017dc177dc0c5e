//! `mucalc init` on exports that no layout knows: titles above the header, other names of columns, US dates, ids without their zeros, values in
//! the export's own words. The draft and the report of it need no hand.

use serde_json::{Value, json};

use crate::support::program::Folder;
use crate::support::sheets::{sheet_of, xlsx};

/// Runs `init` without questions, then the report of the configuration that it wrote. Returns the report.
fn drafted(folder: &Folder, exports: &[&str]) -> Value {
    drafted_with(folder, exports, "")
}

/// Does the same, with lines added to the configuration between the two.
fn drafted_with(folder: &Folder, exports: &[&str], more: &str) -> Value {
    let mut words = vec!["init", "--yes", "--period", "2014Q3"];
    words.extend(exports);
    let output = folder.run(&words);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    if !more.is_empty() {
        let configuration = folder.read("mucalc.toml");
        folder.write("mucalc.toml", format!("{configuration}\n{more}"));
    }
    let output = folder.run(&["report", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the provider, the numerator, and the denominator of each provider.
fn figures(report: &Value) -> Value {
    let providers = report["providers"].as_array().unwrap().iter();
    let ends = |bounds: &Value| json!([bounds["least"], bounds["most"]]);
    providers
        .map(|provider| {
            json!([provider["provider_id"], ends(&provider["numerator"]), ends(&provider["denominator"])])
        })
        .collect()
}

/// Returns the lines of a file that are not comments.
fn lines(folder: &Folder, name: &str) -> Vec<String> {
    let text = folder.read(name);
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

/// The practice says that its portal is that of the certified EHR.
const PORTAL: &str = "[channels.\"Patient Portal\"]\ncertified = true\n";

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

/// The message names the patient by the number of the chart, not by the first column with a fitting name.
#[test]
fn the_columns_are_those_whose_ids_are_in_the_other_export() {
    let folder = Folder::new();
    folder.write(
        "encounters.csv",
        "Patient ID,Chart Number,Date of Service,Rendering Provider NPI,Rendering Provider,Visit Type\n\
         77001,A-1,2014-07-02,1000000012,Lee,Office Visit\n\
         77002,A-2,2014-07-03,1000000012,Lee,Office Visit\n",
    );
    folder.write(
        "messages.csv",
        "Sent,Chart Number,To Provider,Sender Type,Recipient Type,Channel,Topic\n\
         2014-07-05,A-2,Lee,Patient,Provider,Patient Portal,Refill\n",
    );
    let report = drafted_with(&folder, &["encounters.csv", "messages.csv"], PORTAL);
    assert_eq!(figures(&report), json!([["Lee", [1, 1], [2, 2]]]));
    let layout = folder.read("mucalc-layout.toml");
    assert!(layout.contains("patient_id = \"Chart Number\"    # or `Patient ID`?"), "{layout}");
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

/// Every day of the data is also one with day and month exchanged, so the draft says that it only proposes the month first.
#[test]
fn an_order_of_days_that_the_data_do_not_settle_is_said() {
    let folder = Folder::new();
    folder.write("visits.csv", "MRN,DOS,Provider,Visit Type\n1,7/1/2014,Lee,OV\n2,8/2/2014,Lee,OV\n");
    let output = folder.run(&["init", "--yes", "visits.csv"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.contains("The days of `DOS` do not settle whether the month or the day is first"),
        "{stderr}"
    );
    assert!(folder.read("mucalc-layout.toml").contains("# CHECK: the data do not settle"));
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

/// `inspect` describes columns that it does not know without showing what may be about a patient, and compares the ids of the exports.
#[test]
fn inspect_describes_unknown_columns() {
    let folder = Folder::new();
    let visits: String = (1..=20)
        .map(|at| {
            format!("{:06},\"Roe, R{at}\",7/{at}/2014,{}\n", at, if at % 2 == 0 { "OV" } else { "Lab" })
        })
        .collect();
    folder.write("visits.csv", format!("Chart,Patient,Day,What\n{visits}"));
    folder.write("mail.csv", "Chart No,Text\n3,hello\n4,hello\n99,hello\n");
    folder.write("broken.xlsx", b"PK\x03\x04 is the beginning of a workbook");
    let output = folder.run(&["inspect", "--format", "json", "visits.csv", "broken.xlsx", "mail.csv"]);
    // A file that cannot be read does not hide the others, and is not forgotten.
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("broken.xlsx"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("Roe") && !text.contains("000001"), "{text}");
    let seen: Value = serde_json::from_str(&text).unwrap();
    let columns = |at: usize, names: &[&str]| -> Value {
        let profiles = seen[at]["profiles"].as_array().unwrap().iter();
        profiles.map(|column| names.iter().map(|name| column[*name].clone()).collect::<Value>()).collect()
    };
    assert_eq!(
        columns(0, &["column", "kind", "distinct"]),
        json!([
            ["Chart", "numbers", 20],
            ["Patient", "texts", 20],
            ["Day", "days", 20],
            ["What", "words", 2]
        ])
    );
    assert_eq!(
        seen[0]["profiles"][2]["dates"],
        json!({"forms": ["M/D/YYYY"], "rows": 20, "first": "2014-07-01", "last": "2014-07-20", "settled": true})
    );
    assert_eq!(
        seen[0]["profiles"][3]["words"],
        json!([{"word": "Lab", "rows": 10}, {"word": "OV", "rows": 10}])
    );
    assert_eq!(
        seen[1]["overlaps"],
        json!([{"column": "Chart No", "other": "visits.csv", "other_column": "Chart", "percent": 0.0, "percent_folded": 66.7}])
    );
}

/// Runs a command on an export. Returns its exit code, and all that it says and writes.
fn all_said(folder: &Folder, words: &[&str]) -> (Option<i32>, String) {
    let output = folder.run(words);
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    for file in ["mucalc.toml", "mucalc-layout.toml"] {
        text.push_str(&std::fs::read_to_string(folder.path().join(file)).unwrap_or_default());
    }
    (output.status.code(), text)
}

/// The first line is a row: it has a day, or texts that stand in its columns again. Such a cell may be about a patient, so it is not shown as
/// the name of a column.
#[test]
fn a_row_in_place_of_a_header_is_not_shown() {
    for rows in [
        "Roe,07/14/2014,Lee,Office\nDoe,07/15/2014,Lee,Lab\n",
        "Roe,Lee,Portal,Office,Kept\nDoe,Lee,Portal,Office,Kept\nMoe,Lee,Portal,Office,No Show\n",
        "Roe,Lee,Patient,Provider,2014-07-14,Refill\nDoe,Kim,Patient,Provider,2014-07-15,Refill\n",
    ] {
        let folder = Folder::new();
        folder.write("export.csv", rows);
        for words in [&["inspect", "export.csv"][..], &["init", "--yes", "export.csv"]] {
            let (_, said) = all_said(&folder, words);
            assert!(!said.contains("Roe") && !said.contains("Lee"), "{words:?}: {said}");
        }
    }
    // The names of an ordinary header are shown, also if one of them is again a value of its column.
    let folder = Folder::new();
    folder.write(
        "export.csv",
        "MRN,Date Sent,Provider,Topic,Room\n101,2014-07-14,Provider,Refill,x\n102,2014-07-15,Staff,Refill,x\n",
    );
    assert!(all_said(&folder, &["inspect", "export.csv"]).1.contains("Date Sent"));
}

/// Lines that end with carriage returns alone are one line to most programs, with all patients in it.
#[test]
fn lines_that_end_with_carriage_returns_alone_are_refused() {
    for rows in ["MRN,DOS,Provider\rRoe,7/14/2014,Lee\r", "Roe,7/14/2014,Lee\rDoe,7/15/2014,Lee\r"] {
        let folder = Folder::new();
        folder.write("export.csv", rows);
        for words in [&["inspect", "export.csv"][..], &["init", "--yes", "export.csv"]] {
            let (code, said) = all_said(&folder, words);
            assert!(said.contains("carriage returns") && !said.contains("Roe"), "{words:?}: {said}");
            assert_eq!(code, Some(3), "{words:?}");
        }
    }
}

/// Two patients and their messages, with a channel, as a practice exports them.
fn two_patients(providers: [&str; 2], channel: &str) -> Folder {
    let folder = Folder::new();
    let [ours, theirs] = providers;
    folder.write(
        "visits.csv",
        format!(
            "MRN,Date of Service,Provider,Visit Type,Result of booking,Void Reason\n\
             101,\"July 14, 2014\",{ours},Office Visit,3 - Completed,\n\
             102,\"July 15, 2014\",{ours},Office Visit,3 - Completed,\n\
             103,\"July 16, 2014\",{ours},Office Visit,4 - No Show,made twice\n"
        ),
    );
    folder.write(
        "messages.csv",
        format!(
            "Date Sent,MRN,To Provider,From,Recipient Type,Subject Category,System\n\
             07/20/2014,101,{theirs},Patient,Provider,Refill Request,{channel}\n"
        ),
    );
    folder
}

/// Statuses are known by what stands in a column, whatever it is called. The channel is known by what the user says, in any spelling.
#[test]
fn columns_are_known_by_what_stands_in_them() {
    let folder = two_patients(["7", "7"], "MyHealth");
    let report = drafted(&folder, &["--certified", "my health", "visits.csv", "messages.csv"]);
    assert_eq!(figures(&report), json!([["7", [1, 1], [2, 2]]]));
    let layout = folder.read("mucalc-layout.toml");
    for line in [
        "status = \"Result of booking\"",
        "channel = \"System\"",
        "started_at = { from = \"Date of Service\", dates = [\"MMMM D, YYYY\"] }",
    ] {
        assert!(layout.contains(line), "{line}: {layout}");
    }
}

fn report_of(folder: &Folder) -> Value {
    let output = folder.run(&["report", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is open is said at the end: channels that no message has, columns that may take a record back, and ids of only one side.
#[test]
fn what_stays_open_is_said() {
    let folder = two_patients(["7", "Lee"], "MyHealth");
    let words =
        ["init", "--yes", "--period", "2014Q3", "--certified", "Portal", "visits.csv", "messages.csv"];
    let (code, said) = all_said(&folder, &words);
    assert_eq!(code, Some(0), "{said}");
    for text in [
        "No message has the channel `Portal` that --certified names",
        "`mucalc` does not read `Void Reason` of the encounters",
        "`To Provider` of the messages contains none of the providers in the encounters",
    ] {
        assert!(said.contains(text), "{text}: {said}");
    }
    // To whom the message went is unknown, so it may be to whoever saw the patient.
    assert_eq!(report_of(&folder)["providers"][0]["numerator"], json!({"least": 0, "most": 1}));
    // A layout that names the column all the same gets the finding that no provider is in both.
    let layout = folder.read("mucalc-layout.toml");
    folder.write(
        "mucalc-layout.toml",
        layout.replace("# provider_id = \"...\"", "provider_id = \"To Provider\""),
    );
    let report = report_of(&folder);
    let codes: Vec<&str> =
        report["findings"].as_array().unwrap().iter().filter_map(|found| found["code"].as_str()).collect();
    assert!(codes.contains(&"no-provider-in-both"), "{codes:?}");
    assert_eq!(report["providers"][0]["numerator"], json!({"least": 0, "most": 0}));
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

/// July 14 settles which number is the month in one export, so it is settled in the other, of the same system.
#[test]
fn the_order_of_day_and_month_is_that_of_the_other_export() {
    let folder = Folder::new();
    folder.write(
        "visits.csv",
        "MRN,DOS,Provider,Visit Type\n101,14/07/2014,7,Office Visit\n102,02/09/2014,7,Office Visit\n",
    );
    folder.write(
        "messages.csv",
        "Date Sent,MRN,To Provider,From,Recipient Type,Topic\n03/08/2014,101,7,Patient,Provider,Refill\n",
    );
    drafted(&folder, &["visits.csv", "messages.csv"]);
    let layout = folder.read("mucalc-layout.toml");
    assert!(layout.contains("sent_at = { from = \"Date Sent\", dates = [\"D/M/YYYY\"] }"), "{layout}");
    assert!(!layout.contains("CHECK"), "{layout}");
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

/// Visits of six patients, and messages of the first of them to the doctor, in columns of the caller's.
fn six_visits(header: &str, cell: impl Fn(usize) -> String) -> Folder {
    let folder = Folder::new();
    let rows = (1..=6).map(|at| format!("10{at},7/1{at}/2014,Lee,Office Visit,{}\n", cell(at)));
    folder.write("visits.csv", format!("MRN,DOS,Provider,Visit Type,{header}\n{}", rows.collect::<String>()));
    folder.write(
        "messages.csv",
        "Date Sent,MRN,To,From,Topic,Channel\n7/20/2014,101,Lee,Patient,Refill,Portal\n\
         7/21/2014,102,Nurse Pool,Patient,Refill,Portal\n7/22/2014,103,Lee; Kim,Patient,Refill,PORTAL\n",
    );
    folder
}

/// Returns the range of the denominator of the first provider in a report of a draft.
fn denominator(folder: &Folder) -> Value {
    let report = drafted(folder, &["--certified", "portal", "visits.csv", "messages.csv"]);
    let seen = &report["providers"][0]["denominator"];
    json!([seen["least"], seen["most"]])
}

/// What takes a visit back may stand in a column of its own: yes or no, a day, or the words of a second status. So may the way of a visit.
#[test]
fn other_columns_may_take_a_visit_back() {
    let every_third = |yes: &'static str, no: &'static str| {
        move |at: usize| if at.is_multiple_of(3) { yes.to_owned() } else { no.to_owned() }
    };
    for (header, yes, no) in [
        ("No Show", "Y", "N"),
        ("No Show", "Y", ""),
        ("Cancel Date", "7/1/2014", ""),
        ("Encounter Status,Appt Status", "Closed,No Show", "Closed,Kept"),
        ("Status,Outcome", "Completed,Cancelled", "Completed,Seen"),
        ("Status,Visit Mode", "Completed,Telephone", "Completed,In Person"),
        ("Status,No Show Flag", "Completed,1", "Completed,0"),
    ] {
        let folder = six_visits(header, every_third(yes, no));
        assert_eq!(denominator(&folder), json!([4, 4]), "{header}: {}", folder.read("mucalc-layout.toml"));
    }
}

/// The values of such a column are written into the layout, so a column with a text of another kind is not read.
#[test]
fn a_column_with_a_remark_about_a_patient_is_not_written() {
    let folder = six_visits("Status,Visit Type 2", |at| {
        if at == 1 { "Completed,Mrs Roe called".to_owned() } else { "Completed,Telephone".to_owned() }
    });
    drafted(&folder, &["--certified", "portal", "visits.csv", "messages.csv"]);
    for file in ["mucalc.toml", "mucalc-layout.toml"] {
        assert!(!folder.read(file).contains("Roe"), "{}", folder.read(file));
    }
}

/// A message to a pool is to nobody who saw the patient, and one to two doctors is to each of them. The channel is one in any letter case.
#[test]
fn messages_may_go_to_a_pool_or_to_several() {
    let folder = six_visits("Status", |_| "Completed".to_owned());
    let report = drafted(&folder, &["--certified", "portal", "visits.csv", "messages.csv"]);
    // The pool is uncertain by the default policy.
    assert_eq!(figures(&report), json!([["Lee", [2, 3], [6, 6]]]), "{}", folder.read("mucalc-layout.toml"));
}

/// The header again on each page, a subtotal without a day, and a few texts in a column of days.
#[test]
fn pages_and_a_few_other_texts_hide_no_column() {
    let folder = six_visits("Status", |_| "Completed".to_owned());
    let visits = folder.read("visits.csv");
    let again = visits.lines().next().unwrap().to_owned();
    folder.write("visits.csv", format!("{visits}{again}\n107,TBD,Lee,Office Visit,Completed\nTotal,7,,,\n"));
    assert_eq!(denominator(&folder), json!([6, 7]), "{}", folder.read("mucalc-layout.toml"));
}

/// A list of patients beside the two exports keeps no report from being made.
#[test]
fn a_third_file_that_is_none_of_these_is_passed_over() {
    let folder = six_visits("Status", |_| "Completed".to_owned());
    folder.write("patients.csv", "MRN,Last Name,Last Visit\n101,Roe,7/14/2014\n102,Doe,7/15/2014\n");
    let report = drafted(&folder, &["--certified", "portal", "visits.csv", "messages.csv", "patients.csv"]);
    assert_eq!(report["providers"][0]["denominator"], json!({"least": 6, "most": 6}));
}

/// A column that is named twice is in the way only if it is read. A list of letters with patients and days is no list of messages.
#[test]
fn what_is_not_read_is_in_nobodys_way() {
    let folder = six_visits("Status,Notes,Notes", |_| "Completed,x,y".to_owned());
    folder.write("letters.csv", "Rx ID,MRN,Sent Date,Pharmacy\n1,104,7/20/2014,Main\n2,105,7/21/2014,Main\n");
    let report = drafted(&folder, &["--certified", "portal", "visits.csv", "messages.csv", "letters.csv"]);
    assert_eq!(figures(&report), json!([["Lee", [2, 3], [6, 6]]]));
}

/// If no patient of the messages is one of the encounters, a report would say with certainty that nobody wrote. So it is asked first.
#[test]
fn messages_of_other_patients_give_no_report() {
    let folder = six_visits("Status", |_| "Completed".to_owned());
    folder.write("messages.csv", folder.read("messages.csv").replace(",10", ",CH-10"));
    let words = ["init", "--yes", "--period", "2014Q3", "visits.csv", "messages.csv"];
    let (_, said) = all_said(&folder, &words);
    assert!(said.contains("no column was found for patient_id of the messages"), "{said}");
    assert!(said.contains("`MRN` has no id that the encounters have too"), "{said}");
    assert!(!said.contains("Still needed"), "{said}");
}
