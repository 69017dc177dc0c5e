//! Tables that a layout joins to an export, such as the recipients of messages. A message with its recipients in a second file is the same as
//! one with a list of them in a cell, in every format.

use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};

use crate::support::files::{parquet, separated, workbook};
use crate::support::program::Folder;

/// Messages in one table, their recipients and senders in others.
const LAYOUT: &str = "name = \"two-tables\"\n\
    [[messages.join]]\nkey = \"Msg\"\ncolumns = [\"Recipient\", \"Kind\"]\n\
    [[messages.join]]\nkey = [\"Account\", \"Login\"]\ncolumns = [\"Chart\"]\n\
    [messages.columns]\n\
    message_id = \"Msg\"\nsent_at = \"Sent\"\npatient_id = \"Chart\"\nprovider_id = \"Recipient\"\n\
    sender = { constant = \"patient\" }\nrecipient = \"Kind\"\nchannel = { constant = \"ehr-portal\" }\n\
    topic = { constant = \"clinical-question\" }\nstatus = { constant = \"sent\" }\n";

const VISITS: &str = "patient_id,provider_id,started_at,kind,status\n\
    P1,D1,2014-07-01,office-visit,completed\n\
    P2,D1,2014-07-02,office-visit,completed\n\
    P2,D2,2014-07-02,office-visit,completed\n\
    P3,D2,2014-07-03,office-visit,completed\n";

/// Message 1 goes to both doctors, 2 to one of them and a nurse, 3 to staff alone, and 4 to nobody. The account of message 5 belongs to two
/// patients, as that of a mother does.
const MESSAGES: &str =
    "Msg,Sent,Account\n1,2014-08-01,a1\n2,2014-08-02,a2\n3,2014-08-03,a3\n4,2014-08-04,a1\n5,2014-08-05,a4\n";
const RECIPIENTS: &str = "Msg,Recipient,Kind\n2,N1,staff\n1,D1,provider\n1,D2,provider\n2,D2,provider\n3,,staff\n5,D1,provider\n9,D1,provider\nTotal,,\n";
const ACCOUNTS: &str = "Login,Chart,Active\na1,P1,1\na2,P2,1\na3,P3,1\na4,P1,1\na4,P3,0\n";

/// Writes a table of text with commas in another format.
type Write = fn(&[Vec<String>]) -> Vec<u8>;

fn text(rows: &[Vec<String>]) -> Vec<u8> {
    separated(rows, b',')
}

fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn folder(write: Write, messages: &str, recipients: &str, accounts: &str) -> Folder {
    let folder = Folder::new();
    folder
        .write("layout.toml", LAYOUT)
        .write("visits.csv", VISITS)
        .write("messages.csv", write(&rows(messages)))
        .write("recipients.csv", write(&rows(recipients)))
        .write("accounts.csv", write(&rows(accounts)));
    folder
}

const RUN: [&str; 12] = [
    "--no-config",
    "--period",
    "2014Q3",
    "--layout",
    "layout.toml",
    "--encounters",
    "visits.csv",
    "--messages",
    "messages.csv",
    "--join",
    "recipients.csv",
    "accounts.csv",
];

