//! Titles above a header, and another separator, must not change the figures of a report. The export may be refused.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mucalc_fuzz::{figures, practice, report};
use serde_json::Value;

const MESSAGES: &str = include_str!("../../fixtures/practice/messages.csv");
const SEPARATORS: [char; 5] = [',', ';', '\t', '|', '^'];

static FIGURES: LazyLock<Value> = LazyLock::new(|| {
    let folder = practice();
    folder.write("messages.csv", MESSAGES);
    figures(&report(&folder, "messages.csv", &[]).unwrap())
});

/// Parts of the names of columns, and of values. A line with them can be a header or a row of its own.
const OURS: [&str; 10] =
    ["id", "patient", "sent", "date", "sender", "recipient", "channel", "topic", "status", "provider"];

fuzz_target!(|input: (u8, &str)| {
    let (separator, titles) = input;
    let separator = SEPARATORS[usize::from(separator) % SEPARATORS.len()];
    let lines: Vec<&str> = titles.lines().take(8).collect();
    let text = lines.concat().to_lowercase();
    // A quotation mark would take the lines after it into its cell.
    let is_title =
        |char: char| char.is_alphabetic() || matches!(char, ' ' | ',' | ';' | '\t' | '|' | '.' | ':' | '-');
    if OURS.iter().any(|ours| text.contains(ours)) || !text.chars().all(is_title) {
        return;
    }
    let folder = practice();
    let rows = MESSAGES.replace(',', &separator.to_string());
    folder.write("messages.csv", format!("{}\n{rows}", lines.join("\n")));
    if let Some(report) = report(&folder, "messages.csv", &[]) {
        assert_eq!(figures(&report), *FIGURES, "the titles changed the figures");
    }
});
