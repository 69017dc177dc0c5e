//! Messages as lines of JSON, in canonical columns or as FHIR resources.

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
    // Another library writes the lines again. It keeps only one of two equal keys, so such lines are left out.
    let lines: Option<Vec<Value>> = text.lines().filter(|line| !line.trim().is_empty()).map(plain).collect();
    let Some(lines) = lines else { return };
    let again: String = lines.iter().map(|line| format!("{line}\n")).collect();
    folder.write("messages.ndjson", again);
    if let Some(again) = report(&folder, "messages.ndjson", words) {
        assert_eq!(figures(&as_is), figures(&again));
    }
});

/// Parses a line whose values can be written in only one way. `None` if a key is repeated, or another library would write a number
/// differently.
fn plain(line: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(line).ok()?;
    let compact: String = value.to_string();
    let squeezed: String = line.split_whitespace().collect();
    (compact.split_whitespace().collect::<String>() == squeezed).then_some(value)
}
