//! A column that a layout joins from a second table gives the figures that it would give in the export itself.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use mucalc_fuzz::{figures, practice, report};

const JOINED: &str =
    "name = \"two-tables\"\n[[messages.join]]\nkey = [\"Account\", \"Login\"]\ncolumns = [\"Chart\"]\n";
const COLUMNS: &str = "[messages.columns]\nmessage_id = \"Msg\"\nsent_at = \"Sent\"\npatient_id = \"Chart\"\nprovider_id = \"To\"\n\
    sender = { constant = \"patient\" }\nrecipient = { constant = \"provider\" }\nchannel = { constant = \"ehr-portal\" }\n\
    topic = { constant = \"clinical-question\" }\nstatus = { constant = \"sent\" }\n";
const CHARTS: [&str; 6] = ["P1", "P2", "P3", "P04", "", "NULL"];
const PROVIDERS: [&str; 4] = ["DR-1", "DR-2", "DR-3", ""];

fuzz_target!(|bytes: &[u8]| {
    // A byte for each of the accounts, and then two for each message.
    let Some((accounts, messages)) = bytes.split_at_checked(8) else { return };
    let charts: BTreeMap<usize, &str> = accounts
        .iter()
        .enumerate()
        .map(|(at, byte)| (at, CHARTS[usize::from(*byte) % CHARTS.len()]))
        .collect();
    let table: String = charts.iter().map(|(at, chart)| format!("a{at},{chart}\n")).collect();
    let (mut apart, mut whole) = (String::from("Msg,Sent,Account,To\n"), String::from("Msg,Sent,Chart,To\n"));
    for (at, two) in messages.chunks_exact(2).take(20).enumerate() {
        let (account, day, provider) =
            (usize::from(two[0] % 8), two[0] / 8 % 28 + 1, PROVIDERS[usize::from(two[1] % 4)]);
        apart.push_str(&format!("{at},2014-08-{day:02},a{account},{provider}\n"));
        whole.push_str(&format!("{at},2014-08-{day:02},{},{provider}\n", charts[&account]));
    }
    let folder = practice();
    folder
        .write("apart.csv", apart)
        .write("whole.csv", whole)
        .write("accounts.csv", format!("Login,Chart\n{table}"))
        .write("apart.toml", format!("{JOINED}{COLUMNS}"))
        .write("whole.toml", format!("name = \"one-table\"\n{COLUMNS}"));
    let apart = report(&folder, "apart.csv", &["--layout", "messages=apart.toml", "--join", "accounts.csv"]);
    let whole = report(&folder, "whole.csv", &["--layout", "messages=whole.toml"]);
    assert_eq!(apart.as_deref().map(figures), whole.as_deref().map(figures));
});
