//! Texts from the exports, made harmless for the program that will show them.

use std::borrow::Cow;
use std::io::{self, Write};

use mucalc_core::domain::text::{is_obeyed, printable};

/// For CSV, which a spreadsheet or a terminal may show: a text that a spreadsheet would run as a formula gets an
/// apostrophe before it, and characters that a terminal would obey are written out. A cell stays on one line, since a program that
/// reads lines, such as one that runs a workflow, may obey what begins one.
pub fn cell(text: &str) -> Cow<'_, str> {
    match (is_formula(text), text.contains(is_obeyed)) {
        (false, false) => Cow::Borrowed(text),
        (is_formula, _) => Cow::Owned(format!("{}{}", if is_formula { "'" } else { "" }, printable(text))),
    }
}

/// Returns whether a spreadsheet would run a text, or another text from which an apostrophe would not tell it.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULAS)
}

/// The text of a cell without the apostrophe that [`cell`] put before it.
pub fn without_apostrophe(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

/// Texts that begin so are run by spreadsheets; the last ones by those of East Asia.
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// For JSON: what a terminal would obey is written as JSON lets any character be written, so that the texts stay the same. JSON does that
/// itself with the lowest characters, which outside of texts are the ends of its own lines.
pub fn json(document: Vec<u8>) -> Vec<u8> {
    let obeyed = |c: char| c > ' ' && is_obeyed(c);
    match std::str::from_utf8(&document) {
        Ok(text) if text.contains(obeyed) => {
            let mut safe = String::with_capacity(text.len() + 64);
            for c in text.chars() {
                match c {
                    c if obeyed(c) => safe.push_str(&format!("\\u{:04x}", u32::from(c))),
                    c => safe.push(c),
                }
            }
            safe.into_bytes()
        }
        _ => document,
    }
}

/// What makes JSON harmless as [`json`] does, piece by piece.
pub struct JsonWriter<'w> {
    to: &'w mut dyn Write,
    /// What is not a whole character yet.
    rest: Vec<u8>,
}

impl<'w> JsonWriter<'w> {
    /// Begins a document.
    pub fn new(to: &'w mut dyn Write) -> Self {
        Self { to, rest: Vec::new() }
    }

    /// Ends the document.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(self) -> io::Result<()> {
        self.to.write_all(&self.rest)
    }
}

impl Write for JsonWriter<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        // Almost all of it is plain, and needs no second look.
        if self.rest.is_empty() && piece.iter().all(|byte| (b' '..0x7F).contains(byte) || *byte == b'\n') {
            self.to.write_all(piece)?;
            return Ok(piece.len());
        }
        self.rest.extend_from_slice(piece);
        let whole = match std::str::from_utf8(&self.rest) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let rest = self.rest.split_off(whole);
        self.to.write_all(&json(std::mem::replace(&mut self.rest, rest)))?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// For Markdown, which may end up as HTML.
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_would_obey_is_shown_instead() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "'=1", "''-1"] {
            assert_eq!(cell(formula), format!("'{formula}"));
            assert_eq!(without_apostrophe(&cell(formula)), formula);
        }
        for plain in ["P-17", "'tis", "", "O'Brien = 1"] {
            assert_eq!(cell(plain), plain);
            assert_eq!(without_apostrophe(plain), plain);
        }
        // Written out, what a spreadsheet would pass over at the beginning begins with another sign.
        assert_eq!(cell("\t=1"), "\\u{9}=1");
        assert_eq!(cell("a\u{1b}[31m\u{9b}b\nc"), "a\\u{1b}[31m\\u{9b}b\\u{a}c");
        assert_eq!(markdown("<b>|\u{1b}[0m`"), "&lt;b&gt;\\|\\\\u{1b}\\[0m\\`");
    }

    #[test]
    fn json_means_the_same_and_shows_nothing_that_is_obeyed() {
        let texts = ["\u{1b}]0;x\u{7}\u{7f}\u{9b}31m\u{202e}\u{2028}\n\t\"\\", "Ärzte 医院", ""];
        let written = serde_json::to_vec_pretty(&texts).unwrap_or_default();
        let safe = json(written);
        assert_eq!(serde_json::from_slice::<Vec<String>>(&safe).ok(), Some(texts.map(str::to_owned).into()));
        let shown = String::from_utf8_lossy(&safe).into_owned();
        assert!(shown.contains("Ärzte 医院"), "{shown}");
        assert!(shown.lines().all(|line| !line.chars().any(is_obeyed)), "{shown:?}");
    }
}