fn report(folder: &Folder, words: &[&str]) -> Value {
    let output = folder.run(&[&["report", "--format", "json"], words].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn ranges(report: &Value) -> Value {
    let providers = report["providers"].as_array().unwrap().iter();
    let ends = |bounds: &Value| json!([bounds["least"], bounds["most"]]);
    providers
        .map(|one| json!([one["provider_id"], ends(&one["numerator"]), ends(&one["denominator"])]))
        .collect()
}

/// Findings by code, with how often each is there and in which file first.
fn findings(report: &Value) -> Value {
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| json!([found["code"], found["count"], found["first"]["file"], found["first"]["line"]]))
        .collect()
}

/// D1 saw P1 and P2, and D2 saw P2 and P3. P1 wrote to both (1), P2 to D2 (2), P3 to staff (3), and P1 and P3 by one account to D1 (5): P1
/// counts for D1, and P2 for D2. Message 4 names nobody, so that it may be to whoever saw P1.
#[test]
fn rows_of_joined_tables_complete_those_of_the_export() {
    let formats: [Write; 3] = [text, workbook, |rows| parquet(rows, WriterProperties::builder(), false, 3)];
    for write in formats {
        let folder = folder(write, MESSAGES, RECIPIENTS, ACCOUNTS);
        let report = report(&folder, &RUN);
        assert_eq!(ranges(&report), json!([["D1", [1, 1], [2, 2]], ["D2", [1, 1], [2, 2]]]));
        let joined: Vec<&Value> =
            report["inputs"].as_array().unwrap().iter().filter(|input| input["role"] == "joined").collect();
        assert_eq!(joined.len(), 2);
        // A total is no row.
        assert_eq!([&joined[0]["rows"], &joined[1]["rows"]], [&json!(7), &json!(5)]);
        let wanted = [json!("row-not-joined"), json!("joined-row-unused")];
        let found: Vec<Value> = findings(&report)
            .as_array()
            .unwrap()
            .iter()
            .filter(|found| wanted.contains(&found[0]))
            .map(|found| json!([found[0], found[1]]))
            .collect();
        assert_eq!(found, [json!(["row-not-joined", 1]), json!(["joined-row-unused", 1])]);
    }
}

/// The same as a list in a cell, whatever the messages and their recipients are.
#[test]
fn a_joined_table_is_a_list_in_a_cell() {
    let listed = LAYOUT
        .replace("[[messages.join]]\nkey = \"Msg\"\ncolumns = [\"Recipient\", \"Kind\"]\n", "")
        .replace("provider_id = \"Recipient\"", "provider_id = { from = \"Recipient\", list = \"|\" }")
        .replace("recipient = \"Kind\"", "recipient = { constant = \"provider\" }");
    let joined = LAYOUT.replace("recipient = \"Kind\"", "recipient = { constant = \"provider\" }");
    for seed in 0..40u64 {
        let pick = |at: u64, of: u64| (seed * 7919 + at * 104_729 + seed * at * 31) % of;
        let mut recipients = "Msg,Recipient,Kind\n".to_owned();
        let (mut messages, mut lists) =
            ("Msg,Sent,Account\n".to_owned(), "Msg,Sent,Account,Recipient\n".to_owned());
        for message in 0..12 {
            let account = ["a1", "a2", "a3", "a4"][pick(message, 4) as usize];
            let named: Vec<&str> = ["D1", "D2", "D3"]
                .into_iter()
                .zip(0..)
                .filter(|(_, at)| pick(message * 3 + at, 5) < 2)
                .map(|(id, _)| id)
                .collect();
            named.iter().for_each(|id| recipients.push_str(&format!("M{message},{id},provider\n")));
            messages.push_str(&format!("M{message},2014-08-0{},{account}\n", 1 + pick(message, 9)));
            lists.push_str(&format!(
                "M{message},2014-08-0{},{account},{}\n",
                1 + pick(message, 9),
                named.join("|")
            ));
        }
        let by_join = folder(text, &messages, &recipients, ACCOUNTS);
        by_join.write("layout.toml", &joined);
        let by_list = folder(text, &lists, &recipients, ACCOUNTS);
        by_list.write("layout.toml", &listed);
        let lists_only: Vec<&str> = RUN.iter().copied().filter(|word| *word != "recipients.csv").collect();
        assert_eq!(
            ranges(&report(&by_join, &RUN)),
            ranges(&report(&by_list, &lists_only)),
            "{messages}{recipients}"
        );
    }
}

/// Without the files of a join, a column that a rule needs is missing, and one that it can do without is unknown.
#[test]
fn without_the_joined_table_the_export_is_read_as_it_is() {
    let folder = folder(text, "Msg,Sent,Account,Chart\n1,2014-08-01,a1,P1\n", RECIPIENTS, ACCOUNTS);
    let report = report(&folder, &RUN[..9]);
    // Nothing says to whom the message went.
    assert_eq!(ranges(&report), json!([["D1", [0, 1], [2, 2]], ["D2", [0, 0], [2, 2]]]));
    folder.write("messages.csv", MESSAGES);
    let output = folder.run(&[&["report"], &RUN[..9]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("no column `Chart`, which the layout takes from a further table with the columns Login, Chart: add --join"), "{said}");
}

/// A file that no join of the layout has the columns of is an error, and so is one that SQL would have to join.
#[test]
fn a_file_that_completes_nothing_is_refused() {
    let folder = folder(text, MESSAGES, "Msg,Copy\n1,D1\n", ACCOUNTS);
    for command in ["report", "validate"] {
        let output = folder.run(&[&[command], &RUN[..]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{command}: {said}");
        assert!(
            said.contains("recipients.csv") && said.contains("Msg, Recipient, Kind; or Login, Chart"),
            "{said}"
        );
        assert_eq!(said.matches("Login, Chart").count(), 1, "each table is named once: {said}");
    }
    folder.write("mucalc.toml", "period = \"2014Q3\"\nlayout = \"layout.toml\"\njoin = \"accounts.csv\"\n");
    let output =
        folder.run(&["sql", "--dialect", "duckdb", "--encounters-table", "e", "--messages-table", "m"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("join"), "{said}");
}

/// An evidence pack has the joined tables among its inputs, and is calculated again with them.
#[test]
fn a_pack_is_calculated_again_with_its_joined_tables() {
    let folder = folder(text, MESSAGES, RECIPIENTS, ACCOUNTS);
    let output = folder.run(&[&["pack", "--output", "pack.zip"], &RUN[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let verified = ["verify", "pack.zip", "--inputs", "."];
    let output = folder.run(&verified);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    // A recipient who is changed afterwards is found.
    folder.write("recipients.csv", RECIPIENTS.replace("1,D1,provider", "1,D2,provider"));
    assert_ne!(folder.run(&verified).status.code(), Some(0));
}

/// What a layout says of a join is checked when it is read.
#[test]
fn a_join_says_its_key_and_its_columns() {
    for (join, why) in [
        ("key = \"Msg\"\n", "`columns` names no column"),
        ("columns = [\"A\"]\n", "`key` is the column that both tables have"),
        ("key = [\"A\", \"B\", \"C\"]\ncolumns = [\"D\"]\n", "`key` is the column that both tables have"),
        ("key = \"Msg\"\ncolumns = [\"A\"]\nwhere = \"x\"\n", "unknown field `where`"),
    ] {
        let folder = folder(text, MESSAGES, RECIPIENTS, ACCOUNTS);
        let layout =
            format!("[[messages.join]]\n{join}[messages.columns]\nsent_at = \"Sent\"\npatient_id = \"A\"\n");
        folder.write("layout.toml", layout);
        let output = folder.run(&[&["report"], &RUN[..9]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{join}: {said}");
        assert!(said.contains(why), "{join}: {said}");
    }
}
