//! How `mucalc init` finds the columns, the values, and the days of exports, and what it leaves open.

use serde_json::{Value, json};

use crate::support::drafts::{PORTAL, all_said, drafted, drafted_with, figures, report_of, two_patients};
use crate::support::program::Folder;

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

/// What is open is said at the end: channels that no message has, columns that may take a record back, and ids of only one side.
#[test]
fn what_stays_open_is_said() {
    let folder = two_patients(["7", "Lee"], "MyHealth");
    let words =
        ["init", "--yes", "--period", "2014Q3", "--certified", "Portal", "visits.csv", "messages.csv"];
    let (code, said) = all_said(&folder, &words);
    assert_eq!(code, Some(0), "{said}");
    for text in [
        "No message has the channel `Portal` that you named",
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

/// A message to a pool is addressed to no provider, and a message to two providers to both. Letter case of the channel does not matter.
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

/// Ids may have letters before the number in one export only, and names their words in another order. Such a difference may be meant, so what
/// is ignored is said.
#[test]
fn labels_of_ids_and_the_order_of_names_are_ignored_where_all_others_fit() {
    let folder = six_visits("Status", |_| "Completed".to_owned());
    let visits = folder.read("visits.csv").replace("Lee", "\"Lee, Ann MD\"");
    folder.write("visits.csv", visits);
    let messages = folder.read("messages.csv").replace(",10", ",MRN-10").replace("Lee,", "Dr. Ann Lee,");
    folder.write("messages.csv", messages.replace("Lee; Kim", "Dr. Ann Lee; Kim"));
    let words =
        ["init", "--yes", "--period", "2014Q3", "--certified", "portal", "visits.csv", "messages.csv"];
    let (_, said) = all_said(&folder, &words);
    assert!(folder.read("mucalc.toml").contains("fold = [\"label\", \"name\"]"), "{said}");
    assert!(
        said.contains("match only if the letters before a number, such as `MRN-` do not count"),
        "{said}"
    );
    assert!(said.contains("match only if titles and the order of the words in names do not count"), "{said}");
    let report: Value = serde_json::from_slice(&folder.run(&["report", "--format", "json"]).stdout).unwrap();
    assert_eq!(report["providers"][0]["numerator"]["most"], 3, "{report}");
    assert_eq!(report["providers"][0]["numerator"]["least"], 2, "the message to a pool is uncertain");
}

/// If labels tell patients of one export apart, they count.
#[test]
fn labels_that_tell_patients_apart_are_not_ignored() {
    let folder = six_visits("Status", |_| "Completed".to_owned());
    let visits = folder.read("visits.csv").replace("\n101,", "\nA-101,").replace("\n102,", "\nB-101,");
    folder.write("visits.csv", visits);
    let words = ["init", "--yes", "--period", "2014Q3", "visits.csv", "messages.csv"];
    let (_, said) = all_said(&folder, &words);
    assert!(!folder.read("mucalc.toml").contains("\nfold"), "{said}");
}

/// If no patient of the messages is one of the encounters, a report would show a certain numerator of 0. So `init` asks first.
#[test]
fn messages_of_other_patients_give_no_report() {
    let folder = six_visits("Status", |_| "Completed".to_owned());
    folder.write("messages.csv", folder.read("messages.csv").replace(",10", ",CH-90"));
    let words = ["init", "--yes", "--period", "2014Q3", "visits.csv", "messages.csv"];
    let (_, said) = all_said(&folder, &words);
    assert!(said.contains("no column was found for patient_id of the messages"), "{said}");
    assert!(said.contains("`MRN` has no id that the encounters have too"), "{said}");
    assert!(!said.contains("Still needed"), "{said}");
}
