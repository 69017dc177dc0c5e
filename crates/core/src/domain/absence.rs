//! Texts that exports write for a missing value, such as `NULL` or `#N/A`.

use std::collections::BTreeSet;

/// The texts that mean "no value", compared without regard to letter case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsenceMarkers {
    texts: BTreeSet<String>,
    /// The length of the longest text, in bytes.
    longest: usize,
}

/// Markers that databases, programming languages, people, and spreadsheets write for a missing value; in lowercase.
const USUAL: [&str; 40] = [
    "null",
    "(null)",
    "<null>",
    "[null]",
    r"\n",
    r"\\n",
    "nil",
    "none",
    "nan",
    "nat",
    "n/a",
    "#n/a",
    "na",
    "<na>",
    "-",
    "--",
    ".",
    "#ref!",
    "#value!",
    "#name?",
    "#div/0!",
    "#null!",
    "#num!",
    "#spill!",
    "#calc!",
    "#error!",
    "#field!",
    "#getting_data",
    "loading...",
    "#nv",
    "#bezug!",
    "#wert!",
    "#n/d",
    "#valeur!",
    "undefined",
    "[object object]",
    "(blank)",
    "(empty)",
    "&nbsp;",
    "[redacted]",
];

/// Texts that are never an id, in lowercase. In columns without ids they may be values.
pub const NO_IDS: [&str; 2] = ["unknown", "?"];

impl Default for AbsenceMarkers {
    fn default() -> Self {
        Self::new(USUAL.map(str::to_owned))
    }
}

impl AbsenceMarkers {
    /// Builds the list from texts in any letter case.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let texts: BTreeSet<String> = texts
            .into_iter()
            .map(|text| text.trim().to_lowercase())
            .filter(|text| !text.is_empty())
            .collect();
        let longest = texts.iter().map(String::len).max().unwrap_or_default();
        Self { texts, longest }
    }

    /// Returns whether a trimmed text means "no value".
    pub fn contains(&self, text: &str) -> bool {
        // Lowercase text can be shorter, but never less than a third as long: the Kelvin sign has 3 bytes, `k` has 1.
        !text.is_empty() && text.len() <= self.longest * 3 && self.texts.contains(&text.to_lowercase())
    }

    /// Returns the texts, in lowercase and sorted.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_known_in_any_letter_case_and_nothing_else_is() {
        let usual = AbsenceMarkers::default();
        for text in [
            "[NULL]",
            "<NA>",
            "#BEZUG!",
            "undefined",
            "NULL",
            "null",
            r"\N",
            "(null)",
            "#N/A",
            "None",
            "NaN",
            "-",
            "#DIV/0!",
        ] {
            assert!(usual.contains(text), "{text}");
        }
        for text in ["", "0", "NULLA", "N", "---", "P-1"] {
            assert!(!usual.contains(text), "{text}");
        }
        let own = AbsenceMarkers::new(["Unbekannt".to_owned()]);
        assert!(own.contains("unbekannt") && !own.contains("NULL"));
    }
}
