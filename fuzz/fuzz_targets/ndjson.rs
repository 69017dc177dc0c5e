//! Messages as lines of JSON, in our own columns or in those of a FHIR server.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc_fuzz::{figures, practice, report};
use serde_json::Value;

fuzz_target!(|input: (bool, &str)| {
    let (is_fhir, text) = input;
    let folder = practice();
    folder.write("messages.ndjson", text);
    let words: &[&str] = if is_fhir { &["--layout", "messages=fhir-r4"] } else { &[] };
    let Some(as_is) = report(&folder, "messages.ndjson", words) else { return };
    // Written anew by another library: of a key that is there twice it keeps one, so that is left out.
    let lines: Option<Vec<Value>> = text.lines().filter(|line| !line.trim().is_empty()).map(plain).collect();
    let Some(lines) = lines else { return };
    let again: String = lines.iter().map(|line| format!("{line}\n")).collect();
    folder.write("messages.ndjson", again);
    if let Some(again) = report(&folder, "messages.ndjson", words) {
        assert_eq!(figures(&as_is), figures(&again));
    }
});

/// A line whose values have one way to be written: no key twice, and no number that another library would write otherwise.
fn plain(line: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(line).ok()?;
    let compact: String = value.to_string();
    let squeezed: String = line.split_whitespace().collect();
    (compact.split_whitespace().collect::<String>() == squeezed).then_some(value)
}
