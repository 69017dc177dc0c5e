//! Shared code of the fuzz targets: running the program in this process, and the oracles and random worlds of its tests.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a target that panics has found something"
)]

pub mod choices;
pub mod program;
pub mod support;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mucalc::run::Exit;
use program::Folder;
use serde_json::Value;

const ENCOUNTERS: &[u8] = include_bytes!("../../fixtures/practice/encounters.csv");

/// Returns the results of a report, which do not depend on how the exports were written.
pub fn figures(report: &[u8]) -> Value {
    let report: Value = serde_json::from_slice(report).expect("a report is JSON");
    serde_json::json!([report["providers"], report["group"], report["waterfall"]])
}

/// Returns the report on the practice's encounters and some messages, or `None` if it is refused. Checks that one thread and three threads
/// give the same.
pub fn report(folder: &Folder, messages: &str, words: &[&str]) -> Option<Vec<u8>> {
    let all =
        ["report", "--no-config", "--format", "json", "--period", "2014Q3", "--timezone", "America/Chicago"];
    let inputs = ["--encounters", "encounters.csv", "--messages", messages];
    let of = |threads| {
        let words: Vec<&str> =
            all.iter().chain(&inputs).chain(words).copied().chain(["--threads", threads]).collect();
        folder.answer(&words)
    };
    let (one, three) = (of("1"), of("3"));
    assert_eq!(one.0 as u8, three.0 as u8, "threads change how it ends");
    assert!(one.1 == three.1, "threads change the report");
    assert!(one.0 as u8 != Exit::Internal as u8, "a defect");
    (one.0 as u8 == Exit::Success as u8).then_some(one.1)
}

/// Returns the least and the greatest numerator and denominator of each provider in a report, by id.
pub fn ranges(report: &[u8]) -> BTreeMap<String, [[u64; 2]; 2]> {
    let report: Value = serde_json::from_slice(report).expect("a report is JSON");
    let ends = |range: &Value| ["least", "most"].map(|end| range[end].as_u64().expect("a count"));
    let of = |provider: &Value| {
        let id = provider["provider_id"].as_str().expect("an id").to_owned();
        (id, ["numerator", "denominator"].map(|figure| ends(&provider[figure])))
    };
    report["providers"].as_array().expect("a list").iter().map(of).collect()
}

/// Returns a folder with the practice's encounters.
pub fn practice() -> Folder {
    /// Checks that the practice's own messages are accepted. Otherwise the targets would prove nothing.
    static WORKS: LazyLock<bool> = LazyLock::new(|| {
        let folder = Folder::new();
        folder.write("encounters.csv", ENCOUNTERS);
        folder.write("messages.csv", include_bytes!("../../fixtures/practice/messages.csv"));
        report(&folder, "messages.csv", &[]).is_some()
    });
    assert!(*WORKS);
    let folder = Folder::new();
    folder.write("encounters.csv", ENCOUNTERS);
    folder
}
